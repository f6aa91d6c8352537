//! The simulated cluster: nexus, sleds, and the network between them.

use std::sync::{Arc, Weak};
use std::time::Duration;

use anyhow::{Context, Result};
use berth_common::ids::{ClusterUuid, GenericUuid, SledUuid, VmmUuid};
use berth_nexus::agents::{AgentAddress, Wire as ToAgents};
use berth_saga_store::{Direction, Faults, StepFault};
use berth_sled_agent::migration::roads::Roads;
use berth_sled_agent::nexus_client::{Wire as ToNexus, WireError};
use berth_transport::Authority;
use camino::Utf8Path;
use reqwest::{Request, Response};
use slog::{Drain, Logger, o};
use std::sync::Mutex;
use tokio::time::timeout;
use uuid::Uuid;

use crate::ambush::{Ambushes, Sent};
use crate::chance::Chance;
use crate::course::{Course, Mutant};
use crate::doors;
use crate::journal::{Alarms, Journal};
use crate::network::{Network, Place, Weather};
use crate::nexus::{self, Nexus, Process};
use crate::records::Records;
use crate::sled::Sled;
use crate::truth;

/// How large it is.
pub const NEXUS: usize = 2;
pub const SLEDS: usize = 3;

const CLUSTER: Uuid = Uuid::from_u128(0x00000000_0000_4000_8000_0000000000f0);

/// How soon it is seen that a nexus must end, and how soon it is back.
const LOOK_EVERY: Duration = Duration::from_millis(50);
const COMES_BACK_AFTER: Duration = Duration::from_millis(300);

/// All of it.
#[derive(Debug)]
pub struct Cluster {
    pub journal: Arc<Journal>,
    pub network: Network,
    pub nexus: Vec<Nexus>,
    pub sleds: Vec<Sled>,
    /// Ways of migrating guests.
    pub roads: Roads,
    pub ambushes: Ambushes,
    authority: Authority,
    /// What goes wrong inside of a nexus.
    faults: Mutex<Faultiness>,
    log_all: bool,
    mutant: Option<Mutant>,
}

/// How often a nexus is started with a fault in its saga engine.
#[derive(Debug)]
struct Faultiness {
    chance: Chance,
    permille: u64,
    /// How many were started so.
    drawn: u64,
}

impl Cluster {
    /// Nothing runs yet.
    pub fn new(seed: u64, dir: &Utf8Path, records: &Arc<Records>, course: &Course) -> Result<Arc<Cluster>> {
        let cluster = ClusterUuid::from_untyped_uuid(CLUSTER);
        let addresses: Vec<String> = (0..NEXUS).map(nexus::address).collect();
        let roads = Roads::default();
        let sleds = (0..SLEDS).map(|number| {
            let id = Uuid::from_u128(0x00000000_0000_4000_8000_0000000000e0 + number as u128);
            let dir = dir.join(format!("sled-{number}"));
            Sled::new(
                number,
                SledUuid::from_untyped_uuid(id),
                cluster,
                dir,
                addresses.clone(),
                roads.clone(),
                course.report_ms,
            )
        });
        Ok(Arc::new(Cluster {
            journal: Arc::default(),
            network: Network::new(Chance::new(seed, "network"), Weather::FAIR),
            nexus: (0..NEXUS)
                .map(|number| Nexus::new(number, cluster, Arc::clone(records), course.looks_ms))
                .collect(),
            sleds: sleds.collect::<Result<_>>()?,
            roads,
            ambushes: Ambushes::default(),
            authority: Authority::create(CLUSTER)?,
            faults: Mutex::new(Faultiness { chance: Chance::new(seed, "faults"), permille: 0, drawn: 0 }),
            mutant: course.mutant,
            log_all: std::env::var_os("BERTH_HISTORY_LOG").is_some(),
        }))
    }

    /// Of 1000 starts of a nexus, so many have a fault inside.
    pub fn set_faultiness(&self, permille: u64) {
        self.faults.lock().unwrap_or_else(std::sync::PoisonError::into_inner).permille = permille;
    }

    /// How many nexus were started with a fault inside.
    pub fn faults_drawn(&self) -> u64 {
        self.faults.lock().unwrap_or_else(std::sync::PoisonError::into_inner).drawn
    }

    /// Starts a nexus, and watches over it: one that must end comes back.
    pub async fn start_nexus(self: &Arc<Self>, number: usize) {
        let faults = self.next_faults();
        let wire = Arc::new(FromNexus { cluster: Arc::downgrade(self), number });
        let log = self.log(&Place::Nexus(number).to_string());
        self.nexus[number].start(&self.authority, wire, faults, &log).await;
        self.journal.tell(format!("n{number} is up"));
        let Some(process) = self.nexus[number].running() else { return };
        tokio::spawn(Arc::clone(self).watch_over(number, Arc::downgrade(&process)));
    }

