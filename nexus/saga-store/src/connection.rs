//! A writer's own connection: one statement, and so one commit and one round trip, per batch.
//!
//! The statement locks the batch's saga rows `FOR SHARE` in the order of their ids, where they are ours under the
//! generation of their run; inserts the events of those; ends or marks those that it should; and answers which they
//! were. All of it sees the rows as they are under the lock.

use crate::batch::Batch;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep};
use tokio_postgres::tls::NoTlsStream;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, Error, NoTls, Socket, Statement};
use uuid::Uuid;

/// Plans are fixed: statistics of an almost empty table would choose a scan, and keep it when the table is large. A
/// bitmap is a scan too: of all that isn't over, to find one saga.
const SESSION: &str = "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off; \
                       SET enable_mergejoin = off; SET plan_cache_mode = force_generic_plan; SET jit = off; \
                       SET application_name = 'berth saga writer'";

const OWN: &str = "WITH own AS MATERIALIZED (
    SELECT w.ord, s.id, s.state
      FROM unnest($1::int4[], $2::uuid[], $3::int8[]) AS w (ord, id, gen)
      JOIN saga s ON s.id = w.id AND s.adoption_gen = w.gen
     WHERE s.owner = $4
     ORDER BY s.id
       FOR SHARE OF s
), put AS (
    INSERT INTO saga_event (saga_id, node_id, event_type, data)
    SELECT own.id, e.node, e.kind, e.data
      FROM unnest($5::int4[], $6::int8[], $7::text[], $8::jsonb[]) AS e (ord, node, kind, data)
      JOIN own ON own.ord = e.ord
        ON CONFLICT DO NOTHING
    RETURNING 1
)";

/// The state is the locked row's, which nobody else changes meanwhile. Asked of the row once more, it would tempt the
/// planner to look through the index of all that isn't over.
const ENDS: &str = ", ended AS (
    UPDATE saga SET state = f.state, result = f.result, finished_at = now(), updated_at = now()
      FROM unnest($9::int4[], $10::text[], $11::jsonb[]) AS f (ord, state, result)
      JOIN own ON own.ord = f.ord
     WHERE saga.id = own.id AND own.state IN ('running', 'unwinding')
)";

/// The row of a saga that unwinds can be locked by a sibling's transaction: it is then marked with a later batch,
/// because a writer that waited would hold up all other sagas.
const MARKS: &str = ", free AS (
    SELECT s.id
      FROM own JOIN saga s ON s.id = own.id
     WHERE own.ord = ANY ($12::int4[]) AND own.state = 'running'
       FOR UPDATE OF s SKIP LOCKED
), marked AS (
    UPDATE saga SET state = 'unwinding', updated_at = now() FROM free WHERE saga.id = free.id
)";

const ANSWER: &str = " SELECT own.ord, (SELECT count(*) FROM put) FROM own";

/// The same for one saga that only goes on, at half the cost: what a quiet system mostly writes. It doesn't say why
/// rows are missing; the full statement is asked then.
const APPEND_ONE: &str = "INSERT INTO saga_event (saga_id, node_id, event_type, data)
    SELECT own.id, e.node, e.kind, e.data
      FROM (SELECT id FROM saga WHERE id = $1 AND adoption_gen = $2 AND owner = $3 FOR SHARE) AS own,
           unnest($4::int8[], $5::text[], $6::jsonb[]) AS e (node, kind, data)
        ON CONFLICT DO NOTHING";

/// The same for one saga that ends: its UPDATE is the check, and a stronger lock. It finds nothing the second time.
const END_ONE: &str = "WITH own AS (
    UPDATE saga SET state = $7, result = $8, finished_at = now(), updated_at = now()
     WHERE id = $1 AND adoption_gen = $2 AND owner = $3 AND state NOT IN ('done', 'stuck', 'abandoned')
    RETURNING id
) INSERT INTO saga_event (saga_id, node_id, event_type, data)
    SELECT own.id, e.node, e.kind, e.data
      FROM own, unnest($4::int8[], $5::text[], $6::jsonb[]) AS e (node, kind, data)
        ON CONFLICT DO NOTHING";

/// Keys of the batch whose stored payload is another one.
const DIFFERENT: &str = "SELECT DISTINCT e.ord
      FROM unnest($1::int4[], $2::uuid[]) AS w (ord, id)
      JOIN unnest($3::int4[], $4::int8[], $5::text[], $6::jsonb[]) AS e (ord, node, kind, data) ON e.ord = w.ord
      LEFT JOIN saga_event s ON s.saga_id = w.id AND s.node_id = e.node AND s.event_type = e.kind
     WHERE w.ord = ANY ($7::int4[]) AND (s.saga_id IS NULL OR s.data IS DISTINCT FROM e.data)";

