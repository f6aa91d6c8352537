//! Hosts that become sleds, and what they say of themselves.

use crate::nouns::{GIB, SledAndPool, name, secret};
use crate::world::{World, world};
use anyhow::Result;
use berth_common::ids::{BootUuid, JoinTokenUuid, LedgerUuid, PoolUuid, SledUuid};
use berth_common::sled::Liveness;
use berth_common::storage::PoolKind;
use berth_db::page::Paging;
use berth_db::sled_join::{Join, Joining, join};
use berth_db::sled_register::{PoolFault, Registering};
use berth_db::{DbResult, Guarded, join_token, pool, sled};
use diesel_async::SimpleAsyncConnection;

async fn ask(world: &World, token: &str, key: &[u8], called: &str) -> Result<Join> {
    let called = name(called);
    let joining = Joining { token_hash: secret(token), key_hash: key, id: SledUuid::new_v4(), name: &called };
    Ok(world.db.transaction("test", async |conn| join(conn, &joining).await).await?)
}

async fn token(world: &World, text: &str, life_s: i64) -> Result<JoinTokenUuid> {
    let (id, hash) = (JoinTokenUuid::new_v4(), secret(text));
    world
        .db
        .statement("test", async |conn| join_token::create(conn, id, &hash, "anna", life_s).await)
        .await?;
    Ok(id)
}

#[tokio::test]
async fn a_token_makes_one_sled_for_one_key() -> Result<()> {
    let world = world()?;
    let id = token(&world, "t", 60).await?;
    let Join::Joined(first) = ask(&world, "t", b"k1", "s1").await? else { panic!("refused") };
    let Join::Joined(again) = ask(&world, "t", b"k1", "s1").await? else { panic!("refused") };
    assert_eq!(first, again);
    assert_eq!(ask(&world, "t", b"k2", "s2").await?, Join::Used);
    assert_eq!(ask(&world, "another", b"k1", "s1").await?, Join::Unknown);
    let conn = &mut world.db.pool().get().await?;
    assert_eq!(join_token::by_id(conn, id).await?.and_then(|token| token.sled_id), Some(first.id));
    assert_eq!(join_token::delete(conn, id).await?, Guarded::Stale);
    Ok(())
}

#[tokio::test]
async fn an_expired_token_makes_none_but_answers_the_one_it_made() -> Result<()> {
    let world = world()?;
    token(&world, "old", 0).await?;
    assert_eq!(ask(&world, "old", b"k", "s1").await?, Join::Expired);
    token(&world, "t", 60).await?;
    assert!(matches!(ask(&world, "t", b"k", "s2").await?, Join::Joined(_)));
    world.database.sql("UPDATE join_token SET expires_at = now()")?;
    assert!(matches!(ask(&world, "t", b"k", "s2").await?, Join::Joined(_)));
    Ok(())
}

#[tokio::test]
async fn a_taken_name_leaves_the_token_unused() -> Result<()> {
    let world = world()?;
    world.joined("s1").await?;
    token(&world, "t", 60).await?;
    assert_eq!(ask(&world, "t", b"k", "s1").await?, Join::NameTaken);
    assert!(matches!(ask(&world, "t", b"k", "s2").await?, Join::Joined(_)));
    Ok(())
}

#[tokio::test]
async fn a_token_used_twice_at_once_makes_one_sled() -> Result<()> {
    let world = world()?;
    token(&world, "t", 60).await?;
    let (a, b) = tokio::join!(ask(&world, "t", b"k1", "s1"), ask(&world, "t", b"k2", "s2"));
    let answers = [a?, b?];
    assert_eq!(answers.iter().filter(|answer| matches!(answer, Join::Joined(_))).count(), 1);
    assert!(answers.contains(&Join::Used));
    assert_eq!(world.scalar("SELECT count(*) FROM sled")?, "1");
    Ok(())
}

#[tokio::test]
async fn an_unused_token_can_be_taken_back() -> Result<()> {
    let world = world()?;
    let id = token(&world, "t", 60).await?;
    let conn = &mut world.db.pool().get().await?;
    assert_eq!(join_token::list(conn, &Paging::first(5)).await?.items.len(), 1);
    assert_eq!(join_token::delete(conn, id).await?, Guarded::Changed(()));
    assert_eq!(join_token::delete(conn, id).await?, Guarded::Missing);
    assert_eq!(ask(&world, "t", b"k", "s1").await?, Join::Unknown);
    Ok(())
}

async fn epoch(world: &World, host: &SledAndPool) -> Result<i64> {
    let called = name("main");
    match world.register(&host.registration(&called)).await? {
        Registering::Registered(sled) => Ok(sled.lease_epoch),
        refused => anyhow::bail!("{refused:?}"),
    }
}

