//! Beginning a run: the order as a file, then a shim, then its word that QEMU answers.

use std::fs::OpenOptions;
use std::io;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::command_line::arguments;
use super::machine::QemuMachine;
use super::standing::{Standing, standing};
use super::{Qemu, failed, forget, off_runtime};
use crate::hypervisor::{Launch, LaunchError, Machine};
use crate::shim::cgroup;
use crate::shim::durable::{self, Keep};
use crate::shim::place::Place;
use crate::shim::records::{Begun, LaunchOrder};

/// The shim itself gives QEMU ten seconds: this is for a shim that says nothing.
const SHIM_PATIENCE: Duration = Duration::from_secs(13);

impl Qemu {
    /// See [`crate::hypervisor::Hypervisor::launch`].
    pub(super) async fn launch_run(&self, launch: &Launch) -> Result<Box<dyn Machine>, LaunchError> {
        let place = self.place(launch.vmm);
        let looked = place.clone();
        match off_runtime(move || standing(&looked)).await? {
            Standing::Held { run } if run == launch.run => {
                return Ok(Box::new(QemuMachine::hold(place, run, &self.log)));
            }
            Standing::Held { run } => {
                return Err(LaunchError(format!("run {run} of this VMM has not ended")));
            }
            Standing::Ended(record) if record.run == launch.run => {
                return Ok(Box::new(QemuMachine::ended(place, record)));
            }
            Standing::Ended(record) if record.run > launch.run => {
                return Err(LaunchError(format!("run {} was before run {}", launch.run, record.run)));
            }
            Standing::Ended(_) | Standing::Nothing => {}
        }
        let order = LaunchOrder {
            vmm: launch.vmm,
            run: launch.run,
            program: self.program.clone(),
            arguments: arguments(launch, self.accelerator, &self.machine_type)?,
            cgroup: cgroup::parent().map(|parent| parent.join(launch.vmm.to_string())),
        };
        let prepared = place.clone();
        off_runtime(move || prepare(&prepared, order)).await?;
        self.start_shim(&place, launch.run).await?;
        Ok(Box::new(QemuMachine::hold(place, launch.run, &self.log)))
    }

    async fn start_shim(&self, place: &Place, run: u32) -> Result<(), LaunchError> {
        let log = OpenOptions::new().create(true).append(true).open(place.shim_log());
        let log = log.map_err(|error| failed(&place.shim_log(), &error))?;
        // Not a child to be waited for: it makes itself a session of its own and outlives this process.
        let mut shim = Command::new(&self.shim_program)
            .args(["shim", place.directory().as_str(), &run.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|error| failed(&self.shim_program, &error))?;
        let why = match tokio::time::timeout(SHIM_PATIENCE, begun(&mut shim)).await {
            Ok(Ok(Begun::Ready { .. })) => return Ok(()),
            Ok(Ok(Begun::Failed { why })) => why,
            Ok(Err(error)) => format!("the shim said nothing: {error}"),
            Err(_) => "the shim said nothing in time".to_owned(),
        };
        // QEMU ends with its shim; a shim that failed has ended it already.
        let _ = shim.start_kill();
        let _ = shim.wait().await;
        let place = place.clone();
        off_runtime(move || clean(&place)).await?;
        Err(LaunchError(why))
    }
}

async fn begun(shim: &mut Child) -> io::Result<Begun> {
    let output = shim.stdout.take().ok_or_else(|| io::Error::other("no pipe"))?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line).await?;
    serde_json::from_str(&line).map_err(io::Error::other)
}

/// Writes the order. From then on all that is left of a former run is void, so it is removed after it.
fn prepare(place: &Place, mut order: LaunchOrder) -> Result<(), LaunchError> {
    std::fs::create_dir_all(place.directory()).map_err(|error| failed(place.directory(), &error))?;
    order.cgroup = order.cgroup.filter(|path| cgroup::make(path).is_some());
    durable::write_json(&place.launch(), &order, Keep::ThroughPowerLoss)
        .map_err(|error| failed(&place.launch(), &error))?;
    let sockets = [Place::CONTROL, Place::MONITOR, Place::MIGRATION_MONITOR, Place::INPUT];
    let sockets = sockets.map(|name| place.directory().join(name));
    for path in [place.exit(), place.stop(), place.held(), place.stuck()].into_iter().chain(sockets) {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&path, &error)),
            _ => {}
        }
    }
    Ok(())
}

/// Nothing is left of a run that didn't begin; what the guest printed in earlier runs stays with them.
fn clean(place: &Place) -> Result<(), LaunchError> {
    match standing(place)? {
        Standing::Held { run } => Err(LaunchError(format!("run {run} did not begin and does not end"))),
        Standing::Ended(record) if record.run > 1 => {
            let path = place.launch();
            std::fs::remove_file(&path).map_err(|error| failed(&path, &error))
        }
        Standing::Ended(_) | Standing::Nothing => forget::remove(place),
    }
}
