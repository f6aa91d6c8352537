//! The serial console, its history and its live stream: read from the sled that has it.

use berth_common::ids::{GenericUuid, InstanceUuid, VmmUuid};
use berth_common::refusal::ErrorCode;
use berth_db::lifecycle::delivery::{self, Due};
use berth_nexus_api::limits::SERIAL_MAX_BYTES;
use berth_nexus_api::serial::SerialHistory;

use super::actor::Actor;
use super::authorise::Action;
use super::error::{AppError, AppResult};
use super::find::Which;
use super::instance_decide::find;
use crate::console::{self, ConsoleError, LiveConsole};
use crate::context::Nexus;

/// Which part of the history.
#[derive(Clone, Copy, Debug, Default)]
pub struct SerialPart {
    /// First byte wanted; none: the last `max_bytes`.
    pub from: Option<u64>,
    /// At most so many bytes.
    pub max_bytes: Option<u32>,
}

/// A piece of the output of the current incarnation, or of the last one.
pub async fn instance_serial(
    nexus: &Nexus,
    actor: &Actor,
    which: &Which,
    part: SerialPart,
) -> AppResult<SerialHistory> {
    let found = find(nexus, actor, Action::View, which).await?;
    if part.max_bytes.is_some_and(|bytes| !(1..=SERIAL_MAX_BYTES).contains(&bytes)) {
        return Err(AppError::invalid(format!("`max_bytes` must be 1 to {SERIAL_MAX_BYTES}")));
    }
    let due = newest(nexus, which, InstanceUuid::from_untyped_uuid(found.id)).await?;
    let vmm_id = VmmUuid::from_untyped_uuid(due.vmm);
    let wanted = berth_sled_agent_api::vmm::SerialQuery { from: part.from, max_bytes: part.max_bytes };
    match console::serial(&nexus.world, &due, &wanted).await {
        Ok(chunk) => {
            Ok(SerialHistory { vmm_id, from: chunk.from, next: chunk.next, data_base64: chunk.data_base64 })
        }
        Err(error) => Err(refused(which, &error)),
    }
}

/// Proof that the actor may sit at this instance's console: whoever types changes something.
#[derive(Clone, Copy, Debug)]
pub struct MayType(InstanceUuid);

/// Finds the instance and checks that the actor may type there.
pub async fn may_type(nexus: &Nexus, actor: &Actor, which: &Which) -> AppResult<MayType> {
    let found = find(nexus, actor, Action::Change, which).await?;
    Ok(MayType(InstanceUuid::from_untyped_uuid(found.id)))
}

/// Opens the live console of the current incarnation, or of the last one.
pub async fn instance_console(
    nexus: &Nexus,
    allowed: MayType,
    which: &Which,
    from: Option<u64>,
) -> AppResult<LiveConsole> {
    let due = newest(nexus, which, allowed.0).await?;
    console::open(&nexus.world, &due, from).await.map_err(|error| refused(which, &error))
}

/// The newest VMM, with its sled.
async fn newest(nexus: &Nexus, which: &Which, instance: InstanceUuid) -> AppResult<Due> {
    let due = nexus
        .db
        .statement("serial.find", async |conn| {
            let Some(vmm) = delivery::newest(conn, instance).await? else { return Ok(None) };
            Ok::<_, AppError>(delivery::one(conn, vmm).await?)
        })
        .await?;
    due.ok_or_else(|| AppError::not_found("serial output of", format!("instance {which}: it never ran")))
}

fn refused(which: &Which, error: &ConsoleError) -> AppError {
    match error {
        ConsoleError::Gone { .. } => {
            AppError::refused(ErrorCode::NotFound, format!("instance {which}: {error}"))
        }
        ConsoleError::Unreachable { .. } => AppError::refused(
            ErrorCode::Unavailable,
            format!("instance {which}: {error}; try again when the sled is back"),
        ),
        ConsoleError::TooMany => AppError::refused(ErrorCode::LimitExceeded, error.to_string()),
    }
}
