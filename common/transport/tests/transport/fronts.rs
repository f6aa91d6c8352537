//! The front's limits, its table of peers, and its end.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::world::{
    Cluster, LONG, Served, any_port, ask, eventually, front_to, log, mutual, raw, raw_ask, say, try_ask,
};
use berth_transport::{Expected, Front, FrontConfig, FrontError, FrontMode, PeerTable};
use futures::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;

const SHORT: Duration = Duration::from_millis(200);

/// Waits until the other side has closed, by an end or by a reset.
async fn closed(stream: &mut (impl AsyncReadExt + Unpin)) {
    let end = timeout(LONG, stream.read(&mut [0; 64])).await.expect("closed in time");
    assert!(matches!(end, Ok(0) | Err(_)), "{end:?}");
}

#[tokio::test]
async fn a_request_around_the_front_comes_from_nobody() {
    let cluster = Cluster::new();
    let served = Served::by(&cluster.nexus, FrontMode::Mutual).await;
    let client = mutual(&cluster.sled(), Expected::any_nexus());
    ask(&client, &served.url()).await;
    assert_eq!(served.peers.len(), 1, "a proven connection stands meanwhile");
    let plain = format!("http://{}/whoami", served.plain.local_addr());
    assert_eq!(ask(&reqwest::Client::new(), &plain).await, "nobody");
}

#[tokio::test]
async fn a_caller_that_never_shakes_hands_is_dropped() {
    let cluster = Cluster::new();
    let served =
        Served::with(&cluster.nexus, FrontMode::Mutual, |config| config.handshake_timeout = SHORT).await;
    let started = Instant::now();
    let mut silent = TcpStream::connect(served.front.local_addr()).await.expect("a connection");
    closed(&mut silent).await;
    assert!(started.elapsed() >= SHORT);
    eventually("it is counted", || served.front.counts().handshake_failed == 1).await;
}

#[tokio::test]
async fn a_caller_that_does_not_speak_tls_is_dropped() {
    let cluster = Cluster::new();
    let served = Served::by(&cluster.nexus, FrontMode::OptionalClientCert).await;
    let mut caller = TcpStream::connect(served.front.local_addr()).await.expect("a connection");
    caller.write_all(b"GET /whoami HTTP/1.1\r\nhost: berth\r\n\r\n").await.expect("sent");
    let mut answer = Vec::new();
    let _reset = timeout(LONG, caller.read_to_end(&mut answer)).await.expect("closed");
    assert!(!answer.starts_with(b"HTTP/"), "no plain request may be answered");
    eventually("it is counted", || served.front.counts().handshake_failed == 1).await;
}

#[tokio::test]
async fn a_caller_silent_after_its_handshake_is_dropped_before_the_server_hears_of_it() {
    let cluster = Cluster::new();
    let plain = TcpListener::bind(any_port()).await.expect("a listener");
    let peers = PeerTable::new();
    let upstream = plain.local_addr().expect("an address");
    let front = front_to(upstream, &cluster.nexus, &peers, FrontMode::Mutual, |config| {
        config.first_byte_timeout = SHORT;
    })
    .await;
    let mut silent = raw(front.local_addr(), &cluster.sled(), Expected::any_nexus()).await;
    closed(&mut silent).await;
    eventually("it is counted", || front.counts().silent == 1).await;
    assert!(timeout(SHORT, plain.accept()).await.is_err(), "the plain server was connected to");
    assert!(peers.is_empty());
}

