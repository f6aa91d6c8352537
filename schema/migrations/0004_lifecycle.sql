-- What starts and stops keep beside the records they move.

-- Which sleds a start has tried, and why each said no: the next try leaves them out, the last one tells them all.
-- Without a sled: no sled was found at all.
CREATE TABLE start_attempt (
    operation_id    uuid NOT NULL REFERENCES operation (id) ON DELETE CASCADE,
    vmm_id          uuid NOT NULL,
    sled_id         uuid REFERENCES sled (id) ON DELETE CASCADE,
    code            text NOT NULL,
    message         text NOT NULL,
    at              timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (operation_id, vmm_id)
);

-- The stop that a nexus is delivering to a VMM's sled, and the last one that the sled acknowledged. A claim is no
-- lock: one that is older than a second is taken over, since a stop delivered twice is one stop.
CREATE TABLE stop_delivery (
    vmm_id           uuid PRIMARY KEY REFERENCES vmm (id) ON DELETE CASCADE,
    claimed_deadline timestamptz NOT NULL,
    claimed_at       timestamptz NOT NULL DEFAULT now(),
    deadline         timestamptz,
    delivered_at     timestamptz,
    CHECK ((deadline IS NULL) = (delivered_at IS NULL))
);

-- The end for certain that a nexus is delivering to a VMM's sled.
CREATE TABLE end_delivery (
    vmm_id           uuid PRIMARY KEY REFERENCES vmm (id) ON DELETE CASCADE,
    claimed_at       timestamptz NOT NULL DEFAULT now()
);