    /// Ends a process that must end, and starts the next one in its place. Holds none: a killed one goes.
    async fn watch_over(self: Arc<Self>, number: usize, watched: Weak<Process>) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let Some(process) = watched.upgrade() else { return };
            let Some(why) = process.must_end() else { continue };
            drop(process);
            // Killed meanwhile, it isn't ours to bring back.
            let now = self.nexus[number].running();
            if now.is_some_and(|now| Weak::ptr_eq(&Arc::downgrade(&now), &watched)) {
                self.nexus[number].kill();
                self.journal.tell(format!("n{number} {why}"));
                tokio::time::sleep(COMES_BACK_AFTER).await;
                self.start_nexus_boxed(number).await;
            }
            return;
        }
    }

    fn start_nexus_boxed(self: &Arc<Self>, number: usize) -> futures::future::BoxFuture<'static, ()> {
        let cluster = Arc::clone(self);
        Box::pin(async move { cluster.start_nexus(number).await })
    }

    /// Starts a sled's agent.
    pub fn start_agent(self: &Arc<Self>, number: usize) -> Result<()> {
        let wire = Arc::new(FromSled { cluster: Arc::downgrade(self), number });
        self.sleds[number].start(wire, &self.log(&Place::Sled(number).to_string()))?;
        self.journal.tell(format!("s{number}'s agent is up"));
        Ok(())
    }

    /// The name of a VMM in the journal.
    pub fn vmm(&self, vmm: VmmUuid) -> String {
        self.journal.name("v", vmm.into_untyped_uuid())
    }

    fn log(&self, who: &str) -> Logger {
        let alarms = Alarms { journal: Arc::clone(&self.journal), who: who.to_owned(), all: self.log_all };
        Logger::root(alarms.fuse(), o!())
    }

    fn next_faults(&self) -> Faults {
        let mut faults = self.faults.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let permille = faults.permille;
        if !faults.chance.permille(permille) {
            return Faults::none();
        }
        if faults.chance.below(3) == 0 {
            let k = 1 + faults.chance.below(60);
            faults.drawn += 1;
            self.journal.tell(format!("the next nexus dies after append {k}"));
            return Faults::crash_after_append(k);
        }
        let fault = self.step_fault(&mut faults.chance).unwrap_or_default();
        faults.drawn += 1;
        fault
    }

    /// One fault at one step of one saga. It may never come about.
    fn step_fault(&self, chance: &mut Chance) -> Option<Faults> {
        let registry = berth_nexus::sagas::registry().ok()?;
        let sagas = registry.names();
        let saga = &sagas[usize::try_from(chance.below(sagas.len() as u64)).ok()?];
        let nodes = registry.nodes(&saga.name, saga.version)?;
        let node = &nodes[usize::try_from(chance.below(nodes.len() as u64)).ok()?];
        let direction = if node.undoes && (!node.acts || chance.below(3) == 0) {
            Direction::Undo
        } else {
            Direction::Forward
        };
        let all = [
            StepFault::FailBefore,
            StepFault::FailAfter,
            StepFault::Twice,
            StepFault::CrashBefore,
            StepFault::CrashAfter,
            StepFault::CommitHidden,
            StepFault::CommitLost,
        ];
        // An undo that fails is for an operator: the history would wait for one.
        let possible = if direction == Direction::Undo { &all[2..] } else { &all[..] };
        let fault = possible[usize::try_from(chance.below(possible.len() as u64)).ok()?].clone();
        self.journal.tell(format!("fault {fault:?} at {} {} {direction:?}", saga.name, node.step));
        Some(Faults::at(&node.step, direction, fault))
    }
}

/// A nexus' way to sleds.
#[derive(Debug)]
struct FromNexus {
    cluster: Weak<Cluster>,
    number: usize,
}

/// A sled's way to nexus.
#[derive(Debug)]
struct FromSled {
    cluster: Weak<Cluster>,
    number: usize,
}

#[async_trait::async_trait]
impl ToAgents for FromNexus {
    async fn carry(&self, to: &AgentAddress, request: Request) -> Result<Response, String> {
        let cluster = self.cluster.upgrade().ok_or("the cluster is gone")?;
        let host = host_number(&to.url).map_err(|error| error.to_string())?;
        let limit = request.timeout().copied().unwrap_or(Duration::from_secs(30));
        let (from, to) = (Place::Nexus(self.number), Place::Sled(host));
        let trip = trip(cluster, from, to, request);
        timeout(limit, trip)
            .await
            .map_err(|_| "no answer in time".to_owned())?
            .map_err(|error| error.to_string())
    }
}

