//! What lies between nexus and sleds: each message has its own fate.

use std::collections::BTreeSet;
use std::future::pending;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

use crate::chance::Chance;

/// Where a message comes from, or goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Nexus(usize),
    Sled(usize),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Nexus(number) => write!(f, "n{number}"),
            Place::Sled(number) => write!(f, "s{number}"),
        }
    }
}

/// How bad the network is. Shares are of 1000 messages, in each direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weather {
    pub lost: u64,
    pub doubled: u64,
    pub slowest_ms: u64,
}

impl Weather {
    /// Nothing is lost, nothing comes twice, everything is fast.
    pub const FAIR: Weather = Weather { lost: 0, doubled: 0, slowest_ms: 2 };
}

#[derive(Debug)]
struct State {
    chance: Chance,
    weather: Weather,
    apart: BTreeSet<(Place, Place)>,
    traffic: Traffic,
}

/// What became of messages.
#[derive(Clone, Copy, Debug, Default)]
pub struct Traffic {
    pub sent: u64,
    pub lost: u64,
    pub doubled: u64,
}

/// The network.
#[derive(Debug)]
pub struct Network(Mutex<State>);

/// Beyond what is said by the weather, one in so many messages is very late.
const ONE_IN: u64 = 25;
const VERY_LATE_MS: u64 = 8_000;

impl Network {
    pub fn new(chance: Chance, weather: Weather) -> Network {
        Network(Mutex::new(State { chance, weather, apart: BTreeSet::new(), traffic: Traffic::default() }))
    }

    pub fn set_weather(&self, weather: Weather) {
        self.state().weather = weather;
    }

    /// Nothing gets from one of these to the other, in this direction, until it is mended.
    pub fn cut(&self, from: Place, to: Place) {
        self.state().apart.insert((from, to));
    }

    /// Everything gets everywhere again.
    pub fn mend(&self) {
        self.state().apart.clear();
    }

    /// One way. Returns when the message arrives; never, if it is lost.
    pub async fn travel(&self, from: Place, to: Place) {
        match self.fate(from, to) {
            Some(delay) => sleep(delay).await,
            None => pending().await,
        }
    }

    /// Whether this message comes a second time, and how much later.
    pub fn echo(&self) -> Option<Duration> {
        let mut state = self.state();
        let doubled = state.weather.doubled;
        let again = state.chance.permille(doubled);
        state.traffic.doubled += u64::from(again);
        again.then(|| state.chance.time(0, VERY_LATE_MS))
    }

    /// What became of all messages so far.
    pub fn traffic(&self) -> Traffic {
        self.state().traffic
    }

    fn fate(&self, from: Place, to: Place) -> Option<Duration> {
        let mut state = self.state();
        let Weather { lost, slowest_ms, .. } = state.weather;
        state.traffic.sent += 1;
        if state.apart.contains(&(from, to)) || state.chance.permille(lost) {
            state.traffic.lost += 1;
            return None;
        }
        let very_late = lost > 0 && state.chance.below(ONE_IN) == 0;
        Some(if very_late { state.chance.time(0, VERY_LATE_MS) } else { state.chance.time(0, slowest_ms) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
