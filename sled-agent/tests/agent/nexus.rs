//! A stand-in for nexus: it writes down what it is told, and answers as the test wants.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use berth_common::Generation;
use berth_common::ids::{ClusterUuid, GenericUuid, ImageUuid, SledUuid, VmmUuid};
use berth_sled_agent_api::nexus::nexus_internal_api_mod::api_description;
use berth_sled_agent_api::nexus::{ImageFilePath, NexusInternalApi};
use berth_sled_agent_api::report::{ReportAnswer, SledReport, Verdict, VmmReport, VmmVerdict};
use berth_sled_agent_api::sled::{
    JoinRequest, Joined, PlannedDown, Registered, RenewCertificate, RenewedCertificate, SledRegister,
};
use berth_transport::{
    Authority, Expected, Front, FrontConfig, FrontMode, KeyRing, Peer, PeerTable, Role, Subject,
    mutual_client_builder,
};
use dropshot::{
    Body, ClientErrorStatusCode, ConfigDropshot, HttpError, HttpResponseOk, HttpResponseUpdatedNoContent,
    HttpServer, Path, RequestContext, ServerBuilder, TypedBody,
};
use slog::{Logger, o};
use tokio::net::TcpSocket;
use uuid::Uuid;

/// Nothing here takes longer, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a stand-in was told, and what it shall say.
#[derive(Debug, Default)]
pub struct Book {
    pub registered: Vec<SledRegister>,
    pub reports: Vec<SledReport>,
    /// Reports are answered and not kept before a sled registers.
    pub until_registered: bool,
    pub lease_epoch: i64,
    pub planned_down: Vec<PlannedDown>,
    /// Named in every answer.
    pub learned: Vec<String>,
    pub verdicts: HashMap<VmmUuid, Verdict>,
    /// The next so many joins are done, and their answers lost.
    pub lose_joins: u32,
    pub images: HashMap<ImageUuid, Vec<u8>>,
    pub image_fetches: u32,
}

/// A cluster's authority, and whatever it signed.
#[derive(Debug)]
pub struct TestCluster {
    pub authority: Authority,
    pub log: Logger,
    joined: Mutex<HashMap<String, Uuid>>,
    next: AtomicU32,
}

impl TestCluster {
    pub fn new() -> Arc<TestCluster> {
        berth_transport::install_provider();
        let authority = Authority::create(Uuid::new_v4()).expect("an authority");
        let log = Logger::root(slog::Discard, o!());
        Arc::new(TestCluster { authority, log, joined: Mutex::default(), next: AtomicU32::new(0) })
    }

    pub fn id(&self) -> ClusterUuid {
        ClusterUuid::from_untyped_uuid(self.authority.cluster())
    }

    pub fn sled_keys(&self, sled: Uuid) -> Arc<KeyRing> {
        KeyRing::new(self.authority.issue(&Subject::sled(sled, Vec::new())).expect("issued"))
    }

    pub fn nexus_keys(&self) -> Arc<KeyRing> {
        let subject = Subject::nexus(Uuid::new_v4(), Vec::new(), Vec::new());
        KeyRing::new(self.authority.issue(&subject).expect("issued"))
    }

    /// A client that is a nexus, for the sled's door. It waits longer than nexus itself: a busy machine is no fault of
    /// the sled.
    pub fn client_of(&self, sled: Uuid) -> reqwest::Client {
        let client = mutual_client_builder(&self.nexus_keys(), Expected::sled(sled)).expect("a client");
        client
            .connect_timeout(PATIENCE)
            .timeout(PATIENCE)
            .http2_keep_alive_interval(None::<Duration>)
            .build()
            .expect("a client")
    }
}

#[derive(Debug)]
pub struct Door {
    cluster: Arc<TestCluster>,
    peers: Arc<PeerTable>,
    book: Mutex<Book>,
    told: tokio::sync::Notify,
}

/// One running stand-in.
pub struct TestNexus {
    door: Arc<Door>,
    front: Option<Front>,
    server: HttpServer<Arc<Door>>,
    /// Has the front's port and never listens: while this nexus is dead nobody else is given it, and connections are
    /// refused.
    _port: TcpSocket,
    pub address: String,
}

