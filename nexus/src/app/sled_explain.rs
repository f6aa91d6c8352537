//! Why a sled is as it is: what is allowed, what is known, what runs there, and what would be if it were lost.

use berth_common::ids::GenericUuid;
use berth_common::sled::{Admission, Liveness};
use berth_db::event_newest;
use berth_nexus_api::NameOrId;
use berth_nexus_api::explain::{QuarantinedThing, SledExplanation, SledVmm};
use berth_nexus_api::sled::Sled;

use super::actor::Actor;
use super::authorise::{Action, authorise_fleet};
use super::error::{AppError, AppResult};
use super::event::shown;
use super::find::sled_in;
use super::sled::view;
use crate::context::Nexus;

/// Last transitions that are shown.
const RECENT: i64 = 20;

/// Explains one sled.
pub async fn sled_explain(nexus: &Nexus, actor: &Actor, which: &NameOrId) -> AppResult<SledExplanation> {
    authorise_fleet(actor, Action::ViewFleet)?;
    let (seen, vmms, quarantined, recent) = nexus
        .db
        .statement("sled.explain", async |conn| {
            let seen = sled_in(conn, which).await?;
            let vmms = berth_db::sled_vmms::live(conn, seen.sled.id).await?;
            let quarantined = berth_db::sled_vmms::quarantined(conn, seen.sled.id).await?;
            let recent = event_newest::about(conn, seen.sled.id.into_untyped_uuid(), RECENT).await?;
            Ok::<_, AppError>((seen, vmms, quarantined, recent))
        })
        .await?;
    let sled = view(seen);
    // Words of a newer agent that this nexus doesn't know are left out rather than failing the page.
    let quarantined: Vec<QuarantinedThing> = serde_json::from_value(quarantined).unwrap_or_default();
    let vmms: Vec<SledVmm> = vmms
        .into_iter()
        .map(|vmm| SledVmm {
            vmm_id: vmm.id,
            instance_id: vmm.instance,
            instance_name: vmm.instance_name,
            state: vmm.state,
            reported_at: vmm.reported_at,
            stuck: vmm.stuck,
        })
        .collect();
    Ok(SledExplanation {
        summary: summary(&sled, &vmms),
        quarantined,
        refuses: refuses(&sled),
        if_lost: if_lost(&vmms),
        recent: recent.into_iter().map(shown).collect(),
        sled,
        vmms,
    })
}

fn summary(sled: &Sled, vmms: &[SledVmm]) -> String {
    let report = match sled.report_age_ms {
        Some(age) => format!("it last reported {age} ms ago"),
        None => "it never reported".to_string(),
    };
    let stuck = vmms.iter().filter(|vmm| vmm.stuck).count();
    let trouble = match stuck {
        0 => String::new(),
        count => format!(" {count} of them can't be ended, not even by SIGKILL: the host needs help."),
    };
    format!(
        "{} is {} and {}; {report}. {} VMMs are on it.{trouble}",
        sled.name,
        sled.admission,
        sled.liveness,
        vmms.len()
    )
}

/// What keeps it from taking more, each by itself.
fn refuses(sled: &Sled) -> Vec<String> {
    let mut reasons = Vec::new();
    if sled.admission != Admission::InService {
        reasons.push(format!(
            "it is {}; `berth sled uncordon {}` lets it take instances",
            sled.admission, sled.name
        ));
    }
    if sled.liveness == Liveness::PlannedDown {
        reasons.push("its host is being, or was, shut down on purpose: it takes instances when its agent is started again".to_string());
    } else if sled.liveness != Liveness::Online {
        reasons.push(format!("it is {}: its reports are missing", sled.liveness));
    }
    let readiness = &sled.readiness;
    if sled.address.is_none() {
        reasons.push("its agent never registered".to_string());
    } else if readiness.cpus_reserved >= readiness.cpus {
        reasons.push(format!("all {} CPUs are reserved", readiness.cpus));
    } else if readiness.memory_mib_reserved >= readiness.memory_mib {
        reasons.push(format!("all {} MiB are reserved", readiness.memory_mib));
    }
    if sled.address.is_some() && !readiness.has_bridge {
        reasons.push("it has no bridge: instances with interfaces can't run here".to_string());
    }
    reasons
}

fn if_lost(vmms: &[SledVmm]) -> String {
    match vmms.len() {
        0 => "nothing runs here, so nothing would be lost".to_string(),
        count => format!(
            "its {count} VMMs would be shown as unknown, and nothing be started in their place until the sled \
             reports again: without proof that they are dead a second copy could write to the same disk"
        ),
    }
}
