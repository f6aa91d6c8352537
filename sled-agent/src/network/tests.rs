//! Taps, with a stand-in for `ip` that writes down how it was called, and keeps the kernel's list.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use uuid::Uuid;

use super::*;

struct Host {
    dir: tempfile::TempDir,
    network: Network,
}

/// Adds and deletes entries of the list; fails on everything while a file `broken` exists.
const IP: &str = r#"#!/bin/sh
here=$(dirname "$0")
echo "$@" >> "$here/calls"
if [ -e "$here/broken" ]; then echo "RTNETLINK answers: no" >&2; exit 2; fi
case "$1 $2" in
  "tuntap add") mkdir "$here/net/$4" ;;
  "link delete") rm -r "$here/net/$4" ;;
  "link set") [ -e "$here/net/$4" ] && [ "$5 $6 $7" = "master br0 up" ] ;;
esac
"#;

impl Host {
    fn new(bridge: Option<&str>) -> Host {
        let dir = tempfile::tempdir().expect("a directory");
        let root = Utf8PathBuf::from_path_buf(dir.path().to_owned()).expect("UTF-8");
        let program = root.join("ip");
        fs::write(&program, IP).expect("written");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("executable");
        fs::create_dir_all(root.join("net/br0")).expect("a bridge");
        let exists = move |interface: &str| root.join("net").join(interface).exists();
        let network = Network::with(bridge.map(ToString::to_string), program, Box::new(exists));
        Host { dir, network }
    }

    fn calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.dir.path().join("calls")).unwrap_or_default();
        text.lines().map(ToString::to_string).collect()
    }

    fn has(&self, tap: &str) -> bool {
        self.dir.path().join("net").join(tap).exists()
    }
}

fn vmm(n: u128) -> VmmUuid {
    VmmUuid::from_untyped_uuid(Uuid::from_u128(n))
}

fn nic() -> NicUuid {
    NicUuid::from_untyped_uuid(Uuid::from_u128(0xabcd_ef01_2345 << 80))
}

#[tokio::test]
async fn a_tap_is_made_once_and_its_name_comes_from_the_id() {
    let host = Host::new(Some("br0"));
    let tap = host.network.ensure_tap(vmm(1), nic()).await.expect("made");
    assert_eq!(tap, "btabcdef012345");
    host.network.ensure_tap(vmm(1), nic()).await.expect("already there");
    let made = host.calls().into_iter().filter(|call| call.starts_with("tuntap add")).count();
    assert_eq!(made, 1);
    assert!(host.calls().contains(&format!("link set dev {tap} master br0 up")));
    host.network.release_taps(vmm(1), &[nic()]).await.expect("gone");
    assert!(!host.has(&tap));
    host.network.release_taps(vmm(1), &[nic()]).await.expect("gone already");
}

#[tokio::test]
async fn an_earlier_vmm_that_ends_late_doesnt_take_the_tap_of_its_successor() {
    let host = Host::new(Some("br0"));
    let tap = host.network.ensure_tap(vmm(1), nic()).await.expect("made");
    host.network.ensure_tap(vmm(2), nic()).await.expect("taken over");
    host.network.release_taps(vmm(1), &[nic()]).await.expect("nothing to do");
    assert!(host.has(&tap));
    host.network.release_taps(vmm(2), &[nic()]).await.expect("gone");
    assert!(!host.has(&tap));
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let error = Host::new(None).network.ensure_tap(vmm(1), nic()).await.expect_err("no bridge");
    assert!(matches!(error, NetworkError::NoBridge));
    let error = Host::new(Some("br9")).network.ensure_tap(vmm(1), nic()).await.expect_err("no such bridge");
    assert!(matches!(error, NetworkError::BridgeMissing(_)));
    let host = Host::new(Some("br0"));
    fs::write(host.dir.path().join("broken"), "").expect("written");
    let error = host.network.ensure_tap(vmm(1), nic()).await.expect_err("ip fails");
    assert!(error.to_string().contains("RTNETLINK answers: no"), "{error}");
}

/// Runs a test in a network namespace of its own, with the real `ip`.
fn in_own_namespace(test: impl AsyncFnOnce() + Send + 'static) {
    let thread = std::thread::spawn(move || {
        nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNET).expect("this test needs root");
        // One thread does everything: what it starts is in the namespace too.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(test());
    });
    thread.join().expect("the test holds");
}

fn ip(arguments: &[&str]) -> String {
    let done = std::process::Command::new("ip").args(arguments).output().expect("ip runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).into_owned()
}

#[test]
fn a_real_tap_is_up_on_its_bridge_and_gone_afterwards() {
    in_own_namespace(async || {
        ip(&["link", "add", "br0", "type", "bridge"]);
        let network = Network::new(Some("br0".to_string()));
        let tap = network.ensure_tap(vmm(1), nic()).await.expect("made");
        network.ensure_tap(vmm(1), nic()).await.expect("already there");
        let shown = ip(&["-brief", "link", "show", "master", "br0"]);
        assert!(shown.contains(&tap) && shown.contains("UP"), "{shown}");
        network.release_taps(vmm(1), &[nic()]).await.expect("gone");
        assert!(!ip(&["-brief", "link"]).contains(&tap));
        let error =
            Network::new(Some("br9".to_string())).ensure_tap(vmm(1), nic()).await.expect_err("no bridge");
        assert!(matches!(error, NetworkError::BridgeMissing(_)));
    });
}
