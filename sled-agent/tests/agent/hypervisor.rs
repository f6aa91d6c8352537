//! A hypervisor whose every move is the test's: it outlives the agents that use it, as shims do.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use berth_common::ids::VmmUuid;
use berth_common::sled::Hypervisor as Kind;
use berth_common::vmm::EndedBy;
use berth_sled_agent::hypervisor::migration::{Channel, Migrator, Peer, Progress, Sending, Stream, Trail};
use berth_sled_agent::hypervisor::{
    Adopted, ExitRecord, Found, Hypervisor, Launch, LaunchError, Machine, MachineEvent, SerialInput,
};
use camino::{Utf8Path, Utf8PathBuf};
use tokio::sync::{Notify, mpsc};

#[derive(Debug)]
struct Run {
    launch: Launch,
    running: bool,
    stop: Option<Duration>,
    ended: Option<ExitRecord>,
    reader: Option<mpsc::UnboundedSender<MachineEvent>>,
}

#[derive(Debug, Default)]
struct State {
    runs: HashMap<VmmUuid, Run>,
    /// Launches begun, in order; a repeated (VMM, run) counts once.
    launched: Vec<(VmmUuid, u32)>,
    /// Every stop that was taken.
    stops: Vec<(VmmUuid, Duration)>,
    kills: Vec<VmmUuid>,
    /// Launches wait while set.
    hold_launches: bool,
    fail_launches: Option<String>,
    fail_orders: u32,
    silent_adopts: HashSet<VmmUuid>,
    fail_sweeps: bool,
    /// Found by every look, and no run of ours.
    planted: Vec<Found>,
}

/// The stand-in.
#[derive(Debug)]
pub struct TestHypervisor {
    dir: Utf8PathBuf,
    state: Mutex<State>,
    released: Notify,
}

