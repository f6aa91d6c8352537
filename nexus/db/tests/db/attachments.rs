//! Attaching and detaching disks.

use crate::nouns::raw;
use crate::world::{World, world};
use anyhow::Result;
use berth_common::ids::{DiskUuid, InstanceUuid};
use berth_common::storage::DiskState;
use berth_db::attachment::{Attachment, SLOTS, attach, detach};
use berth_db::models::Disk;

async fn on(world: &World, disk: DiskUuid, instance: InstanceUuid) -> Result<Attachment> {
    Ok(world.db.transaction("test", async |conn| attach(conn, disk, instance).await).await?)
}

async fn off(world: &World, disk: DiskUuid) -> Result<Attachment> {
    Ok(world.db.transaction("test", async |conn| detach(conn, disk).await).await?)
}

fn changed(answer: Attachment) -> Disk {
    match answer {
        Attachment::Changed(disk) => *disk,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_disk_takes_the_lowest_free_slot_and_gives_it_back() -> Result<()> {
    let world = world()?;
    let (web, host) = (world.project("web").await?, world.sled("s1").await?);
    let one = world.instance(&web, "one")?;
    let (a, b) = (world.disk(&web, "a", host.pool).await?, world.disk(&web, "b", host.pool).await?);
    assert_eq!(changed(on(&world, a.id, one).await?).slot, Some(0));
    assert_eq!(changed(on(&world, b.id, one).await?).slot, Some(1));
    assert!(matches!(on(&world, b.id, one).await?, Attachment::Already(_)));
    assert_eq!(changed(off(&world, a.id).await?).instance_id, None);
    assert!(matches!(off(&world, a.id).await?, Attachment::Already(_)));
    assert_eq!(changed(on(&world, a.id, one).await?).slot, Some(0));
    Ok(())
}

#[tokio::test]
async fn every_refusal_has_its_reason_and_writes_nothing() -> Result<()> {
    let world = world()?;
    let (web, other) = (world.project("web").await?, world.project("other").await?);
    let host = world.sled("s1").await?;
    let (one, two, foreign) =
        (world.instance(&web, "one")?, world.instance(&web, "two")?, world.instance(&other, "x")?);
    let disk = world.disk(&web, "a", host.pool).await?;
    assert_eq!(on(&world, DiskUuid::new_v4(), one).await?, Attachment::DiskMissing);
    assert_eq!(on(&world, disk.id, InstanceUuid::new_v4()).await?, Attachment::InstanceMissing);
    assert_eq!(on(&world, disk.id, foreign).await?, Attachment::OtherProject);
    changed(on(&world, disk.id, two).await?);
    assert_eq!(on(&world, disk.id, one).await?, Attachment::AttachedElsewhere(two));
    changed(off(&world, disk.id).await?);
    world.database.sql("UPDATE disk SET state = 'deleting'")?;
    assert_eq!(on(&world, disk.id, one).await?, Attachment::DiskNotReady(DiskState::Deleting));
    assert_eq!(off(&world, DiskUuid::new_v4()).await?, Attachment::DiskMissing);
    assert_eq!(world.scalar("SELECT count(*) FROM disk WHERE instance_id IS NOT NULL")?, "0");
    Ok(())
}

#[tokio::test]
async fn an_instance_that_runs_or_is_about_to_keeps_its_disks() -> Result<()> {
    let world = world()?;
    let (web, host) = (world.project("web").await?, world.sled("s1").await?);
    let one = world.instance(&web, "one")?;
    let (a, b) = (world.disk(&web, "a", host.pool).await?, world.disk(&web, "b", host.pool).await?);
    changed(on(&world, a.id, one).await?);
    let both_refused = async || -> Result<bool> {
        let answers = [on(&world, b.id, one).await?, off(&world, a.id).await?];
        Ok(answers.iter().all(|answer| *answer == Attachment::InstanceNotStopped))
    };
    world.database.sql("UPDATE instance SET intent = 'running'")?;
    assert!(both_refused().await?, "it is due to start");
    world.database.sql("UPDATE instance SET rest = 'guest_shutdown'")?;
    changed(on(&world, b.id, one).await?);
    changed(off(&world, b.id).await?);
    world.database.sql(&format!(
        "INSERT INTO operation (id, kind, subject_kind, subject_id, subject_name, state, actor, cause)
         VALUES (gen_random_uuid(), 'instance_start', 'instance', '{}', 'one', 'pending', 'a', 'c')",
        raw(one)
    ))?;
    assert!(both_refused().await?, "an operation is open");
    world.database.sql("DELETE FROM operation")?;
    world.running_vmm(one, &host)?;
    assert!(both_refused().await?, "it runs");
    Ok(())
}

#[tokio::test]
async fn two_at_once_get_two_slots_and_one_disk_goes_to_one_instance() -> Result<()> {
    let world = world()?;
    let (web, host) = (world.project("web").await?, world.sled("s1").await?);
    let (one, two) = (world.instance(&web, "one")?, world.instance(&web, "two")?);
    let (a, b) = (world.disk(&web, "a", host.pool).await?, world.disk(&web, "b", host.pool).await?);
    let (x, y) = tokio::join!(on(&world, a.id, one), on(&world, b.id, one));
    let mut slots = [changed(x?).slot, changed(y?).slot];
    slots.sort();
    assert_eq!(slots, [Some(0), Some(1)]);
    let free = world.disk(&web, "c", host.pool).await?;
    let (x, y) = tokio::join!(on(&world, free.id, one), on(&world, free.id, two));
    let answers = [x?, y?];
    assert_eq!(answers.iter().filter(|answer| matches!(answer, Attachment::Changed(_))).count(), 1);
    assert!(answers.iter().any(|answer| matches!(answer, Attachment::AttachedElsewhere(_))));
    Ok(())
}

#[tokio::test]
async fn slots_run_out() -> Result<()> {
    let world = world()?;
    let (web, host) = (world.project("web").await?, world.sled("s1").await?);
    let one = world.instance(&web, "one")?;
    for number in 0..SLOTS {
        let disk = world.disk(&web, &format!("d{number}"), host.pool).await?;
        assert_eq!(changed(on(&world, disk.id, one).await?).slot, Some(number));
    }
    let more = world.disk(&web, "more", host.pool).await?;
    assert_eq!(on(&world, more.id, one).await?, Attachment::NoSlot);
    Ok(())
}
