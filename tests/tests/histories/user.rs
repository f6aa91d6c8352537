//! The users of a simulated cluster: each wish goes to one nexus, and what was answered is remembered.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use berth_common::ids::{GenericUuid, OperationUuid, ProjectUuid, TokenUuid, UserUuid};
use berth_common::role::Role;
use berth_nexus::app::actor::Actor;
use berth_nexus::app::error::AppError;
use berth_nexus::app::find::Which;
use berth_nexus::app::operation::operation_cancel;
use berth_nexus::app::{
    instance_create, instance_delete, instance_force_stop, instance_migrate, instance_reboot, instance_start,
    instance_stop,
};
use berth_nexus_api::answer::OperationAnswer;
use berth_nexus_api::instance::{InstanceForceStop, InstanceMigrate};
use serde_json::json;
use uuid::Uuid;

use crate::cluster::Cluster;
use crate::course::Wish;

const PROJECT: Uuid = Uuid::from_u128(0x00000000_0000_4000_8000_0000000000b0);
const USER: Uuid = Uuid::from_u128(0x00000000_0000_4000_8000_0000000000a0);

/// What became of all wishes.
#[derive(Debug, Default)]
pub struct Users {
    /// Operations that were accepted, each with the words of its wish.
    accepted: Mutex<BTreeMap<OperationUuid, String>>,
    /// The last one of each instance.
    latest: Mutex<BTreeMap<usize, OperationUuid>>,
}

impl Users {
    /// The operations that somebody was promised.
    pub fn accepted(&self) -> BTreeMap<OperationUuid, String> {
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks for it, at this nexus, or at another if it doesn't run.
    pub async fn wish(&self, cluster: &Arc<Cluster>, wish: Wish, nexus: usize) -> Result<()> {
        let all = cluster.nexus.len();
        let up = (0..all).map(|more| (nexus + more) % all).find(|at| cluster.nexus[*at].running().is_some());
        let Some(number) = up else {
            cluster.journal.tell(format!("{}: no nexus is up", words(&wish)));
            return Ok(());
        };
        if let Wish::Cancel { instance } = wish {
            return self.cancel(cluster, number, instance).await;
        }
        let (said, instance) = (words(&wish), wish.instance());
        let process = cluster.nexus[number].running().context("it was up just now")?;
        let nexus = Arc::clone(&process.nexus);
        cluster.journal.tell(format!("user → n{number}: {said}"));
        let answered = process.work(async move { ask(&nexus, &wish).await }).await;
        let outcome = match answered {
            // Nobody knows.
            Err(_) => "no answer: the nexus died".to_owned(),
            Ok(Ok(OperationAnswer::Accepted(operation))) => {
                cluster.journal.name("i", operation.subject.id);
                self.accepted
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(operation.id, said.clone());
                self.latest.lock().unwrap_or_else(PoisonError::into_inner).insert(instance, operation.id);
                format!("accepted as {}", cluster.journal.name("o", operation.id.into_untyped_uuid()))
            }
            Ok(Ok(OperationAnswer::Already(_))) => "already so".to_owned(),
            Ok(Err(error)) => format!("{}: {}", error.code(), error.message()),
        };
        cluster.journal.tell(format!("n{number} → user: {said}: {outcome}"));
        Ok(())
    }

    async fn cancel(&self, cluster: &Cluster, number: usize, instance: usize) -> Result<()> {
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner).get(&instance).copied();
        let Some(operation) = latest else { return Ok(()) };
        let said = format!("cancel {}", cluster.journal.name("o", operation.into_untyped_uuid()));
        let process = cluster.nexus[number].running().context("it was up just now")?;
        let nexus = Arc::clone(&process.nexus);
        cluster.journal.tell(format!("user → n{number}: {said}"));
        let asked = process.work(async move {
            let actor = actor().map_err(|error| AppError::invalid(error.to_string()))?;
            operation_cancel(&nexus, &actor, operation).await
        });
        let outcome = match asked.await {
            Err(_) => "no answer: the nexus died".to_owned(),
            Ok(Ok(operation)) => format!("it is {}", operation.state),
            Ok(Err(error)) => cluster.journal.readable(&format!("{}: {}", error.code(), error.message())),
        };
        cluster.journal.tell(format!("n{number} → user: {said}: {outcome}"));
        Ok(())
    }
}

