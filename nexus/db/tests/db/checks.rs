//! `nexus check` finds each kind of contradiction, and nothing in a healthy database.

use crate::nouns::{SledAndPool, raw};
use crate::world::{World, world};
use anyhow::Result;
use berth_common::ids::InstanceUuid;
use berth_db::check::{CHECKS, check};
use std::collections::BTreeSet;
use uuid::Uuid;

/// A healthy little cluster: one instance that runs with a disk, one that is stopped.
struct Scene {
    world: World,
    host: SledAndPool,
    running: InstanceUuid,
    stopped: InstanceUuid,
}

async fn scene() -> Result<Scene> {
    let world = world()?;
    let (web, host) = (world.project("web").await?, world.sled("s1").await?);
    let (running, stopped) = (world.instance(&web, "running")?, world.instance(&web, "stopped")?);
    world.running_vmm(running, &host)?;
    world.disk(&web, "data", host.pool).await?;
    world.database.sql(&format!("UPDATE disk SET instance_id = '{}', slot = 0", raw(running)))?;
    Ok(Scene { world, host, running, stopped })
}

impl Scene {
    /// Contradicts the records behind the constraints' back, and tells which checks notice.
    async fn broken_by(&self, sql: &str) -> Result<BTreeSet<&'static str>> {
        self.world.database.sql(&format!("SET session_replication_role = replica; {sql}"))?;
        Ok(check(&self.world.db, 0).await?.into_iter().map(|difference| difference.check).collect())
    }

    async fn is_noticed(&self, expected: &str, sql: &str) -> Result<()> {
        assert!(CHECKS.iter().any(|check| check.name == expected), "no check is called {expected:?}");
        let noticed = self.broken_by(sql).await?;
        assert!(noticed.contains(expected), "{expected:?} didn't notice; these did: {noticed:?}");
        Ok(())
    }

    fn other_vmm(&self, state: &str, ended_by: &str) -> (Uuid, String) {
        let (id, host) = (Uuid::new_v4(), &self.host);
        let ended = if ended_by == "NULL" { "NULL" } else { "now() - interval '1 hour'" };
        let sql = format!(
            "INSERT INTO vmm (id, instance_id, sled_id, epoch, ledger_id, state, ended_by, ended_at)
                 VALUES ('{id}', '{}', '{}', 7, '{}', '{state}', {ended_by}, {ended});
             INSERT INTO reservation VALUES ('{id}', '{}', 1, 16, 'active');",
            raw(self.stopped),
            host.sled,
            host.ledger,
            host.sled
        );
        (id, sql)
    }
}

#[tokio::test]
async fn a_healthy_database_has_no_differences() -> Result<()> {
    let scene = scene().await?;
    assert_eq!(check(&scene.world.db, 0).await?, []);
    Ok(())
}

#[tokio::test]
async fn a_link_to_nothing_or_to_anothers_vmm_is_noticed() -> Result<()> {
    let expected = "a linked VMM exists and belongs to its instance";
    let first = scene().await?;
    first
        .is_noticed(expected, "UPDATE instance SET active_vmm_id = gen_random_uuid() WHERE state = 'vmm'")
        .await?;
    let second = scene().await?;
    let swap = format!("UPDATE vmm SET instance_id = '{}'", raw(second.stopped));
    second.is_noticed(expected, &swap).await
}

#[tokio::test]
async fn an_epoch_from_the_future_is_noticed() -> Result<()> {
    scene()
        .await?
        .is_noticed("a linked VMM's epoch isn't above its instance's", "UPDATE vmm SET epoch = 9")
        .await
}

