//! Rows of live migrations: linked once, moved by reports, told to both ends, decided once; their disks.

use crate::nouns::{SledAndPool, raw};
use crate::world::{World, world};
use anyhow::{Context, Result};
use berth_common::ids::{
    GenericUuid, InstanceUuid, MigrationUuid, OperationUuid, PoolUuid, SledUuid, VmmUuid,
};
use berth_common::migration::{MigrationHalf, MigrationOutcome, MigrationPhase, MigrationRole};
use berth_common::vmm::{EndedBy, VmmState};
use berth_db::DbError;
use berth_db::lifecycle::migration::{self, Begun, NewMigration};
use berth_db::lifecycle::report::{self, ReportedMigration, ReportedProgress, ReportedVmm, StoredReport};
use berth_db::lifecycle::room::{self, Place, Role};
use berth_db::lifecycle::{dead, disk_copy, migration_delivery};
use uuid::Uuid;

/// An instance that runs on one sled, with a disk there, and a place for it on another.
pub struct Scene {
    pub world: World,
    from: SledAndPool,
    to: SledAndPool,
    pub instance: InstanceUuid,
    disk: Uuid,
    pub new: NewMigration,
}

pub async fn scene() -> Result<Scene> {
    let world = world()?;
    let web = world.project("web").await?;
    let (from, to) = (world.sled("s1").await?, world.sled("s2").await?);
    let instance = world.instance(&web, "one")?;
    let source = VmmUuid::from_untyped_uuid(world.running_vmm(instance, &from)?);
    let disk = raw(world.disk(&web, "data", from.pool).await?.id);
    world.database.sql(&format!(
        "UPDATE disk SET instance_id = '{instance}', slot = 0; UPDATE instance SET intent_gen = 2;"
    ))?;
    let new = NewMigration {
        id: MigrationUuid::new_v4(),
        instance,
        source,
        target: VmmUuid::new_v4(),
        operation: OperationUuid::new_v4(),
        intent_gen: 2,
        deadline_ms: 60_000,
        downtime_limit_ms: 300,
    };
    world.database.sql(&format!(
        "INSERT INTO operation (id, kind, subject_kind, subject_id, subject_name, state, cancellable, intent_gen, actor, cause)
         VALUES ('{}', 'instance_migrate', 'instance', '{instance}', 'one', 'running', true, 2, 'anna', 'r-1')",
        new.operation
    ))?;
    let scene = Scene { world, from, to, instance, disk, new };
    scene.take_room().await?;
    Ok(scene)
}

impl Scene {
    async fn take_room(&self) -> Result<()> {
        let (place, new, to) = (self.place(), self.new, self.to.pool);
        let copy = disk_copy::NewCopy {
            file: berth_common::ids::DiskUuid::new_v4(),
            disk: berth_common::ids::DiskUuid::from_untyped_uuid(self.disk),
            pool: to,
            size_bytes: crate::nouns::GIB as i64,
            migration: new.id,
            vmm: new.target,
        };
        let taken = self.world.db.transaction("test", async |conn| {
            room::take(conn, &place).await?;
            Ok::<_, DbError>(disk_copy::insert(conn, &copy).await?)
        });
        Ok(taken.await?)
    }

    fn place(&self) -> Place {
        Place {
            vmm: self.new.target,
            instance: self.instance,
            sled: self.to.sled,
            ledger: self.to.ledger,
            epoch: 2,
            cpus: 2,
            memory_mib: 512,
            role: Role::Target,
        }
    }

    async fn begin(&self) -> Result<Begun> {
        let new = self.new;
        let begun = self
            .world
            .db
            .transaction("test", async |conn| Ok::<_, DbError>(migration::begin(conn, &new, 2).await?));
        Ok(begun.await?)
    }

    /// Linked, registered, and the source was asked to send.
    pub async fn sending(&self) -> Result<()> {
        assert_eq!(self.begin().await?, Begun::Yes);
        self.sql("UPDATE vmm SET state = 'starting' WHERE state = 'creating'")?;
        let conn = &mut self.world.db.pool().get().await?;
        assert!(migration::begin_to_send(conn, self.instance, self.new.id, 2).await?);
        Ok(())
    }

    pub fn sql(&self, sql: &str) -> Result<()> {
        self.world.database.sql(sql).map(drop)
    }

    fn row(&self, columns: &str) -> Result<String> {
        self.world.scalar(&format!("SELECT concat_ws(' ', {columns}) FROM migration"))
    }

