//! A sled says what it is: its address, boot, ledger, size and pools.

use crate::error::DbResult;
use crate::fixed::fixed;
use crate::ids::Raw;
use crate::models::{Pool, Sled};
use berth_common::Name;
use berth_common::ids::{BootUuid, GenericUuid, LedgerUuid, PoolUuid, SledUuid};
use berth_common::sled::{Admission, Hypervisor};
use berth_common::storage::PoolKind;
use diesel::sql_types::{Array, BigInt, Bool, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// What an agent says when it starts.
#[derive(Clone, Debug)]
pub struct Registration<'a> {
    pub sled: SledUuid,
    /// `https://host:port`.
    pub address: &'a str,
    pub boot: BootUuid,
    pub ledger: LedgerUuid,
    pub version: &'a str,
    pub hypervisor: Hypervisor,
    pub cpu_model: &'a str,
    pub machine_type: &'a str,
    pub cpus: i64,
    pub memory_mib: i64,
    pub has_bridge: bool,
    /// Its host is still being shut down.
    pub shutting_down: bool,
    pub pools: Vec<PoolOffer<'a>>,
}

/// A pool as one sled sees it.
#[derive(Clone, Debug)]
pub struct PoolOffer<'a> {
    pub id: PoolUuid,
    pub name: &'a Name,
    pub kind: PoolKind,
    pub capacity_bytes: i64,
}

/// What became of a registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Registering {
    /// The sled as it is now. Its lease epoch went up if its boot or its ledger is another one than before.
    Registered(Box<Sled>),
    /// There is no such sled.
    Unknown,
    /// The sled is gone for good.
    Expunged,
    /// A pool can't be what it is said to be. Roll back.
    PoolRefused { pool: PoolUuid, why: PoolFault },
}

/// Why a pool is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolFault {
    /// It is known as the other kind: shared, not local, or the other way round.
    OtherKind,
    /// It is local, and belongs to another sled: one directory was copied to two hosts.
    OfAnotherSled,
}

/// Stores a registration. Needs a transaction, to be rolled back unless the answer is *registered*.
///
/// # Errors
/// Of the database only.
pub async fn register(
    conn: &mut AsyncPgConnection,
    registration: &Registration<'_>,
) -> DbResult<Registering> {
    let Some(sled) = update_sled(conn, registration).await? else { return Ok(Registering::Unknown) };
    if sled.admission == Admission::Expunged {
        return Ok(Registering::Expunged);
    }
    let mut offers: Vec<&PoolOffer<'_>> = registration.pools.iter().collect();
    // In one order for all sleds, so that two of them can't wait for each other.
    offers.sort_by_key(|offer| offer.id);
    for offer in &offers {
        if let Some(why) = offer_pool(conn, registration.sled, offer).await? {
            return Ok(Registering::PoolRefused { pool: offer.id, why });
        }
    }
    let offered: Vec<Uuid> = offers.iter().map(|offer| offer.id.raw()).collect();
    fixed("DELETE FROM sled_pool WHERE sled_id = $1 AND pool_id <> ALL ($2)")
        .bind::<SqlUuid, _>(registration.sled.raw())
        .bind::<Array<SqlUuid>, _>(offered)
        .execute(conn)
        .await?;
    Ok(Registering::Registered(Box::new(sled)))
}

async fn update_sled(
    conn: &mut AsyncPgConnection,
    registration: &Registration<'_>,
) -> DbResult<Option<Sled>> {
    let updated = fixed(
        "UPDATE sled s SET registered_at = coalesce(registered_at, now()), address = $2, boot_id = $3,
             ledger_id = $4, version = $5, hypervisor = $6, cpu_model = $7, cpus = $8, memory_mib = $9,
             has_bridge = $10, machine_type = $12, planned_down_at = CASE WHEN $11 THEN coalesce(planned_down_at, now()) END,
             lease_epoch = lease_epoch + CASE WHEN is_new THEN 1 ELSE 0 END,
             report_seq = CASE WHEN is_new THEN 0 ELSE report_seq END
         FROM (SELECT id, registered_at IS NOT NULL
                   AND (boot_id IS DISTINCT FROM $3 OR ledger_id IS DISTINCT FROM $4) AS is_new
               FROM sled WHERE id = $1 FOR UPDATE) before
         WHERE s.id = before.id RETURNING s.*",
    )
    .bind::<SqlUuid, _>(registration.sled.raw())
    .bind::<Text, _>(registration.address)
    .bind::<SqlUuid, _>(registration.boot.raw())
    .bind::<SqlUuid, _>(registration.ledger.raw())
    .bind::<Text, _>(registration.version)
    .bind::<Text, _>(registration.hypervisor.as_str())
    .bind::<Text, _>(registration.cpu_model)
    .bind::<BigInt, _>(registration.cpus)
    .bind::<BigInt, _>(registration.memory_mib)
    .bind::<Bool, _>(registration.has_bridge)
    .bind::<Bool, _>(registration.shutting_down)
    .bind::<Text, _>(registration.machine_type)
    .get_result(conn)
    .await
    .optional()?;
    Ok(updated)
}

/// Notes that the sled's host goes on purpose. Returns the sled if that is news, and of the boot and the ledger that it
/// is known by: what an earlier one said says nothing of this one.
///
/// # Errors
/// Of the database only.
pub async fn plan_down(
    conn: &mut AsyncPgConnection,
    sled: SledUuid,
    boot: BootUuid,
    ledger: LedgerUuid,
) -> DbResult<Option<Sled>> {
    let updated = fixed(
        "UPDATE sled SET planned_down_at = now()
         WHERE id = $1 AND boot_id = $2 AND ledger_id = $3 AND planned_down_at IS NULL RETURNING *",
    )
    .bind::<SqlUuid, _>(sled.raw())
    .bind::<SqlUuid, _>(boot.raw())
    .bind::<SqlUuid, _>(ledger.raw())
    .get_result(conn)
    .await
    .optional()?;
    Ok(updated)
}

#[derive(QueryableByName)]
struct Owner {
    #[diesel(sql_type = SqlUuid)]
    sled_id: Uuid,
}

async fn offer_pool(
    conn: &mut AsyncPgConnection,
    sled: SledUuid,
    offer: &PoolOffer<'_>,
) -> DbResult<Option<PoolFault>> {
    // The row is locked by the update, so what is read below stays true until the end.
    let pool: Pool = fixed(
        "INSERT INTO pool (id, name, kind, capacity_bytes) VALUES ($1, $2, $3, $4)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, capacity_bytes = excluded.capacity_bytes
         RETURNING *",
    )
    .bind::<SqlUuid, _>(offer.id.raw())
    .bind::<Text, _>(offer.name.as_str())
    .bind::<Text, _>(offer.kind.as_str())
    .bind::<BigInt, _>(offer.capacity_bytes)
    .get_result(conn)
    .await?;
    if pool.kind != offer.kind {
        return Ok(Some(PoolFault::OtherKind));
    }
    if pool.kind == PoolKind::Local {
        let owners: Vec<Owner> = fixed("SELECT sled_id FROM sled_pool WHERE pool_id = $1")
            .bind::<SqlUuid, _>(offer.id.raw())
            .load(conn)
            .await?;
        if owners.iter().any(|owner| owner.sled_id != sled.into_untyped_uuid()) {
            return Ok(Some(PoolFault::OfAnotherSled));
        }
    }
    fixed("INSERT INTO sled_pool (sled_id, pool_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind::<SqlUuid, _>(sled.raw())
        .bind::<SqlUuid, _>(offer.id.raw())
        .execute(conn)
        .await?;
    Ok(None)
}
