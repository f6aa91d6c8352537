//! `berth sled`: the hosts.

use std::fmt::Write as _;

use clap::{Args, Subcommand};
use clap_complete::ArgValueCandidates;

use crate::addressing::name_or_id;
use crate::cell::{Cell, Names, printable};
use crate::client::Repeat;
use crate::failure::Failure;
use crate::generated::Client as Nexus;
use crate::generated::types::{Sled, SledExplanation};
use crate::live_names;
use crate::nouns::{event, instance, join_token};
use crate::output::{Column, print, print_pieces};
use crate::pages::Given;
use crate::session::{ListArgs, Session, to_uuid};

/// Verbs of sleds.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List sleds
    #[command(visible_alias = "ls")]
    List(ListArgs),
    /// View a sled
    #[command(visible_alias = "show")]
    View(Target),
    /// Explain why a sled is as it is, and what would happen if it were lost
    Explain(Target),
    /// Let a sled take no new instances; what runs there runs on
    Cordon(Target),
    /// Let a sled take instances again
    Uncordon(Target),
    /// Print the metrics of a sled's agent, as a scraper gets them
    Metrics(Target),
    /// List what happened on a sled
    Events(Events),
    /// List the instances of a sled
    Instances(Instances),
    /// Join tokens, by which hosts become sleds
    #[command(subcommand)]
    Token(join_token::Verb),
    /// Make a join token for a new sled: the same as `sled token create`
    Add(join_token::Create),
}

/// A sled.
#[derive(Debug, Args)]
pub struct Target {
    /// The sled
    #[arg(id = "target", value_name = "SLED", value_parser = name_or_id, add = ArgValueCandidates::new(live_names::sleds))]
    name: String,
}

/// Events of a sled.
#[derive(Debug, Args)]
pub struct Events {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    look: event::Look,
}

/// Instances of a sled.
#[derive(Debug, Args)]
pub struct Instances {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    list: ListArgs,
}

const COLUMNS: &[Column<Sled>] = &[
    Column::listed("name", |s| Cell::text(&s.name)),
    Column::listed("admission", |s| Cell::text(s.admission)),
    Column::listed("liveness", |s| Cell::text(s.liveness)),
    Column::listed("hypervisor", |s| Cell::some(s.readiness.hypervisor, Cell::text)),
    Column::listed("cpus", |s| Cell::CountOf(s.readiness.cpus_reserved, s.readiness.cpus)),
    Column::listed("memory", |s| {
        Cell::BytesOf(s.readiness.memory_mib_reserved << 20, s.readiness.memory_mib << 20)
    }),
    Column::listed("reported", |s| Cell::some(s.report_age_ms, Cell::Age)),
    Column::on_request("recovered", |s| {
        Cell::CountOf(s.readiness.recovered_done, s.readiness.recovered_total)
    }),
    Column::on_request("bridge", |s| Cell::text(if s.readiness.has_bridge { "yes" } else { "no" })),
    Column::on_request("cpu_model", |s| Cell::some(s.readiness.cpu_model.as_ref(), Cell::text)),
    Column::on_request("address", |s| Cell::some(s.address.as_ref(), Cell::text)),
    Column::on_request("version", |s| Cell::some(s.version.as_ref(), Cell::text)),
    Column::on_request("id", |s| Cell::Of(to_uuid(s.id))),
    Column::on_request("boot", |s| Cell::some(s.boot_id, |id| Cell::Of(to_uuid(id)))),
    Column::on_request("lease_epoch", |s| Cell::Number(s.lease_epoch)),
    Column::on_request("joined", |s| Cell::Time(s.created_at)),
];

