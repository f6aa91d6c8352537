//! The live serial console: `berth instance console` through nexus to the sled.

use anyhow::{Context, Result, ensure};
use berth_nexus_api::operation::Operation;
use berth_tests::{BootImage, Play, Shape, play, until};
use nix::pty::openpty;
use nix::sys::termios::{LocalFlags, tcgetattr};
use serde_json::json;
use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

/// A `berth instance console` whose ends are pipes.
struct Console {
    child: Child,
    read: Arc<Mutex<Vec<u8>>>,
    told: Arc<Mutex<Vec<u8>>>,
}

/// Gathers what comes, until it ends.
fn gathered(mut from: impl Read + Send + 'static) -> Arc<Mutex<Vec<u8>>> {
    let all = Arc::new(Mutex::new(Vec::new()));
    let here = Arc::clone(&all);
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            here.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&buffer[..count]);
        }
    });
    all
}

fn text(of: &Mutex<Vec<u8>>) -> String {
    String::from_utf8_lossy(&of.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}

impl Console {
    fn open(play: &Play) -> Result<Console> {
        let berth = play.cluster.berth().in_project(play.api.project());
        let mut command = berth.command(&["instance", "console", "web"]);
        let ends = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = ends.spawn()?;
        let read = gathered(child.stdout.take().context("its output")?);
        let told = gathered(child.stderr.take().context("its words")?);
        Ok(Console { child, read, told })
    }

    fn shows(&self, what: &str) -> Result<()> {
        until(&format!("the console shows {what:?}"), SOON, || {
            Ok(text(&self.read).contains(what).then_some(()))
        })
        .with_context(|| format!("it shows {:?} and says {:?}", text(&self.read), text(&self.told)))
    }

    fn types(&mut self, line: &str) -> Result<()> {
        Ok(self.child.stdin.as_mut().context("open")?.write_all(line.as_bytes())?)
    }

    /// Waits for its end, which must be a good one.
    fn ends(mut self, saying: &str) -> Result<()> {
        until("the console ends", SOON, || Ok(self.child.try_wait()?.map(|_| ())))?;
        let status = self.child.wait()?;
        until("its last words are read", SOON, || Ok(text(&self.told).contains(saying).then_some(())))
            .with_context(|| format!("it said {:?}", text(&self.told)))?;
        ensure!(status.success(), "{status}: {}", text(&self.told));
        Ok(())
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        // After a failure nothing of it may be left.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn several_sit_at_one_console_see_what_each_types_and_go_on_through_a_reboot() -> Result<()> {
    play(&Shape::simulated(1, 1), |play| {
        play.image(BootImage::Small)?;
        play.api.instance_running("web", "small", &json!({}))?;
        let booted = "berth-guest: up";
        let mut first = Console::open(play)?;
        first.shows(booted)?;
        let mut second = Console::open(play)?;
        second.shows(booted)?;
        first.types("first was here\n")?;
        second.shows("first was here")?;
        second.types("second was here\n")?;
        first.shows("second was here")?;

        let path = play.api.here("/v1/instances/web/reboot");
        let reboot: Operation = play.api.post(&path, json!({"mode": "hard"}))?.into()?;
        play.api.succeeded(&reboot, SOON)?;
        for console in [&first, &second] {
            until("it shows the second boot", SOON, || {
                Ok((text(&console.read).matches(booted).count() == 2).then_some(()))
            })?;
        }
        // Without more to type one leaves; the other stays until the incarnation is over.
        drop(first.child.stdin.take());
        first.ends("left the console")?;
        let stop: Operation = play.api.instance_stop("web", json!({"force": true}))?.into()?;
        play.api.succeeded(&stop, SOON)?;
        second.ends("the incarnation is over")?;
        play.api.instance_gone("web")
    })
}

#[test]
fn who_sits_at_a_console_goes_where_the_guest_goes() -> Result<()> {
    play(&Shape::simulated(1, 2), |play| {
        play.image(BootImage::Small)?;
        play.api.instance_running("web", "small", &json!({}))?;
        let mut console = Console::open(play)?;
        console.shows("berth-guest: up")?;
        for moves in 1..=2 {
            let migrate = play.api.migration_accepted("web", &json!({}))?;
            play.api.succeeded(&migrate, SOON)?;
            until("it says where the guest went", SOON, || {
                Ok((text(&console.told).matches("the guest moved to sled").count() == moves).then_some(()))
            })?;
            let line = format!("typed after {moves}");
            console.types(&format!("{line}\n"))?;
            console.shows(&line)?;
        }
        let stop: Operation = play.api.instance_stop("web", json!({"force": true}))?.into()?;
        play.api.succeeded(&stop, SOON)?;
        console.ends("the incarnation is over")?;
        play.api.instance_gone("web")
    })
}

#[test]
fn a_terminal_is_raw_at_the_console_and_as_before_after_the_escape_key_and_after_a_signal() -> Result<()> {
    play(&Shape::simulated(1, 1), |play| {
        play.image(BootImage::Small)?;
        play.api.instance_running("web", "small", &json!({}))?;
        for leave_by_key in [true, false] {
            let pty = openpty(None, None)?;
            let cooked = tcgetattr(&pty.slave)?;
            let berth = play.cluster.berth().in_project(play.api.project());
            let mut command = berth.command(&["instance", "console", "web"]);
            command.stdin(pty.slave.try_clone()?).stdout(pty.slave.try_clone()?).stderr(Stdio::piped());
            let mut child = command.spawn()?;
            let told = gathered(child.stderr.take().context("its words")?);
            let seen = gathered(File::from(pty.master.try_clone()?));
            until("it is at the console", SOON, || Ok(text(&seen).contains("berth-guest: up").then_some(())))
                .with_context(|| text(&told))?;
            until("the escape key is shown", SOON, || {
                Ok(text(&told).contains("Ctrl-] leaves").then_some(()))
            })
            .with_context(|| text(&told))?;
            let raw = tcgetattr(&pty.slave)?;
            ensure!(!raw.local_flags.contains(LocalFlags::ICANON | LocalFlags::ECHO), "it isn't raw");
            if leave_by_key {
                File::from(pty.master.try_clone()?).write_all(b"\x1d")?;
            } else {
                let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id())?);
                nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM)?;
            }
            until("it has left", SOON, || Ok(child.try_wait()?.map(|_| ())))?;
            ensure!(child.wait()?.success(), "{}", text(&told));
            let after = tcgetattr(&pty.slave)?;
            ensure!(
                after.local_flags == cooked.local_flags,
                "{:?}, not {:?}",
                after.local_flags,
                cooked.local_flags
            );
        }
        play.api.instance_gone("web")
    })
}

#[test]
fn a_console_that_cant_be_served_is_refused_by_name() -> Result<()> {
    play(&Shape::simulated(1, 1), |play| {
        play.image(BootImage::Small)?;
        play.api.instance_made("web", "small", &json!({}))?;
        let berth = play.cluster.berth().in_project(play.api.project());
        let output = berth.command(&["instance", "console", "web"]).stdin(Stdio::null()).output()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(output.status.code() == Some(1) && said.contains("never ran"), "{said}");
        let plain = play.api.send(
            &reqwest::Method::GET,
            &play.api.here("/v1/instances/web/serial-console/stream"),
            &[],
            berth_tests::Body::Nothing,
        )?;
        plain.expect_refused(400, "invalid_request")?;
        play.api.instance_gone("web")
    })
}
