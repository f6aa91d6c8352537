//! Waiting for accepted work: progress, outcome, and leaving it.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::played::{Asked, Cluster, Done, id, instance, operation, refusal};

/// Accepts a start, which has ended as `state` at the third look.
fn start_ends(state: &'static str) -> impl Fn(&Asked, usize) -> (u16, Value) {
    move |asked, number| match (asked.method.as_str(), number) {
        ("POST", _) => (202, operation("instance_start", "web", "pending")),
        (_, 1 | 2) => (200, operation("instance_start", "web", "running")),
        _ => {
            let mut ended = operation("instance_start", "web", state);
            if state == "failed" {
                ended["error"] = json!({"error_code": "no_capacity", "message": "no sled has 2 cpus"});
            }
            (200, ended)
        }
    }
}

#[test]
fn a_start_is_done_when_its_operation_has_succeeded() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(start_ends("succeeded"));
    let done = cluster.berth(&[&nexus], "instance start web -p demo").fine();
    assert_eq!(done.out, "instance web runs\n");
    let lines: Vec<&str> = done.err.lines().collect();
    let expected =
        ["accepted", "phase-running", "succeeded"].map(|word| format!("starting instance web: {word}"));
    assert_eq!(lines, expected, "each change once");
    assert_eq!(nexus.asked()[0].query, "project=demo");
}

#[test]
fn quiet_says_nothing_beside_the_result_and_json_is_the_operation() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(start_ends("succeeded"));
    let done = cluster.berth(&[&nexus], "instance start web -p demo -q -o json").fine();
    assert_eq!(done.err, "");
    assert_eq!(done.json()["state"], "succeeded");
}

#[test]
fn a_failed_operation_fails_the_command_with_its_reason() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(start_ends("failed"));
    let done = cluster.berth(&[&nexus], "instance start web -p demo");
    done.says(1, &["no sled has 2 cpus (no_capacity)", &id(900), "request: r-900", "berth sled list"]);
    assert_eq!(done.out, "");
}

#[test]
fn a_cancelled_operation_fails_the_command_too() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(start_ends("cancelled"));
    cluster.berth(&[&nexus], "instance start web -p demo").says(1, &["cancelled"]);
}

#[test]
fn what_was_so_already_is_said_and_not_waited_for() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(|_, _| (200, operation("instance_start", "web", "succeeded")));
    let done = cluster.berth(&[&nexus], "instance start web -p demo").fine();
    assert_eq!(done.out, "instance web runs already\n");
    assert_eq!(nexus.asked().len(), 1);
}

#[test]
fn no_wait_returns_at_once_and_says_how_to_go_on() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(start_ends("succeeded"));
    let done = cluster.berth(&[&nexus], "instance start web -p demo --no-wait").fine();
    assert_eq!(done.out, "starting instance web\n");
    assert!(done.err.contains(&format!("berth operation wait {}", id(900))), "{}", done.err);
    assert_eq!(nexus.asked().len(), 1);
}

/// Never ends.
fn goes_on(asked: &Asked, _: usize) -> (u16, Value) {
    std::thread::sleep(Duration::from_millis(20));
    (if asked.method == "POST" { 202 } else { 200 }, operation("instance_start", "web", "running"))
}

#[test]
fn time_up_leaves_the_work_running_with_code_3() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(goes_on);
    let done = cluster.berth(&[&nexus], &format!("operation wait {} --timeout 300ms", id(900)));
    done.says(3, &["still running", &format!("berth operation wait {}", id(900))]);
}

#[test]
fn ctrl_c_leaves_the_work_running_with_code_3() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(goes_on);
    let mut command = cluster.command(&[&nexus], "instance start web -p demo");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let deadline = Instant::now() + Duration::from_secs(120);
    // Once it looks, it waits.
    while !nexus.lines().iter().any(|line| line.starts_with("GET")) {
        assert!(Instant::now() < deadline, "it never waited");
        std::thread::sleep(Duration::from_millis(10));
    }
    let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).expect("a pid"));
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).expect("a signal");
    let done = Done::from(child.wait_with_output().expect("it ends"));
    done.says(3, &["still running; nothing was undone", &format!("berth operation wait {}", id(900))]);
}

