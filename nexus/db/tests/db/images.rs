//! Images: uploads in pieces, the checksum that completes them, removal.

use crate::nouns::name;
use crate::world::{World, world};
use anyhow::Result;
use berth_common::ids::{ImageUuid, ProjectUuid};
use berth_common::storage::{DiskFormat, ImageKind, ImagePart, ImageState};
use berth_db::image::{ImageRemoval, NewImage};
use berth_db::image_file::{Begin, Finished, Upload, abandon, append, begin, finish, read, reap};
use berth_db::models::Image;
use berth_db::page::Paging;
use berth_db::{Guarded, image};
use uuid::Uuid;

const SUM: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

async fn new_image(world: &World, project: ProjectUuid, called: &str, kind: ImageKind) -> Result<Image> {
    let called = name(called);
    let new = NewImage { id: ImageUuid::new_v4(), project, name: &called, description: "", kind };
    Ok(world.db.statement("test", async |conn| image::create(conn, &new).await).await?)
}

async fn uploaded(world: &World, image: &Image, part: ImagePart, bytes: &[&[u8]]) -> Result<Upload> {
    let upload = Upload { image: image.id, part, id: Uuid::new_v4() };
    let conn = &mut world.db.pool().get().await?;
    assert_eq!(begin(conn, upload).await?, Begin::Begun);
    for (position, piece) in bytes.iter().enumerate() {
        assert_eq!(append(conn, upload, position as i64, piece).await?, Guarded::Changed(()));
    }
    Ok(upload)
}

async fn finished(world: &World, upload: Upload) -> Result<Guarded<Image>> {
    let disk = (upload.part == ImagePart::Disk).then_some((DiskFormat::Qcow2, 4096));
    let finished = Finished { sha256: SUM, disk };
    Ok(world.db.transaction("test", async |conn| finish(conn, upload, &finished).await).await?)
}

