//! The live console: history and what comes, several readers, typing; refused as anything else is.

use std::sync::Arc;
use std::time::Duration;

use berth_common::reboot::RebootKind;
use berth_common::vmm::EndedBy;
use berth_sled_agent_api::console::ConsoleTold;
use berth_transport::{Expected, client_tls_config};
use futures::{SinkExt, StreamExt};
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error as WebSocketError, Message};

use crate::nexus::{TestCluster, TestNexus};
use crate::sled::{TestSled, Wanted};

const PATIENCE: Duration = Duration::from_secs(30);

async fn world() -> (TestNexus, TestSled, Wanted) {
    let cluster = TestCluster::new();
    let nexus = TestNexus::start(&cluster).await;
    let sled = TestSled::start(&cluster, &[&nexus]).await;
    let wanted = sled.running(&nexus).await;
    (nexus, sled, wanted)
}

/// One who reads, and types.
struct Reader(WebSocketStream<tokio_rustls::client::TlsStream<TcpStream>>);

impl Reader {
    async fn open(sled: &TestSled, wanted: &Wanted, query: &str) -> Result<Reader, WebSocketError> {
        let url = sled.url(&format!("/vmms/{}/console{query}", wanted.vmm));
        let address =
            url.strip_prefix("https://").and_then(|rest| rest.split('/').next()).expect("host:port");
        let mut config =
            client_tls_config(&sled.cluster.nexus_keys(), Expected::sled(sled.id)).expect("a configuration");
        // A websocket is begun by HTTP/1.1.
        config.alpn_protocols.clear();
        let name = ServerName::try_from("sled").expect("a name; who it is says the certificate");
        let tcp = TcpStream::connect(address).await.expect("connected");
        let tls =
            tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, tcp).await.expect("shaken");
        let request = url.replace("https://", "wss://");
        tokio_tungstenite::client_async(request, tls).await.map(|(socket, _)| Reader(socket))
    }

    async fn next(&mut self) -> Message {
        loop {
            let message =
                timeout(PATIENCE, self.0.next()).await.expect("in time").expect("open").expect("whole");
            if !matches!(message, Message::Ping(_)) {
                return message;
            }
        }
    }

    async fn told(&mut self) -> ConsoleTold {
        match self.next().await {
            Message::Text(text) => serde_json::from_str(&text).expect("JSON"),
            other => panic!("{other:?} instead of a text frame"),
        }
    }

    /// Reads output until it ends with this.
    async fn until(&mut self, end: &str) -> String {
        let mut text = String::new();
        while !text.ends_with(end) {
            match self.next().await {
                Message::Binary(bytes) => text += &String::from_utf8_lossy(&bytes),
                other => panic!("{other:?} after {text:?}"),
            }
        }
        text
    }

    async fn type_in(&mut self, text: &str) {
        self.0.send(Message::binary(text.as_bytes().to_vec())).await.expect("typed");
    }
}

#[tokio::test]
async fn several_readers_see_history_then_what_comes_and_what_each_other_types() {
    let (_nexus, sled, wanted) = world().await;
    let mut first = Reader::open(&sled, &wanted, "").await.expect("open");
    assert_eq!(first.told().await, ConsoleTold::Begin { from: 0 });
    assert_eq!(first.until("run 1\n").await, "run 1\n");
    sled.hypervisor.print(wanted.vmm, "more\n");
    first.until("more\n").await;
    let mut second = Reader::open(&sled, &wanted, "?from=4").await.expect("open");
    assert_eq!(second.told().await, ConsoleTold::Begin { from: 4 });
    second.until("1\nmore\n").await;
    first.type_in("ls\n").await;
    assert_eq!(first.until("ls\n").await, "ls\n");
    assert_eq!(second.until("ls\n").await, "ls\n");
    second.type_in("exit\n").await;
    first.until("exit\n").await;
    second.until("exit\n").await;
}

#[tokio::test]
async fn a_console_stays_over_a_reboot_and_ends_after_all_output_when_the_vmm_is_over() {
    let (nexus, sled, wanted) = world().await;
    let mut reader = Reader::open(&sled, &wanted, "").await.expect("open");
    assert_eq!(reader.told().await, ConsoleTold::Begin { from: 0 });
    reader.type_in("a\n").await;
    reader.until("a\n").await;
    sled.reboot(&wanted, 1, RebootKind::Hard, Duration::ZERO).await.expect("accepted");
    reader.until("run 2\n").await;
    reader.type_in("b\n").await;
    reader.until("b\n").await;
    sled.hypervisor.print(wanted.vmm, "last words\n");
    sled.hypervisor.end(wanted.vmm, EndedBy::GuestShutdown);
    reader.until("last words\n").await;
    assert_eq!(reader.told().await, ConsoleTold::End);
    assert!(matches!(reader.next().await, Message::Close(_)));
    nexus.wait_vmm(wanted.vmm, "ended", |report| report.state.is_terminal()).await;
    let mut late = Reader::open(&sled, &wanted, "?from=0").await.expect("open");
    assert_eq!(late.told().await, ConsoleTold::Begin { from: 0 });
    late.until("last words\n").await;
    assert_eq!(late.told().await, ConsoleTold::End);
}

#[tokio::test]
async fn what_is_typed_where_nobody_reads_is_dropped_and_told() {
    let (nexus, sled, _) = world().await;
    let wanted = sled.wanted(&nexus).await;
    sled.ensure(&wanted).await.expect("registered");
    let mut reader = Reader::open(&sled, &wanted, "").await.expect("open: it may run later");
    assert_eq!(reader.told().await, ConsoleTold::Begin { from: 0 });
    reader.type_in("hello?").await;
    assert_eq!(reader.told().await, ConsoleTold::InputDropped { bytes: 6 });
}

#[tokio::test]
async fn a_reader_that_comes_back_says_where_it_was() {
    let (_nexus, mut sled, wanted) = world().await;
    sled.hypervisor.print(wanted.vmm, "one\n");
    let mut reader = Reader::open(&sled, &wanted, "?from=6").await.expect("open");
    reader.told().await;
    reader.until("one\n").await;
    sled.restart().await;
    sled.hypervisor.print(wanted.vmm, "two\n");
    let mut back = Reader::open(&sled, &wanted, "?from=10").await.expect("open");
    assert_eq!(back.told().await, ConsoleTold::Begin { from: 10 });
    assert_eq!(back.until("two\n").await, "two\n");
}

#[tokio::test]
async fn what_isnt_served_is_refused_before_the_upgrade() {
    let (nexus, sled, wanted) = world().await;
    let unknown = sled.wanted(&nexus).await;
    match Reader::open(&sled, &unknown, "").await {
        Err(WebSocketError::Http(response)) => assert_eq!(response.status(), 404),
        other => panic!("{:?}", other.map(|_| "served")),
    }
    let ca = reqwest::Certificate::from_pem(sled.cluster.authority.cert_pem().as_bytes()).expect("a CA");
    let plain = reqwest::Client::builder()
        .tls_certs_only([ca])
        .danger_accept_invalid_hostnames(true)
        .http1_only()
        .no_proxy()
        .build()
        .expect("a client without a certificate");
    let upgrade = plain
        .get(format!(
            "https://{}/vmms/{}/console",
            sled.agent.as_ref().expect("running").address(),
            wanted.vmm
        ))
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    assert_eq!(upgrade.send().await.expect("an answer").status(), 401);
}