    /// One end says how far it is.
    async fn says(
        &self,
        role: MigrationRole,
        generation: i64,
        half: MigrationHalf,
        progress: Option<ReportedProgress>,
    ) -> Result<StoredReport> {
        let (sled, vmm, state) = match role {
            MigrationRole::Source => (self.from.sled, self.new.source, VmmState::Migrating),
            MigrationRole::Target => (self.to.sled, self.new.target, VmmState::Starting),
        };
        let phase = MigrationPhase::CopyingMemory;
        let said = ReportedMigration {
            migration: self.new.id,
            role,
            half,
            phase,
            address: (role == MigrationRole::Target).then(|| "10.0.0.2:7001".to_string()),
            detail: (half == MigrationHalf::Failed).then(|| "the stream was cut".to_string()),
            progress,
        };
        self.reports(sled, vmm, generation, state, Some(said)).await
    }

    async fn reports(
        &self,
        sled: SledUuid,
        vmm: VmmUuid,
        generation: i64,
        state: VmmState,
        migration: Option<ReportedMigration>,
    ) -> Result<StoredReport> {
        let said = ReportedVmm {
            vmm,
            generation,
            state,
            ended_by: state.is_terminal().then_some(EndedBy::MigratedAway),
            detail: None,
            unresponsive: false,
            stuck: false,
            reboot: None,
            migration,
        };
        let conn = &mut self.world.db.pool().get().await?;
        Ok(report::store_answer(conn, sled, &said, "m-1").await?)
    }

    /// Who is told what, now: `source cancel`, `target resume`.
    async fn orders(&self) -> Result<Vec<String>> {
        self.sql("DELETE FROM migration_delivery")?;
        let due = self
            .world
            .db
            .transaction("test", async |conn| Ok::<_, DbError>(migration_delivery::claim(conn, 10).await?))
            .await?;
        let mut orders: Vec<String> = due
            .iter()
            .map(|order| {
                assert_eq!(order.migration(), self.new.id);
                let end = if order.due.vmm == raw(self.new.source) { "source" } else { "target" };
                format!("{end} {}", if order.resume { "resume" } else { "cancel" })
            })
            .collect();
        orders.sort();
        Ok(orders)
    }
}

#[tokio::test]
async fn a_target_is_linked_once_and_only_as_the_migration_was_planned() -> Result<()> {
    let scene = scene().await?;
    scene.sql("UPDATE operation SET cancel_wanted = true")?;
    assert_eq!(scene.begin().await?, Begun::No, "it was cancelled");
    scene.sql("DELETE FROM migration; UPDATE operation SET cancel_wanted = false; UPDATE instance SET intent_gen = 3")?;
    assert_eq!(scene.begin().await?, Begun::No, "another request came");
    scene.sql("DELETE FROM migration; UPDATE instance SET intent_gen = 2")?;
    assert_eq!(scene.begin().await?, Begun::Yes);
    assert_eq!(scene.begin().await?, Begun::Yes, "a run whose answer was lost");
    assert_eq!(scene.world.scalar("SELECT target_vmm_id IS NOT NULL FROM instance")?, "t");
    assert_eq!(scene.world.scalar("SELECT count(*) FROM migration")?, "1");
    let conn = &mut scene.world.db.pool().get().await?;
    let found = migration::newest(conn, scene.instance).await?.context("it is there")?;
    assert_eq!((found.source_sled.as_str(), found.target_sled.as_str()), ("s1", "s2"));
    assert!((1..=60_000).contains(&found.left_ms), "{}", found.left_ms);
    Ok(())
}

#[tokio::test]
async fn both_halves_are_stored_if_newer_and_stay_as_they_ended() -> Result<()> {
    let scene = scene().await?;
    scene.sending().await?;
    let far = ReportedProgress {
        sent_bytes: 70,
        remaining_bytes: 30,
        total_bytes: 100,
        dirty_bytes_per_s: 5,
        throttle_percent: 20,
        elapsed_ms: 7,
        downtime_ms: None,
    };
    let half = MigrationHalf::InProgress;
    let stored = scene.says(MigrationRole::Source, 3, half, Some(far)).await?;
    let known = stored.vmms[0].known.as_ref().context("a VMM of this sled")?;
    assert!(known.migration_news && !known.half_over && known.linked);
    scene.says(MigrationRole::Target, 2, half, None).await?;
    let columns = "source_state, target_state, sent_bytes, remaining_bytes, total_bytes, address";
    assert_eq!(scene.row(columns)?, "in_progress in_progress 70 30 100 10.0.0.2:7001");
    let shown =
        scene.world.scalar("SELECT concat_ws(' ', phase, bytes, done, total, cancellable) FROM operation")?;
    assert_eq!(shown, "copying_memory 70 70 100 t");
    let late = scene.says(MigrationRole::Source, 2, MigrationHalf::Failed, None).await?;
    assert!(!late.vmms[0].known.as_ref().context("known")?.migration_news);
    let over = scene.says(MigrationRole::Source, 4, MigrationHalf::Completed, None).await?;
    assert!(over.vmms[0].known.as_ref().context("known")?.half_over);
    assert_eq!(scene.row(columns)?, "completed in_progress 70 30 100 10.0.0.2:7001");
    assert_eq!(scene.world.scalar("SELECT cancellable FROM operation")?, "f");
    scene.says(MigrationRole::Source, 5, MigrationHalf::Failed, None).await?;
    assert_eq!(scene.row("source_state")?, "completed", "it ended");
    let told = scene
        .world
        .scalar("SELECT string_agg(kind, ' ' ORDER BY id) FROM event WHERE kind LIKE 'migration%'")?;
    assert_eq!(told, "migration_source_completed");
    Ok(())
}

