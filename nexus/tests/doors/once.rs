//! Creations with an Idempotency-Key.

use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use crate::nexus::{House, Reply, answer};

async fn create(house: &House, token: &str, path: &str, key: &str, body: &Value) -> Result<Reply> {
    let request = house.request(&Method::POST, path).bearer_auth(token);
    answer(request.header("idempotency-key", key).json(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_with_the_same_request_makes_one_thing() -> Result<()> {
    let house = House::open().await?;
    house.project("alpha").await?;
    let cases = [
        ("/v1/projects", json!({"name": "beta"})),
        ("/v1/images?project=alpha", json!({"name": "i", "kind": "disk"})),
        ("/v1/system/users", json!({"name": "una"})),
        ("/v1/instances?project=alpha", json!({"name": "vm", "cpus": 1, "memory_mib": 64})),
    ];
    for (number, (path, body)) in cases.into_iter().enumerate() {
        let key = format!("key-{number}");
        let first = create(&house, &house.admin, path, &key, &body).await?.ok()?;
        let again = create(&house, &house.admin, path, &key, &body).await?.ok()?;
        ensure!(first["id"] == again["id"], "{path}: {first} {again}");
        let mut other = body.clone();
        other["name"] = json!("other");
        create(&house, &house.admin, path, &key, &other).await?.refused(409, "idempotency_conflict")?;
        create(&house, &house.admin, path, "fresh", &body).await?.refused(409, "name_taken")?;
    }
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sendings_at_once_make_one_thing() -> Result<()> {
    let house = House::open().await?;
    let body = json!({"name": "beta"});
    let sendings = (0..6).map(|_| create(&house, &house.admin, "/v1/projects", "k", &body));
    let mut ids = Vec::new();
    for reply in futures::future::join_all(sendings).await {
        ids.push(reply?.ok()?["id"].clone());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_its_users_own() -> Result<()> {
    let house = House::open().await?;
    let una = house.user("una", Some("admin"), None).await?;
    create(&house, &house.admin, "/v1/projects", "k", &json!({"name": "one"})).await?.ok()?;
    create(&house, &una, "/v1/projects", "k", &json!({"name": "two"})).await?.ok()?;
    house.end().await;
    Ok(())
}
