//! What stands behind the addresses of the simulated cluster: the same functions that the programs' doors call.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use berth_common::ids::{SledUuid, VmmUuid};
use berth_common::refusal::ErrorCode;
use berth_common::vmm::{EndedBy, VmmState};
use berth_nexus::app::sled_register::sled_register;
use berth_nexus::context::Nexus;
use berth_nexus::reports::sled_report::{self, ReportError};
use berth_sled_agent::rooms::Rooms;
use berth_sled_agent::vmms::manager::Unserved;
use berth_sled_agent_api::disk::{DiskAnswer, DiskProgress};
use berth_sled_agent_api::report::{ReportAnswer, SledReport};
use berth_sled_agent_api::vmm::{Admitted, VmmAnswer, VmmDesired, VmmStatePut};
use reqwest::{Method, Request};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::course::Mutant;

/// Status and body.
type Reply = (u16, Vec<u8>);

/// Serves a request to an agent.
pub async fn agent(rooms: &Rooms, request: Request, mutant: Option<Mutant>) -> Result<Reply> {
    if let Some(lie) = lie(rooms, &request, mutant)? {
        return ok(&lie);
    }
    let path: Vec<&str> = request.url().path().trim_matches('/').split('/').collect();
    let manager = &rooms.manager;
    let served = match (request.method(), path.as_slice()) {
        (&Method::GET, ["vmms"]) => return ok(&rooms.shared.reports.inventory()),
        (&Method::PUT, ["vmms", vmm]) => manager.ensure(vmm.parse()?, body(&request)?).await,
        (&Method::PUT, ["vmms", vmm, "state"]) => manager.put_state(vmm.parse()?, body(&request)?).await,
        (&Method::PUT, ["vmms", vmm, "migration"]) => {
            manager.put_migration(vmm.parse()?, body(&request)?).await
        }
        (&Method::DELETE, ["pools", _, "disks", disk]) if mutant == Some(Mutant::CopiesAreKept) => {
            return ok(&DiskAnswer { disk: disk.parse()?, progress: DiskProgress::Deleted });
        }
        (&Method::DELETE, ["pools", pool, "disks", disk]) => {
            let answer = manager.delete_disk(pool.parse()?, disk.parse()?, &query(&request)?).await;
            return answered(answer);
        }
        (&Method::DELETE, ["vmms", vmm]) => {
            let vmm: VmmUuid = vmm.parse()?;
            manager.end(vmm, query(&request)?).await
        }
        _ => return refusal(404, "not_found", request.url().path()),
    };
    answered(served)
}

fn answered(served: Result<impl Serialize, Unserved>) -> Result<Reply> {
    match served {
        Ok(answer) => ok(&answer),
        Err(Unserved::Denied(denied)) => refusal(409, denied.denial.as_str(), &denied.message),
        Err(Unserved::Invalid(message)) => refusal(400, ErrorCode::InvalidRequest.as_str(), &message),
        Err(Unserved::Unavailable(message)) => refusal(503, ErrorCode::Unavailable.as_str(), &message),
    }
}

/// What a mutant sled answers instead of doing it; none: it does it.
fn lie(rooms: &Rooms, request: &Request, mutant: Option<Mutant>) -> Result<Option<VmmAnswer>> {
    let path: Vec<&str> = request.url().path().trim_matches('/').split('/').collect();
    let known = |vmm: &str| {
        rooms.shared.reports.inventory().vmms.into_iter().find(|known| known.vmm.to_string() == vmm)
    };
    let answer = |vmm| Some(VmmAnswer { admitted: Admitted::Accepted, vmm });
    Ok(match (mutant, request.method(), path.as_slice()) {
        (Some(Mutant::EndsAreLies), &Method::DELETE, ["vmms", vmm]) => known(vmm).and_then(|mut vmm| {
            vmm.generation = vmm.generation.next();
            (vmm.state, vmm.ended_by) = (VmmState::Destroyed, Some(EndedBy::Killed));
            answer(vmm)
        }),
        (Some(Mutant::StopsAreForgotten), &Method::PUT, ["vmms", vmm, "state"]) => {
            let asked: VmmStatePut = body(request)?;
            let stops = matches!(asked.desired, VmmDesired::Stopped { .. });
            known(vmm).filter(|_| stops).and_then(answer)
        }
        _ => None,
    })
}

/// Serves a sled's request to a nexus.
pub async fn nexus(nexus: &Nexus, sled: SledUuid, request: Request, mutant: Option<Mutant>) -> Result<Reply> {
    let cause = "a sled";
    if request.url().path() == "/internal/report" {
        let report: SledReport = body(&request)?;
        let unheard = report.vmms.iter().any(|vmm| vmm.state.is_terminal());
        if mutant == Some(Mutant::EndsAreUnheard) && unheard {
            let answer =
                ReportAnswer { lease_epoch: report.lease_epoch, verdicts: Vec::new(), nexus: Vec::new() };
            return ok(&answer);
        }
        if mutant == Some(Mutant::GenerationsGoBack) && report.sequence.is_multiple_of(7) {
            go_back(nexus).await?;
        }
    }
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

/// What a nexus that bumped agents' generations, or set them back, would do.
async fn go_back(nexus: &Nexus) -> Result<()> {
    use berth_db::DbError;
    use diesel_async::SimpleAsyncConnection;
    let wrong = nexus.db.statement("mutant", async |conn| {
        let sql = "UPDATE vmm SET gen = gen - 1 WHERE gen > 1 AND ended_by IS NULL";
        conn.batch_execute(sql).await.map_err(DbError::from)
    });
    // The database may be away.
    drop(wrong.await);
    Ok(())
}

pub fn body<T: DeserializeOwned>(request: &Request) -> Result<T> {
    let bytes = request.body().and_then(reqwest::Body::as_bytes).context("it has a body")?;
    Ok(serde_json::from_slice(bytes)?)
}

/// A query's values are text; what they stand for is known by their names.
fn query<T: DeserializeOwned>(request: &Request) -> Result<T> {
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
