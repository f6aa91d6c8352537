//! Who gets through to whom: certificates of every wrong kind, from both sides.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::world::{Cluster, Served, anonymous, ask, eventually, mutual, patient, raw, raw_ask, try_ask};
use berth_transport::{Authority, Expected, FrontMode, KeyRing, Subject, mutual_client_builder};
use uuid::Uuid;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn expired(authority: &Authority, subject: &Subject) -> Arc<KeyRing> {
    let past = SystemTime::now() - 366 * DAY;
    KeyRing::new(authority.issue_at(subject, past).expect("a certificate"))
}

/// The front must have seen and refused exactly one handshake, and no request may have come through.
async fn front_refused_one(served: &Served) {
    eventually("a refused handshake", || served.front.counts().handshake_failed == 1).await;
    assert!(served.peers.is_empty());
}

#[tokio::test]
async fn a_sled_of_the_cluster_is_recognised_by_nexus() {
    let cluster = Cluster::new();
    let served = Served::by(&cluster.nexus, FrontMode::Mutual).await;
    let sled = cluster.sled();
    let client = mutual(&sled, cluster.nexus_expected());
    assert_eq!(ask(&client, &served.url()).await, sled.identity().uri());
    let client = mutual(&sled, Expected::any_nexus());
    assert_eq!(ask(&client, &served.url()).await, sled.identity().uri());
}

#[tokio::test]
async fn a_certificate_from_a_clock_an_hour_ahead_is_good() {
    let cluster = Cluster::new();
    let served = Served::by(&cluster.nexus, FrontMode::Mutual).await;
    let ahead = SystemTime::now() + Duration::from_secs(60 * 60);
    let subject = Subject::sled(Uuid::new_v4(), Vec::new());
    let sled = KeyRing::new(cluster.authority.issue_at(&subject, ahead).expect("a certificate"));
    let client = mutual(&sled, Expected::any_nexus());
    assert_eq!(ask(&client, &served.url()).await, sled.identity().uri());
}

#[tokio::test]
async fn a_caller_without_a_certificate_is_turned_away_where_one_is_required() {
    let cluster = Cluster::new();
    let served = Served::by(&cluster.nexus, FrontMode::Mutual).await;
    let client = anonymous(cluster.authority.cert_pem());
    let reason = try_ask(&client, &served.url()).await.expect_err("turned away");
    assert!(reason.contains("CertificateRequired"), "{reason}");
    front_refused_one(&served).await;
}

#[tokio::test]
async fn an_internal_port_takes_both_sleds_and_those_about_to_join() {
    let cluster = Cluster::new();
    let served = Served::by(&cluster.nexus, FrontMode::OptionalClientCert).await;
    let joining = anonymous(cluster.authority.cert_pem());
    assert_eq!(ask(&joining, &served.url()).await, "public 127.0.0.1");
    let sled = cluster.sled();
    let client = mutual(&sled, Expected::any_nexus());
    assert_eq!(ask(&client, &served.url()).await, sled.identity().uri());
}

#[tokio::test]
async fn the_public_port_asks_nobody_for_a_certificate() {
    let cluster = Cluster::new();
    let served = Served::by(&cluster.nexus, FrontMode::ServerOnly).await;
    let client = mutual(&cluster.sled(), Expected::any_nexus());
    assert_eq!(ask(&client, &served.url()).await, "public 127.0.0.1");
}

/// A caller that trusts this cluster but shows the certificate of another authority.
fn impostor(cluster: &Cluster) -> reqwest::Client {
    let foreign = Authority::create(cluster.authority.cluster()).expect("an authority");
    let id = Uuid::new_v4();
    let material = foreign.issue(&Subject::sled(id, Vec::new())).expect("a certificate");
    let certificate = reqwest::Certificate::from_pem(cluster.authority.cert_pem().as_bytes());
    let both = format!("{}{}", material.cert_pem(), material.key_pem().expose());
    reqwest::Client::builder()
        .tls_certs_only([certificate.expect("a certificate")])
        .tls_danger_accept_invalid_hostnames(true)
        .identity(reqwest::Identity::from_pem(both.as_bytes()).expect("an identity"))
        .build()
        .expect("a client")
}