#[async_trait::async_trait]
impl ToNexus for FromSled {
    async fn carry(&self, request: Request) -> Result<Response, WireError> {
        let cluster = self.cluster.upgrade().ok_or("the cluster is gone")?;
        let limit = request.timeout().copied().unwrap_or(Duration::from_secs(30));
        let to = Place::Nexus(host_number(request.url().as_str())?);
        Ok(timeout(limit, trip(cluster, Place::Sled(self.number), to, request)).await??)
    }
}

/// `https://s3:1/…` is 3.
fn host_number(url: &str) -> Result<usize, WireError> {
    let url: reqwest::Url = url.parse()?;
    Ok(url.host_str().and_then(|host| host.get(1..)).ok_or("no host")?.parse()?)
}

/// There, perhaps twice, and back. What was delivered goes on even if nobody waits for the answer any more.
async fn trip(
    cluster: Arc<Cluster>,
    from: Place,
    to: Place,
    request: Request,
) -> Result<Response, WireError> {
    cluster.goes_on(from).await;
    cluster.network.travel(from, to).await;
    if let Some(later) = cluster.network.echo()
        && let Some(again) = request.try_clone()
    {
        let cluster = Arc::clone(&cluster);
        tokio::spawn(async move {
            tokio::time::sleep(later).await;
            drop(cluster.deliver(from, to, again).await);
        });
    }
    let delivery = Arc::clone(&cluster);
    let answer = tokio::spawn(async move { delivery.deliver(from, to, request).await }).await??;
    cluster.goes_on(to).await;
    cluster.network.travel(to, from).await;
    cluster.goes_on(from).await;
    Ok(answer)
}

impl Cluster {
    async fn goes_on(&self, place: Place) {
        if let Place::Nexus(number) = place {
            self.nexus[number].goes_on().await;
        }
    }

    async fn deliver(
        self: &Arc<Self>,
        from: Place,
        to: Place,
        request: Request,
    ) -> Result<Response, WireError> {
        self.goes_on(to).await;
        let what = format!("{from} → {to} {} {}", request.method(), request.url().path());
        let mutant = self.mutant;
        if let (Some(Mutant::RunsTwice), Place::Sled(number), Some(copy)) = (mutant, to, request.try_clone())
        {
            self.run_elsewhere((number + 1) % self.sleds.len(), copy).await?;
        }
        if let Place::Sled(number) = to
            && let Some(sent) = Sent::by(&request, number, self)
        {
            if mutant == Some(Mutant::SentGuestsGoOn) {
                tokio::spawn(sent.haunt(Arc::clone(self)));
            }
            self.ambushes.spring(sent);
        }
        let (status, body) = match (from, to) {
            (_, Place::Sled(number)) => {
                let agent = self.sleds[number].agent().ok_or("connection refused")?;
                let worker = Arc::clone(&agent);
                agent.work(async move { doors::agent(&worker.rooms, request, mutant).await }).await??
            }
            (Place::Sled(sled), Place::Nexus(number)) => {
                let process = self.nexus[number].running().ok_or("connection refused")?;
                let (nexus, sled) = (Arc::clone(&process.nexus), self.sleds[sled].id);
                process.work(async move { doors::nexus(&nexus, sled, request, mutant).await }).await??
            }
            (Place::Nexus(_), Place::Nexus(_)) => return Err("nexus don't talk to each other".into()),
        };
        if !what.ends_with("/internal/report") || status != 200 {
            self.journal.tell(self.journal.readable(&format!("{what}: {status}")));
        }
        truth::never_two(self);
        let response = http::Response::builder().status(status).body(body).context("an answer")?;
        Ok(Response::from(response))
    }

    /// What a network that delivers to the wrong host would do, if nobody checked who is meant.
    async fn run_elsewhere(&self, number: usize, request: Request) -> Result<(), WireError> {
        let Some(agent) = self.sleds[number].agent() else { return Ok(()) };
        let Some(bytes) = request.body().and_then(reqwest::Body::as_bytes) else { return Ok(()) };
        let mut body: serde_json::Value = serde_json::from_slice(bytes)?;
        body["envelope"]["ledger"] = serde_json::to_value(agent.rooms.addressee.ledger)?;
        let mut copy = Request::new(request.method().clone(), request.url().clone());
        *copy.body_mut() = Some(serde_json::to_vec(&body)?.into());
        let worker = Arc::clone(&agent);
        agent.work(async move { doors::agent(&worker.rooms, copy, None).await }).await??;
        Ok(())
    }
}
