//! Prints one of the two OpenAPI documents of this crate: `sled-agent` or `nexus-internal`. `cargo xtask openapi`
//! writes them to files.

use berth_sled_agent_api::openapi::{agent_document, nexus_document};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let document = match std::env::args().nth(1).as_deref() {
        Some("sled-agent") => agent_document()?,
        Some("nexus-internal") => nexus_document()?,
        _ => return Err("say which document: sled-agent or nexus-internal".into()),
    };
    print!("{document}");
    Ok(())
}
