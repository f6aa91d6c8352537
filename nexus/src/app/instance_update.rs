//! Changes an instance's configuration: name, words and grace at any time, the machine itself only while nothing runs.

use berth_common::Generation;
use berth_common::ids::{GenericUuid, InstanceUuid, ProjectUuid};
use berth_common::instance::{InstanceState, Intent, RestartPolicy};
use berth_common::refusal::ErrorCode;
use berth_db::lifecycle::configuration::{self, Configuration};
use berth_db::lifecycle::snapshot::Snapshot;
use berth_nexus_api::instance::{Instance, InstanceUpdate};
use berth_nexus_api::limits;
use berth_plan::policy_change::policy_changed;
use diesel_async::AsyncPgConnection;

use super::actor::Actor;
use super::authorise::Action;
use super::error::{AppError, AppResult};
use super::find::Which;
use super::instance_create::{boot_image, range, text};
use super::instance_decide::{find, locked};
use super::instance_event::accepted_event;
use super::instance_view::by_id;
use super::quota::change_instance_quota;
use crate::context::Nexus;

/// Changes what `wanted` names, if the generation is still `expected`.
pub async fn instance_update(
    nexus: &Nexus,
    actor: &Actor,
    which: &Which,
    expected: Option<Generation>,
    wanted: InstanceUpdate,
) -> AppResult<Instance> {
    let found = find(nexus, actor, Action::Change, which).await?;
    check(&wanted)?;
    let id = InstanceUuid::from_untyped_uuid(found.id);
    let project = ProjectUuid::from_untyped_uuid(found.project_id);
    nexus
        .db
        .transaction("instance_update.accept", async |conn| {
            let snapshot = locked(conn, &found).await?;
            refuse_by_state(&snapshot, &wanted)?;
            let current = configuration::read(conn, id).await?;
            let current = current.ok_or_else(|| AppError::not_found("instance", which))?;
            refuse_by_generation(&current, expected)?;
            let next = changed(conn, project, &current, &wanted).await?;
            if (next.cpus, next.memory_mib) != (current.cpus, current.memory_mib) {
                let cpus = wanted.cpus.unwrap_or_else(|| small(current.cpus));
                let memory_mib = wanted.memory_mib.unwrap_or_else(|| small(current.memory_mib));
                change_instance_quota(conn, project, id, cpus, memory_mib).await?;
            }
            configuration::write(conn, id, &next).await?;
            accepted_event(conn, &snapshot, actor, "instance_updated", "configuration changed").await?;
            match wanted.restart_policy {
                Some(policy) if policy != snapshot.restart.policy => {
                    take_policy(conn, &snapshot, actor, policy).await
                }
                Some(_) | None => Ok(()),
            }
        })
        .await
        .map_err(|error: AppError| {
            error.or_if_conflict("instance_name", || {
                let name = wanted.name.as_ref().map_or("", |name| name.as_str());
                let message = format!("an instance {name} exists in this project; choose another name");
                AppError::refused(ErrorCode::NameTaken, message)
            })
        })?;
    by_id(nexus, id).await?.ok_or_else(|| AppError::not_found("instance", which))
}

/// The policy is another one from now on, for a restart that waits for its pause to end, too.
async fn take_policy(
    conn: &mut AsyncPgConnection,
    snapshot: &Snapshot,
    actor: &Actor,
    policy: RestartPolicy,
) -> AppResult<()> {
    let settled = policy_changed(&snapshot.facts(), policy);
    configuration::restart_policy_changed(conn, snapshot.instance, settled.as_ref()).await?;
    if settled.is_some() {
        let message = format!("not started again: its restart policy is {policy} now");
        accepted_event(conn, snapshot, actor, "instance_restart_cancelled", &message).await?;
    }
    Ok(())
}

/// A column whose CHECK keeps it within 32 bits.
fn small(value: i64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn check(wanted: &InstanceUpdate) -> AppResult<()> {
    if let Some(cpus) = wanted.cpus {
        range("cpus", cpus.into(), 1, limits::CPUS_MAX.into())?;
    }
    if let Some(memory) = wanted.memory_mib {
        range("memory_mib", memory.into(), limits::MEMORY_MIN_MIB.into(), limits::MEMORY_MAX_MIB.into())?;
    }
    if let Some(grace) = wanted.stop_grace_s {
        range("stop_grace_s", grace, 0, limits::STOP_GRACE_MAX_S)?;
    }
    if let Some(priority) = wanted.stop_priority {
        range("stop_priority", priority.into(), 0, limits::STOP_PRIORITY_MAX.into())?;
    }
    if let Some(words) = &wanted.description {
        text("description", words, limits::DESCRIPTION_MAX_BYTES)?;
    }
    if let Some(line) = &wanted.command_line {
        text("command_line", line, limits::COMMAND_LINE_MAX_BYTES)?;
    }
    Ok(())
}

fn refuse_by_state(snapshot: &Snapshot, wanted: &InstanceUpdate) -> AppResult<()> {
    let name = &snapshot.name;
    if snapshot.intent == Intent::Destroyed {
        return Err(AppError::refused(ErrorCode::Deleting, format!("instance {name} is being deleted")));
    }
    let machine = wanted.cpus.is_some()
        || wanted.memory_mib.is_some()
        || wanted.image.is_some()
        || wanted.command_line.is_some();
    let rests = matches!(snapshot.state, InstanceState::NoVmm | InstanceState::Failed) && !snapshot.saga_runs;
    if machine && !rests {
        return Err(AppError::refused(
            ErrorCode::InstanceNotStopped,
            format!(
                "instance {name} isn't stopped; CPUs, memory, image and command line can be changed once it is"
            ),
        ));
    }
    Ok(())
}

fn refuse_by_generation(current: &Configuration, expected: Option<Generation>) -> AppResult<()> {
    match expected {
        Some(expected) if expected.as_i64() != current.generation => Err(AppError::refused(
            ErrorCode::GenerationMismatch,
            format!(
                "the instance is at generation {}, not {expected}; view it again and decide anew",
                current.generation
            ),
        )),
        Some(_) | None => Ok(()),
    }
}

async fn changed(
    conn: &mut AsyncPgConnection,
    project: ProjectUuid,
    current: &Configuration,
    wanted: &InstanceUpdate,
) -> AppResult<Configuration> {
    let mut next = current.clone();
    if let Some(name) = &wanted.name {
        next.name = name.to_string();
    }
    if let Some(words) = &wanted.description {
        next.description.clone_from(words);
    }
    if let Some(cpus) = wanted.cpus {
        next.cpus = cpus.into();
    }
    if let Some(memory) = wanted.memory_mib {
        next.memory_mib = memory.into();
    }
    if let Some(line) = &wanted.command_line {
        next.command_line.clone_from(line);
    }
    if let Some(grace) = wanted.stop_grace_s {
        next.stop_grace_ms = i64::try_from(grace.saturating_mul(1_000)).unwrap_or(i64::MAX);
    }
    if let Some(priority) = wanted.stop_priority {
        next.stop_priority = priority.into();
    }
    if let Some(policy) = wanted.restart_policy {
        next.restart_policy = policy.as_str().to_string();
    }
    if let Some(image) = boot_image(conn, project, wanted.image.as_ref()).await? {
        next.image_id = Some(image.into_untyped_uuid());
    }
    Ok(next)
}
