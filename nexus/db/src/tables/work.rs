//! What is kept beside the records for work in flight: claims, deliveries, room and quota, keys of repeated
//! requests.

diesel::table! {
    task_run (name) {
        name -> Text,
        claimed_by -> Nullable<Uuid>,
        claim_gen -> BigInt,
        last_started_at -> Nullable<Timestamptz>,
        last_ended_at -> Nullable<Timestamptz>,
        last_result -> Nullable<Text>,
    }
}

diesel::table! {
    start_attempt (operation_id, vmm_id) {
        operation_id -> Uuid,
        vmm_id -> Uuid,
        sled_id -> Nullable<Uuid>,
        code -> Text,
        message -> Text,
        at -> Timestamptz,
    }
}

diesel::table! {
    stop_delivery (vmm_id) {
        vmm_id -> Uuid,
        claimed_deadline -> Timestamptz,
        claimed_at -> Timestamptz,
        deadline -> Nullable<Timestamptz>,
        delivered_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    end_delivery (vmm_id) {
        vmm_id -> Uuid,
        claimed_at -> Timestamptz,
    }
}

diesel::table! {
    reboot (vmm_id) {
        vmm_id -> Uuid,
        asked_gen -> BigInt,
        kind -> Text,
        deadline -> Timestamptz,
        operation_id -> Nullable<Uuid>,
        asked_at -> Timestamptz,
        claimed_gen -> Nullable<BigInt>,
        claimed_at -> Nullable<Timestamptz>,
        delivered_gen -> Nullable<BigInt>,
        delivered_at -> Nullable<Timestamptz>,
        seen_gen -> Nullable<BigInt>,
        seen_kind -> Nullable<Text>,
        seen_phase -> Nullable<Text>,
    }
}

diesel::table! {
    idempotency (user_id, key) {
        user_id -> Uuid,
        key -> Text,
        request_hash -> Bytea,
        operation_id -> Nullable<Uuid>,
        subject_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    reservation (vmm_id) {
        vmm_id -> Uuid,
        sled_id -> Uuid,
        cpus -> BigInt,
        memory_mib -> BigInt,
        role -> Text,
    }
}

diesel::table! {
    quota_use (subject_id) {
        subject_id -> Uuid,
        project_id -> Uuid,
        kind -> Text,
        cpus -> BigInt,
        memory_mib -> BigInt,
        disk_bytes -> BigInt,
    }
}
