//! Running other programs: with their output shown, kept for the case of failure, or taken as text.

use crate::interrupt::{self, Told};
use crate::steps::Step;
use anyhow::{Context, Result, bail};
use camino::Utf8Path;
use nix::unistd::Pid;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

/// Lines of a failed program's output that go into its error.
const KEPT_LINES: usize = 40;

/// Runs it with its output on our terminal.
pub fn shown(mut command: Command) -> Result<()> {
    let name = name(&command);
    let (mut child, _told) = spawn(command.stdin(Stdio::null()), &name)?;
    let status = child.wait()?;
    if !status.success() {
        bail!("{name}: {status}");
    }
    Ok(())
}

/// Runs it with all its output in a file; whether it succeeded.
pub fn logged(mut command: Command, log: &Utf8Path) -> Result<bool> {
    let name = name(&command);
    let file = std::fs::File::create(log).with_context(|| format!("making {log}"))?;
    command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
    let (mut child, _told) = spawn(&mut command, &name)?;
    let status = child.wait()?;
    interrupt::check()?;
    Ok(status.success())
}

/// Runs it with its output as signs of life of a step; on failure the last lines are the error.
pub fn in_step(step: &Step, mut command: Command) -> Result<()> {
    let name = name(&command);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let (mut child, _told) = spawn(&mut command, &name)?;
    let (sender, lines) = mpsc::channel();
    forward(child.stdout.take(), sender.clone());
    forward(child.stderr.take(), sender);
    let mut kept = VecDeque::new();
    for line in lines {
        step.doing(&line);
        if kept.len() == KEPT_LINES {
            kept.pop_front();
        }
        kept.push_back(line);
    }
    let status = child.wait()?;
    if !status.success() {
        let kept: Vec<String> = kept.into();
        bail!("{name}: {status}\n  {}", kept.join("\n  "));
    }
    Ok(())
}

/// Runs it and takes its standard output as text; its standard error is the error if it fails.
pub fn text(command: Command) -> Result<String> {
    let name = name(&command);
    String::from_utf8(bytes(command)?).with_context(|| format!("{name} didn't print text"))
}

/// Runs it and takes its standard output.
pub fn bytes(mut command: Command) -> Result<Vec<u8>> {
    command.stdin(Stdio::null());
    bytes_from_stdin(command)
}

/// Runs it on the standard input it was given and takes its standard output.
pub fn bytes_from_stdin(mut command: Command) -> Result<Vec<u8>> {
    let name = name(&command);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let (child, _told) = spawn(&mut command, &name)?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("{name}: {}\n  {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(output.stdout)
}

/// Whether it runs and succeeds; its output is nobody's.
pub fn succeeds(mut command: Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn spawn(command: &mut Command, name: &str) -> Result<(Child, Told)> {
    interrupt::check()?;
    let child = command.process_group(0).spawn().with_context(|| format!("{name} can't be started"))?;
    let told = Told::new(Pid::from_raw(i32::try_from(child.id())?));
    Ok((child, told))
}

fn forward(stream: Option<impl Read + Send + 'static>, lines: mpsc::Sender<String>) {
    let Some(stream) = stream else { return };
    std::thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            // Who receives is gone only when the whole deed is.
            let _ = lines.send(String::from_utf8_lossy(&line).into_owned());
        }
    });
}

/// `apt-get install`: the program and its first plain argument, enough to know which one failed.
fn name(command: &Command) -> String {
    let mut name = command.get_program().to_string_lossy().into_owned();
    if let Some(first) =
        command.get_args().map(|word| word.to_string_lossy()).find(|word| !word.starts_with('-'))
    {
        name.push(' ');
        name.push_str(&first);
    }
    name
}
