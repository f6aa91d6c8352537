//! What is deleted because it is old, and what stays.

use crate::nouns::raw;
use crate::world::world;
use anyhow::Result;
use berth_db::retention;
use uuid::Uuid;

#[tokio::test]
async fn old_events_keys_and_tokens_go_in_pieces() -> Result<()> {
    let world = world()?;
    let anna = world.user("anna").await?;
    world.database.sql(&format!(
        "INSERT INTO event (kind, at, subject_kind, subject_id, subject_name, actor, cause, message)
             SELECT 'k', now() - n * interval '1 day', 'instance', gen_random_uuid(), '', '', '', ''
             FROM generate_series(0, 5) n;
         INSERT INTO idempotency (user_id, key, request_hash, subject_id, created_at)
             SELECT '{}', n::text, '', gen_random_uuid(), now() - n * interval '1 day' FROM generate_series(0, 3) n;
         INSERT INTO join_token (id, hash, created_by, expires_at)
             SELECT gen_random_uuid(), sha256(n::text::bytea), '', now() - n * interval '1 day'
             FROM generate_series(0, 3) n",
        raw(anna.id)
    ))?;
    let conn = &mut world.db.pool().get().await?;
    let day = 24 * 3600 - 60;
    assert_eq!(retention::events(conn, 3 * day, 2).await?, 2);
    assert_eq!(retention::events(conn, 3 * day, 2).await?, 1);
    assert_eq!(world.scalar("SELECT count(*) FROM event")?, "3");
    assert_eq!(retention::idempotency(conn, day, 10).await?, 3);
    assert_eq!(retention::join_tokens(conn, day, 10).await?, 3);
    Ok(())
}

#[tokio::test]
async fn open_operations_and_parents_of_kept_ones_stay() -> Result<()> {
    let world = world()?;
    let (parent, child, open) = (Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4());
    let row = |id: Uuid, parent: &str, state: &str, ended: &str| {
        format!(
            "INSERT INTO operation (id, parent_id, kind, subject_kind, subject_id, subject_name, state, actor, cause,
                 ended_at) VALUES ('{id}', {parent}, 'instance_start', 'instance', gen_random_uuid(), '', '{state}', '',
                 '', {ended});"
        )
    };
    world.database.sql(
        &[
            row(parent, "NULL", "succeeded", "now() - interval '9 days'"),
            row(child, &format!("'{parent}'"), "succeeded", "now()"),
            row(open, "NULL", "running", "NULL"),
        ]
        .concat(),
    )?;
    let conn = &mut world.db.pool().get().await?;
    assert_eq!(retention::operations(conn, 3600, 10).await?, 0);
    world
        .database
        .sql("UPDATE operation SET ended_at = now() - interval '9 days' WHERE ended_at IS NOT NULL")?;
    assert_eq!(retention::operations(conn, 3600, 10).await?, 1, "the child");
    assert_eq!(retention::operations(conn, 3600, 10).await?, 1, "then its parent");
    assert_eq!(world.scalar("SELECT id FROM operation")?, open.to_string());
    Ok(())
}

#[tokio::test]
async fn an_instance_keeps_its_last_vmm_and_what_holds_room() -> Result<()> {
    let world = world()?;
    let (web, host) = (world.project("web").await?, world.sled("s1").await?);
    let one = world.instance(&web, "one")?;
    let mut vmms = Vec::new();
    for _ in 0..3 {
        vmms.push(world.running_vmm(one, &host)?);
    }
    world.database.sql(
        "UPDATE vmm SET state = 'destroyed', ended_by = 'graceful_stop', ended_at = now() - interval '9 days'",
    )?;
    let conn = &mut world.db.pool().get().await?;
    assert_eq!(retention::vmms(conn, 3600, 10).await?, 0, "all hold room");
    world.database.sql(&format!(
        "UPDATE instance SET state = 'no_vmm', active_vmm_id = NULL;
         DELETE FROM reservation WHERE vmm_id <> '{}'",
        vmms[0]
    ))?;
    assert_eq!(retention::vmms(conn, 3600, 10).await?, 1, "the second");
    world.database.sql("DELETE FROM reservation")?;
    assert_eq!(retention::vmms(conn, 3600, 10).await?, 1, "the first");
    assert_eq!(world.scalar("SELECT id FROM vmm")?, vmms[2].to_string());
    Ok(())
}
