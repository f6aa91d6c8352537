//! How long a source lets its guest stand still for a target that hangs and keeps its connections.

use berth_common::ids::GenericUuid;
use berth_common::migration::MigrationPhase;
use uuid::Uuid;

use super::*;
use crate::migration::played::Played;
use crate::migration::tunnel::Way;
use crate::migration::wire::{Welcome, hear, say};

/// A target's agent that lets everybody in, and then says nothing.
#[derive(Debug)]
struct Hangs;

#[async_trait]
impl Way for Hangs {
    async fn connect(&self, _: SledUuid, _: &str) -> io::Result<Stream> {
        let (here, mut there) = tokio::io::duplex(1024);
        tokio::spawn(async move {
            let _header: Header = hear(&mut there).await?;
            say(&mut there, &Welcome::Taken).await?;
            std::future::pending::<io::Result<()>>().await
        });
        Ok(Box::new(here))
    }
}

/// Sends it; how long it was paused until the source gave up, and why it did.
async fn given_up(downtime_limit_ms: u64) -> (Duration, String) {
    let id = Uuid::from_u128(7);
    let target = Target {
        tunnel: Tunnel::new(Arc::new(Hangs), "127.0.0.1:1".to_owned()),
        migration: MigrationUuid::from_untyped_uuid(id),
        sled: SledUuid::from_untyped_uuid(id),
        address: "127.0.0.1:2".to_owned(),
    };
    let sending = Sending { downtime_limit_ms, copied_slots: Vec::new() };
    let (news, mut told) = mpsc::unbounded_channel();
    tokio::spawn(target.send(Arc::new(Played::default()), sending, u64::MAX, news));
    let mut paused = None;
    loop {
        match told.recv().await.expect("it has something to say") {
            News::Progress(progress) if progress.phase == MigrationPhase::SwitchingOver => {
                paused.get_or_insert_with(tokio::time::Instant::now);
            }
            News::Progress(_) => {}
            News::Failed(why) => return (paused.expect("it was paused").elapsed(), why),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_guest_is_taken_back_from_a_target_that_hangs_long_before_the_deadline() {
    for (downtime_limit_ms, seconds) in [(300, 30), (10_000, 100)] {
        let (pause, why) = given_up(downtime_limit_ms).await;
        assert_eq!(pause.as_secs(), seconds, "with {downtime_limit_ms} ms aimed at: {why}");
        assert!(why.contains("paused guest"), "{why}");
    }
}
