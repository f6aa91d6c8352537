//! Projects, pages and operations.

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};

use crate::nexus::{House, answer};

#[tokio::test(flavor = "multi_thread")]
async fn a_project_is_made_changed_and_deleted() -> Result<()> {
    let house = House::open().await?;
    let made = house.project("alpha").await?;
    assert_eq!(made["generation"], 1);
    assert_eq!(made["used"]["instances"], 0);
    house.post("/v1/projects", json!({"name": "alpha"})).await?.refused(409, "name_taken")?;
    let change = json!({"description": "new words", "quota": {"instances": 1, "cpus": 2, "memory_mib": 64,
        "disk_bytes": 0}});
    let changed =
        house.send(&house.admin, &Method::PATCH, "/v1/projects/alpha", Some(&change)).await?.ok()?;
    assert_eq!((&changed["generation"], &changed["quota"]["cpus"]), (&json!(2), &json!(2)));
    assert_eq!(house.delete("/v1/projects/alpha").await?.status, 204);
    house.get("/v1/projects/alpha").await?.refused(404, "not_found")?;
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_of_a_project_is_told_once_for_each_change() -> Result<()> {
    let house = House::open().await?;
    let project =
        json!({"name": "alpha", "quota": {"instances": 1, "cpus": 2, "memory_mib": 64, "disk_bytes": 0}});
    // Asked twice under one key, it is made once.
    for _again in 0..2 {
        let made = house.request(&Method::POST, "/v1/projects").bearer_auth(&house.admin);
        answer(made.header("Idempotency-Key", "once").json(&project)).await?.ok()?;
    }
    let change = async |name: &str, change: Value| {
        house.send(&house.admin, &Method::PATCH, &format!("/v1/projects/{name}"), Some(&change)).await
    };
    change("alpha", json!({"description": "new"})).await?.ok()?;
    change("alpha", json!({"name": "alpha", "description": "new"})).await?.ok()?;
    let quota = json!({"instances": 3, "cpus": 2, "memory_mib": 64, "disk_bytes": 0});
    change("alpha", json!({"name": "beta", "quota": quota})).await?.ok()?;
    house.project("other").await?;
    change("beta", json!({"name": "other"})).await?.refused(409, "name_taken")?;
    let here = house.events_until("&project=beta", "project_updated").await?;
    assert_eq!(here[0]["kind"], "project_created", "told in the project, too: {here:?}");
    assert_eq!(house.delete("/v1/projects/beta").await?.status, 204);
    house.delete("/v1/projects/beta").await?.refused(404, "not_found")?;

    let all = house.events_until("", "project_deleted").await?;
    let id = &here[0]["subject"]["id"];
    let told: Vec<&Value> = all.iter().filter(|event| event["subject"]["id"] == *id).collect();
    let words =
        |event: &Value| format!("{} {}: {}", event["kind"], event["subject"]["name"], event["message"]);
    let words: Vec<String> = told.iter().map(|event| words(event).replace('"', "")).collect();
    assert_eq!(
        words,
        [
            "project_created alpha: made, with a quota of 1 instances, 2 CPUs, 64 MiB of memory, 0 bytes of disks",
            "project_updated alpha: described anew",
            "project_updated beta: renamed from alpha, given a quota of 3 instances, 2 CPUs, 64 MiB of memory, \
             0 bytes of disks instead of 1 instances, 2 CPUs, 64 MiB of memory, 0 bytes of disks",
            "project_deleted beta: deleted, with the roles in it",
        ]
    );
    for event in told {
        assert_eq!((&event["actor"], &event["project_id"]), (&json!("admin"), id), "{event}");
        assert!(event["cause"].as_str().is_some_and(|cause| !cause.is_empty()), "{event}");
    }
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_with_something_in_it_stays_and_says_with_what() -> Result<()> {
    let house = House::open().await?;
    house.project("alpha").await?;
    house.post("/v1/images?project=alpha", json!({"name": "i", "kind": "disk"})).await?.ok()?;
    let kept = house.delete("/v1/projects/alpha").await?;
    kept.refused(409, "project_not_empty")?;
    assert_eq!(kept.json["details"]["images"], 1);
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_that_is_used_up_refuses_more_and_says_of_what() -> Result<()> {
    let house = House::open().await?;
    let quota = json!({"instances": 9, "cpus": 2, "memory_mib": 4096, "disk_bytes": 0});
    house.post("/v1/projects", json!({"name": "small", "quota": quota})).await?.ok()?;
    let vm = |name: &str, cpus: u32| json!({"name": name, "cpus": cpus, "memory_mib": 64});
    house.post("/v1/instances?project=small", vm("one", 2)).await?.ok()?;
    let refused = house.post("/v1/instances?project=small", vm("two", 1)).await?;
    refused.refused(422, "quota_exceeded")?;
    assert!(refused.message().contains("CPUs"), "{}", refused.message());
    assert_eq!(house.get("/v1/projects/small").await?.ok()?["used"]["cpus"], 2);
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_join_to_the_whole_list_without_a_gap() -> Result<()> {
    let house = House::open().await?;
    for name in ["a", "b", "c", "d", "e"] {
        house.project(name).await?;
    }
    let mut names = Vec::new();
    let mut path = "/v1/projects?limit=2".to_string();
    loop {
        let page = house.get(&path).await?.ok()?;
        let items = page["items"].as_array().context("items")?;
        names.extend(items.iter().filter_map(|item| item["name"].as_str().map(str::to_string)));
        let Some(token) = page["next_page"].as_str() else { break };
        path = format!("/v1/projects?limit=2&page_token={token}");
    }
    assert_eq!(names, ["a", "b", "c", "d", "e"]);
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_is_waited_for_and_its_events_are_told() -> Result<()> {
    let house = House::open().await?;
    house.project("alpha").await?;
    let vm = json!({"name": "vm", "cpus": 1, "memory_mib": 64});
    let accepted = house.post("/v1/instances?project=alpha", vm).await?;
    assert_eq!(accepted.status, 202);
    let id = accepted.json["id"].as_str().context("an id")?.to_string();
    let ended = house.get(&format!("/v1/operations/{id}?wait=30s")).await?.ok()?;
    assert_eq!(ended["state"], "succeeded", "{ended}");
    assert_eq!(ended["cause"].as_str(), accepted.request_id.as_deref());
    let cancel = house.post(&format!("/v1/operations/{id}/cancel"), Value::Null).await?;
    cancel.refused(409, "operation_ended")?;
    // An event is shown once no older transaction of the whole server is in flight: those of other tests count.
    let (mut told, mut since) = (Vec::<Value>::new(), String::new());
    while told.iter().all(|event| event["cause"].as_str() != accepted.request_id.as_deref()) {
        let page = house.get(&format!("/v1/events?project=alpha&wait=5s{since}")).await?.ok()?;
        told.extend(page["items"].as_array().context("items")?.iter().cloned());
        since = format!("&since={}", page["next"].as_str().context("next")?);
    }
    let rest = house.get(&format!("/v1/events?project=alpha{since}")).await?.ok()?;
    assert!(rest["items"].as_array().context("items")?.iter().all(|event| !told.contains(event)));
    house.end().await;
    Ok(())
}
