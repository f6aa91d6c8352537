-- Live migration: what was asked for, what both ends report, what is still to be told to them, and copied disks.

-- The machine that guests see: a running guest is only taken where it is the same.
ALTER TABLE sled ADD COLUMN machine_type text;

-- Why a VMM is known to have ended although no sled said so.
ALTER TABLE vmm ADD COLUMN proof text CHECK (proof IN ('lease_expired', 'power_off_confirmed', 'clean_handoff',
    'boot_id_changed', 'storage_fenced', 'operator_asserted'));
ALTER TABLE vmm ADD CONSTRAINT vmm_proof CHECK (proof IS NULL OR ended_by = 'fenced');

-- Nobody has ever written a row of this table.
ALTER TABLE migration
    ADD COLUMN operation_id     uuid NOT NULL,
    -- The intent it was planned with.
    ADD COLUMN intent_gen       bigint NOT NULL,
    -- When it is given up.
    ADD COLUMN deadline         timestamptz NOT NULL,
    ADD COLUMN downtime_limit_ms bigint NOT NULL CHECK (downtime_limit_ms BETWEEN 1 AND 60000),
    -- Since when, and why, it is to be given up.
    ADD COLUMN cancel_at        timestamptz,
    ADD COLUMN cancel_why       text,
    -- From here on the source may be sending.
    ADD COLUMN send_at          timestamptz,
    -- As both ends report.
    ADD COLUMN source_phase     text CHECK (source_phase IN ('preparing', 'copying_disks', 'copying_memory',
        'switching_over', 'handed_off', 'cancelling', 'over')),
    ADD COLUMN target_phase     text CHECK (target_phase IN ('preparing', 'copying_disks', 'copying_memory',
        'switching_over', 'handed_off', 'cancelling', 'over')),
    ADD COLUMN source_detail    text,
    ADD COLUMN target_detail    text,
    ADD COLUMN address          text,
    ADD COLUMN sent_bytes       bigint NOT NULL DEFAULT 0 CHECK (sent_bytes >= 0),
    ADD COLUMN remaining_bytes  bigint NOT NULL DEFAULT 0 CHECK (remaining_bytes >= 0),
    ADD COLUMN total_bytes      bigint NOT NULL DEFAULT 0 CHECK (total_bytes >= 0),
    ADD COLUMN dirty_bytes_per_s bigint NOT NULL DEFAULT 0 CHECK (dirty_bytes_per_s >= 0),
    ADD COLUMN throttle_percent bigint NOT NULL DEFAULT 0 CHECK (throttle_percent BETWEEN 0 AND 100),
    ADD COLUMN elapsed_ms       bigint NOT NULL DEFAULT 0 CHECK (elapsed_ms >= 0),
    ADD COLUMN downtime_ms      bigint CHECK (downtime_ms >= 0),
    ADD COLUMN ended_at         timestamptz,
    ADD CHECK ((cancel_at IS NULL) = (cancel_why IS NULL)),
    ADD CHECK ((outcome IS NULL) = (ended_at IS NULL)),
    ADD CHECK (source_vmm_id <> target_vmm_id);
CREATE INDEX migration_open ON migration (instance_id) WHERE outcome IS NULL;
CREATE INDEX migration_by_source ON migration (source_vmm_id);
CREATE INDEX migration_by_target ON migration (target_vmm_id);

-- The order that a nexus is delivering to one end of a migration. A claim is no lock: one that is older than a second
-- is taken over, since every order may be repeated.
CREATE TABLE migration_delivery (
    vmm_id          uuid PRIMARY KEY REFERENCES vmm (id) ON DELETE CASCADE,
    claimed_at      timestamptz NOT NULL DEFAULT now()
);

-- The id under which a disk's file was made in its pool, where that isn't the disk's own: a deleted id is never made
-- again, so a disk that comes back to a pool needs another one.
ALTER TABLE disk ADD COLUMN file_id uuid UNIQUE;

-- The other file of a disk that is being copied, or was: the one that is filled at the target while a migration is
-- undecided, then the one that lost. It takes its room until it is deleted, and is deleted when no VMM has it open.
CREATE TABLE disk_copy (
    file_id         uuid PRIMARY KEY,
    disk_id         uuid NOT NULL,
    pool_id         uuid NOT NULL REFERENCES pool (id),
    size_bytes      bigint NOT NULL CHECK (size_bytes > 0),
    migration_id    uuid NOT NULL,
    -- The VMM that has it open.
    vmm_id          uuid NOT NULL,
    doomed          boolean NOT NULL DEFAULT false,
    created_at      timestamptz NOT NULL DEFAULT now(),
    claimed_at      timestamptz,
    UNIQUE (migration_id, disk_id)
);
CREATE INDEX disk_copy_by_pool ON disk_copy (pool_id);
CREATE INDEX disk_copy_doomed ON disk_copy (file_id) WHERE doomed;
