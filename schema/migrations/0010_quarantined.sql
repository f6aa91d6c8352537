-- What is on a host and nobody answers for, as its sled last listed it: an array of {vmm, pid, what, why}.
ALTER TABLE sled ADD COLUMN quarantined jsonb NOT NULL DEFAULT '[]';
