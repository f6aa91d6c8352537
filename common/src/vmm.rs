//! States of a VMM: one incarnation of an instance on one sled.
//!
//! ```text
//! creating → starting → running ⇄ rebooting
//!                ↓         ↓  ↘ migrating
//!             failed    stopping → destroyed          unwound: its start or migrate saga was undone
//! ```
//! `destroyed`, `failed` and `unwound` are terminal, and terminal is final.

use crate::text_enum::text_enum;

text_enum! {
    /// What a VMM is doing, as last reported by its sled (`creating` and `unwound` are nexus' own).
    pub enum VmmState {
        /// The row exists; no sled has been told yet.
        Creating = "creating",
        /// The sled has it; the guest isn't running yet.
        Starting = "starting",
        /// The guest runs.
        Running = "running",
        /// The guest is being restarted in place.
        Rebooting = "rebooting",
        /// The guest's memory is being sent or received.
        Migrating = "migrating",
        /// A stop was accepted; the ladder is running.
        Stopping = "stopping",
        /// It ended. Terminal.
        Destroyed = "destroyed",
        /// It ended by a fault, or never began. Terminal.
        Failed = "failed",
        /// The saga that made it was undone. Terminal.
        Unwound = "unwound",
    }
}

impl VmmState {
    /// Terminal is final: nothing that is reported later changes it.
    pub const fn is_terminal(self) -> bool {
        match self {
            VmmState::Destroyed | VmmState::Failed | VmmState::Unwound => true,
            VmmState::Creating
            | VmmState::Starting
            | VmmState::Running
            | VmmState::Rebooting
            | VmmState::Migrating
            | VmmState::Stopping => false,
        }
    }
}

text_enum! {
    /// Why a terminal VMM ended.
    pub enum EndedBy {
        /// The guest powered itself off.
        GuestShutdown = "guest_shutdown",
        /// The guest obeyed the power button within its grace.
        GracefulStop = "graceful_stop",
        /// The guest did not obey in time; the hypervisor was told to quit, or killed.
        ForcedAtDeadline = "forced_at_deadline",
        /// Ended for certain on request (force stop, delete, undo), without a grace.
        Killed = "killed",
        /// The hypervisor process died without being asked.
        Crashed = "crashed",
        /// The host was shut down.
        HostShutdown = "host_shutdown",
        /// The sled's lease ran out.
        LeaseExpired = "lease_expired",
        /// Declared dead by proof.
        Fenced = "fenced",
        /// It went on elsewhere.
        MigratedAway = "migrated_away",
        /// It ended before its guest ever ran.
        NeverStarted = "never_started",
    }
}
