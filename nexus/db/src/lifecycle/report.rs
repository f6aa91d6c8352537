//! What a sled reported, stored in one statement: whatever is newer, its events, and what the answer needs.

use berth_common::ids::{GenericUuid, InstanceUuid, SledUuid, VmmUuid};
use berth_common::reboot::{RebootKind, RebootPhase};
use berth_common::vmm::{EndedBy, VmmState};
use diesel::QueryResult;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use self::halves::store_halves;
use crate::fixed::fixed;

mod halves;

pub use halves::{ReportedMigration, ReportedProgress};

/// Who reports, under which claims. A report whose claims don't match the sled's row changes nothing.
#[derive(Clone, Debug)]
pub struct Reporter {
    pub sled: SledUuid,
    pub lease_epoch: i64,
    pub ledger: Uuid,
    pub boot: Uuid,
    pub sequence: i64,
    pub recovered_done: i64,
    pub recovered_total: i64,
    /// Every VMM of the sled is named: those of the database that aren't are answered as absent.
    pub full: bool,
    /// What is on the host and nobody answers for, as an array.
    pub quarantined: serde_json::Value,
    /// Id of the message, for events.
    pub cause: String,
}

/// One VMM as reported.
#[derive(Clone, Debug)]
pub struct ReportedVmm {
    pub vmm: VmmUuid,
    pub generation: i64,
    pub state: VmmState,
    pub ended_by: Option<EndedBy>,
    pub detail: Option<String>,
    pub unresponsive: bool,
    pub stuck: bool,
    /// The last reboot that it began.
    pub reboot: Option<ReportedReboot>,
    /// The end of a migration that it is, or was last.
    pub migration: Option<ReportedMigration>,
}

/// How far a reboot is, as reported.
#[derive(Clone, Copy, Debug)]
pub struct ReportedReboot {
    pub reboot_gen: i64,
    pub kind: RebootKind,
    pub phase: RebootPhase,
}

/// What became of a report.
#[derive(Clone, Debug, Default)]
pub struct StoredReport {
    /// The claims matched: what was newer is stored.
    pub accepted: bool,
    /// The sled's current lease epoch; none if there is no such sled.
    pub lease_epoch: Option<i64>,
    pub vmms: Vec<StoredVmm>,
    /// VMMs that the database believes to live here and a full report didn't name.
    pub absent: Vec<VmmUuid>,
}

/// One reported VMM, after storing.
#[derive(Clone, Debug)]
pub struct StoredVmm {
    pub vmm: VmmUuid,
    /// What the database now says; none if it doesn't know this VMM on this sled.
    pub known: Option<KnownVmm>,
}

/// A VMM that the database knows.
#[derive(Clone, Debug)]
pub struct KnownVmm {
    pub instance: InstanceUuid,
    pub state: VmmState,
    pub end_wanted: bool,
    /// This report changed the state.
    pub transition: bool,
    /// It told something new of the VMM's migration.
    pub migration_news: bool,
    /// It told that this VMM's half of a migration is over.
    pub half_over: bool,
    /// The instance's record links it as active or target.
    pub linked: bool,
}

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = Bool)]
    accepted: bool,
    #[diesel(sql_type = Nullable<BigInt>)]
    lease_epoch: Option<i64>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    vmm_id: Option<Uuid>,
    #[diesel(sql_type = Bool)]
    absent: bool,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    instance_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    state: Option<String>,
    #[diesel(sql_type = Bool)]
    end_wanted: bool,
    #[diesel(sql_type = Bool)]
    transition: bool,
    #[diesel(sql_type = Bool)]
    migration_news: bool,
    #[diesel(sql_type = Bool)]
    half_over: bool,
    #[diesel(sql_type = Bool)]
    linked: bool,
}

