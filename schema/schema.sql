-- The sum of the migrations, written by a test of nexus/db. Don't edit: see README.md.

CREATE TABLE public.api_token (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    label text NOT NULL,
    hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT api_token_hash_check CHECK ((length(hash) = 32))
);

CREATE TABLE public.api_user (
    id uuid NOT NULL,
    name text NOT NULL,
    fleet_role text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT api_user_fleet_role_check CHECK ((fleet_role = ANY (ARRAY['viewer'::text, 'collaborator'::text, 'admin'::text])))
);

CREATE TABLE public.cluster (
    one boolean DEFAULT true NOT NULL,
    id uuid NOT NULL,
    ca_cert_pem text NOT NULL,
    ca_key_pem text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT cluster_one_check CHECK (one)
);

CREATE TABLE public.disk (
    id uuid NOT NULL,
    project_id uuid NOT NULL,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    size_bytes bigint NOT NULL,
    image_id uuid,
    pool_id uuid NOT NULL,
    state text NOT NULL,
    state_gen bigint DEFAULT 1 NOT NULL,
    instance_id uuid,
    slot bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    file_id uuid,
    CONSTRAINT disk_check CHECK (((instance_id IS NULL) = (slot IS NULL))),
    CONSTRAINT disk_check1 CHECK (((instance_id IS NULL) OR (state = 'ready'::text))),
    CONSTRAINT disk_size_bytes_check CHECK (((size_bytes > 0) AND ((size_bytes % (512)::bigint) = 0))),
    CONSTRAINT disk_slot_check CHECK (((slot >= 0) AND (slot <= 7))),
    CONSTRAINT disk_state_check CHECK ((state = ANY (ARRAY['creating'::text, 'ready'::text, 'deleting'::text, 'failed'::text]))),
    CONSTRAINT disk_state_gen_check CHECK ((state_gen >= 1))
);

CREATE TABLE public.disk_copy (
    file_id uuid NOT NULL,
    disk_id uuid NOT NULL,
    pool_id uuid NOT NULL,
    size_bytes bigint NOT NULL,
    migration_id uuid NOT NULL,
    vmm_id uuid NOT NULL,
    doomed boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    claimed_at timestamp with time zone,
    CONSTRAINT disk_copy_size_bytes_check CHECK ((size_bytes > 0))
);

