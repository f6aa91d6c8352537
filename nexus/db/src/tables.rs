//! The tables as diesel sees them: the same columns, in the same order, as `schema/schema.sql` (a test compares).
//!
//! What is kept for work in flight is in `work`; `saga` and `saga_event` aren't here: the saga store has its own.

mod work;

pub use work::*;

/// Types of PostgreSQL that diesel doesn't know.
pub mod sql_types {
    /// A transaction's number, 64 bits wide.
    #[derive(Clone, Copy, Debug, diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
    #[diesel(postgres_type(oid = 5069, array_oid = 271))]
    pub struct Xid8;
}

diesel::table! {
    cluster (one) {
        one -> Bool,
        id -> Uuid,
        ca_cert_pem -> Text,
        ca_key_pem -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    nexus (id) {
        id -> Uuid,
        name -> Text,
        epoch -> BigInt,
        seq -> BigInt,
        state -> Text,
        public_address -> Text,
        internal_address -> Text,
        version -> Text,
        started_at -> Timestamptz,
        renewed_at -> Timestamptz,
    }
}

diesel::table! {
    api_user (id) {
        id -> Uuid,
        name -> Text,
        fleet_role -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    api_token (id) {
        id -> Uuid,
        user_id -> Uuid,
        label -> Text,
        hash -> Bytea,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    project (id) {
        id -> Uuid,
        name -> Text,
        description -> Text,
        generation -> BigInt,
        quota_instances -> BigInt,
        quota_cpus -> BigInt,
        quota_memory_mib -> BigInt,
        quota_disk_bytes -> BigInt,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    project_role (user_id, project_id) {
        user_id -> Uuid,
        project_id -> Uuid,
        role -> Text,
    }
}

diesel::table! {
    join_token (id) {
        id -> Uuid,
        hash -> Bytea,
        created_by -> Text,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        sled_id -> Nullable<Uuid>,
        key_hash -> Nullable<Bytea>,
    }
}

diesel::table! {
    sled (id) {
        id -> Uuid,
        name -> Text,
        admission -> Text,
        created_at -> Timestamptz,
        registered_at -> Nullable<Timestamptz>,
        address -> Nullable<Text>,
        boot_id -> Nullable<Uuid>,
        ledger_id -> Nullable<Uuid>,
        version -> Nullable<Text>,
        hypervisor -> Nullable<Text>,
        cpu_model -> Nullable<Text>,
        cpus -> BigInt,
        memory_mib -> BigInt,
        has_bridge -> Bool,
        lease_epoch -> BigInt,
        lease_seq -> BigInt,
        report_seq -> BigInt,
        recovered_done -> BigInt,
        recovered_total -> BigInt,
        last_report_at -> Nullable<Timestamptz>,
        machine_type -> Nullable<Text>,
        planned_down_at -> Nullable<Timestamptz>,
        quarantined -> Jsonb,
    }
}

diesel::table! {
    pool (id) {
        id -> Uuid,
        name -> Text,
        kind -> Text,
        capacity_bytes -> BigInt,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    sled_pool (sled_id, pool_id) {
        sled_id -> Uuid,
        pool_id -> Uuid,
    }
}

diesel::table! {
    image (id) {
        id -> Uuid,
        project_id -> Uuid,
        name -> Text,
        description -> Text,
        kind -> Text,
        state -> Text,
        disk_format -> Nullable<Text>,
        virtual_bytes -> Nullable<BigInt>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    image_file (image_id, part, upload_id) {
        image_id -> Uuid,
        part -> Text,
        upload_id -> Uuid,
        size_bytes -> BigInt,
        sha256 -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    image_chunk (image_id, part, upload_id, position) {
        image_id -> Uuid,
        part -> Text,
        upload_id -> Uuid,
        position -> BigInt,
        data -> Bytea,
    }
}

diesel::table! {
    instance (id) {
        id -> Uuid,
        project_id -> Uuid,
        name -> Text,
        description -> Text,
        generation -> BigInt,
        cpus -> BigInt,
        memory_mib -> BigInt,
        image_id -> Nullable<Uuid>,
        command_line -> Text,
        stop_grace_ms -> BigInt,
        created_at -> Timestamptz,
        intent -> Text,
        intent_gen -> BigInt,
        intent_at -> Timestamptz,
        stop_deadline -> Nullable<Timestamptz>,
        state -> Text,
        state_gen -> BigInt,
        epoch -> BigInt,
        active_vmm_id -> Nullable<Uuid>,
        target_vmm_id -> Nullable<Uuid>,
        migration_id -> Nullable<Uuid>,
        rest -> Text,
        updater_id -> Nullable<Uuid>,
        updater_gen -> BigInt,
        last_updater_id -> Nullable<Uuid>,
        stop_priority -> BigInt,
        restart_policy -> Text,
        crashes -> BigInt,
        restart_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    nic (id) {
        id -> Uuid,
        instance_id -> Uuid,
        slot -> BigInt,
        mac -> Text,
    }
}

diesel::table! {
    disk (id) {
        id -> Uuid,
        project_id -> Uuid,
        name -> Text,
        description -> Text,
        size_bytes -> BigInt,
        image_id -> Nullable<Uuid>,
        pool_id -> Uuid,
        state -> Text,
        state_gen -> BigInt,
        instance_id -> Nullable<Uuid>,
        slot -> Nullable<BigInt>,
        created_at -> Timestamptz,
        file_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    vmm (id) {
        id -> Uuid,
        instance_id -> Uuid,
        sled_id -> Uuid,
        epoch -> BigInt,
        ledger_id -> Uuid,
        #[sql_name = "gen"]
        generation -> BigInt,
        state -> Text,
        ended_by -> Nullable<Text>,
        detail -> Nullable<Text>,
        unresponsive -> Bool,
        stuck -> Bool,
        end_wanted -> Bool,
        created_at -> Timestamptz,
        running_at -> Nullable<Timestamptz>,
        ended_at -> Nullable<Timestamptz>,
        reported_at -> Nullable<Timestamptz>,
        proof -> Nullable<Text>,
    }
}

diesel::table! {
    migration (id) {
        id -> Uuid,
        instance_id -> Uuid,
        source_vmm_id -> Uuid,
        target_vmm_id -> Uuid,
        source_state -> Text,
        target_state -> Text,
        source_gen -> BigInt,
        target_gen -> BigInt,
        outcome -> Nullable<Text>,
        created_at -> Timestamptz,
        operation_id -> Uuid,
        intent_gen -> BigInt,
        deadline -> Timestamptz,
        downtime_limit_ms -> BigInt,
        cancel_at -> Nullable<Timestamptz>,
        cancel_why -> Nullable<Text>,
        send_at -> Nullable<Timestamptz>,
        source_phase -> Nullable<Text>,
        target_phase -> Nullable<Text>,
        source_detail -> Nullable<Text>,
        target_detail -> Nullable<Text>,
        address -> Nullable<Text>,
        sent_bytes -> BigInt,
        remaining_bytes -> BigInt,
        total_bytes -> BigInt,
        dirty_bytes_per_s -> BigInt,
        throttle_percent -> BigInt,
        elapsed_ms -> BigInt,
        downtime_ms -> Nullable<BigInt>,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    migration_delivery (vmm_id) {
        vmm_id -> Uuid,
        claimed_at -> Timestamptz,
    }
}

diesel::table! {
    disk_copy (file_id) {
        file_id -> Uuid,
        disk_id -> Uuid,
        pool_id -> Uuid,
        size_bytes -> BigInt,
        migration_id -> Uuid,
        vmm_id -> Uuid,
        doomed -> Bool,
        created_at -> Timestamptz,
        claimed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    operation (id) {
        id -> Uuid,
        kind -> Text,
        subject_kind -> Text,
        subject_id -> Uuid,
        subject_name -> Text,
        project_id -> Nullable<Uuid>,
        state -> Text,
        phase -> Text,
        done -> BigInt,
        total -> BigInt,
        bytes -> BigInt,
        waiting_for -> Nullable<Text>,
        error_code -> Nullable<Text>,
        error_message -> Nullable<Text>,
        cancellable -> Bool,
        cancel_wanted -> Bool,
        parent_id -> Nullable<Uuid>,
        intent_gen -> Nullable<BigInt>,
        saga_id -> Nullable<Uuid>,
        actor -> Text,
        cause -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Xid8;

    event (id) {
        id -> BigInt,
        txid -> Xid8,
        at -> Timestamptz,
        kind -> Text,
        subject_kind -> Text,
        subject_id -> Uuid,
        subject_name -> Text,
        project_id -> Nullable<Uuid>,
        sled_id -> Nullable<Uuid>,
        actor -> Text,
        cause -> Text,
        message -> Text,
        data -> Jsonb,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    api_token,
    api_user,
    disk,
    image,
    image_file,
    instance,
    operation,
    pool,
    project,
    project_role,
    sled,
    sled_pool,
);
diesel::joinable!(api_token -> api_user (user_id));
diesel::joinable!(sled_pool -> pool (pool_id));
diesel::joinable!(sled_pool -> sled (sled_id));