/// What is done with the VMMs once the claims are settled.
macro_rules! store_vmms {
    () => {
        concat!("input AS (
    SELECT * FROM unnest($8, $9, $10, $11, $12, $13, $14, $22)
        AS t (vmm_id, gen, state, ended_by, detail, unresponsive, stuck, migration)
), newer AS (
    SELECT v.id, v.state AS old_state, v.unresponsive AS old_unresponsive, v.stuck AS old_stuck
    FROM vmm v JOIN input i ON i.vmm_id = v.id
    WHERE v.sled_id = $1 AND v.gen < i.gen AND v.ended_by IS NULL AND EXISTS (SELECT 1 FROM claims)
    ORDER BY v.id FOR UPDATE OF v
), changed AS (
    UPDATE vmm v SET gen = i.gen, state = i.state, ended_by = i.ended_by, detail = i.detail,
        unresponsive = i.unresponsive, stuck = i.stuck, reported_at = now(),
        ended_at = CASE WHEN i.ended_by IS NOT NULL THEN now() END,
        -- The report of its end may overtake the one that it runs; one that never ran ends otherwise.
        running_at = coalesce(v.running_at,
            CASE WHEN i.state = 'running' OR i.ended_by IN ('crashed', 'guest_shutdown') THEN now() END)
    FROM input i, newer n
    WHERE v.id = i.vmm_id AND n.id = v.id
    RETURNING v.id, v.instance_id, v.state, v.ended_by, v.detail, v.unresponsive, v.stuck,
        n.old_state, n.old_unresponsive, n.old_stuck
), told AS (
    INSERT INTO event (kind, subject_kind, subject_id, subject_name, project_id, sled_id, actor, cause, message, data)
    SELECT CASE WHEN c.state <> c.old_state THEN 'vmm_' || c.state
                WHEN c.stuck AND NOT c.old_stuck THEN 'vmm_stuck'
                WHEN c.unresponsive THEN 'vmm_unresponsive' ELSE 'vmm_responsive' END,
        'instance', o.id, o.name, o.project_id, $1, 'sled ' || s.name, $15,
        'on sled ' || s.name || ': ' || c.old_state || ' -> ' || c.state
            || coalesce(' (' || c.ended_by || ')', '') || coalesce(': ' || c.detail, ''),
        jsonb_strip_nulls(jsonb_build_object('vmm', c.id, 'from', c.old_state, 'to', c.state,
            'ended_by', c.ended_by, 'detail', c.detail))
    FROM changed c JOIN instance o ON o.id = c.instance_id, claims s
    WHERE c.state <> c.old_state OR c.unresponsive <> c.old_unresponsive OR (c.stuck AND NOT c.old_stuck)
), rebooted AS (
    UPDATE reboot b SET seen_gen = w.gen, seen_kind = w.kind, seen_phase = w.phase
    FROM unnest($17, $18, $19, $20) AS w (vmm_id, gen, kind, phase) JOIN changed c ON c.id = w.vmm_id
    WHERE b.vmm_id = w.vmm_id AND w.gen >= coalesce(b.seen_gen, 0)
        AND (w.gen, w.kind, w.phase) IS DISTINCT FROM (b.seen_gen, b.seen_kind, b.seen_phase)
    RETURNING b.vmm_id, b.asked_gen, b.operation_id, w.gen, w.kind, w.phase
), reboot_ended AS (
    UPDATE operation p SET state = CASE WHEN r.done THEN 'succeeded' ELSE 'running' END,
        phase = CASE WHEN r.done THEN 'rebooted' ELSE r.kind || ': ' || replace(r.phase, '_', ' ') END,
        waiting_for = NULL, cancellable = false, updated_at = now(), ended_at = CASE WHEN r.done THEN now() END
    FROM (SELECT *, phase = 'done' AS done FROM rebooted) r
    WHERE p.id = r.operation_id AND p.ended_at IS NULL AND r.gen >= r.asked_gen
), reboot_told AS (
    INSERT INTO event (kind, subject_kind, subject_id, subject_name, project_id, sled_id, actor, cause, message, data)
    SELECT 'instance_rebooted', 'instance', o.id, o.name, o.project_id, $1, 'sled ' || s.name, $15,
        'on sled ' || s.name || ': rebooted (' || r.kind || '), same VMM, new process',
        jsonb_build_object('vmm', r.vmm_id, 'reboot_gen', r.gen, 'kind', r.kind)
    FROM rebooted r JOIN changed c ON c.id = r.vmm_id JOIN instance o ON o.id = c.instance_id, claims s
    WHERE r.phase = 'done'
), ", store_halves!(), "
SELECT EXISTS (SELECT 1 FROM claims) AS accepted, s.lease_epoch, r.vmm_id, coalesce(r.absent, false) AS absent,
    r.instance_id, r.state, coalesce(r.end_wanted, false) AS end_wanted, coalesce(r.transition, false) AS transition,
    coalesce(r.migration_news, false) AS migration_news, coalesce(r.half_over, false) AS half_over,
    coalesce(r.linked, false) AS linked
FROM (SELECT 1) AS always
LEFT JOIN sled s ON s.id = $1
LEFT JOIN LATERAL (
    SELECT i.vmm_id, false AS absent, v.instance_id, coalesce(c.state, v.state) AS state,
        coalesce(v.end_wanted, false) AS end_wanted,
        c.id IS NOT NULL AND c.state <> c.old_state AS transition,
        h.id IS NOT NULL AS migration_news, coalesce(h.half IN ('completed', 'failed'), false) AS half_over,
        o.id IS NOT NULL AS linked
    FROM input i
    LEFT JOIN vmm v ON v.id = i.vmm_id AND v.sled_id = $1
    LEFT JOIN changed c ON c.id = i.vmm_id
    LEFT JOIN halves h ON h.vmm_id = i.vmm_id
    LEFT JOIN instance o ON o.id = v.instance_id AND (o.active_vmm_id = v.id OR o.target_vmm_id = v.id)
    UNION ALL
    SELECT v.id, true, v.instance_id, v.state, v.end_wanted, false, false, false, false
    FROM vmm v
    WHERE $16 AND v.sled_id = $1 AND v.ended_by IS NULL AND v.state <> 'creating' AND v.ledger_id = $3
        AND NOT v.id = ANY ($8) AND EXISTS (SELECT 1 FROM claims)
) r ON true")
    };
}

