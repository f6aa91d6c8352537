//! States of an operation: the handle a client gets for accepted work.

use crate::text_enum::text_enum;

text_enum! {
    /// What was accepted.
    pub enum OperationKind {
        InstanceCreate = "instance_create",
        InstanceStart = "instance_start",
        InstanceStop = "instance_stop",
        InstanceReboot = "instance_reboot",
        InstanceMigrate = "instance_migrate",
        InstanceForceStop = "instance_force_stop",
        InstanceDelete = "instance_delete",
        DiskCreate = "disk_create",
        DiskDelete = "disk_delete",
    }
}

text_enum! {
    /// How far it is.
    pub enum OperationState {
        /// Accepted; no step was taken yet.
        Pending = "pending",
        Running = "running",
        /// Waits, cancellably, for what `waiting_for` names.
        Waiting = "waiting",
        Succeeded = "succeeded",
        Failed = "failed",
        Cancelled = "cancelled",
    }
}

impl OperationState {
    /// An ended operation doesn't change any more.
    pub const fn is_terminal(self) -> bool {
        match self {
            OperationState::Succeeded | OperationState::Failed | OperationState::Cancelled => true,
            OperationState::Pending | OperationState::Running | OperationState::Waiting => false,
        }
    }
}
