//! The same migration by bare QMP: one QEMU to the other through a unix socket.

use std::time::Instant;

use anyhow::{Result, bail};
use berth_common::ids::{GenericUuid as _, InstanceUuid, VmmUuid};
use berth_sled_agent::hypervisor::qemu::qmp::Qmp;
use berth_sled_agent::hypervisor::{Hypervisor as _, Launch, LaunchBoot, Machine, MachineEvent};
use berth_sled_agent_api::spec::ImageFile;
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;
use uuid::Uuid;

use super::{DOWNTIME_LIMIT_MS, Guest, Host, MEMORY_MIB, PATIENCE, Took, id};

/// A QEMU without an agent, as an agent would launch it, and its monitor.
struct Bare {
    vmm: VmmUuid,
    machine: Box<dyn Machine>,
    events: UnboundedReceiver<MachineEvent>,
    monitor: Qmp,
    heard: UnboundedReceiver<Value>,
}

async fn launch(host: &Host, guest: &Guest, incoming: bool) -> Result<Bare> {
    let image = |file: &ImageFile| host.dir.join("state/images").join(&file.sha256);
    let launch = Launch {
        vmm: id(),
        instance: InstanceUuid::from_untyped_uuid(Uuid::from_u128(1)),
        run: 1,
        incoming,
        name: "bench".to_owned(),
        cpus: 1,
        memory_mib: MEMORY_MIB,
        boot: LaunchBoot::Kernel {
            kernel: image(&guest.kernel),
            initrd: image(&guest.initrd),
            command_line: guest.words.clone(),
        },
        disks: Vec::new(),
        nics: Vec::new(),
    };
    let mut machine = host.qemu.launch(&launch).await?;
    let events = machine.events();
    let socket = host.dir.join("run/vmms").join(launch.vmm.to_string()).join("migration.sock");
    let (monitor, heard) = Qmp::connect(socket.as_str(), PATIENCE).await?;
    Ok(Bare { vmm: launch.vmm, machine, events, monitor, heard })
}

impl Bare {
    async fn capabilities(&self, names: &[&str]) -> Result<()> {
        let all: Vec<Value> = names.iter().map(|name| json!({ "capability": name, "state": true })).collect();
        self.monitor.execute("migrate-set-capabilities", json!({ "capabilities": all })).await?;
        Ok(())
    }

    /// Waits for an event; of a migration, for its end.
    async fn heard(&mut self, event: &str) -> Result<()> {
        while let Some(heard) = self.heard.recv().await {
            let status = heard.pointer("/data/status").and_then(Value::as_str);
            match (heard["event"].as_str(), status) {
                (Some("MIGRATION"), Some("failed" | "cancelled")) => bail!("the migration failed"),
                (Some("MIGRATION"), Some("completed")) if event == "MIGRATION" => return Ok(()),
                (Some("MIGRATION"), _) => {}
                (Some(name), _) if name == event => return Ok(()),
                _ => {}
            }
        }
        bail!("QEMU hung up")
    }

    async fn end(mut self, host: &Host) -> Result<()> {
        self.machine.kill().await?;
        while let Some(event) = self.events.recv().await {
            if matches!(event, MachineEvent::Ended(_)) {
                break;
            }
        }
        Ok(host.qemu.forget(self.vmm).await?)
    }
}

pub async fn bare(hosts: &[Host; 2], guest: &Guest) -> Result<Took> {
    let [source_host, target_host] = hosts;
    let mut source = launch(source_host, guest, false).await?;
    source_host.ready(source.vmm).await?;
    let mut target = launch(target_host, guest, true).await?;
    source.capabilities(&["events", "auto-converge"]).await?;
    target.capabilities(&["events"]).await?;
    let parameters = json!({ "downtime-limit": DOWNTIME_LIMIT_MS, "max-bandwidth": 1_u64 << 40 });
    source.monitor.execute("migrate-set-parameters", parameters).await?;
    let uri = format!("unix:{}/run/vmms/{}/bare.sock", target_host.dir, target.vmm);
    target.monitor.execute("migrate-incoming", json!({ "uri": uri })).await?;
    let begun = Instant::now();
    source.monitor.execute("migrate", json!({ "uri": uri })).await?;
    source.heard("STOP").await?;
    let stopped = Instant::now();
    let (sent, arrived) = tokio::join!(source.heard("MIGRATION"), target.heard("MIGRATION"));
    sent.and(arrived)?;
    let copied = Instant::now();
    target.monitor.execute("cont", json!({})).await?;
    let took = Took::of(begun, stopped, copied, copied, Instant::now());
    source.end(source_host).await?;
    target.end(target_host).await?;
    Ok(took)
}
