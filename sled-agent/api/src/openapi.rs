//! The OpenAPI documents of both directions, as they stand beside this crate.

use dropshot::ApiDescriptionBuildErrors;
use serde_json::json;

use crate::agent::sled_agent_api_mod;
use crate::nexus::nexus_internal_api_mod;

/// Version of both contracts: the first number changes when N and N-1 no longer understand each other.
pub const API_VERSION: semver::Version = semver::Version::new(1, 0, 0);

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// Two endpoints can't stand beside each other.
    #[error("the API's endpoints contradict each other")]
    Endpoints(#[from] ApiDescriptionBuildErrors),
    /// It isn't JSON.
    #[error("the document can't be written")]
    Json(#[from] serde_json::Error),
}

/// `sled-agent.json`: what nexus asks of an agent.
pub fn agent_document() -> Result<String, DocumentError> {
    let description = sled_agent_api_mod::stub_api_description()?;
    let document = description.openapi("Berth sled-agent", API_VERSION).json()?;
    pretty(document, "What nexus asks of a sled-agent. Mutual TLS inside the cluster.")
}

/// `nexus-internal.json`: what an agent tells nexus.
pub fn nexus_document() -> Result<String, DocumentError> {
    let description = nexus_internal_api_mod::stub_api_description()?;
    let document = description.openapi("Berth nexus, for sleds", API_VERSION).json()?;
    pretty(document, "What a sled-agent tells nexus. Mutual TLS inside the cluster; joining is by token.")
}

fn pretty(mut document: serde_json::Value, about: &str) -> Result<String, DocumentError> {
    document["info"]["description"] = json!(about);
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_are_the_ones_checked_in() {
        for (file, document) in
            [("sled-agent.json", agent_document()), ("nexus-internal.json", nexus_document())]
        {
            let path = format!("{}/{file}", env!("CARGO_MANIFEST_DIR"));
            let checked_in = std::fs::read_to_string(path).expect("the document is readable");
            let document = document.expect("the API has a document");
            assert!(document == checked_in, "{file} is not what the API says: run `cargo xtask openapi`");
        }
    }
}
