//! What a simulated guest does, by words of its kernel's command line.
//!
//! | word | |
//! |---|---|
//! | `berth.button=obey`, `ignore`, `slow`, `deaf` | as the real guests: what the power button does |
//! | `berth.slow=S` | seconds a slow guest takes to obey (8) |
//! | `berth.off=S` | powers itself off S seconds after it is up |
//! | `berth.sim.boot=S` | seconds until it is up (0.05) |
//! | `berth.sim.crash=S` | its process dies S seconds after launch |
//! | `berth.sim=fail_launch` | the launch fails |
//! | `berth.sim=never_boot` | its CPUs run, but it is never up |
//! | `berth.sim=never_runs` | its CPUs never run |
//! | `berth.sim=silent` | its monitor never answers: no button, no quit; SIGKILL works |
//! | `berth.sim=stuck` | nothing ends it |
//! | `berth.sim.copy=S` | seconds until its memory is copied in a migration (0.02) |
//! | `berth.sim=fail_migration` | a migration fails half-way |
//! | `berth.sim=endless_migration` | a migration never converges |

use crate::hypervisor::{Launch, LaunchBoot, LaunchError};
use serde::{Deserialize, Serialize};

/// What the guest does when the power button is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Button {
    Obey,
    Slow,
    Ignore,
    Deaf,
}

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quirk {
    FailLaunch,
    NeverBoot,
    NeverRuns,
    Silent,
    Stuck,
    FailMigration,
    EndlessMigration,
}

/// All of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    pub button: Button,
    pub slow_ms: u64,
    pub boot_ms: u64,
    pub off_ms: Option<u64>,
    pub crash_ms: Option<u64>,
    pub quirk: Option<Quirk>,
    #[serde(default = "copy_ms_default")]
    pub copy_ms: u64,
}

const fn copy_ms_default() -> u64 {
    20
}

impl Default for Script {
    fn default() -> Self {
        Self {
            button: Button::Obey,
            slow_ms: 8000,
            boot_ms: 50,
            off_ms: None,
            crash_ms: None,
            quirk: None,
            copy_ms: copy_ms_default(),
        }
    }
}

impl Script {
    /// A guest without a command line (it boots from its disk) is an ordinary one. Unknown words are the guest's own.
    pub fn read(launch: &Launch) -> Self {
        match &launch.boot {
            LaunchBoot::Kernel { command_line, .. } => Self::parse(command_line),
            LaunchBoot::Disk => Self::default(),
        }
    }

    fn parse(command_line: &str) -> Self {
        let mut script = Self::default();
        for word in command_line.split_ascii_whitespace() {
            let Some((name, value)) = word.split_once('=') else { continue };
            match name {
                "berth.button" => script.button = known(value).unwrap_or(script.button),
                "berth.slow" => script.slow_ms = milliseconds(value).unwrap_or(script.slow_ms),
                "berth.off" => script.off_ms = milliseconds(value),
                "berth.sim.boot" => script.boot_ms = milliseconds(value).unwrap_or(script.boot_ms),
                "berth.sim.crash" => script.crash_ms = milliseconds(value),
                "berth.sim.copy" => script.copy_ms = milliseconds(value).unwrap_or(script.copy_ms),
                "berth.sim" => script.quirk = known(value),
                _ => {}
            }
        }
        script
    }

    pub(super) fn may_launch(&self) -> Result<(), LaunchError> {
        match self.quirk {
            Some(Quirk::FailLaunch) => {
                Err(LaunchError("its command line says berth.sim=fail_launch".to_owned()))
            }
            _ => Ok(()),
        }
    }
}

/// A word that serde knows as a variant.
fn known<T: serde::de::DeserializeOwned>(value: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::from(value)).ok()
}

fn milliseconds(seconds: &str) -> Option<u64> {
    let duration = std::time::Duration::try_from_secs_f64(seconds.parse().ok()?).ok()?;
    u64::try_from(duration.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_and_those_of_others_passed_over() {
        let script =
            Script::parse("console=ttyS0 quiet berth.button=slow berth.slow=1.5 berth.off=2 berth.vmm=x");
        let expected =
            Script { button: Button::Slow, slow_ms: 1500, off_ms: Some(2000), ..Script::default() };
        assert_eq!(script, expected);
        let script =
            Script::parse("berth.sim=never_boot berth.sim.boot=0.1 berth.sim.crash=3 berth.button=what");
        let expected =
            Script { boot_ms: 100, crash_ms: Some(3000), quirk: Some(Quirk::NeverBoot), ..Script::default() };
        assert_eq!(script, expected);
    }
}
