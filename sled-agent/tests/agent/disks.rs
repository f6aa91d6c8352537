//! Disks and images: made in the background, deleted for ever, shared between sleds.

use std::time::Duration;

use berth_common::ids::{DiskUuid, ImageUuid, PoolUuid};
use berth_common::storage::{DiskFormat, ImagePart, PoolKind};
use berth_sled_agent_api::disk::{DiskAnswer, DiskProgress, DiskSource};
use berth_sled_agent_api::spec::{Boot, ImageFile};
use sha2::{Digest, Sha256};

use crate::nexus::{TestCluster, TestNexus};
use crate::sled::{Answer, TestSled, Wanted, id};

async fn world() -> (TestNexus, TestSled, PoolUuid) {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let sled = TestSled::start(&cluster, &[&nexus]).await;
    let pool = sled.pool(&nexus).await;
    (nexus, sled, pool)
}

/// Asks until it is no longer being made.
async fn settled(
    sled: &TestSled,
    pool: PoolUuid,
    disk: DiskUuid,
    size: u64,
    source: &DiskSource,
) -> DiskProgress {
    let envelope = sled.disk_envelope(sled.ledger().await, id());
    for _ in 0..6000 {
        let body = berth_sled_agent_api::disk::DiskEnsure {
            envelope: envelope.clone(),
            size_bytes: size,
            source: source.clone(),
        };
        let answer: Answer<DiskAnswer> = sled.put(&format!("/pools/{pool}/disks/{disk}"), &body).await;
        match answer.expect("taken").progress {
            DiskProgress::Creating { .. } => tokio::time::sleep(Duration::from_millis(10)).await,
            progress => return progress,
        }
    }
    panic!("disk {disk} is never done");
}

/// Puts an image into the stand-in.
pub fn upload(nexus: &TestNexus, content: &[u8], part: ImagePart) -> ImageFile {
    let image: ImageUuid = id();
    nexus.book().images.insert(image, content.to_vec());
    let sha256 = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    ImageFile { image, part, sha256, size_bytes: content.len() as u64 }
}

fn from_image(file: ImageFile, format: DiskFormat) -> DiskSource {
    DiskSource::Image { file, format }
}

/// Names of everything in the pool but its marker.
fn files(sled: &TestSled) -> Vec<String> {
    let found = sled.config.pools[0].path.read_dir_utf8().expect("listed");
    let mut names: Vec<_> = found.map(|file| file.expect("found").file_name().to_string()).collect();
    names.retain(|name| name != ".berth-pool");
    names.sort();
    names
}

#[tokio::test]
async fn an_empty_disk_is_made_once_and_deleted_for_ever() {
    let (_nexus, sled, pool) = world().await;
    let disk: DiskUuid = id();
    assert_eq!(settled(&sled, pool, disk, 8192, &DiskSource::Empty).await, DiskProgress::Ready);
    let path = sled.config.pools[0].path.join(format!("{disk}.raw"));
    assert_eq!(std::fs::metadata(&path).expect("there").len(), 8192);
    let (_, code, _) = sled.ensure_disk(pool, disk, 512, DiskSource::Empty).await.expect_err("another size");
    assert_eq!(code, "spec_mismatch");
    assert_eq!(sled.delete_disk(pool, disk).await.expect("deleted").progress, DiskProgress::Deleted);
    assert!(!path.exists());
    let late = sled.ensure_disk(pool, disk, 8192, DiskSource::Empty).await.expect("answered").progress;
    assert_eq!(late, DiskProgress::Deleted, "however late it is asked for");
    assert_eq!(sled.delete_disk(pool, disk).await.expect("so already").progress, DiskProgress::Deleted);
}

#[tokio::test]
async fn an_unknown_disk_can_be_deleted_before_it_is_asked_for() {
    let (_nexus, sled, pool) = world().await;
    let disk: DiskUuid = id();
    sled.delete_disk(pool, disk).await.expect("deleted");
    let late = sled.ensure_disk(pool, disk, 512, DiskSource::Empty).await.expect("answered").progress;
    assert_eq!(late, DiskProgress::Deleted);
    assert_eq!(files(&sled), [format!("{disk}.deleted")]);
}

