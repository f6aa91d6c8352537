//! Projects and their quotas.

use crate::nouns::{QUOTA, name, raw};
use crate::world::world;
use anyhow::Result;
use berth_common::ids::{DiskUuid, InstanceUuid, ProjectUuid};
use berth_common::role::Role;
use berth_db::page::Paging;
use berth_db::project::{ProjectChange, ProjectRemoval};
use berth_db::quota::{self, QuotaSubject};
use berth_db::{DbError, Guarded, project, role};
use berth_plan::quota::{Amounts, Exceeded, Resource};

#[tokio::test]
async fn an_update_needs_the_generation_it_was_planned_with() -> Result<()> {
    let world = world()?;
    let web = world.project("web").await?;
    let conn = &mut world.db.pool().get().await?;
    let change = ProjectChange { description: Some("the web"), ..Default::default() };
    let Guarded::Changed(changed) = project::update(conn, web.id, Some(web.generation), &change).await?
    else {
        panic!("refused")
    };
    assert_eq!((changed.generation, changed.description.as_str()), (web.generation + 1, "the web"));
    assert_eq!((changed.name, changed.quota_cpus), (web.name, web.quota_cpus), "the rest stays");
    assert_eq!(project::update(conn, web.id, Some(web.generation), &change).await?, Guarded::Stale);
    assert!(project::update(conn, web.id, None, &change).await?.is_changed());
    assert_eq!(project::update(conn, ProjectUuid::new_v4(), None, &change).await?, Guarded::Missing);
    Ok(())
}

#[tokio::test]
async fn two_updates_at_once_with_one_generation_make_one_change() -> Result<()> {
    let world = world()?;
    let web = world.project("web").await?;
    let change = ProjectChange { description: Some("x"), ..Default::default() };
    let one =
        || world.db.transaction("test", async |conn| project::update(conn, web.id, Some(1), &change).await);
    let (a, b) = tokio::join!(one(), one());
    let changed = [a?, b?].iter().filter(|answer| answer.is_changed()).count();
    assert_eq!(changed, 1);
    Ok(())
}

#[tokio::test]
async fn a_taken_name_is_a_conflict_on_create_and_rename() -> Result<()> {
    let world = world()?;
    let web = world.project("web").await?;
    assert!(world.project("web").await.expect_err("taken").to_string().contains("project_name_key"));
    world.project("db").await?;
    let taken_name = name("db");
    let change = ProjectChange { name: Some(&taken_name), ..Default::default() };
    let conn = &mut world.db.pool().get().await?;
    let taken = project::update(conn, web.id, None, &change).await.expect_err("taken");
    assert!(taken.is_conflict_of("project_name_key"));
    assert_eq!(project::by_name(conn, &web.name).await?, Some(web.clone()));
    assert_eq!(project::by_id(conn, web.id).await?, Some(web));
    Ok(())
}

#[tokio::test]
async fn a_project_with_something_in_it_stays() -> Result<()> {
    let world = world()?;
    let web = world.project("web").await?;
    let instance = world.instance(&web, "one")?;
    let delete =
        async || world.db.transaction("test", async |conn| project::delete(conn, web.id).await).await;
    assert_eq!(delete().await?, ProjectRemoval::NotEmpty { instances: 1, disks: 0, images: 0 });
    world.database.sql(&format!(
        "DELETE FROM quota_use WHERE subject_id = '{instance}'; DELETE FROM instance WHERE id = '{instance}'"
    ))?;
    assert_eq!(delete().await?, ProjectRemoval::Removed);
    assert_eq!(delete().await?, ProjectRemoval::Missing);
    Ok(())
}

#[tokio::test]
async fn a_list_shows_all_or_what_a_user_may_see() -> Result<()> {
    let world = world()?;
    let anna = world.user("anna").await?;
    for called in ["c", "a", "b"] {
        world.project(called).await?;
    }
    let conn = &mut world.db.pool().get().await?;
    let b = project::by_name(conn, &name("b")).await?.expect("made above");
    role::grant(conn, anna.id, b.id, Role::Viewer).await?;
    let all = project::list(conn, None, &Paging::first(10)).await?;
    assert_eq!(all.items.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(project::list(conn, Some(anna.id), &Paging::first(10)).await?.items, [b]);
    Ok(())
}

#[tokio::test]
async fn quota_is_taken_once_per_subject_and_given_back() -> Result<()> {
    let world = world()?;
    let web = world.project("web").await?;
    let subject = QuotaSubject::Instance(InstanceUuid::new_v4());
    let wanted = Amounts { instances: 1, cpus: 4, memory_mib: 1024, disk_bytes: 0 };
    let take = async || {
        world.db.transaction("test", async |conn| quota::take(conn, web.id, subject, &wanted).await).await
    };
    assert_eq!(take().await?, Ok(()));
    assert_eq!(take().await?, Ok(()));
    let conn = &mut world.db.pool().get().await?;
    assert_eq!(quota::used(conn, web.id).await?, wanted);
    assert!(quota::release(conn, subject).await?);
    assert!(!quota::release(conn, subject).await?);
    assert_eq!(quota::used(conn, web.id).await?, Amounts::default());
    Ok(())
}

#[tokio::test]
async fn what_exceeds_a_quota_is_named_and_nothing_is_taken() -> Result<()> {
    let world = world()?;
    let web = world.project("web").await?;
    let subject = QuotaSubject::Disk(DiskUuid::new_v4());
    let wanted = Amounts { disk_bytes: QUOTA.disk_bytes + 1, ..Default::default() };
    let answer =
        world.db.transaction("test", async |conn| quota::take(conn, web.id, subject, &wanted).await).await?;
    let Err(Exceeded(excesses)) = answer else { panic!("allowed") };
    assert_eq!((excesses[0].resource, excesses[0].over), (Resource::DiskBytes, 1));
    assert_eq!(world.scalar("SELECT count(*) FROM quota_use")?, "0");
    let nowhere = world
        .db
        .transaction("test", async |conn| quota::take(conn, ProjectUuid::new_v4(), subject, &wanted).await)
        .await;
    assert!(matches!(nowhere, Err(DbError::NotFound)));
    Ok(())
}

#[tokio::test]
async fn two_at_once_cannot_both_take_the_last_of_a_quota() -> Result<()> {
    let world = world()?;
    let web = world.project_with("web", Amounts { instances: 3, ..QUOTA }).await?;
    let wanted = Amounts { instances: 1, cpus: 1, memory_mib: 16, disk_bytes: 0 };
    let mut running = Vec::new();
    for _ in 0..6 {
        let (db, subject) = (world.db.clone(), QuotaSubject::Instance(InstanceUuid::new_v4()));
        running.push(tokio::spawn(async move {
            db.transaction("test", async |conn| quota::take(conn, web.id, subject, &wanted).await).await
        }));
    }
    let mut taken = 0;
    for one in running {
        taken += usize::from(one.await??.is_ok());
    }
    assert_eq!(taken, 3);
    assert_eq!(
        world.scalar(&format!("SELECT count(*) FROM quota_use WHERE project_id = '{}'", raw(web.id)))?,
        "3"
    );
    Ok(())
}
