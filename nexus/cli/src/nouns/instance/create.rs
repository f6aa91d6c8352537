//! Making an instance, and changing one.

use berth_common::Name;
use berth_common::instance::RestartPolicy;
use berth_common::operation::OperationKind;
use berth_common::span::seconds;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap_complete::ArgValueCandidates;
use uuid::Uuid;

use super::columns::COLUMNS;
use super::{Target, view};
use crate::addressing::name_or_id;
use crate::amount::memory_mib;
use crate::client::Repeat;
use crate::failure::Failure;
use crate::generated::Client as Nexus;
use crate::generated::types::{InstanceCreate, InstanceUpdate, Operation};
use crate::live_names;
use crate::output::note;
use crate::pages::Given;
use crate::session::{OnceArgs, Session};
use crate::wait::{WaitArgs, until_ended};

/// An instance to be made.
#[derive(Debug, Args)]
pub struct Create {
    /// Its name, unique in its project
    name: Name,
    /// Virtual CPUs
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=255))]
    cpus: u32,
    /// Memory, like 512MiB or 2G
    #[arg(long, default_value = "512MiB", value_name = "SIZE", value_parser = memory_mib)]
    memory: u32,
    /// Kernel image to boot; without it, the first disk is booted
    #[arg(long, value_parser = name_or_id, add = ArgValueCandidates::new(live_names::images))]
    #[arg(required_unless_present = "disks")]
    image: Option<String>,
    /// Kernel command line, with a kernel image
    #[arg(long, default_value = "", hide_default_value = true, requires = "image")]
    #[arg(allow_hyphen_values = true)]
    command_line: String,
    /// Disk to attach; may be given several times, in the order of their slots
    #[arg(long = "disk", value_name = "DISK", value_delimiter = ',', value_parser = name_or_id)]
    #[arg(add = ArgValueCandidates::new(live_names::disks))]
    disks: Vec<String>,
    /// How many network interfaces it gets
    #[arg(long, default_value_t = 0, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=8))]
    nics: u32,
    /// Start it at once
    #[arg(long)]
    start: bool,
    /// What a stop leaves the guest when it doesn't say [default: 30s]
    #[arg(long, value_name = "SPAN", value_parser = seconds)]
    stop_grace: Option<u64>,
    #[command(flatten)]
    care: Care,
    /// Your own words
    #[arg(long, default_value = "", hide_default_value = true)]
    description: String,
    #[command(flatten)]
    once: OnceArgs,
    #[command(flatten)]
    wait: WaitArgs,
}

/// How it is treated beside what it is made of.
#[derive(Debug, Args)]
struct Care {
    /// When its host is shut down, higher numbers are stopped first, 0 to 1000 [default: 0]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1000))]
    stop_priority: Option<u32>,
    /// Start it again after its guest ended by itself: never, on_failure or always [default: on_failure]
    #[arg(long, value_name = "WHEN", value_parser = policy())]
    restart: Option<RestartPolicy>,
}

fn policy() -> impl TypedValueParser<Value = RestartPolicy> {
    let words = PossibleValuesParser::new(RestartPolicy::ALL.iter().map(|policy| policy.as_str()));
    words.try_map(|word| word.parse::<RestartPolicy>())
}

/// What shall change.
#[derive(Debug, Args)]
pub struct Update {
    #[command(flatten)]
    target: Target,
    /// A new name
    #[arg(long)]
    name: Option<Name>,
    /// New words
    #[arg(long)]
    description: Option<String>,
    /// Virtual CPUs
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=255))]
    cpus: Option<u32>,
    /// Memory, like 512MiB or 2G
    #[arg(long, value_name = "SIZE", value_parser = memory_mib)]
    memory: Option<u32>,
    /// Another kernel image
    #[arg(long, value_parser = name_or_id, add = ArgValueCandidates::new(live_names::images))]
    image: Option<String>,
    /// Kernel command line
    #[arg(long, allow_hyphen_values = true)]
    command_line: Option<String>,
    /// What a stop leaves the guest when it doesn't say
    #[arg(long, value_name = "SPAN", value_parser = seconds)]
    stop_grace: Option<u64>,
    #[command(flatten)]
    care: Care,
    /// Only if this is still its generation
    #[arg(long, value_name = "N")]
    if_generation: Option<i64>,
}

