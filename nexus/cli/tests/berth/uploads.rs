//! Images: files are checked first, then made, then sent with their checksum.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::played::{Asked, Cluster, id, query, refusal};

fn image(state: &str) -> Value {
    json!({
        "id": id(8), "project_id": id(100), "name": "linux", "description": "", "kind": "kernel", "state": state,
        "files": [], "created_at": "2026-01-01T00:00:00Z",
    })
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn files(cluster: &Cluster) -> [Vec<u8>; 2] {
    let contents = [vec![7; 700_000], b"small".to_vec()];
    std::fs::write(cluster.path("vmlinuz"), &contents[0]).expect("written");
    std::fs::write(cluster.path("initrd"), &contents[1]).expect("written");
    contents
}

fn takes(asked: &Asked, _: usize) -> (u16, Value) {
    match asked.method.as_str() {
        "POST" => (201, image("uploading")),
        _ if asked.path.ends_with("initrd") => (200, image("ready")),
        _ => (200, image("uploading")),
    }
}

const CREATE: &str = "image create linux --kernel vmlinuz --initrd initrd -p demo";

#[test]
fn every_byte_arrives_with_its_checksum() {
    let cluster = Cluster::new();
    let contents = files(&cluster);
    let nexus = cluster.nexus(takes);
    let done = cluster.berth(&[&nexus], CREATE).fine();
    assert_eq!(done.out, "image linux is ready\n");
    let asked = nexus.asked();
    assert_eq!(asked[0].json(), json!({"name": "linux", "description": "", "kind": "kernel"}));
    for (asked, (part, content)) in asked[1..].iter().zip(["kernel", "initrd"].iter().zip(contents)) {
        assert_eq!(asked.line(), format!("PUT /v1/images/{}/files/{part}", id(8)));
        assert_eq!(query(asked)["sha256"], sha256(&content));
        assert!(asked.body == content, "{part}: {} bytes arrived", asked.body.len());
    }
}

#[test]
fn a_wrong_path_is_found_before_anything_is_made() {
    let cluster = Cluster::new();
    files(&cluster);
    let nexus = cluster.nexus(takes);
    let done = cluster.berth(&[&nexus], "image create linux --kernel vmlinuz --initrd nowhere -p demo");
    done.says(1, &["cannot read nowhere"]);
    assert!(nexus.asked().is_empty());
}

#[test]
fn an_upload_is_repeated_from_its_beginning_at_another_nexus() {
    let cluster = Cluster::new();
    let contents = files(&cluster);
    let lame = cluster.nexus(|asked, _| match asked.method.as_str() {
        "POST" => (201, image("uploading")),
        _ => refusal(503, "unavailable", "no database"),
    });
    let nexus = cluster.nexus(takes);
    cluster.berth(&[&lame, &nexus], CREATE).fine();
    let asked = nexus.asked();
    assert_eq!(asked.len(), 2);
    assert!(asked[0].body == contents[0]);
}

#[test]
fn a_refused_file_leaves_a_way_on() {
    let cluster = Cluster::new();
    files(&cluster);
    let nexus = cluster.nexus(|asked, _| match asked.method.as_str() {
        "POST" => (201, image("uploading")),
        _ => refusal(400, "invalid_image", "this is no Linux kernel"),
    });
    let done = cluster.berth(&[&nexus], CREATE);
    let way = format!("berth image upload {}", id(8));
    done.says(1, &["this is no Linux kernel (invalid_image)", "not complete", &way]);
}