#[tokio::test]
async fn each_end_is_told_what_it_must_hear_and_no_target_loses_a_guest_that_may_be_its_own() -> Result<()> {
    let nothing: &[&str] = &[];
    let cancelled = "cancel_at = now(), cancel_why = 'a test'";
    for (asked, source, target, given_up, expected) in [
        // Under way.
        (true, "in_progress", "in_progress", "", nothing),
        (true, "completed", "in_progress", "", &["target resume"]),
        (true, "completed", "in_progress", cancelled, &["target resume"]),
        (true, "completed", "completed", cancelled, nothing),
        // Given up: the source first, then its target.
        (true, "in_progress", "in_progress", cancelled, &["source cancel"]),
        (true, "failed", "in_progress", cancelled, &["target cancel"]),
        (true, "failed", "failed", cancelled, nothing),
        // Never asked to send.
        (false, "pending", "in_progress", cancelled, &["target cancel"]),
    ] {
        let scene = scene().await?;
        scene.sending().await?;
        let given_up = if given_up.is_empty() { "cancel_at = NULL" } else { given_up };
        let send_at = if asked { "now()" } else { "NULL" };
        scene.sql(&format!(
            "UPDATE migration SET source_state = '{source}', target_state = '{target}', send_at = {send_at}, {given_up}"
        ))?;
        assert_eq!(scene.orders().await?, expected, "{asked} {source} {target} {given_up}");
    }
    Ok(())
}

#[tokio::test]
async fn a_migration_is_given_up_at_its_deadline_but_not_once_it_is_handed_over() -> Result<()> {
    let scene = scene().await?;
    scene.sending().await?;
    let conn = &mut scene.world.db.pool().get().await?;
    assert_eq!(migration_delivery::give_up_lost(conn).await?, 0);
    scene.sql("UPDATE migration SET deadline = now() - interval '1 second', source_state = 'completed'")?;
    assert_eq!(migration_delivery::give_up_lost(conn).await?, 0);
    scene.sql("UPDATE migration SET source_state = 'in_progress'")?;
    assert_eq!(migration_delivery::give_up_lost(conn).await?, 1);
    assert_eq!(scene.row("cancel_why")?, "its time was up");
    migration::give_up(conn, scene.instance, "again").await?;
    assert_eq!(scene.row("cancel_why")?, "its time was up", "the first reason stays");
    assert!(!migration::begin_to_send(conn, scene.instance, scene.new.id, 2).await?);
    Ok(())
}

#[tokio::test]
async fn a_source_that_was_declared_dead_leaves_the_word_to_its_targets_sled() -> Result<()> {
    let scene = scene().await?;
    scene.sending().await?;
    let conn = &mut scene.world.db.pool().get().await?;
    dead::assert_dead(conn, scene.instance, scene.from.sled, "anna asserted that sled s1 is dead").await?;
    // Handed off by its own word: the target goes on.
    scene.sql("UPDATE migration SET source_state = 'completed', target_state = 'in_progress'")?;
    assert_eq!(migration_delivery::give_up_lost(conn).await?, 0);
    assert_eq!(scene.orders().await?, ["target resume"]);
    // Without it: the target's sled says whether it has heard of a hand-off.
    scene.sql("UPDATE migration SET source_state = 'in_progress'")?;
    assert_eq!(migration_delivery::give_up_lost(conn).await?, 1);
    assert_eq!(scene.row("cancel_why")?, "its source was declared dead");
    assert_eq!(scene.orders().await?, ["target cancel"]);
    Ok(())
}

