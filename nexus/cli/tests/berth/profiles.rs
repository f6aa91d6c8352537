//! Profiles: a private file, made and used by the program itself.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::played::{Asked, Cluster, Done, Nexus, TOKEN, id, instance};

fn whoami(asked: &Asked, _: usize) -> (u16, Value) {
    if asked.path == "/v1/instances" {
        return (200, json!({"items": [instance(1, "web", "running")]}));
    }
    let user =
        json!({"id": id(4), "name": "anna", "fleet_role": "admin", "created_at": "2026-01-01T00:00:00Z"});
    (200, json!({"user": user, "projects": [], "token_expires_at": "2026-02-01T00:00:00Z"}))
}

fn add(cluster: &Cluster, nexus: &Nexus, name: &str) -> Done {
    let line =
        format!("profile add {name} --url {} --token-file secrets/token --ca ca.pem -p demo", nexus.url);
    Done::of(&mut cluster.bare(&line))
}

#[test]
fn a_profile_is_all_that_a_later_command_needs() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(whoami);
    add(&cluster, &nexus, "lab").says(0, &["added profile lab", "you are anna, admin of the fleet"]);
    let done = Done::of(cluster.bare("instance list -o json").current_dir("/")).fine();
    assert_eq!(done.json()[0]["name"], "web");
    let listed = nexus.asked().into_iter().next_back().expect("a request");
    assert_eq!((listed.query.as_str(), listed.token), ("limit=1000&project=demo", format!("Bearer {TOKEN}")));
}

#[test]
fn the_file_is_private_and_an_open_one_is_refused() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(whoami);
    add(&cluster, &nexus, "lab").fine();
    let file = cluster.path(".config/berth/config.toml");
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(file.parent().expect("a directory")), 0o700);
    assert!(!std::fs::read_to_string(&file).expect("readable").contains(TOKEN));
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).expect("mode");
    Done::of(&mut cluster.bare("whoami")).says(1, &["open to others"]);
}

#[test]
fn the_first_profile_is_current_until_another_is_used() {
    let cluster = Cluster::new();
    let (one, two) = (cluster.nexus(whoami), cluster.nexus(whoami));
    add(&cluster, &one, "one").fine();
    add(&cluster, &two, "two").fine();
    add(&cluster, &two, "two").says(2, &["--replace"]);
    let before = one.asked().len();
    Done::of(&mut cluster.bare("whoami")).fine();
    assert_eq!(one.asked().len(), before + 1);
    Done::of(&mut cluster.bare("profile use two")).fine();
    Done::of(&mut cluster.bare("whoami")).fine();
    Done::of(&mut cluster.bare("whoami --profile one")).fine();
    assert_eq!(one.asked().len(), before + 2);
    let listed = Done::of(&mut cluster.bare("profile list -o json")).fine().json();
    assert_eq!((&listed[0]["current"], &listed[1]["current"]), (&json!(false), &json!(true)));
    Done::of(&mut cluster.bare("profile use two -p other")).says(0, &["in project other"]);
    Done::of(&mut cluster.bare("profile use three")).says(1, &["there are: one, two"]);
    Done::of(&mut cluster.bare("profile remove two --yes")).fine();
    Done::of(&mut cluster.bare("whoami")).says(2, &["which cluster?"]);
}

#[test]
fn a_profiles_token_is_not_sent_to_whom_another_authority_vouches_for() {
    let (ours, theirs) = (Cluster::new(), Cluster::new());
    let (nexus, foreign) = (ours.nexus(whoami), theirs.nexus(whoami));
    add(&ours, &nexus, "lab").fine();
    let mut command = ours.bare("whoami");
    command.env("BERTH_URL", &foreign.url).env("BERTH_CA", theirs.path("ca.pem"));
    Done::of(&mut command).says(2, &["there is no token"]);
    Done::of(ours.bare("whoami").env("BERTH_URL", &foreign.url)).says(1, &["certificate"]);
    assert!(foreign.asked().is_empty());
}

#[test]
fn a_profile_that_does_not_work_yet_is_kept_with_a_warning() {
    let cluster = Cluster::new();
    let url = { cluster.nexus(whoami).url.clone() };
    let line = format!("profile add lab --url {url} --token-file secrets/token --ca ca.pem");
    Done::of(&mut cluster.bare(&line)).says(0, &["added profile lab", "doesn't work yet"]);
}

#[test]
fn completion_offers_live_names() {
    let cluster = Cluster::new();
    let nexus = cluster.nexus(whoami);
    add(&cluster, &nexus, "lab").fine();
    let mut command = cluster.bare("-- berth instance start w");
    command.env("BERTH_COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", "3").env("_CLAP_IFS", "\n");
    // What isn't there within two seconds isn't offered, as promised: on a busy machine it is asked for again.
    let begin = Instant::now();
    loop {
        let done = Done::of(&mut command).fine();
        if done.out.lines().any(|word| word == "web") {
            break;
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "{done:?}");
    }
}