fn name(instance: usize) -> String {
    format!("instance-{instance}")
}

/// A wish in words.
pub fn words(wish: &Wish) -> String {
    match wish {
        Wish::Create { instance, guest, start, disk } => {
            let start = if *start { ", started" } else { "" };
            let disk = disk.map(|disk| format!(", with {disk}")).unwrap_or_default();
            format!("create {}{start}{disk} ({guest})", name(*instance))
        }
        Wish::Start { instance } => format!("start {}", name(*instance)),
        Wish::Stop { instance, grace_s } => format!("stop {} in {grace_s} s", name(*instance)),
        Wish::Reboot { instance, hard: true, .. } => format!("reboot {} hard", name(*instance)),
        Wish::Reboot { instance, grace_s, .. } => format!("reboot {} in {grace_s} s", name(*instance)),
        Wish::Migrate { instance, deadline_s } => format!("migrate {} in {deadline_s} s", name(*instance)),
        Wish::ForceStop { instance } => format!("force-stop {}", name(*instance)),
        Wish::Cancel { instance } => format!("cancel what {} was last asked for", name(*instance)),
        Wish::Delete { instance } => format!("delete {}", name(*instance)),
    }
}

async fn ask(nexus: &berth_nexus::context::Nexus, wish: &Wish) -> Result<OperationAnswer, AppError> {
    let actor = actor().map_err(|error| AppError::invalid(error.to_string()))?;
    let project = berth_nexus_api::name_or_id::NameOrId::Id(PROJECT);
    let which = |instance: usize| {
        let name_or_id = name(instance).parse().map_err(|_| AppError::invalid("no name"))?;
        Ok::<_, AppError>(Which { name_or_id, project: Some(project.clone()) })
    };
    match wish {
        Wish::Create { instance, guest, start, disk } => {
            let body = json!({
                "name": name(*instance), "cpus": 2, "memory_mib": 512, "image": "image",
                "command_line": guest, "start": start, "disks": disk.iter().collect::<Vec<_>>(),
            });
            let body = serde_json::from_value(body).map_err(|error| AppError::invalid(error.to_string()))?;
            instance_create::instance_create(nexus, &actor, project, body, None).await
        }
        Wish::Start { instance } => instance_start::instance_start(nexus, &actor, &which(*instance)?).await,
        Wish::Stop { instance, grace_s } => {
            let how = serde_json::from_value(json!({ "grace_s": grace_s }))
                .map_err(|error| AppError::invalid(error.to_string()))?;
            instance_stop::instance_stop(nexus, &actor, &which(*instance)?, how).await
        }
        Wish::Reboot { instance, hard, grace_s } => {
            let how =
                if *hard { json!({ "mode": "hard" }) } else { json!({ "mode": "soft", "grace_s": grace_s }) };
            let how = serde_json::from_value(how).map_err(|error| AppError::invalid(error.to_string()))?;
            instance_reboot::instance_reboot(nexus, &actor, &which(*instance)?, how).await
        }
        Wish::Migrate { instance, deadline_s } => {
            let how = InstanceMigrate { deadline_s: Some(*deadline_s), ..InstanceMigrate::default() };
            instance_migrate::instance_migrate(nexus, &actor, &which(*instance)?, how).await
        }
        Wish::ForceStop { instance } => {
            let how = InstanceForceStop::default();
            instance_force_stop::instance_force_stop(nexus, &actor, &which(*instance)?, how).await
        }
        Wish::Cancel { .. } => Err(AppError::invalid("an operation is cancelled, not an instance")),
        Wish::Delete { instance } => {
            instance_delete::instance_delete(nexus, &actor, &which(*instance)?).await
        }
    }
}

fn actor() -> Result<Actor> {
    Ok(Actor {
        user_id: UserUuid::from_untyped_uuid(USER),
        name: "user".parse()?,
        fleet_role: Some(Role::Admin),
        project_roles: BTreeMap::from([(ProjectUuid::from_untyped_uuid(PROJECT), Role::Admin)]),
        token_id: TokenUuid::from_untyped_uuid(Uuid::nil()),
        token_expires_at: chrono::DateTime::from_timestamp(4_000_000_000, 0).context("a date")?,
        cause: "user".to_owned(),
    })
}
