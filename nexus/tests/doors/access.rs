//! Every endpoint × every role × no token, wrong token, expired token, revoked token, another project.
//!
//! The endpoints come from the API's own description: one that isn't in the matrix fails here.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use berth_common::ids::{DiskUuid, PoolUuid, SledUuid};
use berth_nexus::http::context::Doors;
use berth_nexus::http::public::Public;
use berth_nexus_api::nexus_api_mod;
use berth_transport::PeerTable;
use dropshot::ServerBuilder;
use reqwest::Method;
use serde_json::{Value, json};
use slog::{Discard, Logger, o};

use crate::access_matrix::{Need, Sample, samples};
use crate::nexus::{House, Reply, answer};

/// An endpoint as the description has it.
struct Endpoint {
    operation: String,
    method: Method,
    path: String,
}

fn endpoints() -> Result<Vec<Endpoint>> {
    let document: Value = serde_json::from_str(&berth_nexus_api::openapi::document()?)?;
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().context("paths")? {
        for (method, endpoint) in methods.as_object().context("methods")? {
            found.push(Endpoint {
                operation: endpoint["operationId"].as_str().context("an id")?.to_string(),
                method: method.to_uppercase().parse()?,
                path: path.clone(),
            });
        }
    }
    Ok(found)
}

/// A cluster with one of each noun, and what stands for each parameter of a path.
struct Things {
    house: House,
    named: BTreeMap<&'static str, String>,
}

impl Things {
    async fn make() -> Result<Things> {
        let house = House::open().await?;
        house.project("alpha").await?;
        house.project("beta").await?;
        house.user("nobody-else", None, None).await?;
        let text = |value: &Value| value.as_str().map(str::to_string).context("a text");
        let vm = json!({"name": "vm", "cpus": 1, "memory_mib": 64});
        let created = house.post("/v1/instances?project=alpha", vm).await?.ok()?;
        let operation = text(&created["id"])?;
        let ended = house.get(&format!("/v1/operations/{operation}?wait=30s")).await?.ok()?;
        ensure!(ended["state"] == "succeeded", "the instance wasn't made: {ended}");
        let image =
            house.post("/v1/images?project=alpha", json!({"name": "i", "kind": "kernel"})).await?.ok()?;
        let join = house.post("/v1/system/join-tokens", json!({})).await?.ok()?;
        let token = house.post("/v1/system/tokens", json!({"label": "to be revoked"})).await?.ok()?;
        let (sled, pool, disk) = (SledUuid::new_v4(), PoolUuid::new_v4(), DiskUuid::new_v4());
        house.database.sql(&format!(
            "INSERT INTO sled (id, name) VALUES ('{sled}', 'host');
             INSERT INTO pool (id, name, kind, capacity_bytes) VALUES ('{pool}', 'p', 'local', 1024);
             INSERT INTO disk (id, project_id, name, size_bytes, pool_id, state)
                 SELECT '{disk}', id, 'd', 512, '{pool}', 'ready' FROM project WHERE name = 'alpha'"
        ))?;
        let named = BTreeMap::from([
            ("project", "alpha".to_string()),
            ("instance", text(&created["subject"]["id"])?),
            ("image", text(&image["id"])?),
            ("part", "kernel".to_string()),
            ("disk", disk.to_string()),
            ("operation", operation),
            ("sled", "host".to_string()),
            ("join_token", text(&join["join_token"]["id"])?),
            ("saga", uuid::Uuid::new_v4().to_string()),
            ("token", text(&token["token"]["id"])?),
        ]);
        Ok(Things { house, named })
    }

    fn path(&self, endpoint: &Endpoint, sample: &Sample) -> Result<String> {
        let mut path = endpoint.path.clone();
        for (name, value) in &self.named {
            path = path.replace(&format!("{{{name}}}"), value);
        }
        ensure!(!path.contains('{'), "{path} has a parameter that nothing stands for");
        Ok(path + sample.query)
    }

    async fn send(&self, endpoint: &Endpoint, sample: &Sample, token: Option<&str>) -> Result<Reply> {
        let mut request = self.house.request(&endpoint.method, &self.path(endpoint, sample)?);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = &sample.body {
            let nonce = format!("n{}", uuid::Uuid::new_v4().simple());
            let text = body.to_string().replace("{nonce}", &nonce);
            request = request.header("content-type", "application/json").body(text);
        }
        answer(request).await
    }
}

/// A user with roles, and a token.
struct Asker {
    name: String,
    token: String,
    fleet: usize,
    alpha: usize,
}

const ROLES: [Option<&str>; 4] = [None, Some("viewer"), Some("collaborator"), Some("admin")];

async fn askers(house: &House) -> Result<Vec<Asker>> {
    let mut askers = Vec::new();
    for (alpha, role) in ROLES.iter().enumerate() {
        let name = format!("alpha-{}", role.unwrap_or("stranger"));
        // Whoever has no role in alpha is the admin of another project.
        let project = role.map_or(("beta", "admin"), |role| ("alpha", role));
        let token = house.user(&name, None, Some(project)).await?;
        askers.push(Asker { name, token, fleet: 0, alpha });
    }
    for (fleet, role) in ROLES.iter().enumerate().skip(1) {
        let name = format!("fleet-{}", role.unwrap_or_default());
        let token = house.user(&name, *role, None).await?;
        askers.push(Asker { name, token, fleet, alpha: 0 });
    }
    Ok(askers)
}

