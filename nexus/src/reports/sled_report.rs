//! One report of one sled.

use berth_common::Generation;
use berth_common::ids::{GenericUuid, SledUuid};
use berth_common::vmm::VmmState;
use berth_db::DbError;
use berth_db::lifecycle::report::{self, KnownVmm, ReportedVmm, Reporter, StoredReport, StoredVmm};
use berth_sled_agent_api::report::{ReportAnswer, SledReport, Verdict, VmmReport, VmmVerdict};
use slog::warn;

use crate::sagas::begin;
use crate::sled_rows::reported;
use crate::world::World;

/// Why a report wasn't stored.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("sled {0} is not known to this cluster; it was expunged, or joined another one")]
    UnknownSled(SledUuid),
    #[error(transparent)]
    Database(#[from] DbError),
}

/// Answered to a report whose claims don't hold: no sled has it, so the agent registers again.
const NO_LEASE_EPOCH: i64 = 0;

/// Stores a report, begins the updates that follow, and says what the sled shall do with what it has.
pub async fn store(
    world: &World,
    sled: SledUuid,
    said: &SledReport,
    cause: &str,
) -> Result<ReportAnswer, ReportError> {
    let reporter = Reporter {
        sled,
        lease_epoch: said.lease_epoch.as_i64(),
        ledger: said.ledger.into_untyped_uuid(),
        boot: said.boot.into_untyped_uuid(),
        sequence: i64::try_from(said.sequence).unwrap_or(i64::MAX),
        recovered_done: i64::from(said.recovered.done),
        recovered_total: i64::from(said.recovered.total),
        full: said.full && said.recovered.is_complete(),
        quarantined: serde_json::to_value(&said.quarantined).unwrap_or_else(|_| serde_json::json!([])),
        cause: cause.to_string(),
    };
    let vmms: Vec<ReportedVmm> = said.vmms.iter().map(reported).collect();
    let stored: StoredReport = world
        .db
        .statement("report.store", async |conn| {
            Ok::<_, DbError>(report::store(conn, &reporter, &vmms).await?)
        })
        .await?;
    let Some(lease_epoch) = stored.lease_epoch else {
        return Err(ReportError::UnknownSled(sled));
    };
    if !stored.accepted {
        let epoch = if lease_epoch == reporter.lease_epoch { NO_LEASE_EPOCH } else { lease_epoch };
        return Ok(answer(world, epoch, Vec::new()));
    }
    follow(world, sled, &stored, cause).await;
    Ok(answer(world, lease_epoch, verdicts_on(&said.vmms, &stored.vmms)))
}

/// What a report sets in motion. A failure here loses nothing: the updater task looks by itself.
async fn follow(world: &World, sled: SledUuid, stored: &StoredReport, cause: &str) {
    let known = || stored.vmms.iter().filter_map(|vmm| vmm.known.as_ref());
    if known().any(|vmm| vmm.half_over) {
        // What the other end is to be told.
        world.wake.intent();
    } else if known().any(|vmm| vmm.transition || vmm.migration_news) {
        world.wake.changed();
    }
    let ended = |vmm: &KnownVmm| vmm.transition && vmm.state.is_terminal();
    for vmm in known().filter(|vmm| vmm.linked && (ended(vmm) || vmm.half_over)) {
        if let Err(error) = begin::update(world, vmm.instance, cause).await {
            warn!(world.log, "an update wasn't begun; the updater will"; "instance" => %vmm.instance, "error" => %error);
        }
    }
    if !stored.absent.is_empty() {
        world.doubts.raise(sled);
    }
}

fn answer(world: &World, lease_epoch: i64, verdicts: Vec<VmmVerdict>) -> ReportAnswer {
    ReportAnswer { lease_epoch: Generation::from(lease_epoch), verdicts, nexus: world.peers.addresses() }
}

fn verdicts_on(said: &[VmmReport], stored: &[StoredVmm]) -> Vec<VmmVerdict> {
    let judge = |vmm: &VmmReport| {
        let known =
            stored.iter().find(|stored| stored.vmm == vmm.vmm).and_then(|stored| stored.known.as_ref());
        let verdict = verdict(vmm.state, known)?;
        Some(VmmVerdict { vmm: vmm.vmm, verdict })
    };
    said.iter().filter_map(judge).collect()
}

/// What a sled shall do with a VMM that it reported so, given what the database now says. None: keep it.
fn verdict(said: VmmState, known: Option<&KnownVmm>) -> Option<Verdict> {
    match (said.is_terminal(), known) {
        // Nobody asks for it any more: the instance is gone, and with it this VMM's row.
        (true, None) => Some(Verdict::Forget),
        (false, None) => Some(Verdict::Quarantine),
        (true, Some(known)) => (!known.linked).then_some(Verdict::Forget),
        (false, Some(known)) => (known.state.is_terminal() || known.end_wanted).then_some(Verdict::End),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use berth_common::ids::InstanceUuid;

    #[test]
    fn verdicts_on_every_combination() {
        for said in VmmState::ALL {
            assert_eq!(
                verdict(*said, None),
                Some(if said.is_terminal() { Verdict::Forget } else { Verdict::Quarantine })
            );
            for state in VmmState::ALL {
                for (end_wanted, linked) in [(false, false), (false, true), (true, false), (true, true)] {
                    let known = KnownVmm {
                        instance: InstanceUuid::new_v4(),
                        state: *state,
                        end_wanted,
                        transition: false,
                        migration_news: false,
                        half_over: false,
                        linked,
                    };
                    let expected = match said.is_terminal() {
                        true if linked => None,
                        true => Some(Verdict::Forget),
                        false if state.is_terminal() || end_wanted => Some(Verdict::End),
                        false => None,
                    };
                    assert_eq!(
                        verdict(*said, Some(&known)),
                        expected,
                        "{said} {state} {end_wanted} {linked}"
                    );
                }
            }
        }
    }
}
