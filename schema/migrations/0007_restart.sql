-- A guest that ended by itself is started again by its policy, after a pause that is kept here: crashes that count, and
-- the time (the database's) before which no start is due.
ALTER TABLE instance ADD COLUMN crashes bigint NOT NULL DEFAULT 0 CHECK (crashes >= 0);
ALTER TABLE instance ADD COLUMN restart_at timestamptz;
ALTER TABLE instance DROP CONSTRAINT instance_rest_check;
ALTER TABLE instance ADD CONSTRAINT instance_rest_check CHECK (rest IN
    ('none', 'guest_shutdown', 'back_off', 'gave_up', 'platform', 'held_by_evacuation'));
ALTER TABLE instance ADD CONSTRAINT instance_back_off_check CHECK (rest <> 'back_off' OR restart_at IS NOT NULL);
