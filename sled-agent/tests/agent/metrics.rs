//! What an agent counts, and whom it tells.

use std::time::Duration;

use berth_common::vmm::EndedBy;
use berth_transport::{Expected, mutual_client};
use uuid::Uuid;

use crate::nexus::{TestCluster, TestNexus};
use crate::sled::{Answer, TestSled, answer_of, eventually};

/// One figure of the page.
pub fn figure(page: &str, name: &str) -> Option<f64> {
    let value = |line: &str| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok();
    page.lines().find_map(value)
}

fn assert_figures(page: &str, expected: &[(&str, f64)]) {
    for (name, value) in expected {
        let name = format!("berth_sled_{name}");
        assert_eq!(figure(page, &name), Some(*value), "{name}: {page}");
    }
}

#[tokio::test]
async fn what_happened_to_guests_and_requests_is_counted() {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let sled = TestSled::start(&cluster, &[&nexus]).await;
    let (stays, stopped, forced) =
        (sled.running(&nexus).await, sled.running(&nexus).await, sled.running(&nexus).await);
    sled.hypervisor.end(stopped.vmm, EndedBy::GuestShutdown);
    sled.hypervisor.end(forced.vmm, EndedBy::ForcedAtDeadline);
    for wanted in [&stopped, &forced] {
        nexus.wait_vmm(wanted.vmm, "ended", |report| report.state.is_terminal()).await;
    }
    let mut greedy = sled.wanted(&nexus).await;
    greedy.spec.cpus = 100;
    for _ in 0..2 {
        sled.ensure(&greedy).await.expect_err("no room");
    }
    sled.run(&greedy).await.expect_err("not registered");

    let page = sled.metrics().await.expect("a page");
    let (cpus, memory_mib) = (f64::from(stays.spec.cpus), f64::from(stays.spec.memory_mib));
    assert_figures(
        &page,
        &[
            ("vmms{name=\"running\"}", 1.0),
            ("vmms{name=\"destroyed\"}", 2.0),
            ("vmms{name=\"starting\"}", 0.0),
            ("vmms_ended_total{name=\"guest_shutdown\"}", 1.0),
            ("vmms_ended_total{name=\"forced_at_deadline\"}", 1.0),
            ("denials_total{name=\"no_capacity\"}", 2.0),
            ("denials_total{name=\"not_registered\"}", 1.0),
            ("cpus", 4.0),
            ("cpus_free", 4.0 - cpus),
            ("memory_mib", 256.0),
            ("memory_mib_free", 256.0 - memory_mib),
            ("quarantined", 0.0),
            ("unrecovered", 0.0),
            ("ledger_failures_total", 0.0),
            ("shutting_down", 0.0),
        ],
    );
    let writes = figure(&page, "berth_sled_ledger_writes_total").expect("counted");
    assert!(writes >= 9.0, "three registered, three launched, two ended: {page}");
}

#[tokio::test]
async fn an_agent_whose_nexus_is_gone_tells_how_long_and_how_much_waits() {
    let cluster = TestCluster::new();
    let mut nexus = TestNexus::start(&cluster).await;
    let sled = TestSled::start(&cluster, &[&nexus]).await;
    let wanted = sled.running(&nexus).await;
    let asked = async |name: &str| figure(&sled.metrics().await.expect("a page"), name);
    let taken = "berth_sled_reports_total{name=\"taken\"}";
    assert!(asked(taken).await.is_some_and(|count| count >= 1.0));
    nexus.die();
    sled.hypervisor.end(wanted.vmm, EndedBy::Crashed);
    let mut unanswered = None;
    while unanswered.is_none() {
        unanswered = asked("berth_sled_reports_total{name=\"unanswered\"}").await;
    }
    // Its end is told to nobody yet. It may come a while after the report that nobody answered.
    while asked("berth_sled_outbox").await != Some(1.0) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let first = asked("berth_sled_report_last_taken_seconds").await.expect("one was taken");
    let later = asked("berth_sled_report_last_taken_seconds").await.expect("one was taken");
    assert!(later > first, "nothing was taken meanwhile");
    nexus.come_back().await;
    nexus.wait_vmm(wanted.vmm, "ended", |report| report.state.is_terminal()).await;
    while asked("berth_sled_outbox").await != Some(0.0) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn what_is_left_alone_is_counted() {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let mut sled = TestSled::start(&cluster, &[&nexus]).await;
    sled.end().await;
    sled.hypervisor.plant(None, 4711, "qemu-system-x86_64 of somebody");
    sled.begin().await;
    nexus
        .wait("it is told", |book| {
            book.reports.last().filter(|said| !said.quarantined.is_empty()).map(|_| ())
        })
        .await;
    assert_figures(&sled.metrics().await.expect("a page"), &[("quarantined", 1.0)]);
    eventually("nothing is killed", || sled.hypervisor.kills().is_empty()).await;
}

#[tokio::test]
async fn only_a_nexus_of_the_cluster_is_told() {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let sled = TestSled::start(&cluster, &[&nexus]).await;
    let other_sled =
        mutual_client(&cluster.sled_keys(Uuid::new_v4()), Expected::sled(sled.id)).expect("a client");
    let refused: Answer<serde_json::Value> =
        answer_of(other_sled.get(sled.url("/metrics")).send().await.expect("an answer")).await;
    assert_eq!(refused.map_err(|(status, code, _)| (status, code)), Err((403, "forbidden".to_string())));
}
