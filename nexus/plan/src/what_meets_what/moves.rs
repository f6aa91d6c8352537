//! What migrations and force stops meet.

use super::*;

fn sled(n: u128) -> Option<SledUuid> {
    Some(SledUuid::from_u128(n))
}

/// From sled 1, wherever the cluster likes.
pub(super) const ANYWHERE: Way = Way { from: Some(SledUuid::from_u128(1)), under_way_to: None, to: None };

#[test]
fn migrate_goes_when_the_guest_runs_on_a_sled_that_is_up() {
    assert_eq!(migrate(&with_vmm(VmmState::Running), ANYWHERE), Decision::Go(MigratePlan));
    let to_itself = Way { to: sled(1), ..ANYWHERE };
    assert_eq!(refused(migrate(&with_vmm(VmmState::Running), to_itself)), ErrorCode::SameSled);
    for &liveness in Liveness::ALL.iter().filter(|liveness| **liveness != Liveness::Online) {
        let facts = with_vmm(VmmState::Running);
        let silent = InstanceFacts { active: facts.active.map(|vmm| VmmFacts { liveness, ..vmm }), ..facts };
        assert_eq!(refused(migrate(&silent, ANYWHERE)), ErrorCode::SledUnreachable, "{liveness}");
    }
}

#[test]
fn migrate_meets_a_migration_and_is_already_so_unless_it_goes_elsewhere() {
    let under_way = Way { under_way_to: sled(2), ..ANYWHERE };
    let accepted =
        InstanceFacts { operation: Some(OperationKind::InstanceMigrate), ..with_vmm(VmmState::Running) };
    for facts in [accepted, migrating(MigrationHalf::Pending, MigrationHalf::Pending)] {
        assert_eq!(migrate(&facts, under_way), Decision::Already);
        assert_eq!(migrate(&facts, Way { to: sled(2), ..under_way }), Decision::Already);
        let elsewhere = Way { to: sled(3), ..under_way };
        assert_eq!(refused(migrate(&facts, elsewhere)), ErrorCode::InstanceMigrating);
    }
}

#[test]
fn migrate_is_refused_by_the_name_of_what_is_in_flight() {
    let creating = InstanceFacts { state: InstanceState::Creating, ..nothing(Intent::Running) };
    let due = InstanceFacts { rest: Rest::Platform, ..nothing(Intent::Running) };
    let rows = [
        (creating, ErrorCode::InstanceCreating),
        (nothing(Intent::Stopped), ErrorCode::InstanceNotRunning),
        (due, ErrorCode::InstanceNotRunning),
        (starting(), ErrorCode::InstanceNotRunning),
        (with_vmm(VmmState::Starting), ErrorCode::InstanceNotRunning),
        (with_vmm(VmmState::Rebooting), ErrorCode::InstanceRebooting),
        (stopping(VmmState::Running), ErrorCode::InstanceStopping),
        (with_vmm(VmmState::Stopping), ErrorCode::InstanceStopping),
        (with_ended(EndedBy::Crashed), ErrorCode::InstanceNotRunning),
        (disowned(Intent::Stopped), ErrorCode::InstanceDisowned),
        (nothing(Intent::Destroyed), ErrorCode::Deleting),
    ];
    for (facts, code) in rows {
        assert_eq!(refused(migrate(&facts, ANYWHERE)), code, "{facts:?}");
    }
}

#[test]
fn stop_and_delete_cancel_a_migration_whose_target_is_not_linked_yet() {
    let accepted =
        InstanceFacts { operation: Some(OperationKind::InstanceMigrate), ..with_vmm(VmmState::Running) };
    let cancels = Some(Cancels::Migration);
    assert_eq!(stop(&accepted, Grace::Default, TIMES), begins(cancels, StopDone::WhenEnded));
    assert_eq!(delete(&accepted), Decision::Go(DeletePlan { cancels, ends: vec![ACTIVE] }));
}

#[test]
fn a_force_stop_meets_everything_and_only_a_delete_is_stronger() {
    for (facts, admitted) in [
        (starting(), true),
        (with_vmm(VmmState::Rebooting), true),
        (migrating(MigrationHalf::InProgress, MigrationHalf::InProgress), true),
        (stopping(VmmState::Stopping), true),
        (disowned(Intent::Stopped), true),
        (nothing(Intent::Destroyed), false),
    ] {
        assert_eq!(force_stop(&facts).is_admitted(), admitted, "{facts:?}");
    }
}

#[test]
fn nothing_but_a_delete_meets_what_a_force_stop_disowned() {
    let facts = disowned(Intent::Stopped);
    assert_eq!(refused(start(&facts)), ErrorCode::InstanceDisowned);
    assert_eq!(refused(migrate(&facts, ANYWHERE)), ErrorCode::InstanceDisowned);
    assert!(delete(&facts).is_admitted());
}
