//! A host is shut down while nexus and database are dead, and comes back.

use anyhow::{Context, Result, ensure};
use berth_common::ids::VmmUuid;
use berth_common::instance::ShownState;
use berth_nexus_api::instance::Instance;
use berth_nexus_api::operation::Operation;
use berth_tests::{Api, BootImage, Database, Play, Shape, play, until};
use nix::sys::signal::{Signal, kill};
use serde_json::json;
use std::process::Output;
use std::time::{Duration, Instant};

/// An emulated guest's way to its last line, with others beside it.
const BOOT_LIMIT: Duration = Duration::from_secs(120);
const SOON: Duration = Duration::from_secs(60);

/// Nexus and database are gone, as if their host had lost its power.
fn lose_the_control_plane(play: &mut Play) -> Result<()> {
    for nexus in &mut play.cluster.nexus {
        nexus.kill_hard()?;
    }
    play.cluster.postgres().context("the cluster has a server of its own")?.kill_hard()
}

fn control_plane_is_back(play: &mut Play) -> Result<()> {
    play.cluster.postgres().context("the cluster has a server of its own")?.come_up()?;
    for nexus in &mut play.cluster.nexus {
        nexus.start()?;
    }
    until("nexus opens its door", SOON, || {
        Ok(play.api.get::<serde_json::Value>("/v1/system/nexus").is_ok().then_some(()))
    })?;
    play.records = play.more_records()?;
    Ok(())
}

/// What `sled-agent shutdown` said: its exit status, and everything it printed.
pub(super) fn shut_down(play: &Play, sled: usize, deadline_s: u64) -> Result<(i32, String)> {
    said(&play.cluster.sleds[sled].shutdown_command(deadline_s).output()?)
}

fn said(output: &Output) -> Result<(i32, String)> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let status = output.status.code().with_context(|| format!("it died: {output:?}"))?;
    ensure!(status < 2, "it could not be carried out: {}", String::from_utf8_lossy(&output.stderr));
    Ok((status, text))
}

/// How a VMM went, by the table.
pub(super) fn how(text: &str, vmm: VmmUuid) -> Result<String> {
    let rows = text.lines().skip_while(|line| !line.starts_with("NAME "));
    let row = rows.filter(|row| row.ends_with(&vmm.to_string())).last();
    let words: Vec<&str> =
        row.with_context(|| format!("{vmm} has no row: {text}"))?.split_whitespace().collect();
    Ok(words.get(2..words.len().saturating_sub(2)).unwrap_or_default().join(" "))
}

/// No guest was asked before all of higher priority had gone.
fn in_order(text: &str) -> Result<()> {
    let step = |line: &str| {
        let (_, rest) = line.split_once(" (priority ")?;
        Some((rest.split(',').next()?.parse::<u32>().ok()?, rest.ends_with("is being stopped")))
    };
    let steps: Vec<(u32, bool)> = text.lines().filter_map(step).collect();
    for (n, (priority, asked)) in steps.iter().enumerate() {
        let too_soon = *asked && steps[n..].iter().any(|(later, _)| later > priority);
        ensure!(!too_soon, "one of priority {priority} was asked too soon: {text}");
    }
    Ok(())
}

fn vmm_of(instance: &Instance) -> Result<VmmUuid> {
    Ok(instance.vmm.as_ref().with_context(|| format!("{instance:?} has no VMM"))?.id)
}

/// It runs, as another VMM than before.
fn runs_again(api: &Api, name: &str, before: VmmUuid) -> Result<()> {
    until(&format!("{name} runs again"), SOON, || {
        let now = api.instance(name)?;
        let again = now.state == ShownState::Running && vmm_of(&now)? != before;
        Ok(again.then_some(()))
    })
    .with_context(|| format!("{:?}", api.instance(name)))
}

/// A guest that was asked to run; [`all_up`] waits until it has booted. What obeys has time for it on a slow host.
fn guest(api: &Api, name: &str, priority: u32, image: BootImage) -> Result<VmmUuid> {
    let grace_s = if image == BootImage::Obeys { 60 } else { 3 };
    let more = json!({"stop_priority": priority, "stop_grace_s": grace_s});
    vmm_of(&api.instance_running(name, image.name(), &more)?)
}

