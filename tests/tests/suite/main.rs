//! The whole system under test: real programs as processes, one binary, so that it is linked once.
//!
//! | module | what it shows |
//! |---|---|
//! | `consoles` | the live serial console, from `berth` to the guest |
//! | `database_cost` | how many transactions a start and a report cost |
//! | `delete_wins` | a delete, over each state and whatever is in flight |
//! | `force_stops` | acceptance 11: the cord is pulled, in each state |
//! | `full_disk` | acceptance 31: the disk under a sled's state is full while real guests run |
//! | `host_shutdown` | acceptance 32 to 37: a host is shut down without nexus and database, and comes back |
//! | `host_shutdown_moving` | a host is shut down in mid-migration, at either end |
//! | `lifecycle` | acceptance 1 to 5 and 7: the life of a real guest, whoever dies beside it |
//! | `metrics` | what nexus and agents count, as `berth` prints it |
//! | `migrations` | acceptance 11, 25, 26: live migration, and what meets it |
//! | `migrations_lost` | acceptance 21, 22: hosts that are lost in mid-migration |
//! | `migrations_lost_real` | acceptance 22 on real guests: the target's host is gone right after completing |
//! | `migrations_met` | acceptance 11, 25: what a migration meets at each of its points |
//! | `migrations_real` | acceptance 25 and 26, and real guests that go on elsewhere |
//! | `pinged_migrations` | acceptance 24: a guest under load migrates many times, and is pinged meanwhile |
//! | `nexus_death` | acceptance 17, and nexus killed at each node of each saga |
//! | `quarantine` | what nobody answers for on a host is shown to operators, and left alone |
//! | `reports` | acceptance 18 and 19: repeated, late and reordered reports |
//! | `database_away` | killed, cut, silent, under load; away from one nexus only |
//! | `outages` | acceptance 23, and two nexus that fail over |
//! | `reboots` | acceptance 6, 8, 9, 12 to 16: reboots and what they meet |
//! | `restarts` | acceptance 10: what the restart policy does with a guest that ended by itself |
//! | `saga_matrix` | every step of every saga × everything that can go wrong at it |
//! | `refusals` | a refused request leaves the database byte-identical, over all refusals |

mod api_fuzz;
mod consoles;
mod database_away;
mod database_cost;
mod delete_wins;
mod force_stops;
mod full_disk;
mod host_shutdown;
mod host_shutdown_moving;
mod lifecycle;
mod matrix_fixtures;
mod matrix_nexus;
mod metrics;
mod migrations;
mod migrations_lost;
mod migrations_lost_real;
mod migrations_met;
mod migrations_real;
mod nexus_death;
mod outages;
mod pinged_migrations;
mod quarantine;
mod reboots;
mod refusals;
mod reports;
mod restarts;
mod saga_deeds;
mod saga_hold;
mod saga_matrix;
