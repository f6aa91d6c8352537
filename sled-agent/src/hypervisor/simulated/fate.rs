//! What becomes of a life, pure: from the script, the launch and the orders so far to what is printed and the end.

use berth_common::vmm::EndedBy;
use serde::{Deserialize, Serialize};

use super::life::Life;
use super::words::{Button, Quirk};

/// As the shim's ladder does with real ones.
const BUTTON_EVERY_MS: u64 = 1000;
/// From press to power-off, for a guest that obeys.
const OBEY_MS: u64 = 100;
/// A silent monitor's QEMU is killed this long after the deadline.
const SILENT_KILL_MS: u64 = 1000;
/// What nothing ends is called stuck this long after it was forced.
const STUCK_MS: u64 = 7000;

/// What befalls a guest without being asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fault {
    Crash,
    PowerOff,
}

/// How a life ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub at_ms: u64,
    pub ended_by: EndedBy,
    pub reason: Option<&'static str>,
    pub status: &'static str,
}

/// When its guest is up, if ever.
fn up_ms(life: &Life) -> Option<u64> {
    let never = matches!(life.script.quirk, Some(Quirk::NeverBoot | Quirk::NeverRuns));
    (!never && !life.waits).then_some(life.begun_ms + life.script.boot_ms)
}

/// The first press that a listening guest hears.
fn heard_ms(life: &Life) -> Option<u64> {
    let (asked, up) = (life.asked_ms?, up_ms(life)?);
    let hears = life.script.button != Button::Deaf && life.script.quirk != Some(Quirk::Silent);
    let presses_missed = up.saturating_sub(asked).div_ceil(BUTTON_EVERY_MS);
    let press = asked + presses_missed * BUTTON_EVERY_MS;
    // At the deadline nobody asks any more.
    let in_time = life.deadline_ms.is_none_or(|deadline| press < deadline);
    (hears && in_time).then_some(press)
}

/// The end it comes to if nothing more is ordered.
pub(super) fn end(life: &Life) -> Option<End> {
    let unstoppable = life.script.quirk == Some(Quirk::Stuck);
    let silent = life.script.quirk == Some(Quirk::Silent);
    let obeys_after = match life.script.button {
        Button::Obey => Some(OBEY_MS),
        Button::Slow => Some(life.script.slow_ms),
        Button::Ignore | Button::Deaf => None,
    };
    let obeyed = heard_ms(life).zip(obeys_after).map(|(press, after)| press + after);
    // A paused guest does nothing; neither does one that isn't here yet.
    let acts = |at_ms: &u64| !life.waits && life.frozen_ms.is_none_or(|frozen_ms| *at_ms <= frozen_ms);
    let off = up_ms(life).zip(life.script.off_ms).map(|(up, off)| up + off);
    let crashed = life.script.crash_ms.map(|after| life.begun_ms + after);
    let fault = |kind| life.fault.filter(|(fault, _)| *fault == kind).map(|(_, at_ms)| at_ms);
    let forced = life.deadline_ms.map(|at_ms| if silent { at_ms + SILENT_KILL_MS } else { at_ms });
    let by_itself = [obeyed, off, fault(Fault::PowerOff)];
    let by_itself = by_itself.map(|at_ms| by_guest(life, at_ms.filter(acts)?));
    let by_fault = [crashed.filter(acts), fault(Fault::Crash)];
    let by_fault = by_fault.map(|at_ms| Some(ended(at_ms?, EndedBy::Crashed, None, "signal 9")));
    let (status, reason) = if silent { ("signal 9", None) } else { ("exit status 0", Some("host-qmp-quit")) };
    let by_force = forced.map(|at_ms| ended(at_ms, EndedBy::ForcedAtDeadline, reason, status));
    let by_kill = life.kill_ms.map(|at_ms| ended(at_ms, EndedBy::Killed, None, "signal 9"));
    let by_order = [by_kill, by_force].map(|end| end.filter(|_| !unstoppable));
    // The guest's own end comes first among those of one instant; `min_by_key` keeps the first.
    by_itself.into_iter().chain(by_fault).chain(by_order).flatten().min_by_key(|end| end.at_ms)
}

fn by_guest(life: &Life, at_ms: u64) -> Option<End> {
    let asked = life.asked_ms.is_some_and(|asked| asked <= at_ms);
    let ended_by = if asked { EndedBy::GracefulStop } else { EndedBy::GuestShutdown };
    Some(ended(at_ms, ended_by, Some("guest-shutdown"), "exit status 0"))
}

fn ended(at_ms: u64, ended_by: EndedBy, reason: Option<&'static str>, status: &'static str) -> End {
    End { at_ms, ended_by, reason, status }
}

/// When people are told that nothing ends it.
pub(super) fn stuck_ms(life: &Life) -> Option<u64> {
    let forced = [life.deadline_ms, life.kill_ms].into_iter().flatten().min()?;
    (life.script.quirk == Some(Quirk::Stuck)).then_some(forced + STUCK_MS)
}

