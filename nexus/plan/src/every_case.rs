//! The finite input spaces of the planners, every value of them, for tests.

use berth_common::ids::VmmUuid;
use berth_common::instance::{InstanceState, Intent, Rest, RestartPolicy};
use berth_common::migration::MigrationHalf;
use berth_common::operation::OperationKind;
use berth_common::sled::Liveness;
use berth_common::vmm::{EndedBy, VmmState};

use crate::facts::{InstanceFacts, MigrationFacts, VmmFacts};
use crate::restart::{CRASHES_MAX, RestartFacts};

/// The active VMM's id in every case.
pub(crate) const ACTIVE: VmmUuid = VmmUuid::from_u128(1);
/// The target VMM's id in every case.
pub(crate) const TARGET: VmmUuid = VmmUuid::from_u128(2);

/// A VMM that is online and of which nothing is wanted.
pub(crate) fn vmm(id: VmmUuid, state: VmmState, ended_by: Option<EndedBy>) -> VmmFacts {
    VmmFacts { id, state, ended_by, end_wanted: false, liveness: Liveness::Online }
}

/// None, each living state with and without a wanted end, each terminal state with each cause and without one.
pub(crate) fn every_vmm(id: VmmUuid) -> Vec<Option<VmmFacts>> {
    let causes: Vec<Option<EndedBy>> = EndedBy::ALL.iter().copied().map(Some).chain([None]).collect();
    let mut vmms = vec![None];
    for &state in VmmState::ALL {
        if state.is_terminal() {
            vmms.extend(causes.iter().map(|&ended_by| Some(vmm(id, state, ended_by))));
        } else {
            vmms.extend(
                [false, true].map(|end_wanted| Some(VmmFacts { end_wanted, ..vmm(id, state, None) })),
            );
        }
    }
    vmms
}

/// None, and each pair of halves.
pub(crate) fn every_migration() -> Vec<Option<MigrationFacts>> {
    let halves = MigrationHalf::ALL.iter();
    let pairs = halves.flat_map(|&source| MigrationHalf::ALL.iter().map(move |&target| (source, target)));
    let migrations = pairs.map(|(source, target)| Some(MigrationFacts { source, target }));
    [None].into_iter().chain(migrations).collect()
}

/// None, and each kind of operation.
pub(crate) fn every_operation() -> Vec<Option<OperationKind>> {
    [None].into_iter().chain(OperationKind::ALL.iter().copied().map(Some)).collect()
}

/// Calls `check` with every combination of links and halves, the rest of the facts as in `base`; how many there were.
pub(crate) fn for_every_link(base: InstanceFacts, mut check: impl FnMut(&InstanceFacts)) -> u64 {
    let (actives, targets) = (every_vmm(ACTIVE), every_vmm(TARGET));
    let migrations = every_migration();
    let mut count = 0;
    for &active in &actives {
        for &target in &targets {
            for &migration in &migrations {
                check(&InstanceFacts { active, target, migration, ..base });
                count += 1;
            }
        }
    }
    count
}

/// Calls `check` with every instance of this intent; how many there were. The restart policy decides nothing but what
/// is stored once nothing runs, so here it goes round; [`for_every_restart`] has all of it.
pub(crate) fn for_every_instance(intent: Intent, mut check: impl FnMut(&InstanceFacts)) -> u64 {
    let mut count = 0;
    let mut restarts = every_restart().into_iter().cycle();
    for &state in InstanceState::ALL {
        for &rest in Rest::ALL {
            for operation in every_operation() {
                for unlinked_alive in [false, true] {
                    let base = InstanceFacts { state, rest, operation, unlinked_alive, ..nothing(intent) };
                    count += for_every_link(base, |facts| {
                        let restart = restarts.next().unwrap_or(facts.restart);
                        check(&InstanceFacts { restart, ..*facts });
                    });
                }
            }
        }
    }
    count
}

/// Calls `check` with every instance of this intent that has at most one VMM, under every restart policy; how many
/// there were.
pub(crate) fn for_every_restart(intent: Intent, mut check: impl FnMut(&InstanceFacts)) -> u64 {
    let mut count = 0;
    for &state in InstanceState::ALL {
        for &rest in Rest::ALL {
            for operation in every_operation() {
                for active in every_vmm(ACTIVE) {
                    for restart in every_restart() {
                        check(&InstanceFacts { state, rest, operation, active, restart, ..nothing(intent) });
                        count += 1;
                    }
                }
            }
        }
    }
    count
}

/// An instance of which nothing runs and nothing is in flight.
pub(crate) fn nothing(intent: Intent) -> InstanceFacts {
    InstanceFacts {
        intent,
        state: InstanceState::NoVmm,
        rest: Rest::None,
        active: None,
        target: None,
        migration: None,
        unlinked_alive: false,
        operation: None,
        reboot: None,
        restart: restart(RestartPolicy::Never),
    }
}

/// A policy with its whole budget, and no pause.
pub(crate) const fn restart(policy: RestartPolicy) -> RestartFacts {
    RestartFacts { policy, crashes: 0, ran_ms: 0, jitter: 0, pausing: false }
}

/// Each policy with its budget whole, about to be spent, and more than spent; in a pause and not.
pub(crate) fn every_restart() -> Vec<RestartFacts> {
    let mut all = Vec::new();
    for &policy in RestartPolicy::ALL {
        for crashes in [0, CRASHES_MAX - 1, CRASHES_MAX] {
            all.extend([false, true].map(|pausing| RestartFacts { crashes, pausing, ..restart(policy) }));
        }
    }
    all
}

/// An instance whose VMM is in this state, wanted running.
pub(crate) fn with_vmm(state: VmmState) -> InstanceFacts {
    let active = Some(vmm(ACTIVE, state, None));
    InstanceFacts { state: InstanceState::Vmm, active, ..nothing(Intent::Running) }
}

/// An instance whose VMM ended, wanted running, not cleared away yet.
pub(crate) fn with_ended(ended_by: EndedBy) -> InstanceFacts {
    let active = Some(vmm(ACTIVE, VmmState::Destroyed, Some(ended_by)));
    InstanceFacts { state: InstanceState::Vmm, active, ..nothing(Intent::Running) }
}

/// An instance in mid-migration, both VMMs alive.
pub(crate) fn migrating(source: MigrationHalf, target: MigrationHalf) -> InstanceFacts {
    InstanceFacts {
        target: Some(vmm(TARGET, VmmState::Migrating, None)),
        migration: Some(MigrationFacts { source, target }),
        ..with_vmm(VmmState::Migrating)
    }
}
