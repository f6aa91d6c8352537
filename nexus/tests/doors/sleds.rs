//! The doors for sleds: joining, registering, fetching images; and what operators see and allow.

use anyhow::{Context, Result, ensure};
use berth_common::Generation;
use berth_common::ids::{BootUuid, LedgerUuid, PoolUuid};
use berth_common::sled::Hypervisor;
use berth_common::storage::PoolKind;
use berth_sled_agent_api::sled::{JoinRequest, Joined, PlannedDown, PoolOffer, Registered, SledRegister};
use berth_transport::{Expected, JoinKey, KeyRing, ca_client_builder, mutual_client_builder};
use reqwest::Client;
use serde_json::{Value, json};

use crate::images::{image, sha256, upload};
use crate::nexus::{House, Reply, answer, patient};

async fn token(house: &House) -> Result<String> {
    let made = house.post("/v1/system/join-tokens", json!({})).await?.ok()?;
    assert_eq!(made["ca_pem"].as_str(), Some(house.ca_pem()));
    Ok(made["secret"].as_str().context("a secret")?.to_string())
}

fn internal(house: &House, path: &str) -> String {
    format!("https://{}{path}", house.server.internal_addr())
}

async fn join(house: &House, token: &str, name: &str, key: &JoinKey) -> Result<Reply> {
    let request =
        JoinRequest { token: token.to_string(), name: name.parse()?, csr_pem: key.request_pem().to_string() };
    let client = patient(ca_client_builder(house.ca_pem())?)?;
    answer(client.post(internal(house, "/internal/join")).json(&request)).await
}

/// A client with the certificate of a sled that has just joined.
async fn sled(house: &House, name: &str) -> Result<Client> {
    let key = JoinKey::generate()?;
    let joined: Joined = serde_json::from_value(join(house, &token(house).await?, name, &key).await?.ok()?)?;
    let keys = KeyRing::new(key.complete(&joined.ca_pem, &joined.certificate_pem)?);
    Ok(patient(mutual_client_builder(&keys, Expected::any_nexus())?)?)
}

fn registration(pool: PoolUuid, kind: PoolKind) -> Result<SledRegister> {
    Ok(SledRegister {
        address: "https://127.0.0.1:9".to_string(),
        boot: BootUuid::new_v4(),
        ledger: LedgerUuid::new_v4(),
        version: "0.1.0".to_string(),
        hypervisor: Hypervisor::Simulated,
        cpu_model: "any".to_string(),
        machine_type: "any".to_string(),
        cpus: 8,
        memory_mib: 4096,
        has_bridge: false,
        pools: vec![PoolOffer { pool, name: "local".parse()?, kind, capacity_bytes: 1 << 30 }],
        shutting_down: false,
    })
}

