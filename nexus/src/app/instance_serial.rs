//! The serial console's history: read from the sled that has it.

use berth_common::ids::{GenericUuid, InstanceUuid, VmmUuid};
use berth_common::refusal::ErrorCode;
use berth_db::lifecycle::delivery;
use berth_nexus_api::limits::SERIAL_MAX_BYTES;
use berth_nexus_api::serial::SerialHistory;

use super::actor::Actor;
use super::authorise::Action;
use super::error::{AppError, AppResult};
use super::find::Which;
use super::instance_decide::find;
use crate::console::{self, ConsoleError};
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
    let instance = InstanceUuid::from_untyped_uuid(found.id);
    let due = nexus
        .db
        .statement("serial.find", async |conn| {
            let Some(vmm) = delivery::newest(conn, instance).await? else { return Ok(None) };
            Ok::<_, AppError>(delivery::one(conn, vmm).await?)
        })
        .await?;
    let never = || AppError::not_found("serial output of", format!("instance {which}: it never ran"));
    let due = due.ok_or_else(never)?;
    let vmm_id = VmmUuid::from_untyped_uuid(due.vmm);
    let wanted = berth_sled_agent_api::vmm::SerialQuery { from: part.from, max_bytes: part.max_bytes };
    match console::serial(&nexus.world, &due, &wanted).await {
        Ok(chunk) => {
            Ok(SerialHistory { vmm_id, from: chunk.from, next: chunk.next, data_base64: chunk.data_base64 })
        }
        Err(error @ ConsoleError::Gone { .. }) => {
            Err(AppError::refused(ErrorCode::NotFound, format!("instance {which}: {error}")))
        }
        Err(error @ ConsoleError::Unreachable { .. }) => Err(AppError::refused(
            ErrorCode::Unavailable,
            format!("instance {which}: {error}; try again when the sled is back"),
        )),
    }
}
