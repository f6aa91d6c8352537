//! Refusals: each by its name, and each leaves everything as it was.

use std::collections::BTreeMap;

use berth_common::refusal::Denial;
use berth_sled_agent_api::vmm::VmmDesired;

use crate::nexus::{TestCluster, TestNexus};
use crate::sled::{Answer, TestSled, Wanted, id, nic};

async fn world() -> (TestNexus, TestSled) {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let sled = TestSled::start(&cluster, &[&nexus]).await;
    (nexus, sled)
}

/// Every byte of the ledger.
fn ledger_bytes(sled: &TestSled) -> BTreeMap<String, Vec<u8>> {
    let files = sled.ledger_dir().read_dir_utf8().expect("listed");
    files
        .map(|file| {
            let file = file.expect("found");
            (file.file_name().to_string(), std::fs::read(file.path()).expect("read"))
        })
        .collect()
}

fn assert_denied<T: std::fmt::Debug>(answer: Answer<T>, denial: Denial) {
    let (status, code, message) = answer.expect_err(denial.as_str());
    assert_eq!((status, code.as_str()), (409, denial.as_str()), "{message}");
    assert!(message.len() > 20, "it says what and why: {message}");
}

#[tokio::test]
async fn every_refusal_has_its_name_and_changes_nothing() {
    let (nexus, sled) = world().await;
    let present = sled.running(&nexus).await;
    let buried = sled.wanted(&nexus).await;
    sled.delete(&buried).await.expect("ended, though never heard of");
    let fresh = sled.wanted(&nexus).await;
    let with = |change: &dyn Fn(&mut Wanted)| {
        let mut wanted = fresh.clone();
        change(&mut wanted);
        wanted
    };
    // From here on nobody but a refusal would change the ledger.
    sled.saved_running(&present).await;
    let before = (ledger_bytes(&sled), sled.inventory().await.vmms);

    let mut other_cluster = sled.envelope(&fresh).await;
    other_cluster.cluster = id();
    assert_denied(sled.ensure_as(&fresh, other_cluster).await, Denial::WrongCluster);
    let mut other_ledger = sled.envelope(&fresh).await;
    other_ledger.ledger = id();
    assert_denied(sled.ensure_as(&fresh, other_ledger.clone()).await, Denial::WrongLedger);
    assert_denied(sled.delete_as(&present, other_ledger.clone()).await, Denial::WrongLedger);
    let stopped = VmmDesired::Stopped { grace_ms: 0 };
    assert_denied(sled.put_state_as(&present, stopped, other_ledger).await, Denial::WrongLedger);

    let late = Wanted { vmm: id(), epoch: present.epoch - 1, ..present.clone() };
    assert_denied(sled.ensure(&late).await, Denial::StaleEpoch);
    let other_machine = with(&|wanted| {
        wanted.vmm = present.vmm;
        wanted.spec = present.spec.clone();
        wanted.spec.cpus += 1;
    });
    assert_denied(sled.ensure(&other_machine).await, Denial::SpecMismatch);
    assert_denied(sled.ensure(&buried).await, Denial::Tombstoned);
    assert_denied(sled.run(&buried).await, Denial::Tombstoned);
    assert_denied(sled.run(&fresh).await, Denial::NotRegistered);
    assert_denied(sled.ensure(&with(&|wanted| wanted.spec.memory_mib = 1000)).await, Denial::NoCapacity);
    assert_denied(sled.ensure(&with(&|wanted| wanted.spec.cpus = 4)).await, Denial::NoCapacity);
    assert_denied(
        sled.ensure(&with(&|wanted| wanted.spec.disks[0].pool = id())).await,
        Denial::PoolUnavailable,
    );
    assert_denied(sled.ensure(&with(&|wanted| wanted.spec.disks[0].disk = id())).await, Denial::DiskMissing);
    assert_denied(
        sled.ensure(&with(&|wanted| wanted.spec.disks[0].size_bytes = 512)).await,
        Denial::DiskMissing,
    );
    assert_denied(
        sled.ensure(&with(&|wanted| wanted.spec.nics.push(nic()))).await,
        Denial::NetworkUnavailable,
    );

    assert_eq!(before, (ledger_bytes(&sled), sled.inventory().await.vmms));
    sled.ensure(&fresh).await.expect("nothing was taken by the refusals");
}

#[tokio::test]
async fn what_makes_no_sense_is_a_bad_request() {
    let (nexus, sled) = world().await;
    let mut wanted = sled.wanted(&nexus).await;
    wanted.spec.cpus = 0;
    let (status, code, _) = sled.ensure(&wanted).await.expect_err("refused");
    assert_eq!((status, code.as_str()), (400, "invalid_request"));
}

#[tokio::test]
async fn the_end_of_an_unknown_vmm_is_a_fact_that_survives_a_restart() {
    let (nexus, mut sled) = world().await;
    let wanted = sled.wanted(&nexus).await;
    let ended = sled.delete(&wanted).await.expect("ended").vmm;
    assert_eq!(ended.ended_by, Some(berth_common::vmm::EndedBy::NeverStarted));
    assert_denied(sled.ensure(&wanted).await, Denial::Tombstoned);
    sled.restart().await;
    assert_denied(sled.ensure(&wanted).await, Denial::Tombstoned);
    let again = sled.delete(&wanted).await.expect("the same").vmm;
    assert_eq!((again.ended_by, again.generation), (ended.ended_by, ended.generation));
}

#[tokio::test]
async fn an_end_of_any_epoch_is_taken() {
    let (nexus, sled) = world().await;
    let wanted = sled.running(&nexus).await;
    let late = Wanted { epoch: 1, ..wanted.clone() };
    sled.delete(&late).await.expect("taken");
    // The answer tells the state so far; a slow disk makes the end come after it.
    nexus.wait_vmm(wanted.vmm, "ended", |report| report.state.is_terminal()).await;
    assert!(!sled.hypervisor.is_running(wanted.vmm));
}