#[tokio::test]
async fn a_kernel_image_is_ready_with_its_last_part() -> Result<()> {
    let world = world()?;
    let web = world.project("web").await?;
    let made = new_image(&world, web.id, "linux", ImageKind::Kernel).await?;
    let kernel = uploaded(&world, &made, ImagePart::Kernel, &[b"ker", b"nel"]).await?;
    let Guarded::Changed(half) = finished(&world, kernel).await? else { panic!("refused") };
    assert_eq!(half.state, ImageState::Uploading);
    let initrd = uploaded(&world, &made, ImagePart::Initrd, &[b"rd"]).await?;
    let Guarded::Changed(whole) = finished(&world, initrd).await? else { panic!("refused") };
    assert_eq!(whole.state, ImageState::Ready);
    let conn = &mut world.db.pool().get().await?;
    let file = image::file(conn, made.id, ImagePart::Kernel).await?.expect("finished");
    assert_eq!((file.size_bytes, file.sha256.as_deref()), (6, Some(SUM)));
    assert_eq!(read(conn, &file, 0).await?.as_deref(), Some(&b"ker"[..]));
    assert_eq!(read(conn, &file, 1).await?.as_deref(), Some(&b"nel"[..]));
    assert_eq!(read(conn, &file, 2).await?, None);
    assert_eq!(image::files(conn, &[made.id]).await?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn the_last_two_parts_at_once_make_it_ready() -> Result<()> {
    let world = world()?;
    let web = world.project("web").await?;
    let made = new_image(&world, web.id, "linux", ImageKind::Kernel).await?;
    let kernel = uploaded(&world, &made, ImagePart::Kernel, &[b"k"]).await?;
    let initrd = uploaded(&world, &made, ImagePart::Initrd, &[b"i"]).await?;
    let (a, b) = tokio::join!(finished(&world, kernel), finished(&world, initrd));
    assert!(a?.is_changed() && b?.is_changed());
    let conn = &mut world.db.pool().get().await?;
    assert_eq!(image::by_id(conn, made.id).await?.map(|image| image.state), Some(ImageState::Ready));
    Ok(())
}

#[tokio::test]
async fn of_two_uploads_of_one_part_the_first_to_finish_is_the_file() -> Result<()> {
    let world = world()?;
    let web = world.project("web").await?;
    let made = new_image(&world, web.id, "disk", ImageKind::Disk).await?;
    let first = uploaded(&world, &made, ImagePart::Disk, &[b"one"]).await?;
    let second = uploaded(&world, &made, ImagePart::Disk, &[b"two"]).await?;
    let (a, b) = tokio::join!(finished(&world, first), finished(&world, second));
    let answers = [a?, b?];
    assert_eq!(answers.iter().filter(|answer| answer.is_changed()).count(), 1);
    assert!(answers.contains(&Guarded::Stale));
    let conn = &mut world.db.pool().get().await?;
    let again = Upload { id: Uuid::new_v4(), ..first };
    assert!(matches!(begin(conn, again).await?, Begin::Complete(_)));
    let ready = image::by_name(conn, web.id, &made.name).await?.expect("made above");
    assert_eq!((ready.disk_format, ready.virtual_bytes), (Some(DiskFormat::Qcow2), Some(4096)));
    Ok(())
}

#[tokio::test]
async fn pieces_come_in_order_and_only_once() -> Result<()> {
    let world = world()?;
    let web = world.project("web").await?;
    let made = new_image(&world, web.id, "disk", ImageKind::Disk).await?;
    let upload = uploaded(&world, &made, ImagePart::Disk, &[b"0"]).await?;
    let conn = &mut world.db.pool().get().await?;
    assert_eq!(append(conn, upload, 0, b"again").await?, Guarded::Stale);
    assert_eq!(append(conn, upload, 2, b"gap").await?, Guarded::Stale);
    assert_eq!(append(conn, Upload { id: Uuid::new_v4(), ..upload }, 0, b"x").await?, Guarded::Missing);
    assert!(finished(&world, upload).await?.is_changed());
    assert_eq!(append(conn, upload, 1, b"late").await?, Guarded::Stale);
    assert_eq!(
        world
            .scalar("SELECT sum(length(data)) || '/' || max(f.size_bytes) FROM image_chunk, image_file f")?,
        "1/1"
    );
    Ok(())
}

#[tokio::test]
async fn what_an_image_does_not_have_cannot_be_uploaded() -> Result<()> {
    let world = world()?;
    let web = world.project("web").await?;
    let made = new_image(&world, web.id, "disk", ImageKind::Disk).await?;
    let conn = &mut world.db.pool().get().await?;
    let upload = Upload { image: made.id, part: ImagePart::Kernel, id: Uuid::new_v4() };
    assert_eq!(begin(conn, upload).await?, Begin::NoSuchPart);
    assert_eq!(begin(conn, Upload { image: ImageUuid::new_v4(), ..upload }).await?, Begin::Missing);
    Ok(())
}

#[tokio::test]
async fn uploads_that_died_are_reaped_and_finished_ones_stay() -> Result<()> {
    let world = world()?;
    let web = world.project("web").await?;
    let made = new_image(&world, web.id, "disk", ImageKind::Disk).await?;
    let kept = uploaded(&world, &made, ImagePart::Disk, &[b"kept"]).await?;
    let dead = uploaded(&world, &made, ImagePart::Disk, &[b"dead"]).await?;
    let given_up = uploaded(&world, &made, ImagePart::Disk, &[b"given up"]).await?;
    assert!(finished(&world, kept).await?.is_changed());
    let conn = &mut world.db.pool().get().await?;
    assert!(abandon(conn, given_up).await?);
    assert!(!abandon(conn, kept).await?);
    assert_eq!(reap(conn, 60, 100).await?, 0, "too young");
    assert_eq!(reap(conn, -1, 100).await?, 1);
    assert_eq!(append(conn, dead, 1, b"x").await?, Guarded::Missing);
    assert_eq!(world.scalar("SELECT count(*) FROM image_chunk")?, "1");
    Ok(())
}

#[tokio::test]
async fn an_image_in_use_stays_and_a_free_one_goes_with_its_bytes() -> Result<()> {
    let world = world()?;
    let web = world.project("web").await?;
    let made = new_image(&world, web.id, "linux", ImageKind::Kernel).await?;
    uploaded(&world, &made, ImagePart::Kernel, &[b"k"]).await?;
    let instance = world.instance(&web, "one")?;
    world.database.sql(&format!("UPDATE instance SET image_id = '{}' WHERE id = '{instance}'", made.id))?;
    let delete = async || world.db.transaction("test", async |conn| image::delete(conn, made.id).await).await;
    assert_eq!(delete().await?, ImageRemoval::InUse { instances: 1, disks: 0 });
    world.database.sql("UPDATE instance SET image_id = NULL")?;
    assert_eq!(delete().await?, ImageRemoval::Removed);
    assert_eq!(delete().await?, ImageRemoval::Missing);
    assert_eq!(world.scalar("SELECT count(*) FROM image_chunk")?, "0");
    Ok(())
}

#[tokio::test]
async fn names_are_unique_in_a_project_only() -> Result<()> {
    let world = world()?;
    let (web, db) = (world.project("web").await?, world.project("db").await?);
    new_image(&world, web.id, "linux", ImageKind::Kernel).await?;
    new_image(&world, db.id, "linux", ImageKind::Kernel).await?;
    let taken = new_image(&world, web.id, "linux", ImageKind::Disk).await.expect_err("taken");
    assert!(taken.to_string().contains("image_project_id_name_key"));
    let conn = &mut world.db.pool().get().await?;
    assert_eq!(image::list(conn, Some(web.id), &Paging::first(10)).await?.items.len(), 1);
    assert_eq!(image::list(conn, None, &Paging::first(10)).await?.items.len(), 2);
    Ok(())
}