fn all_up(api: &Api, names: &[&str]) -> Result<()> {
    names.iter().try_for_each(|name| api.printed(name, "berth-guest: ready", BOOT_LIMIT).map(drop))
}

/// Spoils the ledger entry of a VMM whose agent is dead.
fn spoil_entry(play: &Play, vmm: VmmUuid) -> Result<()> {
    let ledger = play.cluster.sleds[0].state_directory().join("ledger");
    let mut entries = ledger.read_dir_utf8()?.collect::<std::io::Result<Vec<_>>>()?;
    entries.retain(|entry| entry.file_name().starts_with(&vmm.to_string()));
    ensure!(entries.len() == 1, "one entry: {entries:?}");
    std::fs::write(entries[0].path(), b"spoiled")?;
    Ok(())
}

#[test]
fn acceptance_32_three_priorities_of_real_guests_end_in_order_while_nexus_and_database_are_dead() -> Result<()>
{
    play(&Shape { database: Database::Own, ..Shape::real() }, |play| {
        play.image(BootImage::Obeys)?;
        play.image(BootImage::Ignores)?;
        let mut guests = Vec::new();
        for (name, priority, image, grace_s) in [
            ("first-1", 20, BootImage::Obeys, 60),
            ("first-2", 20, BootImage::Obeys, 60),
            ("deaf", 20, BootImage::Ignores, 3),
            ("second-1", 10, BootImage::Obeys, 60),
            ("second-2", 10, BootImage::Obeys, 60),
            ("frozen", 10, BootImage::Obeys, 3),
            ("last-1", 0, BootImage::Obeys, 60),
            ("last-2", 0, BootImage::Obeys, 60),
            ("spoiled", 0, BootImage::Obeys, 3),
        ] {
            let more = json!({"stop_priority": priority, "stop_grace_s": grace_s});
            let before = play.cluster.sleds[0].guests()?;
            let made = play.api.instance_running(name, image.name(), &more)?;
            let new = play.cluster.sleds[0].guests()?.into_iter().find(|guest| !before.contains(guest));
            guests.push((name, vmm_of(&made)?, new.context("a process")?.0));
        }
        all_up(&play.api, &guests.iter().map(|(name, ..)| *name).collect::<Vec<_>>())?;
        kill(guests[5].2, Signal::SIGSTOP)?;
        lose_the_control_plane(play)?;
        play.cluster.sleds[0].kill_hard()?;
        spoil_entry(play, guests[8].1)?;
        let begun = Instant::now();
        let (status, text) = shut_down(play, 0, 150)?;
        let took = begun.elapsed();
        eprintln!("it took {took:?}:\n{text}");
        ensure!(took < Duration::from_secs(150), "it took {took:?}: {text}");
        in_order(&text)?;
        ensure!(status == 1, "three had to be forced: {text}");
        for (name, vmm, pid) in &guests {
            let expected =
                if ["deaf", "frozen", "spoiled"].contains(name) { "FORCED" } else { "ended by itself" };
            let how = how(&text, *vmm)?;
            ensure!(how == expected, "{name}: {how}: {text}");
            ensure!(kill(*pid, None).is_err(), "{name} still has a process");
        }
        ensure!(play.cluster.sleds[0].guests()?.is_empty(), "a guest is left");
        control_plane_is_back(play)?;
        play.cluster.sleds[0].start()?;
        for (name, vmm, _) in &guests {
            runs_again(&play.api, name, *vmm)?;
        }
        play.comes_to_rest(SOON)
    })
}

