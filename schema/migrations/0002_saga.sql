-- Sagas and their logs. The store that writes them is nexus/saga-store.
--
-- A saga row is created in the same transaction as what it is about, and is owned by one nexus under one adoption
-- generation; every append to its log is checked against both. Adoption is an UPDATE of the pair.
-- `owner` and `subject_id` refer to no table on purpose: a saga outlives the nexus that began it, and can be about
-- any noun.

CREATE TABLE saga (
    id            uuid PRIMARY KEY,
    name          text NOT NULL,
    version       integer NOT NULL CHECK (version > 0),
    owner         uuid NOT NULL,
    adoption_gen  bigint NOT NULL DEFAULT 1 CHECK (adoption_gen > 0),
    state         text NOT NULL DEFAULT 'running'
                  CHECK (state IN ('running', 'unwinding', 'done', 'stuck', 'abandoned')),
    dag           jsonb NOT NULL,
    subject_id    uuid,
    cause         text,
    result        jsonb,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    finished_at   timestamptz,
    CONSTRAINT saga_finished_at_means_it_stopped
        CHECK ((finished_at IS NOT NULL) = (state IN ('done', 'stuck', 'abandoned')))
);

CREATE TABLE saga_event (
    saga_id     uuid NOT NULL REFERENCES saga (id) ON DELETE CASCADE,
    node_id     bigint NOT NULL CHECK (node_id >= 0),
    event_type  text NOT NULL
                CHECK (event_type IN ('started', 'succeeded', 'failed', 'undo_started', 'undo_finished', 'undo_failed')),
    data        jsonb,
    at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (saga_id, node_id, event_type)
);

-- What a nexus takes up at its start, and what is adopted from a dead one.
CREATE INDEX saga_unfinished_by_owner ON saga (owner, id) WHERE state IN ('running', 'unwinding');
-- What waits for an operator.
CREATE INDEX saga_stuck ON saga (id) WHERE state = 'stuck';
-- Retention.
CREATE INDEX saga_finished ON saga (finished_at) WHERE state IN ('done', 'abandoned');
-- Lists, newest first, all and by subject.
CREATE INDEX saga_by_age ON saga (created_at, id);
CREATE INDEX saga_by_subject ON saga (subject_id, created_at, id) WHERE subject_id IS NOT NULL;
