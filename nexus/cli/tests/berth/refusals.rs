//! What nexus refuses, and what is refused before anything is sent.

use serde_json::json;

use crate::played::{Cluster, id, instance, refusal};

#[test]
fn a_refusal_has_message_code_request_and_advice() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(|_, _| refusal(409, "instance_not_stopped", "instance web runs on sled-1"));
    let done = cluster.berth(&[&nexus], "instance update web -p demo --cpus 4");
    let said =
        ["error: instance web runs on sled-1 (instance_not_stopped)", "request: r-77", "berth instance stop"];
    done.says(1, &said);
    assert_eq!(done.out, "");
}

#[test]
fn an_expired_token_is_explained_and_never_printed() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(|_, _| refusal(401, "unauthenticated", "the token has expired"));
    let done = cluster.berth(&[&nexus], "instance list");
    done.says(1, &["the token has expired", "BERTH_TOKEN_FILE"]);
    assert!(!done.err.contains(crate::played::TOKEN) && !done.out.contains(crate::played::TOKEN));
}

#[test]
fn a_name_without_its_project_is_a_usage_error() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(|_, _| (200, instance(1, "web", "running")));
    cluster.berth(&[&nexus], "instance view web").says(2, &["--project"]);
    assert!(nexus.asked().is_empty());
}

#[test]
fn nothing_is_destroyed_where_nobody_can_be_asked() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(|_, _| (204, json!(null)));
    let id = id(7);
    for line in [
        "instance delete web -p demo".to_string(),
        "disk delete data -p demo".to_string(),
        "image delete linux -p demo".to_string(),
        "project delete demo".to_string(),
        format!("saga resolve {id}"),
        format!("token revoke {id}"),
        format!("sled token revoke {id}"),
        "role revoke anna --fleet".to_string(),
    ] {
        cluster.berth(&[&nexus], &line).says(2, &["--yes"]);
    }
    assert!(nexus.asked().is_empty());
}

#[test]
fn wrong_words_are_usage_errors_and_help_is_none() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(|_, _| panic!("nothing should be asked"));
    for line in [
        "instance frobnicate",
        "instance list --columns name -o json",
        "project update demo",
        "image create i",
    ] {
        assert_eq!(cluster.berth(&[&nexus], line).code, 2, "{line}");
    }
    assert_eq!(cluster.berth(&[&nexus], "--help").code, 0);
    assert_eq!(cluster.berth(&[&nexus], "help instance create").code, 0);
}

#[test]
fn findings_of_a_check_fail_it() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(|_, number| match number {
        1 => (200, json!({"checked": ["a", "b"], "findings": []})),
        _ => {
            let finding =
                json!({"invariant": "a", "subject": "instance web", "message": "found 1, expected 0"});
            (200, json!({"checked": ["a"], "findings": [finding]}))
        }
    });
    assert_eq!(cluster.berth(&[&nexus], "check").fine().out, "all 2 invariants hold\n");
    let done = cluster.berth(&[&nexus], "check");
    done.says(1, &["1 invariants don't hold"]);
    assert!(done.out.contains("found 1, expected 0"), "{}", done.out);
}

#[test]
fn a_new_token_is_printed_alone_so_that_it_can_be_redirected() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(|_, _| {
        let token = json!({
            "id": id(3), "user_id": id(4), "label": "", "created_at": "2026-01-01T00:00:00Z",
            "expires_at": "2026-02-01T00:00:00Z",
        });
        (201, json!({"token": token, "secret": "new-word"}))
    });
    let done = cluster.berth(&[&nexus], "token create --expires-in 30d").fine();
    assert_eq!(done.out, "new-word\n");
    assert!(!done.err.contains("new-word"));
    assert_eq!(nexus.asked()[0].json(), json!({"label": "", "expires_in_s": 2_592_000}));
}
