//! The client is the one made from the document that is checked in.

use sha2::{Digest, Sha256};

#[test]
fn the_client_was_made_from_the_document_that_is_checked_in() {
    let root = env!("CARGO_MANIFEST_DIR");
    let document = std::fs::read(format!("{root}/../api/nexus.json")).expect("the document is readable");
    let client = std::fs::read_to_string(format!("{root}/src/generated.rs")).expect("the client is readable");
    let found: String = Sha256::digest(&document).iter().map(|byte| format!("{byte:02x}")).collect();
    let line = client.lines().find_map(|line| line.strip_prefix("//! document-sha256: "));
    assert_eq!(
        line,
        Some(found.as_str()),
        "the client is made from another document: run `cargo xtask openapi`"
    );
}