/// One statement, so that a report costs one transaction however many VMMs it names. The row of the sled is
/// locked first, then the VMMs in the order of their ids, so that two nexus storing the same report can't deadlock.
const STORE: &str = concat!(
    "WITH claims AS (
    UPDATE sled SET last_report_at = now(), report_seq = $5, recovered_done = $6, recovered_total = $7,
        quarantined = $21
    WHERE id = $1 AND lease_epoch = $2 AND ledger_id = $3 AND boot_id = $4
    RETURNING id, name
), ",
    store_vmms!()
);

/// The same for what a sled answered to a request: it was asked by its certificate, so there is nothing to claim.
const STORE_ANSWER: &str = concat!(
    "WITH claims AS (
    SELECT id, name FROM sled WHERE id = $1 AND $2::bigint IS NOT NULL AND $3::uuid IS NOT NULL
        AND $4::uuid IS NOT NULL AND $5::bigint IS NOT NULL AND $6::bigint IS NOT NULL AND $7::bigint IS NOT NULL
        AND $21::jsonb IS NOT NULL
), ",
    store_vmms!()
);

/// Stores what is newer. Terminal is final: a VMM that ended stays as it ended.
pub async fn store(
    conn: &mut AsyncPgConnection,
    reporter: &Reporter,
    vmms: &[ReportedVmm],
) -> QueryResult<StoredReport> {
    run(conn, STORE, reporter, vmms).await
}

/// Stores what a sled answered about one VMM, if it is newer.
pub async fn store_answer(
    conn: &mut AsyncPgConnection,
    sled: SledUuid,
    vmm: &ReportedVmm,
    cause: &str,
) -> QueryResult<StoredReport> {
    let reporter = Reporter {
        sled,
        lease_epoch: 0,
        ledger: Uuid::nil(),
        boot: Uuid::nil(),
        sequence: 0,
        recovered_done: 0,
        recovered_total: 0,
        full: false,
        quarantined: serde_json::json!([]),
        cause: cause.to_string(),
    };
    run(conn, STORE_ANSWER, &reporter, std::slice::from_ref(vmm)).await
}

