//! `berth disk`: what guests keep their data on.

use berth_common::Name;
use clap::{Args, Subcommand};
use clap_complete::ArgValueCandidates;

use crate::addressing::name_or_id;
use crate::amount::disk_bytes;
use crate::batch::{self, How};
use crate::cell::{Cell, Names};
use crate::client::Repeat;
use crate::confirm::ConfirmArgs;
use crate::failure::Failure;
use crate::generated::Client as Nexus;
use crate::generated::types::{Disk, DiskAttach, DiskCreate};
use crate::live_names;
use crate::output::Column;
use crate::pages::Given;
use crate::session::{OnceArgs, ProjectListArgs, Session, named, to_uuid};
use crate::wait::{WaitArgs, until_ended};

/// Verbs of disks.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List disks
    #[command(visible_alias = "ls")]
    List(ProjectListArgs),
    /// Make a disk, empty or from an image
    Create(Create),
    /// View a disk
    #[command(visible_alias = "show")]
    View(Target),
    /// Delete disks that are attached to nothing
    #[command(visible_alias = "rm")]
    Delete(Delete),
    /// Attach a disk to a stopped instance
    Attach(Attach),
    /// Detach a disk from its stopped instance
    Detach(Target),
}

/// A disk.
#[derive(Debug, Args)]
pub struct Target {
    /// The disk
    #[arg(id = "target", value_name = "DISK", value_parser = name_or_id, add = ArgValueCandidates::new(live_names::disks))]
    name: String,
}

/// A disk to be made.
#[derive(Debug, Args)]
pub struct Create {
    /// Its name, unique in its project
    name: Name,
    /// Its size, like 10GiB; needed without an image, at least the image's own with one
    #[arg(long, value_name = "SIZE", value_parser = disk_bytes, required_unless_present = "image")]
    size: Option<u64>,
    /// Disk image to copy
    #[arg(long, value_parser = name_or_id, add = ArgValueCandidates::new(live_names::images))]
    image: Option<String>,
    /// Storage pool [default: the one with the most room]
    #[arg(long, value_parser = name_or_id)]
    pool: Option<String>,
    /// Your own words
    #[arg(long, default_value = "", hide_default_value = true)]
    description: String,
    #[command(flatten)]
    once: OnceArgs,
    #[command(flatten)]
    wait: WaitArgs,
}

/// Disks to be deleted.
#[derive(Debug, Args)]
pub struct Delete {
    /// The disks
    #[arg(value_name = "DISK", required = true, value_parser = name_or_id)]
    #[arg(add = ArgValueCandidates::new(live_names::disks))]
    names: Vec<String>,
    #[command(flatten)]
    confirm: ConfirmArgs,
    #[command(flatten)]
    wait: WaitArgs,
}

/// What to attach where.
#[derive(Debug, Args)]
pub struct Attach {
    #[command(flatten)]
    target: Target,
    /// The instance; it must be stopped
    #[arg(value_parser = name_or_id, add = ArgValueCandidates::new(live_names::instances))]
    instance: String,
}

const COLUMNS: &[Column<Disk>] = &[
    Column::listed("name", |d| Cell::text(&d.name)),
    Column::listed("size", |d| Cell::Bytes(d.size_bytes)),
    Column::listed("state", |d| Cell::text(d.state)),
    Column::listed("attached_to", |d| {
        Cell::some(d.attached_to.as_ref(), |to| Cell::Of(to_uuid(to.instance_id)))
    }),
    Column::listed("project", |d| Cell::Of(to_uuid(d.project_id))),
    Column::on_request("slot", |d| Cell::some(d.attached_to.as_ref(), |to| Cell::number(to.slot))),
    Column::on_request("image", |d| Cell::some(d.image_id, |id| Cell::Of(to_uuid(id)))),
    Column::on_request("pool", |d| Cell::Of(to_uuid(d.pool_id))),
    Column::on_request("id", |d| Cell::Of(to_uuid(d.id))),
    Column::on_request("description", |d| Cell::text(&d.description)),
    Column::on_request("created", |d| Cell::Time(d.created_at)),
];

/// Runs a verb.
pub async fn run(session: &Session, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::List(args) => list(session, args).await,
        Verb::Create(args) => create(session, args).await,
        Verb::View(target) => {
            let disk = view(session, &target.name).await?;
            let names = names(session, disk.attached_to.is_some()).await;
            session.output.record(&disk, COLUMNS, &names)
        }
        Verb::Delete(args) => delete(session, args).await,
        Verb::Attach(args) => attach(session, args).await,
        Verb::Detach(target) => detach(session, &target.name).await,
    }
}

