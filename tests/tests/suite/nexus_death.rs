//! A nexus killed −9 at each node of each saga: after its restart, or by another nexus, everything finishes.

use crate::saga_deeds::{Deed, deeds};
use crate::saga_hold::{Hold, LastWords, Place, Standing, places};
use anyhow::{Context, Result, ensure};
use berth_tests::{BootImage, Play, Shape, play, until};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(60);

/// From a nexus' death until another has finished its work.
const TAKEN_OVER_WITHIN: Duration = Duration::from_secs(10);

/// Lets the saga begin and kills its owner at the place; who that was, and when.
fn killed(
    play: &mut Play,
    hold: &mut Hold,
    deed: &Deed,
    place: &Place,
    words: LastWords,
) -> Result<(Standing, Instant)> {
    (deed.prepare)(play).context("preparing")?;
    play.comes_to_rest(SOON)?;
    hold.begin(place)?;
    (deed.ask)(play).context("asking")?;
    let standing = hold.stands(place)?;
    let killed = Instant::now();
    play.cluster.nexus[standing.nexus].kill_hard()?;
    hold.end(&standing, words)?;
    Ok((standing, killed))
}

/// Starts it again and waits until it serves.
fn restarted(play: &mut Play, nexus: usize) -> Result<()> {
    play.cluster.nexus[nexus].start()?;
    let door = play.api.at(nexus);
    until("its door opens", SOON, || Ok(door.get::<serde_json::Value>("/v1/whoami").ok().map(drop)))
}

/// One cluster, whose nexus are killed at each of these places in turn; `goes_on` is told who was, and when.
fn at_each_place(
    nexus: u16,
    these: impl Fn(&Place) -> bool,
    words: LastWords,
    goes_on: impl Fn(&mut Play, &mut Hold, &Standing, Instant) -> Result<()>,
) -> Result<()> {
    play(&Shape::simulated(nexus, 1), |play| {
        play.image(BootImage::Small)?;
        let mut hold = Hold::new(play)?;
        let deeds = deeds();
        for place in places()?.iter().filter(|place| these(place)) {
            let deed = deeds.get(place.saga.as_str());
            let deed =
                deed.with_context(|| format!("no deed begins {}; give it one in saga_deeds.rs", place.saga))?;
            let story = |play: &mut Play, hold: &mut Hold| {
                let (standing, killed) = killed(play, hold, deed, place, words)?;
                goes_on(play, hold, &standing, killed)?;
                (deed.done)(play).context("looking at what came of it")?;
                play.comes_to_rest(SOON)?;
                restarted(play, standing.nexus)?;
                play.check()
            };
            story(play, &mut hold)
                .with_context(|| format!("nexus killed in {place}, last words {words:?}"))?;
        }
        play.records.expect_empty(&["instance", "nic", "vmm", "reservation", "disk", "quota_use"])
    })
}

fn at_each_node_and_restarted(words: LastWords) -> Result<()> {
    at_each_place(
        1,
        |_| true,
        words,
        |play, _, standing, _| {
            restarted(play, standing.nexus)?;
            play.comes_to_rest(SOON)
        },
    )
}

#[test]
fn matrix_nexus_killed_at_each_node_of_each_saga_finishes_after_its_restart_its_last_words_lost() -> Result<()>
{
    at_each_node_and_restarted(LastWords::Lost)
}

#[test]
fn matrix_nexus_killed_at_each_node_of_each_saga_finishes_after_its_restart_its_last_words_heard()
-> Result<()> {
    at_each_node_and_restarted(LastWords::Heard)
}

#[test]
fn acceptance_17_nexus_killed_at_each_node_of_a_start_and_an_update_is_replaced_by_another_within_10_s()
-> Result<()> {
    let these = |place: &Place| ["instance_start", "instance_update"].contains(&place.saga.as_str());
    at_each_place(2, these, LastWords::Lost, |play, hold, standing, killed| {
        play.comes_to_rest(TAKEN_OVER_WITHIN.saturating_sub(killed.elapsed()))?;
        // What was held can't have been finished by who was killed.
        let owner = hold.owner(&standing.saga)?;
        ensure!(!standing.held || owner != standing.owner, "its saga is still {owner}'s");
        Ok(())
    })
}
