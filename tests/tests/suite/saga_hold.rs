//! Holds a saga before one of its nodes: what the node before did has taken effect, and nobody has logged it.
//!
//! A trigger in the database, behind a lock of the test's, keeps the *started* of the node, or the saga's end, from
//! being written. The *started* of the first nodes is written by the transaction that creates the saga; there nothing
//! is held, and the saga only found.

use anyhow::{Context, Result};
use berth_tests::{Play, Records, until};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

/// Stands for a saga's own end instead of a node.
const THE_END: i64 = -1;

const TRIGGERS: &str = "
    CREATE SCHEMA hold;
    CREATE TABLE hold.place (saga text, node bigint);
    CREATE FUNCTION hold.at_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF EXISTS (SELECT FROM hold.place p JOIN public.saga s ON s.name = p.saga
                WHERE s.id = NEW.saga_id AND p.node = NEW.node_id AND s.created_at <> now()) THEN
            PERFORM pg_advisory_xact_lock_shared(4711);
        END IF;
        RETURN NEW; END $$;
    CREATE TRIGGER hold BEFORE INSERT ON public.saga_event FOR EACH ROW
        WHEN (NEW.event_type = 'started') EXECUTE FUNCTION hold.at_event();
    CREATE FUNCTION hold.at_end() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF EXISTS (SELECT FROM hold.place p WHERE p.saga = NEW.name AND p.node = -1) THEN
            PERFORM pg_advisory_xact_lock_shared(4711);
        END IF;
        RETURN NEW; END $$;
    CREATE TRIGGER hold BEFORE UPDATE ON public.saga FOR EACH ROW
        WHEN (NEW.state = 'done' AND OLD.state <> 'done') EXECUTE FUNCTION hold.at_end();";

/// Sessions that are held.
const HELD: &str = "FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// The sagas of a name that are newer than the hold.
const NEW: &str = "FROM saga s WHERE s.name = $1 AND s.created_at > $2::text::timestamptz";

/// A node of a saga, or its end.
#[derive(Clone, Debug)]
pub struct Place {
    pub saga: String,
    node: i64,
    /// The node's name.
    step: String,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} before {} (node {})", self.saga, self.step, self.node)
    }
}

impl Place {
    /// The place before a step that has this name.
    pub fn before(saga: &str, step: &str) -> Result<Place> {
        let found = places()?.into_iter().find(|place| place.saga == saga && place.step == step);
        found.with_context(|| format!("no saga {saga} with a step {step}"))
    }
}

/// Every node of every saga that is registered, and the end of each.
pub fn places() -> Result<Vec<Place>> {
    let registry = berth_nexus::sagas::registry()?;
    let mut places = Vec::new();
    for key in registry.names() {
        let nodes = registry.nodes(&key.name, key.version).context("a registered saga has nodes")?;
        let place = |node, step| Place { saga: key.name.clone(), node, step };
        places.extend(nodes.into_iter().map(|node| place(i64::from(node.node), node.step)));
        places.push(place(THE_END, "its end".to_owned()));
    }
    Ok(places)
}

/// What becomes of the COMMIT under way when nexus dies: a real server may do both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastWords {
    Lost,
    Heard,
}

/// A saga that stands at its place.
#[derive(Debug)]
pub struct Standing {
    pub saga: String,
    /// The nexus that owns it, by its id, and its place in the cluster.
    pub owner: String,
    pub nexus: usize,
    /// False: it was only found, and goes on.
    pub held: bool,
}

/// The lock, and the triggers behind it.
#[derive(Debug)]
pub struct Hold {
    lock: Records,
    since: String,
}

impl Hold {
    /// Puts the triggers into the cluster's database.
    pub fn new(play: &mut Play) -> Result<Hold> {
        play.records.client().batch_execute(TRIGGERS)?;
        Ok(Hold { lock: play.more_records()?, since: String::new() })
    }

    /// From now on sagas are held at this place.
    pub fn begin(&mut self, place: &Place) -> Result<()> {
        self.since = self.lock.one("SELECT clock_timestamp()::text", &[])?;
        self.lock.client().execute("SELECT pg_advisory_lock(4711)", &[])?;
        self.lock.client().execute("INSERT INTO hold.place VALUES ($1, $2)", &[&place.saga, &place.node])?;
        Ok(())
    }

    /// Waits until a saga stands at the place.
    pub fn stands(&mut self, place: &Place) -> Result<Standing> {
        let held = format!("SELECT count(*) > 0 {HELD}");
        let opened = format!(
            "SELECT count(*) > 0 {NEW} AND EXISTS (SELECT FROM saga_event e WHERE e.saga_id = s.id
                 AND e.node_id = $3 AND e.event_type = 'started' AND e.at = s.created_at)"
        );
        let held = until("a saga stands at its place", SOON, || {
            if self.lock.one(&held, &[])? {
                return Ok(Some(true));
            }
            let found: bool = self.lock.one(&opened, &[&place.saga, &self.since, &place.node])?;
            Ok(found.then_some(false))
        })?;
        let which = format!(
            "SELECT s.id::text, s.owner::text, (SELECT name FROM nexus n WHERE n.id = s.owner) {NEW}
             ORDER BY s.state = 'done', s.created_at LIMIT 1"
        );
        let row = self.lock.client().query_one(&which, &[&place.saga, &self.since])?;
        let name: String = row.try_get(2)?;
        let number: usize = name.strip_prefix("nexus-").context("a nexus is named so")?.parse()?;
        Ok(Standing { saga: row.try_get(0)?, owner: row.try_get(1)?, nexus: number - 1, held })
    }

    /// Gives the place up, after the death of the nexus that stood there.
    pub fn end(&mut self, standing: &Standing, words: LastWords) -> Result<()> {
        self.lock.client().execute("DELETE FROM hold.place", &[])?;
        if words == LastWords::Lost && standing.held {
            // Nobody, if its session waited too long by its own limit: its words are lost then, too.
            self.lock.one::<i64>(&format!("SELECT count(pg_terminate_backend(pid)) {HELD}"), &[])?;
            self.nobody_is_held()?;
        }
        self.lock.client().execute("SELECT pg_advisory_unlock(4711)", &[])?;
        self.nobody_is_held()
    }

    fn nobody_is_held(&mut self) -> Result<()> {
        self.lock.until("nobody is held", SOON, &format!("SELECT count(*) = 0 {HELD}"), &[])
    }

    /// The nexus that owns a saga, by its id.
    pub fn owner(&mut self, saga: &str) -> Result<String> {
        self.lock.one("SELECT owner::text FROM saga WHERE id::text = $1", &[&saga])
    }
}
