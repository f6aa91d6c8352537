//! Files of images: uploaded in pieces, checked, then read in pieces by whoever needs them.
//!
//! ```text
//! begin ──▶ append* ──▶ finish (checksum) ──▶ complete, final
//!    └────────┴──▶ died: no checksum, reaped later
//! ```
//! Any number of uploads of one part can be in flight; the first to finish is the file.

use crate::error::{DbError, DbResult};
use crate::fixed::fixed;
use crate::guarded::Guarded;
use crate::ids::Raw;
use crate::models::{Image, ImageFile};
use crate::tables::{image_chunk, image_file};
use berth_common::ids::ImageUuid;
use berth_common::storage::{DiskFormat, ImagePart};
use diesel::sql_types::{Array, BigInt, Binary, Nullable, Text, Uuid as SqlUuid};
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Largest piece of a file.
pub const CHUNK_BYTES: usize = 1024 * 1024;

/// One upload of one part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upload {
    pub image: ImageUuid,
    pub part: ImagePart,
    pub id: Uuid,
}

/// Whether an upload may begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begin {
    Begun,
    /// The file is there already, and final.
    Complete(ImageFile),
    /// Images of this kind don't have this part.
    NoSuchPart,
    /// There is no such image.
    Missing,
}

/// What finishing an upload needs to know of its content.
#[derive(Clone, Debug)]
pub struct Finished<'a> {
    /// SHA-256 of all bytes, hexadecimal, lower case.
    pub sha256: &'a str,
    /// Of a disk: format of the file, and size of the disk in it.
    pub disk: Option<(DiskFormat, i64)>,
}

/// Opens an upload.
///
/// # Errors
/// Of the database only.
pub async fn begin(conn: &mut AsyncPgConnection, upload: Upload) -> DbResult<Begin> {
    let Some(image) = crate::image::by_id(conn, upload.image).await? else { return Ok(Begin::Missing) };
    if !image.kind.parts().contains(&upload.part) {
        return Ok(Begin::NoSuchPart);
    }
    if let Some(file) = crate::image::file(conn, upload.image, upload.part).await? {
        return Ok(Begin::Complete(file));
    }
    let made = fixed("INSERT INTO image_file (image_id, part, upload_id, size_bytes) VALUES ($1, $2, $3, 0)")
        .bind::<SqlUuid, _>(upload.image.raw())
        .bind::<Text, _>(upload.part.as_str())
        .bind::<SqlUuid, _>(upload.id)
        .execute(conn)
        .await;
    match made.map_err(DbError::from) {
        Ok(_) => Ok(Begin::Begun),
        Err(error) if error.is_conflict_of("image_file_image_id_fkey") => Ok(Begin::Missing),
        Err(error) => Err(error),
    }
}

/// Appends the piece at this position (0, 1, …), if all before it are there and it isn't. *Stale*: it is not the next
/// one, or the upload is finished. *Missing*: the upload was reaped, or its image deleted. One statement.
///
/// # Errors
/// Of the database only.
pub async fn append(
    conn: &mut AsyncPgConnection,
    upload: Upload,
    position: i64,
    data: &[u8],
) -> DbResult<Guarded<()>> {
    let written = fixed(
        "WITH grown AS (
             UPDATE image_file f SET size_bytes = size_bytes + $5
             WHERE image_id = $1 AND part = $2 AND upload_id = $3 AND sha256 IS NULL
                 AND $4 = (SELECT coalesce(max(position) + 1, 0) FROM image_chunk c
                           WHERE c.image_id = $1 AND c.part = $2 AND c.upload_id = $3)
             RETURNING 1
         )
         INSERT INTO image_chunk (image_id, part, upload_id, position, data)
         SELECT $1, $2, $3, $4, $6 FROM grown",
    )
    .bind::<SqlUuid, _>(upload.image.raw())
    .bind::<Text, _>(upload.part.as_str())
    .bind::<SqlUuid, _>(upload.id)
    .bind::<BigInt, _>(position)
    .bind::<BigInt, _>(i64::try_from(data.len()).unwrap_or(i64::MAX))
    .bind::<Binary, _>(data)
    .execute(conn)
    .await?
        == 1;
    let exists = written || find(conn, upload).await?.is_some();
    Ok(Guarded::of(written.then_some(()), exists))
}

async fn find(conn: &mut AsyncPgConnection, upload: Upload) -> DbResult<Option<ImageFile>> {
    let found = image_file::table
        .filter(image_file::image_id.eq(upload.image.raw()).and(image_file::part.eq(upload.part.as_str())))
        .filter(image_file::upload_id.eq(upload.id));
    Ok(found.select(ImageFile::as_select()).first(conn).await.optional()?)
}