#[tokio::test]
async fn a_vmm_that_nobody_knows_is_noticed_unless_it_is_ended_or_in_its_saga() -> Result<()> {
    let expected = "a VMM that hasn't ended is linked, or being ended, or in its saga";
    let scene = scene().await?;
    let (id, sql) = scene.other_vmm("starting", "NULL");
    scene.is_noticed(expected, &sql).await?;
    let ending = scene.broken_by(&format!("UPDATE vmm SET end_wanted = true WHERE id = '{id}'")).await?;
    assert!(!ending.contains(expected));
    let again = scene.broken_by(&format!("UPDATE vmm SET end_wanted = false WHERE id = '{id}'")).await?;
    assert!(again.contains(expected));
    scene.world.saga(raw(scene.stopped), "running")?;
    assert!(!scene.broken_by("").await?.contains(expected));
    Ok(())
}

#[tokio::test]
async fn two_running_copies_are_noticed() -> Result<()> {
    let scene = scene().await?;
    let (first, sql) = scene.other_vmm("running", "NULL");
    let more = format!("{sql} UPDATE vmm SET instance_id = '{}' WHERE id = '{first}'", raw(scene.running));
    scene.is_noticed("without a migration at most one VMM of an instance runs", &more).await
}

#[tokio::test]
async fn an_end_that_nobody_follows_up_is_noticed_in_time() -> Result<()> {
    let scene = scene().await?;
    let end = "UPDATE vmm SET state = 'failed', ended_by = 'crashed', ended_at = now() - interval '30 s'";
    scene.is_noticed("a linked VMM that ended is followed up", end).await?;
    // An hour: nothing comes of age while the test is held up.
    assert_eq!(check(&scene.world.db, 3600).await?, [], "a live cluster gets its time");
    Ok(())
}

#[tokio::test]
async fn a_lock_without_a_running_saga_is_noticed() -> Result<()> {
    for (state, expected) in [
        ("stuck", "who holds an instance's lock is a saga that runs"),
        ("done", "a finished saga holds nothing"),
        ("abandoned", "a finished saga holds nothing"),
    ] {
        let scene = scene().await?;
        let saga = scene.world.saga(raw(scene.running), state)?;
        let lock = format!("UPDATE instance SET updater_id = '{saga}' WHERE id = '{}'", raw(scene.running));
        scene.is_noticed(expected, &lock).await?;
        let noticed = scene.broken_by("UPDATE saga SET state = 'running', finished_at = NULL").await?;
        assert_eq!(noticed, BTreeSet::new(), "a running saga may hold it");
    }
    let scene = scene().await?;
    let lock = "UPDATE instance SET updater_id = gen_random_uuid()";
    scene.is_noticed("who holds an instance's lock is a saga that runs", lock).await
}

#[tokio::test]
async fn missing_moved_and_forgotten_room_is_noticed() -> Result<()> {
    let (missing, forgotten) = ("a VMM that hasn't ended has its room", "who has room hasn't ended");
    scene().await?.is_noticed(missing, "DELETE FROM reservation").await?;
    scene().await?.is_noticed(missing, "UPDATE reservation SET sled_id = gen_random_uuid()").await?;
    let scene = scene().await?;
    let (_, sql) = scene.other_vmm("destroyed", "'killed'");
    scene.is_noticed(forgotten, &sql).await?;
    Ok(())
}

#[tokio::test]
async fn sleds_and_pools_that_gave_too_much_are_noticed() -> Result<()> {
    let sled = "no sled has given more room than it has";
    scene().await?.is_noticed(sled, "UPDATE sled SET cpus = 1").await?;
    scene().await?.is_noticed(sled, "UPDATE sled SET memory_mib = 511").await?;
    let pool = "no pool has given more room than it has";
    scene().await?.is_noticed(pool, "UPDATE pool SET capacity_bytes = 1").await
}

#[tokio::test]
async fn quota_that_is_not_what_is_there_is_noticed() -> Result<()> {
    let expected = "what is used of quotas is what instances and disks are";
    for sql in [
        "DELETE FROM quota_use WHERE kind = 'disk'",
        "UPDATE quota_use SET cpus = cpus + 1 WHERE kind = 'instance'",
        "UPDATE quota_use SET project_id = gen_random_uuid()",
        "INSERT INTO quota_use SELECT gen_random_uuid(), id, 'disk', 0, 0, 5 FROM project",
        "UPDATE disk SET size_bytes = size_bytes + 512",
    ] {
        scene().await?.is_noticed(expected, sql).await?;
    }
    Ok(())
}

