//! One type of id per noun. All are random UUIDs (v4) unless said otherwise; none is ever reused.

newtype_uuid_macros::impl_typed_uuid_kinds! {
    settings = {
        schemars08 = {
            rust_type = { crate = "berth-common", version = "0.1.0", path = "berth_common::ids" },
        },
    },
    kinds = {
        // What users see.
        Project = {},
        Instance = {},
        Disk = {},
        Image = {},
        Nic = {},
        Operation = {},
        User = {},
        Token = {},
        // What the cluster is made of.
        Cluster = {},
        Nexus = {},
        Sled = {},
        Pool = {},
        JoinToken = {},
        // What runs.
        Vmm = {},
        Migration = {},
        Evacuation = {},
        Saga = {},
        // What orders messages: a host's boot, an agent's ledger, one request.
        Boot = {},
        Ledger = {},
        Request = {},
    },
}

pub use newtype_uuid::{GenericUuid, TypedUuid, TypedUuidKind};
