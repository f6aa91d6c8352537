//! Lists and views: pages become lists, and every format has the same records.

use serde_json::json;

use crate::played::{Asked, Cluster, TOKEN, id, instance, project, query};

/// Three instances in pages of two, and the project they are in.
fn three(asked: &Asked, _: usize) -> (u16, serde_json::Value) {
    if asked.path == "/v1/projects" {
        return (200, json!({"items": [project(100, "demo")]}));
    }
    match query(asked).get("page_token").map(String::as_str) {
        None => (
            200,
            json!({"items": [instance(1, "one", "running"), instance(2, "two", "stopped")], "next_page": "p2"}),
        ),
        Some("p2") => (200, json!({"items": [instance(3, "three", "failed")]})),
        Some(other) => panic!("nobody was given page {other}"),
    }
}

#[test]
fn all_pages_are_one_list_and_the_token_goes_with_each() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(three);
    let done = cluster.berth(&[&nexus], "instance list -o json").fine();
    let names: Vec<_> = done.json().as_array().expect("a list").iter().map(|i| i["name"].clone()).collect();
    assert_eq!(names, ["one", "two", "three"]);
    assert_eq!(nexus.lines(), ["GET /v1/instances", "GET /v1/instances"]);
    for asked in nexus.asked() {
        assert_eq!(asked.token, format!("Bearer {TOKEN}"));
    }
}

#[test]
fn a_table_has_names_of_projects_and_csv_has_ids() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(three);
    let table = cluster.berth(&[&nexus], "instance list --columns name,state,project").fine().out;
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["NAME", "STATE", "PROJECT"]);
    assert_eq!(rows[3], ["three", "failed", "demo"]);
    let csv = cluster.berth(&[&nexus], "instance list --columns name,memory,project -o csv").fine().out;
    assert_eq!(csv.lines().nth(1), Some(format!("one,536870912,{}", id(100)).as_str()));
}

#[test]
fn a_limit_cuts_the_list_and_the_last_page() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(|asked, _| match query(asked).get("limit").map(String::as_str) {
        Some("1") => (200, json!({"items": [instance(1, "one", "running")], "next_page": "p2"})),
        other => panic!("limit {other:?}"),
    });
    let done = cluster.berth(&[&nexus], "instance list --limit 1 -o json").fine();
    assert_eq!(done.json().as_array().map(Vec::len), Some(1));
    assert_eq!(nexus.lines().len(), 1);
}

#[test]
fn a_name_takes_its_project_along_and_an_id_does_not() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(|_, _| (200, instance(1, "web", "running")));
    cluster.berth(&[&nexus], "instance view web -p demo -o yaml").fine();
    cluster.berth(&[&nexus], &format!("instance view {} -p demo -o yaml", id(1))).fine();
    let asked = nexus.asked();
    assert_eq!((asked[0].path.as_str(), asked[0].query.as_str()), ("/v1/instances/web", "project=demo"));
    assert_eq!((asked[1].path.clone(), asked[1].query.as_str()), (format!("/v1/instances/{}", id(1)), ""));
}

#[test]
fn events_are_followed_from_now_on_one_line_each() {
    let cluster = Cluster::new();
    let event = json!({
        "id": 7, "at": "2026-01-01T00:00:00Z", "kind": "instance_started", "actor": "me", "cause": "r",
        "subject": {"kind": "instance", "id": id(1), "name": "web"}, "message": "it runs", "data": {},
    });
    let nexus =
        cluster.nexus(move |asked, number| match (query(asked).get("since").map(String::as_str), number) {
            (Some("now"), _) => (200, json!({"items": [], "next": "t1"})),
            (Some("t1"), _) => (200, json!({"items": [event], "next": "t2"})),
            (Some("t2"), _) => {
                (404, json!({"error_code": "not_found", "message": "enough", "request_id": "r"}))
            }
            other => panic!("{other:?}"),
        });
    let done = cluster.berth(&[&nexus], "event list --follow -o json");
    done.says(1, &["enough"]);
    let lines: Vec<_> = done.out.lines().collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("\"kind\":\"instance_started\""), "{}", lines[0]);
}

#[test]
fn the_last_events_are_the_last_ones() {
    let cluster = Cluster::new();
    let events: Vec<_> = (1..=40)
        .map(|number| {
            json!({
                "id": number, "at": "2026-01-01T00:00:00Z", "kind": "k", "actor": "me", "cause": "r",
                "subject": {"kind": "instance", "id": id(1), "name": "web"}, "message": "m", "data": {},
            })
        })
        .collect();
    let nexus = cluster.nexus(move |_, _| (200, json!({"items": events, "next": "t"})));
    let done = cluster.berth(&[&nexus], "event list -n 2 -o csv --columns id").fine();
    assert_eq!(done.out, "id\n39\n40\n");
    assert_eq!(cluster.berth(&[&nexus], "event list -o csv --columns id").fine().out.lines().count(), 31);
    assert_eq!(
        cluster.berth(&[&nexus], "event list -n 0 -o csv --columns id").fine().out.lines().count(),
        41
    );
}

#[test]
fn the_serial_console_is_printed_byte_by_byte() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(|asked, _| {
        let piece = |from: u64, next: u64, data: &str| {
            (200, json!({"vmm_id": id(5), "from": from, "next": next, "data_base64": data}))
        };
        match query(asked).get("from").map(String::as_str) {
            Some("0") => piece(0, 3, "G1sy"),
            Some("3") => piece(3, 5, "SgA="),
            Some("5") => piece(5, 5, ""),
            other => panic!("{other:?}"),
        }
    });
    let done = cluster.berth(&[&nexus], "instance serial web --all -p demo").fine();
    assert_eq!(done.out.as_bytes(), b"\x1b[2J\0");
}

#[test]
fn a_reader_that_has_enough_is_no_error() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(three);
    let mut command = cluster.command(&[&nexus], "instance list -o json");
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    drop(child.stdout.take());
    let done = crate::played::Done::from(child.wait_with_output().expect("it ends"));
    assert_eq!((done.code, done.err.as_str()), (0, ""));
}
