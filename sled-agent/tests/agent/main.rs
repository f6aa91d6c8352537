//! A whole agent, between a stand-in for nexus and a stand-in for the hypervisor: everything else is real (TLS, the
//! doors, the ledger on disk, the pools).

mod binary;
mod console;
mod denials;
mod disks;
mod door;
mod full_disk;
mod hypervisor;
mod joining;
mod lifecycle;
mod memory;
mod metrics;
mod migration;
mod migration_faults;
mod migration_host_shutdown;
mod migration_pair;
mod migration_real_guest;
mod nexus;
mod process;
mod quarantine;
mod reboot;
mod reboot_real;
mod reboot_recovery;
mod recovery;
mod reporting;
mod restarts;
mod shutdown;
mod shutdown_real;
mod sled;
mod units;
