//! The life of one VMM as a pure machine: (phase, event) → phase and effects.
//!
//! ```text
//! Preparing ─▶ Registered ─▶ Launching ─▶ Started ─▶ Running
//!     │            │          │  │ │          └──┬──────┘
//!     ▼            │     fails│  │ └▶ LaunchingThenKill ──▶ Killing ─┐   └─▶ Reboot(leg) ─▶ Started
//! Withdrawn        │          │  └──▶ LaunchingThenStop ──▶ Stopping ┤
//!                  └──────────┴───────────────▶ Ended ◀──────────────┘
//! ```
//! The legs of a reboot are in [`super::reboot`].
//!
//! The phase is in the ledger before its effects are begun, so a restarted agent knows what it may have done.
//! Which requests become events, and which are refused, is decided in [`super::requests`].

use serde::{Deserialize, Serialize};

use super::reboot::{self, Leg};

/// Where a VMM is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Its entry is written, its parts are being fetched; nobody has been told that it is here.
    Preparing,
    /// It is here; nothing was started.
    Registered,
    /// Its hypervisor process may exist.
    Launching,
    /// The same, and a stop was accepted.
    LaunchingThenStop,
    /// The same, and its end was ordered.
    LaunchingThenKill,
    /// Its hypervisor process exists; the guest's CPUs don't run yet.
    Started,
    /// The guest's CPUs run.
    Running,
    /// The stop ladder is running.
    Stopping,
    /// It is being killed.
    Killing,
    /// Its guest is being restarted in a new process.
    Reboot(Leg),
    /// Its preparation failed: as if it had never been asked for. Final.
    Withdrawn,
    /// It ended. Final.
    Ended,
}

impl Phase {
    /// Every phase.
    pub const ALL: &[Phase] = &[
        Phase::Preparing,
        Phase::Registered,
        Phase::Launching,
        Phase::LaunchingThenStop,
        Phase::LaunchingThenKill,
        Phase::Started,
        Phase::Running,
        Phase::Stopping,
        Phase::Killing,
        Leg::PHASES[0],
        Leg::PHASES[1],
        Leg::PHASES[2],
        Leg::PHASES[3],
        Leg::PHASES[4],
        Leg::PHASES[5],
        Phase::Withdrawn,
        Phase::Ended,
    ];

    /// Nothing leads out of it.
    pub const fn is_final(self) -> bool {
        matches!(self, Phase::Withdrawn | Phase::Ended)
    }

    /// A launch was begun and its outcome isn't known.
    pub const fn is_launching(self) -> bool {
        match self {
            Phase::Launching | Phase::LaunchingThenStop | Phase::LaunchingThenKill => true,
            Phase::Reboot(leg) => leg.is_launching(),
            Phase::Preparing
            | Phase::Registered
            | Phase::Started
            | Phase::Running
            | Phase::Stopping
            | Phase::Killing
            | Phase::Withdrawn
            | Phase::Ended => false,
        }
    }
}

/// What happens to a VMM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    Prepared,
    PreparationFailed,
    RunAsked,
    StopAsked,
    KillAsked,
    Launched,
    LaunchFailed,
    GuestRunning,
    /// Its run is over, as an exit record says or as the lack of any trace proves.
    Exited,
    /// The guest shall be asked to go down, and be started again.
    SoftRebootAsked,
    /// The guest shall be killed, and be started again; takes over a soft reboot.
    HardRebootAsked,
    /// The guest is down for its reboot: the next run may begin.
    BeginAgain,
    /// What a reboot began had ended before its guest could run.
    FoundDown,
}

impl Event {
    /// Every event.
    pub const ALL: &[Event] = &[
        Event::Prepared,
        Event::PreparationFailed,
        Event::RunAsked,
        Event::StopAsked,
        Event::KillAsked,
        Event::Launched,
        Event::LaunchFailed,
        Event::GuestRunning,
        Event::Exited,
        Event::SoftRebootAsked,
        Event::HardRebootAsked,
        Event::BeginAgain,
        Event::FoundDown,
    ];
}

/// What must be done after a step, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Stop fetching; what was fetched is given back by `Release`.
    AbandonPreparation,
    /// Begin a run.
    Launch,
    /// Give the machine its stop deadline.
    Stop,
    /// Kill the machine.
    Kill,
    /// Give back taps, cores and memory.
    Release,
}

/// How a VMM that ends with this step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// On request, before anything ran.
    NeverStarted,
    /// Its launch failed.
    LaunchFailed,
    /// Its guest went down for a reboot, and couldn't be started again.
    RelaunchFailed,
    /// On request, while its guest was down for a reboot: as the guest went down.
    WentDown,
    /// As the exit record says.
    AsRecorded,
}

