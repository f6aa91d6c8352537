//! What was in histories, counted: a run that finds nothing wrong says how much could have gone wrong.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::cluster::Cluster;
use crate::course::{Course, Deed};
use crate::turnstile;

/// Of one history, or of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub histories: u64,
    wishes: u64,
    accepted: u64,
    troubles: u64,
    /// Nexus started with a fault inside.
    faults: u64,
    messages: u64,
    lost: u64,
    doubled: u64,
    /// Requests to the database, and how many of them were cut.
    requests: u64,
    cut: u64,
    /// In its own time.
    length: Duration,
}

impl Tally {
    /// That of a history which ends now.
    pub fn of(cluster: &Cluster, course: &Course, accepted: u64, length: Duration) -> Tally {
        let deeds = course.deeds.len() as u64;
        let wishes = course.deeds.iter().filter(|(_, deed)| matches!(deed, Deed::Wish { .. })).count() as u64;
        let traffic = cluster.network.traffic();
        Tally {
            histories: 1,
            wishes,
            accepted,
            troubles: deeds - wishes,
            faults: cluster.faults_drawn(),
            messages: traffic.sent,
            lost: traffic.lost,
            doubled: traffic.doubled,
            requests: turnstile::turns(),
            cut: turnstile::cuts(),
            length,
        }
    }

    /// Both together.
    pub fn add(&mut self, more: &Tally) {
        self.histories += more.histories;
        self.wishes += more.wishes;
        self.accepted += more.accepted;
        self.troubles += more.troubles;
        self.faults += more.faults;
        self.messages += more.messages;
        self.lost += more.lost;
        self.doubled += more.doubled;
        self.requests += more.requests;
        self.cut += more.cut;
        self.length += more.length;
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} wishes, {} accepted; {} troubles, {} nexus with a fault inside; {} messages, {} lost, {} doubled; \
             {} requests to the database, {} cut; {:.1} hours of simulated time",
            self.wishes,
            self.accepted,
            self.troubles,
            self.faults,
            self.messages,
            self.lost,
            self.doubled,
            self.requests,
            self.cut,
            self.length.as_secs_f64() / 3600.0
        )
    }
}
