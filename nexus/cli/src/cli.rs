//! The command line: `berth <noun> <verb>`.

use clap::{Parser, Subcommand};

use crate::failure::Failure;
use crate::nouns::{
    check, completion, disk, event, image, instance, nexus, operation, pool, profile, project, role, saga,
    sled, token, user, version, whoami,
};
use crate::output::Output;
use crate::session::{CommonArgs, Session};

const AFTER_HELP: &str = "\
First steps:
  berth profile add lab --url HOST:7443 --token-file FILE --ca FILE
  berth project create demo
  berth image create linux --kernel vmlinuz --initrd initrd.img -p demo
  berth instance create web --image linux --start -p demo
  berth instance serial web --follow -p demo

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 still running.
Several addresses, separated by commas, stand in for each other.";

/// Berth: virtual machines on a cluster
#[derive(Debug, Parser)]
#[command(name = "berth", version, after_help = AFTER_HELP, max_term_width = 100, disable_help_subcommand = false)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    common: CommonArgs,
    #[command(subcommand)]
    noun: Noun,
}

/// Nouns.
#[derive(Debug, Subcommand)]
enum Noun {
    /// Virtual machines
    #[command(subcommand, visible_alias = "vm")]
    Instance(instance::Verb),
    /// Disks of instances
    #[command(subcommand)]
    Disk(disk::Verb),
    /// What instances boot and disks are made from
    #[command(subcommand)]
    Image(image::Verb),
    /// What users share, with its quota
    #[command(subcommand)]
    Project(project::Verb),
    /// Accepted work: look, wait, cancel
    #[command(subcommand, visible_alias = "op")]
    Operation(operation::Verb),
    /// What happened, and what happens now
    #[command(subcommand)]
    Event(event::Verb),
    /// Hosts (operators)
    #[command(subcommand)]
    Sled(sled::Verb),
    /// Storage pools
    #[command(subcommand)]
    Pool(pool::Verb),
    /// The control plane's programs (operators)
    #[command(subcommand)]
    Nexus(nexus::Verb),
    /// Durable work of several steps (operators)
    #[command(subcommand)]
    Saga(saga::Verb),
    /// Recompute every invariant from the records (operators)
    Check,
    /// Users (operators)
    #[command(subcommand)]
    User(user::Verb),
    /// API tokens
    #[command(subcommand)]
    Token(token::Verb),
    /// Who may do what
    #[command(subcommand)]
    Role(role::Verb),
    /// Who you are to the cluster
    Whoami,
    /// Clusters by name
    #[command(subcommand)]
    Profile(profile::Verb),
    /// Script for your shell's completion
    Completion(completion::Completion),
    /// Version of this program and of nexus
    Version,
}

/// Runs the command.
///
/// Errors: everything a command can end with but being done.
pub async fn run(cli: Cli) -> Result<(), Failure> {
    let Cli { common, noun } = cli;
    match noun {
        Noun::Completion(args) => return completion::run(args),
        Noun::Version => return version::run(Session::new(&common)).await,
        Noun::Profile(verb) => {
            let output = Output::new(&common.output)?;
            return profile::run(&output, &common.connection, common.project, verb).await;
        }
        _ => {}
    }
    let session = Session::new(&common)?;
    match noun {
        Noun::Instance(verb) => instance::run(&session, verb).await,
        Noun::Disk(verb) => disk::run(&session, verb).await,
        Noun::Image(verb) => image::run(&session, verb).await,
        Noun::Project(verb) => project::run(&session, verb).await,
        Noun::Operation(verb) => operation::run(&session, verb).await,
        Noun::Event(verb) => event::run(&session, verb).await,
        Noun::Sled(verb) => sled::run(&session, verb).await,
        Noun::Pool(verb) => pool::run(&session, verb).await,
        Noun::Nexus(verb) => nexus::run(&session, verb).await,
        Noun::Saga(verb) => saga::run(&session, verb).await,
        Noun::Check => check::run(&session).await,
        Noun::User(verb) => user::run(&session, verb).await,
        Noun::Token(verb) => token::run(&session, verb).await,
        Noun::Role(verb) => role::run(&session, verb).await,
        Noun::Whoami => whoami::run(&session).await,
        Noun::Completion(_) | Noun::Version | Noun::Profile(_) => Ok(()),
    }
}

#[cfg(test)]
#[path = "cli_tests.rs"]
mod tests;
