//! Malformed requests: each gets a clear error of the one shape, no 5xx, and changes nothing.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::nexus::{House, answer};

const INSTANCES: &str = "/v1/instances?project=alpha";

async fn house() -> Result<House> {
    let house = House::open().await?;
    house.project("alpha").await?;
    Ok(house)
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_not_what_is_wanted_are_named_and_refused() -> Result<()> {
    let house = house().await?;
    let good = json!({"name": "vm", "cpus": 1, "memory_mib": 64});
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body.to_string()
    };
    let cases: Vec<(String, u16, &str, &str)> = vec![
        ("{".to_string(), 400, "invalid_request", "JSON"),
        ("[]".to_string(), 400, "invalid_request", "JSON"),
        (String::new(), 400, "invalid_request", "JSON"),
        ("{}".to_string(), 400, "invalid_request", "name"),
        (with("colour", json!("red")), 400, "invalid_request", "colour"),
        (with("cpus", json!("two")), 400, "invalid_request", "cpus"),
        (with("cpus", json!(-1)), 400, "invalid_request", "cpus"),
        (with("cpus", json!(1e30)), 400, "invalid_request", "cpus"),
        (with("cpus", json!(0)), 400, "invalid_request", "cpus"),
        (with("cpus", json!(256)), 400, "invalid_request", "cpus"),
        (with("memory_mib", json!(4_294_967_295_u64)), 400, "invalid_request", "memory_mib"),
        (with("nics", json!(9)), 400, "invalid_request", "nics"),
        (with("stop_grace_s", json!(u64::MAX)), 400, "invalid_request", "stop_grace_s"),
        (with("description", json!("a\u{0}b")), 400, "invalid_request", "description"),
        (with("command_line", json!("x".repeat(5000))), 400, "invalid_request", "command_line"),
        (with("name", json!("../../etc")), 400, "invalid_name", "is no name"),
        (with("name", json!("A")), 400, "invalid_name", "is no name"),
        (
            with("name", json!("a0a0a0a0-0000-4000-8000-000000000000")),
            400,
            "invalid_name",
            "looks like an id",
        ),
        (with("image", json!("a/b")), 400, "invalid_name", "is no name"),
        (with("image", json!("nothing")), 404, "not_found", "image nothing"),
        (with("image", json!(Uuid::new_v4())), 404, "not_found", "image"),
        (with("disks", json!(["nothing"])), 404, "not_found", "disk nothing"),
        (with("start", json!(true)), 400, "invalid_request", "boot"),
        (with("description", json!("x".repeat(70_000))), 413, "body_too_large", "65536"),
    ];
    for (body, status, code, word) in cases {
        let shown: String = body.chars().take(120).collect();
        let request = house.request(&Method::POST, INSTANCES).bearer_auth(&house.admin);
        let reply = answer(request.header("content-type", "application/json").body(body)).await?;
        reply.refused(status, code).with_context(|| shown.clone())?;
        ensure!(reply.message().contains(word), "{shown}: {} doesn't name {word}", reply.message());
    }
    let left = house.get(INSTANCES).await?.ok()?;
    assert_eq!(left["items"], json!([]));
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_another_type_is_refused() -> Result<()> {
    let house = house().await?;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "image/png"] {
        let request = house.request(&Method::POST, INSTANCES).bearer_auth(&house.admin);
        answer(request.header("content-type", kind).body("name=vm"))
            .await?
            .refused(400, "invalid_request")?;
    }
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_and_queries_that_mean_nothing_are_refused() -> Result<()> {
    let house = house().await?;
    let id = Uuid::new_v4();
    let cases = [
        ("/v1/instances/..%2F..%2Fetc?project=alpha", 400, "invalid_name"),
        ("/v1/instances/a%00b?project=alpha", 400, "invalid_name"),
        ("/v1/instances/UPPER?project=alpha", 400, "invalid_name"),
        ("/v1/instances/vm", 400, "invalid_request"),
        (&format!("/v1/instances/{id}?project=alpha"), 400, "invalid_request"),
        (&format!("/v1/instances/{id}"), 404, "not_found"),
        ("/v1/instances/vm?project=nowhere", 404, "not_found"),
        ("/v1/instances?project=alpha&colour=red", 400, "invalid_request"),
        ("/v1/instances?project=alpha&limit=0", 400, "invalid_request"),
        ("/v1/instances?project=alpha&limit=1001", 400, "invalid_request"),
        ("/v1/instances?project=alpha&limit=many", 400, "invalid_request"),
        ("/v1/instances?project=alpha&page_token=junk", 400, "invalid_request"),
        ("/v1/instances?project=alpha&project=alpha", 400, "invalid_request"),
        ("/v1/disks?project=alpha&page_token=e30", 400, "invalid_request"),
        ("/v1/events?since=junk", 400, "invalid_request"),
        ("/v1/events?wait=soon", 400, "invalid_request"),
        ("/v1/operations/not-an-id", 400, "invalid_request"),
        (&format!("/v1/operations/{id}"), 404, "not_found"),
        ("/v1/images/i/files/bios?project=alpha", 400, "invalid_request"),
        ("/v1/system/sagas?state=odd", 400, "invalid_request"),
        (&format!("/v1/system/sagas/{id}"), 404, "not_found"),
        ("/v1/system/sleds/nowhere", 404, "not_found"),
        (&format!("/v1/system/sleds/{id}/explain"), 404, "not_found"),
        ("/v1/projects/nowhere", 404, "not_found"),
    ];
    for (path, status, code) in cases {
        let method = if path.contains("/files/") { Method::PUT } else { Method::GET };
        let reply = house.send(&house.admin, &method, path, None).await?;
        reply.refused(status, code).context(path.to_string())?;
    }
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_mean_nothing_are_refused() -> Result<()> {
    let house = house().await?;
    let create = |key: &str| {
        let request = house.request(&Method::POST, "/v1/projects").bearer_auth(&house.admin);
        request.header("idempotency-key", key).json(&json!({"name": "gamma"}))
    };
    for key in ["", "two words", &"k".repeat(129)] {
        answer(create(key)).await?.refused(400, "invalid_request").with_context(|| format!("key {key:?}"))?;
    }
    let update = |generation: &str| {
        let request = house.request(&Method::PATCH, "/v1/projects/alpha").bearer_auth(&house.admin);
        request.header("if-match", generation).json(&json!({"description": "x"}))
    };
    answer(update("new")).await?.refused(400, "invalid_request")?;
    answer(update("7")).await?.refused(412, "generation_mismatch")?;
    let odd = house.request(&Method::PATCH, "/v1/projects/alpha").bearer_auth(&house.admin);
    let odd = odd.header("if-match", &b"\xff\xfe"[..]).json(&json!({}));
    answer(odd).await?.refused(400, "invalid_request")?;
    assert_eq!(house.get("/v1/projects/alpha").await?.ok()?["generation"], 1);
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_paths_and_methods_are_client_errors_with_words_and_a_request_id() -> Result<()> {
    let house = house().await?;
    for (method, path, status) in [
        (Method::GET, "/v2/instances", 404),
        (Method::GET, "/", 404),
        (Method::DELETE, "/v1/instances", 405),
        (Method::PUT, "/v1/whoami", 405),
    ] {
        let reply = house.send(&house.admin, &method, path, None).await?;
        assert_eq!(reply.status.as_u16(), status, "{path}");
        assert!(!reply.message().is_empty() && reply.json["request_id"].is_string(), "{}", reply.json);
    }
    house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_is_503_with_the_time_to_come_back() -> Result<()> {
    let house = house().await?;
    let database = house.database.name().to_string();
    tokio::task::block_in_place(|| {
        let server = berth_postgres::shared_server()?;
        server.sql(
            "postgres",
            &format!(
                "ALTER DATABASE {database} ALLOW_CONNECTIONS false;
                 SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
            ),
        )
    })?;
    let reply = house.get("/v1/projects").await?;
    reply.refused(503, "unavailable")?;
    assert!(reply.retry_after.is_some_and(|seconds| seconds.parse::<u32>().is_ok()));
    tokio::task::block_in_place(|| {
        let server = berth_postgres::shared_server()?;
        server.sql("postgres", &format!("ALTER DATABASE {database} ALLOW_CONNECTIONS true"))
    })?;
    house.get("/v1/projects").await?.ok()?;
    house.end().await;
    Ok(())
}