CREATE TABLE public.end_delivery (
    vmm_id uuid NOT NULL,
    claimed_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.event (
    id bigint NOT NULL,
    txid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    kind text NOT NULL,
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    subject_name text NOT NULL,
    project_id uuid,
    sled_id uuid,
    actor text NOT NULL,
    cause text NOT NULL,
    message text NOT NULL,
    data jsonb DEFAULT '{}'::jsonb NOT NULL
);

ALTER TABLE public.event ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.idempotency (
    user_id uuid NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    operation_id uuid,
    subject_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT idempotency_key_check CHECK (((length(key) >= 1) AND (length(key) <= 128)))
);

CREATE TABLE public.image (
    id uuid NOT NULL,
    project_id uuid NOT NULL,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    disk_format text,
    virtual_bytes bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT image_check CHECK (((kind = 'disk'::text) OR ((disk_format IS NULL) AND (virtual_bytes IS NULL)))),
    CONSTRAINT image_check1 CHECK (((kind <> 'disk'::text) OR (state <> 'ready'::text) OR ((disk_format IS NOT NULL) AND (virtual_bytes IS NOT NULL)))),
    CONSTRAINT image_disk_format_check CHECK ((disk_format = ANY (ARRAY['raw'::text, 'qcow2'::text]))),
    CONSTRAINT image_kind_check CHECK ((kind = ANY (ARRAY['kernel'::text, 'disk'::text]))),
    CONSTRAINT image_state_check CHECK ((state = ANY (ARRAY['uploading'::text, 'ready'::text]))),
    CONSTRAINT image_virtual_bytes_check CHECK ((virtual_bytes > 0))
);

CREATE TABLE public.image_chunk (
    image_id uuid NOT NULL,
    part text NOT NULL,
    upload_id uuid NOT NULL,
    "position" bigint NOT NULL,
    data bytea NOT NULL,
    CONSTRAINT image_chunk_data_check CHECK (((length(data) >= 1) AND (length(data) <= 1048576))),
    CONSTRAINT image_chunk_position_check CHECK (("position" >= 0))
);
ALTER TABLE ONLY public.image_chunk ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE TABLE public.image_file (
    image_id uuid NOT NULL,
    part text NOT NULL,
    upload_id uuid NOT NULL,
    size_bytes bigint NOT NULL,
    sha256 text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT image_file_part_check CHECK ((part = ANY (ARRAY['kernel'::text, 'initrd'::text, 'disk'::text]))),
    CONSTRAINT image_file_sha256_check CHECK ((length(sha256) = 64)),
    CONSTRAINT image_file_size_bytes_check CHECK ((size_bytes >= 0))
);

CREATE TABLE public.instance (
    id uuid NOT NULL,
    project_id uuid NOT NULL,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    generation bigint DEFAULT 1 NOT NULL,
    cpus bigint NOT NULL,
    memory_mib bigint NOT NULL,
    image_id uuid,
    command_line text DEFAULT ''::text NOT NULL,
    stop_grace_ms bigint DEFAULT 30000 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    intent text NOT NULL,
    intent_gen bigint DEFAULT 1 NOT NULL,
    intent_at timestamp with time zone DEFAULT now() NOT NULL,
    stop_deadline timestamp with time zone,
    state text NOT NULL,
    state_gen bigint DEFAULT 1 NOT NULL,
    epoch bigint DEFAULT 0 NOT NULL,
    active_vmm_id uuid,
    target_vmm_id uuid,
    migration_id uuid,
    rest text DEFAULT 'none'::text NOT NULL,
    updater_id uuid,
    updater_gen bigint DEFAULT 1 NOT NULL,
    last_updater_id uuid,
    stop_priority bigint DEFAULT 0 NOT NULL,
    restart_policy text DEFAULT 'on_failure'::text NOT NULL,
    crashes bigint DEFAULT 0 NOT NULL,
    restart_at timestamp with time zone,
    CONSTRAINT instance_back_off_check CHECK (((rest <> 'back_off'::text) OR (restart_at IS NOT NULL))),
    CONSTRAINT instance_check CHECK (((state = 'vmm'::text) = (active_vmm_id IS NOT NULL))),
    CONSTRAINT instance_check1 CHECK (((target_vmm_id IS NULL) = (migration_id IS NULL))),
    CONSTRAINT instance_check2 CHECK (((target_vmm_id IS NULL) OR (active_vmm_id IS NOT NULL))),
    CONSTRAINT instance_check3 CHECK ((active_vmm_id <> target_vmm_id)),
    CONSTRAINT instance_check4 CHECK (((state <> 'destroyed'::text) OR ((active_vmm_id IS NULL) AND (updater_id IS NULL) AND (intent = 'destroyed'::text)))),
    CONSTRAINT instance_check5 CHECK (((stop_deadline IS NULL) OR (intent <> 'running'::text))),
    CONSTRAINT instance_cpus_check CHECK (((cpus >= 1) AND (cpus <= 255))),
    CONSTRAINT instance_crashes_check CHECK ((crashes >= 0)),
    CONSTRAINT instance_epoch_check CHECK ((epoch >= 0)),
    CONSTRAINT instance_generation_check CHECK ((generation >= 1)),
    CONSTRAINT instance_intent_check CHECK ((intent = ANY (ARRAY['running'::text, 'stopped'::text, 'destroyed'::text]))),
    CONSTRAINT instance_intent_gen_check CHECK ((intent_gen >= 1)),
    CONSTRAINT instance_memory_mib_check CHECK (((memory_mib >= 16) AND (memory_mib <= 16777216))),
    CONSTRAINT instance_rest_check CHECK ((rest = ANY (ARRAY['none'::text, 'guest_shutdown'::text, 'back_off'::text, 'gave_up'::text, 'platform'::text, 'held_by_evacuation'::text]))),
    CONSTRAINT instance_restart_policy_check CHECK ((restart_policy = ANY (ARRAY['never'::text, 'on_failure'::text, 'always'::text]))),
    CONSTRAINT instance_state_check CHECK ((state = ANY (ARRAY['creating'::text, 'no_vmm'::text, 'vmm'::text, 'disowned'::text, 'failed'::text, 'destroyed'::text]))),
    CONSTRAINT instance_state_gen_check CHECK ((state_gen >= 1)),
    CONSTRAINT instance_stop_grace_ms_check CHECK (((stop_grace_ms >= 0) AND (stop_grace_ms <= 86400000))),
    CONSTRAINT instance_stop_priority_check CHECK (((stop_priority >= 0) AND (stop_priority <= 1000))),
    CONSTRAINT instance_updater_gen_check CHECK ((updater_gen >= 1))
);

CREATE TABLE public.join_token (
    id uuid NOT NULL,
    hash bytea NOT NULL,
    created_by text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    sled_id uuid,
    key_hash bytea,
    CONSTRAINT join_token_check CHECK (((sled_id IS NULL) = (key_hash IS NULL))),
    CONSTRAINT join_token_hash_check CHECK ((length(hash) = 32))
);

CREATE TABLE public.migration (
    id uuid NOT NULL,
    instance_id uuid NOT NULL,
    source_vmm_id uuid NOT NULL,
    target_vmm_id uuid NOT NULL,
    source_state text DEFAULT 'pending'::text NOT NULL,
    target_state text DEFAULT 'pending'::text NOT NULL,
    source_gen bigint DEFAULT 0 NOT NULL,
    target_gen bigint DEFAULT 0 NOT NULL,
    outcome text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    operation_id uuid NOT NULL,
    intent_gen bigint NOT NULL,
    deadline timestamp with time zone NOT NULL,
    downtime_limit_ms bigint NOT NULL,
    cancel_at timestamp with time zone,
    cancel_why text,
    send_at timestamp with time zone,
    source_phase text,
    target_phase text,
    source_detail text,
    target_detail text,
    address text,
    sent_bytes bigint DEFAULT 0 NOT NULL,
    remaining_bytes bigint DEFAULT 0 NOT NULL,
    total_bytes bigint DEFAULT 0 NOT NULL,
    dirty_bytes_per_s bigint DEFAULT 0 NOT NULL,
    throttle_percent bigint DEFAULT 0 NOT NULL,
    elapsed_ms bigint DEFAULT 0 NOT NULL,
    downtime_ms bigint,
    ended_at timestamp with time zone,
    CONSTRAINT migration_check CHECK (((cancel_at IS NULL) = (cancel_why IS NULL))),
    CONSTRAINT migration_check1 CHECK (((outcome IS NULL) = (ended_at IS NULL))),
    CONSTRAINT migration_check2 CHECK ((source_vmm_id <> target_vmm_id)),
    CONSTRAINT migration_dirty_bytes_per_s_check CHECK ((dirty_bytes_per_s >= 0)),
    CONSTRAINT migration_downtime_limit_ms_check CHECK (((downtime_limit_ms >= 1) AND (downtime_limit_ms <= 60000))),
    CONSTRAINT migration_downtime_ms_check CHECK ((downtime_ms >= 0)),
    CONSTRAINT migration_elapsed_ms_check CHECK ((elapsed_ms >= 0)),
    CONSTRAINT migration_outcome_check CHECK ((outcome = ANY (ARRAY['completed'::text, 'failed'::text]))),
    CONSTRAINT migration_remaining_bytes_check CHECK ((remaining_bytes >= 0)),
    CONSTRAINT migration_sent_bytes_check CHECK ((sent_bytes >= 0)),
    CONSTRAINT migration_source_phase_check CHECK ((source_phase = ANY (ARRAY['preparing'::text, 'copying_disks'::text, 'copying_memory'::text, 'switching_over'::text, 'handed_off'::text, 'cancelling'::text, 'over'::text]))),
    CONSTRAINT migration_source_state_check CHECK ((source_state = ANY (ARRAY['pending'::text, 'in_progress'::text, 'completed'::text, 'failed'::text]))),
    CONSTRAINT migration_target_phase_check CHECK ((target_phase = ANY (ARRAY['preparing'::text, 'copying_disks'::text, 'copying_memory'::text, 'switching_over'::text, 'handed_off'::text, 'cancelling'::text, 'over'::text]))),
    CONSTRAINT migration_target_state_check CHECK ((target_state = ANY (ARRAY['pending'::text, 'in_progress'::text, 'completed'::text, 'failed'::text]))),
    CONSTRAINT migration_throttle_percent_check CHECK (((throttle_percent >= 0) AND (throttle_percent <= 100))),
    CONSTRAINT migration_total_bytes_check CHECK ((total_bytes >= 0))
);

CREATE TABLE public.migration_delivery (
    vmm_id uuid NOT NULL,
    claimed_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.nexus (
    id uuid NOT NULL,
    name text NOT NULL,
    epoch bigint DEFAULT 1 NOT NULL,
    seq bigint DEFAULT 0 NOT NULL,
    state text NOT NULL,
    public_address text NOT NULL,
    internal_address text NOT NULL,
    version text NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    renewed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT nexus_epoch_check CHECK ((epoch >= 1)),
    CONSTRAINT nexus_state_check CHECK ((state = ANY (ARRAY['active'::text, 'stopped'::text, 'dead'::text])))
);

CREATE TABLE public.nic (
    id uuid NOT NULL,
    instance_id uuid NOT NULL,
    slot bigint NOT NULL,
    mac text NOT NULL,
    CONSTRAINT nic_mac_check CHECK ((mac ~ '^02(:[0-9a-f]{2}){5}$'::text)),
    CONSTRAINT nic_slot_check CHECK (((slot >= 0) AND (slot <= 7)))
);

CREATE TABLE public.operation (
    id uuid NOT NULL,
    kind text NOT NULL,
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    subject_name text NOT NULL,
    project_id uuid,
    state text NOT NULL,
    phase text DEFAULT ''::text NOT NULL,
    done bigint DEFAULT 0 NOT NULL,
    total bigint DEFAULT 0 NOT NULL,
    bytes bigint DEFAULT 0 NOT NULL,
    waiting_for text,
    error_code text,
    error_message text,
    cancellable boolean DEFAULT false NOT NULL,
    cancel_wanted boolean DEFAULT false NOT NULL,
    parent_id uuid,
    intent_gen bigint,
    saga_id uuid,
    actor text NOT NULL,
    cause text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT operation_check CHECK (((state = ANY (ARRAY['succeeded'::text, 'failed'::text, 'cancelled'::text])) = (ended_at IS NOT NULL))),
    CONSTRAINT operation_check1 CHECK (((state = 'waiting'::text) = (waiting_for IS NOT NULL))),
    CONSTRAINT operation_check2 CHECK (((state <> 'failed'::text) OR ((error_code IS NOT NULL) AND (error_message IS NOT NULL)))),
    CONSTRAINT operation_kind_check CHECK ((kind = ANY (ARRAY['instance_create'::text, 'instance_start'::text, 'instance_stop'::text, 'instance_reboot'::text, 'instance_migrate'::text, 'instance_force_stop'::text, 'instance_delete'::text, 'disk_create'::text, 'disk_delete'::text]))),
    CONSTRAINT operation_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'running'::text, 'waiting'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text]))),
    CONSTRAINT operation_subject_kind_check CHECK ((subject_kind = ANY (ARRAY['instance'::text, 'disk'::text])))
);

