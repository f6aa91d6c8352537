//! Columns of instances.

use berth_common::instance::Rest;

use crate::cell::Cell;
use crate::generated::types::Instance;
use crate::output::Column;
use crate::session::to_uuid;

/// All of them.
pub const COLUMNS: &[Column<Instance>] = &[
    Column::listed("name", |i| Cell::text(&i.name)),
    Column::listed("state", |i| Cell::text(i.state)),
    Column::listed("seen", |i| Cell::some(i.state_age_ms, Cell::Age)),
    Column::listed("sled", |i| Cell::some(i.sled.as_ref(), |sled| Cell::text(&sled.name))),
    Column::listed("cpus", |i| Cell::number(i.cpus)),
    Column::listed("memory", |i| Cell::Bytes(u64::from(i.memory_mib) << 20)),
    Column::listed("operation", |i| Cell::some(i.operation.as_ref(), |o| Cell::text(o.kind))),
    Column::listed("project", |i| Cell::Of(to_uuid(i.project_id))),
    Column::on_request("id", |i| Cell::Of(to_uuid(i.id))),
    Column::on_request("description", |i| Cell::text(&i.description)),
    Column::on_request("intent", |i| Cell::text(i.intent)),
    Column::on_request("rest", |i| if i.rest == Rest::None { Cell::Nothing } else { Cell::text(i.rest) }),
    Column::on_request("image", |i| Cell::some(i.image_id, |id| Cell::Of(to_uuid(id)))),
    Column::on_request("command_line", |i| Cell::text(&i.command_line)),
    Column::on_request("disks", |i| words(i.disks.iter().map(|disk| disk.name.to_string()))),
    Column::on_request("nics", |i| words(i.nics.iter().map(|nic| nic.mac.clone()))),
    Column::on_request("stop_grace", |i| Cell::Age(i.stop_grace_s.saturating_mul(1000))),
    Column::on_request("stop_priority", |i| Cell::number(i.stop_priority)),
    Column::on_request("restart", |i| Cell::text(i.restart_policy)),
    Column::on_request("crashes", |i| Cell::number(i.crashes)),
    Column::on_request("restart_at", |i| Cell::some(i.restart_at, Cell::Time)),
    Column::on_request("vmm", |i| Cell::some(i.vmm.as_ref(), |vmm| Cell::Of(to_uuid(vmm.id)))),
    Column::on_request("vmm_detail", |i| {
        Cell::some(i.vmm.as_ref().and_then(|v| v.detail.as_ref()), Cell::text)
    }),
    Column::on_request("ended_by", |i| Cell::some(i.last_end.as_ref(), |end| Cell::text(end.ended_by))),
    Column::on_request("end_detail", |i| {
        Cell::some(i.last_end.as_ref().and_then(|end| end.detail.as_ref()), Cell::text)
    }),
    Column::on_request("operation_id", |i| Cell::some(i.operation.as_ref(), |o| Cell::Of(to_uuid(o.id)))),
    Column::on_request("observed", |i| Cell::some(i.observed_at, Cell::Time)),
    Column::on_request("generation", |i| Cell::Number(i.generation)),
    Column::on_request("created", |i| Cell::Time(i.created_at)),
];

fn words(all: impl Iterator<Item = String>) -> Cell {
    Cell::text(all.collect::<Vec<_>>().join(" "))
}
