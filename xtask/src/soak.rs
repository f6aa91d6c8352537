//! `cargo xtask soak`: the tests that find more the longer they run, for as long as one likes.
//!
//! Random histories with new seeds, made-up requests with new seeds, scenarios of death and outage again and again, a
//! hundred migrations in a row. Each portion is a run of the test runner with a log of its own in `target/soak`. What
//! went wrong doesn't end it: it is counted, and named in the end. With `--write` the table goes to `tests/soak.md`, with
//! date and commit.

use crate::house::House;
use crate::steps::step;
use crate::test::{self, Workbench};
use crate::{interrupt, program};
use anyhow::{Result, bail, ensure};
use camino::Utf8PathBuf;
use std::fmt::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

/// Histories told by one run of the test runner: few enough for its time limit.
const PORTION: u64 = 250;

/// Seconds within which what a dead nexus had begun is finished by another.
const TAKE_OVER_S: &str = "10";

/// Where the table is kept, below the repository's top.
const TABLE: &str = "tests/soak.md";

#[derive(clap::Args)]
pub struct Arguments {
    /// What to run; everything, if nothing is named
    parts: Vec<Part>,
    /// How many random histories are told
    #[arg(long, default_value_t = 10_000)]
    histories: u64,
    /// The first seed of the histories
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// How often scenarios are repeated, and how many seeds made-up requests take
    #[arg(long, default_value_t = 20)]
    runs: u64,
    /// How often the guest migrates that is pinged
    #[arg(long, default_value_t = 100)]
    migrations: u64,
    /// Writes the table into `tests/soak.md`
    #[arg(long)]
    write: bool,
}

/// One thing that is worth hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// The simulated cluster under seeded faults
    Histories,
    /// Requests made up from the API's description
    Requests,
    /// Real processes killed, frozen and cut off; the database away
    Deaths,
    /// Real guests and their deadlines, whoever dies beside them
    Guests,
    /// A real guest that migrates a hundred times in a row, under load and pinged
    Migrations,
}

impl Part {
    const ALL: [Part; 5] = [Part::Histories, Part::Requests, Part::Deaths, Part::Guests, Part::Migrations];

    fn title(self) -> &'static str {
        match self {
            Part::Histories => "random histories",
            Part::Requests => "made-up requests",
            Part::Deaths => "deaths and outages",
            Part::Guests => "lives of real guests",
            Part::Migrations => "migrations in a row",
        }
    }

    /// Which tests they are, as the test runner selects them.
    fn tests(self) -> &'static str {
        match self {
            Part::Histories => {
                "package(berth-tests) & binary(histories) & test(histories_keep_every_invariant)"
            }
            Part::Requests => "package(berth-tests) & binary(suite) & test(/^api_fuzz::/)",
            Part::Deaths => {
                "package(berth-tests) & binary(suite) & test(/^(nexus_death|database_away|outages)::/)"
            }
            Part::Guests => "package(berth-tests) & binary(suite) & test(/^lifecycle::/)",
            Part::Migrations => "package(berth-tests) & binary(suite) & test(/^pinged_migrations::/)",
        }
    }
}

/// Where the histories are, and how they are built: there is nothing in them but computing.
const HISTORIES: [&str; 4] = ["--package", "berth-tests", "--test", "histories"];
const OPTIMISED: &str = "soak";