#[test]
fn acceptance_33_when_the_host_is_back_what_ran_runs_and_what_was_stopped_does_not() -> Result<()> {
    play(&Shape { database: Database::Own, ..Shape::real() }, |play| {
        play.image(BootImage::Obeys)?;
        play.image(BootImage::Ignores)?;
        let stopped = guest(&play.api, "stopped", 0, BootImage::Obeys)?;
        let web = guest(&play.api, "web", 5, BootImage::Obeys)?;
        let deaf = guest(&play.api, "deaf", 0, BootImage::Ignores)?;
        all_up(&play.api, &["stopped", "web", "deaf"])?;
        let stop: Operation = play.api.instance_stop("stopped", json!({}))?.into()?;
        play.api.succeeded(&stop, SOON)?;
        play.api.instance_made("never", "obeys", &json!({}))?;
        lose_the_control_plane(play)?;
        // Without an agent, too: it is what a host that falls apart looks like.
        play.cluster.sleds[0].kill_hard()?;
        let (status, text) = shut_down(play, 0, 100)?;
        ensure!(status == 1 && how(&text, deaf)? == "FORCED", "{text}");
        ensure!(how(&text, web)? == "ended by itself", "{text}");
        ensure!(!text.contains(&stopped.to_string()), "what was stopped has no part in it: {text}");
        ensure!(play.cluster.sleds[0].guests()?.is_empty(), "a guest is left");
        control_plane_is_back(play)?;
        play.cluster.sleds[0].start()?;
        runs_again(&play.api, "web", web)?;
        runs_again(&play.api, "deaf", deaf)?;
        all_up(&play.api, &["web", "deaf"])?;
        play.comes_to_rest(SOON)?;
        for name in ["stopped", "never"] {
            play.api.shown(name, ShownState::Stopped, SOON)?;
        }
        ensure!(play.cluster.sleds[0].guests()?.len() == 2, "one process for each of the two that run");
        let ends = "SELECT count(*) = 2 FROM vmm WHERE ended_by = 'host_shutdown'";
        ensure!(play.records.one::<bool>(ends, &[])?, "the two that ran ended with their host");
        Ok(())
    })
}

#[test]
fn acceptance_34_another_sleds_instances_are_untouched() -> Result<()> {
    play(&Shape { database: Database::Own, sleds: 2, ..Shape::real() }, |play| {
        play.image(BootImage::Obeys)?;
        let names = ["web-0", "web-1", "web-2", "web-3"];
        for (priority, name) in (0..).zip(names) {
            guest(&play.api, name, priority, BootImage::Obeys)?;
        }
        all_up(&play.api, &names)?;
        let on = "SELECT i.name FROM instance i JOIN vmm v ON v.id = i.active_vmm_id JOIN sled s ON s.id = v.sled_id
                  WHERE s.name = $1 ORDER BY 1";
        let theirs: Vec<String> = play.records.all(on, &[&"sled-2"])?;
        ensure!(!theirs.is_empty() && theirs.len() < names.len(), "both sleds have some: {theirs:?}");
        let before =
            theirs.iter().map(|name| vmm_of(&play.api.instance(name)?)).collect::<Result<Vec<_>>>()?;
        let processes = play.cluster.sleds[1].guests()?;
        lose_the_control_plane(play)?;
        let (status, text) = shut_down(play, 0, 100)?;
        ensure!(status == 0, "{text}");
        for vmm in &before {
            ensure!(!text.contains(&vmm.to_string()), "{vmm} is another host's: {text}");
        }
        ensure!(play.cluster.sleds[0].guests()?.is_empty(), "a guest is left");
        control_plane_is_back(play)?;
        play.cluster.sleds[0].stop()?;
        play.cluster.sleds[0].start()?;
        play.comes_to_rest(SOON)?;
        for name in names {
            play.api.shown(name, ShownState::Running, SOON)?;
        }
        for (name, vmm) in theirs.iter().zip(&before) {
            let now = play.api.instance(name)?;
            ensure!(vmm_of(&now)? == *vmm, "{name} was touched: {now:?}");
        }
        let now = play.cluster.sleds[1].guests()?;
        ensure!(processes.iter().all(|guest| now.contains(guest)), "{now:?} after {processes:?}");
        play.comes_to_rest(SOON)
    })
}

