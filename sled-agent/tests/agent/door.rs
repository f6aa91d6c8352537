//! Who is let in.

use berth_sled_agent_api::agent::AgentHealth;
use berth_transport::{ca_client_builder, mutual_client};
use uuid::Uuid;

use crate::nexus::{TestCluster, TestNexus};
use crate::sled::{Answer, TestSled, answer_of};

#[tokio::test]
async fn only_a_nexus_of_the_cluster_is_served() {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let sled = TestSled::start(&cluster, &[&nexus]).await;
    let expected = berth_transport::Expected::sled(sled.id);
    let other_sled = mutual_client(&cluster.sled_keys(Uuid::new_v4()), expected).expect("a client");
    let refused: Answer<serde_json::Value> =
        answer_of(other_sled.get(sled.url("/vmms")).send().await.expect("an answer")).await;
    assert_eq!(refused.map_err(|(status, code, _)| (status, code)), Err((403, "forbidden".to_string())));
    let health: Answer<AgentHealth> =
        answer_of(other_sled.get(sled.url("/health")).send().await.expect("an answer")).await;
    assert_eq!(health.expect("healthy").sled.map(|sled| sled.to_string()), Some(sled.id.to_string()));
    let foreign = TestCluster::new();
    let stranger = mutual_client(&foreign.nexus_keys(), expected).expect("a client");
    stranger.get(sled.url("/health")).send().await.expect_err("another authority");
}

#[tokio::test]
async fn nothing_but_the_health_is_told_to_who_has_no_certificate() {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let sled = TestSled::start(&cluster, &[&nexus]).await;
    // Berth's own client takes no sled for a server; a plain one that trusts the CA is what a monitor uses.
    drop(ca_client_builder(cluster.authority.cert_pem()).expect("a client"));
    let ca = reqwest::Certificate::from_pem(cluster.authority.cert_pem().as_bytes()).expect("a CA");
    let address = sled.agent.as_ref().expect("running").address();
    let plain = reqwest::Client::builder()
        .tls_certs_only([ca])
        .danger_accept_invalid_hostnames(true)
        .no_proxy()
        .build()
        .expect("a client");
    let health: Answer<AgentHealth> =
        answer_of(plain.get(format!("https://{address}/health")).send().await.expect("an answer")).await;
    health.expect("healthy");
    let refused: Answer<serde_json::Value> =
        answer_of(plain.get(format!("https://{address}/vmms")).send().await.expect("an answer")).await;
    assert_eq!(
        refused.map_err(|(status, code, _)| (status, code)),
        Err((401, "unauthenticated".to_string()))
    );
}