/// One run of the test runner: what is in its environment, and what it is called.
#[derive(Debug, PartialEq, Eq)]
struct Portion {
    name: String,
    variable: Option<(&'static str, String)>,
}

fn portions(part: Part, arguments: &Arguments) -> Vec<Portion> {
    let repeated = |name: &str, variable: &dyn Fn(u64) -> Option<(&'static str, String)>| {
        let portion = |run: u64| Portion { name: format!("{name}-{run}"), variable: variable(run) };
        (1..=arguments.runs).map(portion).collect()
    };
    match part {
        Part::Histories => {
            let end = arguments.from + arguments.histories;
            let begins = (arguments.from..end).step_by(usize::try_from(PORTION).unwrap_or(usize::MAX));
            let range = |from: u64| format!("{from}..{}", (from + PORTION).min(end));
            let portion = |range: String| Portion {
                name: format!("histories-{range}"),
                variable: Some(("BERTH_SEEDS", range)),
            };
            begins.map(range).map(portion).collect()
        }
        Part::Requests => repeated("requests", &|run| Some(("BERTH_FUZZ_SEED", run.to_string()))),
        // Nothing else runs beside it: here the time is judged in which another nexus takes over.
        Part::Deaths => repeated("deaths", &|_| Some(("BERTH_TAKE_OVER_S", TAKE_OVER_S.to_owned()))),
        Part::Guests => repeated("guests", &|_| None),
        Part::Migrations => {
            let migrations = arguments.migrations.to_string();
            vec![Portion {
                name: format!("migrations-{migrations}"),
                variable: Some(("BERTH_MIGRATIONS", migrations)),
            }]
        }
    }
}

/// What came of a part.
#[derive(Debug)]
struct Outcome {
    part: Part,
    /// `seeds 0..10000`, `20 runs`
    size: String,
    took: Duration,
    /// Each with the log that tells more.
    wrong: Vec<String>,
}

pub fn run(house: &House, arguments: &Arguments) -> Result<()> {
    ensure!(arguments.runs > 0 && arguments.histories > 0, "nothing to run");
    let parts = if arguments.parts.is_empty() { Part::ALL.to_vec() } else { arguments.parts.clone() };
    let bench = Workbench::prepare(house)?;
    if parts.iter().any(|part| *part != Part::Histories) {
        test::build_tests(house)?;
    }
    std::fs::create_dir_all(house.target("soak"))?;
    let outcomes =
        parts.into_iter().map(|part| soak(house, &bench, part, arguments)).collect::<Result<Vec<_>>>()?;
    let table = table(&heading(house)?, &outcomes)?;
    println!("{table}");
    if arguments.write {
        std::fs::write(house.root().join(TABLE), &table)?;
    }
    let wrong: Vec<&String> = outcomes.iter().flat_map(|outcome| &outcome.wrong).collect();
    for line in &wrong {
        eprintln!("{line}");
    }
    if !wrong.is_empty() {
        bail!("{} went wrong", wrong.len());
    }
    Ok(())
}

fn soak(house: &House, bench: &Workbench, part: Part, arguments: &Arguments) -> Result<Outcome> {
    let portions = portions(part, arguments);
    if part == Part::Histories {
        step("histories, optimised", |step| {
            let mut command = house.cargo();
            command.args(["test", "--no-run", "--profile", OPTIMISED]).args(HISTORIES);
            program::in_step(step, command)
        })?;
    }
    let (begin, mut wrong) = (Instant::now(), Vec::new());
    step(part.title(), |step| {
        for (done, portion) in portions.iter().enumerate() {
            interrupt::check()?;
            step.doing(&format!(
                "{}, {done} of {} done, {} wrong",
                portion.name,
                portions.len(),
                wrong.len()
            ));
            let found = run_portion(house, bench, part, portion)?;
            measured(house, portion)?.iter().for_each(|line| step.say(line));
            found.iter().for_each(|line| step.say(line));
            wrong.extend(found);
        }
        step.note(format!("{} wrong", wrong.len()));
        Ok(())
    })?;
    let size = match part {
        Part::Histories => format!("seeds {}..{}", arguments.from, arguments.from + arguments.histories),
        Part::Migrations => format!("{} migrations", arguments.migrations),
        _ => format!("{} runs", arguments.runs),
    };
    Ok(Outcome { part, size, took: begin.elapsed(), wrong })
}

fn log_of(house: &House, portion: &Portion) -> Utf8PathBuf {
    house.target("soak").join(format!("{}.log", portion.name))
}

/// Lines of a portion's log in which a test tells what it measured.
fn measured(house: &House, portion: &Portion) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(log_of(house, portion))?;
    Ok(text.lines().map(str::trim).filter(|line| line.contains("pings: ")).map(str::to_owned).collect())
}

/// Runs one portion; what failed in it, each with the log.
fn run_portion(house: &House, bench: &Workbench, part: Part, portion: &Portion) -> Result<Vec<String>> {
    let log = log_of(house, portion);
    let mut command = match part {
        Part::Histories => {
            let mut command = bench.runner_of(house, &HISTORIES)?;
            command.args(["--cargo-profile", OPTIMISED]);
            command
        }
        _ => bench.runner(house)?,
    };
    command.args(["--no-fail-fast", "--success-output", "final", "-E", part.tests()]);
    if let Some((variable, value)) = &portion.variable {
        command.env(variable, value);
    }
    if program::logged(command, &log)? {
        return Ok(Vec::new());
    }
    let mut failed = test::failed(house);
    if failed.is_empty() {
        failed.push(format!("{} didn't run to its end", portion.name));
    }
    Ok(failed.into_iter().map(|line| format!("{line} ({log})")).collect())
}

/// Date, commit and machine: what a result means without them nobody knows.
fn heading(house: &House) -> Result<String> {
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.current_dir(house.root()).args(arguments);
        program::text(command)
    };
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    let changed = if git(&["status", "--porcelain"])?.trim().is_empty() { "" } else { ", with changes" };
    let mut date = Command::new("date");
    date.args(["-u", "+%Y-%m-%d"]);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(format!("{}, commit {}{changed}, {cores} cores", program::text(date)?.trim(), commit.trim()))
}

fn table(heading: &str, outcomes: &[Outcome]) -> Result<String> {
    let mut text = format!(
        "# Long runs\n\nWritten by `cargo xtask soak --write`: {heading}.\n\n| what | how much | wrong | took |\n|---|---|---|---|\n"
    );
    for Outcome { part, size, took, wrong } in outcomes {
        let minutes = took.as_secs().div_ceil(60);
        writeln!(text, "| {} | {size} | {} | {minutes} min |", part.title(), wrong.len())?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(from: u64, histories: u64) -> Arguments {
        Arguments { parts: Vec::new(), histories, from, runs: 2, migrations: 100, write: false }
    }

    #[test]
    fn every_seed_is_in_one_portion() {
        let told: Vec<String> = portions(Part::Histories, &arguments(100, 600))
            .into_iter()
            .filter_map(|portion| portion.variable.map(|(_, range)| range))
            .collect();
        assert_eq!(told, ["100..350", "350..600", "600..700"]);
        assert_eq!(portions(Part::Deaths, &arguments(0, 1)).len(), 2);
        let row = portions(Part::Migrations, &arguments(0, 1));
        assert_eq!(row[0].variable, Some(("BERTH_MIGRATIONS", "100".to_owned())));
    }

    #[test]
    fn the_table_says_what_was_run_and_what_went_wrong() -> Result<()> {
        let took = Duration::from_secs(61);
        let outcome =
            Outcome { part: Part::Deaths, size: "2 runs".to_owned(), took, wrong: vec!["x".to_owned()] };
        let table = table("today", &[outcome])?;
        assert!(table.contains("soak --write`: today."), "{table}");
        assert!(table.ends_with("| deaths and outages | 2 runs | 1 | 2 min |\n"), "{table}");
        Ok(())
    }
}
