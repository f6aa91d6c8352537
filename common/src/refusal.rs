//! The names of refusals: what stands in `error_code`, from the planners to the CLI.
//!
//! A code is part of the interface: scripts match on it, so it never changes its meaning.

use crate::text_enum::text_enum;

text_enum! {
    /// Why a request was refused, or an operation failed.
    pub enum ErrorCode {
        // -- the request itself (400, 401, 403, 404, 409, 412, 413, 422, 429)
        InvalidRequest = "invalid_request",
        InvalidName = "invalid_name",
        InvalidImage = "invalid_image",
        ChecksumMismatch = "checksum_mismatch",
        Unauthenticated = "unauthenticated",
        Forbidden = "forbidden",
        NotFound = "not_found",
        NameTaken = "name_taken",
        GenerationMismatch = "generation_mismatch",
        IdempotencyConflict = "idempotency_conflict",
        BodyTooLarge = "body_too_large",
        QuotaExceeded = "quota_exceeded",
        LimitExceeded = "limit_exceeded",
        Unavailable = "unavailable",
        Internal = "internal",
        // -- refused by state (409)
        InstanceCreating = "instance_creating",
        InstanceStopping = "instance_stopping",
        InstanceMigrating = "instance_migrating",
        InstanceRebooting = "instance_rebooting",
        InstanceDisowned = "instance_disowned",
        InstanceNotStoppable = "instance_not_stoppable",
        InstanceNotStopped = "instance_not_stopped",
        InstanceNotRunning = "instance_not_running",
        SameSled = "same_sled",
        CpuModelMismatch = "cpu_model_mismatch",
        SledUnreachable = "sled_unreachable",
        SledNotSilent = "sled_not_silent",
        Deleting = "deleting",
        DiskAttached = "disk_attached",
        DiskNotReady = "disk_not_ready",
        DiskTooLarge = "disk_too_large",
        DiskTooSmall = "disk_too_small",
        ImageNotReady = "image_not_ready",
        ImageInUse = "image_in_use",
        ImageFileComplete = "image_file_complete",
        PoolNotFound = "pool_not_found",
        ProjectNotEmpty = "project_not_empty",
        OperationEnded = "operation_ended",
        OperationNotCancellable = "operation_not_cancellable",
        SagaNotStuck = "saga_not_stuck",
        SagaNotRunnable = "saga_not_runnable",
        SledNotInService = "sled_not_in_service",
        JoinTokenUsed = "join_token_used",
        JoinTokenInvalid = "join_token_invalid",
        // -- why accepted work failed
        NoCapacity = "no_capacity",
        StartFailed = "start_failed",
        StopSuperseded = "stop_superseded",
        RebootSuperseded = "reboot_superseded",
        RebootFailed = "reboot_failed",
        MigrationFailed = "migration_failed",
        Cancelled = "cancelled",
        StorageFailed = "storage_failed",
        SagaResolved = "saga_resolved",
    }
}

text_enum! {
    /// Why a sled-agent denied a request.
    pub enum Denial {
        /// The request is for another cluster.
        WrongCluster = "wrong_cluster",
        /// The request is for another ledger: the agent's memory isn't the one nexus knows.
        WrongLedger = "wrong_ledger",
        /// The ledger has seen a higher epoch of this instance.
        StaleEpoch = "stale_epoch",
        /// This VMM was ended for certain and never runs again.
        Tombstoned = "tombstoned",
        /// The VMM isn't registered here.
        NotRegistered = "not_registered",
        /// The id is registered with another specification.
        SpecMismatch = "spec_mismatch",
        /// The VMM is in a state that doesn't allow this.
        WrongState = "wrong_state",
        /// Not enough cores or memory.
        NoCapacity = "no_capacity",
        /// The pool isn't here, or too small.
        PoolUnavailable = "pool_unavailable",
        /// A disk's file isn't where it should be.
        DiskMissing = "disk_missing",
        /// An image's file couldn't be had.
        ImageUnavailable = "image_unavailable",
        /// The bridge or tap couldn't be had.
        NetworkUnavailable = "network_unavailable",
        /// The host's own disk takes no more ledger entries.
        LedgerFull = "ledger_full",
        /// The host is being shut down.
        ShuttingDown = "shutting_down",
        /// A reboot is in flight.
        Rebooting = "rebooting",
        /// The VMM takes part in another migration, or in none.
        WrongMigration = "wrong_migration",
        /// The hypervisor couldn't be started.
        HypervisorFailed = "hypervisor_failed",
    }
}