#[test]
fn an_outage_while_waiting_is_waited_out() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(|asked, number| match (asked.method.as_str(), number) {
        ("POST", _) => (202, operation("instance_start", "web", "running")),
        (_, 1) => refusal(503, "unavailable", "no database"),
        _ => (200, operation("instance_start", "web", "succeeded")),
    });
    let done = cluster.berth(&[&nexus], "instance start web -p demo").fine();
    assert!(done.err.contains("asking again"), "{}", done.err);
}

#[test]
fn one_of_several_may_fail_and_the_others_are_still_told() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(|asked, _| match asked.path.as_str() {
        "/v1/instances/web/start" => (200, operation("instance_start", "web", "succeeded")),
        _ => refusal(404, "not_found", "there is no instance db in project demo"),
    });
    let done = cluster.berth(&[&nexus], "instance start db web -p demo");
    done.says(1, &["no instance db"]);
    assert_eq!(done.out, "instance web runs already\n");
}

#[test]
fn a_stop_sends_its_grace_and_says_how_the_guest_ended() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(|asked, _| match asked.method.as_str() {
        "POST" => (202, operation("instance_stop", "web", "succeeded")),
        _ => {
            let mut stopped = instance(1, "web", "stopped");
            stopped["last_end"] = json!({
                "vmm_id": id(5), "ended_by": "forced_at_deadline", "ended_at": "2026-01-01T00:00:00Z",
            });
            (200, stopped)
        }
    });
    let done = cluster.berth(&[&nexus], "instance stop web -p demo --grace 1m30s").fine();
    assert_eq!(done.out, "instance web is stopped\n  web ended by forced_at_deadline\n");
    assert_eq!(nexus.asked()[0].json(), json!({"grace_s": 90}));
    cluster.berth(&[&nexus], "instance stop web -p demo --force").fine();
    let forced = nexus.asked().into_iter().rfind(|asked| asked.method == "POST").expect("a stop");
    assert_eq!(forced.json(), json!({"force": true}));
}

#[test]
fn a_creation_prints_what_was_made() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(|asked, _| match asked.method.as_str() {
        "POST" => (202, operation("instance_create", "web", "succeeded")),
        _ => (200, instance(1, "web", "stopped")),
    });
    let line = "instance create web -p demo --image linux --cpus 2 --memory 1GiB --disk a,b -o json";
    let done = cluster.berth(&[&nexus], line).fine();
    assert_eq!(done.json()["name"], "web");
    let asked = &nexus.asked()[0];
    assert_eq!(asked.query, "project=demo");
    let expected = json!({
        "name": "web", "description": "", "cpus": 2, "memory_mib": 1024, "image": "linux", "command_line": "",
        "disks": ["a", "b"], "nics": 0, "start": false,
    });
    assert_eq!(asked.json(), expected);
    assert_eq!(nexus.asked()[1].path, format!("/v1/instances/{}", id(1)));
}

/// Makes an instance whose start ends as `state`, or is over already.
fn made_and(state: &'static str) -> impl Fn(&Asked, usize) -> (u16, Value) {
    move |asked, _| match asked.path.as_str() {
        "/v1/operations" => {
            assert_eq!(asked.query, format!("limit=10&project=demo&subject={}", id(1)));
            let start = operation("instance_start", "web", "running");
            (200, json!({"items": [start, operation("instance_create", "web", "succeeded")]}))
        }
        "/v1/instances" => (202, operation("instance_create", "web", "succeeded")),
        path if path.starts_with("/v1/operations/") => (200, operation("instance_start", "web", state)),
        _ => (200, instance(1, "web", "running")),
    }
}

#[test]
fn a_creation_with_a_start_is_done_when_the_start_is() {
    let cluster = Cluster::new();
    let line = "instance create web -p demo --image linux --start";
    let done = cluster.berth(&[&cluster.nexus(made_and("succeeded"))], line).fine();
    assert_eq!(done.out, "made instance web; it is running\n");
    let failed = cluster.berth(&[&cluster.nexus(made_and("failed"))], line);
    failed.says(1, &["starting instance web failed: ", "made, but didn't start"]);
}
