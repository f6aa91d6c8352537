//! Users, tokens and roles.

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};

use crate::nexus::House;

fn secret(made: &Value) -> Result<String> {
    Ok(made["secret"].as_str().context("a secret")?.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_admin_is_an_admin_and_its_token_file_is_its_owners_alone() -> Result<()> {
    let house = House::open().await?;
    let me = house.get("/v1/whoami").await?.ok()?;
    assert_eq!(me["user"]["name"], "admin");
    assert_eq!(me["user"]["fleet_role"], "admin");
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_works_until_it_is_revoked_and_is_stored_as_a_hash() -> Result<()> {
    let house = House::open().await?;
    let made = house.post("/v1/system/tokens", json!({"label": "mine", "expires_in_s": 60})).await?.ok()?;
    let token = secret(&made)?;
    let whoami = |token: String| {
        let house = &house;
        async move { house.send(&token, &Method::GET, "/v1/whoami", None).await }
    };
    whoami(token.clone()).await?.ok()?;
    let dump = house.database.sql("SELECT t::text FROM api_token t; SELECT e::text FROM event e")?;
    assert!(!dump.contains(&token) && !dump.contains(token.trim_start_matches("berth_")));
    let listed = house.get("/v1/system/tokens").await?.ok()?.to_string();
    assert!(listed.contains("mine") && !listed.contains(&token));
    let id = made["token"]["id"].as_str().context("an id")?;
    for _again in 0..2 {
        house.delete(&format!("/v1/system/tokens/{id}")).await?;
        whoami(token.clone()).await?.refused(401, "unauthenticated")?;
    }
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_have_a_longest_life() -> Result<()> {
    let house = House::open().await?;
    for seconds in [0, u64::MAX, 400 * 24 * 60 * 60] {
        let asked = json!({"expires_in_s": seconds});
        house.post("/v1/system/tokens", asked).await?.refused(400, "invalid_request")?;
    }
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_counts_from_its_grant_to_its_revocation() -> Result<()> {
    let house = House::open().await?;
    house.project("alpha").await?;
    let token = house.user("una", None, None).await?;
    let view = || house.send(&token, &Method::GET, "/v1/projects/alpha", None);
    view().await?.refused(404, "not_found")?;
    house
        .post("/v1/system/roles/grant", json!({"user": "una", "project": "alpha", "role": "viewer"}))
        .await?
        .ok()?;
    view().await?.ok()?;
    let held = house.get("/v1/system/roles?project=alpha").await?.ok()?;
    assert!(held.to_string().contains("una"));
    house.post("/v1/system/roles/revoke", json!({"user": "una", "project": "alpha"})).await?;
    view().await?.refused(404, "not_found")?;
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_changes_their_own_fleet_role() -> Result<()> {
    let house = House::open().await?;
    let mine = json!({"user": "admin", "role": "viewer"});
    house.post("/v1/system/roles/grant", mine).await?.refused(400, "invalid_request")?;
    house.post("/v1/system/roles/revoke", json!({"user": "admin"})).await?.refused(400, "invalid_request")?;
    house.end().await;
    Ok(())
}
