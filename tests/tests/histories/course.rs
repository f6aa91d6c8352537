//! What happens in a history: who wishes what, and what goes wrong, when. Drawn from the seed before it begins.

use std::time::Duration;

use crate::chance::Chance;
use crate::cluster::{NEXUS, SLEDS};
use crate::network::Weather;
use crate::records::DISKS;

/// What users ask for, by the number of the instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    Create {
        instance: usize,
        guest: &'static str,
        start: bool,
        disk: Option<&'static str>,
    },
    Start {
        instance: usize,
    },
    Stop {
        instance: usize,
        grace_s: u64,
    },
    Reboot {
        instance: usize,
        hard: bool,
        grace_s: u64,
    },
    /// To another sled, whichever fits.
    Migrate {
        instance: usize,
        deadline_s: u64,
    },
    ForceStop {
        instance: usize,
    },
    /// The operation of this instance that was accepted last.
    Cancel {
        instance: usize,
    },
    Delete {
        instance: usize,
    },
}

impl Wish {
    /// The number of the instance.
    pub fn instance(&self) -> usize {
        match self {
            Wish::Create { instance, .. }
            | Wish::Start { instance }
            | Wish::Stop { instance, .. }
            | Wish::Reboot { instance, .. }
            | Wish::Migrate { instance, .. }
            | Wish::ForceStop { instance }
            | Wish::Cancel { instance }
            | Wish::Delete { instance } => *instance,
        }
    }
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
    /// So long after the next source was told to send its guest, one of the two ends is struck.
    Ambush {
        target: bool,
        blow: Blow,
        after_ms: u64,
        for_ms: u64,
    },
}

/// What strikes an end of a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blow {
    AgentDies,
    HostReboots,
    SledApart,
    /// Its VMM's process dies.
    GuestFalls,
    DatabaseAway,
    /// Both ends' agents, or hosts.
    BothAgentsDie,
    BothHostsReboot,
}

impl Blow {
    const ALL: [Blow; 7] = [
        Blow::AgentDies,
        Blow::HostReboots,
        Blow::SledApart,
        Blow::GuestFalls,
        Blow::DatabaseAway,
        Blow::BothAgentsDie,
        Blow::BothHostsReboot,
    ];
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
    /// A guest that was sent goes on where it was, too.
    SentGuestsGoOn,
    /// A sled says that a disk's file is deleted, and keeps it.
    CopiesAreKept,
}

impl Mutant {
    pub const ALL: [Mutant; 8] = [
        Mutant::CopiesAreKept,
        Mutant::EndsAreLies,
        Mutant::StopsAreForgotten,
        Mutant::EndsAreUnheard,
        Mutant::RunsTwice,
        Mutant::CommitsAreLost,
        Mutant::GenerationsGoBack,
        Mutant::SentGuestsGoOn,
    ];
}

/// The whole of it.
#[derive(Clone, Debug)]
pub struct Course {
    pub mutant: Option<Mutant>,
    /// The history is printed while it is told.
    pub aloud: bool,
    pub weather: Weather,
    /// Of 1000 starts of a nexus, how many have a fault inside.
    pub faultiness: u64,
    /// Between two looks of a nexus' background tasks that nobody rang for.
    pub looks_ms: u64,
    /// Between two reports of a sled that has nothing new to tell.
    pub report_ms: u64,
    /// What each write to a sled's disk takes.
    pub disk_ms: u64,
    /// In the order of time.
    pub deeds: Vec<(Duration, Deed)>,
}

/// Instances of a history.
pub const INSTANCES: u64 = 4;
/// What their guests do; see the simulated hypervisor's words.
const GUESTS: [&str; 14] = [
    "",
    "",
    "",
    "",
    "",
    "berth.sim.boot=2",
    "berth.button=ignore",
    "berth.button=slow berth.slow=4",
    "berth.off=6",
    "berth.sim.crash=5",
    "berth.sim=fail_launch",
    "berth.sim.copy=3",
    "berth.sim=fail_migration",
    "berth.sim=endless_migration",
];

