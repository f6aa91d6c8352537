//! The program as a process, on a host of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use berth_common::Generation;
use berth_common::ids::{DiskUuid, LedgerUuid, PoolUuid, VmmUuid};
use berth_sled_agent::shim::durable;
use berth_sled_agent::shim::place::Place;
use berth_sled_agent::shim::records::Held;
use berth_sled_agent_api::envelope::Envelope;
use berth_sled_agent_api::vmm::{SerialChunk, VmmAnswer, VmmDesired, VmmEnsure, VmmStatePut};
use camino::Utf8PathBuf;
use serde::Serialize;

use crate::nexus::{TestCluster, TestNexus};
use crate::sled::{Answer, Wanted, answer_of, config, id, spec_on, utf8};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_sled-agent");

/// A process that is killed with the test.
#[derive(Debug)]
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A host with the program on it.
pub struct TestHost {
    cluster: Arc<TestCluster>,
    dir: tempfile::TempDir,
    program: Option<Program>,
    address: String,
    client: reqwest::Client,
    pool: PoolUuid,
    ledger: LedgerUuid,
}

impl TestHost {
    /// Starts the program, which joins. `hypervisor`: lines of the configuration.
    pub async fn start(cluster: &Arc<TestCluster>, nexus: &TestNexus, hypervisor: &str) -> TestHost {
        let dir = tempfile::tempdir().expect("a directory");
        config(utf8(&dir), &[&nexus.address], 1);
        let root = utf8(&dir);
        std::fs::write(root.join("token"), "the token").expect("written");
        std::fs::write(root.join("ca.pem"), cluster.authority.cert_pem()).expect("written");
        let path = root.join("config.toml");
        let text = std::fs::read_to_string(&path).expect("read");
        let text = text
            .replace("run_dir = \"/r\"", &format!("run_dir = \"{root}/r\""))
            .replace("hypervisor = \"simulated\"", hypervisor)
            .replace("cpus = 4\nmemory_mib = 256\n", "cpus = 600\nmemory_mib = 65536\n");
        let join = format!("[join]\ntoken_file = \"{root}/token\"\nca_file = \"{root}/ca.pem\"\n");
        std::fs::write(&path, text + &join).expect("written");
        let (program, address) = begin(path);
        let full = nexus.wait_full().await;
        let pool = nexus.book().registered[0].pools[0].pool;
        let material = berth_transport::KeyMaterial::load(root.join("state/identity")).expect("joined");
        let client = cluster.client_of(material.identity().id);
        TestHost {
            cluster: cluster.clone(),
            dir,
            program: Some(program),
            address,
            client,
            pool,
            ledger: full.ledger,
        }
    }

    /// Kills the program as nothing else can, and starts it anew.
    pub fn kill_and_start_again(&mut self) {
        self.kill();
        self.start_again();
    }

    /// Tells the program to end, as an upgrade does.
    pub fn end(&mut self) {
        let mut program = self.program.take().expect("running");
        nix::sys::signal::kill(
            nix::unistd::Pid::from_raw(program.0.id().cast_signed()),
            nix::sys::signal::SIGTERM,
        )
        .expect("told");
        let status = program.0.wait().expect("ours");
        assert!(status.success(), "told to end, it ends well: {status}");
    }

    /// Kills the program as nothing else can.
    pub fn kill(&mut self) {
        self.program = None;
    }

    /// Starts the program that isn't running.
    pub fn start_again(&mut self) {
        let (program, address) = begin(self.config());
        (self.program, self.address) = (Some(program), address);
    }

    /// The program's process, while it runs.
    pub fn pid(&self) -> i32 {
        self.program.as_ref().expect("running").0.id().cast_signed()
    }

    /// Begins `sled-agent shutdown` with these arguments.
    pub fn begin_shutdown(&self, arguments: &[&str]) -> Child {
        Command::new(PROGRAM)
            .args(["shutdown", "--config", self.config().as_str()])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts")
    }

    pub fn dir(&self) -> &camino::Utf8Path {
        utf8(&self.dir)
    }

    /// Spoils a VMM's ledger entry. The program must not be running.
    pub fn spoil_entry(&self, wanted: &Wanted) {
        let ledger = self.dir().join("state/ledger");
        let of_vmm = |path: &Utf8PathBuf| path.as_str().contains(&wanted.vmm.to_string());
        let path = ledger
            .read_dir_utf8()
            .expect("listed")
            .map(|found| found.expect("read").into_path())
            .find(of_vmm);
        std::fs::write(path.expect("an entry"), b"spoiled").expect("written");
    }

    pub fn config(&self) -> Utf8PathBuf {
        utf8(&self.dir).join("config.toml")
    }

