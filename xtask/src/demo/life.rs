//! The scenes: a guest boots, says who it is, is stopped gracefully; another one ignores the button; both are deleted.

use super::traces;
use crate::steps::{Step, step};
use anyhow::{Context, Result, ensure};
use berth_launcher::{Berth, Cluster, until};
use camino::Utf8Path;
use serde_json::Value;
use std::time::{Duration, Instant};

/// The project everything is in.
pub const PROJECT: &str = "demo";

/// A guest's boot, on a machine that emulates it and has other things to do.
const BOOT_LIMIT: Duration = Duration::from_secs(90);
/// What is left of a console after its guest's end arrives with the sled's next report.
const CONSOLE_LIMIT: Duration = Duration::from_secs(10);
/// What the guest that ignores the button is left.
const GRACE: Duration = Duration::from_secs(3);

/// Tells all scenes. With the images it leaves a project one can go on with.
pub fn tell(cluster: &Cluster, guests: &Utf8Path) -> Result<()> {
    let life = Life { berth: cluster.berth().in_project(PROJECT) };
    life.prepare(guests)?;
    let mut ids = life.boots()?;
    life.stops_gracefully()?;
    ids.extend(life.ends_at_its_deadline()?);
    life.leaves_nothing(cluster, &ids)
}

struct Life {
    /// The command line in our project.
    berth: Berth,
}

impl Life {
    fn prepare(&self, guests: &Utf8Path) -> Result<()> {
        step("a project, two guest images and a disk", |step| {
            self.berth.json(&["project", "create", PROJECT])?;
            for name in ["obeys", "ignores"] {
                step.doing(&format!("uploading {name}"));
                let (kernel, initrd) = (guests.join("vmlinux"), guests.join(name).join("initrd"));
                let files = ["--kernel", kernel.as_str(), "--initrd", initrd.as_str()];
                self.berth.json(&[["image", "create", name].as_slice(), files.as_slice()].concat())?;
            }
            step.doing("making the disk");
            self.berth.json(&["disk", "create", "data", "--size", "16MiB"])?;
            Ok(())
        })
    }

    /// Returns the ids that must be nowhere in the end.
    fn boots(&self) -> Result<Vec<String>> {
        step("a guest boots", |step| {
            let begin = Instant::now();
            self.create("polite", "obeys", &["--disk", "data"])?;
            let line = self.printed(step, "polite", "berth-guest: up boot_id=")?;
            let seconds = begin.elapsed().as_secs_f32();
            step.say(&format!("│ {line}"));
            step.note(format!("{} {seconds:.1} s after it was asked for", self.place("polite")?));
            let line = self.printed(step, "polite", "berth-guest: witness wrote")?;
            step.say(&format!("│ {line}"));
            let disk = self.berth.json(&["disk", "view", "data"])?;
            Ok([self.ids("polite")?, vec![text(&disk, "id")?]].concat())
        })
    }

    fn stops_gracefully(&self) -> Result<()> {
        step("a graceful stop", |step| {
            self.berth.json(&["instance", "stop", "polite"])?;
            for word in ["berth-guest: power button pressed", "berth-guest: farewell"] {
                let line = self.printed(step, "polite", word)?;
                step.say(&format!("│ {line}"));
            }
            let ended_by = self.ended_by("polite")?;
            ensure!(ended_by == "graceful_stop", "it ended by {ended_by}, not by graceful_stop");
            step.note(format!("ended by {ended_by}"));
            Ok(())
        })
    }

    fn ends_at_its_deadline(&self) -> Result<Vec<String>> {
        step("another guest boots, one that ignores the power button", |step| {
            self.create("stubborn", "ignores", &[])?;
            let line = self.printed(step, "stubborn", "berth-guest: ready")?;
            step.say(&format!("│ {line}"));
            step.note(self.place("stubborn")?);
            Ok(())
        })?;
        let ids = self.ids("stubborn")?;
        step("it is given 3 seconds to stop", |step| {
            let begin = Instant::now();
            self.berth.json(&[
                "instance",
                "stop",
                "stubborn",
                "--grace",
                &format!("{}s", GRACE.as_secs()),
            ])?;
            let took = begin.elapsed();
            let line = self.printed(step, "stubborn", "berth-guest: power button pressed; ignored")?;
            step.say(&format!("│ {line}"));
            let ended_by = self.ended_by("stubborn")?;
            ensure!(ended_by == "forced_at_deadline", "it ended by {ended_by}, not by forced_at_deadline");
            ensure!(took >= GRACE, "it ended after {took:?}, before its deadline");
            step.note(format!("ended by {ended_by} after {:.1} s", took.as_secs_f32()));
            Ok(ids)
        })
    }

    fn leaves_nothing(&self, cluster: &Cluster, ids: &[String]) -> Result<()> {
        step("both are deleted: no process, file or row is left", |step| {
            self.berth.json(&["instance", "delete", "polite", "stubborn", "--yes"])?;
            self.berth.json(&["disk", "delete", "data", "--yes"])?;
            step.doing("looking for traces");
            traces::expect_none(cluster, ids)
        })
    }

    fn create(&self, name: &str, image: &str, more: &[&str]) -> Result<()> {
        let words = format!("console=ttyS0 quiet berth.name={name}");
        let asked =
            ["instance", "create", name, "--image", image, "--memory", "128MiB", "--start", "--command-line"];
        self.berth.json(&[asked.as_slice(), &[words.as_str()], more].concat()).map(drop)
    }

    /// Waits until a guest has printed a line with this in it; returns the line.
    fn printed(&self, step: &Step, name: &str, words: &str) -> Result<String> {
        step.doing(&format!("waiting for `{words}` on the console"));
        let limit = if words.contains("up") || words.contains("ready") { BOOT_LIMIT } else { CONSOLE_LIMIT };
        until(&format!("`{words}` on the console of {name}"), limit, || {
            let console = self.berth.text(&["instance", "serial", name, "--all"])?;
            Ok(console.lines().find(|line| line.contains(words)).map(|line| line.trim().to_owned()))
        })
        .with_context(|| format!("its console says:\n{}", self.console(name)))
    }

    /// Its whole console, for messages.
    fn console(&self, name: &str) -> String {
        self.berth.text(&["instance", "serial", name, "--all"]).unwrap_or_else(|error| error.to_string())
    }

    fn view(&self, name: &str) -> Result<Value> {
        self.berth.json(&["instance", "view", name])
    }

    /// On which sled, by what accelerator.
    fn place(&self, name: &str) -> Result<String> {
        let sled = text(&self.view(name)?["sled"], "name")?;
        let readiness = &self.berth.json(&["sled", "view", &sled])?["readiness"];
        let hypervisor =
            readiness["hypervisor"].as_str().map(|kind| format!(" ({kind})")).unwrap_or_default();
        Ok(format!("on {sled}{hypervisor}"))
    }

    fn ended_by(&self, name: &str) -> Result<String> {
        text(&self.view(name)?["last_end"], "ended_by")
    }

    /// Ids of an instance and its incarnation.
    fn ids(&self, name: &str) -> Result<Vec<String>> {
        let instance = self.view(name)?;
        Ok(vec![text(&instance, "id")?, text(&instance["vmm"], "id")?])
    }
}

fn text(value: &Value, field: &str) -> Result<String> {
    value[field].as_str().map(str::to_owned).with_context(|| format!("no {field} in {value}"))
}
