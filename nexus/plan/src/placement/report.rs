//! What placement found out about every sled, for the API's explain and for people.

use berth_common::ids::SledUuid;
use berth_common::sled::{Admission, Hypervisor, Liveness};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The answer: the chosen sled, if there is one, and a report on every sled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Placement {
    /// The sled that takes it.
    pub chosen: Option<SledUuid>,
    /// Every sled, best first, then those that don't fit, by name.
    pub sleds: Vec<SledReport>,
}

/// Why a sled fits or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SledReport {
    /// The sled.
    pub sled: SledUuid,
    /// Its name.
    pub name: String,
    /// Free share of its memory with the VMM there, in millionths; none if it doesn't fit.
    pub score: Option<u32>,
    /// What is in the way; empty if it fits.
    pub unfit: Vec<Unfit>,
}

/// One reason against a sled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Unfit {
    /// The operator lets it take nothing new.
    NotInService { admission: Admission },
    /// It isn't known to be up.
    NotOnline { liveness: Liveness },
    /// Its agent never registered.
    NotRegistered,
    /// It runs guests by other means.
    OtherHypervisor { wanted: Hypervisor, found: Hypervisor },
    /// Too few virtual CPUs are free.
    TooFewCpus { wanted: u64, free: u64 },
    /// Too little memory is free.
    TooLittleMemory { wanted_mib: u64, free_mib: u64 },
    /// It has no bridge for the network interface.
    NoBridge,
    /// It can't reach a disk.
    DiskUnreachable { disk: String, pool: String },
    /// The guest sees another machine, which can't be changed while it runs.
    OtherCpu { wanted: String, found: String },
    /// No local pool takes the copy of a disk.
    NoRoomForCopy { disk: String, size_bytes: u64 },
    /// A former try failed there.
    TriedBefore { reason: String },
}

impl std::fmt::Display for Unfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unfit::NotInService { admission } => write!(f, "takes nothing new: {admission}"),
            Unfit::NotOnline { liveness } => write!(f, "is {liveness}"),
            Unfit::NotRegistered => f.write_str("its agent has not registered yet"),
            Unfit::OtherHypervisor { wanted, found } => write!(f, "runs guests by {found}, not {wanted}"),
            Unfit::TooFewCpus { wanted, free } => write!(f, "{wanted} CPUs wanted, {free} free"),
            Unfit::TooLittleMemory { wanted_mib, free_mib } => {
                write!(f, "{wanted_mib} MiB of memory wanted, {free_mib} MiB free")
            }
            Unfit::NoBridge => f.write_str("has no bridge for the network interface"),
            Unfit::DiskUnreachable { disk, pool } => {
                write!(f, "disk {disk} is in pool {pool}, which is not mounted there")
            }
            Unfit::OtherCpu { wanted, found } => write!(f, "guests see {found}, this one sees {wanted}"),
            Unfit::NoRoomForCopy { disk, size_bytes } => {
                write!(f, "no local pool takes the copy of disk {disk} ({size_bytes} bytes)")
            }
            Unfit::TriedBefore { reason } => write!(f, "was tried: {reason}"),
        }
    }
}

/// The report as lines for people, best sled first.
pub fn explain(placement: &Placement) -> Vec<String> {
    if placement.sleds.is_empty() {
        return vec!["there is no sled".to_string()];
    }
    placement.sleds.iter().map(|report| line(placement.chosen, report)).collect()
}

fn line(chosen: Option<SledUuid>, report: &SledReport) -> String {
    let name = &report.name;
    match report.score {
        Some(score) => {
            let verdict = if chosen == Some(report.sled) { "chosen" } else { "fits" };
            format!(
                "sled {name}: {verdict}, {}.{}% of its memory would stay free",
                score / 10_000,
                score / 1_000 % 10
            )
        }
        None => {
            let reasons: Vec<String> = report.unfit.iter().map(Unfit::to_string).collect();
            format!("sled {name}: {}", reasons.join("; "))
        }
    }
}
