//! What projects use of their quotas: one row for each instance and disk, made and removed with it.

use crate::error::{DbError, DbResult};
use crate::fixed::fixed;
use crate::ids::Raw;
use crate::models::Project;
use berth_common::ids::{DiskUuid, InstanceUuid, ProjectUuid};
use berth_plan::quota::{Amounts, Exceeded, check};
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Who takes room in a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotaSubject {
    Instance(InstanceUuid),
    Disk(DiskUuid),
}

impl QuotaSubject {
    fn id(self) -> Uuid {
        match self {
            QuotaSubject::Instance(id) => id.raw(),
            QuotaSubject::Disk(id) => id.raw(),
        }
    }

    fn kind(self) -> &'static str {
        match self {
            QuotaSubject::Instance(_) => "instance",
            QuotaSubject::Disk(_) => "disk",
        }
    }
}

/// As a column keeps it. What is above 2^63 can't be told from 2^63.
pub(crate) fn stored(amount: u64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}

/// From a column whose CHECK says that it isn't negative.
pub(crate) fn amount(column: i64) -> u64 {
    u64::try_from(column).unwrap_or(0)
}

/// What a project may use.
pub fn limits(project: &Project) -> Amounts {
    Amounts {
        instances: amount(project.quota_instances),
        cpus: amount(project.quota_cpus),
        memory_mib: amount(project.quota_memory_mib),
        disk_bytes: amount(project.quota_disk_bytes),
    }
}

#[derive(QueryableByName)]
struct Sums {
    #[diesel(sql_type = BigInt)]
    instances: i64,
    #[diesel(sql_type = BigInt)]
    cpus: i64,
    #[diesel(sql_type = BigInt)]
    memory_mib: i64,
    #[diesel(sql_type = BigInt)]
    disk_bytes: i64,
}

/// What a project uses.
///
/// # Errors
/// Of the database only.
pub async fn used(conn: &mut AsyncPgConnection, project: ProjectUuid) -> DbResult<Amounts> {
    let sums: Sums = fixed(
        "SELECT count(*) FILTER (WHERE kind = 'instance') AS instances,
                coalesce(sum(cpus), 0)::bigint AS cpus, coalesce(sum(memory_mib), 0)::bigint AS memory_mib,
                coalesce(sum(disk_bytes), 0)::bigint AS disk_bytes
         FROM quota_use WHERE project_id = $1",
    )
    .bind::<SqlUuid, _>(project.raw())
    .get_result(conn)
    .await?;
    Ok(Amounts {
        instances: amount(sums.instances),
        cpus: amount(sums.cpus),
        memory_mib: amount(sums.memory_mib),
        disk_bytes: amount(sums.disk_bytes),
    })
}

/// Takes room for a new instance or disk, or says what there is too little of. Needs a transaction: the project's row is
/// locked until its end, so that two at once can't both take the last of it. Taken twice by one subject, it is taken once.
///
/// # Errors
/// [`DbError::NotFound`]: there is no such project.
pub async fn take(
    conn: &mut AsyncPgConnection,
    project: ProjectUuid,
    subject: QuotaSubject,
    wanted: &Amounts,
) -> DbResult<Result<(), Exceeded>> {
    let locked: Option<Project> = fixed("SELECT * FROM project WHERE id = $1 FOR NO KEY UPDATE")
        .bind::<SqlUuid, _>(project.raw())
        .get_result(conn)
        .await
        .optional()?;
    let Some(locked) = locked else { return Err(DbError::NotFound) };
    if is_taken(conn, subject).await? {
        return Ok(Ok(()));
    }
    if let Err(exceeded) = check(&limits(&locked), &used(conn, project).await?, wanted) {
        return Ok(Err(exceeded));
    }
    fixed(
        "INSERT INTO quota_use (subject_id, project_id, kind, cpus, memory_mib, disk_bytes)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind::<SqlUuid, _>(subject.id())
    .bind::<SqlUuid, _>(project.raw())
    .bind::<Text, _>(subject.kind())
    .bind::<BigInt, _>(stored(wanted.cpus))
    .bind::<BigInt, _>(stored(wanted.memory_mib))
    .bind::<BigInt, _>(stored(wanted.disk_bytes))
    .execute(conn)
    .await?;
    Ok(Ok(()))
}

async fn is_taken(conn: &mut AsyncPgConnection, subject: QuotaSubject) -> DbResult<bool> {
    let found = fixed("SELECT * FROM quota_use WHERE subject_id = $1")
        .bind::<SqlUuid, _>(subject.id())
        .get_result::<crate::models::QuotaUse>(conn)
        .await
        .optional()?;
    Ok(found.is_some())
}

/// Gives the room of a removed subject back. False: it had none.
///
/// # Errors
/// Of the database only.
pub async fn release(conn: &mut AsyncPgConnection, subject: QuotaSubject) -> DbResult<bool> {
    let gone = fixed("DELETE FROM quota_use WHERE subject_id = $1")
        .bind::<SqlUuid, _>(subject.id())
        .execute(conn)
        .await?;
    Ok(gone == 1)
}
