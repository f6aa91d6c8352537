-- Reboot, migration and force stop are accepted work, too.
ALTER TABLE operation DROP CONSTRAINT operation_kind_check;
ALTER TABLE operation ADD CONSTRAINT operation_kind_check CHECK (kind IN (
    'instance_create', 'instance_start', 'instance_stop', 'instance_reboot', 'instance_migrate',
    'instance_force_stop', 'instance_delete', 'disk_create', 'disk_delete'));

-- In what order a host that is shut down stops its guests, and what becomes of a guest that ended by itself.
ALTER TABLE instance ADD COLUMN stop_priority bigint NOT NULL DEFAULT 0
    CHECK (stop_priority BETWEEN 0 AND 1000);
ALTER TABLE instance ADD COLUMN restart_policy text NOT NULL DEFAULT 'on_failure'
    CHECK (restart_policy IN ('never', 'on_failure', 'always'));