/// Makes it; prints the instance as it is then.
pub async fn create(session: &Session, args: Create) -> Result<(), Failure> {
    let (key, project) = (args.once.key(), session.project()?);
    let body = InstanceCreate {
        name: args.name,
        description: args.description,
        cpus: args.cpus,
        memory_mib: args.memory,
        image: args.image,
        command_line: args.command_line,
        disks: args.disks,
        nics: args.nics,
        start: args.start,
        stop_grace_s: args.stop_grace,
        stop_priority: args.care.stop_priority,
        restart_policy: args.care.restart,
    };
    let ask = async |nexus: &Nexus| {
        let ask = nexus.instance_create().project(project.as_str()).idempotency_key(key.as_str());
        ask.body(body.clone()).send().await
    };
    let accepted = session.client.ask(Repeat::Safe, ask).await?;
    let id = accepted.subject.id;
    until_ended(session, vec![accepted], args.wait).await?;
    if args.start && !args.wait.no_wait {
        let start = start_of(session, &project, id).await?;
        until_ended(session, start.into_iter().collect(), args.wait).await.inspect_err(|_| {
            note(&format!("the instance was made, but didn't start: berth instance explain {id}"));
        })?;
    }
    let instance = view(session, &id.to_string()).await?;
    let place = instance.sled.as_ref().map(|sled| format!(" on {}", sled.name)).unwrap_or_default();
    let sentence = format!("made instance {}; it is {}{place}", instance.name, instance.state);
    session.output.done(&instance, COLUMNS, &sentence)
}

/// The start that follows a creation is an operation of its own.
async fn start_of(session: &Session, project: &str, instance: Uuid) -> Result<Option<Operation>, Failure> {
    let ask = async |nexus: &Nexus| {
        nexus.operation_list().project(project).subject(instance).limit(10_u32).send().await
    };
    let known = session.client.look(ask).await?;
    Ok(known.items.into_iter().find(|operation| operation.kind == OperationKind::InstanceStart))
}

/// Changes it; prints the instance as it is then.
pub async fn update(session: &Session, args: Update) -> Result<(), Failure> {
    let body = InstanceUpdate {
        name: args.name,
        description: args.description,
        cpus: args.cpus,
        memory_mib: args.memory,
        image: args.image,
        command_line: args.command_line,
        stop_grace_s: args.stop_grace,
        stop_priority: args.care.stop_priority,
        restart_policy: args.care.restart,
    };
    if is_empty(&body) {
        return Err(Failure::Usage(
            "nothing to change: give at least one of the options of --help".to_string(),
        ));
    }
    let target = args.target.name.as_str();
    let project = session.project_of(target)?;
    let ask = async |nexus: &Nexus| {
        let ask = nexus.instance_update().instance(target).body(body.clone());
        let ask = ask.given(args.if_generation, |ask, generation| ask.if_match(generation.to_string()));
        ask.given(project.clone(), |ask, project| ask.project(project)).send().await
    };
    let instance = session.client.ask(Repeat::IfUnsent, ask).await?;
    session.output.done(&instance, COLUMNS, &format!("changed instance {}", instance.name))
}

fn is_empty(update: &InstanceUpdate) -> bool {
    serde_json::to_value(update).is_ok_and(|value| value.as_object().is_some_and(serde_json::Map::is_empty))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_without_any_change_is_seen() {
        assert!(is_empty(&InstanceUpdate::default()));
        assert!(!is_empty(&InstanceUpdate { cpus: Some(2), ..InstanceUpdate::default() }));
    }
}