CREATE TABLE public.pool (
    id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    capacity_bytes bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT pool_capacity_bytes_check CHECK ((capacity_bytes >= 0)),
    CONSTRAINT pool_kind_check CHECK ((kind = ANY (ARRAY['local'::text, 'shared'::text])))
);

CREATE TABLE public.project (
    id uuid NOT NULL,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    generation bigint DEFAULT 1 NOT NULL,
    quota_instances bigint NOT NULL,
    quota_cpus bigint NOT NULL,
    quota_memory_mib bigint NOT NULL,
    quota_disk_bytes bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT project_quota_cpus_check CHECK ((quota_cpus >= 0)),
    CONSTRAINT project_quota_disk_bytes_check CHECK ((quota_disk_bytes >= 0)),
    CONSTRAINT project_quota_instances_check CHECK ((quota_instances >= 0)),
    CONSTRAINT project_quota_memory_mib_check CHECK ((quota_memory_mib >= 0))
);

CREATE TABLE public.project_role (
    user_id uuid NOT NULL,
    project_id uuid NOT NULL,
    role text NOT NULL,
    CONSTRAINT project_role_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'collaborator'::text, 'admin'::text])))
);

CREATE TABLE public.quota_use (
    subject_id uuid NOT NULL,
    project_id uuid NOT NULL,
    kind text NOT NULL,
    cpus bigint NOT NULL,
    memory_mib bigint NOT NULL,
    disk_bytes bigint NOT NULL,
    CONSTRAINT quota_use_cpus_check CHECK ((cpus >= 0)),
    CONSTRAINT quota_use_disk_bytes_check CHECK ((disk_bytes >= 0)),
    CONSTRAINT quota_use_kind_check CHECK ((kind = ANY (ARRAY['instance'::text, 'disk'::text]))),
    CONSTRAINT quota_use_memory_mib_check CHECK ((memory_mib >= 0))
);

