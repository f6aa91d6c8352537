//! One sled under test, and what a nexus asks of it.

use std::sync::Arc;
use std::time::Duration;

use berth_common::Generation;
use berth_common::ids::{
    ClusterUuid, DiskUuid, GenericUuid, InstanceUuid, LedgerUuid, NicUuid, PoolUuid, RequestUuid, VmmUuid,
};
use berth_common::reboot::RebootKind;
use berth_common::vmm::VmmState;
use berth_sled_agent::config::Config;
use berth_sled_agent::hypervisor::Hypervisor;
use berth_sled_agent::server::Agent;
use berth_sled_agent_api::disk::{DiskAnswer, DiskEnsure, DiskSource};
use berth_sled_agent_api::envelope::{DiskEnvelope, Envelope};
use berth_sled_agent_api::report::{SledReport, VmmReport};
use berth_sled_agent_api::spec::{Boot, DiskAttachment, NicSpec, VmmSpec};
use berth_sled_agent_api::vmm::{RebootOrder, SerialChunk, VmmAnswer, VmmDesired, VmmEnsure, VmmStatePut};
use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::hypervisor::{Handle, TestHypervisor};
use crate::nexus::{TestCluster, TestNexus, number};

/// What a request comes to: the answer, or (status, error code, message).
pub type Answer<T> = Result<T, (u16, String, String)>;

pub struct TestSled {
    pub cluster: Arc<TestCluster>,
    pub hypervisor: Arc<TestHypervisor>,
    pub config: Config,
    pub id: Uuid,
    pub agent: Option<Agent>,
    /// What its guests run on, if that isn't the stand-in.
    real: Option<Arc<dyn Hypervisor>>,
    client: reqwest::Client,
    _dir: tempfile::TempDir,
}

/// Fresh ids.
pub fn id<T: GenericUuid>() -> T {
    T::from_untyped_uuid(Uuid::new_v4())
}

/// A VMM to ask for.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub vmm: VmmUuid,
    pub epoch: i64,
    pub spec: VmmSpec,
}

/// A small machine that boots from a disk which the test makes.
pub fn spec_on(pool: PoolUuid, disk: DiskUuid) -> VmmSpec {
    VmmSpec {
        instance: id::<InstanceUuid>(),
        name: "web".parse().expect("a name"),
        cpus: 1,
        memory_mib: 64,
        boot: Boot::Disk,
        disks: vec![DiskAttachment { disk, pool, slot: 0, size_bytes: 4096, file: None }],
        nics: Vec::new(),
        stop_grace_ms: 30_000,
        stop_priority: 0,
    }
}

/// An order to reboot.
pub fn rebooted(number: i64, kind: RebootKind, grace: Duration, spec: VmmSpec) -> VmmDesired {
    let reboot_gen = Generation::from(number);
    let grace_ms = u64::try_from(grace.as_millis()).expect("short");
    VmmDesired::Rebooted { order: Box::new(RebootOrder { reboot_gen, kind, grace_ms, spec }) }
}

pub fn nic() -> NicSpec {
    NicSpec { nic: id::<NicUuid>(), slot: 0, mac: "02:00:00:00:00:01".to_string() }
}

pub fn utf8(dir: &tempfile::TempDir) -> &Utf8Path {
    Utf8Path::from_path(dir.path()).expect("UTF-8")
}

impl TestSled {
    /// Starts an agent with one pool, which knows these nexus.
    pub async fn start(cluster: &Arc<TestCluster>, nexus: &[&TestNexus]) -> TestSled {
        TestSled::start_with(cluster, nexus, |_| {}).await
    }

    pub async fn start_with(
        cluster: &Arc<TestCluster>,
        nexus: &[&TestNexus],
        change: impl FnOnce(&mut Config),
    ) -> TestSled {
        let mut sled = TestSled::new(cluster, nexus, change);
        sled.begin().await;
        sled
    }

    fn new(cluster: &Arc<TestCluster>, nexus: &[&TestNexus], change: impl FnOnce(&mut Config)) -> TestSled {
        let addresses: Vec<&str> = nexus.iter().map(|nexus| nexus.address.as_str()).collect();
        let dir = tempfile::tempdir().expect("a directory");
        let mut config = config(utf8(&dir), &addresses, number(cluster));
        change(&mut config);
        let hypervisor = TestHypervisor::new(utf8(&dir).join("hypervisor"));
        let id = Uuid::new_v4();
        let client = cluster.client_of(id);
        TestSled {
            cluster: cluster.clone(),
            hypervisor,
            config,
            id,
            agent: None,
            real: None,
            client,
            _dir: dir,
        }
    }

