//! Several nexus stand in for each other; what is wrong with a connection is said.

use std::net::{SocketAddr, TcpListener};
use std::process::Command;

use serde_json::json;
use tokio::net::TcpSocket;

use crate::played::{Cluster, Done, instance, operation, project, refusal};

/// An address where nothing listens, and nothing will: the port is bound for as long as this lives.
struct Nobody {
    url: String,
    _port: TcpSocket,
}

fn nobody() -> Nobody {
    let port = TcpSocket::new_v4().expect("a socket");
    port.bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
    let address = port.local_addr().expect("an address");
    Nobody { url: format!("https://{address}"), _port: port }
}

fn at(command: &mut Command, urls: &[&str]) -> Done {
    Done::of(command.env("BERTH_URL", urls.join(",")))
}

#[test]
fn a_nexus_that_is_not_there_is_stood_in_for() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(|_, _| (201, project(100, "demo")));
    let mut command = cluster.command(&[], "project create demo");
    let nobody = nobody();
    let done = at(&mut command, &[&nobody.url, &nexus.url]).fine();
    assert_eq!(done.out, "made project demo\n");
    let asked = nexus.asked();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].idempotency_key.as_ref().is_some_and(|key| key.len() == 36), "{asked:?}");
}

#[test]
fn a_creation_that_found_no_database_is_repeated_elsewhere_with_the_same_key() {
    let cluster = Cluster::new();
    let lame = cluster.nexus(|_, _| refusal(503, "unavailable", "no database"));
    let nexus = cluster.nexus(|_, _| (201, project(100, "demo")));
    cluster.berth(&[&lame, &nexus], "project create demo").fine();
    let keys = [lame.asked()[0].idempotency_key.clone(), nexus.asked()[0].idempotency_key.clone()];
    assert!(keys[0].is_some() && keys[0] == keys[1], "{keys:?}");
}

#[test]
fn a_deletion_without_an_answer_is_not_repeated() {
    let cluster = Cluster::new();
    let lame = cluster.nexus(|_, _| refusal(503, "unavailable", "no database"));
    let nexus = cluster.nexus(|_, _| (204, json!(null)));
    let done = cluster.berth(&[&lame, &nexus], "project delete demo --yes");
    done.says(1, &["no database (unavailable)", "request: r-77", "help: "]);
    assert!(nexus.asked().is_empty());
}

#[test]
fn an_answering_nexus_is_kept_for_the_rest_of_the_command() {
    let cluster = Cluster::new();
    let lame = cluster.nexus(|_, _| refusal(503, "unavailable", "no database"));
    let nexus = cluster.nexus(|asked, number| match (asked.method.as_str(), number) {
        ("POST", _) => (202, operation("instance_start", "web", "running")),
        (_, 1) => (200, operation("instance_start", "web", "running")),
        _ => (200, operation("instance_start", "web", "succeeded")),
    });
    cluster.berth(&[&lame, &nexus], "instance start web -p demo").fine();
    assert_eq!(lame.asked().len(), 1);
    assert_eq!(nexus.asked().len(), 3);
}

#[test]
fn nobody_there_is_explained_address_by_address() {
    let cluster = Cluster::new();
    let (one, two) = (nobody(), nobody());
    let mut command = cluster.command(&[], "whoami");
    let done = at(&mut command, &[&one.url, &two.url]);
    done.says(1, &["no nexus could be reached", &one.url, &two.url, "refused", "--url"]);
}

#[test]
fn another_clusters_nexus_never_gets_the_token() {
    let (ours, theirs) = (Cluster::new(), Cluster::new());
    let nexus = theirs.nexus(|_, _| (200, json!({})));
    let done = ours.berth(&[&nexus], "whoami");
    done.says(1, &["certificate", "--ca"]);
    assert!(nexus.asked().is_empty());
}

#[test]
fn something_that_is_no_nexus_is_told_apart() {
    let cluster = Cluster::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("https://{}", listener.local_addr().expect("an address"));
    let talker = std::thread::spawn(move || {
        use std::io::Write;
        let (mut socket, _) = listener.accept().expect("a caller");
        socket.write_all(b"SSH-2.0-OpenSSH_9\r\n").expect("written");
    });
    let mut command = cluster.command(&[], "whoami");
    at(&mut command, &[&url]).says(1, &["TLS"]);
    talker.join().expect("it talked");
}

#[test]
fn an_answer_that_is_not_berths_is_not_taken_for_one() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(|_, _| (200, json!({"hello": "world"})));
    cluster.berth(&[&nexus], "whoami").says(1, &["isn't Berth's", &nexus.url]);
}

#[test]
fn another_door_of_berth_is_told_apart_from_the_public_one() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(|_, _| (404, json!({"message": "Not Found", "request_id": "r"})));
    cluster.berth(&[&nexus], "whoami").says(1, &["Not Found (404", "public address"]);
}

#[test]
fn a_token_that_others_can_read_is_not_sent() {
    use std::os::unix::fs::PermissionsExt;
    let cluster = Cluster::new();
    let nexus = cluster.nexus(|_, _| (200, instance(1, "web", "running")));
    let token = cluster.path("secrets/token");
    std::fs::set_permissions(&token, PermissionsExt::from_mode(0o644)).expect("mode");
    cluster.berth(&[&nexus], "instance list").says(1, &["open to others", "chmod go="]);
    assert!(nexus.asked().is_empty());
}

#[test]
fn what_is_missing_is_named() {
    let cluster = Cluster::new();
    Done::of(&mut cluster.bare("whoami")).says(2, &["which cluster?", "--url"]);
    Done::of(cluster.bare("whoami").env("BERTH_URL", "a:1")).says(2, &["--ca"]);
    let ca = cluster.path("ca.pem");
    Done::of(cluster.bare("whoami").env("BERTH_URL", "a:1").env("BERTH_CA", &ca)).says(2, &["--token-file"]);
    Done::of(cluster.bare("whoami").env("BERTH_URL", "http://a:1")).says(2, &["https"]);
    let token = cluster.path("secrets/token");
    let mut command = cluster.bare("whoami");
    command.env("BERTH_URL", "a:1").env("BERTH_TOKEN_FILE", &token).env("BERTH_CA", &token);
    Done::of(&mut command).says(1, &["authority", "--ca"]);
}
