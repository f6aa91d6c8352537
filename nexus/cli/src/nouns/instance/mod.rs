//! `berth instance`: virtual machines.

mod columns;
mod console;
mod create;
mod explain;
mod force_stop;
mod lifecycle;
mod migrate;
mod serial;
mod terminal_text;

use clap::{Args, Subcommand};
use clap_complete::ArgValueCandidates;

use crate::addressing::name_or_id;
use crate::cell::Names;
use crate::failure::Failure;
use crate::generated::Client as Nexus;
use crate::generated::types::Instance;
use crate::live_names;
use crate::nouns::event;
use crate::pages::{Given, List};
use crate::session::{ProjectListArgs, Session, to_uuid};

/// Verbs of instances.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List instances
    #[command(visible_alias = "ls")]
    List(ProjectListArgs),
    /// Make an instance, and start it if asked to
    Create(create::Create),
    /// View an instance
    #[command(visible_alias = "show")]
    View(Target),
    /// Change an instance; CPUs, memory, image and command line need it stopped
    Update(create::Update),
    /// Delete instances, in whatever state; their disks stay
    #[command(visible_alias = "rm")]
    Delete(lifecycle::Delete),
    /// Start instances
    Start(lifecycle::Start),
    /// Stop instances: by the power button, at the end of the grace by force
    Stop(lifecycle::Stop),
    /// Reboot instances in place: by the power button, at the end of the grace by force
    Reboot(lifecycle::Reboot),
    /// Move running instances to another sled, live
    Migrate(migrate::Migrate),
    /// Pull the cord: end everything that runs of an instance at once, whatever state it is in
    ForceStop(force_stop::ForceStop),
    /// Explain why an instance is as it is, and what it waits for
    Explain(Target),
    /// List what happened to an instance
    Events(Events),
    /// Show the serial console's history
    #[command(visible_alias = "serial-console")]
    Serial(serial::Serial),
    /// Sit at the serial console: see what the guest writes, and type
    Console(console::Console),
}

/// An instance.
#[derive(Clone, Debug, Args)]
pub struct Target {
    /// The instance
    #[arg(id = "target", value_name = "INSTANCE", value_parser = name_or_id, add = ArgValueCandidates::new(live_names::instances))]
    name: String,
}

/// Events of an instance.
#[derive(Debug, Args)]
pub struct Events {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    look: event::Look,
}

/// Runs a verb.
pub async fn run(session: &Session, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::List(args) => list(session, args).await,
        Verb::Create(args) => create::create(session, args).await,
        Verb::View(target) => {
            let instance = view(session, &target.name).await?;
            session.output.record(&instance, columns::COLUMNS, &names(session, &instance).await)
        }
        Verb::Update(args) => create::update(session, args).await,
        Verb::Delete(args) => lifecycle::delete(session, args).await,
        Verb::Start(args) => lifecycle::start(session, args).await,
        Verb::Stop(args) => lifecycle::stop(session, args).await,
        Verb::Reboot(args) => lifecycle::reboot(session, args).await,
        Verb::Migrate(args) => migrate::migrate(session, args).await,
        Verb::ForceStop(args) => force_stop::force_stop(session, args).await,
        Verb::Explain(target) => explain::run(session, &target.name).await,
        Verb::Events(args) => events(session, args).await,
        Verb::Serial(args) => serial::run(session, args).await,
        Verb::Console(args) => console::run(session, args).await,
    }
}

async fn list(session: &Session, args: ProjectListArgs) -> Result<(), Failure> {
    let project = args.project(session);
    let list = session
        .client
        .list(args.list.limit, async |nexus, page| {
            let ask = nexus.instance_list().limit(page.limit);
            let ask = ask.given(page.token, |ask, token| ask.page_token(token));
            ask.given(project.clone(), |ask, project| ask.project(project)).send().await
        })
        .await?;
    print_list(session, &list).await
}

/// Prints instances with the names of their projects.
pub async fn print_list(session: &Session, list: &List<Instance>) -> Result<(), Failure> {
    session.show(list, columns::COLUMNS, &session.project_names().await)
}

/// Names of what an instance refers to, for people.
async fn names(session: &Session, instance: &Instance) -> Names {
    let mut names = session.project_names().await;
    if let Some(id) = instance.image_id.filter(|_| session.output.is_for_people()) {
        let image = session.client.look(async |nexus| nexus.image_view().image(id.to_string()).send().await);
        // Without it the id is shown.
        if let Ok(image) = image.await {
            names.insert(to_uuid(id), image.name.to_string());
        }
    }
    names
}

/// One instance by name or id.
async fn view(session: &Session, instance: &str) -> Result<Instance, Failure> {
    let project = session.project_of(instance)?;
    let ask = async |nexus: &Nexus| {
        let ask = nexus.instance_view().instance(instance);
        ask.given(project.clone(), |ask, project| ask.project(project)).send().await
    };
    session.client.look(ask).await
}

async fn events(session: &Session, args: Events) -> Result<(), Failure> {
    let instance = args.target.name.as_str();
    let project = session.project_of(instance)?;
    event::show(session, &args.look, async |nexus, since, wait| {
        let ask = nexus.instance_events().instance(instance).limit(1000_u32);
        let ask = ask.given(project.clone(), |ask, project| ask.project(project));
        let ask = ask.given(since, |ask, since| ask.since(since));
        ask.given(wait, |ask, wait| ask.wait(wait)).send().await
    })
    .await
}
