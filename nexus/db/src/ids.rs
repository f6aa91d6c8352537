//! Between what a row holds and the words of `berth_common`: typed ids, and texts that are states.
//!
//! Models carry `InstanceUuid`, `DiskState` and so on; the wrappers here stand in their `deserialize_as`.

use berth_common::ids::{GenericUuid, TypedUuid, TypedUuidKind};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{Nullable, Text};
use std::fmt;
use uuid::Uuid;

/// A typed id as a column's value, in both directions.
#[derive(AsExpression, FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Uuid)]
pub struct DbId<K: TypedUuidKind>(pub TypedUuid<K>);

/// As [`DbId`], of a column that can be null.
#[derive(FromSqlRow)]
pub struct OptId<K: TypedUuidKind>(pub Option<TypedUuid<K>>);

/// A text that is one of `T`'s words.
#[derive(Debug, FromSqlRow)]
pub struct DbText<T>(pub T);

/// As [`DbText`], of a column that can be null.
#[derive(Debug, FromSqlRow)]
pub struct OptText<T>(pub Option<T>);

impl<K: TypedUuidKind> fmt::Debug for DbId<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<K: TypedUuidKind> fmt::Debug for OptId<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<K: TypedUuidKind> From<TypedUuid<K>> for DbId<K> {
    fn from(id: TypedUuid<K>) -> Self {
        DbId(id)
    }
}

impl<K: TypedUuidKind> From<DbId<K>> for TypedUuid<K> {
    fn from(id: DbId<K>) -> Self {
        id.0
    }
}

impl<K: TypedUuidKind> From<OptId<K>> for Option<TypedUuid<K>> {
    fn from(id: OptId<K>) -> Self {
        id.0
    }
}

/// A conversion for each word that is stored as text: the rules of Rust allow none for all of them at once.
macro_rules! stored_as_text {
    ($($word:ty),+ $(,)?) => {
        $(
            impl From<DbText<$word>> for $word {
                fn from(text: DbText<$word>) -> Self {
                    text.0
                }
            }

            impl From<OptText<$word>> for Option<$word> {
                fn from(text: OptText<$word>) -> Self {
                    text.0
                }
            }
        )+
    };
}
stored_as_text!(
    berth_common::Name,
    berth_common::instance::InstanceState,
    berth_common::instance::Intent,
    berth_common::instance::Rest,
    berth_common::instance::RestartPolicy,
    berth_common::migration::MigrationHalf,
    berth_common::migration::MigrationOutcome,
    berth_common::migration::MigrationPhase,
    berth_common::operation::OperationKind,
    berth_common::operation::OperationState,
    berth_common::role::Role,
    berth_common::sled::Admission,
    berth_common::sled::Hypervisor,
    berth_common::storage::DiskFormat,
    berth_common::storage::DiskState,
    berth_common::storage::ImageKind,
    berth_common::storage::ImagePart,
    berth_common::storage::ImageState,
    berth_common::storage::PoolKind,
    berth_common::vmm::EndedBy,
    berth_common::vmm::VmmState,
    crate::models::NexusState,
);

impl<K: TypedUuidKind> FromSql<diesel::sql_types::Uuid, Pg> for DbId<K> {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        let id = <Uuid as FromSql<diesel::sql_types::Uuid, Pg>>::from_sql(bytes)?;
        Ok(DbId(TypedUuid::from_untyped_uuid(id)))
    }
}

impl<K: TypedUuidKind> ToSql<diesel::sql_types::Uuid, Pg> for DbId<K> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <Uuid as ToSql<diesel::sql_types::Uuid, Pg>>::to_sql(self.0.as_untyped_uuid(), &mut out.reborrow())
    }
}

impl<K: TypedUuidKind> FromSql<Nullable<diesel::sql_types::Uuid>, Pg> for OptId<K> {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        DbId::from_sql(bytes).map(|id| OptId(Some(id.0)))
    }

    fn from_nullable_sql(bytes: Option<<Pg as Backend>::RawValue<'_>>) -> deserialize::Result<Self> {
        bytes.map_or(Ok(OptId(None)), Self::from_sql)
    }
}

impl<T> FromSql<Text, Pg> for DbText<T>
where
    T: std::str::FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(DbText(<String as FromSql<Text, Pg>>::from_sql(bytes)?.parse()?))
    }
}

impl<T> FromSql<Nullable<Text>, Pg> for OptText<T>
where
    T: std::str::FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Pg>>::from_sql(bytes)?;
        Ok(OptText(Some(text.parse()?)))
    }

    fn from_nullable_sql(bytes: Option<<Pg as Backend>::RawValue<'_>>) -> deserialize::Result<Self> {
        bytes.map_or(Ok(OptText(None)), Self::from_sql)
    }
}

/// The plain id of a typed one: what a query's bind takes.
pub(crate) trait Raw {
    fn raw(self) -> Uuid;
}

impl<K: TypedUuidKind> Raw for TypedUuid<K> {
    fn raw(self) -> Uuid {
        self.into_untyped_uuid()
    }
}
