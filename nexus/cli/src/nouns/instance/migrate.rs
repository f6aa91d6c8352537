//! `berth instance migrate`: to another sled, while the guest runs.

use berth_common::span::{seconds, short};
use clap::Args;
use clap_complete::ArgValueCandidates;

use super::lifecycle::Targets;
use crate::addressing::name_or_id;
use crate::batch::{self, How};
use crate::client::Repeat;
use crate::failure::Failure;
use crate::generated::Client as Nexus;
use crate::generated::types::InstanceMigrate;
use crate::live_names;
use crate::pages::Given;
use crate::session::Session;
use crate::wait::WaitArgs;

/// What to migrate, and how.
#[derive(Debug, Args)]
pub struct Migrate {
    #[command(flatten)]
    targets: Targets,
    /// The sled to go to, for operators [default: the best one that fits]
    #[arg(long, value_name = "SLED", value_parser = name_or_id, add = ArgValueCandidates::new(live_names::sleds))]
    to: Option<String>,
    /// Give it up after this time; the guest goes on where it is [default: 10m]
    #[arg(long, value_name = "SPAN", value_parser = seconds)]
    deadline: Option<u64>,
    /// Longest pause of the guest to aim at [default: 300ms]
    #[arg(long, value_name = "SPAN", value_parser = short)]
    downtime_limit: Option<u64>,
    #[command(flatten)]
    wait: WaitArgs,
}

/// Migrates them; done when each guest runs at its target.
pub async fn migrate(session: &Session, args: Migrate) -> Result<(), Failure> {
    let body =
        InstanceMigrate { to: args.to, deadline_s: args.deadline, downtime_limit_ms: args.downtime_limit };
    let ask = async |nexus: &Nexus, instance: String, project: Option<String>| {
        let ask = nexus.instance_migrate().instance(instance).body(body.clone());
        ask.given(project, |ask, project| ask.project(project)).send().await
    };
    // Asked a second time it joins the first.
    let asked = batch::ask_each(session, args.targets.names(), Repeat::Safe, ask).await?;
    batch::finish(session, asked, args.wait, |operation, how| {
        let name = &operation.subject.name;
        match how {
            How::Already => format!("instance {name} was migrating already"),
            How::Done => format!("instance {name} {}", operation.progress.phase),
            How::Going => format!("migrating instance {name}"),
        }
    })
    .await
}