/// Names of projects, pools, and of instances where disks are attached to some.
async fn names(session: &Session, with_instances: bool) -> Names {
    let mut names = session.project_names().await;
    if !session.output.is_for_people() {
        return names;
    }
    let pools = session.client.list(None, async |nexus, page| {
        nexus.pool_list().limit(page.limit).given(page.token, |ask, token| ask.page_token(token)).send().await
    });
    names.extend(named(pools.await.map(|list| list.items).unwrap_or_default(), |p| (to_uuid(p.id), &p.name)));
    if with_instances {
        let project = session.project_if_named();
        let instances = session.client.list(None, async |nexus, page| {
            let ask = nexus.instance_list().limit(page.limit);
            let ask = ask.given(page.token, |ask, token| ask.page_token(token));
            ask.given(project.clone(), |ask, project| ask.project(project)).send().await
        });
        let instances = instances.await.map(|list| list.items).unwrap_or_default();
        names.extend(named(instances, |i| (to_uuid(i.id), &i.name)));
    }
    names
}

async fn list(session: &Session, args: ProjectListArgs) -> Result<(), Failure> {
    let project = args.project(session);
    let list = session
        .client
        .list(args.list.limit, async |nexus, page| {
            let ask = nexus.disk_list().limit(page.limit);
            let ask = ask.given(page.token, |ask, token| ask.page_token(token));
            ask.given(project.clone(), |ask, project| ask.project(project)).send().await
        })
        .await?;
    let attached = list.items.iter().any(|disk| disk.attached_to.is_some());
    session.show(&list, COLUMNS, &names(session, attached).await)
}

async fn view(session: &Session, disk: &str) -> Result<Disk, Failure> {
    let project = session.project_of(disk)?;
    let ask = async |nexus: &Nexus| {
        nexus.disk_view().disk(disk).given(project.clone(), |ask, project| ask.project(project)).send().await
    };
    session.client.look(ask).await
}

async fn create(session: &Session, args: Create) -> Result<(), Failure> {
    let (key, project) = (args.once.key(), session.project()?);
    let body = DiskCreate {
        name: args.name,
        description: args.description,
        size_bytes: args.size,
        image: args.image,
        pool: args.pool,
    };
    let ask = async |nexus: &Nexus| {
        let ask = nexus.disk_create().project(project.as_str()).idempotency_key(key.as_str());
        ask.body(body.clone()).send().await
    };
    let accepted = session.client.ask(Repeat::Safe, ask).await?;
    let id = accepted.subject.id.to_string();
    until_ended(session, vec![accepted], args.wait).await?;
    let disk = view(session, &id).await?;
    let sentence = format!(
        "disk {} of {} is {}",
        disk.name,
        Cell::Bytes(disk.size_bytes).for_people(&Names::new()),
        disk.state
    );
    session.output.done(&disk, COLUMNS, &sentence)
}

async fn delete(session: &Session, args: Delete) -> Result<(), Failure> {
    args.confirm.ask(&format!("Delete disk {} with all data on it?", args.names.join(", ")))?;
    let ask = async |nexus: &Nexus, disk: String, project: Option<String>| {
        nexus.disk_delete().disk(disk).given(project, |ask, project| ask.project(project)).send().await
    };
    let asked = batch::ask_each(session, &args.names, Repeat::IfUnsent, ask).await?;
    batch::finish(session, asked, args.wait, |operation, how| match how {
        How::Going => format!("deleting disk {}", operation.subject.name),
        How::Done | How::Already => format!("deleted disk {}", operation.subject.name),
    })
    .await
}

async fn attach(session: &Session, args: Attach) -> Result<(), Failure> {
    let disk = args.target.name.as_str();
    let project = session.project_of(disk)?;
    let body = DiskAttach { instance: args.instance.clone() };
    let ask = async |nexus: &Nexus| {
        let ask = nexus.disk_attach().disk(disk).body(body.clone());
        ask.given(project.clone(), |ask, project| ask.project(project)).send().await
    };
    let disk = session.client.ask(Repeat::IfUnsent, ask).await?;
    session.output.done(&disk, COLUMNS, &format!("disk {} is attached to {}", disk.name, args.instance))
}

async fn detach(session: &Session, disk: &str) -> Result<(), Failure> {
    let project = session.project_of(disk)?;
    let ask = async |nexus: &Nexus| {
        nexus
            .disk_detach()
            .disk(disk)
            .given(project.clone(), |ask, project| ask.project(project))
            .send()
            .await
    };
    let disk = session.client.ask(Repeat::IfUnsent, ask).await?;
    session.output.done(&disk, COLUMNS, &format!("disk {} is attached to nothing", disk.name))
}
