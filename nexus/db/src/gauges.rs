//! How many of what there is right now, for metrics: one statement, so that all figures are of one moment.

use crate::error::DbResult;
use crate::fixed::fixed;
use crate::lifecycle::text::sled_liveness;
use berth_common::sled::Liveness;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Double, Nullable, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// One figure. Its kinds are the variants of `kind` in the statement below.
#[derive(Clone, Debug, QueryableByName)]
struct Figure {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    label: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
    /// Seconds.
    #[diesel(sql_type = Nullable<Double>)]
    age_s: Option<f64>,
}

/// What the records say of this moment.
#[derive(Clone, Debug, Default)]
pub struct Gauges {
    /// Operations that haven't ended, by kind and state.
    pub open_operations: Vec<(String, String, i64)>,
    /// Operations that ended within the last hour, by kind and outcome: how many, and how many seconds they took in all.
    pub ended_operations: Vec<(String, String, i64, f64)>,
    /// Instances whose updater lock is held, and for how many seconds the oldest holder has been running.
    pub locks_held: i64,
    pub oldest_lock_s: f64,
    /// Sagas that need an operator.
    pub stuck_sagas: i64,
    /// VMMs that don't end although everything was tried.
    pub stuck_vmms: i64,
    /// Each sled that isn't expunged: its name, what its silence says, and the seconds since its last report.
    pub sleds: Vec<(String, Liveness, Option<f64>)>,
}

const READ: &str = "
    SELECT 'operation' AS kind, o.kind || ' ' || o.state AS label, count(*) AS count, NULL::float8 AS age_s
      FROM operation o WHERE o.ended_at IS NULL GROUP BY o.kind, o.state
    UNION ALL
    SELECT 'ended', o.kind || ' ' || o.state, count(*), sum(extract(epoch FROM o.ended_at - o.created_at))::float8
      FROM operation o WHERE o.ended_at > now() - interval '1 hour' GROUP BY o.kind, o.state
    UNION ALL
    SELECT 'lock', '', count(*), max(extract(epoch FROM now() - s.created_at))::float8
      FROM instance i JOIN saga s ON s.id = i.updater_id WHERE i.updater_id IS NOT NULL
    UNION ALL
    SELECT 'stuck_saga', '', count(*), NULL FROM saga WHERE state = 'stuck'
    UNION ALL
    SELECT 'stuck_vmm', '', count(*), NULL
      FROM vmm WHERE stuck AND state NOT IN ('destroyed', 'failed', 'unwound')
    UNION ALL
    SELECT CASE WHEN planned_down_at IS NULL THEN 'sled' ELSE 'planned_down' END, name, 1, extract(epoch FROM now() - last_report_at)::float8
      FROM sled WHERE admission <> 'expunged'";

/// Reads them.
///
/// # Errors
/// Of the database only.
pub async fn read(conn: &mut AsyncPgConnection) -> DbResult<Gauges> {
    let figures: Vec<Figure> = fixed(READ).load(conn).await?;
    let mut gauges = Gauges::default();
    for figure in figures {
        match figure.kind.as_str() {
            "operation" => {
                let (kind, state) = figure.label.split_once(' ').unwrap_or((&figure.label, ""));
                gauges.open_operations.push((kind.to_owned(), state.to_owned(), figure.count));
            }
            "ended" => {
                let (kind, outcome) = figure.label.split_once(' ').unwrap_or((&figure.label, ""));
                let took_s = figure.age_s.unwrap_or_default();
                gauges.ended_operations.push((kind.to_owned(), outcome.to_owned(), figure.count, took_s));
            }
            "lock" => {
                gauges.locks_held = figure.count;
                gauges.oldest_lock_s = figure.age_s.unwrap_or_default();
            }
            "stuck_saga" => gauges.stuck_sagas = figure.count,
            "stuck_vmm" => gauges.stuck_vmms = figure.count,
            kind => {
                // A sled that has been silent for longer than milliseconds can count is silent all the same.
                let silent_ms = figure.age_s.map(|age_s| (age_s * 1000.0) as i64);
                gauges.sleds.push((
                    figure.label,
                    sled_liveness(kind == "planned_down", silent_ms),
                    figure.age_s,
                ));
            }
        }
    }
    Ok(gauges)
}
