//! States of a sled: three independent axes, none of which hides another.

use crate::text_enum::text_enum;

text_enum! {
    /// What the operator allows.
    pub enum Admission {
        InService = "in_service",
        /// Serves what it has, takes nothing new.
        Cordoned = "cordoned",
        Evacuating = "evacuating",
        Evacuated = "evacuated",
        Restoring = "restoring",
        /// Gone for good.
        Expunged = "expunged",
    }
}

text_enum! {
    /// What is known of the host.
    pub enum Liveness {
        Online = "online",
        /// Reports are missing; nothing happens to its guests.
        Suspect = "suspect",
        Lost = "lost",
        Fenced = "fenced",
        PlannedDown = "planned_down",
    }
}

text_enum! {
    /// What runs the guests of a sled.
    pub enum Hypervisor {
        /// QEMU with hardware acceleration that was proven by a probe guest.
        QemuKvm = "qemu_kvm",
        /// QEMU with its own translator.
        QemuTcg = "qemu_tcg",
        /// No guest at all: for speed and for faults that can't be had otherwise.
        Simulated = "simulated",
    }
}