impl TestHypervisor {
    pub fn new(dir: Utf8PathBuf) -> Arc<TestHypervisor> {
        fs::create_dir_all(&dir).expect("made");
        Arc::new(TestHypervisor { dir, state: Mutex::default(), released: Notify::new() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic before")
    }

    pub fn launches(&self) -> Vec<(VmmUuid, u32)> {
        self.state().launched.clone()
    }

    pub fn launch_of(&self, vmm: VmmUuid) -> Option<Launch> {
        self.state().runs.get(&vmm).map(|run| run.launch.clone())
    }

    pub fn stops(&self) -> Vec<(VmmUuid, Duration)> {
        self.state().stops.clone()
    }

    pub fn kills(&self) -> Vec<VmmUuid> {
        self.state().kills.clone()
    }

    pub fn is_running(&self, vmm: VmmUuid) -> bool {
        self.state().runs.get(&vmm).is_some_and(|run| run.ended.is_none())
    }

    /// Somebody listens to its machine.
    pub fn is_held(&self, vmm: VmmUuid) -> bool {
        let state = self.state();
        state.runs.get(&vmm).is_some_and(|run| run.reader.as_ref().is_some_and(|reader| !reader.is_closed()))
    }

    /// Launches wait until [`TestHypervisor::release_launches`].
    pub fn hold_launches(&self) {
        self.state().hold_launches = true;
    }

    pub fn release_launches(&self) {
        self.state().hold_launches = false;
        self.released.notify_waiters();
    }

    pub fn fail_launches(&self, reason: &str) {
        self.state().fail_launches = Some(reason.to_string());
    }

    /// The next so many stops and kills aren't taken.
    pub fn fail_orders(&self, count: u32) {
        self.state().fail_orders = count;
    }

    /// Asking what there is of it fails from now on, or not any more.
    pub fn silence(&self, vmm: VmmUuid, silent: bool) {
        let mut state = self.state();
        if silent {
            state.silent_adopts.insert(vmm);
        } else {
            state.silent_adopts.remove(&vmm);
        }
    }

    pub fn fail_sweeps(&self, fail: bool) {
        self.state().fail_sweeps = fail;
    }

    /// Something that every look finds.
    pub fn plant(&self, vmm: Option<VmmUuid>, pid: i32, what: &str) {
        self.state().planted.push(Found { vmm, pid: Some(pid), what: what.to_string() });
    }

    /// Whoever holds the machine hears no more of it.
    pub fn cut(&self, vmm: VmmUuid) {
        self.state().runs.get_mut(&vmm).expect("launched").reader = None;
    }

    /// The host forgets everything, as it does when it is rebooted.
    pub fn lose_all(&self) {
        self.state().runs.clear();
    }

    pub fn tell(&self, vmm: VmmUuid, event: MachineEvent) {
        if let Some(reader) = &self.state().runs[&vmm].reader {
            drop(reader.send(event));
        }
    }

    /// The guest prints.
    pub fn print(&self, vmm: VmmUuid, text: &str) {
        print(&self.dir.join(format!("{vmm}.serial")), text.as_bytes());
    }

    /// The guest comes up.
    pub fn boot(&self, vmm: VmmUuid) {
        self.state().runs.get_mut(&vmm).expect("launched").running = true;
        self.tell(vmm, MachineEvent::Running);
    }

    /// The run ends.
    pub fn end(&self, vmm: VmmUuid, ended_by: EndedBy) {
        let mut state = self.state();
        let run = state.runs.get_mut(&vmm).expect("launched");
        let record = ExitRecord {
            vmm,
            run: run.launch.run,
            ended_by,
            reason: Some("the test's".to_string()),
            status: None,
            last_words: None,
        };
        run.ended = Some(record.clone());
        if let Some(reader) = run.reader.take() {
            drop(reader.send(MachineEvent::Ended(record)));
        }
    }
}

/// Appends to a serial log.
fn print(log: &Utf8Path, bytes: &[u8]) {
    use std::io::Write;
    let mut file = fs::OpenOptions::new().create(true).append(true).open(log).expect("opened");
    file.write_all(bytes).expect("written");
}

#[derive(Debug)]
struct TestMachine {
    vmm: VmmUuid,
    events: Option<mpsc::UnboundedReceiver<MachineEvent>>,
    hypervisor: Arc<TestHypervisor>,
}

impl TestMachine {
    fn take_order(&self) -> Result<(), LaunchError> {
        let mut state = self.hypervisor.state();
        if state.fail_orders > 0 {
            state.fail_orders -= 1;
            return Err(LaunchError("the test says no".to_string()));
        }
        Ok(())
    }
}

#[async_trait]
impl Machine for TestMachine {
    fn events(&mut self) -> mpsc::UnboundedReceiver<MachineEvent> {
        self.events.take().expect("one reader")
    }

    async fn stop(&self, grace: Duration) -> Result<(), LaunchError> {
        self.take_order()?;
        let mut state = self.hypervisor.state();
        state.stops.push((self.vmm, grace));
        if let Some(run) = state.runs.get_mut(&self.vmm) {
            run.stop = Some(run.stop.map_or(grace, |standing| standing.min(grace)));
        }
        Ok(())
    }

    fn migrator(&self) -> Arc<dyn Migrator> {
        Arc::new(Unable)
    }

    async fn kill(&self) -> Result<(), LaunchError> {
        self.take_order()?;
        self.hypervisor.state().kills.push(self.vmm);
        self.hypervisor.end(self.vmm, EndedBy::Killed);
        Ok(())
    }
}

/// Its guests stay where they are: migrations are tried on the simulated hypervisor, and on QEMU.
#[derive(Debug)]
struct Unable;

fn unable() -> LaunchError {
    LaunchError("the stand-in's guests don't migrate".to_string())
}

#[async_trait]
impl Migrator for Unable {
    async fn send(
        &self,
        _: &Sending,
        _: Arc<dyn Peer>,
        _: mpsc::UnboundedSender<Progress>,
    ) -> Result<Trail, LaunchError> {
        Err(unable())
    }

    async fn take_back(&self) -> Result<(), LaunchError> {
        Ok(())
    }

    async fn await_guest(&self, _: &[u32]) -> Result<bool, LaunchError> {
        Err(unable())
    }

    async fn receive(&self, _: Channel, _: Stream) -> Result<(), LaunchError> {
        Err(unable())
    }

    async fn close_disks(&self) -> Result<(), LaunchError> {
        Err(unable())
    }

    async fn arrived(&self) -> Result<(), LaunchError> {
        Err(unable())
    }

    async fn release(&self) -> Result<(), LaunchError> {
        Err(unable())
    }
}

/// What an agent is given: a handle, so that a machine can reach the state too.
#[derive(Clone, Debug)]
pub struct Handle(pub Arc<TestHypervisor>);

impl Handle {
    fn hold(&self, vmm: VmmUuid, state: &mut State) -> Box<dyn Machine> {
        let (sender, events) = mpsc::unbounded_channel();
        state.runs.get_mut(&vmm).expect("a run").reader = Some(sender);
        Box::new(TestMachine { vmm, events: Some(events), hypervisor: self.0.clone() })
    }
}

#[async_trait]
impl Hypervisor for Handle {
    fn kind(&self) -> Kind {
        Kind::Simulated
    }

    fn cpu_model(&self) -> String {
        "test".to_string()
    }

    fn machine_type(&self) -> String {
        "test".to_string()
    }

    async fn launch(&self, launch: &Launch) -> Result<Box<dyn Machine>, LaunchError> {
        loop {
            let released = self.0.released.notified();
            if !self.0.state().hold_launches {
                break;
            }
            released.await;
        }
        let mut state = self.0.state();
        if let Some(reason) = &state.fail_launches {
            return Err(LaunchError(reason.clone()));
        }
        let same = state.runs.get(&launch.vmm).is_some_and(|run| run.launch.run == launch.run);
        if !same {
            state.launched.push((launch.vmm, launch.run));
            let run = Run { launch: launch.clone(), running: false, stop: None, ended: None, reader: None };
            state.runs.insert(launch.vmm, run);
            print(&self.serial_log(launch.vmm), format!("run {}\n", launch.run).as_bytes());
        }
        Ok(self.hold(launch.vmm, &mut state))
    }

    async fn adopt(&self, vmm: VmmUuid) -> Result<Adopted, LaunchError> {
        let mut state = self.0.state();
        if state.silent_adopts.contains(&vmm) {
            return Err(LaunchError("silent".to_string()));
        }
        let Some(run) = state.runs.get(&vmm) else { return Ok(Adopted::Nothing) };
        if let Some(record) = &run.ended {
            return Ok(Adopted::Ended(record.clone()));
        }
        let (number, running, stopping) = (run.launch.run, run.running, run.stop.is_some());
        let machine = self.hold(vmm, &mut state);
        Ok(Adopted::Running { run: number, running, stopping, machine })
    }

    fn serial_log(&self, vmm: VmmUuid) -> Utf8PathBuf {
        self.0.dir.join(format!("{vmm}.serial"))
    }

    async fn serial_input(&self, vmm: VmmUuid) -> Result<SerialInput, LaunchError> {
        if !self.0.is_running(vmm) {
            return Err(LaunchError("it doesn't run".to_string()));
        }
        let (ours, mut theirs) = tokio::io::duplex(64);
        let log = self.serial_log(vmm);
        tokio::spawn(async move {
            let mut bytes = [0; 64];
            while let Ok(count @ 1..) = tokio::io::AsyncReadExt::read(&mut theirs, &mut bytes).await {
                print(&log, &bytes[..count]);
            }
        });
        Ok(Box::new(ours))
    }

    async fn forget(&self, vmm: VmmUuid) -> Result<(), LaunchError> {
        self.0.state().runs.remove(&vmm);
        drop(fs::remove_file(self.serial_log(vmm)));
        Ok(())
    }

    async fn sweep(&self) -> Result<Vec<Found>, LaunchError> {
        let state = self.0.state();
        if state.fail_sweeps {
            return Err(LaunchError("the test says no".to_string()));
        }
        let alive = state.runs.iter().filter(|(_, run)| run.ended.is_none());
        let ours = alive.map(|(vmm, _)| Found { vmm: Some(*vmm), pid: Some(1), what: "a run".to_string() });
        Ok(ours.chain(state.planted.iter().cloned()).collect())
    }
}
