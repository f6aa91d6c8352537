//! Request headers with a meaning of their own.

use schemars::JsonSchema;
use serde::Deserialize;

/// Of creations: the same key with the same request gives the first answer again, whatever became of it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct IdempotencyHeader {
    /// 1 to 128 printable characters, chosen by the client, unique for what it wants to be done once.
    #[serde(rename = "Idempotency-Key")]
    pub idempotency_key: Option<String>,
}

/// Of updates: the generation the client has seen. Another one is answered 412, and nothing is changed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct IfMatchHeader {
    /// A generation, with or without quotes; omitted: whatever is there is updated.
    #[serde(rename = "If-Match")]
    pub if_match: Option<String>,
}