#[tokio::test]
async fn a_raw_image_is_copied_and_the_rest_is_zeros() {
    let (nexus, sled, pool) = world().await;
    let mut content = vec![7; 3000];
    content.extend(vec![0; 3000]);
    let source = from_image(upload(&nexus, &content, ImagePart::Disk), DiskFormat::Raw);
    let disk: DiskUuid = id();
    assert_eq!(settled(&sled, pool, disk, 8192, &source).await, DiskProgress::Ready);
    let made = std::fs::read(sled.config.pools[0].path.join(format!("{disk}.raw"))).expect("read");
    content.resize(8192, 0);
    assert!(made == content);
    assert_eq!(settled(&sled, pool, id(), 8192, &source).await, DiskProgress::Ready);
    assert_eq!(nexus.book().image_fetches, 1, "the second disk comes from the cache");
}

#[tokio::test]
async fn a_qcow2_image_becomes_a_raw_disk_and_one_with_a_backing_file_is_refused() {
    let (nexus, sled, pool) = world().await;
    let dir = tempfile::tempdir().expect("a directory");
    let path = |name: &str| dir.path().join(name).to_str().expect("UTF-8").to_string();
    std::fs::write(path("raw"), [9; 65536]).expect("written");
    let qemu_img = |arguments: &[&str]| {
        let done = std::process::Command::new("qemu-img").args(arguments).output().expect("qemu-img runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    qemu_img(&["convert", "-f", "raw", "-O", "qcow2", &path("raw"), &path("flat")]);
    qemu_img(&["create", "-q", "-f", "qcow2", "-F", "raw", "-b", &path("raw"), &path("overlay")]);
    let flat = std::fs::read(path("flat")).expect("read");
    let source = from_image(upload(&nexus, &flat, ImagePart::Disk), DiskFormat::Qcow2);
    let disk: DiskUuid = id();
    assert_eq!(settled(&sled, pool, disk, 131_072, &source).await, DiskProgress::Ready);
    let made = std::fs::read(sled.config.pools[0].path.join(format!("{disk}.raw"))).expect("read");
    assert!(made.len() == 131_072 && made[..65536].iter().all(|byte| *byte == 9));
    assert!(made[65536..].iter().all(|byte| *byte == 0));
    let overlay = std::fs::read(path("overlay")).expect("read");
    for (content, words) in [(overlay, "backing file"), (b"no image".to_vec(), "no qcow2")] {
        let source = from_image(upload(&nexus, &content, ImagePart::Disk), DiskFormat::Qcow2);
        let DiskProgress::Failed { message } = settled(&sled, pool, id(), 131_072, &source).await else {
            panic!("refused: {words}");
        };
        assert!(message.contains(words), "{message}");
    }
    assert_eq!(files(&sled), [format!("{disk}.raw")], "nothing is left of what failed");
}

#[tokio::test]
async fn what_cant_be_made_fails_with_its_reason_and_another_request_tries_anew() {
    let (nexus, sled, pool) = world().await;
    let file = upload(&nexus, &[1; 2048], ImagePart::Disk);
    let disk: DiskUuid = id();
    let source = from_image(file.clone(), DiskFormat::Raw);
    let DiskProgress::Failed { message } = settled(&sled, pool, disk, 512, &source).await else {
        panic!("too small");
    };
    assert!(message.contains("2048"), "{message}");
    let other = ImageFile { sha256: "0".repeat(64), ..file };
    let source = from_image(other.clone(), DiskFormat::Raw);
    let DiskProgress::Failed { message } = settled(&sled, pool, disk, 4096, &source).await else {
        panic!("not what was announced");
    };
    assert!(message.contains(&"0".repeat(64)), "{message}");
    assert!(!sled.config.state_dir.join("images").join(&other.sha256).exists());
    assert_eq!(settled(&sled, pool, disk, 4096, &DiskSource::Empty).await, DiskProgress::Ready);
}

#[tokio::test]
async fn a_pool_takes_no_more_than_its_capacity() {
    let (_nexus, sled, pool) = world().await;
    assert_eq!(settled(&sled, pool, id(), 1_048_576 - 512, &DiskSource::Empty).await, DiskProgress::Ready);
    let (status, code, message) =
        sled.ensure_disk(pool, id(), 1024, DiskSource::Empty).await.expect_err("too much");
    assert_eq!((status, code.as_str()), (409, "pool_unavailable"));
    assert!(message.contains("512"), "it says what is left: {message}");
    assert_eq!(settled(&sled, pool, id(), 512, &DiskSource::Empty).await, DiskProgress::Ready);
    let (status, ..) = sled.ensure_disk(pool, id(), 100, DiskSource::Empty).await.expect_err("no sectors");
    assert_eq!(status, 400);
    let (_, code, _) = sled.ensure_disk(id(), id(), 512, DiskSource::Empty).await.expect_err("no such pool");
    assert_eq!(code, "pool_unavailable");
}

#[tokio::test]
async fn a_disk_in_use_is_not_deleted() {
    let (nexus, sled, pool) = world().await;
    let wanted = sled.running(&nexus).await;
    let disk = wanted.spec.disks[0].disk;
    let (_, code, _) = sled.delete_disk(pool, disk).await.expect_err("in use");
    assert_eq!(code, "wrong_state");
    sled.ended(&wanted).await;
    sled.delete_disk(pool, disk).await.expect("deleted");
}

#[tokio::test]
async fn two_sleds_on_one_directory_have_one_pool_and_one_memory_of_deletions() {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let first = TestSled::start(&cluster, &[&nexus]).await;
    let pool = first.pool(&nexus).await;
    let shared = first.config.pools[0].path.clone();
    let others = shared.join(format!(".creating-{}-{}", id::<DiskUuid>(), first.id));
    std::fs::write(&others, b"half").expect("the first one is at work");
    let mut second = TestSled::start_with(&cluster, &[&nexus], |config| {
        config.pools[0].path.clone_from(&shared);
        config.pools[0].kind = PoolKind::Shared;
    })
    .await;
    // Either may have registered more than once.
    let offered = |book: &crate::nexus::Book| {
        let other = book.registered.iter().find(|sled| sled.address != book.registered[0].address);
        other.map(|sled| sled.pools[0].pool)
    };
    assert_eq!(nexus.wait("the second registration", offered).await, pool);
    assert!(others.exists(), "another sled's work is left alone");
    let disk: DiskUuid = id();
    assert_eq!(settled(&first, pool, disk, 512, &DiskSource::Empty).await, DiskProgress::Ready);
    assert_eq!(settled(&second, pool, disk, 512, &DiskSource::Empty).await, DiskProgress::Ready);
    first.delete_disk(pool, disk).await.expect("deleted");
    assert_eq!(settled(&second, pool, disk, 512, &DiskSource::Empty).await, DiskProgress::Deleted);
    let own = shared.join(format!(".creating-{}-{}", id::<DiskUuid>(), second.id));
    std::fs::write(&own, b"half").expect("its own");
    second.restart().await;
    assert!(!own.exists(), "its own leftovers are cleared away");
    assert!(others.exists());
}

#[tokio::test]
async fn a_kernel_is_fetched_once_for_many_vmms_and_checked() {
    let (nexus, sled, _pool) = world().await;
    let kernel = upload(&nexus, b"kernel", ImagePart::Kernel);
    let initrd = upload(&nexus, b"initrd", ImagePart::Initrd);
    let boot = |kernel: &ImageFile| Boot::Kernel {
        kernel: kernel.clone(),
        initrd: initrd.clone(),
        command_line: "console=ttyS0".to_string(),
    };
    let mut first = sled.wanted(&nexus).await;
    first.spec.boot = boot(&kernel);
    let mut second = sled.wanted(&nexus).await;
    second.spec.boot = boot(&kernel);
    let (one, two) = tokio::join!(sled.ensure(&first), sled.ensure(&second));
    one.expect("registered");
    two.expect("registered");
    assert_eq!(nexus.book().image_fetches, 2, "kernel and initrd, once each");
    sled.run(&first).await.expect("begun");
    sled.launched(&first).await;
    let launch = sled.hypervisor.launch_of(first.vmm).expect("launched");
    let berth_sled_agent::hypervisor::LaunchBoot::Kernel { kernel: path, .. } = launch.boot else {
        panic!("a kernel");
    };
    assert_eq!(std::fs::read(path).expect("read"), b"kernel");
    let spoiled = ImageFile { sha256: "f".repeat(64), ..upload(&nexus, b"other!", ImagePart::Kernel) };
    let mut third = Wanted { vmm: id(), ..sled.wanted(&nexus).await };
    third.spec.boot = boot(&spoiled);
    let (_, code, message) = sled.ensure(&third).await.expect_err("not what was announced");
    assert_eq!(code, "image_unavailable", "{message}");
    let missing = ImageFile { image: id(), ..kernel };
    third.spec.boot = boot(&ImageFile { sha256: "e".repeat(64), ..missing });
    let (_, code, _) = sled.ensure(&third).await.expect_err("nexus doesn't have it");
    assert_eq!(code, "image_unavailable");
}
