//! Diesel's view of this crate's two tables (schema/migrations/0002_saga.sql).

diesel::table! {
    saga (id) {
        id -> Uuid,
        name -> Text,
        version -> Integer,
        owner -> Uuid,
        adoption_gen -> BigInt,
        state -> Text,
        dag -> Jsonb,
        subject_id -> Nullable<Uuid>,
        cause -> Nullable<Text>,
        result -> Nullable<Jsonb>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    saga_event (saga_id, node_id, event_type) {
        saga_id -> Uuid,
        node_id -> BigInt,
        event_type -> Text,
        data -> Nullable<Jsonb>,
        at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(saga, saga_event);