    /// The same on another hypervisor.
    pub async fn start_on(
        cluster: &Arc<TestCluster>,
        nexus: &[&TestNexus],
        real: Arc<dyn Hypervisor>,
        change: impl FnOnce(&mut Config),
    ) -> TestSled {
        let mut sled = TestSled::new(cluster, nexus, change);
        sled.real = Some(real);
        sled.begin().await;
        sled
    }

    /// Starts the agent; the ledger is what it was.
    pub async fn begin(&mut self) {
        let hypervisor = match &self.real {
            Some(real) => real.clone(),
            None => Arc::new(Handle(self.hypervisor.clone())),
        };
        let keys = self.cluster.sled_keys(self.id);
        let agent = Agent::start(&self.config, keys, hypervisor, &self.cluster.log).await.expect("an agent");
        self.agent = Some(agent);
    }

    /// Ends the agent; its guests run on.
    pub async fn end(&mut self) {
        self.agent.take().expect("running").close().await;
    }

    pub async fn restart(&mut self) {
        self.end().await;
        self.begin().await;
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.agent.as_ref().expect("running").advertised())
    }

    pub fn ledger_dir(&self) -> Utf8PathBuf {
        self.config.state_dir.join("ledger")
    }

    pub async fn inventory(&self) -> SledReport {
        self.ask(self.client.get(self.url("/vmms"))).await.expect("an inventory")
    }

    /// The agent's metrics, as a page.
    pub async fn metrics(&self) -> Answer<String> {
        let response = self.client.get(self.url("/metrics")).send().await.expect("an answer");
        if !response.status().is_success() {
            return answer_of(response).await;
        }
        Ok(response.text().await.expect("text"))
    }

    pub async fn ledger(&self) -> LedgerUuid {
        self.inventory().await.ledger
    }

    pub async fn report_of(&self, vmm: VmmUuid) -> Option<VmmReport> {
        self.inventory().await.vmms.into_iter().find(|report| report.vmm == vmm)
    }

    pub async fn envelope(&self, wanted: &Wanted) -> Envelope {
        Envelope {
            cluster: self.cluster.id(),
            ledger: self.ledger().await,
            request: id::<RequestUuid>(),
            instance: wanted.spec.instance,
            epoch: Generation::from(wanted.epoch),
            cause: Some("a test".to_string()),
        }
    }

    pub async fn ensure(&self, wanted: &Wanted) -> Answer<VmmAnswer> {
        self.ensure_as(wanted, self.envelope(wanted).await).await
    }

    pub async fn ensure_as(&self, wanted: &Wanted, envelope: Envelope) -> Answer<VmmAnswer> {
        let body = VmmEnsure { envelope, spec: wanted.spec.clone(), incoming: None };
        self.put(&format!("/vmms/{}", wanted.vmm), &body).await
    }

    pub async fn run(&self, wanted: &Wanted) -> Answer<VmmAnswer> {
        self.put_state(wanted, VmmDesired::Running).await
    }

    pub async fn stop(&self, wanted: &Wanted, grace: Duration) -> Answer<VmmAnswer> {
        let grace_ms = u64::try_from(grace.as_millis()).expect("short");
        self.put_state(wanted, VmmDesired::Stopped { grace_ms }).await
    }

    pub async fn reboot(
        &self,
        wanted: &Wanted,
        number: i64,
        kind: RebootKind,
        grace: Duration,
    ) -> Answer<VmmAnswer> {
        self.put_state(wanted, rebooted(number, kind, grace, wanted.spec.clone())).await
    }

    pub async fn put_state(&self, wanted: &Wanted, desired: VmmDesired) -> Answer<VmmAnswer> {
        self.put_state_as(wanted, desired, self.envelope(wanted).await).await
    }

    pub async fn put_state_as(
        &self,
        wanted: &Wanted,
        desired: VmmDesired,
        envelope: Envelope,
    ) -> Answer<VmmAnswer> {
        self.put(&format!("/vmms/{}/state", wanted.vmm), &VmmStatePut { envelope, desired }).await
    }

    pub async fn delete(&self, wanted: &Wanted) -> Answer<VmmAnswer> {
        self.delete_as(wanted, self.envelope(wanted).await).await
    }

    /// Ends it, however long that takes: an answer that comes before the end tells how far it is.
    pub async fn ended(&self, wanted: &Wanted) -> VmmAnswer {
        loop {
            let answer = self.delete(wanted).await.expect("taken");
            if answer.vmm.state.is_terminal() {
                return answer;
            }
        }
    }

    pub async fn delete_as(&self, wanted: &Wanted, envelope: Envelope) -> Answer<VmmAnswer> {
        let Envelope { cluster, ledger, request, instance, epoch, .. } = envelope;
        let query =
            format!("cluster={cluster}&ledger={ledger}&request={request}&instance={instance}&epoch={epoch}");
        self.ask(self.client.delete(self.url(&format!("/vmms/{}?{query}", wanted.vmm)))).await
    }

    pub async fn serial(&self, vmm: VmmUuid) -> Answer<SerialChunk> {
        self.ask(self.client.get(self.url(&format!("/vmms/{vmm}/serial")))).await
    }

    /// The pool's id, as offered.
    pub async fn pool(&self, nexus: &TestNexus) -> PoolUuid {
        let offer = |book: &crate::nexus::Book| Some(book.registered.last()?.pools.first()?.pool);
        nexus.wait("a registration with a pool", offer).await
    }

    pub fn disk_envelope(&self, ledger: LedgerUuid, request: RequestUuid) -> DiskEnvelope {
        DiskEnvelope { cluster: self.cluster.id(), ledger, request, cause: None }
    }

    pub async fn ensure_disk(
        &self,
        pool: PoolUuid,
        disk: DiskUuid,
        size_bytes: u64,
        source: DiskSource,
    ) -> Answer<DiskAnswer> {
        let envelope = self.disk_envelope(self.ledger().await, id());
        self.put(&format!("/pools/{pool}/disks/{disk}"), &DiskEnsure { envelope, size_bytes, source }).await
    }

    pub async fn delete_disk(&self, pool: PoolUuid, disk: DiskUuid) -> Answer<DiskAnswer> {
        let (cluster, ledger): (ClusterUuid, _) = (self.cluster.id(), self.ledger().await);
        let request: RequestUuid = id();
        let query = format!("cluster={cluster}&ledger={ledger}&request={request}");
        self.ask(self.client.delete(self.url(&format!("/pools/{pool}/disks/{disk}?{query}")))).await
    }

    /// A VMM whose disk is there.
    pub async fn wanted(&self, nexus: &TestNexus) -> Wanted {
        let pool = self.pool(nexus).await;
        let disk: DiskUuid = id();
        std::fs::File::create(self.config.pools[0].path.join(format!("{disk}.raw")))
            .and_then(|file| file.set_len(4096))
            .expect("a disk");
        Wanted { vmm: id(), epoch: 5, spec: spec_on(pool, disk) }
    }

    /// A VMM that runs.
    pub async fn running(&self, nexus: &TestNexus) -> Wanted {
        let wanted = self.wanted(nexus).await;
        self.ensure(&wanted).await.expect("registered");
        self.run(&wanted).await.expect("begun");
        self.launched(&wanted).await;
        self.hypervisor.boot(wanted.vmm);
        nexus.wait_vmm(wanted.vmm, "it runs", |report| report.state == VmmState::Running).await;
        wanted
    }

    /// Waits until the ledger has it running: that is written down a while after it is told.
    pub async fn saved_running(&self, wanted: &Wanted) {
        let name = format!("{}_{}_{}.vmm", wanted.vmm, wanted.spec.instance, wanted.epoch);
        let entry = self.ledger_dir().join(name);
        eventually("it is written down", || {
            std::fs::read_to_string(&entry).is_ok_and(|text| text.contains("\"phase\":\"running\""))
        })
        .await;
    }

    /// Waits until the hypervisor was asked to launch it, and its machine is held.
    pub async fn launched(&self, wanted: &Wanted) {
        eventually("a launch", || self.hypervisor.is_running(wanted.vmm)).await;
    }

    pub async fn put<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Answer<T> {
        self.ask(self.client.put(self.url(path)).json(body)).await
    }

    pub async fn ask<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Answer<T> {
        answer_of(request.send().await.expect("an answer")).await
    }
}

pub async fn answer_of<T: DeserializeOwned>(response: reqwest::Response) -> Answer<T> {
    let status = response.status();
    if status.is_success() {
        return Ok(response.json().await.expect("understood"));
    }
    let body: serde_json::Value = response.json().await.expect("an error body");
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_string();
    Err((status.as_u16(), text("error_code"), text("message")))
}

/// Waits, two minutes at most, for something that has no report.
pub async fn eventually(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..24_000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("waited in vain for {what}");
}

/// A configuration below `dir`.
pub fn config(dir: &Utf8Path, nexus: &[&str], number: u32) -> Config {
    let text = format!(
        "name = \"sled-{number}\"\nstate_dir = \"{dir}/state\"\nrun_dir = \"/r\"\nlisten = \"127.0.0.1:0\"\n\
         nexus = {nexus:?}\ncpus = 4\nmemory_mib = 256\nreport_interval_ms = 50\nhypervisor = \"simulated\"\n\
         [[pools]]\nname = \"local\"\nkind = \"local\"\npath = \"{dir}/pool\"\ncapacity_bytes = 1048576\n"
    );
    let path = dir.join("config.toml");
    std::fs::write(&path, text).expect("written");
    Config::read(&path).expect("valid")
}