/// What follows from an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The phase after it.
    pub phase: Phase,
    /// What must be done.
    pub effects: &'static [Effect],
    /// Set ⇔ `phase` is [`Phase::Ended`].
    pub outcome: Option<Outcome>,
}

/// An event that can't happen in this phase: a fault of the agent, changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} can't happen in phase {phase:?}")]
pub struct Illegal {
    pub phase: Phase,
    pub event: Event,
}

pub(super) const fn to(phase: Phase, effects: &'static [Effect]) -> Step {
    Step { phase, effects, outcome: None }
}

pub(super) const fn end(outcome: Outcome, effects: &'static [Effect]) -> Step {
    Step { phase: Phase::Ended, effects, outcome: Some(outcome) }
}

/// The one gate: every change of a VMM's phase goes through here.
pub fn step(phase: Phase, event: Event) -> Result<Step, Illegal> {
    use Effect::{AbandonPreparation, Kill, Launch, Release, Stop};
    let next = match (phase, event) {
        (Phase::Preparing, Event::Prepared) => to(Phase::Registered, &[]),
        (Phase::Preparing, Event::PreparationFailed) => to(Phase::Withdrawn, &[Release]),
        (Phase::Preparing, Event::StopAsked | Event::KillAsked) => {
            end(Outcome::NeverStarted, &[AbandonPreparation, Release])
        }

        (Phase::Registered, Event::RunAsked) => to(Phase::Launching, &[Launch]),
        (Phase::Registered, Event::StopAsked | Event::KillAsked) => end(Outcome::NeverStarted, &[Release]),

        (Phase::Launching, Event::Launched) => to(Phase::Started, &[]),
        (Phase::Launching, Event::LaunchFailed) => end(Outcome::LaunchFailed, &[Release]),
        (Phase::Launching | Phase::LaunchingThenStop, Event::StopAsked) => to(Phase::LaunchingThenStop, &[]),
        (Phase::Launching | Phase::LaunchingThenStop | Phase::LaunchingThenKill, Event::KillAsked) => {
            to(Phase::LaunchingThenKill, &[])
        }
        (Phase::LaunchingThenStop, Event::Launched) => to(Phase::Stopping, &[Stop]),
        (Phase::LaunchingThenKill, Event::Launched) => to(Phase::Killing, &[Kill]),
        (Phase::LaunchingThenStop | Phase::LaunchingThenKill, Event::LaunchFailed) => {
            end(Outcome::NeverStarted, &[Release])
        }

        (Phase::Started | Phase::Running, Event::GuestRunning) => to(Phase::Running, &[]),
        (Phase::Started | Phase::Running | Phase::Stopping, Event::StopAsked) => to(Phase::Stopping, &[Stop]),
        // A guest that boots while it is being stopped is still being stopped.
        (Phase::Stopping, Event::GuestRunning) => to(Phase::Stopping, &[]),
        (Phase::Killing, Event::GuestRunning) => to(Phase::Killing, &[]),
        (Phase::Started | Phase::Running | Phase::Stopping | Phase::Killing, Event::KillAsked) => {
            to(Phase::Killing, &[Kill])
        }
        (Phase::Started | Phase::Running, Event::SoftRebootAsked) => {
            to(Phase::Reboot(Leg::ShuttingDown), &[Stop])
        }
        (Phase::Started | Phase::Running, Event::HardRebootAsked) => to(Phase::Reboot(Leg::Killing), &[Kill]),
        (Phase::Reboot(leg), event) => return reboot::step(leg, event),

        // `Registered` too: a run that the ledger doesn't know of was found, and ended.
        (
            Phase::Registered
            | Phase::Launching
            | Phase::LaunchingThenStop
            | Phase::LaunchingThenKill
            | Phase::Started
            | Phase::Running
            | Phase::Stopping
            | Phase::Killing,
            Event::Exited,
        ) => end(Outcome::AsRecorded, &[Release]),

        (
            Phase::Preparing,
            Event::RunAsked | Event::Launched | Event::LaunchFailed | Event::GuestRunning | Event::Exited,
        )
        | (
            Phase::Registered,
            Event::Prepared
            | Event::PreparationFailed
            | Event::Launched
            | Event::LaunchFailed
            | Event::GuestRunning,
        )
        | (
            Phase::Launching | Phase::LaunchingThenStop | Phase::LaunchingThenKill,
            Event::Prepared | Event::PreparationFailed | Event::RunAsked | Event::GuestRunning,
        )
        | (Phase::LaunchingThenKill, Event::StopAsked)
        | (
            Phase::Started | Phase::Running | Phase::Stopping | Phase::Killing,
            Event::Prepared
            | Event::PreparationFailed
            | Event::RunAsked
            | Event::Launched
            | Event::LaunchFailed,
        )
        | (Phase::Killing, Event::StopAsked)
        | (
            Phase::Preparing
            | Phase::Registered
            | Phase::Launching
            | Phase::LaunchingThenStop
            | Phase::LaunchingThenKill
            | Phase::Stopping
            | Phase::Killing,
            Event::SoftRebootAsked | Event::HardRebootAsked,
        )
        | (
            Phase::Preparing
            | Phase::Registered
            | Phase::Launching
            | Phase::LaunchingThenStop
            | Phase::LaunchingThenKill
            | Phase::Started
            | Phase::Running
            | Phase::Stopping
            | Phase::Killing,
            Event::BeginAgain | Event::FoundDown,
        )
        | (Phase::Withdrawn | Phase::Ended, _) => return Err(Illegal { phase, event }),
    };
    Ok(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_steps() -> impl Iterator<Item = (Phase, Event, Result<Step, Illegal>)> {
        Phase::ALL
            .iter()
            .flat_map(|phase| Event::ALL.iter().map(|event| (*phase, *event, step(*phase, *event))))
    }

    #[test]
    fn nothing_leads_out_of_a_final_phase() {
        for (phase, event, step) in all_steps().filter(|(phase, ..)| phase.is_final()) {
            assert_eq!(step, Err(Illegal { phase, event }));
        }
    }

    #[test]
    fn an_outcome_is_set_exactly_when_it_ends() {
        for (phase, event, step) in all_steps() {
            if let Ok(step) = step {
                assert_eq!(step.outcome.is_some(), step.phase == Phase::Ended, "{phase:?} {event:?}");
            }
        }
    }

    #[test]
    fn everything_is_given_back_exactly_when_it_is_over() {
        for (phase, event, step) in all_steps() {
            if let Ok(step) = step {
                let released = step.effects.contains(&Effect::Release);
                assert_eq!(released, step.phase.is_final(), "{phase:?} {event:?}");
                assert_eq!(released, step.effects.last() == Some(&Effect::Release), "released last");
            }
        }
    }

    #[test]
    fn a_launch_is_begun_by_two_steps_only() {
        let launching: Vec<_> = all_steps()
            .filter(|(.., step)| step.is_ok_and(|step| step.effects.contains(&Effect::Launch)))
            .map(|(phase, event, _)| (phase, event))
            .collect();
        let expected = [(Phase::Registered, Event::RunAsked), (Phase::Reboot(Leg::Down), Event::BeginAgain)];
        assert_eq!(launching, expected);
    }

    #[test]
    fn a_machine_is_stopped_or_killed_only_where_there_is_one() {
        for (phase, event, step) in all_steps() {
            if let Ok(step) = step
                && step.effects.iter().any(|effect| matches!(effect, Effect::Stop | Effect::Kill))
            {
                let held = event == Event::Launched
                    || matches!(phase, Phase::Started | Phase::Running | Phase::Stopping | Phase::Killing)
                    || matches!(phase, Phase::Reboot(Leg::ShuttingDown | Leg::Killing));
                assert!(held, "{phase:?} {event:?}");
            }
        }
    }

    #[test]
    fn a_stop_or_kill_in_flight_is_never_taken_back() {
        let rank = |phase| match phase {
            Phase::LaunchingThenStop | Phase::Stopping => 1,
            Phase::LaunchingThenKill | Phase::Killing | Phase::Reboot(Leg::LaunchingThenKill) => 2,
            Phase::Withdrawn | Phase::Ended => 3,
            _ => 0,
        };
        for (phase, event, step) in all_steps() {
            if let Ok(step) = step {
                assert!(rank(step.phase) >= rank(phase), "{phase:?} {event:?} {step:?}");
            }
        }
    }

    #[test]
    fn every_phase_can_be_ended_for_certain() {
        for phase in Phase::ALL.iter().filter(|phase| !phase.is_final()) {
            let killed = step(*phase, Event::KillAsked).expect("always accepted");
            assert!(
                matches!(
                    killed.phase,
                    Phase::Ended
                        | Phase::Killing
                        | Phase::LaunchingThenKill
                        | Phase::Reboot(Leg::LaunchingThenKill)
                ),
                "{phase:?} → {killed:?}"
            );
        }
    }

    #[test]
    fn stop_right_after_start_is_followed_by_the_ladder_or_no_launch() {
        let asked = step(Phase::Launching, Event::StopAsked).expect("accepted");
        let launched = step(asked.phase, Event::Launched).expect("legal");
        assert_eq!((launched.phase, launched.effects), (Phase::Stopping, &[Effect::Stop][..]));
        let failed = step(asked.phase, Event::LaunchFailed).expect("legal");
        assert_eq!(failed.outcome, Some(Outcome::NeverStarted));
    }
}
