//! What it is compared with: a store that does the straightforward thing, one commit per event, over the same tables
//! and the same pool.

use crate::{STEPS, Slice};
use anyhow::{Result, anyhow};
use async_trait::async_trait;
use diesel::ExpressionMethods;
use diesel::QueryDsl;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use newtype_uuid::GenericUuid;
use slog::{Logger, o};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use steno::{
    Action, ActionContext, ActionError, ActionFunc, ActionRegistry, Dag, DagBuilder, Node, SagaCachedState,
    SagaCreateParams, SagaDag, SagaId, SagaName, SagaNodeEvent, SagaNodeEventType, SagaType, SecClient,
    SecStore,
};
use uuid::Uuid;

diesel::table! {
    saga (id) {
        id -> Uuid,
        name -> Text,
        version -> Integer,
        owner -> Uuid,
        adoption_gen -> BigInt,
        state -> Text,
        dag -> Jsonb,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    saga_event (saga_id, node_id, event_type) {
        saga_id -> Uuid,
        node_id -> BigInt,
        event_type -> Text,
        data -> Nullable<Jsonb>,
    }
}

#[derive(Debug)]
struct Nothing;

impl SagaType for Nothing {
    type ExecContextType = ();
}

struct CommitEachEvent {
    owner: Uuid,
    pool: Pool<AsyncPgConnection>,
    commits: AtomicU64,
}

impl fmt::Debug for CommitEachEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CommitEachEvent")
    }
}

impl CommitEachEvent {
    async fn conn(&self) -> Object<AsyncPgConnection> {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.pool.get().await.expect("the bench's own database is there")
    }
}

#[async_trait]
impl SecStore for CommitEachEvent {
    async fn saga_create(&self, params: SagaCreateParams) -> Result<()> {
        diesel::insert_into(saga::table)
            .values((
                saga::id.eq(params.id.into_untyped_uuid()),
                saga::name.eq(params.name.to_string()),
                saga::version.eq(1),
                saga::owner.eq(self.owner),
                saga::dag.eq(params.dag),
            ))
            .execute(&mut self.conn().await)
            .await?;
        Ok(())
    }

    async fn record_event(&self, event: SagaNodeEvent) {
        let data = match &event.event_type {
            SagaNodeEventType::Succeeded(value) => Some((**value).clone()),
            _ => None,
        };
        diesel::insert_into(saga_event::table)
            .values((
                saga_event::saga_id.eq(event.saga_id.into_untyped_uuid()),
                saga_event::node_id.eq(i64::from(u32::from(event.node_id))),
                saga_event::event_type.eq(event.event_type.label()),
                saga_event::data.eq(data),
            ))
            .execute(&mut self.conn().await)
            .await
            .expect("an event is inserted");
    }

    async fn saga_update(&self, id: SagaId, update: SagaCachedState) {
        let mine = saga::table
            .filter(saga::id.eq(id.into_untyped_uuid()))
            .filter(saga::owner.eq(self.owner))
            .filter(saga::adoption_gen.eq(1));
        let mut conn = self.conn().await;
        let changed = if update == SagaCachedState::Done {
            let done = (saga::state.eq("done"), saga::finished_at.eq(diesel::dsl::now));
            diesel::update(mine).set(done).execute(&mut conn).await
        } else {
            diesel::update(mine).set(saga::state.eq(update.to_string())).execute(&mut conn).await
        };
        assert_eq!(changed.expect("the state is updated"), 1);
    }
}

async fn nothing(_: ActionContext<Nothing>) -> Result<(), ActionError> {
    Ok(())
}

async fn undo_nothing(_: ActionContext<Nothing>) -> Result<()> {
    Ok(())
}

pub struct Subject {
    client: Arc<SecClient>,
    store: Arc<CommitEachEvent>,
    registry: Arc<ActionRegistry<Nothing>>,
    dag: Dag,
}

impl Subject {
    pub fn new(url: &str) -> Result<Subject> {
        let pool = crate::berth::pool(url)?;
        let store = Arc::new(CommitEachEvent { owner: Uuid::new_v4(), pool, commits: AtomicU64::new(0) });
        let log = Logger::root(slog::Discard, o!());
        let client = Arc::new(steno::sec(log, Arc::clone(&store) as Arc<dyn SecStore>));
        let action: Arc<dyn Action<Nothing>> = ActionFunc::new_action("nothing", nothing, undo_nothing);
        let mut registry = ActionRegistry::new();
        registry.register(Arc::clone(&action));
        let mut builder = DagBuilder::new(SagaName::new("idle"));
        for number in 0..STEPS {
            builder.append(Node::action(format!("step{number}"), "step", &*action));
        }
        Ok(Subject { client, store, registry: Arc::new(registry), dag: builder.build()? })
    }

    pub async fn run(&self, at_once: usize, slice: Duration) -> Result<Slice> {
        let (before, begin) = (AtomicU64::load(&self.store.commits, Ordering::Relaxed), Instant::now());
        let workers: Vec<_> = (0..at_once)
            .map(|_| {
                let (client, registry) = (Arc::clone(&self.client), Arc::clone(&self.registry));
                let dag = self.dag.clone();
                tokio::spawn(async move {
                    let mut sagas = 0u64;
                    while begin.elapsed() < slice {
                        let dag = Arc::new(SagaDag::new(dag.clone(), serde_json::Value::Null));
                        let id = SagaId::from_untyped_uuid(Uuid::new_v4());
                        let done = client.saga_create(id, Arc::new(()), dag, Arc::clone(&registry)).await?;
                        client.saga_start(id).await?;
                        done.await.kind.map_err(|e| anyhow!("a saga failed: {e:?}"))?;
                        sagas += 1;
                    }
                    anyhow::Ok(sagas)
                })
            })
            .collect();
        let mut sagas = 0;
        for worker in workers {
            sagas += worker.await??;
        }
        let commits = AtomicU64::load(&self.store.commits, Ordering::Relaxed) - before;
        let seconds = begin.elapsed().as_secs_f64();
        Ok(Slice { sagas, seconds, commits, durable_waits: commits, cpu_ms: 0.0 })
    }
}