#[tokio::test]
async fn a_certificate_of_a_foreign_authority_is_refused_even_where_none_is_required() {
    let cluster = Cluster::new();
    for mode in [FrontMode::Mutual, FrontMode::OptionalClientCert] {
        let served = Served::by(&cluster.nexus, mode).await;
        let reason = try_ask(&impostor(&cluster), &served.url()).await.expect_err("refused");
        assert!(reason.contains("UnknownCA") || reason.contains("DecryptError"), "{reason}");
        front_refused_one(&served).await;
    }
}

#[tokio::test]
async fn a_server_of_a_foreign_authority_is_refused() {
    let (cluster, foreign) = (Cluster::new(), Cluster::new());
    let served = Served::by(&foreign.nexus, FrontMode::OptionalClientCert).await;
    for client in [mutual(&cluster.sled(), Expected::any_nexus()), anonymous(cluster.authority.cert_pem())] {
        let reason = try_ask(&client, &served.url()).await.expect_err("refused");
        assert!(reason.contains("invalid peer certificate"), "{reason}");
    }
    assert!(served.peers.is_empty());
}

/// The same authority, serving another incarnation of the cluster.
fn reincarnated(cluster: &Cluster) -> Authority {
    let (certificate, key) = (cluster.authority.cert_pem(), cluster.authority.key_pem().clone());
    Authority::from_pem(Uuid::new_v4(), certificate, key).expect("an authority")
}

#[tokio::test]
async fn a_caller_of_another_incarnation_is_refused_by_the_front() {
    let cluster = Cluster::new();
    let served = Served::by(&cluster.nexus, FrontMode::OptionalClientCert).await;
    // It expects its own incarnation; a verifier told otherwise lets us see what the front says.
    let subject = Subject::sled(Uuid::new_v4(), Vec::new());
    let old = KeyRing::new(reincarnated(&cluster).issue(&subject).expect("a certificate"));
    let mut config = berth_transport::client_tls_config(&cluster.sled(), Expected::any_nexus()).expect("TLS");
    config.client_auth_cert_resolver = old;
    let client = reqwest::Client::builder().tls_backend_preconfigured(config).build().expect("a client");
    try_ask(&client, &served.url()).await.expect_err("refused");
    front_refused_one(&served).await;
}

#[tokio::test]
async fn a_server_of_another_incarnation_is_refused_by_the_caller() {
    let cluster = Cluster::new();
    let subject = Subject::nexus(Uuid::new_v4(), Vec::new(), Vec::new());
    let other = KeyRing::new(reincarnated(&cluster).issue(&subject).expect("a certificate"));
    let served = Served::by(&other, FrontMode::OptionalClientCert).await;
    let client = mutual(&cluster.sled(), Expected::any_nexus());
    let reason = try_ask(&client, &served.url()).await.expect_err("refused");
    assert!(reason.contains("belongs to cluster"), "{reason}");
}

#[tokio::test]
async fn a_sled_cannot_play_nexus() {
    let cluster = Cluster::new();
    let sled = cluster.sled();
    let served = Served::by(&sled, FrontMode::OptionalClientCert).await;
    for client in [
        mutual(&cluster.sled(), Expected::any_nexus()),
        mutual(&cluster.sled(), Expected::nexus(sled.identity().id)),
        anonymous(cluster.authority.cert_pem()),
    ] {
        let reason = try_ask(&client, &served.url()).await.expect_err("refused");
        assert!(reason.contains("the peer is a sled, not a nexus"), "{reason}");
    }
}

#[tokio::test]
async fn a_sled_found_at_another_sleds_address_is_refused() {
    let cluster = Cluster::new();
    let sled = cluster.sled();
    let served = Served::by(&sled, FrontMode::Mutual).await;
    let right = mutual(&cluster.nexus, Expected::sled(sled.identity().id));
    assert_eq!(ask(&right, &served.url()).await, cluster.nexus.identity().uri());
    let meant = Uuid::new_v4();
    let wrong = mutual(&cluster.nexus, Expected::sled(meant));
    let reason = try_ask(&wrong, &served.url()).await.expect_err("refused");
    assert!(reason.contains(&format!("not {meant}")), "{reason}");
}

