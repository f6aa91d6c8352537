//! Users, tokens, roles: who may do what, and since when not any more.

use crate::nouns::{name, secret};
use crate::world::{World, world};
use anyhow::Result;
use berth_common::ids::{TokenUuid, UserUuid};
use berth_common::role::Role;
use berth_db::models::User;
use berth_db::page::Paging;
use berth_db::token::{Authentication, NewToken};
use berth_db::{DbError, Guarded, role, token, user};
use diesel_async::AsyncPgConnection;

async fn new_token(conn: &mut AsyncPgConnection, user: &User, life_s: i64) -> Result<TokenUuid> {
    let id = TokenUuid::new_v4();
    let new = NewToken { id, user: user.id, label: "laptop", hash: secret("s3cret"), life_s };
    Ok(token::create(conn, &new).await?.id)
}

async fn worth(world: &World) -> Result<Authentication> {
    let hash = secret("s3cret");
    Ok(world.db.statement("test_worth", async |conn| token::authenticate(conn, &hash).await).await?)
}

#[tokio::test]
async fn a_token_tells_its_user_and_his_roles_in_one_round_trip() -> Result<()> {
    let world = world()?;
    let (anna, web, db) =
        (world.user("anna").await?, world.project("web").await?, world.project("db").await?);
    let conn = &mut world.db.pool().get().await?;
    let id = new_token(conn, &anna, 60).await?;
    role::grant(conn, anna.id, web.id, Role::Viewer).await?;
    role::grant(conn, anna.id, web.id, Role::Admin).await?;
    role::grant(conn, anna.id, db.id, Role::Collaborator).await?;
    user::set_fleet_role(conn, anna.id, Some(Role::Viewer)).await?;
    let Authentication::Valid(identity) = worth(&world).await? else { panic!("not valid") };
    assert_eq!(
        (identity.token, identity.user.id, identity.user.fleet_role),
        (id, anna.id, Some(Role::Viewer))
    );
    assert_eq!(identity.projects, [(web.id, Role::Admin), (db.id, Role::Collaborator)].into());
    let before = berth_db::Db::counters()["test_worth"];
    worth(&world).await?;
    let after = berth_db::Db::counters()["test_worth"];
    assert_eq!(after.round_trips - before.round_trips, 1, "the statement was kept prepared");
    Ok(())
}

#[tokio::test]
async fn unknown_expired_and_revoked_are_told_apart() -> Result<()> {
    let world = world()?;
    let anna = world.user("anna").await?;
    let conn = &mut world.db.pool().get().await?;
    assert!(matches!(worth(&world).await?, Authentication::Unknown));
    let id = new_token(conn, &anna, 0).await?;
    assert!(matches!(worth(&world).await?, Authentication::Expired));
    assert_eq!(token::revoke(conn, id).await?, Guarded::Changed(()));
    assert!(matches!(worth(&world).await?, Authentication::Revoked));
    assert_eq!(token::revoke(conn, id).await?, Guarded::Stale);
    assert_eq!(token::revoke(conn, TokenUuid::new_v4()).await?, Guarded::Missing);
    assert_eq!(token::list(conn, anna.id, &Paging::first(10)).await?.items.len(), 1);
    Ok(())
}

#[tokio::test]
async fn of_two_nexus_that_make_the_first_user_one_does() -> Result<()> {
    let world = world()?;
    let other = world.another()?;
    let (a, b, admin) = (UserUuid::new_v4(), UserUuid::new_v4(), name("admin"));
    let (first, second) = tokio::join!(
        world.db.transaction("test", async |conn| user::create_first(conn, a, &admin).await),
        other.transaction("test", async |conn| user::create_first(conn, b, &admin).await),
    );
    let made: Vec<User> = [first?, second?].into_iter().flatten().collect();
    assert_eq!(made.len(), 1);
    assert_eq!(made[0].fleet_role, Some(Role::Admin));
    let late = world
        .db
        .statement("test", async |conn| user::create_first(conn, UserUuid::new_v4(), &name("late")).await)
        .await?;
    assert!(late.is_none());
    Ok(())
}

#[tokio::test]
async fn a_user_goes_with_tokens_and_roles_and_leaves_the_name_free() -> Result<()> {
    let world = world()?;
    let (anna, web) = (world.user("anna").await?, world.project("web").await?);
    let conn = &mut world.db.pool().get().await?;
    new_token(conn, &anna, 60).await?;
    role::grant(conn, anna.id, web.id, Role::Viewer).await?;
    let taken = user::create(conn, UserUuid::new_v4(), &name("anna"), None).await.expect_err("taken");
    assert!(taken.is_conflict_of("api_user_name_key"));
    assert!(user::delete(conn, anna.id).await?);
    assert!(!user::delete(conn, anna.id).await?);
    assert!(matches!(worth(&world).await?, Authentication::Unknown));
    assert!(role::of_project(conn, web.id, &Paging::first(10)).await?.items.is_empty());
    user::create(conn, UserUuid::new_v4(), &name("anna"), None).await?;
    Ok(())
}

#[tokio::test]
async fn roles_are_listed_from_both_sides_and_taken_away() -> Result<()> {
    let world = world()?;
    let (anna, ben) = (world.user("anna").await?, world.user("ben").await?);
    let (web, db) = (world.project("web").await?, world.project("db").await?);
    let conn = &mut world.db.pool().get().await?;
    role::grant(conn, anna.id, web.id, Role::Viewer).await?;
    role::grant(conn, ben.id, web.id, Role::Admin).await?;
    role::grant(conn, anna.id, db.id, Role::Viewer).await?;
    let of_web = role::of_project(conn, web.id, &Paging::first(10)).await?.items;
    assert_eq!(of_web.iter().map(|m| m.user_name.as_str()).collect::<Vec<_>>(), ["anna", "ben"]);
    let of_anna = role::of_user(conn, anna.id, &Paging::first(10)).await?.items;
    assert_eq!(of_anna.iter().map(|m| m.project_name.as_str()).collect::<Vec<_>>(), ["db", "web"]);
    assert!(role::revoke(conn, anna.id, db.id).await?);
    assert!(!role::revoke(conn, anna.id, db.id).await?);
    let nobody = role::grant(conn, UserUuid::new_v4(), web.id, Role::Viewer).await.expect_err("nobody");
    assert!(matches!(&nobody, DbError::Conflict { constraint } if constraint == "project_role_user_id_fkey"));
    Ok(())
}
