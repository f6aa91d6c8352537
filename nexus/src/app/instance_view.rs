//! Instances as users see them.

use std::collections::HashMap;

use berth_common::ids::{
    DiskUuid, GenericUuid, ImageUuid, InstanceUuid, NicUuid, OperationUuid, ProjectUuid, SledUuid, VmmUuid,
};
use berth_common::{Generation, Name};
use berth_db::lifecycle::text::liveness;
use berth_db::lifecycle::view::{self, InstanceView, LastEnd, ViewDisk, ViewNic};
use berth_nexus_api::instance::{Instance, InstanceDisk, InstanceSled, Nic, Vmm, VmmEnd};
use berth_nexus_api::operation::Operation;
use berth_plan::VmmFacts;
use berth_plan::shown_state::shown_state;

use super::actor::Actor;
use super::authorise::Action;
use super::error::{AppError, AppResult};
use super::find::Which;
use super::instance_decide::find;
use super::operation::shown;
use crate::context::Nexus;

/// One instance.
pub async fn instance_view(nexus: &Nexus, actor: &Actor, which: &Which) -> AppResult<Instance> {
    let found = find(nexus, actor, Action::View, which).await?;
    by_id(nexus, InstanceUuid::from_untyped_uuid(found.id))
        .await?
        .ok_or_else(|| AppError::not_found("instance", which))
}

/// One instance whose reader is known to be allowed.
pub(super) async fn by_id(nexus: &Nexus, id: InstanceUuid) -> AppResult<Option<Instance>> {
    let view = nexus
        .db
        .statement("instance.view", async |conn| Ok::<_, AppError>(view::by_id(conn, id).await?))
        .await?;
    let Some(view) = view else { return Ok(None) };
    Ok(with_operations(nexus, vec![view]).await?.pop())
}

/// Rows as users see them, with their open operations.
pub(super) async fn with_operations(nexus: &Nexus, views: Vec<InstanceView>) -> AppResult<Vec<Instance>> {
    let ids: Vec<OperationUuid> =
        views.iter().filter_map(|view| view.operation_id.map(OperationUuid::from_untyped_uuid)).collect();
    let mut operations: HashMap<OperationUuid, Operation> = HashMap::new();
    if !ids.is_empty() {
        let rows = nexus
            .db
            .statement("instance.operations", async |conn| {
                Ok::<_, AppError>(berth_db::lifecycle::work::by_ids(conn, &ids).await?)
            })
            .await?;
        operations.extend(rows.into_iter().map(|row| (row.id, shown(row))));
    }
    views
        .into_iter()
        .map(|view| {
            let open = view.operation_id.map(OperationUuid::from_untyped_uuid);
            let operation = open.and_then(|id| operations.remove(&id));
            instance(view, operation)
        })
        .collect()
}

/// A row that this nexus can't read was written by a newer one: a fault that the log names.
fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> AppError {
    AppError::Database(berth_db::DbError::Other(diesel::result::Error::DeserializationError(Box::new(error))))
}

fn number<T: TryFrom<i64>>(value: i64) -> AppResult<T>
where
    T::Error: std::error::Error + Send + Sync + 'static,
{
    T::try_from(value).map_err(unreadable)
}

fn name(text: &str) -> AppResult<Name> {
    text.parse().map_err(unreadable)
}

fn instance(view: InstanceView, operation: Option<Operation>) -> AppResult<Instance> {
    let facts = vmm_facts(&view)?;
    let (intent, state, rest) = (
        view.intent.parse().map_err(unreadable)?,
        view.state.parse().map_err(unreadable)?,
        view.rest.parse().map_err(unreadable)?,
    );
    let shown_state = shown_state(intent, state, rest, facts.as_ref());
    let last_end: Option<LastEnd> =
        view.last_end.clone().map(serde_json::from_value).transpose().map_err(unreadable)?;
    let disks: Vec<ViewDisk> = serde_json::from_value(view.disks.clone()).map_err(unreadable)?;
    let nics: Vec<ViewNic> = serde_json::from_value(view.nics.clone()).map_err(unreadable)?;
    Ok(Instance {
        id: InstanceUuid::from_untyped_uuid(view.id),
        project_id: ProjectUuid::from_untyped_uuid(view.project_id),
        name: name(&view.name)?,
        description: view.description.clone(),
        generation: Generation::from(view.generation),
        cpus: number(view.cpus)?,
        memory_mib: number(view.memory_mib)?,
        image_id: view.image_id.map(ImageUuid::from_untyped_uuid),
        command_line: view.command_line.clone(),
        disks: disks
            .into_iter()
            .map(|disk| {
                Ok(InstanceDisk {
                    id: DiskUuid::from_untyped_uuid(disk.id),
                    name: name(&disk.name)?,
                    slot: disk.slot,
                })
            })
            .collect::<AppResult<_>>()?,
        nics: nics
            .into_iter()
            .map(|nic| Nic { id: NicUuid::from_untyped_uuid(nic.id), mac: nic.mac })
            .collect(),
        stop_grace_s: number::<u64>(view.stop_grace_ms)? / 1_000,
        stop_priority: number(view.stop_priority)?,
        restart_policy: view.restart_policy.parse().map_err(unreadable)?,
        crashes: number(view.crashes)?,
        restart_at: view.restart_at,
        state: shown_state,
        observed_at: view.observed_at,
        state_age_ms: view.silent_ms.map(|ms| u64::try_from(ms).unwrap_or(0)),
        intent,
        rest,
        sled: sled(&view)?,
        vmm: vmm(&view, facts.as_ref()),
        last_end: last_end
            .map(|end| {
                Ok::<_, AppError>(VmmEnd {
                    vmm_id: VmmUuid::from_untyped_uuid(end.vmm_id),
                    ended_by: end.ended_by.parse().map_err(unreadable)?,
                    detail: end.detail,
                    ended_at: end.ended_at,
                })
            })
            .transpose()?,
        operation,
        created_at: view.created_at,
    })
}

fn vmm_facts(view: &InstanceView) -> AppResult<Option<VmmFacts>> {
    let (Some(id), Some(state)) = (view.vmm_id, &view.vmm_state) else { return Ok(None) };
    Ok(Some(VmmFacts {
        id: VmmUuid::from_untyped_uuid(id),
        state: state.parse().map_err(unreadable)?,
        ended_by: view.vmm_ended_by.as_deref().map(str::parse).transpose().map_err(unreadable)?,
        end_wanted: view.vmm_end_wanted.unwrap_or_default(),
        liveness: liveness(view.silent_ms),
    }))
}

fn sled(view: &InstanceView) -> AppResult<Option<InstanceSled>> {
    let (Some(id), Some(text)) = (view.sled_id, &view.sled_name) else { return Ok(None) };
    Ok(Some(InstanceSled { id: SledUuid::from_untyped_uuid(id), name: name(text)? }))
}

fn vmm(view: &InstanceView, facts: Option<&VmmFacts>) -> Option<Vmm> {
    let facts = facts?;
    Some(Vmm {
        id: facts.id,
        epoch: Generation::from(view.vmm_epoch?),
        state: facts.state,
        ended_by: facts.ended_by,
        detail: view.vmm_detail.clone(),
        unresponsive: view.vmm_unresponsive.unwrap_or_default(),
        stuck: view.vmm_stuck.unwrap_or_default(),
    })
}
