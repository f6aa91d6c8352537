//! Stuck sagas, as an operator frees them.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::nexus::House;

/// An instance whose lock and operation a stuck saga holds. Returns saga, operation and instance.
async fn stuck(house: &House, saga_name: &str) -> Result<(Uuid, Uuid, String)> {
    house.project("alpha").await?;
    let vm = json!({"name": "vm", "cpus": 1, "memory_mib": 64});
    let made = house.post("/v1/instances?project=alpha", vm).await?.ok()?;
    let id = made["id"].as_str().context("an id")?;
    house.get(&format!("/v1/operations/{id}?wait=30s")).await?.ok()?;
    let instance = made["subject"]["id"].as_str().context("an id")?.to_string();
    let (saga, operation) = (Uuid::new_v4(), Uuid::new_v4());
    house.database.sql(&format!(
        "INSERT INTO saga (id, name, version, owner, state, dag, subject_id, finished_at)
             SELECT '{saga}', '{saga_name}', 1, id, 'stuck', '{{}}', '{instance}', now() FROM nexus;
         INSERT INTO operation (id, kind, subject_kind, subject_id, subject_name, project_id, state, saga_id, actor, cause)
             SELECT '{operation}', 'instance_start', 'instance', i.id, i.name, i.project_id, 'running', '{saga}', 'x', 'y'
             FROM instance i WHERE i.id = '{instance}';
         UPDATE instance SET updater_id = '{saga}' WHERE id = '{instance}'"
    ))?;
    Ok((saga, operation, instance))
}

#[tokio::test(flavor = "multi_thread")]
async fn resolving_a_stuck_saga_frees_it_its_lock_and_its_operation_together() -> Result<()> {
    let house = House::open().await?;
    let (saga, operation, instance) = stuck(&house, "instance_update").await?;
    let listed = house.get("/v1/system/sagas?state=stuck").await?.ok()?;
    assert_eq!(listed["items"][0]["id"], json!(saga));
    let resolved = house.post(&format!("/v1/system/sagas/{saga}/resolve"), Value::Null).await?.ok()?;
    assert_eq!(resolved["state"], "abandoned");
    let ended = house.get(&format!("/v1/operations/{operation}")).await?.ok()?;
    assert_eq!((&ended["state"], &ended["error"]["error_code"]), (&json!("failed"), &json!("saga_resolved")));
    let lock =
        house.database.sql(&format!("SELECT updater_id IS NULL FROM instance WHERE id = '{instance}'"))?;
    assert_eq!(lock.trim(), "t");
    house
        .post(&format!("/v1/system/sagas/{saga}/resolve"), Value::Null)
        .await?
        .refused(409, "saga_not_stuck")?;
    // An event is shown once no transaction of the server is older: those of other tests count.
    let mut events = Value::Null;
    for _look in 0..60 {
        events = house.get(&format!("/v1/instances/{instance}/events?limit=1000")).await?.ok()?;
        if events.to_string().contains("saga_resolved") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    assert!(events.to_string().contains("saga_resolved"), "{events}");
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saga_that_this_program_doesnt_know_cannot_be_retried_here() -> Result<()> {
    let house = House::open().await?;
    let (saga, _, _) = stuck(&house, "from_another_version").await?;
    let retry = format!("/v1/system/sagas/{saga}/retry");
    house.post(&retry, Value::Null).await?.refused(409, "saga_not_runnable")?;
    let seen = house.get(&format!("/v1/system/sagas/{saga}")).await?.ok()?;
    assert_eq!(seen["saga"]["state"], "stuck");
    house.end().await;
    Ok(())
}
