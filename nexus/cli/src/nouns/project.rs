//! `berth project`: what users share, and what quotas are counted by.

use berth_common::Name;
use clap::{Args, Subcommand};
use clap_complete::ArgValueCandidates;

use crate::addressing::name_or_id;
use crate::amount::{bytes, whole_mib};
use crate::cell::{Cell, Names};
use crate::client::Repeat;
use crate::confirm::ConfirmArgs;
use crate::failure::Failure;
use crate::generated::types::{Project, ProjectCreate, ProjectUpdate, Quota};
use crate::live_names;
use crate::output::Column;
use crate::pages::Given;
use crate::session::{ListArgs, OnceArgs, Session, to_uuid};

/// Verbs of projects.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the projects you can see
    #[command(visible_alias = "ls")]
    List(ListArgs),
    /// Make a project; you become its admin
    Create(Create),
    /// View a project with its quota and use
    #[command(visible_alias = "show")]
    View(Target),
    /// Rename or describe a project, or change its quota
    Update(Update),
    /// Delete an empty project
    #[command(visible_alias = "rm")]
    Delete(Delete),
}

/// A project.
#[derive(Debug, Args)]
pub struct Target {
    /// The project
    #[arg(id = "target", value_name = "PROJECT", value_parser = name_or_id, add = ArgValueCandidates::new(live_names::projects))]
    name: String,
}

/// Amounts that may be limited.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Quota (fleet admins)")]
pub struct QuotaArgs {
    /// Instances, running or not
    #[arg(long, value_name = "N")]
    quota_instances: Option<u64>,
    /// Virtual CPUs of all instances
    #[arg(long, value_name = "N")]
    quota_cpus: Option<u64>,
    /// Memory of all instances
    #[arg(long, value_name = "SIZE", value_parser = whole_mib)]
    quota_memory: Option<u64>,
    /// Size of all disks
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    quota_disk: Option<u64>,
}

impl QuotaArgs {
    fn is_given(&self) -> bool {
        self.quota_instances.is_some()
            || self.quota_cpus.is_some()
            || self.quota_memory.is_some()
            || self.quota_disk.is_some()
    }

    /// What is given, the rest from `other`.
    fn over(&self, other: Quota) -> Quota {
        Quota {
            instances: self.quota_instances.unwrap_or(other.instances),
            cpus: self.quota_cpus.unwrap_or(other.cpus),
            memory_mib: self.quota_memory.unwrap_or(other.memory_mib),
            disk_bytes: self.quota_disk.unwrap_or(other.disk_bytes),
        }
    }
}

/// A project to be made.
#[derive(Debug, Args)]
pub struct Create {
    /// Its name, unique in the cluster
    name: Name,
    /// Your own words
    #[arg(long, default_value = "", hide_default_value = true)]
    description: String,
    #[command(flatten)]
    quota: QuotaArgs,
    #[command(flatten)]
    once: OnceArgs,
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
    #[command(flatten)]
    quota: QuotaArgs,
    /// Only if this is still its generation
    #[arg(long, value_name = "N")]
    if_generation: Option<i64>,
}

/// A project to be deleted.
#[derive(Debug, Args)]
pub struct Delete {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    confirm: ConfirmArgs,
}

const COLUMNS: &[Column<Project>] = &[
    Column::listed("name", |p| Cell::text(&p.name)),
    Column::listed("instances", |p| Cell::CountOf(p.used.instances, p.quota.instances)),
    Column::listed("cpus", |p| Cell::CountOf(p.used.cpus, p.quota.cpus)),
    Column::listed("memory", |p| Cell::BytesOf(p.used.memory_mib << 20, p.quota.memory_mib << 20)),
    Column::listed("disk", |p| Cell::BytesOf(p.used.disk_bytes, p.quota.disk_bytes)),
    Column::listed("description", |p| Cell::text(&p.description)),
    Column::on_request("id", |p| Cell::Of(to_uuid(p.id))),
    Column::on_request("generation", |p| Cell::Number(p.generation)),
    Column::on_request("created", |p| Cell::Time(p.created_at)),
];

/// Runs a verb.
pub async fn run(session: &Session, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::List(args) => list(session, args).await,
        Verb::Create(args) => create(session, args).await,
        Verb::View(target) => {
            session.output.record(&view(session, &target.name).await?, COLUMNS, &Names::new())
        }
        Verb::Update(args) => update(session, args).await,
        Verb::Delete(args) => delete(session, args).await,
    }
}

async fn list(session: &Session, args: ListArgs) -> Result<(), Failure> {
    session.show(&session.projects(args.limit).await?, COLUMNS, &Names::new())
}

async fn view(session: &Session, project: &str) -> Result<Project, Failure> {
    session.client.look(async |nexus| nexus.project_view().project(project).send().await).await
}

async fn create(session: &Session, args: Create) -> Result<(), Failure> {
    let (key, name) = (args.once.key(), args.name);
    let body = ProjectCreate { name: name.clone(), description: args.description, quota: None };
    let make = async |nexus: &crate::generated::Client| {
        nexus.project_create().idempotency_key(key.as_str()).body(body.clone()).send().await
    };
    let mut project = session.client.ask(Repeat::Safe, make).await?;
    if args.quota.is_given() {
        let quota = args.quota.over(project.quota.clone());
        let body = ProjectUpdate { name: None, description: None, quota: Some(quota) };
        project = change(session, &project.id.to_string(), body, Some(project.generation)).await?;
    }
    session.output.done(&project, COLUMNS, &format!("made project {name}"))
}

async fn update(session: &Session, args: Update) -> Result<(), Failure> {
    let mut generation = args.if_generation;
    let mut quota = None;
    if args.quota.is_given() {
        let now = view(session, &args.target.name).await?;
        // What isn't given stays: so it must not have changed in between.
        generation = generation.or(Some(now.generation));
        quota = Some(args.quota.over(now.quota));
    }
    let body = ProjectUpdate { name: args.name, description: args.description, quota };
    if body.name.is_none() && body.description.is_none() && body.quota.is_none() {
        return Err(Failure::Usage(
            "nothing to change: give --name, --description or a --quota-…".to_string(),
        ));
    }
    let project = change(session, &args.target.name, body, generation).await?;
    session.output.done(&project, COLUMNS, &format!("changed project {}", project.name))
}

async fn change(
    session: &Session,
    project: &str,
    body: ProjectUpdate,
    generation: Option<i64>,
) -> Result<Project, Failure> {
    let ask = async |nexus: &crate::generated::Client| {
        let ask = nexus.project_update().project(project).body(body.clone());
        ask.given(generation, |ask, generation| ask.if_match(generation.to_string())).send().await
    };
    session.client.ask(Repeat::IfUnsent, ask).await
}

async fn delete(session: &Session, args: Delete) -> Result<(), Failure> {
    let name = args.target.name.as_str();
    args.confirm.ask(&format!("Delete project {name}?"))?;
    session
        .client
        .ask(Repeat::IfUnsent, async |nexus| nexus.project_delete().project(name).send().await)
        .await?;
    session.output.gone(&format!("deleted project {name}"))
}