const CREATE: &str = "WITH made AS (
    INSERT INTO saga (id, name, version, owner, dag, subject_id, cause)
    SELECT c.id, c.name, c.version, $1, c.dag, c.subject_id, c.cause
      FROM unnest($2::uuid[], $3::text[], $4::int4[], $5::jsonb[], $6::uuid[], $7::text[])
           AS c (id, name, version, dag, subject_id, cause)
        ON CONFLICT DO NOTHING
    RETURNING id
) INSERT INTO saga_event (saga_id, node_id, event_type, data)
    SELECT made.id, e.node, e.kind, e.data
      FROM unnest($8::uuid[], $9::int8[], $10::text[], $11::jsonb[]) AS e (id, node, kind, data)
      JOIN made ON made.id = e.id";

/// What became of a batch.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// Which of its sagas are ours.
    pub ours: Vec<i32>,
    /// Which of those hold another payload under a key of the batch.
    pub different: Vec<i32>,
}

type Driver = tokio_postgres::Connection<Socket, NoTlsStream>;

/// The socket is driven by the writer's own task: another task would cost each commit two hops between threads.
pub(crate) struct Connection {
    session: Session,
    driver: Driver,
    /// One clock for all writes, only ever set further: a new one for each would wake the thread that waits for the
    /// socket, to tell it until when.
    limit: Pin<Box<Sleep>>,
}

struct Session {
    client: Client,
    append: Statement,
    append_one: Statement,
    append_and_end: Statement,
    append_end_and_mark: Statement,
    end_one: Statement,
    different: Statement,
    create: Statement,
}

impl Connection {
    pub async fn open(config: &Config) -> Result<Connection, Error> {
        let (client, mut driver) = config.connect(NoTls).await?;
        let session = driving(&mut driver, Session::prepare(client)).await?;
        Ok(Connection { session, driver, limit: Box::pin(sleep(WRITE_LIMIT)) })
    }

    /// Writes the batch; `None` if there was no answer in time. Repeating it after an error, or after an unknown
    /// outcome, changes nothing more.
    pub async fn write(&mut self, owner: Uuid, batch: &Batch) -> Option<Result<Answer, Error>> {
        self.limit.as_mut().reset(Instant::now() + WRITE_LIMIT);
        tokio::select! {
            biased;
            answer = driving(&mut self.driver, self.session.write(owner, batch)) => Some(answer),
            () = self.limit.as_mut() => None,
        }
    }
}