async fn register(house: &House, client: &Client, said: &SledRegister) -> Result<Reply> {
    answer(client.post(internal(house, "/internal/register")).json(said)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sled_that_goes_on_purpose_is_shown_so_until_it_registers_again() -> Result<()> {
    let house = House::open().await?;
    let client = sled(&house, "host").await?;
    let said = registration(PoolUuid::new_v4(), PoolKind::Local)?;
    register(&house, &client, &said).await?.ok()?;
    let go = async |boot| -> Result<Reply> {
        let body = PlannedDown { boot, ledger: said.ledger };
        answer(client.post(internal(&house, "/internal/planned-down")).json(&body)).await
    };
    let shown = async || -> Result<serde_json::Value> {
        Ok(house.get("/v1/system/sleds/host").await?.ok()?["liveness"].clone())
    };
    let before = shown().await?;
    go(BootUuid::new_v4()).await?.ok()?;
    assert_eq!(shown().await?, before, "what another boot said is over");
    for _ in 0..2 {
        go(said.boot).await?.ok()?;
        assert_eq!(shown().await?, "planned_down");
    }
    // Events are shown once no older transaction is open: those of other tests count.
    let mut noted = 0;
    for _ in 0..1200 {
        let events = house.get("/v1/system/sleds/host/events").await?.ok()?;
        let events = events["items"].as_array().cloned().unwrap_or_default();
        noted = events.iter().filter(|event| event["kind"] == "sled_planned_down").count();
        if noted > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(noted, 1, "said twice, it is one event");
    register(&house, &client, &SledRegister { shutting_down: true, ..said.clone() }).await?.ok()?;
    assert_eq!(shown().await?, "planned_down", "its agent was started anew in the middle");
    register(&house, &client, &said).await?.ok()?;
    assert_eq!(shown().await?, before);
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_makes_one_sled_and_the_same_key_may_ask_again() -> Result<()> {
    let house = House::open().await?;
    let token = token(&house).await?;
    let key = JoinKey::generate()?;
    let first: Joined = serde_json::from_value(join(&house, &token, "host", &key).await?.ok()?)?;
    let same_key = JoinKey::from_key(berth_transport::SecretPem::new(key.key_pem().expose()))?;
    let again: Joined = serde_json::from_value(join(&house, &token, "host", &same_key).await?.ok()?)?;
    assert_eq!(first.sled, again.sled);
    let other = JoinKey::generate()?;
    assert_eq!(join(&house, &token, "other", &other).await?.code(), "join_token_invalid");
    assert_eq!(join(&house, "berthjoin_x", "other", &other).await?.code(), "join_token_invalid");
    let sleds = house.get("/v1/system/sleds").await?.ok()?;
    assert_eq!(sleds["items"].as_array().map(Vec::len), Some(1));
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_without_a_sleds_certificate_speaks_for_one() -> Result<()> {
    let house = House::open().await?;
    let stranger = patient(ca_client_builder(house.ca_pem())?)?;
    let said = registration(PoolUuid::new_v4(), PoolKind::Local)?;
    let refused = register(&house, &stranger, &said).await?;
    ensure!((refused.status.as_u16(), refused.code()) == (403, "forbidden"), "{refused:?}");
    let image = format!("/internal/images/{}/disk", uuid::Uuid::new_v4());
    let refused = answer(stranger.get(internal(&house, &image))).await?;
    ensure!((refused.status.as_u16(), refused.code()) == (403, "forbidden"), "{refused:?}");
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registered_sled_shows_what_it_has_and_a_new_ledger_gets_a_new_epoch() -> Result<()> {
    let house = House::open().await?;
    let client = sled(&house, "host").await?;
    let mut said = registration(PoolUuid::new_v4(), PoolKind::Local)?;
    let first: Registered = serde_json::from_value(register(&house, &client, &said).await?.ok()?)?;
    let again: Registered = serde_json::from_value(register(&house, &client, &said).await?.ok()?)?;
    assert_eq!(first.lease_epoch, again.lease_epoch);
    said.ledger = LedgerUuid::new_v4();
    let other: Registered = serde_json::from_value(register(&house, &client, &said).await?.ok()?)?;
    assert_eq!(other.lease_epoch, Generation::from(first.lease_epoch.as_i64() + 1));
    let seen = house.get("/v1/system/sleds/host").await?.ok()?;
    assert_eq!((&seen["readiness"]["cpus"], &seen["admission"]), (&json!(8), &json!("in_service")));
    let pools = house.get("/v1/pools").await?.ok()?;
    assert_eq!(pools["items"][0]["name"], "local");
    let why = house.get("/v1/system/sleds/host/explain").await?.ok()?;
    assert!(why["summary"].as_str().is_some_and(|text| text.contains("host is in_service")), "{why}");
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_local_pool_of_another_sled_is_refused() -> Result<()> {
    let house = House::open().await?;
    let (one, two) = (sled(&house, "one").await?, sled(&house, "two").await?);
    let said = registration(PoolUuid::new_v4(), PoolKind::Local)?;
    register(&house, &one, &said).await?.ok()?;
    assert_eq!(register(&house, &two, &said).await?.code(), "invalid_request");
    let mut odd = registration(PoolUuid::new_v4(), PoolKind::Local)?;
    odd.address = "http://127.0.0.1:9".to_string();
    assert_eq!(register(&house, &two, &odd).await?.code(), "invalid_request");
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sled_fetches_an_image_byte_by_byte_as_it_was_uploaded() -> Result<()> {
    let house = House::open().await?;
    house.project("alpha").await?;
    image(&house, "big", "disk").await?;
    let bytes: Vec<u8> = (0..9_u32 * 512 * 1024).map(|n| (n / 7 % 251) as u8).collect();
    let made: Value = upload(&house, "big/files/disk", bytes.clone(), None).await?.ok()?;
    let client = sled(&house, "host").await?;
    let path = format!("/internal/images/{}/disk", made["id"].as_str().context("an id")?);
    let response = client.get(internal(&house, &path)).send().await?;
    assert_eq!(response.content_length(), Some(bytes.len() as u64));
    assert_eq!(sha256(&response.bytes().await?), sha256(&bytes));
    let missing = format!("/internal/images/{}/disk", uuid::Uuid::new_v4());
    assert_eq!(answer(client.get(internal(&house, &missing))).await?.status, 404);
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cordoned_sled_says_so_until_it_is_uncordoned() -> Result<()> {
    let house = House::open().await?;
    let client = sled(&house, "host").await?;
    register(&house, &client, &registration(PoolUuid::new_v4(), PoolKind::Shared)?).await?.ok()?;
    for _again in 0..2 {
        let seen = house.post("/v1/system/sleds/host/cordon", Value::Null).await?.ok()?;
        assert_eq!(seen["admission"], "cordoned");
    }
    let why = house.get("/v1/system/sleds/host/explain").await?.ok()?;
    assert!(why["refuses"].to_string().contains("uncordon host"), "{why}");
    let seen = house.post("/v1/system/sleds/host/uncordon", Value::Null).await?.ok()?;
    assert_eq!(seen["admission"], "in_service");
    // An event is shown once no transaction of the server is older: those of other tests count.
    let mut changes = 0;
    for _look in 0..60 {
        let events = house.get("/v1/system/sleds/host/events?wait=1s").await?.ok()?;
        let all = events["items"].as_array().context("items")?;
        changes = all.iter().filter(|event| event["kind"] == "sled_admission_changed").count();
        if changes == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    assert_eq!(changes, 2);
    house.end().await;
    Ok(())
}
