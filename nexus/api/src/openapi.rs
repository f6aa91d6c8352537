//! The OpenAPI document of [`crate::NexusApi`].

use dropshot::ApiDescriptionBuildErrors;
use serde_json::{Value, json};

use crate::api::nexus_api_mod;

/// Version of the API: the first number changes when a client of before no longer works.
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

/// The document as it stands in `nexus.json`: pretty, with a line end at its end.
pub fn document() -> Result<String, DocumentError> {
    let description = nexus_api_mod::stub_api_description()?;
    let mut document = description.openapi("Berth", API_VERSION).json()?;
    complete(&mut document);
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

/// Writes what dropshot's shapes can't say: bearer tokens, and 200 beside 202.
fn complete(document: &mut Value) {
    document["info"]["description"] =
        json!("The API of users (/v1) and operators (/v1/system) of a Berth cluster.");
    document["components"]["securitySchemes"] = json!({"token": {"type": "http", "scheme": "bearer"}});
    document["security"] = json!([{"token": []}]);
    document["paths"]["/v1/health"]["get"]["security"] = json!([]);
    let Some(paths) = document["paths"].as_object_mut() else { return };
    for operation in paths.values_mut().filter_map(Value::as_object_mut).flat_map(|path| path.values_mut()) {
        let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { continue };
        if let Some(mut already) = responses.get("202").cloned() {
            already["description"] = json!("it was so already");
            responses.insert("200".to_string(), already);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_the_one_checked_in() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/nexus.json");
        let checked_in = std::fs::read_to_string(path).expect("nexus.json is readable");
        let document = document().expect("the API has a document");
        assert!(document == checked_in, "nexus.json is not what the API says: run `cargo xtask openapi`");
    }

    #[test]
    fn every_answer_with_an_operation_may_also_be_already_so() {
        let document: Value = serde_json::from_str(&document().expect("a document")).expect("JSON");
        let start = &document["paths"]["/v1/instances/{instance}/start"]["post"]["responses"];
        assert_eq!(start["200"]["content"], start["202"]["content"]);
        assert!(start["202"]["content"].is_object());
    }

    #[test]
    fn only_the_health_check_needs_no_token() {
        let document: Value = serde_json::from_str(&document().expect("a document")).expect("JSON");
        for (path, methods) in document["paths"].as_object().expect("paths") {
            for (method, operation) in methods.as_object().expect("methods") {
                let open = operation.get("security").is_some();
                assert_eq!(open, path == "/v1/health", "{method} {path}");
            }
        }
    }
}
