//! The saga matrix: every step of every registered saga × everything that can go wrong at it, forward and when it is
//! undone, and a death after each append. Whatever happens, everything comes to rest and nothing is left over.
//!
//! Nexus runs in this process, so that its engine can be told what goes wrong; database and sleds are real processes
//! with simulated guests. Each case has a nexus and a name of its own; the fault happens once.

use crate::matrix_fixtures::{Fixture, fixture};
use crate::matrix_nexus::Host;
use anyhow::{Context, Result, ensure};
use berth_nexus_api::operation::Operation;
use berth_saga_store::{Direction, Faults, NodeInfo, StepFault};
use berth_tests::{BootImage, Play, Shape, play};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(60);

/// From a request, through whatever goes wrong, to rest.
const REST_WITHIN: Duration = Duration::from_secs(60);

/// Deaths after an append that are prepared; the last one must not happen any more: the saga was walked to its end.
const APPENDS_MAX: u64 = 48;

/// Background tasks come round often: a case must not wait for them.
const HASTY: &str = "[background]\nperiod_ms = 100\n";

/// Every case has an instance of its own.
const ROOM_FOR_ALL: &str =
    "UPDATE project SET quota_instances = 1000, quota_cpus = 1000, quota_memory_mib = 1 << 20";

/// So lately that the request is there before it counts as silent.
const HEARD: &str = "SELECT bool_and(last_report_at > now() - interval '2 seconds') FROM sled";

struct Case {
    what: String,
    faults: Faults,
    /// Step faults that must have happened in the end.
    happen: usize,
    dies: bool,
}

