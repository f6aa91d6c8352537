//! A host becomes a sled, once.

use berth_sled_agent::config::{Config, JoinConfig};
use berth_sled_agent::join::{self, JoinError};
use camino::Utf8Path;

use crate::nexus::{TestCluster, TestNexus};
use crate::sled::{config, eventually, utf8};

fn joining(dir: &Utf8Path, cluster: &TestCluster, nexus: &TestNexus, token: &str) -> Config {
    let mut config = config(dir, &[&nexus.address], 1);
    let (token_file, ca_file) = (dir.join("token"), dir.join("ca.pem"));
    std::fs::write(&token_file, format!("{token}\n")).expect("written");
    std::fs::write(&ca_file, cluster.authority.cert_pem()).expect("written");
    config.join = Some(JoinConfig { token_file, ca_file });
    config
}

#[tokio::test]
async fn a_host_that_joined_is_the_same_sled_without_asking_again() {
    let cluster = TestCluster::new();
    let mut nexus = TestNexus::start(&cluster).await;
    let dir = tempfile::tempdir().expect("a directory");
    let config = joining(utf8(&dir), &cluster, &nexus, "the token");
    let joined = join::keys(&config, &cluster.log).await.expect("joined");
    assert_eq!(joined.identity().cluster, cluster.authority.cluster());
    assert!(!config.identity_dir().join("join-key.pem").exists());
    nexus.die();
    let again = join::keys(&config, &cluster.log).await.expect("known");
    assert_eq!(again.identity(), joined.identity());
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_with_the_same_key() {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    nexus.book().lose_joins = 1000;
    let dir = tempfile::tempdir().expect("a directory");
    let config = joining(utf8(&dir), &cluster, &nexus, "the token");
    tokio::select! {
        ended = join::keys(&config, &cluster.log) => panic!("it goes on asking: {:?}", ended.map(drop)),
        () = eventually("it asked twice", || nexus.book().lose_joins < 999) => {}
    }
    let key = std::fs::read_to_string(config.identity_dir().join("join-key.pem")).expect("kept");
    nexus.book().lose_joins = 0;
    let joined = join::keys(&config, &cluster.log).await.expect("joined");
    assert_eq!(joined.current().key_pem().expose().trim(), key.trim());
}

#[tokio::test]
async fn a_wrong_token_ends_it_with_a_reason() {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let dir = tempfile::tempdir().expect("a directory");
    let mut config = joining(utf8(&dir), &cluster, &nexus, "another token");
    let error = join::keys(&config, &cluster.log).await.expect_err("refused");
    assert!(matches!(error, JoinError::Refused(_)));
    assert!(error.to_string().contains("join_token_invalid"), "{error}");
    config.join = None;
    let error = join::keys(&config, &cluster.log).await.expect_err("no way to join");
    assert!(matches!(error, JoinError::NotConfigured));
}

#[tokio::test]
async fn a_nexus_of_another_authority_gets_no_token() {
    let (cluster, impostor) = (TestCluster::new(), TestCluster::new());
    let nexus = TestNexus::start(&impostor).await;
    let dir = tempfile::tempdir().expect("a directory");
    let config = joining(utf8(&dir), &cluster, &nexus, "the token");
    let tried =
        tokio::time::timeout(std::time::Duration::from_millis(500), join::keys(&config, &cluster.log)).await;
    assert!(tried.is_err(), "it waits for a nexus it can trust");
}
