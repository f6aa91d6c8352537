//! A reboot, leg by leg: (leg, event) → phase and effects. Part of [`super::machine`], and as pure.
//!
//! ```text
//! Running ─soft▶ ShuttingDown ─┐ (the power button; at the deadline the shim forces it, and it is a hard one)
//!    │                │hard    ├exited▶ Down ─begin again▶ Launching ─launched▶ Started ▶ Running
//!    └──hard────▶ Killing ─────┘         ▲                    │hard
//!                    ▲                   └────failed── LaunchingThenReboot
//!                    └───────────────────launched────────────┘
//! ```
//! - While it lasts the VMM stays the same; each start again is a run of its own.
//! - How the guest went down doesn't matter: whatever it exits of in the first two legs, it is down.
//! - A stop or an end wins in every leg: no leg that follows one begins a launch.
//! - A launch that fails ends the VMM: nobody is left to be asked, and nexus decides by the restart policy.

use serde::{Deserialize, Serialize};

use super::machine::{Effect, Event, Illegal, Outcome, Phase, Step, end, to};

/// Where a reboot is, between the guest it ends and the process it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leg {
    /// The guest is asked to go down: the ladder is running.
    ShuttingDown,
    /// The guest is being killed.
    Killing,
    /// No process is left of the former run; none of the next was begun.
    Down,
    /// The next run's process may exist.
    Launching,
    /// The same, and a stop or its end was accepted: it is killed before its guest gets far, whatever the grace.
    LaunchingThenKill,
    /// The same, and a hard reboot has taken over: it is killed, and begun once more.
    LaunchingThenReboot,
}

impl Leg {
    /// Every leg, as phases.
    pub const PHASES: [Phase; 6] = [
        Phase::Reboot(Leg::ShuttingDown),
        Phase::Reboot(Leg::Killing),
        Phase::Reboot(Leg::Down),
        Phase::Reboot(Leg::Launching),
        Phase::Reboot(Leg::LaunchingThenKill),
        Phase::Reboot(Leg::LaunchingThenReboot),
    ];

    /// A launch was begun and its outcome isn't known.
    pub const fn is_launching(self) -> bool {
        match self {
            Leg::Launching | Leg::LaunchingThenKill | Leg::LaunchingThenReboot => true,
            Leg::ShuttingDown | Leg::Killing | Leg::Down => false,
        }
    }

    /// A stop or an end has won over the reboot.
    pub const fn is_lost(self) -> bool {
        match self {
            Leg::LaunchingThenKill => true,
            Leg::ShuttingDown | Leg::Killing | Leg::Down | Leg::Launching | Leg::LaunchingThenReboot => false,
        }
    }
}

/// The part of the one gate that is about reboots.
pub(super) fn step(leg: Leg, event: Event) -> Result<Step, Illegal> {
    use Effect::{Kill, Launch, Release, Stop};
    let next = match (leg, event) {
        // A guest that still boots while it is asked to go down is still being asked.
        (Leg::ShuttingDown, Event::GuestRunning) => to(Phase::Reboot(Leg::ShuttingDown), &[]),
        (Leg::ShuttingDown, Event::HardRebootAsked) => to(Phase::Reboot(Leg::Killing), &[Kill]),
        (Leg::ShuttingDown, Event::StopAsked) => to(Phase::Stopping, &[Stop]),
        (Leg::ShuttingDown | Leg::Killing, Event::KillAsked) => to(Phase::Killing, &[Kill]),
        (Leg::ShuttingDown | Leg::Killing, Event::Exited) => to(Phase::Reboot(Leg::Down), &[]),
        (Leg::Killing, Event::GuestRunning) => to(Phase::Reboot(Leg::Killing), &[]),
        // It is being killed already, and won't be begun again.
        (Leg::Killing, Event::StopAsked) => to(Phase::Killing, &[Kill]),

        (Leg::Down, Event::BeginAgain) => to(Phase::Reboot(Leg::Launching), &[Launch]),
        (Leg::Down, Event::HardRebootAsked) => to(Phase::Reboot(Leg::Down), &[]),
        (Leg::Down, Event::StopAsked | Event::KillAsked) => end(Outcome::WentDown, &[Release]),

        (Leg::Launching, Event::Launched) => to(Phase::Started, &[]),
        (Leg::Launching, Event::LaunchFailed) => end(Outcome::RelaunchFailed, &[Release]),
        (Leg::Launching | Leg::LaunchingThenReboot, Event::HardRebootAsked) => {
            to(Phase::Reboot(Leg::LaunchingThenReboot), &[])
        }
        (Leg::Launching | Leg::LaunchingThenReboot, Event::StopAsked)
        | (Leg::Launching | Leg::LaunchingThenKill | Leg::LaunchingThenReboot, Event::KillAsked) => {
            to(Phase::Reboot(Leg::LaunchingThenKill), &[])
        }
        (Leg::LaunchingThenKill, Event::Launched) => to(Phase::Killing, &[Kill]),
        (Leg::LaunchingThenReboot, Event::Launched) => to(Phase::Reboot(Leg::Killing), &[Kill]),
        (Leg::LaunchingThenKill, Event::LaunchFailed) => end(Outcome::WentDown, &[Release]),
        (Leg::LaunchingThenReboot, Event::LaunchFailed | Event::Exited) => {
            to(Phase::Reboot(Leg::Down), &[])
        }
        (Leg::Launching | Leg::LaunchingThenKill, Event::Exited) => end(Outcome::AsRecorded, &[Release]),
        // Found after the agent was away: the next run died before its guest could begin.
        (Leg::Launching, Event::FoundDown) => to(Phase::Reboot(Leg::Down), &[]),

        (
            _,
            Event::Prepared | Event::PreparationFailed | Event::RunAsked | Event::SoftRebootAsked,
        )
        | (Leg::ShuttingDown | Leg::Killing, Event::Launched | Event::LaunchFailed)
        | (Leg::ShuttingDown | Leg::Killing | Leg::Down, Event::FoundDown)
        | (
            Leg::Down,
            Event::Launched | Event::LaunchFailed | Event::GuestRunning | Event::Exited,
        )
        | (
            Leg::ShuttingDown
            | Leg::Killing
            | Leg::Launching
            | Leg::LaunchingThenKill
            | Leg::LaunchingThenReboot,
            Event::BeginAgain,
        )
        | (
            Leg::Launching | Leg::LaunchingThenKill | Leg::LaunchingThenReboot,
            Event::GuestRunning,
        )
        | (Leg::LaunchingThenKill | Leg::LaunchingThenReboot, Event::FoundDown)
        // It is as hard as can be already; see `requests`.
        | (Leg::Killing | Leg::LaunchingThenKill, Event::HardRebootAsked)
        | (Leg::LaunchingThenKill, Event::StopAsked) => {
            return Err(Illegal { phase: Phase::Reboot(leg), event });
        }
    };
    Ok(next)
}