/// Makes the upload the file of its part; with the last part, the image is ready. *Stale*: another upload was faster,
/// and its file stays. Needs a transaction: the image is locked, so that of two last parts one sees the other.
///
/// # Errors
/// Of the database only.
pub async fn finish(
    conn: &mut AsyncPgConnection,
    upload: Upload,
    finished: &Finished<'_>,
) -> DbResult<Guarded<Image>> {
    let locked = fixed("SELECT * FROM image WHERE id = $1 FOR NO KEY UPDATE")
        .bind::<SqlUuid, _>(upload.image.raw())
        .get_result::<Image>(conn)
        .await
        .optional()?;
    let Some(image) = locked else { return Ok(Guarded::Missing) };
    let completed = fixed(
        "UPDATE image_file SET sha256 = $4
         WHERE image_id = $1 AND part = $2 AND upload_id = $3 AND sha256 IS NULL AND NOT EXISTS
             (SELECT 1 FROM image_file o WHERE o.image_id = $1 AND o.part = $2 AND o.sha256 IS NOT NULL)",
    )
    .bind::<SqlUuid, _>(upload.image.raw())
    .bind::<Text, _>(upload.part.as_str())
    .bind::<SqlUuid, _>(upload.id)
    .bind::<Text, _>(finished.sha256)
    .execute(conn)
    .await?
        == 1;
    if !completed {
        let exists = find(conn, upload).await?.is_some();
        return Ok(Guarded::of(None, exists));
    }
    ready_if_whole(conn, image, finished.disk).await.map(Guarded::Changed)
}

async fn ready_if_whole(
    conn: &mut AsyncPgConnection,
    image: Image,
    disk: Option<(DiskFormat, i64)>,
) -> DbResult<Image> {
    let parts: Vec<&str> = image.kind.parts().iter().map(|part| part.as_str()).collect();
    let readied = fixed(
        "UPDATE image SET state = 'ready', disk_format = $3, virtual_bytes = $4
         WHERE id = $1 AND cardinality($2) = (SELECT count(*) FROM image_file
             WHERE image_id = $1 AND sha256 IS NOT NULL AND part = ANY ($2)) RETURNING *",
    )
    .bind::<SqlUuid, _>(image.id.raw())
    .bind::<Array<Text>, _>(parts)
    .bind::<Nullable<Text>, _>(disk.map(|(format, _)| format.as_str()))
    .bind::<Nullable<BigInt>, _>(disk.map(|(_, bytes)| bytes))
    .get_result(conn)
    .await
    .optional()?;
    Ok(readied.unwrap_or(image))
}

/// Gives an upload up: its bytes go. False: it was finished, or is gone.
///
/// # Errors
/// Of the database only.
pub async fn abandon(conn: &mut AsyncPgConnection, upload: Upload) -> DbResult<bool> {
    let sql =
        "DELETE FROM image_file WHERE image_id = $1 AND part = $2 AND upload_id = $3 AND sha256 IS NULL";
    let gone = fixed(sql)
        .bind::<SqlUuid, _>(upload.image.raw())
        .bind::<Text, _>(upload.part.as_str())
        .bind::<SqlUuid, _>(upload.id)
        .execute(conn)
        .await?;
    Ok(gone == 1)
}

/// The piece at this position of a file; none after the last.
///
/// # Errors
/// Of the database only.
pub async fn read(
    conn: &mut AsyncPgConnection,
    file: &ImageFile,
    position: i64,
) -> DbResult<Option<Vec<u8>>> {
    let found = image_chunk::table
        .filter(image_chunk::image_id.eq(file.image_id.raw()).and(image_chunk::part.eq(file.part.as_str())))
        .filter(image_chunk::upload_id.eq(file.upload_id).and(image_chunk::position.eq(position)));
    Ok(found.select(image_chunk::data).first(conn).await.optional()?)
}

/// Removes uploads that were begun this long ago and never finished; at most `limit`. Returns how many.
///
/// # Errors
/// Of the database only.
pub async fn reap(conn: &mut AsyncPgConnection, older_than_s: i64, limit: i64) -> DbResult<usize> {
    let gone = fixed(
        "DELETE FROM image_file f USING (
             SELECT image_id, part, upload_id FROM image_file
             WHERE sha256 IS NULL AND created_at < now() - $1 * interval '1 second'
             LIMIT $2 FOR UPDATE SKIP LOCKED) old
         WHERE (f.image_id, f.part, f.upload_id) = (old.image_id, old.part, old.upload_id)",
    )
    .bind::<BigInt, _>(older_than_s)
    .bind::<BigInt, _>(limit)
    .execute(conn)
    .await?;
    Ok(gone)
}
