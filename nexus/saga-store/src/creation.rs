//! Creating a saga: its row, in the caller's own transaction, beside the guard, lock and operation it belongs to.
//!
//! With the row goes the beginning of its log: the first steps are started by being created.

use crate::registry::PreparedSaga;
use crate::shape::Opening;
use crate::tables::saga;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel::{ExpressionMethods, PgExpressionMethods, QueryDsl, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;
use thiserror::Error;
use uuid::Uuid;

/// What an insertion found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    New,
    /// The same saga is there already: an earlier COMMIT of unknown outcome had come through.
    Already,
}

/// Why a saga can't be inserted.
#[derive(Debug, Error)]
pub enum InsertError {
    #[error("the id of saga {0} is taken by another saga")]
    IdTaken(Uuid),
    #[error("the saga's row can't be written")]
    Database(#[from] diesel::result::Error),
}

/// Inserts the saga, owned by `owner` under generation 1.
pub(crate) async fn insert(
    conn: &mut AsyncPgConnection,
    owner: Uuid,
    prepared: &PreparedSaga,
) -> Result<Inserted, InsertError> {
    if InsertSaga::of(owner, prepared).execute(conn).await? > 0 {
        return Ok(Inserted::New);
    }
    // The owner isn't compared: the saga may have been adopted since.
    let same = saga::table
        .filter(saga::id.eq(prepared.id))
        .filter(saga::name.eq(&prepared.key.name))
        .filter(saga::version.eq(prepared.key.version))
        .filter(saga::dag.eq(&*prepared.dag))
        .filter(saga::subject_id.is_not_distinct_from(prepared.about.subject_id))
        .count()
        .get_result::<i64>(conn)
        .await?;
    if same == 1 { Ok(Inserted::Already) } else { Err(InsertError::IdTaken(prepared.id)) }
}

/// One statement of fixed text, so that it is prepared once per connection.
struct InsertSaga<'a> {
    owner: Uuid,
    prepared: &'a PreparedSaga,
    nodes: Vec<i64>,
    kinds: Vec<&'static str>,
    data: Vec<Option<Value>>,
}

impl<'a> InsertSaga<'a> {
    fn of(owner: Uuid, prepared: &'a PreparedSaga) -> InsertSaga<'a> {
        let opening: &[Opening] = prepared.shape.opening();
        InsertSaga {
            owner,
            prepared,
            nodes: opening.iter().map(|event| i64::from(event.node)).collect(),
            kinds: opening.iter().map(|event| event.kind).collect(),
            data: opening.iter().map(|event| event.data.clone()).collect(),
        }
    }
}

impl QueryId for InsertSaga<'_> {
    type QueryId = InsertSaga<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Pg> for InsertSaga<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let PreparedSaga { id, key, dag, about, .. } = self.prepared;
        out.push_sql(
            "WITH made AS (
                 INSERT INTO saga (id, name, version, owner, dag, subject_id, cause) VALUES (",
        );
        out.push_bind_param::<SqlUuid, _>(id)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(&key.name)?;
        out.push_sql(", ");
        out.push_bind_param::<Integer, _>(&key.version)?;
        out.push_sql(", ");
        out.push_bind_param::<SqlUuid, _>(&self.owner)?;
        out.push_sql(", ");
        out.push_bind_param::<Jsonb, Value>(dag)?;
        out.push_sql(", ");
        out.push_bind_param::<Nullable<SqlUuid>, _>(&about.subject_id)?;
        out.push_sql(", ");
        out.push_bind_param::<Nullable<Text>, _>(&about.cause)?;
        out.push_sql(
            ") ON CONFLICT DO NOTHING RETURNING id
             ) INSERT INTO saga_event (saga_id, node_id, event_type, data)
               SELECT made.id, e.node, e.kind, e.data FROM made, unnest(",
        );
        out.push_bind_param::<Array<BigInt>, _>(&self.nodes)?;
        out.push_sql("::int8[], ");
        out.push_bind_param::<Array<Text>, _>(&self.kinds)?;
        out.push_sql("::text[], ");
        out.push_bind_param::<Array<Nullable<Jsonb>>, _>(&self.data)?;
        out.push_sql("::jsonb[]) AS e (node, kind, data)");
        Ok(())
    }
}
