//! Disks: room in pool and quota, guarded states, removal.

use crate::nouns::{GIB, QUOTA, name};
use crate::world::{World, world};
use anyhow::Result;
use berth_common::ids::{DiskUuid, ImageUuid, PoolUuid, ProjectUuid};
use berth_common::storage::DiskState;
use berth_db::disk::{DiskCreation, NewDisk};
use berth_db::models::Project;
use berth_db::{DbError, DbResult, Guarded, disk, pool};
use berth_plan::quota::Amounts;

/// As the app does it: rolled back unless it is made.
async fn create(
    world: &World,
    project: &Project,
    pool: PoolUuid,
    called: &str,
    size: u64,
) -> Result<DiskCreation> {
    create_from(world, project.id, pool, called, size, None).await
}

async fn create_from(
    world: &World,
    project: ProjectUuid,
    pool: PoolUuid,
    called: &str,
    size_bytes: u64,
    image: Option<ImageUuid>,
) -> Result<DiskCreation> {
    let called = name(called);
    let new =
        NewDisk { id: DiskUuid::new_v4(), project, name: &called, description: "", size_bytes, image, pool };
    let refused = std::sync::Mutex::new(None);
    let made: DbResult<DiskCreation> = world
        .db
        .transaction("test", async |conn| match disk::create(conn, &new).await? {
            made @ DiskCreation::Made(_) => Ok(made),
            other => {
                *refused.lock().expect("no panics") = Some(other);
                Err(DbError::NotFound)
            }
        })
        .await;
    match refused.into_inner()? {
        Some(refused) => Ok(refused),
        None => Ok(made?),
    }
}

#[tokio::test]
async fn a_disk_takes_its_room_in_pool_and_quota() -> Result<()> {
    let world = world()?;
    let (web, host) = (world.project("web").await?, world.sled("s1").await?);
    let DiskCreation::Made(made) = create(&world, &web, host.pool, "data", 4 * GIB).await? else {
        panic!("refused")
    };
    assert_eq!((made.state, made.size_bytes), (DiskState::Creating, 4 * GIB as i64));
    let conn = &mut world.db.pool().get().await?;
    let used = berth_db::quota::used(conn, web.id).await?;
    assert_eq!(used, Amounts { disk_bytes: 4 * GIB, ..Default::default() });
    assert_eq!(pool::by_id(conn, host.pool).await?.map(|pool| pool.provisioned_bytes), Some(4 * GIB as i64));
    Ok(())
}

#[tokio::test]
async fn a_refused_disk_leaves_nothing() -> Result<()> {
    let world = world()?;
    let host = world.sled("s1").await?;
    let web = world.project_with("web", Amounts { disk_bytes: 12 * GIB, ..QUOTA }).await?;
    let full = create(&world, &web, host.pool, "data", 11 * GIB).await?;
    assert_eq!(full, DiskCreation::PoolFull { free_bytes: 10 * GIB });
    let exceeded = create(&world, &web, host.pool, "data", 13 * GIB).await?;
    assert!(matches!(exceeded, DiskCreation::QuotaExceeded(_)), "{exceeded:?}");
    assert_eq!(create(&world, &web, PoolUuid::new_v4(), "data", GIB).await?, DiskCreation::PoolMissing);
    let unknown = create_from(&world, web.id, host.pool, "data", GIB, Some(ImageUuid::new_v4())).await;
    assert!(unknown.expect_err("no such image").to_string().contains("disk_image_id_fkey"));
    assert_eq!(world.scalar("SELECT (SELECT count(*) FROM disk) + (SELECT count(*) FROM quota_use)")?, "0");
    Ok(())
}

#[tokio::test]
async fn six_at_once_take_no_more_than_the_pool_has() -> Result<()> {
    let world = world()?;
    let (web, host) = (world.project("web").await?, world.sled("s1").await?);
    let one = |called: &'static str| create(&world, &web, host.pool, called, 4 * GIB);
    let (a, b, c, d, e, f) = tokio::join!(one("a"), one("b"), one("c"), one("d"), one("e"), one("f"));
    let made =
        [a?, b?, c?, d?, e?, f?].iter().filter(|answer| matches!(answer, DiskCreation::Made(_))).count();
    assert_eq!(made, 2, "of four gibibytes each, in ten");
    Ok(())
}

#[tokio::test]
async fn a_taken_name_is_a_conflict() -> Result<()> {
    let world = world()?;
    let (web, host) = (world.project("web").await?, world.sled("s1").await?);
    world.disk(&web, "data", host.pool).await?;
    let taken = create(&world, &web, host.pool, "data", GIB).await.expect_err("taken");
    assert!(taken.to_string().contains("disk_project_id_name_key"));
    Ok(())
}

#[tokio::test]
async fn a_state_changes_once_per_generation() -> Result<()> {
    let world = world()?;
    let (web, host) = (world.project("web").await?, world.sled("s1").await?);
    let made = world.disk(&web, "data", host.pool).await?;
    let fail = async || {
        let fail =
            async |conn: &mut _| disk::set_state(conn, made.id, made.state_gen, DiskState::Failed).await;
        world.db.transaction("test", fail).await
    };
    let (a, b) = tokio::join!(fail(), fail());
    let answers = [a?, b?];
    assert_eq!(answers.iter().filter(|answer| answer.is_changed()).count(), 1);
    assert!(answers.contains(&Guarded::Stale));
    let conn = &mut world.db.pool().get().await?;
    let missing = disk::set_state(conn, DiskUuid::new_v4(), 1, DiskState::Failed).await?;
    assert_eq!(missing, Guarded::Missing);
    Ok(())
}

#[tokio::test]
async fn a_free_disk_is_deleted_and_an_attached_or_unfinished_one_is_not() -> Result<()> {
    let world = world()?;
    let (web, host) = (world.project("web").await?, world.sled("s1").await?);
    let made = world.disk(&web, "data", host.pool).await?;
    let instance = world.instance(&web, "one")?;
    world.database.sql(&format!("UPDATE disk SET instance_id = '{instance}', slot = 0"))?;
    let conn = &mut world.db.pool().get().await?;
    assert_eq!(disk::begin_delete(conn, made.id).await?, Guarded::Stale);
    assert_eq!(disk::of_instance(conn, instance).await?.len(), 1);
    world.database.sql("UPDATE disk SET instance_id = NULL, slot = NULL")?;
    let Guarded::Changed(deleting) = disk::begin_delete(conn, made.id).await? else { panic!("refused") };
    assert_eq!(deleting.state, DiskState::Deleting);
    assert_eq!(disk::begin_delete(conn, made.id).await?, Guarded::Stale);
    assert_eq!(disk::begin_delete(conn, DiskUuid::new_v4()).await?, Guarded::Missing);
    assert_eq!(disk::by_name(conn, web.id, &made.name).await?.map(|disk| disk.id), Some(made.id));
    Ok(())
}