fn operation(kind: &str, subject: Uuid, state: &str, waiting_for: &str) -> String {
    format!(
        "INSERT INTO operation (id, kind, subject_kind, subject_id, subject_name, state, waiting_for, actor, cause)
         VALUES (gen_random_uuid(), '{kind}', 'instance', '{subject}', 'x', '{state}', {waiting_for}, 'a', 'c');"
    )
}

#[tokio::test]
async fn operations_that_contradict_themselves_are_noticed() -> Result<()> {
    let waits = scene().await?;
    let sql = operation("instance_stop", raw(waits.running), "waiting", "''");
    waits.is_noticed("what waits says for what", &sql).await?;
    let ended = scene().await?;
    let sql = operation("instance_stop", raw(ended.running), "running", "NULL");
    let dropped = "ALTER TABLE operation DROP CONSTRAINT operation_check;";
    let contradiction = format!("{dropped} {sql} UPDATE operation SET ended_at = now()");
    ended.is_noticed("an operation has ended exactly if it says when", &contradiction).await
}

#[tokio::test]
async fn an_operation_that_nothing_drives_is_noticed() -> Result<()> {
    let expected = "an open operation is driven by a saga or by an intent";
    let scene = scene().await?;
    scene.is_noticed(expected, &operation("instance_start", raw(scene.running), "running", "NULL")).await?;
    let saga = scene.world.saga(raw(scene.running), "running")?;
    assert!(!scene.broken_by("").await?.contains(expected), "its saga runs");
    let gone = format!("DELETE FROM saga WHERE id = '{saga}'; UPDATE operation SET kind = 'instance_stop'");
    assert!(scene.broken_by(&gone).await?.contains(expected), "nobody wants it stopped");
    let wanted = scene.broken_by("UPDATE instance SET intent = 'stopped' WHERE state = 'vmm'").await?;
    assert!(!wanted.contains(expected), "the intent drives it");
    // Long asked for, and what it waited for ended: what follows from that has its time, too.
    for (ended, noticed) in [("now()", false), ("now() - interval '2 hours'", true)] {
        scene.world.database.sql(&format!(
            "SET session_replication_role = replica;
             UPDATE operation SET updated_at = now() - interval '2 hours';
             UPDATE instance SET state = 'no_vmm', active_vmm_id = NULL WHERE id = '{}';
             UPDATE vmm SET state = 'destroyed', ended_by = 'killed', ended_at = {ended}",
            raw(scene.running)
        ))?;
        let found = check(&scene.world.db, 3600).await?;
        assert_eq!(found.iter().any(|found| found.check == expected), noticed, "ended at {ended}: {found:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_wish_that_nobody_follows_is_noticed_in_time() -> Result<()> {
    let expected = "an instance that shall run and may run does run, or is being started";
    let scene = scene().await?;
    let wish =
        "UPDATE instance SET intent = 'running', intent_at = now() - interval '30 s' WHERE state = 'no_vmm'";
    scene.is_noticed(expected, wish).await?;
    assert_eq!(check(&scene.world.db, 3600).await?, []);
    let rests = scene.broken_by("UPDATE instance SET rest = 'guest_shutdown' WHERE state = 'no_vmm'").await?;
    assert!(!rests.contains(expected));
    Ok(())
}

#[tokio::test]
async fn a_disk_on_nothing_or_on_anothers_instance_is_noticed() -> Result<()> {
    let expected = "an attached disk's instance is there, and of the same project";
    scene().await?.is_noticed(expected, "UPDATE disk SET instance_id = gen_random_uuid()").await?;
    scene().await?.is_noticed(expected, "UPDATE disk SET project_id = gen_random_uuid()").await?;
    let scene = scene().await?;
    let gone = "UPDATE instance SET state = 'destroyed', intent = 'destroyed', active_vmm_id = NULL";
    scene.is_noticed(expected, gone).await?;
    Ok(())
}
