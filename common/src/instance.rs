//! States of an instance: the wish, the record, and what is shown.

use crate::text_enum::text_enum;

text_enum! {
    /// What the user last asked for.
    pub enum Intent {
        Running = "running",
        Stopped = "stopped",
        Destroyed = "destroyed",
    }
}

text_enum! {
    /// The stored state of an instance record. `vmm` ⇔ an active VMM is linked.
    pub enum InstanceState {
        /// Its create saga hasn't finished.
        Creating = "creating",
        /// Nothing runs; a start is admitted.
        NoVmm = "no_vmm",
        /// A VMM is linked.
        Vmm = "vmm",
        /// Its VMMs are being ended for certain; it can't start until they are.
        Disowned = "disowned",
        /// Its last VMM ended by a fault; a start is admitted.
        Failed = "failed",
        /// Deleted. Final.
        Destroyed = "destroyed",
    }
}

text_enum! {
    /// Why an instance with intent *running* is not to be started now.
    pub enum Rest {
        /// Nothing is in the way.
        None = "none",
        /// The guest powered itself off, and stays off.
        GuestShutdown = "guest_shutdown",
        /// Its guest ended, and its restart policy starts it again once a pause is over.
        BackOff = "back_off",
        /// Its restart policy allows no further try.
        GaveUp = "gave_up",
        /// Its VMM was lost to a fault of the platform: a start is due.
        Platform = "platform",
        /// An evacuation holds it.
        HeldByEvacuation = "held_by_evacuation",
    }
}

text_enum! {
    /// Whether an instance is started again after its guest ended by a fault of its own. Faults of the platform are
    /// not the guest's: what they ended is started again under every policy.
    pub enum RestartPolicy {
        /// It stays down, and is shown as failed.
        Never = "never",
        /// After a crash; a guest that powers itself off stays off.
        OnFailure = "on_failure",
        /// After a crash and after the guest's own power-off.
        Always = "always",
    }
}

text_enum! {
    /// What users see: computed from instance, active VMM and the sled's liveness; never stored.
    pub enum ShownState {
        Creating = "creating",
        Starting = "starting",
        Running = "running",
        Rebooting = "rebooting",
        Migrating = "migrating",
        Stopping = "stopping",
        Stopped = "stopped",
        Failed = "failed",
        Unknown = "unknown",
        Destroyed = "destroyed",
    }
}