/// Runs a verb.
pub async fn run(session: &Session, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::List(args) => list(session, args).await,
        Verb::View(target) => {
            let name = target.name.as_str();
            let sled = session.client.look(async |nexus| nexus.sled_view().sled(name).send().await).await?;
            session.output.record(&sled, COLUMNS, &Names::new())
        }
        Verb::Explain(target) => explain(session, &target.name).await,
        Verb::Cordon(target) => {
            let name = target.name.as_str();
            let ask = async |nexus: &Nexus| nexus.sled_cordon().sled(name).send().await;
            let sled = session.client.ask(Repeat::Safe, ask).await?;
            session.output.done(&sled, COLUMNS, &format!("sled {} takes no new instances", sled.name))
        }
        Verb::Uncordon(target) => {
            let name = target.name.as_str();
            let ask = async |nexus: &Nexus| nexus.sled_uncordon().sled(name).send().await;
            let sled = session.client.ask(Repeat::Safe, ask).await?;
            session.output.done(&sled, COLUMNS, &format!("sled {} takes instances again", sled.name))
        }
        Verb::Metrics(target) => {
            let name = target.name.as_str();
            let page = session.client.look(async |nexus| nexus.sled_metrics().sled(name).send().await);
            print_pieces(page.await?).await
        }
        Verb::Events(args) => events(session, args).await,
        Verb::Instances(args) => instances(session, args).await,
        Verb::Token(verb) => join_token::run(session, verb).await,
        Verb::Add(args) => join_token::create(session, args).await,
    }
}

async fn list(session: &Session, args: ListArgs) -> Result<(), Failure> {
    session.show(&session.sleds(args.limit).await?, COLUMNS, &Names::new())
}

async fn events(session: &Session, args: Events) -> Result<(), Failure> {
    let sled = args.target.name.as_str();
    event::show(session, &args.look, async |nexus, since, wait| {
        let ask = nexus.sled_events().sled(sled).limit(1000_u32);
        let ask = ask.given(since, |ask, since| ask.since(since));
        ask.given(wait, |ask, wait| ask.wait(wait)).send().await
    })
    .await
}

async fn instances(session: &Session, args: Instances) -> Result<(), Failure> {
    let sled = args.target.name.as_str();
    let list = session
        .client
        .list(args.list.limit, async |nexus, page| {
            let ask = nexus.sled_instances().sled(sled).limit(page.limit);
            ask.given(page.token, |ask, token| ask.page_token(token)).send().await
        })
        .await?;
    instance::print_list(session, &list).await
}

async fn explain(session: &Session, sled: &str) -> Result<(), Failure> {
    let why = session.client.look(async |nexus| nexus.sled_explain().sled(sled).send().await).await?;
    if !session.output.is_for_people() {
        return session.output.record(&why, &[], &Names::new());
    }
    print(&explanation(&why))
}

fn explanation(why: &SledExplanation) -> String {
    let sled = &why.sled;
    let mut text = format!("{}\n\n", printable(&why.summary));
    let mut put = |line: String| {
        let _infallible = writeln!(text, "{}", printable(&line));
    };
    put(format!("admission  {}", sled.admission));
    let age = sled.report_age_ms.map_or("-".to_string(), |ms| Cell::Age(ms).for_people(&Names::new()));
    put(format!("liveness   {} (last report {age} ago)", sled.liveness));
    let free = |all: u64, reserved: u64| all.saturating_sub(reserved);
    let ready = &sled.readiness;
    put(format!(
        "free       {} cpus, {} MiB",
        free(ready.cpus, ready.cpus_reserved),
        free(ready.memory_mib, ready.memory_mib_reserved)
    ));
    for refusal in &why.refuses {
        put(format!("refuses    {refusal}"));
    }
    put(format!("if lost    {}", why.if_lost));
    for vmm in &why.vmms {
        let stuck = if vmm.stuck { ", its process can't be ended" } else { "" };
        put(format!("runs       {} ({}{stuck})", vmm.instance_name, vmm.state));
    }
    for found in &why.quarantined {
        let pid = found.pid.map(|pid| format!("process {pid}, ")).unwrap_or_default();
        put(format!("left alone {pid}{} ({})", found.what, found.why.replace('_', " ")));
    }
    if !why.recent.is_empty() {
        text.push_str("\nlately:\n");
    }
    for event in &why.recent {
        let _infallible = writeln!(text, "  {}", event::line(event));
    }
    text
}