#[tokio::test]
async fn a_connection_over_the_limit_is_closed_and_a_freed_slot_is_used_again() {
    let cluster = Cluster::new();
    let served = Served::with(&cluster.nexus, FrontMode::Mutual, |config| config.max_connections = 2).await;
    let sled = cluster.sled();
    let address = served.front.local_addr();
    let first = raw(address, &sled, Expected::any_nexus()).await;
    let _second = raw(address, &sled, Expected::any_nexus()).await;
    let mut third = TcpStream::connect(address).await.expect("a connection");
    closed(&mut third).await;
    assert_eq!(served.front.counts().refused_by_limit, 1);

    drop(first);
    let deadline = Instant::now() + LONG;
    let client = mutual(&sled, Expected::any_nexus());
    while try_ask(&client, &served.url()).await.is_err() {
        assert!(Instant::now() < deadline, "the slot was not given back");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn many_callers_at_once_are_told_apart_and_leave_no_entry() {
    const SLEDS: usize = 8;
    const CALLS_EACH: usize = 12;
    let cluster = Cluster::new();
    let served = Served::by(&cluster.nexus, FrontMode::Mutual).await;
    let address = served.front.local_addr();
    let sleds: Vec<_> = (0..SLEDS).map(|_| cluster.sled()).collect();
    let calls = sleds.iter().cycle().take(SLEDS * CALLS_EACH).enumerate().map(|(turn, sled)| async move {
        let mut stream = raw(address, sled, Expected::any_nexus()).await;
        if turn % 5 == 4 {
            // Some say half a request and vanish without a goodbye.
            say(&mut stream, b"GET /who").await;
            return;
        }
        let answer = raw_ask(&mut stream).await;
        assert!(answer.contains(&sled.identity().uri()), "{answer}");
    });
    join_all(calls).await;
    eventually("the table is empty", || served.peers.is_empty()).await;
    assert_eq!(served.front.counts().accepted, (SLEDS * CALLS_EACH) as u64);
    assert_eq!(served.front.counts().handshake_failed, 0);
}

/// A plain server of one connection: reads until `enough`, then answers with `answer` and closes.
async fn one_answer(
    enough: impl Fn(&[u8]) -> bool + Send + 'static,
    answer: &'static [u8],
) -> (SocketAddr, tokio::task::JoinHandle<Vec<u8>>) {
    let plain = TcpListener::bind(any_port()).await.expect("a listener");
    let address = plain.local_addr().expect("an address");
    let server = tokio::spawn(async move {
        let (mut socket, _) = plain.accept().await.expect("a connection");
        let mut heard = Vec::new();
        let mut buffer = [0; 4096];
        while !enough(&heard) {
            match socket.read(&mut buffer).await.expect("bytes") {
                0 => break,
                length => heard.extend_from_slice(&buffer[..length]),
            }
        }
        socket.write_all(answer).await.expect("answered");
        heard
    });
    (address, server)
}

#[tokio::test]
async fn a_caller_that_has_finished_sending_still_gets_its_answer() {
    let cluster = Cluster::new();
    let (upstream, server) = one_answer(|_| false, b"the answer").await;
    let peers = PeerTable::new();
    let front = front_to(upstream, &cluster.nexus, &peers, FrontMode::Mutual, |_| {}).await;
    let mut caller = raw(front.local_addr(), &cluster.sled(), Expected::any_nexus()).await;
    let question = vec![b'q'; 300_000];
    say(&mut caller, &question).await;
    caller.shutdown().await.expect("finished sending");
    let mut answer = Vec::new();
    timeout(LONG, caller.read_to_end(&mut answer)).await.expect("in time").expect("an answer");
    assert_eq!(answer, b"the answer");
    assert_eq!(server.await.expect("the server"), question);
    eventually("the table is empty", || peers.is_empty()).await;
}

#[tokio::test]
async fn an_early_answer_reaches_a_caller_that_reads_only_when_it_has_sent_all() {
    let cluster = Cluster::new();
    let sled = cluster.sled();
    // Whether the front first sees the answer or the broken pipe is chance and pace: several rounds meet both.
    for round in 0..8 {
        let (upstream, _server) = one_answer(|heard| heard.len() > 10_000, b"too large").await;
        let peers = PeerTable::new();
        // On a busy machine the caller may need more than a second to send the rest.
        let front = front_to(upstream, &cluster.nexus, &peers, FrontMode::Mutual, |config| {
            config.goodbye_timeout = LONG;
        })
        .await;
        let mut caller = raw(front.local_addr(), &sled, Expected::any_nexus()).await;
        let chunk = vec![b'x'; 64 * 1024];
        for _ in 0..20 {
            say(&mut caller, &chunk).await;
            if round % 2 == 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
        let mut answer = Vec::new();
        timeout(LONG, caller.read_to_end(&mut answer)).await.expect("in time").expect("an answer");
        assert_eq!(answer, b"too large");
        assert!(peers.is_empty());
    }
}

#[tokio::test]
async fn a_caller_that_never_stops_sending_is_cut_soon_after_the_answer() {
    let cluster = Cluster::new();
    let (upstream, _server) = one_answer(|heard| heard.len() > 10_000, b"too large").await;
    let peers = PeerTable::new();
    let front = front_to(upstream, &cluster.nexus, &peers, FrontMode::Mutual, |_| {}).await;
    let mut caller = raw(front.local_addr(), &cluster.sled(), Expected::any_nexus()).await;
    let sending = async {
        let chunk = vec![b'x'; 64 * 1024];
        while caller.write_all(&chunk).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(LONG, sending).await.expect("cut in time");
    assert!(peers.is_empty());
}

#[tokio::test]
async fn the_entry_goes_when_the_server_closes_though_the_caller_stays() {
    let cluster = Cluster::new();
    let (upstream, _server) = one_answer(|heard| !heard.is_empty(), b"bye").await;
    let peers = PeerTable::new();
    let front = front_to(upstream, &cluster.nexus, &peers, FrontMode::Mutual, |_| {}).await;
    let mut caller = raw(front.local_addr(), &cluster.sled(), Expected::any_nexus()).await;
    say(&mut caller, b"hello").await;
    eventually("the server was reached", || front.counts().accepted == 1).await;
    let mut answer = Vec::new();
    timeout(LONG, caller.read_to_end(&mut answer)).await.expect("in time").expect("an answer");
    assert_eq!(answer, b"bye");
    assert!(peers.is_empty(), "the entry must not outlive the server's side");
}

#[tokio::test]
async fn a_server_that_is_down_is_counted_and_the_caller_is_let_go() {
    let cluster = Cluster::new();
    // Bound, so that no other test gets the port; nobody listens there.
    let down = TcpSocket::new_v4().expect("a socket");
    down.bind(any_port()).expect("a port");
    let upstream = down.local_addr().expect("an address");
    let peers = PeerTable::new();
    let front = front_to(upstream, &cluster.nexus, &peers, FrontMode::Mutual, |_| {}).await;
    let mut caller = raw(front.local_addr(), &cluster.sled(), Expected::any_nexus()).await;
    say(&mut caller, b"hello").await;
    closed(&mut caller).await;
    eventually("it is counted", || front.counts().upstream_unreachable == 1).await;
    assert!(peers.is_empty());
}

#[tokio::test]
async fn a_server_that_is_not_on_loopback_is_refused() {
    let cluster = Cluster::new();
    let upstream = SocketAddr::from(([192, 0, 2, 1], 80));
    let config = FrontConfig::new(any_port(), upstream, FrontMode::Mutual);
    let refused = Front::start(config, cluster.nexus.clone(), PeerTable::new(), &log()).await;
    assert!(matches!(refused, Err(FrontError::UpstreamNotLoopback { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_port_that_is_taken_is_refused() {
    let cluster = Cluster::new();
    let taken = TcpListener::bind(any_port()).await.expect("a listener");
    let address = taken.local_addr().expect("an address");
    let config = FrontConfig::new(address, address, FrontMode::Mutual);
    let refused = Front::start(config, cluster.nexus.clone(), PeerTable::new(), &log()).await;
    assert!(matches!(refused, Err(FrontError::Bind { bind, .. }) if bind == address), "{refused:?}");
}

#[tokio::test]
async fn closing_waits_for_an_answer_on_its_way_and_takes_nobody_new() {
    let cluster = Cluster::new();
    let plain = TcpListener::bind(any_port()).await.expect("a listener");
    let upstream = plain.local_addr().expect("an address");
    let peers = PeerTable::new();
    let front = front_to(upstream, &cluster.nexus, &peers, FrontMode::Mutual, |config| {
        config.drain_timeout = LONG;
    })
    .await;
    let address = front.local_addr();
    let mut caller = raw(address, &cluster.sled(), Expected::any_nexus()).await;
    say(&mut caller, b"hello").await;
    let (mut server, _) = plain.accept().await.expect("a connection");
    let closing = tokio::spawn(front.close());
    let deadline = Instant::now() + LONG;
    while TcpStream::connect(address).await.is_ok() {
        assert!(Instant::now() < deadline, "still accepting");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(!closing.is_finished(), "the answer is still on its way");
    server.write_all(b"late").await.expect("answered");
    drop(server);
    let mut answer = [0; 4];
    timeout(LONG, caller.read_exact(&mut answer)).await.expect("in time").expect("an answer");
    assert_eq!(&answer, b"late");
    drop(caller);
    timeout(LONG, closing).await.expect("closed").expect("no panic");
    assert!(peers.is_empty());
}

#[tokio::test]
async fn closing_cuts_an_idle_caller_after_the_drain_time() {
    let cluster = Cluster::new();
    let served = Served::with(&cluster.nexus, FrontMode::Mutual, |config| config.drain_timeout = SHORT).await;
    let client = mutual(&cluster.sled(), Expected::any_nexus());
    ask(&client, &served.url()).await;
    let Served { front, peers, .. } = served;
    timeout(LONG, front.close()).await.expect("closed");
    assert!(peers.is_empty());
}

#[tokio::test]
async fn dropping_a_front_cuts_every_connection() {
    let cluster = Cluster::new();
    let served = Served::by(&cluster.nexus, FrontMode::Mutual).await;
    let client = mutual(&cluster.sled(), Expected::any_nexus());
    ask(&client, &served.url()).await;
    assert_eq!(served.peers.len(), 1);
    let Served { front, peers, plain: _plain } = served;
    drop(front);
    eventually("the table is empty", || peers.is_empty()).await;
}
