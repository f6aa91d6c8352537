//! Claims of background tasks.

use crate::world::world;
use anyhow::Result;
use berth_common::ids::NexusUuid;
use berth_db::task;

#[tokio::test]
async fn of_many_nexus_one_claims_a_run() -> Result<()> {
    let world = world()?;
    // Every hour, and never stale: whatever holds the test up, it isn't time again.
    let (every_ms, stale_ms) = (3_600_000, 36_000_000);
    let claim = async || {
        let nexus = NexusUuid::new_v4();
        world
            .db
            .statement("test", async |conn| task::claim(conn, "reaper", nexus, every_ms, stale_ms).await)
            .await
    };
    for _ in 0..2 {
        let (a, b, c, d) = tokio::join!(claim(), claim(), claim(), claim());
        let claimed: Vec<_> = [a?, b?, c?, d?].into_iter().flatten().collect();
        assert_eq!(claimed.len(), 1);
        let conn = &mut world.db.pool().get().await?;
        assert!(task::finish(conn, &claimed[0], "3 reaped").await?);
        assert!(claim().await?.is_none(), "it just ran");
        world.database.sql("UPDATE task_run SET last_started_at = now() - interval '2 hours'")?;
    }
    Ok(())
}

#[tokio::test]
async fn a_run_whose_nexus_died_is_taken_over_and_its_end_counts_no_more() -> Result<()> {
    let world = world()?;
    let conn = &mut world.db.pool().get().await?;
    let (dead, next) = (NexusUuid::new_v4(), NexusUuid::new_v4());
    let first = task::claim(conn, "reaper", dead, 0, 60_000).await?.expect("nobody is on it");
    assert!(task::claim(conn, "reaper", next, 0, 60_000).await?.is_none(), "it hasn't ended");
    let second = task::claim(conn, "reaper", next, 0, 0).await?.expect("it is stale");
    assert!(!task::finish(conn, &first, "late").await?);
    assert!(task::finish(conn, &second, "done").await?);
    let runs = task::list(conn).await?;
    assert_eq!((runs[0].claimed_by, runs[0].last_result.as_deref()), (Some(next), Some("done")));
    Ok(())
}
