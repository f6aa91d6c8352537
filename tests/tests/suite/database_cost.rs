//! What deeds cost in transactions. Counts don't depend on the machine, so they are asserted.

use anyhow::{Result, ensure};
use berth_common::ids::GenericUuid;
use berth_common::vmm::VmmState;
use berth_nexus_api::operation::Operation;
use berth_tests::{BootImage, Counts, Play, QUIET, Shape, SledVoice, play};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

const SOON: Duration = Duration::from_secs(60);

/// All that a start may cost, its saga's commits and its sled's reports included.
const START_TRANSACTIONS_MAX: u64 = 25;

/// Looks that are repeated until there is something to see: a start needs one of each, and has the more of them the
/// longer it takes.
const LOOKS: [&str; 3] = ["updater.look", "instance_start.reserve", "instance_start.finish"];

/// What a sled has to say of a start: it is registered, launched, and runs. Further reports come by the clock, the more
/// of them the longer the start takes.
const START_REPORTS: u64 = 3;

fn quiet(nexus: u16, sleds: u16) -> Shape {
    Shape { nexus_settings: QUIET.to_owned(), ..Shape::simulated(nexus, sleds) }
}

/// Waits by the records, so that waiting costs nexus nothing.
fn succeeded(play: &mut Play, operation: Uuid) -> Result<()> {
    play.records.until(
        "the operation succeeds",
        SOON,
        "SELECT state = 'succeeded' FROM operation WHERE id = $1",
        &[&operation],
    )
}

fn cost_of_a_start(play: &mut Play, name: &str) -> Result<Counts> {
    play.api.instance_made(name, "small", &json!({}))?;
    play.counted(|play| {
        let start: Operation = play.api.instance_start(name)?.into()?;
        succeeded(play, start.id.into_untyped_uuid())
    })
}

#[test]
fn a_start_costs_few_transactions_in_all() -> Result<()> {
    play(&quiet(2, 1), |play| {
        play.image(BootImage::Small)?;
        // The first one also makes connections and prepares statements.
        cost_of_a_start(play, "first")?;
        let own = cost_of_a_start(play, "second")?.own();
        let more_than = |name: &str, needed: u64| own.of(name).transactions.saturating_sub(needed);
        let looks: u64 = LOOKS.iter().map(|look| more_than(look, 1)).sum();
        let spent = own.total().transactions - more_than("report.store", START_REPORTS) - looks;
        ensure!(spent <= START_TRANSACTIONS_MAX, "a start costs {spent} transactions: {own:#?}");
        ensure!(own.of("instance_start.accept").transactions == 1, "what is counted isn't a start: {own:#?}");
        ensure!(
            own.of("saga_store.commit").transactions > 0,
            "the saga's own commits aren't counted: {own:#?}"
        );
        play.api.instance_gone("first")?;
        play.api.instance_gone("second")
    })
}

#[test]
fn a_report_that_changes_nothing_costs_one_transaction_for_all_vmms_of_the_sled() -> Result<()> {
    const VMMS: usize = 3;
    const REPORTS: u64 = 5;
    play(&quiet(1, 1), |play| {
        play.image(BootImage::Small)?;
        let mut known = Vec::new();
        for number in 0..VMMS {
            let made = play.api.instance_running(&format!("web-{number}"), "small", &json!({}))?;
            known.push(made.id.into_untyped_uuid());
        }
        play.comes_to_rest(SOON)?;
        play.cluster.sleds[0].process()?.freeze()?;
        let known = known
            .into_iter()
            .map(|instance| SledVoice::known(&mut play.records, instance))
            .collect::<Result<Vec<_>>>()?;
        let mut voice = play.voice(0)?;
        let counted = play.counted(|_| {
            for _ in 0..REPORTS {
                let vmms = known.iter().map(|vmm| SledVoice::of_vmm(*vmm, 0, VmmState::Running, None));
                let report = voice.report(vmms.collect())?;
                voice.say(0, &report)?;
            }
            Ok(())
        })?;
        play.cluster.sleds[0].process()?.thaw()?;
        let own = counted.own();
        ensure!(own.total().transactions == REPORTS, "{REPORTS} reports cost: {own:#?}");
        ensure!(own.of("report.store").transactions == REPORTS, "{own:#?}");
        (0..VMMS).try_for_each(|number| play.api.instance_gone(&format!("web-{number}")))
    })
}
