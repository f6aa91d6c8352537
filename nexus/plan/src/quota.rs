//! May a project have more? Limits × usage × demand.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Amounts of everything that a quota limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Amounts {
    /// Instances.
    pub instances: u64,
    /// Virtual CPUs of all instances.
    pub cpus: u64,
    /// Memory of all instances, in MiB.
    pub memory_mib: u64,
    /// Size of all disks, in bytes.
    pub disk_bytes: u64,
}

/// What a quota limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    Instances,
    Cpus,
    MemoryMib,
    DiskBytes,
}

impl std::fmt::Display for Resource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Resource::Instances => "instances",
            Resource::Cpus => "CPUs",
            Resource::MemoryMib => "MiB of memory",
            Resource::DiskBytes => "bytes of disk",
        })
    }
}

/// One limit that would be exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Excess {
    /// Which limit.
    pub resource: Resource,
    /// The limit.
    pub limit: u64,
    /// What is used already.
    pub used: u64,
    /// What is asked for.
    pub wanted: u64,
    /// By how much the limit would be exceeded; the largest number where it is more than that.
    pub over: u64,
}

impl std::fmt::Display for Excess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Excess { resource, limit, used, wanted, over } = self;
        write!(f, "{wanted} {resource} wanted, {used} of {limit} used: {over} too many")
    }
}

/// All limits that would be exceeded, never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the project's quota doesn't allow it: {}; free some, or ask an operator for more", join(.0))]
pub struct Exceeded(pub Vec<Excess>);

fn join(excesses: &[Excess]) -> String {
    excesses.iter().map(Excess::to_string).collect::<Vec<_>>().join("; ")
}

/// Decides whether `wanted` more fits beside `used` within `limits`. What isn't wanted isn't asked about: a limit that
/// was lowered below the usage refuses only more of the same.
pub fn check(limits: &Amounts, used: &Amounts, wanted: &Amounts) -> Result<(), Exceeded> {
    let excesses: Vec<Excess> = [
        (Resource::Instances, limits.instances, used.instances, wanted.instances),
        (Resource::Cpus, limits.cpus, used.cpus, wanted.cpus),
        (Resource::MemoryMib, limits.memory_mib, used.memory_mib, wanted.memory_mib),
        (Resource::DiskBytes, limits.disk_bytes, used.disk_bytes, wanted.disk_bytes),
    ]
    .into_iter()
    .filter_map(|(resource, limit, used, wanted)| excess(resource, limit, used, wanted))
    .collect();
    if excesses.is_empty() { Ok(()) } else { Err(Exceeded(excesses)) }
}

fn excess(resource: Resource, limit: u64, used: u64, wanted: u64) -> Option<Excess> {
    let over = (u128::from(used) + u128::from(wanted)).checked_sub(u128::from(limit))?;
    if wanted == 0 || over == 0 {
        return None;
    }
    Some(Excess { resource, limit, used, wanted, over: u64::try_from(over).unwrap_or(u64::MAX) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: Amounts = Amounts { instances: 10, cpus: 20, memory_mib: 4096, disk_bytes: 1 << 40 };

    #[test]
    fn what_fits_exactly_is_allowed() {
        let used = Amounts { instances: 9, cpus: 18, memory_mib: 4000, disk_bytes: 0 };
        let wanted = Amounts { instances: 1, cpus: 2, memory_mib: 96, disk_bytes: 1 << 40 };
        assert_eq!(check(&LIMITS, &used, &wanted), Ok(()));
    }

    #[test]
    fn every_exceeded_limit_is_named_with_its_excess() {
        let used = Amounts { instances: 10, cpus: 18, memory_mib: 0, disk_bytes: 0 };
        let wanted = Amounts { instances: 1, cpus: 5, memory_mib: 1, disk_bytes: 0 };
        let Exceeded(excesses) = check(&LIMITS, &used, &wanted).expect_err("two limits are exceeded");
        let over: Vec<(Resource, u64)> = excesses.iter().map(|e| (e.resource, e.over)).collect();
        assert_eq!(over, [(Resource::Instances, 1), (Resource::Cpus, 3)]);
        let message = Exceeded(excesses).to_string();
        assert!(message.contains("5 CPUs wanted, 18 of 20 used: 3 too many"), "{message}");
    }

    #[test]
    fn a_lowered_limit_refuses_only_more_of_the_same() {
        let used = Amounts { cpus: 30, ..Amounts::default() };
        assert_eq!(check(&LIMITS, &used, &Amounts { memory_mib: 1, ..Amounts::default() }), Ok(()));
        assert!(check(&LIMITS, &used, &Amounts { cpus: 1, ..Amounts::default() }).is_err());
    }

    proptest! {
        #[test]
        fn no_amount_overflows(limit: u64, used: u64, wanted: u64) {
            let of = |cpus| Amounts { cpus, ..Amounts::default() };
            let allowed = check(&of(limit), &of(used), &of(wanted)).is_ok();
            let fits = used.checked_add(wanted).is_some_and(|sum| sum <= limit);
            prop_assert_eq!(allowed, fits || wanted == 0);
        }
    }
}
