//! Who may use which endpoint: the list that every endpoint of the API must be in.

use serde_json::{Value, json};

/// What an endpoint asks of whoever uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing, not even a token.
    Nothing,
    /// A token.
    Token,
    /// A role in the project, at least this strong.
    Viewer,
    Collaborator,
    Admin,
    /// A role for the fleet, at least this strong.
    FleetViewer,
    FleetCollaborator,
    FleetAdmin,
}

/// A request that would be valid. The path's parameters are filled in by name.
#[derive(Clone, Debug)]
pub struct Sample {
    pub operation: &'static str,
    pub need: Need,
    pub query: &'static str,
    pub body: Option<Value>,
    /// May be sent for real by who is allowed: it destroys nothing that the other requests need.
    pub harmless: bool,
}

fn sample(
    operation: &'static str,
    need: Need,
    query: &'static str,
    body: Option<Value>,
    harmless: bool,
) -> Sample {
    Sample { operation, need, query, body, harmless }
}

/// Every endpoint. `{nonce}` in a body becomes a fresh name.
pub fn samples() -> Vec<Sample> {
    use Need::{Admin, Collaborator, FleetAdmin, FleetCollaborator, FleetViewer, Nothing, Token, Viewer};
    let look = |operation, need, query| sample(operation, need, query, None, true);
    let does = |operation, need, query, body| sample(operation, need, query, Some(body), true);
    let ends = |operation, need, body| sample(operation, need, "", body, false);
    vec![
        look("health", Nothing, ""),
        look("version", Token, ""),
        look("whoami", Token, ""),
        look("metrics", FleetViewer, ""),
        look("project_list", Token, ""),
        does("project_create", FleetCollaborator, "", json!({"name": "{nonce}"})),
        look("project_view", Viewer, ""),
        does("project_update", Admin, "", json!({"description": "new"})),
        ends("project_delete", Admin, None),
        look("instance_list", Viewer, "?project=alpha"),
        does(
            "instance_create",
            Collaborator,
            "?project=alpha",
            json!({"name": "{nonce}", "cpus": 1, "memory_mib": 64}),
        ),
        look("instance_view", Viewer, ""),
        does("instance_update", Collaborator, "", json!({"description": "new"})),
        ends("instance_delete", Collaborator, None),
        ends("instance_start", Collaborator, None),
        ends("instance_stop", Collaborator, Some(json!({}))),
        ends("instance_reboot", Collaborator, Some(json!({"mode": "soft"}))),
        ends("instance_migrate", Collaborator, Some(json!({}))),
        ends("instance_force_stop", Collaborator, Some(json!({}))),
        look("instance_explain", Viewer, ""),
        look("instance_events", Viewer, ""),
        ends("instance_serial_console", Viewer, None),
        // No websocket: refused when it was let in.
        look("instance_console", Collaborator, ""),
        look("image_list", Viewer, "?project=alpha"),
        does("image_create", Collaborator, "?project=alpha", json!({"name": "{nonce}", "kind": "disk"})),
        look("image_view", Viewer, ""),
        ends("image_delete", Collaborator, None),
        // No image: refused when it was let in.
        does("image_upload", Collaborator, "", json!("no image")),
        look("disk_list", Viewer, "?project=alpha"),
        does("disk_create", Collaborator, "?project=alpha", json!({"name": "{nonce}", "size_bytes": 512})),
        look("disk_view", Viewer, ""),
        ends("disk_delete", Collaborator, None),
        ends("disk_attach", Collaborator, Some(json!({"instance": "vm"}))),
        ends("disk_detach", Collaborator, None),
        look("pool_list", Token, ""),
        look("operation_list", Viewer, "?project=alpha"),
        look("operation_view", Viewer, ""),
        // It has ended: refused when it was let in.
        look("operation_cancel", Collaborator, ""),
        look("event_list", Viewer, "?project=alpha"),
        look("sled_list", FleetViewer, ""),
        look("sled_view", FleetViewer, ""),
        look("sled_cordon", FleetCollaborator, ""),
        look("sled_uncordon", FleetCollaborator, ""),
        look("sled_explain", FleetViewer, ""),
        // No agent there: refused when it was let in.
        look("sled_metrics", FleetViewer, ""),
        look("sled_events", FleetViewer, ""),
        look("sled_instances", FleetViewer, ""),
        look("join_token_list", FleetAdmin, ""),
        does("join_token_create", FleetAdmin, "", json!({})),
        ends("join_token_revoke", FleetAdmin, None),
        look("nexus_list", FleetViewer, ""),
        look("saga_list", FleetViewer, ""),
        ends("saga_view", FleetViewer, None),
        ends("saga_retry", FleetAdmin, None),
        ends("saga_resolve", FleetAdmin, None),
        look("check", FleetViewer, ""),
        look("user_list", FleetAdmin, ""),
        does("user_create", FleetAdmin, "", json!({"name": "{nonce}"})),
        look("token_list", FleetAdmin, "?user=admin"),
        does("token_create", Token, "", json!({"label": "mine"})),
        ends("token_revoke", FleetAdmin, None),
        look("role_list", Viewer, "?project=alpha"),
        does("role_grant", Admin, "", json!({"user": "nobody-else", "project": "alpha", "role": "viewer"})),
        does("role_revoke", Admin, "", json!({"user": "nobody-else", "project": "alpha"})),
    ]
}
