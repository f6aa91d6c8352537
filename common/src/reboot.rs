//! Words of a reboot: a new hypervisor process for the same VMM.

use crate::text_enum::text_enum;

text_enum! {
    /// How the guest is made to go down.
    pub enum RebootKind {
        /// By the power button; at the deadline it becomes hard.
        Soft = "soft",
        /// By killing it.
        Hard = "hard",
    }
}

text_enum! {
    /// How far a reboot is. The agent writes each phase to its ledger before it acts on it.
    pub enum RebootPhase {
        /// The guest is asked, or made, to go down.
        ShuttingDown = "shutting_down",
        /// The guest is down, and not yet started again.
        Down = "down",
        /// A new hypervisor process may exist; the guest's CPUs don't run yet.
        Starting = "starting",
        /// The guest's CPUs run again. Final.
        Done = "done",
    }
}