impl TestNexus {
    pub async fn start(cluster: &Arc<TestCluster>) -> TestNexus {
        let book = Book { lease_epoch: 1, ..Book::default() };
        let peers = PeerTable::new();
        let door = Arc::new(Door {
            cluster: cluster.clone(),
            peers: peers.clone(),
            book: Mutex::new(book),
            told: tokio::sync::Notify::new(),
        });
        let config =
            ConfigDropshot { bind_address: (Ipv4Addr::LOCALHOST, 0).into(), ..ConfigDropshot::default() };
        let server = ServerBuilder::new(
            api_description::<NexusDoor>().expect("an API"),
            door.clone(),
            cluster.log.clone(),
        )
        .config(config)
        .start()
        .expect("a server");
        let port = TcpSocket::new_v4().expect("a socket");
        // As listeners are: one of them may have the same port.
        port.set_reuseaddr(true).expect("set");
        port.bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a port");
        let bind = port.local_addr().expect("bound");
        let front = FrontConfig::new(bind, server.local_addr(), FrontMode::OptionalClientCert);
        let front = Front::start(front, cluster.nexus_keys(), peers, &cluster.log).await.expect("a front");
        let address = format!("https://{}", front.local_addr());
        TestNexus { door, front: Some(front), server, _port: port, address }
    }

    pub fn book(&self) -> MutexGuard<'_, Book> {
        self.door.book.lock().expect("no panic before")
    }

    /// It is not there any more: every connection is cut.
    pub fn die(&mut self) {
        self.front = None;
    }

    /// It is there again, at the same address.
    pub async fn come_back(&mut self) {
        let bind = self.address.trim_start_matches("https://").parse().expect("an address");
        let front = FrontConfig::new(bind, self.server.local_addr(), FrontMode::OptionalClientCert);
        let (keys, peers) = (self.door.cluster.nexus_keys(), self.door.peers.clone());
        self.front = Some(Front::start(front, keys, peers, &self.door.cluster.log).await.expect("a front"));
    }

    /// Waits until what was told answers a question.
    pub async fn wait<T>(&self, what: &str, ask: impl Fn(&Book) -> Option<T>) -> T {
        let waited = tokio::time::timeout(PATIENCE, async {
            loop {
                let told = self.door.told.notified();
                if let Some(answer) = ask(&self.book()) {
                    return answer;
                }
                told.await;
            }
        });
        match waited.await {
            Ok(answer) => answer,
            Err(_) => panic!("waited in vain for: {what}; told last: {:?}", self.book().reports.last()),
        }
    }

    /// Waits for a report of the VMM that is as wanted.
    pub async fn wait_vmm(&self, vmm: VmmUuid, what: &str, wanted: impl Fn(&VmmReport) -> bool) -> VmmReport {
        self.wait(what, |book| newest(book, vmm).filter(|report| wanted(report))).await
    }

    pub async fn wait_full(&self) -> SledReport {
        let wanted = |book: &Book| {
            let complete = |report: &&SledReport| report.full && report.recovered.is_complete();
            book.reports.iter().rev().find(complete).cloned()
        };
        self.wait("a complete full report", wanted).await
    }

    /// Forgets what was told so far.
    pub fn turn_page(&self) {
        self.book().reports.clear();
    }

    /// Forgets what was told, and what an agent that goes may still be telling: until the next one registers. For one
    /// sled, whose agent is gone.
    pub fn turn_page_for_next(&self) {
        let mut book = self.book();
        book.reports.clear();
        book.until_registered = true;
    }
}

/// The newest told of a VMM, as nexus would keep it: the highest generation, and terminal is final.
pub fn newest(book: &Book, vmm: VmmUuid) -> Option<VmmReport> {
    let told = book.reports.iter().flat_map(|report| &report.vmms).filter(|report| report.vmm == vmm);
    told.max_by_key(|report| report.generation).cloned()
}

#[derive(Debug)]
enum NexusDoor {}

type Request = RequestContext<Arc<Door>>;

fn book(request: &Request) -> MutexGuard<'_, Book> {
    request.context().book.lock().expect("no panic before")
}

/// Only sleds of the cluster may report: an agent without its certificate is noticed here.
fn sled_only(request: &Request) -> Result<(), HttpError> {
    let peer = request.context().peers.lookup(request.request.remote_addr());
    match peer.as_ref().and_then(Peer::identity) {
        Some(peer) if peer.role == Role::Sled => Ok(()),
        _ => Err(HttpError::for_client_error(
            None,
            ClientErrorStatusCode::UNAUTHORIZED,
            "who are you".to_string(),
        )),
    }
}