async fn run(
    conn: &mut AsyncPgConnection,
    text: &'static str,
    reporter: &Reporter,
    vmms: &[ReportedVmm],
) -> QueryResult<StoredReport> {
    let ids: Vec<Uuid> = vmms.iter().map(|v| v.vmm.into_untyped_uuid()).collect();
    let generations: Vec<i64> = vmms.iter().map(|v| v.generation).collect();
    let states: Vec<&str> = vmms.iter().map(|v| v.state.as_str()).collect();
    let ended_by: Vec<Option<&str>> = vmms.iter().map(|v| v.ended_by.map(EndedBy::as_str)).collect();
    let details: Vec<Option<&str>> = vmms.iter().map(|v| v.detail.as_deref()).collect();
    let unresponsive: Vec<bool> = vmms.iter().map(|v| v.unresponsive).collect();
    let stuck: Vec<bool> = vmms.iter().map(|v| v.stuck).collect();
    let reboots: Vec<_> = vmms.iter().filter_map(|v| Some((v.vmm, v.reboot?))).collect();
    let rebooted: Vec<Uuid> = reboots.iter().map(|(vmm, _)| vmm.into_untyped_uuid()).collect();
    let migrations = vmms
        .iter()
        .map(|v| v.migration.as_ref().map(serde_json::to_value).transpose())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))?;
    let rows = fixed(text)
        .bind::<SqlUuid, _>(reporter.sled.into_untyped_uuid())
        .bind::<BigInt, _>(reporter.lease_epoch)
        .bind::<SqlUuid, _>(reporter.ledger)
        .bind::<SqlUuid, _>(reporter.boot)
        .bind::<BigInt, _>(reporter.sequence)
        .bind::<BigInt, _>(reporter.recovered_done)
        .bind::<BigInt, _>(reporter.recovered_total)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<BigInt>, _>(generations)
        .bind::<Array<Text>, _>(states)
        .bind::<Array<Nullable<Text>>, _>(ended_by)
        .bind::<Array<Nullable<Text>>, _>(details)
        .bind::<Array<Bool>, _>(unresponsive)
        .bind::<Array<Bool>, _>(stuck)
        .bind::<Text, _>(&reporter.cause)
        .bind::<Bool, _>(reporter.full)
        .bind::<Array<SqlUuid>, _>(rebooted)
        .bind::<Array<BigInt>, _>(reboots.iter().map(|(_, reboot)| reboot.reboot_gen).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(reboots.iter().map(|(_, reboot)| reboot.kind.as_str()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(reboots.iter().map(|(_, reboot)| reboot.phase.as_str()).collect::<Vec<_>>())
        .bind::<Jsonb, _>(&reporter.quarantined)
        .bind::<Array<Nullable<Jsonb>>, _>(migrations)
        .load::<Row>(conn)
        .await?;
    Ok(gathered(rows))
}

fn gathered(rows: Vec<Row>) -> StoredReport {
    let mut stored = StoredReport::default();
    for row in rows {
        stored.accepted = row.accepted;
        stored.lease_epoch = row.lease_epoch;
        let Some(vmm) = row.vmm_id.map(VmmUuid::from_untyped_uuid) else { continue };
        if row.absent {
            stored.absent.push(vmm);
            continue;
        }
        let state = row.state.and_then(|text| text.parse().ok());
        let known = row.instance_id.zip(state).map(|(instance, state)| KnownVmm {
            instance: InstanceUuid::from_untyped_uuid(instance),
            state,
            end_wanted: row.end_wanted,
            transition: row.transition,
            migration_news: row.migration_news,
            half_over: row.half_over,
            linked: row.linked,
        });
        stored.vmms.push(StoredVmm { vmm, known });
    }
    stored
}
