//! A sled says what it is and has.

use berth_common::Generation;
use berth_common::ids::{GenericUuid, SledUuid};
use berth_common::refusal::ErrorCode;
use berth_db::event::{self, NewEvent};
use berth_db::models::Sled;
use berth_db::sled_register::{PoolFault, PoolOffer, Registering, Registration, register};
use berth_sled_agent_api::sled::{Registered, SledRegister};

use super::error::{AppError, AppResult};
use crate::context::Nexus;

/// Stores it, and tells the sled its lease epoch.
///
/// # Errors
/// `forbidden` for a sled that is no part of the cluster, `invalid_request` for a pool that can't be what it is said to be.
pub async fn sled_register(
    nexus: &Nexus,
    sled: SledUuid,
    said: SledRegister,
    cause: &str,
) -> AppResult<Registered> {
    check(&said)?;
    let registration = Registration {
        sled,
        address: &said.address,
        boot: said.boot,
        ledger: said.ledger,
        version: &said.version,
        hypervisor: said.hypervisor,
        cpu_model: &said.cpu_model,
        machine_type: &said.machine_type,
        cpus: said.cpus.into(),
        memory_mib: said.memory_mib.into(),
        has_bridge: said.has_bridge,
        shutting_down: said.shutting_down,
        pools: said
            .pools
            .iter()
            .map(|pool| PoolOffer {
                id: pool.pool,
                name: &pool.name,
                kind: pool.kind,
                capacity_bytes: i64::try_from(pool.capacity_bytes).unwrap_or(i64::MAX),
            })
            .collect(),
    };
    let registered = nexus
        .db
        .transaction("sled.register", async |conn| match register(conn, &registration).await? {
            Registering::Registered(row) => {
                let message = format!("registered from {} with {} pools", said.address, said.pools.len());
                event::insert(conn, &[registered_event(&row, &said, &message, cause)]).await?;
                Ok(row)
            }
            Registering::Unknown | Registering::Expunged => Err(AppError::refused(
                ErrorCode::Forbidden,
                format!("sled {sled} is no part of this cluster"),
            )),
            Registering::PoolRefused { pool, why } => {
                Err(AppError::invalid(format!("pool {pool} is refused: {}", fault(why))))
            }
        })
        .await?;
    nexus.world.wake.changed();
    Ok(Registered {
        lease_epoch: Generation::from(registered.lease_epoch),
        nexus: nexus.world.peers.addresses(),
    })
}

/// What other rooms rely on: an address that can be called, texts that can be stored.
fn check(said: &SledRegister) -> AppResult<()> {
    /// A host name of 253 and what is around it.
    const ADDRESS_MAX_BYTES: usize = 300;
    const TEXT_MAX_BYTES: usize = 200;
    /// Mounts of one host that are worth being called pools.
    const POOLS_MAX: usize = 64;
    let url = url::Url::parse(&said.address);
    if said.address.len() > ADDRESS_MAX_BYTES
        || !url.is_ok_and(|url| url.scheme() == "https" && url.has_host())
    {
        return Err(AppError::invalid("`address` must be https://host:port"));
    }
    for (field, text) in
        [("version", &said.version), ("cpu_model", &said.cpu_model), ("machine_type", &said.machine_type)]
    {
        berth_nexus_api::limits::text(field, text, TEXT_MAX_BYTES).map_err(AppError::invalid)?;
    }
    if said.pools.len() > POOLS_MAX {
        return Err(AppError::invalid(format!("`pools` has {}; at most {POOLS_MAX}", said.pools.len())));
    }
    Ok(())
}

fn fault(why: PoolFault) -> &'static str {
    match why {
        PoolFault::OtherKind => "it is known as the other kind, shared or local",
        PoolFault::OfAnotherSled => {
            "it is a local pool of another sled; if its directory was copied, delete the marker file in the copy"
        }
    }
}

fn registered_event<'a>(
    sled: &'a Sled,
    said: &SledRegister,
    message: &'a str,
    cause: &'a str,
) -> NewEvent<'a> {
    NewEvent {
        kind: "sled_registered",
        subject_kind: "sled",
        subject: sled.id.into_untyped_uuid(),
        subject_name: sled.name.as_str(),
        project: None,
        sled: Some(sled.id),
        actor: "sled-agent",
        cause,
        message,
        data: serde_json::json!({
            "boot": said.boot, "ledger": said.ledger, "lease_epoch": sled.lease_epoch,
            "hypervisor": said.hypervisor,
        }),
    }
}
