//! Metrics: what this agent has counted since it began, and what it has now, for a nexus that asks.
//!
//! Nothing is kept for metrics alone: counters stand where things are counted, and a page is made of them when it is
//! asked for.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::AtomicU64;

use berth_common::refusal::Denial;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::report::Standing;
use crate::tally::Tally;
use crate::vmms::Shared;
use crate::vmms::room::Size;

/// What the name of every metric begins with.
const PREFIX: &str = "berth_sled";

type Seconds = Gauge<f64, AtomicU64>;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Named {
    name: String,
}

/// The page.
///
/// # Errors
/// None in practice: writing to a string fails only if a metric says so, and ours are numbers.
pub fn page(shared: &Shared, denied: &Tally<Denial>) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix(PREFIX);
    told(&mut registry, &shared.reports.standing());
    let (writes, failures) = shared.ledger.counted();
    counter(&mut registry, "ledger_writes", "Changes of the ledger that are on the disk", writes);
    counter(&mut registry, "ledger_failures", "Changes of the ledger that could not be written", failures);
    let ahead = shared.ledger.counted_ahead();
    counter(&mut registry, "ledger_ahead", "Hand-overs of guests that were written ahead", ahead);
    counters(&mut registry, "denials", "Requests that were refused, by the refusal's name", denied.all());
    counters(&mut registry, "vmms_ended", "VMMs that ended, by what ended them", shared.ended.all());
    room(&mut registry, shared.room.total(), shared.room.taken());
    let going = shared.is_shutting_down();
    gauge(&mut registry, "shutting_down", "Whether the host is being shut down", i64::from(going));
    let mut page = String::new();
    encode(&mut page, &registry)?;
    Ok(page)
}

fn told(registry: &mut Registry, standing: &Standing) {
    let vmms = Family::<Named, Gauge>::default();
    registry.register("vmms", "VMMs of the ledger, by state", vmms.clone());
    for (state, count) in &standing.vmms {
        vmms.get_or_create(&Named { name: state.to_string() }).set(number(*count));
    }
    gauge(registry, "vmms_unresponsive", "VMMs that don't answer", number(standing.unresponsive));
    gauge(
        registry,
        "vmms_stuck",
        "VMMs that don't end although everything was tried",
        number(standing.stuck),
    );
    gauge(registry, "outbox", "VMMs with news that no nexus has taken yet", number(standing.unacknowledged));
    gauge(
        registry,
        "quarantined",
        "What is on this host and nobody answers for",
        number(standing.quarantined),
    );
    let missing = standing.recovered.total.saturating_sub(standing.recovered.done);
    gauge(registry, "unrecovered", "What this agent has still to look at since it began", i64::from(missing));
    counters(registry, "reports", "Reports sent, by what became of them", standing.sent.clone());
    if let Some(age) = standing.last_taken {
        let seconds = Seconds::default();
        seconds.set(age.as_secs_f64());
        registry.register("report_last_taken_seconds", "Time since a nexus last took a report", seconds);
    }
}

fn room(registry: &mut Registry, total: Size, taken: Size) {
    let free = |total: u32, taken: u32| i64::from(total.saturating_sub(taken));
    gauge(registry, "cpus", "Virtual CPUs that guests may have", i64::from(total.cpus));
    gauge(registry, "cpus_free", "Virtual CPUs that nobody has", free(total.cpus, taken.cpus));
    gauge(registry, "memory_mib", "MiB of memory that guests may have", i64::from(total.memory_mib));
    let memory_mib = free(total.memory_mib, taken.memory_mib);
    gauge(registry, "memory_mib_free", "MiB of memory that nobody has", memory_mib);
}

fn gauge(registry: &mut Registry, name: &str, help: &str, value: i64) {
    let gauge = Gauge::<i64>::default();
    gauge.set(value);
    registry.register(name, help, gauge);
}

fn counter(registry: &mut Registry, name: &str, help: &str, count: u64) {
    let counter = Counter::<u64>::default();
    counter.inc_by(count);
    registry.register(name, help, counter);
}

/// A counter for each name.
fn counters<K: fmt::Display>(registry: &mut Registry, name: &str, help: &str, counted: BTreeMap<K, u64>) {
    let family = Family::<Named, Counter>::default();
    registry.register(name, help, family.clone());
    for (name, count) in counted {
        family.get_or_create(&Named { name: name.to_string() }).inc_by(count);
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
