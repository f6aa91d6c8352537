//! The database away in every way there is, under load: killed and restarted, cut off in the middle of a question or of
//! its answer, silent, and away from one nexus only.
//!
//! Whoever asks is answered or told to come back; nothing that was accepted is lost or done twice; sagas go on.

use anyhow::{Context, Result, bail, ensure};
use berth_tests::{
    BootImage, Database, DatabaseProxy, Fault, Load, Play, PrivateServer, Shape, all_kept, play, until,
};
use serde_json::json;
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(60);

/// For so many lives on a machine that does other things, too.
const LIVES_LIMIT: Duration = Duration::from_secs(120);
const USERS: usize = 4;

/// Longer than a silent nexus is waited for before it is declared dead.
const LONG: Duration = Duration::from_secs(8);

/// What a deleted instance leaves behind: nothing.
const EMPTY_IN_THE_END: [&str; 6] =
    ["instance", "vmm", "reservation", "quota_use", "stop_delivery", "end_delivery"];

/// Users lead lives while the story goes on; in the end all that they were promised is there, and nothing else.
fn under_load(play: &mut Play, story: impl FnOnce(&mut Play, &Load) -> Result<()>) -> Result<()> {
    let (load, api) = (Load::default(), play.api.clone());
    load.during(&api, USERS, |load| {
        load.goes_on(USERS as u64, LIVES_LIMIT).context("before anything happens")?;
        story(play, load)
    })?;
    play.records = play.more_records()?;
    play.comes_to_rest(SOON)?;
    let accepted = load.accepted();
    println!(
        "load: {} lives, {} requests accepted, {} unavailable",
        load.lives(),
        accepted.len(),
        load.unavailable()
    );
    all_kept(&play.api, &accepted)?;
    play.records.expect_empty(&EMPTY_IN_THE_END)?;
    play.records.expect_nothing_twice()
}

/// Who is active, and since when.
fn active(play: &mut Play) -> Result<Vec<String>> {
    play.records.all("SELECT format('%s %s', id, epoch) FROM nexus WHERE state = 'active' ORDER BY 1", &[])
}

/// Waits until somebody gets through again, and fails if the outage that is over then made one of these dead. Later it
/// could be the machine that kept one silent for too long.
fn nobody_died(play: &mut Play, load: &Load, before: &[String]) -> Result<()> {
    let accepted = load.accepted().len();
    until("somebody gets through", SOON, || Ok((load.accepted().len() > accepted).then_some(())))?;
    let after = active(play)?;
    let lives = |nexus: &String| after.contains(nexus);
    ensure!(
        before.iter().all(lives),
        "an outage of the database made a nexus dead: {after:?} are active, {before:?} were"
    );
    Ok(())
}

fn postgres(play: &mut Play) -> Result<&mut PrivateServer> {
    match play.cluster.postgres() {
        Some(postgres) => Ok(postgres),
        None => bail!("the cluster has a server of its own"),
    }
}

#[test]
fn a_database_killed_and_restarted_under_load_loses_nothing() -> Result<()> {
    play(&Shape { database: Database::Own, ..Shape::simulated(2, 2) }, |play| {
        play.image(BootImage::Small)?;
        under_load(play, |play, load| {
            for _ in 0..3 {
                let (before, refused) = (active(play)?, load.unavailable());
                postgres(play)?.kill_hard()?;
                until("somebody is told to come back", SOON, || {
                    Ok((load.unavailable() > refused).then_some(()))
                })?;
                postgres(play)?.come_up()?;
                play.records = play.more_records()?;
                nobody_died(play, load, &before)?;
                load.goes_on(USERS as u64, LIVES_LIMIT)?;
            }
            Ok(())
        })
    })
}

#[test]
fn connections_cut_before_and_after_the_database_heard_lose_nothing_and_do_nothing_twice() -> Result<()> {
    play(&Shape::simulated(2, 2), |play| {
        play.image(BootImage::Small)?;
        let proxy = DatabaseProxy::before(play, &[0, 1])?;
        under_load(play, |_, load| {
            // Rarer and rarer, so that somebody gets through.
            for one_in in [30, 100, 300] {
                proxy.set(Fault::Cuts(one_in));
                load.goes_on(2 * USERS as u64, LIVES_LIMIT)?;
            }
            proxy.set(Fault::Nothing);
            load.goes_on(USERS as u64, LIVES_LIMIT)
        })?;
        let (questions, answers) = proxy.cut();
        println!("cut: {questions} questions, {answers} answers");
        ensure!(questions > 10 && answers > 10, "hardly anything was cut: {questions} and {answers}");
        Ok(())
    })
}

#[test]
fn a_wire_that_is_cut_or_silent_for_long_makes_no_nexus_dead() -> Result<()> {
    play(&Shape::simulated(2, 1), |play| {
        play.image(BootImage::Small)?;
        let proxy = DatabaseProxy::before(play, &[0, 1])?;
        under_load(play, |play, load| {
            for fault in [Fault::Away, Fault::Silent] {
                let before = active(play)?;
                let (since, refused) = (Instant::now(), load.unavailable());
                proxy.set(fault);
                until("the outage is long", LONG * 2, || Ok((since.elapsed() >= LONG).then_some(())))?;
                until("somebody is told to come back", SOON, || {
                    Ok((load.unavailable() > refused).then_some(()))
                })?;
                proxy.set(Fault::Nothing);
                nobody_died(play, load, &before)?;
                load.goes_on(USERS as u64, LIVES_LIMIT)?;
            }
            Ok(())
        })
    })
}

#[test]
fn acceptance_20_a_nexus_cut_off_from_the_database_is_replaced_and_comes_back_as_another() -> Result<()> {
    play(&Shape::simulated(2, 2), |play| {
        play.image(BootImage::Small)?;
        let proxy = DatabaseProxy::before(play, &[0])?;
        let was: String = play
            .records
            .one("SELECT id::text FROM nexus WHERE name = 'nexus-1' AND state = 'active'", &[])?;
        // Both take part in the work, the one that is to be cut off too.
        for n in 0..4 {
            play.api.instance_made(&format!("web-{n}"), "small", &json!({}))?;
        }
        let mut accepted = Vec::new();
        for n in 0..4 {
            accepted.push(play.api.at(0).instance_start(&format!("web-{n}"))?.into()?);
        }
        proxy.set(Fault::Away);
        let dead = "SELECT count(*) > 0 FROM nexus WHERE name = 'nexus-1' AND state = 'dead'";
        play.records.until("the other one declares it dead", SOON, dead, &[])?;
        play.comes_to_rest(SOON)?;
        all_kept(&play.api.at(1), &accepted)?;
        proxy.set(Fault::Nothing);
        play.comes_back(0, &was)?;
        let vmms: i64 = play.records.one("SELECT count(*) FROM vmm", &[])?;
        ensure!(vmms == 4, "four starts made {vmms} VMMs");
        (0..4).try_for_each(|n| play.api.instance_gone(&format!("web-{n}")))
    })
}
