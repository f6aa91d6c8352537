//! The cluster's one row, and the rows of its nexus.

use crate::world::world;
use anyhow::Result;
use berth_common::ids::{ClusterUuid, NexusUuid};
use berth_db::models::NexusState;
use berth_db::nexus::{self, Announcement};
use berth_db::page::Paging;
use berth_db::{Guarded, cluster};

fn own(id: NexusUuid, name: &str) -> Announcement<'_> {
    Announcement { id, name, public_address: "a:1", internal_address: "a:2", version: "0.1.0" }
}

#[tokio::test]
async fn of_two_nexus_that_make_the_cluster_at_once_both_get_the_same() -> Result<()> {
    let world = world()?;
    let other = world.another()?;
    let (a, b) = (ClusterUuid::new_v4(), ClusterUuid::new_v4());
    let (first, second) = tokio::join!(
        world.db.transaction("test", async |conn| cluster::ensure(conn, a, "cert a", "key a").await),
        other.transaction("test", async |conn| cluster::ensure(conn, b, "cert b", "key b").await),
    );
    let (first, second) = (first?, second?);
    assert_eq!((first.id, &first.ca_key_pem), (second.id, &second.ca_key_pem));
    assert!(!format!("{first:?}").contains("key "), "the key isn't shown");
    Ok(())
}

#[tokio::test]
async fn a_nexus_renews_under_its_own_epoch_only() -> Result<()> {
    let world = world()?;
    let id = NexusUuid::new_v4();
    let conn = &mut world.db.pool().get().await?;
    let Guarded::Changed(first) = nexus::announce(conn, &own(id, "n1")).await? else { panic!("refused") };
    let Guarded::Changed(again) = nexus::announce(conn, &own(id, "n1")).await? else { panic!("refused") };
    assert_eq!(again.epoch, first.epoch + 1);
    assert_eq!(nexus::renew(conn, id, first.epoch).await?, Guarded::Stale);
    assert_eq!(nexus::renew(conn, id, again.epoch).await?, Guarded::Changed(()));
    assert_eq!(nexus::renew(conn, NexusUuid::new_v4(), 1).await?, Guarded::Missing);
    assert_eq!(nexus::leave(conn, id, again.epoch).await?, Guarded::Changed(()));
    assert_eq!(nexus::renew(conn, id, again.epoch).await?, Guarded::Stale);
    let seen = nexus::list(conn, &Paging::first(10)).await?.items;
    assert_eq!(seen[0].nexus.state, NexusState::Stopped);
    Ok(())
}

#[tokio::test]
async fn a_dead_nexus_comes_back_under_a_new_id_and_its_old_name() -> Result<()> {
    let world = world()?;
    let (old, new) = (NexusUuid::new_v4(), NexusUuid::new_v4());
    let conn = &mut world.db.pool().get().await?;
    assert!(nexus::announce(conn, &own(old, "n1")).await?.is_changed());
    let taken = nexus::announce(conn, &own(new, "n1")).await.expect_err("the name is taken");
    assert!(taken.is_conflict_of("nexus_name_key"), "{taken}");
    world.database.sql("UPDATE nexus SET state = 'dead'")?;
    assert_eq!(nexus::announce(conn, &own(old, "n1")).await?.map(drop), Guarded::Stale);
    assert!(nexus::announce(conn, &own(new, "n1")).await?.is_changed());
    assert_eq!(nexus::internal_addresses(conn).await?, ["a:2"]);
    Ok(())
}
