//! Sleds, as operators see them, and what they allow them.

use berth_common::Generation;
use berth_common::ids::GenericUuid;
use berth_common::refusal::ErrorCode;
use berth_common::sled::Admission;
use berth_db::event::{self, NewEvent};
use berth_db::sled::{self, SledSeen};
use berth_db::{models, sled_admission};
use berth_nexus_api::page::PageQuery;
use berth_nexus_api::sled::{Readiness, Sled};
use berth_nexus_api::{NameOrId, Page};

use super::actor::Actor;
use super::authorise::{Action, authorise_fleet};
use super::error::{AppError, AppResult};
use super::find::sled_in;
use super::page::{paging, shown};
use super::unreadable::amount;
use crate::context::Nexus;

/// What is changed by hand; the other states belong to the work that brought the sled there.
const BY_HAND: &[Admission] = &[Admission::InService, Admission::Cordoned];

/// All sleds.
pub async fn sled_list(nexus: &Nexus, actor: &Actor, query: PageQuery) -> AppResult<Page<Sled>> {
    authorise_fleet(actor, Action::ViewFleet)?;
    let paging = paging(query.limit, query.page_token.as_deref())?;
    let rows = nexus
        .db
        .statement("sled.list", async |conn| Ok::<_, AppError>(sled::list(conn, &paging).await?))
        .await?;
    Ok(shown(rows, view))
}

/// One sled.
pub async fn sled_view(nexus: &Nexus, actor: &Actor, which: &NameOrId) -> AppResult<Sled> {
    authorise_fleet(actor, Action::ViewFleet)?;
    Ok(view(nexus.db.statement("sled.view", async |conn| sled_in(conn, which).await).await?))
}

/// Lets a sled take nothing new.
pub async fn sled_cordon(nexus: &Nexus, actor: &Actor, which: &NameOrId) -> AppResult<Sled> {
    set_admission(nexus, actor, which, Admission::Cordoned).await
}

/// Lets a sled take instances again.
pub async fn sled_uncordon(nexus: &Nexus, actor: &Actor, which: &NameOrId) -> AppResult<Sled> {
    set_admission(nexus, actor, which, Admission::InService).await
}

async fn set_admission(nexus: &Nexus, actor: &Actor, which: &NameOrId, wanted: Admission) -> AppResult<Sled> {
    authorise_fleet(actor, Action::OperateFleet)?;
    let seen = nexus
        .db
        .transaction("sled.admission", async |conn| {
            let seen = sled_in(conn, which).await?;
            if seen.sled.admission == wanted {
                return Ok(seen);
            }
            if !sled_admission::change(conn, seen.sled.id, BY_HAND, wanted).await? {
                return Err(not_now(&seen, wanted));
            }
            let message = format!("{} to {wanted}", seen.sled.admission);
            event::insert(conn, &[changed(actor, &seen.sled, &message, wanted)]).await?;
            sled_in(conn, which).await
        })
        .await?;
    nexus.world.wake.changed();
    Ok(view(seen))
}

fn not_now(seen: &SledSeen, wanted: Admission) -> AppError {
    let (name, is) = (&seen.sled.name, seen.sled.admission);
    AppError::refused(
        ErrorCode::SledNotInService,
        format!("sled {name} is {is} and can't be made {wanted} by hand"),
    )
}

fn changed<'a>(actor: &'a Actor, sled: &'a models::Sled, message: &'a str, to: Admission) -> NewEvent<'a> {
    NewEvent {
        kind: "sled_admission_changed",
        subject_kind: "sled",
        subject: sled.id.into_untyped_uuid(),
        subject_name: sled.name.as_str(),
        project: None,
        sled: Some(sled.id),
        actor: actor.name.as_str(),
        cause: &actor.cause,
        message,
        data: serde_json::json!({"from": sled.admission, "to": to}),
    }
}

/// As operators see it.
pub(super) fn view(seen: SledSeen) -> Sled {
    let liveness = seen.liveness();
    let SledSeen { sled, silent_ms, cpus_reserved, memory_mib_reserved } = seen;
    Sled {
        id: sled.id,
        name: sled.name,
        admission: sled.admission,
        liveness,
        readiness: Readiness {
            hypervisor: sled.hypervisor,
            cpu_model: sled.cpu_model,
            cpus: amount(sled.cpus),
            cpus_reserved: amount(cpus_reserved),
            memory_mib: amount(sled.memory_mib),
            memory_mib_reserved: amount(memory_mib_reserved),
            has_bridge: sled.has_bridge,
            recovered_done: amount(sled.recovered_done),
            recovered_total: amount(sled.recovered_total),
        },
        address: sled.address,
        boot_id: sled.boot_id,
        version: sled.version,
        lease_epoch: Generation::from(sled.lease_epoch),
        last_report_at: sled.last_report_at,
        report_age_ms: silent_ms.map(amount),
        created_at: sled.created_at,
    }
}
