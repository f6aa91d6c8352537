//! For each saga of the matrix: what must be there before, and the request that begins it.

use anyhow::Result;
use berth_nexus_api::operation::Operation;
use berth_tests::{Api, Reply};
use serde_json::json;

/// How one saga is begun, under a name that no other case has.
#[derive(Clone, Copy, Debug)]
pub struct Fixture {
    /// Asks for what must be there; who calls waits for rest.
    pub prepare: fn(&Api, &str) -> Result<()>,
    pub ask: fn(&Api, &str) -> Result<Reply>,
}

/// None: nobody has said yet how this saga is begun.
pub fn fixture(saga: &str) -> Option<Fixture> {
    Some(match saga {
        "instance_create" => Fixture { prepare: disk, ask: create },
        "instance_start" => Fixture { prepare: stopped, ask: |api, name| api.instance_start(name) },
        "instance_migrate" => {
            Fixture { prepare: running, ask: |api, name| api.migration_answered(name, &json!({})) }
        }
        "instance_update" => {
            Fixture { prepare: running, ask: |api, name| api.instance_stop(name, json!({"force": true})) }
        }
        "instance_delete" => Fixture { prepare: running, ask: |api, name| api.instance_delete(name) },
        "disk_create" => Fixture { prepare: |_, _| Ok(()), ask: disk_create },
        "disk_delete" => Fixture { prepare: disk, ask: |api, name| api.disk_delete(name) },
        _ => return None,
    })
}

fn disk_create(api: &Api, name: &str) -> Result<Reply> {
    api.disk_create(name, json!({"size_bytes": 1 << 20, "pool": "shared"}))
}

fn disk(api: &Api, name: &str) -> Result<()> {
    disk_create(api, name)?.into::<Operation>().map(drop)
}

/// With a disk of the same name, an interface and a start, so that every step has something to do.
fn create(api: &Api, name: &str) -> Result<Reply> {
    api.instance_create(name, "small", &json!({"disks": [name], "nics": 1, "start": true}))
}

fn stopped(api: &Api, name: &str) -> Result<()> {
    api.instance_create(name, "small", &json!({}))?.into::<Operation>().map(drop)
}

fn running(api: &Api, name: &str) -> Result<()> {
    api.instance_create(name, "small", &json!({"start": true}))?.into::<Operation>().map(drop)
}