CREATE TABLE public.reboot (
    vmm_id uuid NOT NULL,
    asked_gen bigint NOT NULL,
    kind text NOT NULL,
    deadline timestamp with time zone NOT NULL,
    operation_id uuid,
    asked_at timestamp with time zone DEFAULT now() NOT NULL,
    claimed_gen bigint,
    claimed_at timestamp with time zone,
    delivered_gen bigint,
    delivered_at timestamp with time zone,
    seen_gen bigint,
    seen_kind text,
    seen_phase text,
    CONSTRAINT reboot_asked_gen_check CHECK ((asked_gen >= 1)),
    CONSTRAINT reboot_check CHECK ((((seen_gen IS NULL) = (seen_phase IS NULL)) AND ((seen_gen IS NULL) = (seen_kind IS NULL)))),
    CONSTRAINT reboot_kind_check CHECK ((kind = ANY (ARRAY['soft'::text, 'hard'::text]))),
    CONSTRAINT reboot_seen_kind_check CHECK ((seen_kind = ANY (ARRAY['soft'::text, 'hard'::text]))),
    CONSTRAINT reboot_seen_phase_check CHECK ((seen_phase = ANY (ARRAY['shutting_down'::text, 'down'::text, 'starting'::text, 'done'::text])))
);

CREATE TABLE public.reservation (
    vmm_id uuid NOT NULL,
    sled_id uuid NOT NULL,
    cpus bigint NOT NULL,
    memory_mib bigint NOT NULL,
    role text NOT NULL,
    CONSTRAINT reservation_cpus_check CHECK ((cpus > 0)),
    CONSTRAINT reservation_memory_mib_check CHECK ((memory_mib > 0)),
    CONSTRAINT reservation_role_check CHECK ((role = ANY (ARRAY['active'::text, 'target'::text])))
);

CREATE TABLE public.saga (
    id uuid NOT NULL,
    name text NOT NULL,
    version integer NOT NULL,
    owner uuid NOT NULL,
    adoption_gen bigint DEFAULT 1 NOT NULL,
    state text DEFAULT 'running'::text NOT NULL,
    dag jsonb NOT NULL,
    subject_id uuid,
    cause text,
    result jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT saga_adoption_gen_check CHECK ((adoption_gen > 0)),
    CONSTRAINT saga_finished_at_means_it_stopped CHECK (((finished_at IS NOT NULL) = (state = ANY (ARRAY['done'::text, 'stuck'::text, 'abandoned'::text])))),
    CONSTRAINT saga_state_check CHECK ((state = ANY (ARRAY['running'::text, 'unwinding'::text, 'done'::text, 'stuck'::text, 'abandoned'::text]))),
    CONSTRAINT saga_version_check CHECK ((version > 0))
);

