//! What happens in a history: who wishes what, and what goes wrong, when. Drawn from the seed before it begins.

use std::time::Duration;

use crate::chance::Chance;
use crate::cluster::{NEXUS, SLEDS};
use crate::network::Weather;

/// What users ask for, by the number of the instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    Create { instance: usize, guest: &'static str, start: bool },
    Start { instance: usize },
    Stop { instance: usize, grace_s: u64 },
    Reboot { instance: usize, hard: bool, grace_s: u64 },
    Delete { instance: usize },
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Killed, and started again so much later.
    NexusDies {
        nexus: usize,
        back_ms: u64,
    },
    /// It doesn't run for so long, and then goes on as if nothing had been.
    NexusHeld {
        nexus: usize,
        for_ms: u64,
    },
    AgentDies {
        sled: usize,
        back_ms: u64,
    },
    HostReboots {
        sled: usize,
        back_ms: u64,
    },
    /// Nothing gets to or from it; one way only, if `deaf` or `mute`.
    SledApart {
        sled: usize,
        for_ms: u64,
        deaf: bool,
        mute: bool,
    },
    /// The database cuts connections of this nexus, so many of 1000, before and after it has heard.
    Cuts {
        nexus: usize,
        for_ms: u64,
        before: u64,
        after: u64,
    },
    DatabaseAway {
        for_ms: u64,
    },
    /// A guest somewhere crashes, or powers itself off.
    GuestFalls {
        sled: usize,
        crash: bool,
    },
}

/// One thing that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    Wish { wish: Wish, nexus: usize },
    Trouble(Trouble),
}

/// A fault put into the simulated world on purpose: each must be noticed, or looking at histories proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// A sled says that a VMM has ended, and lets it run.
    EndsAreLies,
    /// A sled acknowledges stops, and forgets them.
    StopsAreForgotten,
    /// Reports of ends are acknowledged, and not stored.
    EndsAreUnheard,
    /// What one sled is asked to run, another runs, too.
    RunsTwice,
    /// The database acknowledges COMMITs, one in so many, that it rolled back.
    CommitsAreLost,
    /// An acknowledged report comes to another VMM's row: generations go back.
    GenerationsGoBack,
}

impl Mutant {
    pub const ALL: [Mutant; 6] = [
        Mutant::EndsAreLies,
        Mutant::StopsAreForgotten,
        Mutant::EndsAreUnheard,
        Mutant::RunsTwice,
        Mutant::CommitsAreLost,
        Mutant::GenerationsGoBack,
    ];
}

/// The whole of it.
#[derive(Clone, Debug)]
pub struct Course {
    pub mutant: Option<Mutant>,
    pub weather: Weather,
    /// Of 1000 starts of a nexus, how many have a fault inside.
    pub faultiness: u64,
    /// Between two looks of a nexus' background tasks that nobody rang for.
    pub looks_ms: u64,
    /// Between two reports of a sled that has nothing new to tell.
    pub report_ms: u64,
    /// In the order of time.
    pub deeds: Vec<(Duration, Deed)>,
}

/// Instances of a history.
pub const INSTANCES: u64 = 4;
/// What their guests do; see the simulated hypervisor's words.
const GUESTS: [&str; 8] = [
    "",
    "",
    "berth.sim.boot=2",
    "berth.button=ignore",
    "berth.button=slow berth.slow=4",
    "berth.off=6",
    "berth.sim.crash=5",
    "berth.sim=fail_launch",
];

impl Course {
    /// The course of this seed.
    pub fn of(seed: u64) -> Course {
        let mut chance = Chance::new(seed, "course");
        let lost = chance.one(&[0, 0, 20, 100, 250]);
        let doubled = chance.one(&[0, 0, 50, 200]);
        let slowest_ms = chance.one(&[2, 20, 200, 1500]);
        let faultiness = chance.one(&[0, 300, 700]);
        let length_ms = chance.one(&[5_000, 12_000, 25_000]);
        let (looks_ms, report_ms) = (chance.one(&[500, 1500, 3000]), chance.one(&[1000, 2000, 3000]));
        let (wishes, troubles) = (6 + chance.below(14), chance.one(&[0, 2, 4, 8]));
        let mut deeds: Vec<(Duration, Deed)> = Vec::new();
        for number in 0..wishes {
            // The first ones make something to wish about.
            let at = if number < 3 { chance.time(0, 1500) } else { chance.time(500, length_ms) };
            let wish = wish(&mut chance, number);
            let nexus = usize::try_from(chance.below(NEXUS as u64)).unwrap_or(0);
            deeds.push((at, Deed::Wish { wish, nexus }));
        }
        // Some histories are rich in one kind of trouble.
        let kinds = [chance.below(8), chance.below(8), chance.below(8)];
        for _ in 0..troubles {
            let kind = chance.one(&kinds);
            deeds.push((chance.time(500, length_ms), Deed::Trouble(trouble(&mut chance, kind))));
        }
        deeds.sort_by_key(|(at, _)| *at);
        let weather = Weather { lost, doubled, slowest_ms };
        Course { mutant: None, weather, faultiness, looks_ms, report_ms, deeds }
    }
}

fn wish(chance: &mut Chance, number: u64) -> Wish {
    let instance = usize::try_from(if number < 3 { number } else { chance.below(INSTANCES) }).unwrap_or(0);
    if number < 3 {
        return Wish::Create { instance, guest: chance.one(&GUESTS), start: chance.below(3) > 0 };
    }
    match chance.below(13) {
        0 => Wish::Create { instance, guest: chance.one(&GUESTS), start: true },
        1..=4 => Wish::Start { instance },
        5..=7 => Wish::Stop { instance, grace_s: chance.one(&[0, 1, 3, 10]) },
        8..=10 => Wish::Reboot { instance, hard: chance.below(2) == 0, grace_s: chance.one(&[1, 5]) },
        _ => Wish::Delete { instance },
    }
}

fn trouble(chance: &mut Chance, kind: u64) -> Trouble {
    let nexus = usize::try_from(chance.below(NEXUS as u64)).unwrap_or(0);
    let sled = usize::try_from(chance.below(SLEDS as u64)).unwrap_or(0);
    let some_ms = chance.one(&[100, 900, 3_000, 8_000, 15_000]);
    match kind {
        0 => Trouble::NexusDies { nexus, back_ms: some_ms },
        1 => Trouble::NexusHeld { nexus, for_ms: some_ms },
        2 => Trouble::AgentDies { sled, back_ms: some_ms },
        3 => Trouble::HostReboots { sled, back_ms: some_ms },
        4 => {
            Trouble::SledApart { sled, for_ms: some_ms, deaf: chance.below(3) > 0, mute: chance.below(3) > 0 }
        }
        5 => {
            let (before, after) = (chance.one(&[0, 30, 150]), chance.one(&[0, 30, 150]));
            Trouble::Cuts { nexus, for_ms: some_ms, before, after }
        }
        6 => Trouble::DatabaseAway { for_ms: some_ms },
        _ => Trouble::GuestFalls { sled, crash: chance.below(2) == 0 },
    }
}