/// Runs `work` on the connection that `driver` carries. After an error the connection is of no use any more.
async fn driving<T>(driver: &mut Driver, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let mut work = pin!(work);
    poll_fn(|cx| {
        // Answers come in, work takes them and asks on, and what it asked goes out in the same turn.
        if let Poll::Ready(Err(error)) = Pin::new(&mut *driver).poll(cx) {
            return Poll::Ready(Err(error));
        }
        if let Poll::Ready(done) = work.as_mut().poll(cx) {
            return Poll::Ready(done);
        }
        match Pin::new(&mut *driver).poll(cx) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            // Closed: work hears of it on its own.
            Poll::Ready(Ok(())) => work.as_mut().poll(cx),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

impl Session {
    async fn prepare(client: Client) -> Result<Session, Error> {
        client.batch_execute(SESSION).await?;
        Ok(Session {
            append: client.prepare(&format!("{OWN}{ANSWER}")).await?,
            append_one: client.prepare(APPEND_ONE).await?,
            append_and_end: client.prepare(&format!("{OWN}{ENDS}{ANSWER}")).await?,
            append_end_and_mark: client.prepare(&format!("{OWN}{ENDS}{MARKS}{ANSWER}")).await?,
            end_one: client.prepare(END_ONE).await?,
            different: client.prepare(DIFFERENT).await?,
            create: client.prepare(CREATE).await?,
            client,
        })
    }

    async fn write(&self, owner: Uuid, batch: &Batch) -> Result<Answer, Error> {
        if batch.created.is_empty() {
            if self.write_one(owner, batch).await? {
                return Ok(Answer { ours: vec![0], different: Vec::new() });
            }
            return self.append(owner, batch).await;
        }
        if batch.members.is_empty() {
            self.create(owner, batch).await?;
            return Ok(Answer::default());
        }
        // Sent as one: a single commit carries both.
        let (begun, created, answer, committed) = tokio::join!(
            biased;
            self.client.batch_execute("BEGIN"),
            self.create(owner, batch),
            self.append(owner, batch),
            self.client.batch_execute("COMMIT"),
        );
        begun?;
        created?;
        let answer = answer?;
        committed?;
        Ok(answer)
    }

    /// True if the batch is of one saga that goes on or ends, and all of it was new.
    async fn write_one(&self, owner: Uuid, batch: &Batch) -> Result<bool, Error> {
        let ([id], [generation], events) = (&batch.ids[..], &batch.gens[..], &batch.events) else {
            return Ok(false);
        };
        if events.ord.is_empty() || !batch.unwinding.is_empty() {
            return Ok(false);
        }
        let mut columns: Vec<&(dyn ToSql + Sync)> =
            vec![id, generation, &owner, &events.node, &events.kind, &events.data];
        let statement = match (&batch.ends.state[..], &batch.ends.result[..]) {
            ([], []) => &self.append_one,
            ([state], [result]) => {
                columns.extend([state as &(dyn ToSql + Sync), result]);
                &self.end_one
            }
            _ => return Ok(false),
        };
        Ok(self.client.execute(statement, &columns).await? == events.ord.len() as u64)
    }

    async fn append(&self, owner: Uuid, batch: &Batch) -> Result<Answer, Error> {
        let (events, ends) = (&batch.events, &batch.ends);
        let mut columns: Vec<&(dyn ToSql + Sync)> = vec![
            &batch.ords,
            &batch.ids,
            &batch.gens,
            &owner, //
            &events.ord,
            &events.node,
            &events.kind,
            &events.data,
        ];
        let mut statement = &self.append;
        if batch.ends_or_marks() {
            columns.extend([&ends.ord as &(dyn ToSql + Sync), &ends.state, &ends.result]);
            statement = &self.append_and_end;
        }
        if !batch.unwinding.is_empty() {
            columns.push(&batch.unwinding);
            statement = &self.append_end_and_mark;
        }
        let rows = self.client.query(statement, &columns).await?;
        let ours: Vec<i32> = rows.iter().map(|row| row.get(0)).collect();
        let put: i64 = rows.first().map_or(0, |row| row.get(1));
        let expected = events.ord.iter().filter(|ord| ours.contains(ord)).count();
        let different =
            if put as usize == expected { Vec::new() } else { self.different(batch, &ours).await? };
        Ok(Answer { ours, different })
    }

    async fn different(&self, batch: &Batch, ours: &[i32]) -> Result<Vec<i32>, Error> {
        let events = &batch.events;
        let rows = self
            .client
            .query(
                &self.different,
                &[&batch.ords, &batch.ids, &events.ord, &events.node, &events.kind, &events.data, &ours],
            )
            .await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    async fn create(&self, owner: Uuid, batch: &Batch) -> Result<(), Error> {
        let of = || batch.created.iter().map(|(saga, _)| saga);
        let ids: Vec<Uuid> = of().map(|saga| saga.id).collect();
        let names: Vec<&str> = of().map(|saga| saga.key.name.as_str()).collect();
        let versions: Vec<i32> = of().map(|saga| saga.key.version).collect();
        let dags: Vec<&serde_json::Value> = of().map(|saga| &*saga.dag).collect();
        let subjects: Vec<Option<Uuid>> = of().map(|saga| saga.about.subject_id).collect();
        let causes: Vec<Option<&str>> = of().map(|saga| saga.about.cause.as_deref()).collect();
        let events = || of().flat_map(|saga| saga.shape.opening().iter().map(|event| (saga.id, event)));
        let event_ids: Vec<Uuid> = events().map(|(id, _)| id).collect();
        let nodes: Vec<i64> = events().map(|(_, event)| i64::from(event.node)).collect();
        let kinds: Vec<&str> = events().map(|(_, event)| event.kind).collect();
        let data: Vec<Option<&serde_json::Value>> = events().map(|(_, event)| event.data.as_ref()).collect();
        let columns: [&(dyn ToSql + Sync); 11] = [
            &owner, &ids, &names, &versions, &dags, &subjects, &causes, //
            &event_ids, &nodes, &kinds, &data,
        ];
        self.client.execute(&self.create, &columns).await?;
        Ok(())
    }
}

/// How long an unanswered write may take before its connection is given up and the batch is repeated on another.
pub(crate) const WRITE_LIMIT: Duration = Duration::from_secs(15);
