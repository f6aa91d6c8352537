//! What every hypervisor must do, proven on the simulated one and on QEMU with real guests.
//!
//! [`scenarios`] are written once, against the seam; [`world`] says what a hypervisor needs to be tried. What only
//! QEMU can do (stopped processes, locks, a shim that dies) is in [`real_guest_qemu`].

mod agent_death;
mod migration;
mod qemu_world;
mod real_guest_qemu;
mod scenarios;
mod simulated;
mod world;
