-- The records of a cluster: who may do what, what users made, what runs where, what happened.
-- Time in every row is the database's. States are text with CHECKs, so that a dump can be read.
-- Who writes which column: README.md beside this folder.

-- ---------------------------------------------------------------- the cluster

CREATE TABLE cluster (
    one             boolean PRIMARY KEY DEFAULT true CHECK (one),
    id              uuid NOT NULL,
    ca_cert_pem     text NOT NULL,
    ca_key_pem      text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE nexus (
    id              uuid PRIMARY KEY,
    name            text NOT NULL UNIQUE,
    epoch           bigint NOT NULL DEFAULT 1 CHECK (epoch >= 1),
    seq             bigint NOT NULL DEFAULT 0,
    state           text NOT NULL CHECK (state IN ('active', 'stopped', 'dead')),
    public_address  text NOT NULL,
    internal_address text NOT NULL,
    version         text NOT NULL,
    started_at      timestamptz NOT NULL DEFAULT now(),
    renewed_at      timestamptz NOT NULL DEFAULT now()
);

-- ---------------------------------------------------------------- users

CREATE TABLE api_user (
    id              uuid PRIMARY KEY,
    name            text NOT NULL UNIQUE,
    fleet_role      text CHECK (fleet_role IN ('viewer', 'collaborator', 'admin')),
    created_at      timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE api_token (
    id              uuid PRIMARY KEY,
    user_id         uuid NOT NULL REFERENCES api_user (id) ON DELETE CASCADE,
    label           text NOT NULL,
    -- SHA-256 of 256 random bits: nothing to guess, so nothing to slow down.
    hash            bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL,
    revoked_at      timestamptz
);
CREATE INDEX api_token_by_user ON api_token (user_id, id);

CREATE TABLE project (
    id              uuid PRIMARY KEY,
    name            text NOT NULL UNIQUE,
    description     text NOT NULL DEFAULT '',
    generation      bigint NOT NULL DEFAULT 1,
    quota_instances bigint NOT NULL CHECK (quota_instances >= 0),
    quota_cpus      bigint NOT NULL CHECK (quota_cpus >= 0),
    quota_memory_mib bigint NOT NULL CHECK (quota_memory_mib >= 0),
    quota_disk_bytes bigint NOT NULL CHECK (quota_disk_bytes >= 0),
    created_at      timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE project_role (
    user_id         uuid NOT NULL REFERENCES api_user (id) ON DELETE CASCADE,
    project_id      uuid NOT NULL REFERENCES project (id) ON DELETE CASCADE,
    role            text NOT NULL CHECK (role IN ('viewer', 'collaborator', 'admin')),
    PRIMARY KEY (user_id, project_id)
);
CREATE INDEX project_role_by_project ON project_role (project_id, user_id);

-- ---------------------------------------------------------------- sleds

CREATE TABLE join_token (
    id              uuid PRIMARY KEY,
    hash            bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
    created_by      text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL,
    -- Set together, once: which sled it made, and for which public key (the same key may ask again).
    sled_id         uuid,
    key_hash        bytea,
    CHECK ((sled_id IS NULL) = (key_hash IS NULL))
);

CREATE TABLE sled (
    id              uuid PRIMARY KEY,
    name            text NOT NULL UNIQUE,
    admission       text NOT NULL DEFAULT 'in_service' CHECK (admission IN
                      ('in_service', 'cordoned', 'evacuating', 'evacuated', 'restoring', 'expunged')),
    created_at      timestamptz NOT NULL DEFAULT now(),
    -- Null until the agent registered for the first time.
    registered_at   timestamptz,
    address         text,
    boot_id         uuid,
    ledger_id       uuid,
    version         text,
    hypervisor      text CHECK (hypervisor IN ('qemu_kvm', 'qemu_tcg', 'simulated')),
    cpu_model       text,
    cpus            bigint NOT NULL DEFAULT 0 CHECK (cpus >= 0),
    memory_mib      bigint NOT NULL DEFAULT 0 CHECK (memory_mib >= 0),
    has_bridge      boolean NOT NULL DEFAULT false,
    lease_epoch     bigint NOT NULL DEFAULT 1 CHECK (lease_epoch >= 1),
    lease_seq       bigint NOT NULL DEFAULT 0,
    -- What it last said of itself.
    report_seq      bigint NOT NULL DEFAULT 0,
    recovered_done  bigint NOT NULL DEFAULT 0,
    recovered_total bigint NOT NULL DEFAULT 0,
    last_report_at  timestamptz,
    CHECK ((registered_at IS NULL) = (address IS NULL)),
    CHECK ((registered_at IS NULL) = (ledger_id IS NULL))
);

-- A pool is its directory: mounted on several sleds it is one row with several in sled_pool.
CREATE TABLE pool (
    id              uuid PRIMARY KEY,
    name            text NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('local', 'shared')),
    capacity_bytes  bigint NOT NULL CHECK (capacity_bytes >= 0),
    created_at      timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE sled_pool (
    sled_id         uuid NOT NULL REFERENCES sled (id) ON DELETE CASCADE,
    pool_id         uuid NOT NULL REFERENCES pool (id),
    PRIMARY KEY (sled_id, pool_id)
);
CREATE INDEX sled_pool_by_pool ON sled_pool (pool_id, sled_id);

-- ---------------------------------------------------------------- images

CREATE TABLE image (
    id              uuid PRIMARY KEY,
    project_id      uuid NOT NULL REFERENCES project (id),
    name            text NOT NULL,
    description     text NOT NULL DEFAULT '',
    kind            text NOT NULL CHECK (kind IN ('kernel', 'disk')),
    state           text NOT NULL CHECK (state IN ('uploading', 'ready')),
    -- Of a disk image: what its file is, and how large the disk in it is.
    disk_format     text CHECK (disk_format IN ('raw', 'qcow2')),
    virtual_bytes   bigint CHECK (virtual_bytes > 0),
    created_at      timestamptz NOT NULL DEFAULT now(),
    UNIQUE (project_id, name),
    CHECK (kind = 'disk' OR (disk_format IS NULL AND virtual_bytes IS NULL)),
    CHECK (kind <> 'disk' OR state <> 'ready' OR (disk_format IS NOT NULL AND virtual_bytes IS NOT NULL))
);
CREATE INDEX image_by_project ON image (project_id, id);

-- One uploaded file. A row without sha256 is an upload in flight, or one that died.
CREATE TABLE image_file (
    image_id        uuid NOT NULL REFERENCES image (id) ON DELETE CASCADE,
    part            text NOT NULL CHECK (part IN ('kernel', 'initrd', 'disk')),
    upload_id       uuid NOT NULL,
    size_bytes      bigint NOT NULL CHECK (size_bytes >= 0),
    sha256          text CHECK (length(sha256) = 64),
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (image_id, part, upload_id)
);
CREATE UNIQUE INDEX image_file_complete ON image_file (image_id, part) WHERE sha256 IS NOT NULL;

-- The bytes, in pieces of at most 1 MiB: the database is the one durable store, so every nexus can serve them.
CREATE TABLE image_chunk (
    image_id        uuid NOT NULL,
    part            text NOT NULL,
    upload_id       uuid NOT NULL,
    position        bigint NOT NULL CHECK (position >= 0),
    data            bytea NOT NULL CHECK (length(data) BETWEEN 1 AND 1048576),
    PRIMARY KEY (image_id, part, upload_id, position),
    FOREIGN KEY (image_id, part, upload_id) REFERENCES image_file (image_id, part, upload_id) ON DELETE CASCADE
);
ALTER TABLE image_chunk ALTER COLUMN data SET STORAGE EXTERNAL;

-- ---------------------------------------------------------------- instances

CREATE TABLE instance (
    id              uuid PRIMARY KEY,
    project_id      uuid NOT NULL REFERENCES project (id),
    name            text NOT NULL,
    -- Configuration: the user's.
    description     text NOT NULL DEFAULT '',
    generation      bigint NOT NULL DEFAULT 1 CHECK (generation >= 1),
    cpus            bigint NOT NULL CHECK (cpus BETWEEN 1 AND 255),
    memory_mib      bigint NOT NULL CHECK (memory_mib BETWEEN 16 AND 16777216),
    image_id        uuid REFERENCES image (id),
    command_line    text NOT NULL DEFAULT '',
    stop_grace_ms   bigint NOT NULL DEFAULT 30000 CHECK (stop_grace_ms BETWEEN 0 AND 86400000),
    created_at      timestamptz NOT NULL DEFAULT now(),
    -- Intent: the user's.
    intent          text NOT NULL CHECK (intent IN ('running', 'stopped', 'destroyed')),
    intent_gen      bigint NOT NULL DEFAULT 1 CHECK (intent_gen >= 1),
    intent_at       timestamptz NOT NULL DEFAULT now(),
    -- With intent stopped: when the last accepted stop wants the guest forced.
    stop_deadline   timestamptz,
    -- Record: nexus', written by sagas.
    state           text NOT NULL CHECK (state IN ('creating', 'no_vmm', 'vmm', 'disowned', 'failed', 'destroyed')),
    state_gen       bigint NOT NULL DEFAULT 1 CHECK (state_gen >= 1),
    epoch           bigint NOT NULL DEFAULT 0 CHECK (epoch >= 0),
    active_vmm_id   uuid,
    target_vmm_id   uuid,
    migration_id    uuid,
    rest            text NOT NULL DEFAULT 'none' CHECK (rest IN
                      ('none', 'guest_shutdown', 'gave_up', 'platform', 'held_by_evacuation')),
    -- Updater lock: the id of the update saga that holds it.
    updater_id      uuid,
    updater_gen     bigint NOT NULL DEFAULT 1 CHECK (updater_gen >= 1),
    last_updater_id uuid,
    CHECK ((state = 'vmm') = (active_vmm_id IS NOT NULL)),
    CHECK ((target_vmm_id IS NULL) = (migration_id IS NULL)),
    CHECK (target_vmm_id IS NULL OR active_vmm_id IS NOT NULL),
    CHECK (active_vmm_id <> target_vmm_id),
    CHECK (state <> 'destroyed' OR (active_vmm_id IS NULL AND updater_id IS NULL AND intent = 'destroyed')),
    CHECK (stop_deadline IS NULL OR intent <> 'running')
);
CREATE UNIQUE INDEX instance_name ON instance (project_id, name) WHERE state <> 'destroyed';
CREATE INDEX instance_by_project ON instance (project_id, id) WHERE state <> 'destroyed';
CREATE UNIQUE INDEX instance_by_active ON instance (active_vmm_id) WHERE active_vmm_id IS NOT NULL;
CREATE UNIQUE INDEX instance_by_target ON instance (target_vmm_id) WHERE target_vmm_id IS NOT NULL;
CREATE INDEX instance_by_image ON instance (image_id) WHERE state <> 'destroyed';
CREATE INDEX instance_locked ON instance (updater_id) WHERE updater_id IS NOT NULL;
-- What the intent driver looks at: wishes that the record doesn't match yet.
CREATE INDEX instance_to_stop ON instance (id) WHERE intent <> 'running' AND state IN ('vmm', 'disowned');
CREATE INDEX instance_to_delete ON instance (id) WHERE intent = 'destroyed' AND state <> 'destroyed';

CREATE TABLE nic (
    id              uuid PRIMARY KEY,
    instance_id     uuid NOT NULL REFERENCES instance (id),
    slot            bigint NOT NULL CHECK (slot BETWEEN 0 AND 7),
    mac             text NOT NULL UNIQUE CHECK (mac ~ '^02(:[0-9a-f]{2}){5}$'),
    UNIQUE (instance_id, slot)
);

CREATE TABLE disk (
    id              uuid PRIMARY KEY,
    project_id      uuid NOT NULL REFERENCES project (id),
    name            text NOT NULL,
    description     text NOT NULL DEFAULT '',
    size_bytes      bigint NOT NULL CHECK (size_bytes > 0 AND size_bytes % 512 = 0),
    image_id        uuid REFERENCES image (id),
    pool_id         uuid NOT NULL REFERENCES pool (id),
    state           text NOT NULL CHECK (state IN ('creating', 'ready', 'deleting', 'failed')),
    state_gen       bigint NOT NULL DEFAULT 1 CHECK (state_gen >= 1),
    instance_id     uuid REFERENCES instance (id),
    slot            bigint CHECK (slot BETWEEN 0 AND 7),
    created_at      timestamptz NOT NULL DEFAULT now(),
    UNIQUE (project_id, name),
    UNIQUE (instance_id, slot),
    CHECK ((instance_id IS NULL) = (slot IS NULL)),
    CHECK (instance_id IS NULL OR state = 'ready')
);
CREATE INDEX disk_by_project ON disk (project_id, id);
CREATE INDEX disk_by_pool ON disk (pool_id);
CREATE INDEX disk_by_image ON disk (image_id);

-- ---------------------------------------------------------------- what runs

CREATE TABLE vmm (
    id              uuid PRIMARY KEY,
    instance_id     uuid NOT NULL REFERENCES instance (id),
    sled_id         uuid NOT NULL REFERENCES sled (id),
    epoch           bigint NOT NULL CHECK (epoch >= 1),
    -- The ledger it was made for: another ledger doesn't know it.
    ledger_id       uuid NOT NULL,
    gen             bigint NOT NULL DEFAULT 0 CHECK (gen >= 0),
    state           text NOT NULL CHECK (state IN ('creating', 'starting', 'running', 'rebooting', 'migrating',
                      'stopping', 'destroyed', 'failed', 'unwound')),
    ended_by        text CHECK (ended_by IN ('guest_shutdown', 'graceful_stop', 'forced_at_deadline', 'killed',
                      'crashed', 'host_shutdown', 'lease_expired', 'fenced', 'migrated_away', 'never_started')),
    detail          text,
    unresponsive    boolean NOT NULL DEFAULT false,
    stuck           boolean NOT NULL DEFAULT false,
    -- Its end is wanted for certain: the reaper delivers until it is terminal.
    end_wanted      boolean NOT NULL DEFAULT false,
    created_at      timestamptz NOT NULL DEFAULT now(),
    running_at      timestamptz,
    ended_at        timestamptz,
    reported_at     timestamptz,
    UNIQUE (instance_id, epoch),
    CHECK ((state IN ('destroyed', 'failed', 'unwound')) = (ended_by IS NOT NULL)),
    CHECK ((ended_by IS NULL) = (ended_at IS NULL))
);
CREATE INDEX vmm_by_instance ON vmm (instance_id, id);
CREATE INDEX vmm_live_by_sled ON vmm (sled_id, id) WHERE state NOT IN ('destroyed', 'failed', 'unwound');
CREATE INDEX vmm_end_wanted ON vmm (id) WHERE end_wanted AND state NOT IN ('destroyed', 'failed', 'unwound');
CREATE INDEX vmm_ended ON vmm (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE migration (
    id              uuid PRIMARY KEY,
    instance_id     uuid NOT NULL REFERENCES instance (id),
    source_vmm_id   uuid NOT NULL REFERENCES vmm (id) ON DELETE CASCADE,
    target_vmm_id   uuid NOT NULL REFERENCES vmm (id) ON DELETE CASCADE,
    source_state    text NOT NULL DEFAULT 'pending' CHECK (source_state IN ('pending', 'in_progress', 'completed', 'failed')),
    target_state    text NOT NULL DEFAULT 'pending' CHECK (target_state IN ('pending', 'in_progress', 'completed', 'failed')),
    source_gen      bigint NOT NULL DEFAULT 0,
    target_gen      bigint NOT NULL DEFAULT 0,
    outcome         text CHECK (outcome IN ('completed', 'failed')),
    created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX migration_by_instance ON migration (instance_id, id);

-- A linked VMM exists; whether it belongs to the instance is checked by the keys below.
ALTER TABLE vmm ADD CONSTRAINT vmm_of_instance UNIQUE (id, instance_id);
ALTER TABLE instance
    ADD CONSTRAINT instance_active_vmm FOREIGN KEY (active_vmm_id, id) REFERENCES vmm (id, instance_id),
    ADD CONSTRAINT instance_target_vmm FOREIGN KEY (target_vmm_id, id) REFERENCES vmm (id, instance_id),
    ADD CONSTRAINT instance_migration FOREIGN KEY (migration_id) REFERENCES migration (id);

-- Room on a sled, taken by a VMM from before it is registered until it is terminal.
CREATE TABLE reservation (
    vmm_id          uuid PRIMARY KEY REFERENCES vmm (id),
    sled_id         uuid NOT NULL REFERENCES sled (id),
    cpus            bigint NOT NULL CHECK (cpus > 0),
    memory_mib      bigint NOT NULL CHECK (memory_mib > 0),
    role            text NOT NULL CHECK (role IN ('active', 'target'))
);
CREATE INDEX reservation_by_sled ON reservation (sled_id);

-- What a project uses of its quota: one row for each instance and disk, so that every sum can be made again.
CREATE TABLE quota_use (
    subject_id      uuid PRIMARY KEY,
    project_id      uuid NOT NULL REFERENCES project (id),
    kind            text NOT NULL CHECK (kind IN ('instance', 'disk')),
    cpus            bigint NOT NULL CHECK (cpus >= 0),
    memory_mib      bigint NOT NULL CHECK (memory_mib >= 0),
    disk_bytes      bigint NOT NULL CHECK (disk_bytes >= 0)
);
CREATE INDEX quota_use_by_project ON quota_use (project_id);

-- ---------------------------------------------------------------- operations, events

CREATE TABLE operation (
    id              uuid PRIMARY KEY,
    kind            text NOT NULL CHECK (kind IN ('instance_create', 'instance_start', 'instance_stop',
                      'instance_delete', 'disk_create', 'disk_delete')),
    subject_kind    text NOT NULL CHECK (subject_kind IN ('instance', 'disk')),
    subject_id      uuid NOT NULL,
    subject_name    text NOT NULL,
    project_id      uuid REFERENCES project (id) ON DELETE CASCADE,
    state           text NOT NULL CHECK (state IN ('pending', 'running', 'waiting', 'succeeded', 'failed', 'cancelled')),
    phase           text NOT NULL DEFAULT '',
    done            bigint NOT NULL DEFAULT 0,
    total           bigint NOT NULL DEFAULT 0,
    bytes           bigint NOT NULL DEFAULT 0,
    waiting_for     text,
    error_code      text,
    error_message   text,
    cancellable     boolean NOT NULL DEFAULT false,
    cancel_wanted   boolean NOT NULL DEFAULT false,
    parent_id       uuid REFERENCES operation (id) ON DELETE CASCADE,
    -- Of an instance: the intent it stands for.
    intent_gen      bigint,
    saga_id         uuid,
    actor           text NOT NULL,
    cause           text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    ended_at        timestamptz,
    CHECK ((state IN ('succeeded', 'failed', 'cancelled')) = (ended_at IS NOT NULL)),
    CHECK ((state = 'waiting') = (waiting_for IS NOT NULL)),
    CHECK (state <> 'failed' OR (error_code IS NOT NULL AND error_message IS NOT NULL))
);
CREATE INDEX operation_by_subject ON operation (subject_id, created_at DESC, id DESC);
CREATE INDEX operation_by_project ON operation (project_id, created_at DESC, id DESC);
CREATE INDEX operation_by_time ON operation (created_at DESC, id DESC);
CREATE INDEX operation_open ON operation (subject_id) WHERE ended_at IS NULL;
CREATE INDEX operation_ended ON operation (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE idempotency (
    user_id         uuid NOT NULL REFERENCES api_user (id) ON DELETE CASCADE,
    key             text NOT NULL CHECK (length(key) BETWEEN 1 AND 128),
    -- SHA-256 of what was asked: the same key with another request is a conflict.
    request_hash    bytea NOT NULL,
    operation_id    uuid,
    subject_id      uuid NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_by_time ON idempotency (created_at);

-- Every transition. (txid, id) orders by commit as readers see it: a reader takes only what is below the
-- oldest transaction still in flight, so that nothing appears behind its token later.
CREATE TABLE event (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    txid            xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at              timestamptz NOT NULL DEFAULT now(),
    kind            text NOT NULL,
    subject_kind    text NOT NULL,
    subject_id      uuid NOT NULL,
    subject_name    text NOT NULL,
    project_id      uuid,
    sled_id         uuid,
    actor           text NOT NULL,
    cause           text NOT NULL,
    message         text NOT NULL,
    data            jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX event_by_order ON event (txid, id);
CREATE INDEX event_by_subject ON event (subject_id, txid, id);
CREATE INDEX event_by_project ON event (project_id, txid, id);
CREATE INDEX event_by_sled ON event (sled_id, txid, id) WHERE sled_id IS NOT NULL;
CREATE INDEX event_by_time ON event (at);

-- ---------------------------------------------------------------- background work

-- One row for each background task: shared by claims, so that two nexus don't repeat it.
CREATE TABLE task_run (
    name            text PRIMARY KEY,
    claimed_by      uuid,
    claim_gen       bigint NOT NULL DEFAULT 0,
    last_started_at timestamptz,
    last_ended_at   timestamptz,
    last_result     text
);