CREATE TABLE public.saga_event (
    saga_id uuid NOT NULL,
    node_id bigint NOT NULL,
    event_type text NOT NULL,
    data jsonb,
    at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT saga_event_event_type_check CHECK ((event_type = ANY (ARRAY['started'::text, 'succeeded'::text, 'failed'::text, 'undo_started'::text, 'undo_finished'::text, 'undo_failed'::text]))),
    CONSTRAINT saga_event_node_id_check CHECK ((node_id >= 0))
);

CREATE TABLE public.schema_migration (
    version bigint NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.sled (
    id uuid NOT NULL,
    name text NOT NULL,
    admission text DEFAULT 'in_service'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    registered_at timestamp with time zone,
    address text,
    boot_id uuid,
    ledger_id uuid,
    version text,
    hypervisor text,
    cpu_model text,
    cpus bigint DEFAULT 0 NOT NULL,
    memory_mib bigint DEFAULT 0 NOT NULL,
    has_bridge boolean DEFAULT false NOT NULL,
    lease_epoch bigint DEFAULT 1 NOT NULL,
    lease_seq bigint DEFAULT 0 NOT NULL,
    report_seq bigint DEFAULT 0 NOT NULL,
    recovered_done bigint DEFAULT 0 NOT NULL,
    recovered_total bigint DEFAULT 0 NOT NULL,
    last_report_at timestamp with time zone,
    machine_type text,
    planned_down_at timestamp with time zone,
    quarantined jsonb DEFAULT '[]'::jsonb NOT NULL,
    CONSTRAINT sled_admission_check CHECK ((admission = ANY (ARRAY['in_service'::text, 'cordoned'::text, 'evacuating'::text, 'evacuated'::text, 'restoring'::text, 'expunged'::text]))),
    CONSTRAINT sled_check CHECK (((registered_at IS NULL) = (address IS NULL))),
    CONSTRAINT sled_check1 CHECK (((registered_at IS NULL) = (ledger_id IS NULL))),
    CONSTRAINT sled_cpus_check CHECK ((cpus >= 0)),
    CONSTRAINT sled_hypervisor_check CHECK ((hypervisor = ANY (ARRAY['qemu_kvm'::text, 'qemu_tcg'::text, 'simulated'::text]))),
    CONSTRAINT sled_lease_epoch_check CHECK ((lease_epoch >= 1)),
    CONSTRAINT sled_memory_mib_check CHECK ((memory_mib >= 0))
);

CREATE TABLE public.sled_pool (
    sled_id uuid NOT NULL,
    pool_id uuid NOT NULL
);

CREATE TABLE public.start_attempt (
    operation_id uuid NOT NULL,
    vmm_id uuid NOT NULL,
    sled_id uuid,
    code text NOT NULL,
    message text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.stop_delivery (
    vmm_id uuid NOT NULL,
    claimed_deadline timestamp with time zone NOT NULL,
    claimed_at timestamp with time zone DEFAULT now() NOT NULL,
    deadline timestamp with time zone,
    delivered_at timestamp with time zone,
    CONSTRAINT stop_delivery_check CHECK (((deadline IS NULL) = (delivered_at IS NULL)))
);

CREATE TABLE public.task_run (
    name text NOT NULL,
    claimed_by uuid,
    claim_gen bigint DEFAULT 0 NOT NULL,
    last_started_at timestamp with time zone,
    last_ended_at timestamp with time zone,
    last_result text
);

CREATE TABLE public.vmm (
    id uuid NOT NULL,
    instance_id uuid NOT NULL,
    sled_id uuid NOT NULL,
    epoch bigint NOT NULL,
    ledger_id uuid NOT NULL,
    gen bigint DEFAULT 0 NOT NULL,
    state text NOT NULL,
    ended_by text,
    detail text,
    unresponsive boolean DEFAULT false NOT NULL,
    stuck boolean DEFAULT false NOT NULL,
    end_wanted boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    running_at timestamp with time zone,
    ended_at timestamp with time zone,
    reported_at timestamp with time zone,
    proof text,
    CONSTRAINT vmm_check CHECK (((state = ANY (ARRAY['destroyed'::text, 'failed'::text, 'unwound'::text])) = (ended_by IS NOT NULL))),
    CONSTRAINT vmm_check1 CHECK (((ended_by IS NULL) = (ended_at IS NULL))),
    CONSTRAINT vmm_ended_by_check CHECK ((ended_by = ANY (ARRAY['guest_shutdown'::text, 'graceful_stop'::text, 'forced_at_deadline'::text, 'killed'::text, 'crashed'::text, 'host_shutdown'::text, 'lease_expired'::text, 'fenced'::text, 'migrated_away'::text, 'never_started'::text]))),
    CONSTRAINT vmm_epoch_check CHECK ((epoch >= 1)),
    CONSTRAINT vmm_gen_check CHECK ((gen >= 0)),
    CONSTRAINT vmm_proof CHECK (((proof IS NULL) OR (ended_by = 'fenced'::text))),
    CONSTRAINT vmm_proof_check CHECK ((proof = ANY (ARRAY['lease_expired'::text, 'power_off_confirmed'::text, 'clean_handoff'::text, 'boot_id_changed'::text, 'storage_fenced'::text, 'operator_asserted'::text]))),
    CONSTRAINT vmm_state_check CHECK ((state = ANY (ARRAY['creating'::text, 'starting'::text, 'running'::text, 'rebooting'::text, 'migrating'::text, 'stopping'::text, 'destroyed'::text, 'failed'::text, 'unwound'::text])))
);

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_hash_key UNIQUE (hash);

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.api_user
    ADD CONSTRAINT api_user_name_key UNIQUE (name);

ALTER TABLE ONLY public.api_user
    ADD CONSTRAINT api_user_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.cluster
    ADD CONSTRAINT cluster_pkey PRIMARY KEY (one);

ALTER TABLE ONLY public.disk_copy
    ADD CONSTRAINT disk_copy_migration_id_disk_id_key UNIQUE (migration_id, disk_id);

ALTER TABLE ONLY public.disk_copy
    ADD CONSTRAINT disk_copy_pkey PRIMARY KEY (file_id);

ALTER TABLE ONLY public.disk
    ADD CONSTRAINT disk_file_id_key UNIQUE (file_id);

ALTER TABLE ONLY public.disk
    ADD CONSTRAINT disk_instance_id_slot_key UNIQUE (instance_id, slot);

ALTER TABLE ONLY public.disk
    ADD CONSTRAINT disk_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.disk
    ADD CONSTRAINT disk_project_id_name_key UNIQUE (project_id, name);

ALTER TABLE ONLY public.end_delivery
    ADD CONSTRAINT end_delivery_pkey PRIMARY KEY (vmm_id);

ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (user_id, key);

ALTER TABLE ONLY public.image_chunk
    ADD CONSTRAINT image_chunk_pkey PRIMARY KEY (image_id, part, upload_id, "position");

ALTER TABLE ONLY public.image_file
    ADD CONSTRAINT image_file_pkey PRIMARY KEY (image_id, part, upload_id);

ALTER TABLE ONLY public.image
    ADD CONSTRAINT image_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.image
    ADD CONSTRAINT image_project_id_name_key UNIQUE (project_id, name);

ALTER TABLE ONLY public.instance
    ADD CONSTRAINT instance_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.join_token
    ADD CONSTRAINT join_token_hash_key UNIQUE (hash);

ALTER TABLE ONLY public.join_token
    ADD CONSTRAINT join_token_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.migration_delivery
    ADD CONSTRAINT migration_delivery_pkey PRIMARY KEY (vmm_id);

ALTER TABLE ONLY public.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.nexus
    ADD CONSTRAINT nexus_name_key UNIQUE (name);

ALTER TABLE ONLY public.nexus
    ADD CONSTRAINT nexus_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.nic
    ADD CONSTRAINT nic_instance_id_slot_key UNIQUE (instance_id, slot);

ALTER TABLE ONLY public.nic
    ADD CONSTRAINT nic_mac_key UNIQUE (mac);

ALTER TABLE ONLY public.nic
    ADD CONSTRAINT nic_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.operation
    ADD CONSTRAINT operation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pool
    ADD CONSTRAINT pool_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.project
    ADD CONSTRAINT project_name_key UNIQUE (name);

ALTER TABLE ONLY public.project
    ADD CONSTRAINT project_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.project_role
    ADD CONSTRAINT project_role_pkey PRIMARY KEY (user_id, project_id);

ALTER TABLE ONLY public.quota_use
    ADD CONSTRAINT quota_use_pkey PRIMARY KEY (subject_id);

ALTER TABLE ONLY public.reboot
    ADD CONSTRAINT reboot_pkey PRIMARY KEY (vmm_id);

ALTER TABLE ONLY public.reservation
    ADD CONSTRAINT reservation_pkey PRIMARY KEY (vmm_id);

ALTER TABLE ONLY public.saga_event
    ADD CONSTRAINT saga_event_pkey PRIMARY KEY (saga_id, node_id, event_type);

ALTER TABLE ONLY public.saga
    ADD CONSTRAINT saga_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.schema_migration
    ADD CONSTRAINT schema_migration_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.sled
    ADD CONSTRAINT sled_name_key UNIQUE (name);

ALTER TABLE ONLY public.sled
    ADD CONSTRAINT sled_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sled_pool
    ADD CONSTRAINT sled_pool_pkey PRIMARY KEY (sled_id, pool_id);

ALTER TABLE ONLY public.start_attempt
    ADD CONSTRAINT start_attempt_pkey PRIMARY KEY (operation_id, vmm_id);

ALTER TABLE ONLY public.stop_delivery
    ADD CONSTRAINT stop_delivery_pkey PRIMARY KEY (vmm_id);

ALTER TABLE ONLY public.task_run
    ADD CONSTRAINT task_run_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.vmm
    ADD CONSTRAINT vmm_instance_id_epoch_key UNIQUE (instance_id, epoch);

ALTER TABLE ONLY public.vmm
    ADD CONSTRAINT vmm_of_instance UNIQUE (id, instance_id);

ALTER TABLE ONLY public.vmm
    ADD CONSTRAINT vmm_pkey PRIMARY KEY (id);

CREATE INDEX api_token_by_user ON public.api_token USING btree (user_id, id);

CREATE INDEX disk_by_image ON public.disk USING btree (image_id);

CREATE INDEX disk_by_pool ON public.disk USING btree (pool_id);

CREATE INDEX disk_by_project ON public.disk USING btree (project_id, id);

CREATE INDEX disk_copy_by_pool ON public.disk_copy USING btree (pool_id);

CREATE INDEX disk_copy_doomed ON public.disk_copy USING btree (file_id) WHERE doomed;

CREATE INDEX event_by_order ON public.event USING btree (txid, id);

CREATE INDEX event_by_project ON public.event USING btree (project_id, txid, id);

CREATE INDEX event_by_sled ON public.event USING btree (sled_id, txid, id) WHERE (sled_id IS NOT NULL);

CREATE INDEX event_by_subject ON public.event USING btree (subject_id, txid, id);

CREATE INDEX event_by_time ON public.event USING btree (at);

CREATE INDEX idempotency_by_time ON public.idempotency USING btree (created_at);

CREATE INDEX image_by_project ON public.image USING btree (project_id, id);

CREATE UNIQUE INDEX image_file_complete ON public.image_file USING btree (image_id, part) WHERE (sha256 IS NOT NULL);

CREATE UNIQUE INDEX instance_by_active ON public.instance USING btree (active_vmm_id) WHERE (active_vmm_id IS NOT NULL);

CREATE INDEX instance_by_image ON public.instance USING btree (image_id) WHERE (state <> 'destroyed'::text);

CREATE INDEX instance_by_project ON public.instance USING btree (project_id, id) WHERE (state <> 'destroyed'::text);

CREATE UNIQUE INDEX instance_by_target ON public.instance USING btree (target_vmm_id) WHERE (target_vmm_id IS NOT NULL);

CREATE INDEX instance_locked ON public.instance USING btree (updater_id) WHERE (updater_id IS NOT NULL);

CREATE UNIQUE INDEX instance_name ON public.instance USING btree (project_id, name) WHERE (state <> 'destroyed'::text);

CREATE INDEX instance_to_delete ON public.instance USING btree (id) WHERE ((intent = 'destroyed'::text) AND (state <> 'destroyed'::text));

CREATE INDEX instance_to_stop ON public.instance USING btree (id) WHERE ((intent <> 'running'::text) AND (state = ANY (ARRAY['vmm'::text, 'disowned'::text])));

CREATE INDEX migration_by_instance ON public.migration USING btree (instance_id, id);

CREATE INDEX migration_by_source ON public.migration USING btree (source_vmm_id);

CREATE INDEX migration_by_target ON public.migration USING btree (target_vmm_id);

CREATE INDEX migration_open ON public.migration USING btree (instance_id) WHERE (outcome IS NULL);

CREATE INDEX operation_by_project ON public.operation USING btree (project_id, created_at DESC, id DESC);

CREATE INDEX operation_by_subject ON public.operation USING btree (subject_id, created_at DESC, id DESC);

CREATE INDEX operation_by_time ON public.operation USING btree (created_at DESC, id DESC);

CREATE INDEX operation_ended ON public.operation USING btree (ended_at) WHERE (ended_at IS NOT NULL);

CREATE INDEX operation_open ON public.operation USING btree (subject_id) WHERE (ended_at IS NULL);

CREATE INDEX project_role_by_project ON public.project_role USING btree (project_id, user_id);

CREATE INDEX quota_use_by_project ON public.quota_use USING btree (project_id);

CREATE INDEX reboot_operation ON public.reboot USING btree (operation_id);

CREATE INDEX reservation_by_sled ON public.reservation USING btree (sled_id);

CREATE INDEX saga_by_age ON public.saga USING btree (created_at, id);

CREATE INDEX saga_by_subject ON public.saga USING btree (subject_id, created_at, id) WHERE (subject_id IS NOT NULL);

CREATE INDEX saga_finished ON public.saga USING btree (finished_at) WHERE (state = ANY (ARRAY['done'::text, 'abandoned'::text]));

CREATE INDEX saga_stuck ON public.saga USING btree (id) WHERE (state = 'stuck'::text);

CREATE INDEX saga_unfinished_by_owner ON public.saga USING btree (owner, id) WHERE (state = ANY (ARRAY['running'::text, 'unwinding'::text]));

CREATE INDEX sled_pool_by_pool ON public.sled_pool USING btree (pool_id, sled_id);

CREATE INDEX vmm_by_instance ON public.vmm USING btree (instance_id, id);

CREATE INDEX vmm_end_wanted ON public.vmm USING btree (id) WHERE (end_wanted AND (state <> ALL (ARRAY['destroyed'::text, 'failed'::text, 'unwound'::text])));

CREATE INDEX vmm_ended ON public.vmm USING btree (ended_at) WHERE (ended_at IS NOT NULL);

CREATE INDEX vmm_live_by_sled ON public.vmm USING btree (sled_id, id) WHERE (state <> ALL (ARRAY['destroyed'::text, 'failed'::text, 'unwound'::text]));

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.api_user(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.disk_copy
    ADD CONSTRAINT disk_copy_pool_id_fkey FOREIGN KEY (pool_id) REFERENCES public.pool(id);

ALTER TABLE ONLY public.disk
    ADD CONSTRAINT disk_image_id_fkey FOREIGN KEY (image_id) REFERENCES public.image(id);

ALTER TABLE ONLY public.disk
    ADD CONSTRAINT disk_instance_id_fkey FOREIGN KEY (instance_id) REFERENCES public.instance(id);

ALTER TABLE ONLY public.disk
    ADD CONSTRAINT disk_pool_id_fkey FOREIGN KEY (pool_id) REFERENCES public.pool(id);

ALTER TABLE ONLY public.disk
    ADD CONSTRAINT disk_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.project(id);

ALTER TABLE ONLY public.end_delivery
    ADD CONSTRAINT end_delivery_vmm_id_fkey FOREIGN KEY (vmm_id) REFERENCES public.vmm(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.api_user(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.image_chunk
    ADD CONSTRAINT image_chunk_image_id_part_upload_id_fkey FOREIGN KEY (image_id, part, upload_id) REFERENCES public.image_file(image_id, part, upload_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.image_file
    ADD CONSTRAINT image_file_image_id_fkey FOREIGN KEY (image_id) REFERENCES public.image(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.image
    ADD CONSTRAINT image_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.project(id);

ALTER TABLE ONLY public.instance
    ADD CONSTRAINT instance_active_vmm FOREIGN KEY (active_vmm_id, id) REFERENCES public.vmm(id, instance_id);

ALTER TABLE ONLY public.instance
    ADD CONSTRAINT instance_image_id_fkey FOREIGN KEY (image_id) REFERENCES public.image(id);

ALTER TABLE ONLY public.instance
    ADD CONSTRAINT instance_migration FOREIGN KEY (migration_id) REFERENCES public.migration(id);

ALTER TABLE ONLY public.instance
    ADD CONSTRAINT instance_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.project(id);

ALTER TABLE ONLY public.instance
    ADD CONSTRAINT instance_target_vmm FOREIGN KEY (target_vmm_id, id) REFERENCES public.vmm(id, instance_id);

ALTER TABLE ONLY public.instance
    ADD CONSTRAINT instance_updater FOREIGN KEY (updater_id) REFERENCES public.saga(id);

ALTER TABLE ONLY public.migration_delivery
    ADD CONSTRAINT migration_delivery_vmm_id_fkey FOREIGN KEY (vmm_id) REFERENCES public.vmm(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.migration
    ADD CONSTRAINT migration_instance_id_fkey FOREIGN KEY (instance_id) REFERENCES public.instance(id);

ALTER TABLE ONLY public.migration
    ADD CONSTRAINT migration_source_vmm_id_fkey FOREIGN KEY (source_vmm_id) REFERENCES public.vmm(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.migration
    ADD CONSTRAINT migration_target_vmm_id_fkey FOREIGN KEY (target_vmm_id) REFERENCES public.vmm(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.nic
    ADD CONSTRAINT nic_instance_id_fkey FOREIGN KEY (instance_id) REFERENCES public.instance(id);

ALTER TABLE ONLY public.operation
    ADD CONSTRAINT operation_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.operation(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.operation
    ADD CONSTRAINT operation_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.project(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.project_role
    ADD CONSTRAINT project_role_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.project(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.project_role
    ADD CONSTRAINT project_role_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.api_user(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.quota_use
    ADD CONSTRAINT quota_use_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.project(id);

ALTER TABLE ONLY public.reboot
    ADD CONSTRAINT reboot_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES public.operation(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.reboot
    ADD CONSTRAINT reboot_vmm_id_fkey FOREIGN KEY (vmm_id) REFERENCES public.vmm(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reservation
    ADD CONSTRAINT reservation_sled_id_fkey FOREIGN KEY (sled_id) REFERENCES public.sled(id);

ALTER TABLE ONLY public.reservation
    ADD CONSTRAINT reservation_vmm_id_fkey FOREIGN KEY (vmm_id) REFERENCES public.vmm(id);

ALTER TABLE ONLY public.saga_event
    ADD CONSTRAINT saga_event_saga_id_fkey FOREIGN KEY (saga_id) REFERENCES public.saga(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sled_pool
    ADD CONSTRAINT sled_pool_pool_id_fkey FOREIGN KEY (pool_id) REFERENCES public.pool(id);

ALTER TABLE ONLY public.sled_pool
    ADD CONSTRAINT sled_pool_sled_id_fkey FOREIGN KEY (sled_id) REFERENCES public.sled(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.start_attempt
    ADD CONSTRAINT start_attempt_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES public.operation(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.start_attempt
    ADD CONSTRAINT start_attempt_sled_id_fkey FOREIGN KEY (sled_id) REFERENCES public.sled(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stop_delivery
    ADD CONSTRAINT stop_delivery_vmm_id_fkey FOREIGN KEY (vmm_id) REFERENCES public.vmm(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.vmm
    ADD CONSTRAINT vmm_instance_id_fkey FOREIGN KEY (instance_id) REFERENCES public.instance(id);

ALTER TABLE ONLY public.vmm
    ADD CONSTRAINT vmm_sled_id_fkey FOREIGN KEY (sled_id) REFERENCES public.sled(id);