/// What a request must be answered, if it isn't let in.
fn denial(need: Need, asker: &Asker) -> Option<(u16, &'static str)> {
    let here = asker.alpha.max(asker.fleet);
    let (enough, in_project) = match need {
        Need::Nothing | Need::Token => (true, false),
        Need::Viewer => (here >= 1, true),
        Need::Collaborator => (here >= 2, true),
        Need::Admin => (here >= 3, true),
        Need::FleetViewer => (asker.fleet >= 1, false),
        Need::FleetCollaborator => (asker.fleet >= 2, false),
        Need::FleetAdmin => (asker.fleet >= 3, false),
    };
    match (enough, in_project && here == 0) {
        (true, _) => None,
        (false, true) => Some((404, "not_found")),
        (false, false) => Some((403, "forbidden")),
    }
}

#[test]
fn the_matrix_has_every_endpoint_of_the_description_and_no_other() -> Result<()> {
    let described: BTreeSet<String> = endpoints()?.into_iter().map(|endpoint| endpoint.operation).collect();
    let listed: BTreeSet<String> = samples().iter().map(|sample| sample.operation.to_string()).collect();
    assert_eq!(described, listed, "an endpoint needs a line in access_matrix.rs");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_endpoint_lets_in_whom_it_should_and_nobody_else() -> Result<()> {
    let things = Things::make().await?;
    let askers = askers(&things.house).await?;
    let samples: BTreeMap<_, _> = samples().into_iter().map(|sample| (sample.operation, sample)).collect();
    for endpoint in endpoints()? {
        let sample = &samples[endpoint.operation.as_str()];
        for asker in &askers {
            let denial = if endpoint.operation == "token_revoke" && asker.fleet < 3 {
                // Another's token is hidden, not forbidden.
                Some((404, "not_found"))
            } else {
                denial(sample.need, asker)
            };
            let who = format!("{} as {}", endpoint.operation, asker.name);
            match denial {
                Some((status, code)) => {
                    let reply = things.send(&endpoint, sample, Some(&asker.token)).await?;
                    reply.refused(status, code).context(who)?;
                }
                None if sample.harmless => {
                    let reply = things.send(&endpoint, sample, Some(&asker.token)).await?;
                    let let_in = !matches!(reply.status.as_u16(), 401 | 403 | 404 | 500..);
                    ensure!(let_in, "{who}: {} {}", reply.status, reply.json);
                }
                None => {}
            }
        }
    }
    things.house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_the_health_check_answers_without_a_valid_token() -> Result<()> {
    let things = Things::make().await?;
    let expired = things.house.user("late", Some("admin"), None).await?;
    let revoked = things.house.user("gone", Some("admin"), None).await?;
    things.house.database.sql(
        "UPDATE api_token SET expires_at = now() FROM api_user u WHERE u.id = user_id AND u.name = 'late';
         UPDATE api_token SET revoked_at = now() FROM api_user u WHERE u.id = user_id AND u.name = 'gone'",
    )?;
    let unknown = format!("berth_{}", "A".repeat(43));
    let samples: BTreeMap<_, _> = samples().into_iter().map(|sample| (sample.operation, sample)).collect();
    for endpoint in endpoints()? {
        let mut sample = samples[endpoint.operation.as_str()].clone();
        for token in [None, Some("garbage"), Some(&unknown), Some(&expired), Some(&revoked)] {
            let reply = things.send(&endpoint, &sample, token).await?;
            if sample.need == Need::Nothing {
                ensure!(reply.status == 200, "{}: {}", endpoint.operation, reply.json);
            } else {
                reply.refused(401, "unauthenticated").context(endpoint.operation.clone())?;
            }
        }
        // A body that is no JSON isn't looked at before the token.
        if sample.body.is_some() {
            sample.body = Some(json!("not what is wanted"));
            things.send(&endpoint, &sample, None).await?.refused(401, "unauthenticated")?;
        }
    }
    things.house.end().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_around_the_tls_front_is_refused_whatever_it_carries() -> Result<()> {
    let house = House::open().await?;
    let doors = Doors { nexus: house.server.nexus().clone(), peers: PeerTable::new() };
    let api = nexus_api_mod::api_description::<Public>()?;
    let plain = ServerBuilder::new(api, doors, Logger::root(Discard, o!())).start()?;
    let client = reqwest::Client::builder().no_proxy().build()?;
    for path in ["/v1/whoami", "/v1/health", "/v1/system/users"] {
        let url = format!("http://{}{path}", plain.local_addr());
        answer(client.get(url).bearer_auth(&house.admin)).await?.refused(403, "forbidden").context(path)?;
    }
    plain.close().await.map_err(anyhow::Error::msg)?;
    house.end().await;
    Ok(())
}
