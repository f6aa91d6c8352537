//! `berth instance force-stop`: the guest's cord is pulled.

use berth_common::Name;
use clap::Args;
use clap_complete::ArgValueCandidates;

use super::lifecycle::Targets;
use crate::batch::{self, How};
use crate::client::Repeat;
use crate::confirm::ConfirmArgs;
use crate::failure::Failure;
use crate::generated::Client as Nexus;
use crate::generated::types::InstanceForceStop;
use crate::live_names;
use crate::pages::Given;
use crate::session::Session;
use crate::wait::WaitArgs;

/// What to force-stop.
#[derive(Debug, Args)]
pub struct ForceStop {
    #[command(flatten)]
    targets: Targets,
    /// Take your word that this sled is dead, instead of waiting for it; for operators. If it still runs the guest, two
    /// can write to the same disk. Can be given more than once
    #[arg(long, value_name = "SLED", add = ArgValueCandidates::new(live_names::sleds))]
    assume_dead: Vec<Name>,
    #[command(flatten)]
    confirm: ConfirmArgs,
    #[command(flatten)]
    wait: WaitArgs,
}

/// Says what it is, asks, and ends them.
pub async fn force_stop(session: &Session, args: ForceStop) -> Result<(), Failure> {
    args.confirm.ask(&question(args.targets.names(), &args.assume_dead))?;
    let body = InstanceForceStop { assume_dead: args.assume_dead };
    let ask = async |nexus: &Nexus, instance: String, project: Option<String>| {
        let ask = nexus.instance_force_stop().instance(instance).body(body.clone());
        ask.given(project, |ask, project| ask.project(project)).send().await
    };
    let asked = batch::ask_each(session, args.targets.names(), Repeat::Safe, ask).await?;
    batch::finish(session, asked, args.wait, |operation, how| {
        let name = &operation.subject.name;
        match how {
            How::Already => format!("nothing of instance {name} ran"),
            How::Done => format!("everything of instance {name} has ended"),
            How::Going => format!("ending everything of instance {name}"),
        }
    })
    .await
}

fn question(names: &[String], assume_dead: &[Name]) -> String {
    let mut question = format!(
        "Pull the cord of instance {}? The guest isn't asked, and loses what it hasn't written.",
        names.join(", ")
    );
    if !assume_dead.is_empty() {
        let sleds: Vec<&str> = assume_dead.iter().map(|sled| sled.as_str()).collect();
        question.push_str(&format!(
            " You assert that {} is dead: if it isn't, its disks can be destroyed by two writers.",
            sleds.join(", ")
        ));
    }
    question
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_says_what_it_is_and_what_is_asserted() {
        let names = ["web".to_string()];
        assert!(question(&names, &[]).contains("Pull the cord of instance web?"));
        assert!(!question(&names, &[]).contains("assert"));
        let sled: Name = "sled-2".parse().expect("a name");
        assert!(question(&names, &[sled]).contains("You assert that sled-2 is dead"));
    }
}
