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

#[tokio::test(flavor = "multi_thread")]
async fn who_was_given_what_by_whom_is_told_once_for_each_change() -> Result<()> {
    let house = House::open().await?;
    house.project("alpha").await?;
    let una = json!({"name": "una", "fleet_role": "viewer"});
    let made = house.post("/v1/system/users", una).await?;
    assert_eq!(made.status, 201, "{:?}", made.json);
    let token = house.post("/v1/system/tokens", json!({"user": "una", "label": "laptop"})).await?.ok()?;
    for role in ["collaborator", "collaborator", "admin"] {
        let granted = json!({"user": "una", "project": "alpha", "role": role});
        house.post("/v1/system/roles/grant", granted).await?.ok()?;
    }
    for _again in 0..2 {
        house.post("/v1/system/roles/revoke", json!({"user": "una", "project": "alpha"})).await?;
        house.post("/v1/system/roles/revoke", json!({"user": "una"})).await?;
        let id = token["token"]["id"].as_str().context("an id")?;
        house.delete(&format!("/v1/system/tokens/{id}")).await?;
    }
    let join = house.post("/v1/system/join-tokens", json!({})).await?.ok()?;
    let id = join["join_token"]["id"].as_str().context("an id")?;
    house.delete(&format!("/v1/system/join-tokens/{id}")).await?;

    let told = async |query: &str, last: &str| -> Result<Vec<(String, String)>> {
        let mut seen = Vec::new();
        for event in house.events_until(query, last).await? {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
            let kind = text(&event["kind"]);
            if event["subject"]["name"] == "una" || kind.starts_with("join_token") {
                assert_eq!(event["actor"], "admin", "{event}");
                assert!(!text(&event["cause"]).is_empty(), "{event}");
                seen.push((kind, text(&event["message"])));
            }
        }
        Ok(seen)
    };
    let all = told("", "join_token_revoked").await?;
    let kinds: Vec<&str> = all.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "user_created",
            "token_created",
            "role_granted",
            "role_granted",
            "role_revoked",
            "role_revoked",
            "token_revoked",
            "join_token_created",
            "join_token_revoked"
        ]
    );
    let messages: Vec<&str> = all.iter().map(|(_, message)| message.as_str()).collect();
    assert_eq!(messages[0], "made, with role viewer in the fleet");
    assert_eq!(messages[3], "given role admin in project alpha");
    assert_eq!(messages[5], "role viewer in the fleet taken away");
    assert_eq!(messages[6], "token \"laptop\" revoked");
    let here = told("&project=alpha", "role_revoked").await?;
    assert_eq!(here.len(), 3, "what happened in the project is told there: {here:?}");
    house.end().await;
    Ok(())
}