fn faults_of_a_step() -> [(&'static str, StepFault); 7] {
    [
        ("fails before its effect", StepFault::FailBefore),
        ("fails after its effect", StepFault::FailAfter),
        ("runs twice", StepFault::Twice),
        ("commits without an answer", StepFault::CommitHidden),
        ("sees its nexus die before it", StepFault::CrashBefore),
        ("sees its nexus die after it", StepFault::CrashAfter),
        ("panics", StepFault::Panic),
    ]
}

/// Every step that does something in a direction, with every fault; an undo is made by a failure of the last step.
fn cases(nodes: &[NodeInfo]) -> Vec<Case> {
    let mut cases = Vec::new();
    let Some(last) = nodes.last() else { return cases };
    for node in nodes {
        for (words, fault) in faults_of_a_step() {
            // A step without a transaction has no COMMIT whose answer could be lost.
            let surely = usize::from(!matches!(fault, StepFault::CommitHidden));
            let dies = matches!(fault, StepFault::CrashBefore | StepFault::CrashAfter);
            let step = node.step.as_str();
            if node.acts {
                let faults = Faults::at(step, Direction::Forward, fault.clone());
                cases.push(Case { what: format!("{step} {words}"), faults, happen: surely, dies });
            }
            if node.undoes {
                let end = (last.step.as_str(), Direction::Forward, StepFault::FailBefore);
                let faults = Faults::at_all([end, (step, Direction::Undo, fault)]);
                cases.push(Case {
                    what: format!("undo of {step} {words}"),
                    faults,
                    happen: 1 + surely,
                    dies,
                });
            }
        }
    }
    cases
}

/// Tells one case and looks at what is left. True: its nexus died on the way.
fn tell(play: &mut Play, host: &mut Host, fixture: &Fixture, name: &str, faults: &Faults) -> Result<bool> {
    host.restart(play, faults.clone())?;
    // Who is to run or take a guest must be known to be up.
    play.records.until("both sleds report", SOON, HEARD, &[])?;
    let mut accepted = (fixture.ask)(&play.api, name)?.into::<Operation>()?;
    let died = host.comes_to_rest(play, REST_WITHIN)?;
    accepted = play.api.operation(accepted.id)?;
    ensure!(accepted.ended_at.is_some(), "its operation hasn't ended: {accepted:?}");
    Ok(died)
}

fn matrix_of(saga: &str) -> Result<()> {
    let registry = berth_nexus::sagas::registry()?;
    let kind = registry.names().into_iter().find(|kind| kind.name == saga).context("it isn't registered")?;
    let nodes = registry.nodes(&kind.name, kind.version).context("it has nodes")?;
    let fixture = fixture(saga).with_context(|| format!("saga {saga} has no fixture in the matrix"))?;
    let shape = Shape { nexus_settings: HASTY.to_owned(), ..Shape::simulated(1, 2) };
    play(&shape, |play| {
        play.image(BootImage::Small)?;
        let mut host = Host::instead_of_the_process(play)?;
        let result = walk(play, &mut host, &fixture, cases(&nodes)).with_context(|| format!("saga {saga}"));
        host.stop(play)?;
        result
    })
}

fn walk(play: &mut Play, host: &mut Host, fixture: &Fixture, cases: Vec<Case>) -> Result<()> {
    let began = Instant::now();
    let names = (0..cases.len()).map(|n| format!("case-{n}"));
    let names: Vec<String> = names.chain((1..=APPENDS_MAX).map(|k| format!("append-{k}"))).collect();
    play.records.client().execute(ROOM_FOR_ALL, &[])?;
    for name in &names {
        (fixture.prepare)(&play.api, name).with_context(|| format!("preparing {name}"))?;
    }
    play.comes_to_rest(SOON)?;
    let prepared = began.elapsed();
    let mut wrong = Vec::new();
    let all = cases.len();
    for (n, case) in cases.into_iter().enumerate() {
        let case_began = Instant::now();
        let told = tell(play, host, fixture, &format!("case-{n}"), &case.faults).and_then(|died| {
            let happened = case.faults.happened();
            ensure!(happened >= case.happen, "{happened} faults happened, not {}", case.happen);
            ensure!(died == case.dies, "the nexus died: {died}");
            Ok(())
        });
        println!("matrix: {} in {:.1} s", case.what, case_began.elapsed().as_secs_f32());
        if let Err(error) = told {
            eprintln!("WRONG: {}: {error:#}", case.what);
            wrong.push(format!("{}: {error:#}", case.what));
        }
    }
    let mut appends = 0;
    for k in 1..=APPENDS_MAX {
        match tell(play, host, fixture, &format!("append-{k}"), &Faults::crash_after_append(k)) {
            Ok(false) => break,
            Ok(true) => appends = k,
            Err(error) => {
                eprintln!("WRONG: death after append {k}: {error:#}");
                wrong.push(format!("death after append {k}: {error:#}"));
                appends = k;
            }
        }
    }
    println!(
        "matrix: {all} cases at steps, {appends} deaths after an append, {} wrong, in {:.1} s of which {:.1} s to prepare",
        wrong.len(),
        began.elapsed().as_secs_f32(),
        prepared.as_secs_f32()
    );
    ensure!(appends > 0, "nothing was appended");
    ensure!(appends < APPENDS_MAX, "more appends than cases prepared for them");
    ensure!(wrong.is_empty(), "{} of {all} cases and {appends} deaths: {wrong:#?}", wrong.len());
    Ok(())
}

#[test]
fn matrix_every_registered_saga_has_a_fixture_and_steps() -> Result<()> {
    let registry = berth_nexus::sagas::registry()?;
    for kind in registry.names() {
        ensure!(fixture(&kind.name).is_some(), "saga {} has no fixture in the matrix", kind.name);
        let nodes = registry.nodes(&kind.name, kind.version).unwrap_or_default();
        ensure!(!cases(&nodes).is_empty(), "saga {} has nothing that could go wrong", kind.name);
        let told = TOLD.contains(&kind.name.as_str());
        ensure!(told, "saga {} has a fixture, but no test below that tells its cases", kind.name);
    }
    Ok(())
}

macro_rules! matrices {
    ($($(#[$why:meta])* $test:ident: $saga:literal),* $(,)?) => {
        /// The sagas whose cases are told below.
        const TOLD: &[&str] = &[$($saga),*];
        $(#[test]
        $(#[$why])*
        fn $test() -> Result<()> {
            matrix_of($saga)
        })*
    };
}

matrices! {
    matrix_instance_create_comes_to_rest_whatever_happens_at_any_step: "instance_create",
    matrix_instance_start_comes_to_rest_whatever_happens_at_any_step: "instance_start",
    matrix_instance_migrate_comes_to_rest_whatever_happens_at_any_step: "instance_migrate",
    matrix_instance_update_comes_to_rest_whatever_happens_at_any_step: "instance_update",
    matrix_instance_delete_comes_to_rest_whatever_happens_at_any_step: "instance_delete",
    matrix_disk_create_comes_to_rest_whatever_happens_at_any_step: "disk_create",
    matrix_disk_delete_comes_to_rest_whatever_happens_at_any_step: "disk_delete",
}
