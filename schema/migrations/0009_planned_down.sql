-- A host that is shut down on purpose says so; until its sled registers again its silence is no fault.
ALTER TABLE sled ADD COLUMN planned_down_at timestamptz;
