//! What a user may do, in a project or in the fleet.

use crate::text_enum::text_enum;

text_enum! {
    /// Each includes the ones before it; the order of the values is the order of power.
    pub enum Role {
        /// Sees everything but secrets.
        Viewer = "viewer",
        /// Makes, changes and deletes what belongs to projects.
        Collaborator = "collaborator",
        /// Everything, and grants roles.
        Admin = "admin",
    }
}
