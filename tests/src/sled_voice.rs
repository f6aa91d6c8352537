//! Speaks to nexus with a sled's own certificate, while the sled's agent is silent: late, repeated and reordered
//! reports are said by hand.

use crate::api::patient;
use crate::{Records, Runtime};
use anyhow::{Context, Result, ensure};
use berth_common::Generation;
use berth_common::ids::{BootUuid, GenericUuid, InstanceUuid, LedgerUuid, VmmUuid};
use berth_common::vmm::{EndedBy, VmmState};
use berth_sled_agent_api::report::{Recovered, ReportAnswer, SledReport, VmmReport};
use berth_transport::{Expected, KeyMaterial, KeyRing, mutual_client_builder};
use camino::Utf8Path;
use uuid::Uuid;

/// The voice of one sled.
#[derive(Clone, Debug)]
pub struct SledVoice {
    runtime: Runtime,
    http: reqwest::Client,
    doors: Vec<String>,
    boot: Uuid,
    ledger: Uuid,
    lease_epoch: i64,
    sequence: i64,
}

/// A VMM as the records know it.
#[derive(Clone, Copy, Debug)]
pub struct KnownVmm {
    pub vmm: Uuid,
    pub instance: Uuid,
    pub epoch: i64,
    pub generation: i64,
}

impl SledVoice {
    /// `state`: the state directory of the sled's agent. `doors`: `https://host:port` of each nexus' internal door.
    pub fn of(
        runtime: Runtime,
        state: &Utf8Path,
        sled: &str,
        doors: Vec<String>,
        records: &mut Records,
    ) -> Result<SledVoice> {
        let keys = KeyRing::new(KeyMaterial::load(state.join("identity"))?);
        let http = patient(mutual_client_builder(&keys, Expected::any_nexus())?)?;
        let row = records.client().query_one(
            "SELECT boot_id, ledger_id, lease_epoch, report_seq FROM sled WHERE name = $1",
            &[&sled],
        )?;
        Ok(SledVoice {
            runtime,
            http,
            doors,
            boot: row.get(0),
            ledger: row.get(1),
            lease_epoch: row.get(2),
            sequence: row.get(3),
        })
    }

    /// An instance's VMM as the records know it.
    pub fn known(records: &mut Records, instance: Uuid) -> Result<KnownVmm> {
        let row = records.client().query_one(
            "SELECT v.id, v.epoch, v.gen FROM vmm v JOIN instance i ON i.active_vmm_id = v.id WHERE i.id = $1",
            &[&instance],
        )?;
        Ok(KnownVmm { vmm: row.get(0), instance, epoch: row.get(1), generation: row.get(2) })
    }

    /// What a sled would say of a VMM, `later` generations after what is known.
    pub fn of_vmm(known: KnownVmm, later: i64, state: VmmState, ended_by: Option<EndedBy>) -> VmmReport {
        VmmReport {
            vmm: VmmUuid::from_untyped_uuid(known.vmm),
            instance: InstanceUuid::from_untyped_uuid(known.instance),
            epoch: Generation::from(known.epoch),
            generation: Generation::from(known.generation + later),
            state,
            ended_by,
            detail: None,
            stop_remaining_ms: None,
            unresponsive: false,
            stuck: false,
            reboot: None,
            migration: None,
        }
    }

    /// The sled's next report, of these VMMs only.
    pub fn report(&mut self, vmms: Vec<VmmReport>) -> Result<SledReport> {
        self.sequence += 1;
        Ok(SledReport {
            quarantined: Vec::new(),
            boot: BootUuid::from_untyped_uuid(self.boot),
            ledger: LedgerUuid::from_untyped_uuid(self.ledger),
            lease_epoch: Generation::from(self.lease_epoch),
            sequence: u64::try_from(self.sequence)?,
            recovered: Recovered { done: 0, total: 0 },
            full: false,
            vmms,
        })
    }

    /// Says it at one door.
    pub fn say(&self, door: usize, report: &SledReport) -> Result<ReportAnswer> {
        self.runtime.block_on(self.say_at(door, report))
    }

    /// Says the same at all doors at once.
    pub fn say_everywhere(&self, report: &SledReport) -> Result<Vec<ReportAnswer>> {
        let all = (0..self.doors.len()).map(|door| self.say_at(door, report));
        self.runtime.block_on(futures::future::try_join_all(all))
    }

    async fn say_at(&self, door: usize, report: &SledReport) -> Result<ReportAnswer> {
        let url = format!("{}/internal/report", self.doors[door]);
        let response =
            self.http.post(&url).json(report).send().await.with_context(|| format!("reporting to {url}"))?;
        let status = response.status();
        let text = response.text().await?;
        ensure!(status.is_success(), "{url} answered {status}: {text}");
        Ok(serde_json::from_str(&text)?)
    }
}
