//! Walks through lists page by page: each item once, in order, whatever the page's size.

use crate::nouns::name;
use crate::world::world;
use anyhow::Result;
use berth_common::ids::{JoinTokenUuid, OperationUuid};
use berth_db::operation::{OperationFilter, list as operations};
use berth_db::page::{Page, Paging};
use berth_db::{DbResult, disk, join_token, project, sled, user};
use diesel_async::AsyncPgConnection;

/// Walks a list with pages of this size; returns the items and the number of pages.
async fn walk<T, M: Clone>(
    conn: &mut AsyncPgConnection,
    size: u32,
    list: impl AsyncFn(&mut AsyncPgConnection, &Paging<M>) -> DbResult<Page<T, M>>,
) -> Result<(Vec<T>, usize)> {
    let (mut paging, mut walked, mut pages) = (Paging::first(size), Vec::new(), 0);
    loop {
        let page = list(conn, &paging).await?;
        pages += 1;
        walked.extend(page.items);
        let Some(next) = page.next else { return Ok((walked, pages)) };
        paging = paging.next(next);
    }
}

#[tokio::test]
async fn projects_users_and_sleds_are_walked_by_name() -> Result<()> {
    let world = world()?;
    for called in ["e", "b", "d", "a", "c"] {
        world.project(called).await?;
        world.user(called).await?;
        world.joined(called).await?;
    }
    let conn = &mut world.db.pool().get().await?;
    for (size, expected_pages) in [(1, 5), (2, 3), (5, 1), (100, 1)] {
        let (walked, pages) =
            walk(conn, size, async |conn, paging| project::list(conn, None, paging).await).await?;
        let names: Vec<&str> = walked.iter().map(|project| project.name.as_str()).collect();
        assert_eq!((names, pages), (vec!["a", "b", "c", "d", "e"], expected_pages));
    }
    let (users, _) = walk(conn, 2, async |conn, paging| user::list(conn, paging).await).await?;
    assert!(users.iter().map(|user| user.name.as_str()).eq(["a", "b", "c", "d", "e"]));
    let (sleds, _) = walk(conn, 2, async |conn, paging| sled::list(conn, paging).await).await?;
    assert!(sleds.iter().map(|seen| seen.sled.name.as_str()).eq(["a", "b", "c", "d", "e"]));
    Ok(())
}

#[tokio::test]
async fn disks_of_all_projects_are_walked_project_by_project() -> Result<()> {
    let world = world()?;
    let host = world.sled("s1").await?;
    let mut expected = Vec::new();
    for called in ["x", "y"] {
        let project = world.project(called).await?;
        for disk in ["b", "a", "c"] {
            expected.push((project.id, world.disk(&project, disk, host.pool).await?.name));
        }
    }
    expected.sort();
    let conn = &mut world.db.pool().get().await?;
    for size in 1..=7 {
        let (walked, _) = walk(conn, size, async |conn, paging| disk::list(conn, None, paging).await).await?;
        let found: Vec<_> = walked.into_iter().map(|disk| (disk.project_id, disk.name)).collect();
        assert_eq!(found, expected);
    }
    Ok(())
}

#[tokio::test]
async fn operations_of_one_instant_are_walked_without_a_gap() -> Result<()> {
    let world = world()?;
    world.database.sql(
        "INSERT INTO operation (id, kind, subject_kind, subject_id, subject_name, state, actor, cause, created_at)
         SELECT gen_random_uuid(), 'instance_start', 'instance', gen_random_uuid(), '', 'running', '', '',
             now() - (n / 4) * interval '1 s' FROM generate_series(0, 10) n",
    )?;
    let conn = &mut world.db.pool().get().await?;
    let filter = OperationFilter::default();
    for size in [1, 3, 4, 11] {
        let (walked, _) =
            walk(conn, size, async |conn, paging| operations(conn, &filter, paging).await).await?;
        assert_eq!(walked.len(), 11);
        let mut sorted: Vec<(_, OperationUuid)> = walked.iter().map(|op| (op.created_at, op.id)).collect();
        let found = sorted.clone();
        sorted.sort_by(|left, right| right.cmp(left));
        sorted.dedup();
        assert_eq!(found, sorted);
    }
    Ok(())
}

#[tokio::test]
async fn an_item_that_is_made_or_removed_meanwhile_disturbs_no_other() -> Result<()> {
    let world = world()?;
    for called in ["a", "b", "d"] {
        world.project(called).await?;
    }
    let conn = &mut world.db.pool().get().await?;
    let first = Paging::first(2);
    let page = project::list(conn, None, &first).await?;
    world.project("c").await?;
    let b = project::by_name(conn, &name("b")).await?.expect("made above").id;
    world.db.transaction("test", async |conn| project::delete(conn, b).await).await?;
    let rest = project::list(conn, None, &first.next(page.next.expect("there is more"))).await?;
    assert!(rest.items.iter().map(|project| project.name.as_str()).eq(["c", "d"]));
    Ok(())
}

#[tokio::test]
async fn join_tokens_are_walked_by_id() -> Result<()> {
    let world = world()?;
    let conn = &mut world.db.pool().get().await?;
    for number in 0..5_u8 {
        join_token::create(conn, JoinTokenUuid::new_v4(), &[number; 32], "anna", 60).await?;
    }
    let (walked, _) = walk(conn, 2, async |conn, paging| join_token::list(conn, paging).await).await?;
    assert_eq!(walked.len(), 5);
    assert!(walked.is_sorted_by_key(|token| token.id));
    Ok(())
}
