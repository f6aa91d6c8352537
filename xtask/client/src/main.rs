//! Prints the client of the public API, made from the OpenAPI document that is named on the command line.
//!
//! Words that `berth-common` has already are taken from there, so that there is one enum per thing.

use std::error::Error;

use progenitor::{GenerationSettings, Generator, InterfaceStyle, TypeImpl};
use sha2::{Digest, Sha256};

/// Schema name, and the type it is in `berth_common`.
const OUR_WORDS: &[(&str, &str)] = &[
    ("Admission", "sled::Admission"),
    ("DiskFormat", "storage::DiskFormat"),
    ("DiskState", "storage::DiskState"),
    ("EndedBy", "vmm::EndedBy"),
    ("Hypervisor", "sled::Hypervisor"),
    ("ImageKind", "storage::ImageKind"),
    ("ImagePart", "storage::ImagePart"),
    ("ImageState", "storage::ImageState"),
    ("Intent", "instance::Intent"),
    ("Liveness", "sled::Liveness"),
    ("MigrationHalf", "migration::MigrationHalf"),
    ("MigrationOutcome", "migration::MigrationOutcome"),
    ("MigrationPhase", "migration::MigrationPhase"),
    ("Name", "Name"),
    ("OperationKind", "operation::OperationKind"),
    ("OperationState", "operation::OperationState"),
    ("PoolKind", "storage::PoolKind"),
    ("RebootKind", "reboot::RebootKind"),
    ("Rest", "instance::Rest"),
    ("RestartPolicy", "instance::RestartPolicy"),
    ("Role", "role::Role"),
    ("ShownState", "instance::ShownState"),
    ("VmmState", "vmm::VmmState"),
];

/// Texts that the server checks, and explains better than a client could.
const PLAIN_TEXTS: &[&str] = &["NameOrId", "Wait"];

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("say which document")?;
    let document = std::fs::read(&path)?;
    let spec = serde_json::from_slice(&document)?;
    let tokens = Generator::new(&settings()).generate_tokens(&spec)?;
    let sha256: String = Sha256::digest(&document).iter().map(|byte| format!("{byte:02x}")).collect();
    println!("//! The client of the public API, made from nexus/api/nexus.json by `cargo xtask openapi`: not edited.");
    println!("//!");
    println!("//! document-sha256: {sha256}");
    println!("#![expect(clippy::allow_attributes, clippy::unwrap_used, reason = \"written by a generator\")]");
    println!();
    print!("{}", prettyplease::unparse(&syn::parse2(tokens)?));
    Ok(())
}

fn settings() -> GenerationSettings {
    let mut settings = GenerationSettings::default();
    settings.with_interface(InterfaceStyle::Builder);
    settings.with_crate("berth-common", progenitor::CrateVers::Any, None);
    for (schema, path) in OUR_WORDS {
        let impls = [TypeImpl::Display, TypeImpl::FromStr];
        settings.with_replacement(*schema, format!("::berth_common::{path}"), impls.into_iter());
    }
    for schema in PLAIN_TEXTS {
        let impls = [TypeImpl::Display, TypeImpl::FromStr];
        settings.with_replacement(*schema, "::std::string::String", impls.into_iter());
    }
    settings
}