/// What the guest prints, each line with its time, until its end.
pub(super) fn printed(life: &Life) -> Vec<(u64, String)> {
    let mut lines = Vec::new();
    if let Some(up) = up_ms(life) {
        let (boot_id, vmm, name) = (life.boot_id, life.vmm, &life.name);
        let button = format!("{:?}", life.script.button).to_lowercase();
        lines.push((up, format!("berth-guest: up boot_id={boot_id} vmm={vmm} name={name} button={button}")));
        lines.push((up, "berth-guest: ready".to_owned()));
    }
    if let Some(press) = heard_ms(life) {
        let ignored = if life.script.button == Button::Ignore { "; ignored" } else { "" };
        lines.push((press, format!("berth-guest: power button pressed{ignored}")));
    }
    // A terminal repeats what is typed, as soon as there is one.
    if let Some(up) = up_ms(life) {
        lines.extend(life.typed.iter().map(|(at_ms, line)| ((*at_ms).max(up), line.clone())));
    }
    lines.sort_by_key(|(at_ms, _)| *at_ms);
    let end = end(life);
    if let Some(end) = end.filter(|end| end.reason == Some("guest-shutdown")) {
        lines.push((end.at_ms, "berth-guest: farewell".to_owned()));
    }
    lines.retain(|(at_ms, _)| end.is_none_or(|end| *at_ms <= end.at_ms));
    lines.retain(|(at_ms, _)| life.frozen_ms.is_none_or(|frozen_ms| *at_ms <= frozen_ms));
    lines.retain(|(at_ms, _)| life.came_ms.is_none_or(|came_ms| *at_ms > came_ms));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hypervisor::simulated::words::Script;

    /// Launched at 1000, up at 1500.
    fn life(change: impl FnOnce(&mut Life)) -> Life {
        let mut life = Life::of_script(Script { boot_ms: 500, ..Script::default() }, 1000);
        change(&mut life);
        life
    }

    fn fate(change: impl FnOnce(&mut Life)) -> Option<(u64, EndedBy)> {
        end(&life(change)).map(|end| (end.at_ms, end.ended_by))
    }

    fn stop(life: &mut Life, asked_ms: u64, deadline_ms: u64) {
        (life.asked_ms, life.deadline_ms) = (Some(asked_ms), Some(deadline_ms));
    }

    #[test]
    fn without_order_or_fault_it_lives_for_ever() {
        assert_eq!(fate(|_| ()), None);
    }

    #[test]
    fn it_obeys_the_first_press_after_it_is_up() {
        assert_eq!(fate(|l| stop(l, 2000, 9000)), Some((2100, EndedBy::GracefulStop)));
        assert_eq!(fate(|l| stop(l, 1200, 9000)), Some((2300, EndedBy::GracefulStop)));
        assert_eq!(fate(|l| stop(l, 1200, 2000)), Some((2000, EndedBy::ForcedAtDeadline)));
    }

    #[test]
    fn what_does_not_obey_in_time_is_forced_at_the_deadline() {
        for button in [Button::Ignore, Button::Deaf, Button::Slow] {
            let fate = fate(|life| {
                life.script.button = button;
                stop(life, 2000, 5000);
            });
            assert_eq!(fate, Some((5000, EndedBy::ForcedAtDeadline)), "{button:?}");
        }
        let silent = fate(|life| {
            life.script.quirk = Some(Quirk::Silent);
            stop(life, 2000, 5000);
        });
        assert_eq!(silent, Some((6000, EndedBy::ForcedAtDeadline)));
    }

    #[test]
    fn its_own_end_and_faults_have_their_names() {
        assert_eq!(fate(|l| l.script.off_ms = Some(100)), Some((1600, EndedBy::GuestShutdown)));
        assert_eq!(fate(|l| l.fault = Some((Fault::PowerOff, 1700))), Some((1700, EndedBy::GuestShutdown)));
        assert_eq!(fate(|l| l.fault = Some((Fault::Crash, 1700))), Some((1700, EndedBy::Crashed)));
        assert_eq!(fate(|l| l.script.crash_ms = Some(10)), Some((1010, EndedBy::Crashed)));
        assert_eq!(fate(|l| l.kill_ms = Some(1200)), Some((1200, EndedBy::Killed)));
    }

    #[test]
    fn nothing_ends_what_is_stuck_and_people_are_told() {
        let stuck = life(|life| {
            life.script.quirk = Some(Quirk::Stuck);
            life.script.button = Button::Ignore;
            stop(life, 2000, 3000);
        });
        assert_eq!((end(&stuck), stuck_ms(&stuck)), (None, Some(10_000)));
    }

    #[test]
    fn it_prints_what_a_real_guest_does() {
        let life = life(|life| stop(life, 2000, 9000));
        let lines: Vec<String> =
            printed(&life).into_iter().map(|(at_ms, line)| format!("{at_ms} {line}")).collect();
        assert!(lines[0].starts_with("1500 berth-guest: up boot_id="), "{lines:?}");
        let rest = [
            "1500 berth-guest: ready",
            "2000 berth-guest: power button pressed",
            "2100 berth-guest: farewell",
        ];
        assert_eq!(lines[1..], rest);
    }
}