    /// Where a VMM's sockets and its shim's records are.
    pub fn vmm_dir(&self, vmm: VmmUuid) -> Utf8PathBuf {
        self.config().with_file_name("r").join("vmms").join(vmm.to_string())
    }

    /// Who runs, as the shim wrote it down.
    pub fn held(&self, wanted: &Wanted) -> Held {
        let place = Place::new(self.vmm_dir(wanted.vmm));
        durable::read_json(&place.held()).expect("readable").expect("held")
    }

    /// A VMM with a disk that is there.
    pub fn wanted(&self) -> Wanted {
        let disk: DiskUuid = id();
        std::fs::File::create(utf8(&self.dir).join(format!("pool/{disk}.raw")))
            .and_then(|file| file.set_len(1 << 16))
            .expect("a disk");
        let mut spec = spec_on(self.pool, disk);
        spec.disks[0].size_bytes = 1 << 16;
        Wanted { vmm: id(), epoch: 1, spec }
    }

    fn envelope(&self, wanted: &Wanted) -> Envelope {
        Envelope {
            cluster: self.cluster.id(),
            ledger: self.ledger,
            request: id(),
            instance: wanted.spec.instance,
            epoch: Generation::from(wanted.epoch),
            cause: None,
        }
    }

    pub async fn ensure(&self, wanted: &Wanted) -> VmmAnswer {
        let body = VmmEnsure { envelope: self.envelope(wanted), spec: wanted.spec.clone(), incoming: None };
        self.put(&format!("/vmms/{}", wanted.vmm), &body).await
    }

    pub async fn put_state(&self, wanted: &Wanted, desired: VmmDesired) -> VmmAnswer {
        self.try_put_state(wanted, desired).await.expect("taken")
    }

    pub async fn try_put_state(&self, wanted: &Wanted, desired: VmmDesired) -> Answer<VmmAnswer> {
        let body = VmmStatePut { envelope: self.envelope(wanted), desired };
        self.try_put(&format!("/vmms/{}/state", wanted.vmm), &body).await
    }

    pub async fn try_ensure(&self, wanted: &Wanted) -> Answer<VmmAnswer> {
        let body = VmmEnsure { envelope: self.envelope(wanted), spec: wanted.spec.clone(), incoming: None };
        self.try_put(&format!("/vmms/{}", wanted.vmm), &body).await
    }

    async fn put(&self, path: &str, body: &impl Serialize) -> VmmAnswer {
        self.try_put(path, body).await.expect("taken")
    }

    async fn try_put(&self, path: &str, body: &impl Serialize) -> Answer<VmmAnswer> {
        let sent = self.client.put(format!("{}{path}", self.address)).json(body).send().await;
        answer_of(sent.expect("an answer")).await
    }

    /// What the guest printed so far.
    pub async fn serial(&self, wanted: &Wanted) -> String {
        use base64::Engine;
        let url = format!("{}/vmms/{}/serial?from=0&max_bytes=1048576", self.address, wanted.vmm);
        let answer = answer_of(self.client.get(url).send().await.expect("an answer")).await;
        let chunk: SerialChunk = answer.expect("a log");
        let bytes = base64::engine::general_purpose::STANDARD.decode(chunk.data_base64).expect("base64");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Waits until the guest has printed a line with this in it, and returns the line.
    pub async fn wait_serial(&self, wanted: &Wanted, needle: &str) -> String {
        for _ in 0..1800 {
            let log = self.serial(wanted).await;
            // A line that is being printed isn't one yet.
            let mut whole = log.split_inclusive('\n').filter(|line| line.ends_with('\n'));
            if let Some(line) = whole.find(|line| line.contains(needle)) {
                return line.trim_end_matches(['\r', '\n']).to_string();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{needle:?} never came: {}", self.serial(wanted).await);
    }
}

/// Guests outlive the program, but not the test: whatever runs with a path of this host in its arguments is ended.
impl Drop for TestHost {
    fn drop(&mut self) {
        self.program = None;
        let mark = utf8(&self.dir).as_str().as_bytes();
        for process in std::fs::read_dir("/proc").expect("listed").filter_map(Result::ok) {
            let name = process.file_name();
            let Some(pid) = name.to_str().and_then(|name| name.parse::<i32>().ok()) else { continue };
            let arguments = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
            if arguments.windows(mark.len()).any(|window| window == mark) {
                nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::SIGKILL).ok();
            }
        }
    }
}

fn begin(config: Utf8PathBuf) -> (Program, String) {
    let mut child = Command::new(PROGRAM)
        .args(["run", "--config", config.as_str()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut line = String::new();
    let stdout = child.stdout.take().expect("piped");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    let address = line.trim().strip_prefix("sled-agent serves at ").expect("where it serves").to_string();
    (Program(child), address)
}
