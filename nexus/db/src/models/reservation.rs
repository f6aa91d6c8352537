//! Room on a sled.

use crate::ids::DbId;
use crate::tables::reservation;
use berth_common::ids::{SledKind, SledUuid, VmmKind, VmmUuid};
use diesel::{Queryable, QueryableByName, Selectable};

/// Room that a VMM takes from before it is registered until it is terminal.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = reservation)]
pub struct Reservation {
    #[diesel(deserialize_as = DbId<VmmKind>)]
    pub vmm_id: VmmUuid,
    #[diesel(deserialize_as = DbId<SledKind>)]
    pub sled_id: SledUuid,
    pub cpus: i64,
    pub memory_mib: i64,
    /// `active` or `target`.
    pub role: String,
}
