//! `berth instance explain`: why an instance is as it is, in a page of text.

use std::fmt::Write as _;
use std::time::Duration;

use berth_common::instance::Rest;
use berth_common::migration::MigrationPhase;
use berth_common::span;
use chrono::{DateTime, Utc};

use crate::amount;
use crate::cell::{Names, printable, since};
use crate::failure::Failure;
use crate::generated::Client as Nexus;
use crate::generated::types::{Instance, InstanceExplanation, Migration};
use crate::nouns::event;
use crate::output::print;
use crate::pages::Given;
use crate::session::Session;

/// Asks and prints.
pub async fn run(session: &Session, instance: &str) -> Result<(), Failure> {
    let project = session.project_of(instance)?;
    let ask = async |nexus: &Nexus| {
        let ask = nexus.instance_explain().instance(instance);
        ask.given(project.clone(), |ask, project| ask.project(project)).send().await
    };
    let why = session.client.look(ask).await?;
    if !session.output.is_for_people() {
        return session.output.record(&why, &[], &Names::new());
    }
    print(&text(&why))
}

fn text(why: &InstanceExplanation) -> String {
    let mut text = format!("{}\n\n", printable(&why.summary));
    for (what, whole) in lines(why) {
        for (number, line) in whole.lines().enumerate() {
            let label = if number == 0 { what } else { "" };
            let _infallible = writeln!(text, "{label:<10} {}", printable(line));
        }
    }
    if !why.recent.is_empty() {
        text.push_str("\nlately:\n");
    }
    for event in &why.recent {
        let _infallible = writeln!(text, "  {}", event::line(event));
    }
    text
}

fn lines(why: &InstanceExplanation) -> Vec<(&'static str, String)> {
    let instance = &why.instance;
    let mut lines = vec![("intent", instance.intent.to_string()), ("state", state(instance))];
    if instance.rest != Rest::None {
        lines.push(("rest", instance.rest.to_string()));
    }
    lines.push(("restart", restart(instance)));
    if let Some(vmm) = &instance.vmm {
        let detail = vmm.detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default();
        let silent = if vmm.unresponsive { ", its monitor doesn't answer" } else { "" };
        let stuck = if vmm.stuck { ", its process can't be ended" } else { "" };
        lines.push(("vmm", format!("{} {}{silent}{stuck}{detail}", vmm.id, vmm.state)));
    }
    if let Some(end) = &instance.last_end {
        let detail = end.detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default();
        lines.push(("last end", format!("{}{detail} ({})", end.ended_by, since(end.ended_at))));
    }
    if let Some(operation) = &instance.operation {
        let phase = Some(&operation.progress.phase).filter(|phase| !phase.is_empty());
        let phase = phase.map(|phase| format!(", {phase}")).unwrap_or_default();
        let line =
            format!("{} {}{phase} (berth operation wait {})", operation.kind, operation.state, operation.id);
        lines.push(("operation", line));
    }
    for waiting in &why.waiting {
        lines.push(("waits for", format!("{}, since {}", waiting.what, since(waiting.since))));
    }
    if let Some(lock) = &why.lock {
        lines.push((
            "locked by",
            format!("saga {} of nexus {}, {}", lock.saga_id, lock.nexus_id, since(lock.since)),
        ));
    }
    if let Some(migration) = &why.migration {
        lines.push(("migration", migration_lines(migration)));
    }
    if let Some(next) = &why.follow_up {
        lines.push(("follow-up", next.clone()));
    }
    if let Some(placement) = &why.placement {
        lines.push(("placement", format!("{}:\n{}", since(placement.at), placement.message)));
    }
    lines
}

fn restart(instance: &Instance) -> String {
    let crashes = match instance.crashes {
        0 => String::new(),
        crashes => format!(", {crashes} crashes count"),
    };
    let next = instance.restart_at.map(|at| format!(", next start {}", due(at)));
    format!("{}{crashes}{}", instance.restart_policy, next.unwrap_or_default())
}

/// When something is to happen, as seen from now.
fn due(at: DateTime<Utc>) -> String {
    match (at - Utc::now()).to_std() {
        Ok(left) => format!("in {}", span::shown(left)),
        Err(_) => "is due".to_string(),
    }
}

fn migration_lines(migration: &Migration) -> String {
    let phase = |phase: Option<MigrationPhase>| phase.map(|phase| format!(" ({phase})")).unwrap_or_default();
    let time = |ms: u64| span::shown(Duration::from_millis(ms));
    let mut text = format!("{} to {}: ", migration.from, migration.to);
    match (migration.outcome, migration.left_ms) {
        (Some(outcome), _) => text.push_str(outcome.as_str()),
        (None, left) => {
            let left = left.map(|ms| format!(", given up in {}", time(ms))).unwrap_or_default();
            let _infallible = write!(text, "going on{left}");
        }
    }
    let (source, target) = (phase(migration.source_phase), phase(migration.target_phase));
    let _infallible =
        write!(text, "\nsource {}{source}, target {}{target}", migration.source, migration.target);
    let _infallible = write!(
        text,
        "\n{} sent, {} of {} left, {}/s dirtied, slowed down by {} %, {}",
        amount::shown(migration.sent_bytes),
        amount::shown(migration.remaining_bytes),
        amount::shown(migration.total_bytes),
        amount::shown(migration.dirty_bytes_per_s),
        migration.throttle_percent,
        time(migration.elapsed_ms),
    );
    if let Some(ms) = migration.downtime_ms {
        let _infallible = write!(text, ", paused for {}", time(ms));
    }
    for words in [&migration.given_up, &migration.detail].into_iter().flatten() {
        let _infallible = write!(text, "\n{words}");
    }
    text
}

fn state(instance: &Instance) -> String {
    let place = instance.sled.as_ref().map(|sled| format!(" on {}", sled.name)).unwrap_or_default();
    let age =
        instance.state_age_ms.map(|ms| format!(", seen {} ago", span::shown(Duration::from_millis(ms))));
    format!("{}{place}{}", instance.state, age.unwrap_or_default())
}