impl NexusInternalApi for NexusDoor {
    type Context = Arc<Door>;

    async fn sled_join(
        request: Request,
        body: TypedBody<JoinRequest>,
    ) -> Result<HttpResponseOk<Joined>, HttpError> {
        let body = body.into_inner();
        if body.token != "the token" {
            let code = Some("join_token_invalid".to_string());
            return Err(HttpError::for_client_error(
                code,
                ClientErrorStatusCode::CONFLICT,
                "no such token".to_string(),
            ));
        }
        let cluster = &request.context().cluster;
        let sled =
            *cluster.joined.lock().expect("no panic before").entry(body.token).or_insert_with(Uuid::new_v4);
        let certificate_pem =
            cluster.authority.sign_request(&body.csr_pem, &Subject::sled(sled, Vec::new())).expect("signed");
        let mut book = book(&request);
        if book.lose_joins > 0 {
            book.lose_joins -= 1;
            return Err(HttpError::for_unavail(None, "lost".to_string()));
        }
        Ok(HttpResponseOk(Joined {
            sled: SledUuid::from_untyped_uuid(sled),
            cluster: cluster.id(),
            certificate_pem,
            ca_pem: cluster.authority.cert_pem().to_string(),
        }))
    }

    async fn sled_renew_certificate(
        _: Request,
        _: TypedBody<RenewCertificate>,
    ) -> Result<HttpResponseOk<RenewedCertificate>, HttpError> {
        Err(HttpError::for_unavail(None, "not in these tests".to_string()))
    }

    async fn sled_register(
        request: Request,
        body: TypedBody<SledRegister>,
    ) -> Result<HttpResponseOk<Registered>, HttpError> {
        sled_only(&request)?;
        let mut book = book(&request);
        book.registered.push(body.into_inner());
        book.until_registered = false;
        request.context().told.notify_waiters();
        let lease_epoch = Generation::from(book.lease_epoch);
        Ok(HttpResponseOk(Registered { lease_epoch, nexus: book.learned.clone() }))
    }

    async fn sled_report(
        request: Request,
        body: TypedBody<SledReport>,
    ) -> Result<HttpResponseOk<ReportAnswer>, HttpError> {
        sled_only(&request)?;
        let report = body.into_inner();
        let mut book = book(&request);
        let lease_epoch = Generation::from(book.lease_epoch);
        let verdicts = report
            .vmms
            .iter()
            .filter_map(|vmm| Some(VmmVerdict { vmm: vmm.vmm, verdict: *book.verdicts.get(&vmm.vmm)? }))
            .collect();
        // A report of an old epoch changes nothing.
        if report.lease_epoch == lease_epoch && !book.until_registered {
            book.reports.push(report);
        }
        request.context().told.notify_waiters();
        Ok(HttpResponseOk(ReportAnswer { lease_epoch, verdicts, nexus: book.learned.clone() }))
    }

    async fn sled_planned_down(
        request: Request,
        body: TypedBody<PlannedDown>,
    ) -> Result<HttpResponseUpdatedNoContent, HttpError> {
        sled_only(&request)?;
        book(&request).planned_down.push(body.into_inner());
        request.context().told.notify_waiters();
        Ok(HttpResponseUpdatedNoContent())
    }

    async fn image_file(
        request: Request,
        path: Path<ImageFilePath>,
    ) -> Result<http::Response<Body>, HttpError> {
        sled_only(&request)?;
        let path = path.into_inner();
        let content = {
            let mut book = book(&request);
            book.image_fetches += 1;
            book.images.get(&path.image).cloned()
        };
        // Long enough for a second fetch to begin if it would.
        tokio::time::sleep(Duration::from_millis(50)).await;
        let content = content.ok_or_else(|| HttpError::for_not_found(None, "no such image".to_string()))?;
        Ok(http::Response::new(Body::from(content)))
    }
}

/// The next number: for names that differ within one test run.
pub fn number(cluster: &TestCluster) -> u32 {
    cluster.next.fetch_add(1, Ordering::Relaxed)
}
