//! Start, stop, reboot and delete, of one instance or several.

use berth_common::reboot::RebootKind;
use berth_common::span::seconds;
use clap::Args;
use clap_complete::ArgValueCandidates;

use super::view;
use crate::addressing::name_or_id;
use crate::batch::{self, How};
use crate::client::Repeat;
use crate::confirm::ConfirmArgs;
use crate::failure::Failure;
use crate::generated::Client as Nexus;
use crate::generated::types::{InstanceReboot, InstanceStop, Operation};
use crate::live_names;
use crate::output::print;
use crate::pages::Given;
use crate::session::Session;
use crate::wait::WaitArgs;

/// Instances.
#[derive(Debug, Args)]
pub struct Targets {
    /// The instances
    #[arg(value_name = "INSTANCE", required = true, value_parser = name_or_id)]
    #[arg(add = ArgValueCandidates::new(live_names::instances))]
    names: Vec<String>,
}

impl Targets {
    /// As they were given.
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

/// What to start.
#[derive(Debug, Args)]
pub struct Start {
    #[command(flatten)]
    targets: Targets,
    #[command(flatten)]
    wait: WaitArgs,
}

/// What to stop, and how.
#[derive(Debug, Args)]
pub struct Stop {
    #[command(flatten)]
    targets: Targets,
    /// Time for the guest to obey the power button [default: the instance's own]
    #[arg(long, value_name = "SPAN", value_parser = seconds, conflicts_with = "force")]
    grace: Option<u64>,
    /// Give the guest no time at all
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    wait: WaitArgs,
}

/// What to reboot, and how.
#[derive(Debug, Args)]
pub struct Reboot {
    #[command(flatten)]
    targets: Targets,
    /// Give the guest no time at all; takes over a soft reboot in flight
    #[arg(long)]
    hard: bool,
    /// Time for the guest to obey the power button [default: the instance's own]
    #[arg(long, value_name = "SPAN", value_parser = seconds, conflicts_with = "hard")]
    grace: Option<u64>,
    #[command(flatten)]
    wait: WaitArgs,
}

/// What to delete.
#[derive(Debug, Args)]
pub struct Delete {
    #[command(flatten)]
    targets: Targets,
    #[command(flatten)]
    confirm: ConfirmArgs,
    #[command(flatten)]
    wait: WaitArgs,
}

/// Starts them; done when they run.
pub async fn start(session: &Session, args: Start) -> Result<(), Failure> {
    let ask = async |nexus: &Nexus, instance: String, project: Option<String>| {
        nexus
            .instance_start()
            .instance(instance)
            .given(project, |ask, project| ask.project(project))
            .send()
            .await
    };
    let asked = batch::ask_each(session, &args.targets.names, Repeat::Safe, ask).await?;
    batch::finish(session, asked, args.wait, |operation, how| {
        let name = &operation.subject.name;
        match how {
            How::Already => format!("instance {name} runs already"),
            How::Done => format!("instance {name} runs"),
            How::Going => format!("starting instance {name}"),
        }
    })
    .await
}

/// Stops them, and says how each ended.
pub async fn stop(session: &Session, args: Stop) -> Result<(), Failure> {
    let body = InstanceStop { grace_s: args.grace, force: args.force.then_some(true) };
    let ask = async |nexus: &Nexus, instance: String, project: Option<String>| {
        let ask = nexus.instance_stop().instance(instance).body(body.clone());
        ask.given(project, |ask, project| ask.project(project)).send().await
    };
    let asked = batch::ask_each(session, &args.targets.names, Repeat::Safe, ask).await?;
    batch::finish(session, asked, args.wait, stop_sentence).await?;
    if session.output.is_for_people() && !args.wait.no_wait {
        say_how_they_ended(session, &args.targets.names).await?;
    }
    Ok(())
}

fn stop_sentence(operation: &Operation, how: How) -> String {
    let name = &operation.subject.name;
    match how {
        How::Already => format!("instance {name} was stopped already"),
        How::Done => format!("instance {name} is stopped"),
        How::Going => format!("stopping instance {name}"),
    }
}

async fn say_how_they_ended(session: &Session, names: &[String]) -> Result<(), Failure> {
    for name in names {
        // It may be deleted by now; then there is nothing to say.
        if let Ok(instance) = view(session, name).await
            && let Some(end) = instance.last_end
        {
            let detail = end.detail.map(|detail| format!(": {detail}")).unwrap_or_default();
            print(&format!("  {} ended by {}{detail}\n", instance.name, end.ended_by))?;
        }
    }
    Ok(())
}

/// Reboots them; done when their guests run again.
pub async fn reboot(session: &Session, args: Reboot) -> Result<(), Failure> {
    let mode = if args.hard { RebootKind::Hard } else { RebootKind::Soft };
    let body = InstanceReboot { mode, grace_s: args.grace };
    let ask = async |nexus: &Nexus, instance: String, project: Option<String>| {
        let ask = nexus.instance_reboot().instance(instance).body(body.clone());
        ask.given(project, |ask, project| ask.project(project)).send().await
    };
    // Asked a second time it would meet itself.
    let asked = batch::ask_each(session, &args.targets.names, Repeat::IfUnsent, ask).await?;
    batch::finish(session, asked, args.wait, |operation, how| {
        let name = &operation.subject.name;
        match how {
            How::Done | How::Already => format!("rebooted instance {name}"),
            How::Going => format!("rebooting instance {name}"),
        }
    })
    .await
}

/// Deletes them.
pub async fn delete(session: &Session, args: Delete) -> Result<(), Failure> {
    let names = args.targets.names.join(", ");
    args.confirm.ask(&format!("Delete instance {names}, running or not? Disks stay."))?;
    let ask = async |nexus: &Nexus, instance: String, project: Option<String>| {
        nexus
            .instance_delete()
            .instance(instance)
            .given(project, |ask, project| ask.project(project))
            .send()
            .await
    };
    // Asked a second time it may already be gone, which would look like a mistake of the user's.
    let asked = batch::ask_each(session, &args.targets.names, Repeat::IfUnsent, ask).await?;
    batch::finish(session, asked, args.wait, |operation, how| match how {
        How::Going => format!("deleting instance {}", operation.subject.name),
        How::Done | How::Already => format!("deleted instance {}", operation.subject.name),
    })
    .await
}