#[tokio::test]
async fn the_lease_epoch_goes_up_with_another_boot_or_ledger_only() -> Result<()> {
    let world = world()?;
    let mut host = world.sled("s1").await?;
    assert_eq!(epoch(&world, &host).await?, 1);
    host.boot = BootUuid::new_v4();
    assert_eq!(epoch(&world, &host).await?, 2);
    assert_eq!(epoch(&world, &host).await?, 2);
    host.ledger = LedgerUuid::new_v4();
    assert_eq!(epoch(&world, &host).await?, 3);
    Ok(())
}

#[tokio::test]
async fn who_is_no_sled_or_is_expunged_cannot_register() -> Result<()> {
    let world = world()?;
    let host = world.sled("s1").await?;
    let called = name("main");
    let nobody = SledAndPool { sled: SledUuid::new_v4(), ..host };
    assert_eq!(world.register(&nobody.registration(&called)).await?, Registering::Unknown);
    world.database.sql("UPDATE sled SET admission = 'expunged', address = 'https://before'")?;
    assert_eq!(world.register(&host.registration(&called)).await?, Registering::Expunged);
    assert_eq!(world.scalar("SELECT address FROM sled")?, "https://before", "nothing changed");
    Ok(())
}

#[tokio::test]
async fn pools_are_one_row_wherever_they_are_mounted() -> Result<()> {
    let world = world()?;
    let (a, b, shared) = (world.sled("s1").await?, world.sled("s2").await?, PoolUuid::new_v4());
    let called = name("nfs");
    for host in [a, b] {
        let mut registration = host.registration(&called);
        registration.pools[0].id = shared;
        registration.pools[0].kind = PoolKind::Shared;
        assert!(matches!(world.register(&registration).await?, Registering::Registered(_)));
    }
    let conn = &mut world.db.pool().get().await?;
    let seen = pool::by_id(conn, shared).await?.expect("registered");
    let mut both = vec![a.sled, b.sled];
    both.sort();
    assert_eq!((seen.sleds, seen.pool.name.as_str()), (both, "nfs"));
    assert!(pool::by_id(conn, a.pool).await?.expect("it stays known").sleds.is_empty(), "no longer offered");
    let facts = pool::facts(conn).await?;
    let facts = facts.iter().find(|pool| pool.id == shared).expect("registered");
    assert_eq!((facts.capacity_bytes, facts.provisioned_bytes, facts.sleds.len()), (10 * GIB, 0, 2));
    assert_eq!(pool::by_name(conn, &called).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_local_pool_on_two_sleds_or_of_another_kind_is_refused() -> Result<()> {
    let world = world()?;
    let (a, b) = (world.sled("s1").await?, world.sled("s2").await?);
    let called = name("main");
    let copied = SledAndPool { pool: a.pool, ..b };
    let refused = Registering::PoolRefused { pool: a.pool, why: PoolFault::OfAnotherSled };
    assert_eq!(world.register(&copied.registration(&called)).await?, refused);
    let mut other_kind = a.registration(&called);
    other_kind.pools[0].kind = PoolKind::Shared;
    let refused = Registering::PoolRefused { pool: a.pool, why: PoolFault::OtherKind };
    assert_eq!(world.register(&other_kind).await?, refused);
    Ok(())
}

#[tokio::test]
async fn liveness_follows_the_last_report_by_the_database_clock() -> Result<()> {
    let world = world()?;
    let host = world.sled("s1").await?;
    let project = world.project("web").await?;
    world.running_vmm(world.instance(&project, "one")?, &host)?;
    let mut shown = Vec::new();
    for ago in ["NULL", "now()", "now() - interval '6 s'", "now() - interval '31 s'"] {
        let sql = format!("UPDATE sled SET last_report_at = {ago}");
        // In one transaction, whose time stands still: a report doesn't age before it is looked at.
        let looked = world.db.transaction("test", async |conn| -> DbResult<_> {
            conn.batch_execute(&sql).await?;
            sled::by_id(conn, host.sled).await
        });
        let seen = looked.await?.expect("it joined");
        assert_eq!((seen.cpus_reserved, seen.memory_mib_reserved), (2, 512));
        shown.push(seen.liveness());
    }
    assert_eq!(shown, [Liveness::Lost, Liveness::Online, Liveness::Suspect, Liveness::Lost]);
    let conn = &mut world.db.pool().get().await?;
    assert!(sled::by_name(conn, &name("s1")).await?.is_some());
    assert!(sled::by_name(conn, &name("s2")).await?.is_none());
    Ok(())
}
