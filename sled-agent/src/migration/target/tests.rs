//! What a target that listens again makes of what a former agent left: never the end of a guest that may be handed off.

use std::io;
use std::time::Duration;

use async_trait::async_trait;
use berth_common::ids::{GenericUuid, MigrationUuid, SledUuid};
use tokio::time::timeout;
use uuid::Uuid;

use super::*;
use crate::hypervisor::LaunchError;
use crate::migration::played::Played;
use crate::migration::tunnel::{Tunnel, Way};

/// Nobody is reached.
#[derive(Debug)]
struct NoWay;

#[async_trait]
impl Way for NoWay {
    async fn connect(&self, _: SledUuid, _: &str) -> io::Result<Stream> {
        Err(io::ErrorKind::ConnectionRefused.into())
    }
}

/// Whoever listens, long after the deadline; and what it tells.
fn listening(again: bool, silent: u32, is_here: bool) -> mpsc::UnboundedReceiver<News> {
    let id = Uuid::from_u128(7);
    let tunnel = Tunnel::new(Arc::new(NoWay), "127.0.0.1:1".to_owned());
    let expecting = tunnel.expect(MigrationUuid::from_untyped_uuid(id), SledUuid::from_untyped_uuid(id));
    let migrator = Arc::new(Played { silent: silent.into(), is_here });
    let (news, told) = mpsc::unbounded_channel();
    let (copied_slots, deadline_ms) = (Vec::new(), 0);
    tokio::spawn(Receiving { expecting, migrator, copied_slots, deadline_ms, again, news }.run());
    told
}

#[tokio::test(start_paused = true)]
async fn a_guest_that_was_here_before_the_agent_is_kept_past_every_deadline() {
    // Nor does a hypervisor end it that says nothing for a while.
    for silent in [0, 3] {
        let mut told = listening(true, silent, true);
        assert!(matches!(told.recv().await, Some(News::Waiting)), "after {silent} without an answer");
        let Some(News::Arrived(noted)) = told.recv().await else { panic!("it is here") };
        noted.send(()).expect("it is waited for");
        let later = timeout(Duration::from_secs(3600), told.recv()).await;
        assert!(later.is_err(), "it waits for an order: {later:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_guest_that_isnt_here_has_its_deadline_and_nothing_is_begun_without_an_answer() {
    for again in [false, true] {
        let mut told = listening(again, 0, false);
        assert!(matches!(told.recv().await, Some(News::Waiting)), "again: {again}");
        let Some(News::Failed(why)) = told.recv().await else { panic!("its time is up") };
        assert!(why.contains("deadline"), "{why}");
    }
    let mut told = listening(false, 1, false);
    let Some(News::Failed(why)) = told.recv().await else { panic!("its hypervisor is no good") };
    assert_eq!(why, LaunchError("no answer".to_owned()).to_string());
}