#[test]
fn acceptance_35_two_instances_of_one_name_are_told_apart() -> Result<()> {
    play(&Shape { database: Database::Own, ..Shape::real() }, |play| {
        play.image(BootImage::Obeys)?;
        let made = play.api.post("/v1/projects", json!({"name": "other"}))?;
        ensure!(made.status.is_success(), "{}", made.text);
        let other = play.api.in_project("other");
        let (kernel, initrd) = BootImage::Ignores.files()?;
        other.kernel_image(BootImage::Ignores.name(), kernel, initrd)?;
        let gentle = guest(&play.api, "web", 1, BootImage::Obeys)?;
        let deaf = guest(&other, "web", 1, BootImage::Ignores)?;
        all_up(&play.api, &["web"])?;
        all_up(&other, &["web"])?;
        lose_the_control_plane(play)?;
        let (_, text) = shut_down(play, 0, 100)?;
        ensure!(how(&text, gentle)? == "ended by itself", "{text}");
        ensure!(how(&text, deaf)? == "FORCED", "{text}");
        control_plane_is_back(play)?;
        play.cluster.sleds[0].stop()?;
        play.cluster.sleds[0].start()?;
        runs_again(&play.api, "web", gentle)?;
        runs_again(&other, "web", deaf)?;
        play.comes_to_rest(SOON)
    })
}

#[test]
fn acceptance_36_a_second_call_joins_the_first() -> Result<()> {
    play(&Shape::real(), |play| {
        play.image(BootImage::Obeys)?;
        let words = "console=ttyS0 quiet berth.button=slow berth.slow=4";
        let more = json!({"stop_grace_s": 60, "command_line": words});
        let slow = vmm_of(&play.api.instance_running("slow", "obeys", &more)?)?;
        all_up(&play.api, &["slow"])?;
        let command = || play.cluster.sleds[0].shutdown_command(120);
        let spawn =
            || command().stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn();
        let (first, second) = (spawn()?, spawn()?);
        let (first, second) = (said(&first.wait_with_output()?)?, said(&second.wait_with_output()?)?);
        let table = |text: &str| text.split_once("NAME ").map(|(_, table)| table.to_owned());
        ensure!(table(&first.1) == table(&second.1) && first.0 == second.0, "{first:?} {second:?}");
        ensure!((first.0, how(&first.1, slow)?.as_str()) == (0, "ended by itself"), "{first:?}");
        ensure!(play.cluster.sleds[0].guests()?.is_empty(), "a guest is left");
        until("nexus shows that the host went on purpose", SOON, || {
            // A busy nexus may not answer in time.
            let Ok(shown) = play.cluster.berth().json(&["sled", "list"]) else { return Ok(None) };
            Ok((shown[0]["liveness"] == "planned_down").then_some(()))
        })?;
        play.cluster.sleds[0].stop()?;
        play.cluster.sleds[0].start()?;
        runs_again(&play.api, "slow", slow)?;
        play.comes_to_rest(SOON)
    })
}

#[test]
fn acceptance_37_a_corrupt_entry_costs_only_its_own_guest_its_grace() -> Result<()> {
    play(&Shape { database: Database::Own, ..Shape::real() }, |play| {
        play.image(BootImage::Obeys)?;
        let spoiled = guest(&play.api, "spoiled", 9, BootImage::Obeys)?;
        let whole = guest(&play.api, "whole", 5, BootImage::Obeys)?;
        all_up(&play.api, &["spoiled", "whole"])?;
        lose_the_control_plane(play)?;
        play.cluster.sleds[0].kill_hard()?;
        spoil_entry(play, spoiled)?;
        let (status, text) = shut_down(play, 0, 100)?;
        ensure!(status == 1 && how(&text, spoiled)? == "FORCED", "{text}");
        ensure!(how(&text, whole)? == "ended by itself", "{text}");
        control_plane_is_back(play)?;
        play.cluster.sleds[0].start()?;
        runs_again(&play.api, "spoiled", spoiled)?;
        runs_again(&play.api, "whole", whole)?;
        play.comes_to_rest(SOON)
    })
}
