//! Each VMM of an instance has an epoch of its own, whatever became of those before it.

use crate::nouns::{SledAndPool, raw};
use crate::world::{World, world};
use anyhow::{Context, Result};
use berth_common::ids::{InstanceUuid, VmmUuid};
use berth_db::DbError;
use berth_db::lifecycle::link::{self, Linked};
use berth_db::lifecycle::room::{self, Place, Role};

/// Takes room for the next VMM, as a start's saga does.
async fn reserved(world: &World, instance: InstanceUuid, host: &SledAndPool) -> Result<(VmmUuid, i64)> {
    let vmm = VmmUuid::new_v4();
    let epoch = world
        .db
        .transaction("test", async |conn| {
            let Some(need) = room::need(conn, instance, 1).await? else { return Ok(None) };
            room::lock_candidates(conn).await?;
            let place = Place {
                vmm,
                instance,
                sled: host.sled,
                ledger: host.ledger,
                epoch: need.epoch + 1,
                cpus: need.cpus,
                memory_mib: need.memory_mib,
                role: Role::Active,
            };
            room::take(conn, &place).await?;
            Ok::<_, DbError>(Some(place.epoch))
        })
        .await?;
    Ok((vmm, epoch.context("it isn't meant to run")?))
}

#[tokio::test]
async fn a_start_that_never_linked_its_vmm_does_not_take_the_next_ones_epoch() -> Result<()> {
    let world = world()?;
    let (web, host) = (world.project("web").await?, world.sled("s1").await?);
    let instance = world.instance(&web, "one")?;
    world.database.sql("UPDATE instance SET intent = 'running', intent_gen = 1")?;
    let (never_linked, first) = reserved(&world, instance, &host).await?;
    world
        .db
        .statement("test", async |conn| Ok::<_, DbError>(room::release(conn, never_linked).await?))
        .await?;
    let (vmm, second) = reserved(&world, instance, &host).await?;
    assert!(second > first, "epochs {first} and {second}");
    let linked = world
        .db
        .statement("test", async |conn| Ok::<_, DbError>(link::link(conn, instance, vmm, second, 1).await?))
        .await?;
    assert_eq!(linked, Linked::Yes);
    let active = format!("SELECT active_vmm_id = '{}' AND epoch = {second} FROM instance", raw(vmm));
    assert_eq!(world.scalar(&active)?, "t");
    Ok(())
}