#[cfg(test)]
mod tests {
    use super::super::machine::step;
    use super::*;

    /// Everything that can follow, whatever happens, from a phase on.
    fn what_can_follow(first: Phase) -> Vec<(Phase, Event, Step)> {
        let (mut phases, mut steps, mut at) = (vec![first], Vec::new(), 0);
        while let Some(phase) = phases.get(at).copied() {
            at += 1;
            for event in Event::ALL {
                if let Ok(step) = step(phase, *event) {
                    steps.push((phase, *event, step));
                    if !phases.contains(&step.phase) {
                        phases.push(step.phase);
                    }
                }
            }
        }
        steps
    }

    #[test]
    fn nothing_is_ever_launched_after_a_stop_or_an_end_won() {
        for phase in Phase::ALL.iter().filter(|phase| matches!(phase, Phase::Reboot(_))) {
            for event in [Event::StopAsked, Event::KillAsked] {
                let Ok(won) = step(*phase, event) else { continue };
                for (from, event, next) in what_can_follow(won.phase) {
                    assert!(!next.effects.contains(&Effect::Launch), "{phase:?}: {from:?} {event:?}");
                }
            }
        }
    }

    #[test]
    fn a_stop_is_legal_in_every_leg_that_hasnt_been_ended_for_certain() {
        for phase in Leg::PHASES {
            let legal = step(phase, Event::StopAsked).is_ok();
            assert_eq!(legal, phase != Phase::Reboot(Leg::LaunchingThenKill), "{phase:?}");
        }
    }

    #[test]
    fn every_exit_in_the_first_two_legs_is_down_and_ends_nothing() {
        for leg in [Leg::ShuttingDown, Leg::Killing] {
            let exited = step(Phase::Reboot(leg), Event::Exited).expect("legal");
            assert_eq!((exited.phase, exited.outcome), (Phase::Reboot(Leg::Down), None));
        }
    }

    #[test]
    fn every_leg_comes_to_a_running_guest_or_to_its_end_without_further_requests() {
        let asked = |event: Event| {
            use Event::{HardRebootAsked, KillAsked, RunAsked, SoftRebootAsked, StopAsked};
            matches!(event, RunAsked | StopAsked | KillAsked | SoftRebootAsked | HardRebootAsked)
        };
        for first in Leg::PHASES {
            let mut phase = first;
            for _ in 0..8 {
                let unasked = [Event::Exited, Event::BeginAgain, Event::Launched, Event::GuestRunning];
                let next = unasked.into_iter().filter(|event| !asked(*event));
                let Some(next) = next.filter_map(|event| step(phase, event).ok()).find(|n| n.phase != phase)
                else {
                    break;
                };
                phase = next.phase;
                if phase == Phase::Running {
                    break;
                }
            }
            assert!(matches!(phase, Phase::Running | Phase::Ended), "{first:?} stays in {phase:?}");
        }
    }

    #[test]
    fn a_hard_reboot_takes_over_in_every_leg_that_is_neither_as_hard_nor_lost() {
        for phase in Leg::PHASES {
            let Phase::Reboot(leg) = phase else { unreachable!("they are legs") };
            let taken = step(phase, Event::HardRebootAsked).ok().map(|step| step.phase);
            let expected = match leg {
                Leg::ShuttingDown => Some(Leg::Killing),
                Leg::Down => Some(Leg::Down),
                Leg::Launching | Leg::LaunchingThenReboot => Some(Leg::LaunchingThenReboot),
                Leg::Killing | Leg::LaunchingThenKill => None,
            };
            assert_eq!(taken, expected.map(Phase::Reboot), "{leg:?}");
        }
    }

    #[test]
    fn each_leg_is_listed_once_and_reads_back_from_a_ledger() {
        let distinct: std::collections::HashSet<Phase> = Leg::PHASES.into_iter().collect();
        assert_eq!(distinct.len(), Leg::PHASES.len());
        for phase in Phase::ALL {
            let text = serde_json::to_string(phase).expect("JSON");
            assert_eq!(serde_json::from_str::<Phase>(&text).expect("read back"), *phase, "{text}");
        }
        assert_eq!(serde_json::from_str::<Phase>("\"running\"").expect("as before"), Phase::Running);
    }
}
