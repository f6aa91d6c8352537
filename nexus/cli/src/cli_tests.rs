//! Every command parses as its help says, and what can't mean anything is refused before it is sent.

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use super::Cli;

const ID: &str = "a0a0a0a0-0000-4000-8000-000000000000";

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(line.replace("ID", ID).split_whitespace())
}

#[test]
fn the_whole_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn every_verb_of_every_noun_parses() {
    for line in include_str!("cli_examples.txt").lines().filter(|line| !line.is_empty()) {
        if let Err(error) = parse(line) {
            panic!("{line}\n{error}");
        }
    }
}

#[test]
fn the_examples_leave_no_verb_out() {
    let examples = include_str!("cli_examples.txt");
    let mut left_out = Vec::new();
    leaves(&Cli::command(), String::new(), &mut |path| {
        let begins = format!("berth {path}");
        if !examples.lines().any(|line| line == begins || line.starts_with(&format!("{begins} "))) {
            left_out.push(path.to_string());
        }
    });
    assert!(left_out.is_empty(), "no example of: {left_out:?}");
}

fn leaves(command: &clap::Command, path: String, found: &mut impl FnMut(&str)) {
    let mut verbs = command.get_subcommands().filter(|verb| verb.get_name() != "help").peekable();
    if verbs.peek().is_none() {
        found(path.trim());
    }
    for verb in verbs {
        leaves(verb, format!("{path} {}", verb.get_name()), found);
    }
}

#[test]
fn every_option_and_argument_is_explained() {
    fn visit(command: &clap::Command, path: &str) {
        for argument in command.get_arguments().filter(|argument| argument.get_id() != "help") {
            assert!(argument.get_help().is_some(), "{path}: {} has no help", argument.get_id());
        }
        for verb in command.get_subcommands() {
            assert!(verb.get_about().is_some(), "{path} {} has no help", verb.get_name());
            visit(verb, &format!("{path} {}", verb.get_name()));
        }
    }
    visit(&Cli::command(), "berth");
}

#[test]
fn what_cannot_mean_anything_is_refused() {
    for line in [
        "berth instance create Web --image i",
        "berth instance create ../etc --image i",
        "berth instance create web",
        "berth instance create web --image i --memory 512",
        "berth instance create web --image i --memory 1.3MiB",
        "berth instance create web --image i --cpus 0",
        "berth instance create web --image i --nics 9",
        "berth instance create web --disk d --command-line quiet",
        "berth instance start",
        "berth instance start ../x",
        "berth instance stop web --grace 10s --force",
        "berth instance stop web --grace soon",
        "berth instance stop web --grace 1500ms",
        "berth instance start web --no-wait --timeout 5s",
        "berth instance list --limit 0",
        "berth disk create data",
        "berth disk create data --size 1000b",
        "berth operation wait web",
        "berth role grant me owner",
        "berth saga view 7",
        "berth image create i --disk d --kernel k",
        "berth instance list -o xml",
    ] {
        let error = parse(line).map(|_| ()).expect_err(line);
        assert_eq!(error.exit_code(), 2, "{line}: {error}");
        assert_ne!(error.kind(), ErrorKind::DisplayHelp, "{line}");
    }
}