/// Guests of a history that is about migrations.
const TRAVELLERS: [&str; 8] = [
    "",
    "",
    "berth.sim.copy=0.2",
    "berth.sim.copy=1",
    "berth.button=ignore",
    "berth.off=9",
    "berth.sim=fail_migration",
    "berth.sim=endless_migration",
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
        let disk_ms = chance.one(&[1, 1, 20, 150]);
        let travels = chance.below(3) == 0;
        let (wishes, troubles) = (8 + chance.below(14), chance.one(&[0, 2, 4, 8]));
        // Until guests run nothing can travel.
        let (length_ms, wishes, later_ms) =
            if travels { (25_000, wishes + 6, 3_000) } else { (length_ms, wishes, 500) };
        let mut deeds: Vec<(Duration, Deed)> = Vec::new();
        for number in 0..wishes {
            // The first ones make something to wish about.
            let at = if number < 3 { chance.time(0, 1500) } else { chance.time(later_ms, length_ms) };
            let wish = wish(&mut chance, number, travels);
            let nexus = usize::try_from(chance.below(NEXUS as u64)).unwrap_or(0);
            deeds.push((at, Deed::Wish { wish, nexus }));
        }
        // Some histories are rich in one kind of trouble.
        let ambushes = if travels { KINDS - 1 } else { chance.below(KINDS) };
        let kinds = [chance.below(KINDS), ambushes, chance.below(KINDS)];
        for _ in 0..troubles {
            let kind = chance.one(&kinds);
            let trouble = trouble(&mut chance, kind);
            let is_ambush = matches!(trouble, Trouble::Ambush { .. });
            let latest_ms = if is_ambush { length_ms * 2 / 3 } else { length_ms };
            deeds.push((chance.time(500, latest_ms), Deed::Trouble(trouble)));
        }
        deeds.sort_by_key(|(at, _)| *at);
        let weather = Weather { lost, doubled, slowest_ms };
        Course { mutant: None, aloud: false, weather, faultiness, looks_ms, report_ms, disk_ms, deeds }
    }
}

fn wish(chance: &mut Chance, number: u64, travels: bool) -> Wish {
    let instance = usize::try_from(if number < 3 { number } else { chance.below(INSTANCES) }).unwrap_or(0);
    if number < 3 {
        return create(chance, instance, travels);
    }
    match chance.below(if travels { 60 } else { 24 }) {
        0 => create(chance, instance, travels),
        1..=4 => Wish::Start { instance },
        5..=7 => Wish::Stop { instance, grace_s: chance.one(&[0, 1, 3, 10]) },
        8..=10 => Wish::Reboot { instance, hard: chance.below(2) == 0, grace_s: chance.one(&[1, 5]) },
        11..=19 | 24.. => {
            // One of those that are there.
            Wish::Migrate { instance: instance % 3, deadline_s: chance.one(&[2, 10, 40]) }
        }
        20 => Wish::ForceStop { instance },
        21 => Wish::Cancel { instance },
        22 | 23 => Wish::Delete { instance },
    }
}

fn create(chance: &mut Chance, instance: usize, travels: bool) -> Wish {
    let disk = chance.one(&[None, None, Some(0), Some(1), Some(2)]).map(|at: usize| DISKS[at].name);
    let guest = if travels { chance.one(&TRAVELLERS) } else { chance.one(&GUESTS) };
    Wish::Create { instance, guest, start: travels || chance.below(3) > 0, disk }
}

/// Kinds of trouble; the last ones are ambushes.
const KINDS: u64 = 10;

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
        7 => Trouble::GuestFalls { sled, crash: chance.below(2) == 0 },
        _ => {
            let blow = chance.one(&Blow::ALL);
            let longest_ms = chance.one(&[20, 80, 600]);
            let (target, after_ms) = (chance.below(2) == 0, chance.below(longest_ms));
            Trouble::Ambush { target, blow, after_ms, for_ms: some_ms }
        }
    }
}
