-- The last reboot asked of a VMM, and what its sled has said of it. `asked_gen` counts the reboots asked of this VMM: a
-- reboot is never carried to another one.
CREATE TABLE reboot (
    vmm_id          uuid PRIMARY KEY REFERENCES vmm (id) ON DELETE CASCADE,
    asked_gen       bigint NOT NULL CHECK (asked_gen >= 1),
    kind            text NOT NULL CHECK (kind IN ('soft', 'hard')),
    deadline        timestamptz NOT NULL,
    operation_id    uuid REFERENCES operation (id) ON DELETE SET NULL,
    asked_at        timestamptz NOT NULL DEFAULT now(),
    claimed_gen     bigint,
    claimed_at      timestamptz,
    delivered_gen   bigint,
    delivered_at    timestamptz,
    seen_gen        bigint,
    seen_kind       text CHECK (seen_kind IN ('soft', 'hard')),
    seen_phase      text CHECK (seen_phase IN ('shutting_down', 'down', 'starting', 'done')),
    CHECK ((seen_gen IS NULL) = (seen_phase IS NULL) AND (seen_gen IS NULL) = (seen_kind IS NULL))
);
CREATE INDEX reboot_operation ON reboot (operation_id);
