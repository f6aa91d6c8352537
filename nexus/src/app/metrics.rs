//! Metrics: what this process has counted, and what the records say of this moment.
//!
//! Nothing is kept for metrics alone: counters stand where things are counted (`berth_db`, the saga store, background
//! tasks), and a page is made of them when it is asked for. Counters are of one process; gauges are the cluster's.

use berth_common::refusal::ErrorCode;
use berth_db::Db;
use berth_db::gauges::{self, Gauges};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::sync::atomic::AtomicU64;

use super::actor::Actor;
use super::authorise::{Action, authorise_fleet};
use super::error::{AppError, AppResult};
use crate::context::Nexus;

/// What the name of every metric begins with.
const PREFIX: &str = "berth";

type Seconds = Gauge<f64, AtomicU64>;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Named {
    name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OpenOperation {
    kind: String,
    state: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndedOperation {
    kind: String,
    outcome: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AtLiveness {
    liveness: String,
}

/// The page, for who may see the fleet.
pub async fn metrics(nexus: &Nexus, actor: &Actor) -> AppResult<String> {
    authorise_fleet(actor, Action::ViewFleet)?;
    let now =
        nexus.db.statement("metrics", async |conn| Ok::<_, AppError>(gauges::read(conn).await?)).await?;
    let mut registry = Registry::with_prefix(PREFIX);
    database(&mut registry, nexus);
    sagas(&mut registry, nexus);
    tasks(&mut registry, nexus);
    records(&mut registry, &now);
    let mut page = String::new();
    // Writing to a string fails only if a metric says so, and ours are numbers.
    encode(&mut page, &registry)
        .map_err(|_| AppError::refused(ErrorCode::Internal, "metrics can't be written"))?;
    Ok(page)
}

/// A counter for each name.
fn counters(
    registry: &mut Registry,
    name: &str,
    help: &str,
    counted: impl IntoIterator<Item = (String, u64)>,
) {
    let family = Family::<Named, Counter>::default();
    registry.register(name, help, family.clone());
    for (name, count) in counted {
        family.get_or_create(&Named { name }).inc_by(count);
    }
}

fn gauge(registry: &mut Registry, name: &str, help: &str, value: i64) {
    let gauge = Gauge::<i64>::default();
    gauge.set(value);
    registry.register(name, help, gauge);
}

fn database(registry: &mut Registry, nexus: &Nexus) {
    let counted = Db::counters();
    let transactions = counted.iter().map(|(name, count)| ((*name).to_string(), count.transactions));
    counters(registry, "db_transactions", "Transactions begun, by what they are for", transactions);
    let round_trips = counted.iter().map(|(name, count)| ((*name).to_string(), count.round_trips));
    counters(registry, "db_round_trips", "Waits for the database, by what they are for", round_trips);
    let pool = nexus.db.pool().status();
    let size = |size: usize| i64::try_from(size).unwrap_or(i64::MAX);
    gauge(registry, "db_connections", "Connections of the pool", size(pool.size));
    gauge(registry, "db_connections_idle", "Connections of the pool that nobody uses", size(pool.available));
    gauge(registry, "db_waiting", "Who waits for a connection of the pool", size(pool.waiting));
}

fn sagas(registry: &mut Registry, nexus: &Nexus) {
    let counted = nexus.sagas.counters().named();
    let counted = counted.into_iter().map(|(name, count)| (name.to_string(), count));
    counters(registry, "saga_store", "What the saga store has counted", counted);
}

fn tasks(registry: &mut Registry, nexus: &Nexus) {
    let statuses = (nexus.tasks)();
    let named = |name: &&str| (*name).to_string();
    let runs = statuses.iter().map(|(name, status)| (named(name), status.runs));
    counters(registry, "background_runs", "Runs of each background task", runs);
    let failures = statuses.iter().map(|(name, status)| (named(name), status.failures));
    counters(registry, "background_failures", "Failed runs of each background task", failures);
    let last = Family::<Named, Seconds>::default();
    registry.register(
        "background_last_run_seconds",
        "How long each background task's last run took",
        last.clone(),
    );
    for (name, status) in &statuses {
        last.get_or_create(&Named { name: named(name) }).set(status.last_duration.as_secs_f64());
    }
}

fn records(registry: &mut Registry, now: &Gauges) {
    let open = Family::<OpenOperation, Gauge>::default();
    registry.register("operations_open", "Operations that haven't ended", open.clone());
    for (kind, state, count) in &now.open_operations {
        open.get_or_create(&OpenOperation { kind: kind.clone(), state: state.clone() }).set(*count);
    }
    let (ended, took) =
        (Family::<EndedOperation, Gauge>::default(), Family::<EndedOperation, Seconds>::default());
    registry.register("operations_ended", "Operations that ended within the last hour", ended.clone());
    registry.register("operations_ended_seconds", "How long those took in all", took.clone());
    for (kind, outcome, count, took_s) in &now.ended_operations {
        let label = EndedOperation { kind: kind.clone(), outcome: outcome.clone() };
        ended.get_or_create(&label).set(*count);
        took.get_or_create(&label).set(*took_s);
    }
    gauge(registry, "update_locks_held", "Instances that an update saga holds", now.locks_held);
    let oldest = Seconds::default();
    oldest.set(now.oldest_lock_s);
    registry.register("update_lock_oldest_seconds", "Age of the oldest saga that holds an instance", oldest);
    gauge(registry, "sagas_stuck", "Sagas that need an operator", now.stuck_sagas);
    gauge(registry, "vmms_stuck", "VMMs that don't end although everything was tried", now.stuck_vmms);
    let (sleds, lag) = (Family::<AtLiveness, Gauge>::default(), Family::<Named, Seconds>::default());
    registry.register("sleds", "Sleds by what their silence says", sleds.clone());
    registry.register("sled_report_lag_seconds", "Time since each sled's last report", lag.clone());
    for (name, liveness, silent_s) in &now.sleds {
        sleds.get_or_create(&AtLiveness { liveness: liveness.to_string() }).inc();
        if let Some(silent_s) = silent_s {
            lag.get_or_create(&Named { name: name.clone() }).set(*silent_s);
        }
    }
}
