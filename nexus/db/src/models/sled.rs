//! Sleds, and the tokens that let a host become one.

use crate::ids::{DbId, DbText, OptId, OptText};
use crate::tables::{join_token, sled};
use berth_common::Name;
use berth_common::ids::{
    BootKind, BootUuid, JoinTokenKind, JoinTokenUuid, LedgerKind, LedgerUuid, SledKind, SledUuid,
};
use berth_common::sled::{Admission, Hypervisor};
use chrono::{DateTime, Utc};
use diesel::{Queryable, QueryableByName, Selectable};

/// A host.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = sled)]
pub struct Sled {
    #[diesel(deserialize_as = DbId<SledKind>)]
    pub id: SledUuid,
    #[diesel(deserialize_as = DbText<Name>)]
    pub name: Name,
    #[diesel(deserialize_as = DbText<Admission>)]
    pub admission: Admission,
    pub created_at: DateTime<Utc>,
    /// None until its agent registered for the first time; then also address and ledger are there.
    pub registered_at: Option<DateTime<Utc>>,
    /// `https://host:port` of its agent.
    pub address: Option<String>,
    #[diesel(deserialize_as = OptId<BootKind>)]
    pub boot_id: Option<BootUuid>,
    #[diesel(deserialize_as = OptId<LedgerKind>)]
    pub ledger_id: Option<LedgerUuid>,
    pub version: Option<String>,
    #[diesel(deserialize_as = OptText<Hypervisor>)]
    pub hypervisor: Option<Hypervisor>,
    pub cpu_model: Option<String>,
    pub cpus: i64,
    pub memory_mib: i64,
    /// Instances with interfaces can run here.
    pub has_bridge: bool,
    pub lease_epoch: i64,
    pub report_seq: i64,
    pub recovered_done: i64,
    pub recovered_total: i64,
    pub last_report_at: Option<DateTime<Utc>>,
    /// Machine type that its guests see.
    pub machine_type: Option<String>,
    /// Its host is being, or was, shut down on purpose, and it hasn't registered since.
    pub planned_down_at: Option<DateTime<Utc>>,
}

/// A one-time right to become a sled, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = join_token)]
pub struct JoinToken {
    #[diesel(deserialize_as = DbId<JoinTokenKind>)]
    pub id: JoinTokenUuid,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// The sled it made; none while it wasn't used.
    #[diesel(deserialize_as = OptId<SledKind>)]
    pub sled_id: Option<SledUuid>,
}
