//! A refused request leaves the database byte-identical: over every name that a request can be refused with.
//!
//! Each refusal is arranged, the whole database is read, the request is sent, and the database is read again. Nothing
//! may differ, not even the counter of an identity. A code that no request here met fails the suite, unless it is
//! named below with the reason.

mod arranged;
mod moves;
mod requests;

use anyhow::{Context, Result, ensure};
use berth_common::refusal::ErrorCode;
use berth_tests::{BootImage, Play, Reply, Shape, dump, play, until};
use std::collections::BTreeSet;
use std::time::Duration;

/// Codes that no request can be refused with here, and why.
const NOT_MET: &[(ErrorCode, &str)] = &[
    (ErrorCode::Unavailable, "the database is away; see acceptance 23"),
    (ErrorCode::Internal, "a fault of ours"),
    (ErrorCode::InstanceDisowned, "the updater clears one that is arranged by hand; see acceptance 11"),
    (ErrorCode::InstanceNotStoppable, "every state can be stopped but those with a code of their own"),
    (ErrorCode::StartFailed, "an operation's error"),
    (ErrorCode::StopSuperseded, "an operation's error"),
    (ErrorCode::RebootSuperseded, "an operation's error"),
    (ErrorCode::RebootFailed, "an operation's error"),
    (ErrorCode::MigrationFailed, "an operation's error"),
    (ErrorCode::Cancelled, "an operation's error"),
    (ErrorCode::StorageFailed, "an operation's error"),
    (ErrorCode::SagaResolved, "an operation's error"),
];

/// What was refused so far.
#[derive(Debug, Default)]
struct Met(BTreeSet<&'static str>);

impl Met {
    /// Sends a request that must be refused with this code, and compares the database before and after.
    fn refused(
        &mut self,
        play: &mut Play,
        code: ErrorCode,
        ask: impl Fn(&Play) -> Result<Reply>,
    ) -> Result<()> {
        let before = at_rest(play)?;
        let reply = ask(play)?;
        let after = dump(&mut play.records)?;
        let status = berth_nexus_api::error::status_of(code).as_u16();
        reply.expect_refused(status, code.as_str())?;
        ensure!(
            reply.json["message"].as_str().is_some_and(|words| words.len() > 10),
            "no words: {}",
            reply.text
        );
        let differences = before.differences(&after);
        ensure!(differences.is_empty(), "the refusal {code} left a trace: {differences:#?}");
        self.0.insert(code.as_str());
        Ok(())
    }
}

/// The database when nothing changes any more by itself.
fn at_rest(play: &mut Play) -> Result<berth_tests::Dump> {
    let mut last = dump(&mut play.records)?;
    let mut differences = Vec::new();
    until("the cluster is at rest", Duration::from_secs(60), || {
        let now = dump(&mut play.records)?;
        differences = last.differences(&now);
        last = now;
        Ok(differences.is_empty().then(|| last.clone()))
    })
    .with_context(|| format!("it goes on changing: {differences:#?}"))
}

#[test]
fn a_refused_request_leaves_the_database_byte_identical_over_all_refusals() -> Result<()> {
    play(&Shape::simulated(1, 1), |play| {
        play.image(BootImage::Small)?;
        let mut met = Met::default();
        requests::malformed(play, &mut met).context("malformed requests")?;
        requests::strangers(play, &mut met).context("who may not")?;
        requests::contradictions(play, &mut met).context("what contradicts what there is")?;
        arranged::instances(play, &mut met).context("instances in a state that forbids it")?;
        moves::moves(play, &mut met).context("migrations and force stops")?;
        arranged::storage(play, &mut met).context("disks and images in a state that forbids it")?;
        arranged::system(play, &mut met).context("operators' requests")?;
        let named = NOT_MET.iter().map(|(code, _)| code.as_str());
        let expected: BTreeSet<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        let known: BTreeSet<_> = met.0.iter().copied().chain(named).collect();
        let open: Vec<_> = expected.difference(&known).collect();
        ensure!(open.is_empty(), "no request here is refused with {open:?}");
        let stale: Vec<_> = NOT_MET.iter().filter(|(code, _)| met.0.contains(code.as_str())).collect();
        ensure!(stale.is_empty(), "met after all: {stale:?}");
        Ok(())
    })
}
