//! The host's own disk is full: nothing new, and what is here is served.

use std::fs::File;
use std::io::Write;
use std::process::Command;
use std::time::Duration;

use berth_common::reboot::RebootKind;
use berth_common::vmm::{EndedBy, VmmState};
use camino::{Utf8Path, Utf8PathBuf};

use crate::nexus::{TestCluster, TestNexus};
use crate::sled::TestSled;

/// A small file system, unmounted at the end.
struct SmallDisk(Utf8PathBuf);

impl SmallDisk {
    fn mount(at: &Utf8Path) -> SmallDisk {
        std::fs::create_dir_all(at).expect("made");
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "none", at.as_str()]).status();
        assert!(done.expect("mount runs").success(), "this test mounts a tmpfs: run it as root");
        SmallDisk(at.to_owned())
    }

    fn fill(&self) {
        let mut file = File::create(self.0.join("ballast")).expect("made");
        while file.write_all(&[0; 1024]).is_ok() {}
    }

    fn relieve(&self) {
        std::fs::remove_file(self.0.join("ballast")).expect("removed");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(self.0.as_str()).status());
    }
}

#[tokio::test]
async fn a_full_disk_refuses_new_vmms_and_starts_and_serves_stops_and_ends() {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let mut disk = None;
    let sled = TestSled::start_with(&cluster, &[&nexus], |config| {
        disk = Some(SmallDisk::mount(&config.state_dir.join("ledger")));
        (config.cpus, config.memory_mib) = (Some(8), Some(1024));
    })
    .await;
    let disk = disk.expect("mounted");
    let (running, doomed) = (sled.running(&nexus).await, sled.running(&nexus).await);
    let waiting = sled.wanted(&nexus).await;
    sled.ensure(&waiting).await.expect("registered");
    let rebooting = sled.running(&nexus).await;
    for wanted in [&running, &doomed, &rebooting] {
        // What is written down late must not meet a disk that is being filled.
        sled.saved_running(wanted).await;
    }
    disk.fill();
    let fresh = sled.wanted(&nexus).await;
    let (status, code, message) = sled.ensure(&fresh).await.expect_err("refused");
    assert_eq!((status, code.as_str()), (409, "ledger_full"), "{message}");
    assert!(sled.report_of(fresh.vmm).await.is_none());
    let (_, code, _) =
        sled.reboot(&rebooting, 1, RebootKind::Hard, Duration::ZERO).await.expect_err("refused");
    assert_eq!(code, "ledger_full");
    let untouched = sled.report_of(rebooting.vmm).await.expect("there");
    assert_eq!((untouched.state, untouched.reboot), (VmmState::Running, None));
    let (_, code, _) = sled.run(&waiting).await.expect_err("refused");
    assert_eq!(code, "ledger_full");
    assert_eq!(sled.report_of(waiting.vmm).await.expect("there").state, VmmState::Starting);
    assert_eq!(sled.hypervisor.launches().len(), 3, "it wasn't begun");

    sled.stop(&running, Duration::from_secs(30)).await.expect("stopped");
    sled.hypervisor.end(running.vmm, EndedBy::GracefulStop);
    nexus.wait_vmm(running.vmm, "ended", |report| report.ended_by == Some(EndedBy::GracefulStop)).await;
    let ended = sled.ended(&doomed).await.vmm;
    assert_eq!(ended.ended_by, Some(EndedBy::Killed));
    disk.relieve();
    sled.ensure(&fresh).await.expect("there is room again");
    sled.run(&waiting).await.expect("begun");
}
