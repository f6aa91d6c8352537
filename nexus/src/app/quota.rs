//! Takes what a new thing needs out of its project's quota, or says what there is too little of.

use berth_common::ids::{InstanceUuid, ProjectUuid};
use berth_common::refusal::ErrorCode;
use berth_db::quota::{QuotaSubject, release, take};
use berth_plan::quota::Amounts;
use diesel_async::AsyncPgConnection;

use super::error::{AppError, AppResult};

/// Takes room for an instance, in the transaction that makes it.
///
/// # Errors
/// `quota_exceeded`.
pub async fn take_instance_quota(
    conn: &mut AsyncPgConnection,
    project: ProjectUuid,
    instance: InstanceUuid,
    cpus: u32,
    memory_mib: u32,
) -> AppResult<()> {
    let wanted = Amounts { instances: 1, cpus: cpus.into(), memory_mib: memory_mib.into(), disk_bytes: 0 };
    take_quota(conn, project, QuotaSubject::Instance(instance), &wanted).await
}

/// Gives an instance's room back and takes as much as it needs now, in the transaction that changes it.
///
/// # Errors
/// `quota_exceeded`.
pub async fn change_instance_quota(
    conn: &mut AsyncPgConnection,
    project: ProjectUuid,
    instance: InstanceUuid,
    cpus: u32,
    memory_mib: u32,
) -> AppResult<()> {
    release(conn, QuotaSubject::Instance(instance)).await?;
    take_instance_quota(conn, project, instance, cpus, memory_mib).await
}

/// Takes room for whatever it is, in the transaction that makes it.
///
/// # Errors
/// `quota_exceeded`.
pub async fn take_quota(
    conn: &mut AsyncPgConnection,
    project: ProjectUuid,
    subject: QuotaSubject,
    wanted: &Amounts,
) -> AppResult<()> {
    take(conn, project, subject, wanted)
        .await?
        .map_err(|exceeded| AppError::refused(ErrorCode::QuotaExceeded, exceeded.to_string()))
}