#[tokio::test]
async fn an_expired_certificate_is_refused_from_either_side() {
    let cluster = Cluster::new();
    let served = Served::by(&cluster.nexus, FrontMode::OptionalClientCert).await;
    let old_sled = expired(&cluster.authority, &Subject::sled(Uuid::new_v4(), Vec::new()));
    assert!(old_sled.current().needs_rotation(SystemTime::now()));
    let client = mutual(&old_sled, Expected::any_nexus());
    let reason = try_ask(&client, &served.url()).await.expect_err("refused");
    assert!(reason.contains("CertificateExpired"), "{reason}");
    front_refused_one(&served).await;

    let old_nexus = expired(&cluster.authority, &Subject::nexus(Uuid::new_v4(), Vec::new(), Vec::new()));
    let served = Served::by(&old_nexus, FrontMode::OptionalClientCert).await;
    let client = mutual(&cluster.sled(), Expected::any_nexus());
    let reason = try_ask(&client, &served.url()).await.expect_err("refused");
    assert!(reason.contains("expired"), "{reason}");
}

#[tokio::test]
async fn both_http_versions_come_through() {
    let cluster = Cluster::new();
    let served = Served::by(&cluster.nexus, FrontMode::Mutual).await;
    let sled = cluster.sled();
    let client = mutual(&sled, Expected::any_nexus());
    let answer = client.get(served.url()).send().await.expect("an answer");
    assert_eq!(answer.version(), reqwest::Version::HTTP_2);
    assert_eq!(answer.json::<String>().await.expect("text"), sled.identity().uri());

    let mut stream = raw(served.front.local_addr(), &sled, Expected::any_nexus()).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"http/1.1".as_slice()));
    let answer = raw_ask(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(&sled.identity().uri()), "{answer}");
}

#[tokio::test]
async fn a_client_speaks_only_tls_and_follows_no_redirect_into_plain_text() {
    let cluster = Cluster::new();
    let served = Served::by(&cluster.nexus, FrontMode::Mutual).await;
    let client = mutual(&cluster.sled(), Expected::any_nexus());
    let plain = format!("http://{}/whoami", served.plain.local_addr());
    assert!(try_ask(&client, &plain).await.is_err());
}

#[tokio::test]
async fn new_certificates_are_used_by_both_sides_without_a_restart() {
    let cluster = Cluster::new();
    let sled = cluster.sled();
    let served = Served::by(&cluster.nexus, FrontMode::Mutual).await;
    let client = mutual_client_builder(&sled, Expected::any_nexus()).expect("a builder");
    // No pool: each request shakes hands with the certificates of its moment.
    let client = patient(client.pool_max_idle_per_host(0));
    let server_certificate = async || {
        let stream = raw(served.front.local_addr(), &sled, Expected::any_nexus()).await;
        stream.get_ref().1.peer_certificates().expect("a certificate")[0].to_vec()
    };
    assert_eq!(ask(&client, &served.url()).await, sled.identity().uri());
    let before = server_certificate().await;

    let renewed = |ring: &KeyRing, subject: Subject| {
        let material = cluster.authority.issue(&subject).expect("a certificate");
        ring.replace(material).expect("replaced");
    };
    renewed(&cluster.nexus, Subject::nexus(cluster.nexus.identity().id, Vec::new(), Vec::new()));
    assert_ne!(server_certificate().await, before);
    assert_eq!(ask(&client, &served.url()).await, sled.identity().uri());
    renewed(&sled, Subject::sled(sled.identity().id, Vec::new()));
    assert_eq!(ask(&client, &served.url()).await, sled.identity().uri());
}

#[tokio::test]
async fn a_client_built_with_an_expired_certificate_works_once_it_is_renewed() {
    let cluster = Cluster::new();
    let served = Served::by(&cluster.nexus, FrontMode::Mutual).await;
    let subject = Subject::sled(Uuid::new_v4(), Vec::new());
    let sled = expired(&cluster.authority, &subject);
    let client = mutual(&sled, Expected::any_nexus());
    try_ask(&client, &served.url()).await.expect_err("refused");
    sled.replace(cluster.authority.issue(&subject).expect("a certificate")).expect("replaced");
    assert_eq!(ask(&client, &served.url()).await, sled.identity().uri());
}
