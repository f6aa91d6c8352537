//! What stands behind the addresses of the simulated cluster: the same functions that the programs' doors call.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use berth_common::ids::{SledUuid, VmmUuid};
use berth_common::refusal::ErrorCode;
use berth_nexus::app::sled_register::sled_register;
use berth_nexus::context::Nexus;
use berth_nexus::reports::sled_report::{self, ReportError};
use berth_sled_agent::rooms::Rooms;
use berth_sled_agent::vmms::manager::Unserved;
use berth_sled_agent_api::vmm::VmmEndQuery;
use reqwest::{Method, Request};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Status and body.
type Reply = (u16, Vec<u8>);

/// Serves a request to an agent.
pub async fn agent(rooms: &Rooms, request: Request) -> Result<Reply> {
    let path: Vec<&str> = request.url().path().trim_matches('/').split('/').collect();
    let manager = &rooms.manager;
    let served = match (request.method(), path.as_slice()) {
        (&Method::GET, ["vmms"]) => return ok(&rooms.shared.reports.inventory()),
        (&Method::PUT, ["vmms", vmm]) => manager.ensure(vmm.parse()?, body(&request)?).await,
        (&Method::PUT, ["vmms", vmm, "state"]) => manager.put_state(vmm.parse()?, body(&request)?).await,
        (&Method::DELETE, ["vmms", vmm]) => {
            let vmm: VmmUuid = vmm.parse()?;
            manager.end(vmm, end_query(&request)?).await
        }
        _ => return refusal(404, "not_found", request.url().path()),
    };
    match served {
        Ok(answer) => ok(&answer),
        Err(Unserved::Denied(denied)) => refusal(409, denied.denial.as_str(), &denied.message),
        Err(Unserved::Invalid(message)) => refusal(400, ErrorCode::InvalidRequest.as_str(), &message),
        Err(Unserved::Unavailable(message)) => refusal(503, ErrorCode::Unavailable.as_str(), &message),
    }
}

/// Serves a sled's request to a nexus.
pub async fn nexus(nexus: &Nexus, sled: SledUuid, request: Request) -> Result<Reply> {
    let cause = "a sled";
    match request.url().path() {
        "/internal/register" => match sled_register(nexus, sled, body(&request)?, cause).await {
            Ok(answer) => ok(&answer),
            Err(error) => refusal(503, error.code().as_str(), &error.message()),
        },
        "/internal/report" => match sled_report::store(&nexus.world, sled, &body(&request)?, cause).await {
            Ok(answer) => ok(&answer),
            Err(error @ ReportError::UnknownSled(_)) => refusal(403, "forbidden", &error.to_string()),
            Err(error @ ReportError::Database(_)) => refusal(503, "unavailable", &error.to_string()),
        },
        path => refusal(404, "not_found", path),
    }
}

fn body<T: DeserializeOwned>(request: &Request) -> Result<T> {
    let bytes = request.body().and_then(reqwest::Body::as_bytes).context("it has a body")?;
    Ok(serde_json::from_slice(bytes)?)
}

/// A query's values are text; what they stand for is known by their names.
fn end_query(request: &Request) -> Result<VmmEndQuery> {
    let pairs: BTreeMap<String, String> = request.url().query_pairs().into_owned().collect();
    let value = |(name, text): (String, String)| {
        let value = match name.as_str() {
            "epoch" | "erase" => serde_json::from_str(&text)?,
            _ => Value::from(text),
        };
        anyhow::Ok((name, value))
    };
    let object = pairs.into_iter().map(value).collect::<Result<serde_json::Map<_, _>>>()?;
    Ok(serde_json::from_value(Value::Object(object))?)
}

fn ok(answer: &impl Serialize) -> Result<Reply> {
    Ok((200, serde_json::to_vec(answer)?))
}

fn refusal(status: u16, code: &str, message: &str) -> Result<Reply> {
    let body = json!({ "request_id": "", "error_code": code, "message": message });
    Ok((status, serde_json::to_vec(&body)?))
}
