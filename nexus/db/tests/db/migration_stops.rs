//! Stops in mid-migration: who is told, and how long anybody is waited for.

use anyhow::Result;
use berth_common::operation::OperationKind;
use berth_db::lifecycle::{delivery, migration_delivery, work};
use berth_db::retention;

use crate::live_migrations::scene;
use crate::nouns::raw;

#[tokio::test]
async fn a_stop_ends_a_target_whose_source_has_not_given_up_within_a_second() -> Result<()> {
    let scene = scene().await?;
    scene.sending().await?;
    let conn = &mut scene.world.db.pool().get().await?;
    scene.sql("UPDATE instance SET intent = 'stopped', stop_deadline = now(); UPDATE migration SET cancel_at = now() + interval '1 hour', cancel_why = 'a stop'")?;
    assert!(migration_delivery::end_targets_of_stops(conn).await?.is_empty(), "not yet a second ago");
    scene.sql("UPDATE migration SET cancel_at = now() - interval '2 seconds', source_state = 'completed'")?;
    assert!(migration_delivery::end_targets_of_stops(conn).await?.is_empty(), "it holds the guest");
    scene.sql("UPDATE migration SET source_state = 'in_progress'")?;
    assert_eq!(migration_delivery::end_targets_of_stops(conn).await?, [scene.instance]);
    assert_eq!(scene.world.scalar("SELECT count(*) FROM vmm WHERE end_wanted")?, "1");
    work::wait(conn, scene.new.operation, "sled s1").await?;
    assert_eq!(scene.world.scalar("SELECT waiting_for FROM operation")?, "sled s1");
    Ok(())
}

#[tokio::test]
async fn a_guest_that_was_handed_off_and_doesnt_go_on_is_stopped_at_the_target_once_its_grace_is_over()
-> Result<()> {
    let scene = scene().await?;
    scene.sending().await?;
    let conn = &mut scene.world.db.pool().get().await?;
    let claimed = async |conn: &mut _| -> Result<Vec<_>> {
        let due = delivery::claim_stops(conn, 10).await?;
        Ok(due.iter().map(|due| (due.vmm, due.grace_ms)).collect())
    };
    scene.sql(
        "UPDATE migration SET source_state = 'completed', target_state = 'in_progress';
         UPDATE instance SET intent = 'stopped', stop_deadline = now() + interval '1 hour', intent_at = now()",
    )?;
    assert_eq!(claimed(conn).await?, [], "it may go on any moment");
    scene.sql("UPDATE instance SET stop_deadline = now() - interval '1 second'")?;
    assert_eq!(claimed(conn).await?, [(raw(scene.new.target), 0)], "whatever keeps it");
    scene.sql("DELETE FROM stop_delivery; UPDATE migration SET target_state = 'completed'")?;
    scene.sql("UPDATE instance SET stop_deadline = now() + interval '1 hour'")?;
    assert_eq!(claimed(conn).await?.len(), 1, "it goes on: it is asked like any other");
    Ok(())
}

#[tokio::test]
async fn what_is_waited_for_is_named_by_whatever_is_open_of_these_kinds() -> Result<()> {
    let scene = scene().await?;
    let conn = &mut scene.world.db.pool().get().await?;
    let instance = raw(scene.instance);
    work::instance_waits(conn, instance, &[OperationKind::InstanceStop], "sled s1").await?;
    assert_eq!(scene.world.scalar("SELECT state FROM operation")?, "running", "nobody asked for a stop");
    let kinds = [OperationKind::InstanceStop, OperationKind::InstanceMigrate];
    work::instance_waits(conn, instance, &kinds, "sled s2").await?;
    assert_eq!(
        scene.world.scalar("SELECT state || ' for ' || waiting_for FROM operation")?,
        "waiting for sled s2"
    );
    Ok(())
}

#[tokio::test]
async fn a_migration_is_kept_until_it_is_decided_where_the_disks_are() -> Result<()> {
    let scene = scene().await?;
    scene.sending().await?;
    let conn = &mut scene.world.db.pool().get().await?;
    // Force-stopped in mid-migration: the source ended long ago, the target isn't heard of.
    scene.sql(&format!(
        "UPDATE instance SET state = 'disowned', active_vmm_id = NULL, target_vmm_id = NULL, migration_id = NULL;
         DELETE FROM reservation;
         UPDATE vmm SET state = 'destroyed', ended_by = 'killed', ended_at = now() - interval '99 days'
             WHERE id = '{}'",
        scene.new.source
    ))?;
    assert_eq!(retention::vmms(conn, 3600, 10).await?, 0, "its migration goes with it");
    scene.sql("UPDATE migration SET outcome = 'failed', ended_at = now()")?;
    assert_eq!(retention::vmms(conn, 3600, 10).await?, 1);
    Ok(())
}