/// Where the disk is, and which files are doomed.
async fn decided(scene: &Scene, moved: bool) -> Result<(PoolUuid, String)> {
    let outcome = if moved { MigrationOutcome::Completed } else { MigrationOutcome::Failed };
    let id = scene.new.id.into_untyped_uuid();
    for _ in 0..2 {
        scene
            .world
            .db
            .transaction("test", async |conn| {
                Ok::<_, DbError>(migration::decide(conn, id, outcome, moved).await?)
            })
            .await?;
    }
    assert_eq!(scene.row("outcome")?, outcome.as_str());
    let pool: Uuid = scene.world.scalar("SELECT pool_id FROM disk")?.parse()?;
    Ok((PoolUuid::from_untyped_uuid(pool), scene.world.scalar("SELECT pool_id FROM disk_copy WHERE doomed")?))
}

#[tokio::test]
async fn a_disk_goes_where_the_guest_went_and_what_it_left_is_deleted_when_nothing_has_it_open() -> Result<()>
{
    let scene = scene().await?;
    scene.sending().await?;
    let (pool, doomed) = decided(&scene, true).await?;
    assert_eq!((pool, doomed), (scene.to.pool, scene.from.pool.to_string()));
    let role = "SELECT role FROM reservation r JOIN migration m ON m.target_vmm_id = r.vmm_id";
    assert_eq!(scene.world.scalar(role)?, "active");
    let conn = &mut scene.world.db.pool().get().await?;
    assert!(disk_copy::claim_doomed(conn, 10).await?.is_empty(), "its source lives");
    scene.reports(scene.from.sled, scene.new.source, 9, VmmState::Destroyed, None).await?;
    // In one transaction, whose time stands still.
    let twice = scene.world.db.transaction("test", async |conn| {
        Ok::<_, DbError>((disk_copy::claim_doomed(conn, 10).await?, disk_copy::claim_doomed(conn, 10).await?))
    });
    let (claimed, again) = twice.await?;
    assert_eq!(claimed.iter().map(|copy| copy.file_id).collect::<Vec<_>>(), [scene.disk]);
    assert!(again.is_empty(), "it was claimed just now");
    disk_copy::remove(conn, berth_common::ids::DiskUuid::from_untyped_uuid(scene.disk)).await?;
    assert_eq!(scene.world.scalar("SELECT count(*) FROM disk_copy")?, "0");
    Ok(())
}

#[tokio::test]
async fn a_copy_that_was_made_in_vain_is_deleted_when_its_target_has_ended() -> Result<()> {
    let scene = scene().await?;
    scene.sending().await?;
    let (pool, doomed) = decided(&scene, false).await?;
    assert_eq!((pool, doomed), (scene.from.pool, scene.to.pool.to_string()));
    let conn = &mut scene.world.db.pool().get().await?;
    assert!(disk_copy::claim_doomed(conn, 10).await?.is_empty(), "its target lives");
    let words = "anna asserted that sled s2 is dead";
    let dead = dead::assert_dead(conn, scene.instance, scene.to.sled, words).await?;
    assert_eq!(dead, [scene.new.target]);
    assert!(dead::assert_dead(conn, scene.instance, scene.to.sled, words).await?.is_empty());
    assert_eq!(disk_copy::claim_doomed(conn, 10).await?.len(), 1);
    // Whatever that sled says of it later is stored no more.
    scene.says(MigrationRole::Target, 99, MigrationHalf::Completed, None).await?;
    assert_eq!(scene.row("target_state")?, "pending");
    Ok(())
}

#[tokio::test]
async fn room_of_a_local_pool_is_what_neither_disks_nor_copies_have() -> Result<()> {
    let scene = scene().await?;
    let conn = &mut scene.world.db.pool().get().await?;
    let free = |candidates: &[room::Candidate], sled: SledUuid| {
        let found = candidates.iter().find(|candidate| candidate.id == raw(sled));
        found.map(|candidate| candidate.local_free_bytes.clone())
    };
    let candidates = room::candidates(conn).await?;
    let nine = Some(vec![9 * crate::nouns::GIB as i64]);
    assert_eq!((free(&candidates, scene.from.sled), free(&candidates, scene.to.sled)), (nine.clone(), nine));
    disk_copy::forget(conn, scene.new.id).await?;
    let ten = Some(vec![10 * crate::nouns::GIB as i64]);
    assert_eq!(free(&room::candidates(conn).await?, scene.to.sled), ten);
    let local = disk_copy::to_be_copied(conn, scene.instance).await?;
    assert_eq!(local.iter().map(|disk| disk.id).collect::<Vec<_>>(), [scene.disk]);
    Ok(())
}
