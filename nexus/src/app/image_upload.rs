//! Uploads one file of an image: piece by piece into the database, checked before it counts.
//!
//! Nothing of a refused upload is kept; one whose client went away is reaped later.

use berth_common::refusal::ErrorCode;
use berth_common::storage::{DiskFormat, ImagePart};
use berth_db::image_file::{self, Begin, CHUNK_BYTES, Finished};
use berth_db::{Guarded, models};
use berth_nexus_api::image::Image;
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use slog::warn;
use std::pin::pin;
use uuid::Uuid;

use super::actor::Actor;
use super::authorise::Action;
use super::error::{AppError, AppResult};
use super::find::{self, Which};
use super::image::by_id;
use super::image_format::{HEAD_BYTES, Recognised, recognise, size_limit};
use crate::context::Nexus;

/// Which file, and what it shall be.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Which of the image's files.
    pub part: ImagePart,
    /// SHA-256 that the client knows, hexadecimal.
    pub sha256: Option<String>,
}

/// Takes a file. The same bytes again are taken for what is there.
pub async fn image_upload(
    nexus: &Nexus,
    actor: &Actor,
    which: &Which,
    wanted: Upload,
    bytes: impl Stream<Item = AppResult<Bytes>> + Send,
) -> AppResult<Image> {
    let expected = wanted.sha256.as_deref().map(checksum).transpose()?;
    let image = find::image(nexus, actor, Action::Change, which).await?;
    let upload = image_file::Upload { image: image.id, part: wanted.part, id: Uuid::new_v4() };
    let begun = nexus.db.transaction("image_file.begin", async |conn| {
        Ok::<_, AppError>(image_file::begin(conn, upload).await?)
    });
    match begun.await? {
        Begin::Begun => {}
        Begin::Complete(file) => {
            same_bytes(&file, expected, wanted.part, bytes).await?;
            return by_id(nexus, image.id).await;
        }
        Begin::NoSuchPart => return Err(no_such_part(&image, wanted.part)),
        Begin::Missing => return Err(AppError::not_found("image", which)),
    }
    let taken = take(nexus, upload, expected.as_deref(), bytes).await;
    if taken.is_err() {
        give_up(nexus, upload).await;
    }
    taken?;
    nexus.world.wake.changed();
    by_id(nexus, image.id).await
}

/// 64 hexadecimal digits, in lower case.
fn checksum(text: &str) -> AppResult<String> {
    const DIGITS: usize = 64;
    if text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(text.to_ascii_lowercase());
    }
    Err(AppError::invalid("`sha256` must be 64 hexadecimal digits"))
}

fn no_such_part(image: &models::Image, part: ImagePart) -> AppError {
    let parts: Vec<&str> = image.kind.parts().iter().map(|part| part.as_str()).collect();
    AppError::invalid(format!(
        "an image of kind {} has no file {part}; it consists of: {}",
        image.kind,
        parts.join(", ")
    ))
}

/// Receives, checks and stores.
async fn take(
    nexus: &Nexus,
    upload: image_file::Upload,
    expected: Option<&str>,
    bytes: impl Stream<Item = AppResult<Bytes>> + Send,
) -> AppResult<()> {
    let mut content = Content::new(upload.part);
    let mut piece = BytesMut::with_capacity(CHUNK_BYTES);
    let mut position = 0;
    let mut bytes = pin!(bytes);
    while let Some(arrived) = bytes.next().await {
        let mut arrived = arrived?;
        content.see(&arrived)?;
        while !arrived.is_empty() {
            let room = CHUNK_BYTES - piece.len();
            piece.extend_from_slice(&arrived.split_to(room.min(arrived.len())));
            if piece.len() == CHUNK_BYTES {
                append(nexus, upload, position, &piece).await?;
                piece.clear();
                position += 1;
            }
        }
    }
    let seen = content.finish(expected)?;
    if !piece.is_empty() {
        append(nexus, upload, position, &piece).await?;
    }
    finish(nexus, upload, &seen).await
}

/// What is known of a file while it arrives.
struct Content {
    part: ImagePart,
    head: Vec<u8>,
    head_is_judged: bool,
    size_bytes: u64,
    hash: Sha256,
}

/// What is known of it in the end.
struct Seen {
    sha256: String,
    disk: Option<(DiskFormat, i64)>,
}

impl Content {
    fn new(part: ImagePart) -> Content {
        Content { part, head: Vec::new(), head_is_judged: false, size_bytes: 0, hash: Sha256::new() }
    }

    /// Takes note of some bytes. Refuses as soon as it is known that the file won't do.
    fn see(&mut self, bytes: &[u8]) -> AppResult<()> {
        self.hash.update(bytes);
        self.size_bytes = self.size_bytes.saturating_add(bytes.len() as u64);
        let limit = size_limit(self.part);
        if self.size_bytes > limit {
            return Err(AppError::refused(
                ErrorCode::BodyTooLarge,
                format!("a file {} has at most {limit} bytes", self.part),
            ));
        }
        let wanted = HEAD_BYTES - self.head.len();
        self.head.extend_from_slice(&bytes[..wanted.min(bytes.len())]);
        if self.head.len() == HEAD_BYTES && !self.head_is_judged {
            self.head_is_judged = true;
            // As if it were as large as it can be: its real size is judged when it is known.
            recognise(self.part, &self.head, limit).map_err(invalid)?;
        }
        Ok(())
    }

    fn finish(self, expected: Option<&str>) -> AppResult<Seen> {
        let recognised = recognise(self.part, &self.head, self.size_bytes).map_err(invalid)?;
        let sha256 = hexadecimal(self.hash);
        if let Some(expected) = expected.filter(|expected| *expected != sha256) {
            return Err(AppError::refused_with(
                ErrorCode::ChecksumMismatch,
                format!("what arrived has the SHA-256 {sha256}, not {expected}; send it again"),
                serde_json::json!({"expected": expected, "found": sha256}),
            ));
        }
        let disk = match recognised {
            Recognised::Boot => None,
            Recognised::Disk { format, virtual_bytes } => {
                Some((format, i64::try_from(virtual_bytes).unwrap_or(i64::MAX)))
            }
        };
        Ok(Seen { sha256, disk })
    }
}

fn hexadecimal(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn invalid(error: super::image_format::NoImage) -> AppError {
    AppError::refused(ErrorCode::InvalidImage, error.to_string())
}

async fn append(nexus: &Nexus, upload: image_file::Upload, position: i64, piece: &[u8]) -> AppResult<()> {
    let written = nexus.db.statement("image_file.append", async |conn| {
        Ok::<_, AppError>(image_file::append(conn, upload, position, piece).await?)
    });
    match written.await? {
        Guarded::Changed(()) => Ok(()),
        Guarded::Stale | Guarded::Missing => Err(AppError::not_found("image", upload.image)),
    }
}

async fn finish(nexus: &Nexus, upload: image_file::Upload, seen: &Seen) -> AppResult<()> {
    let finished = Finished { sha256: &seen.sha256, disk: seen.disk };
    let written = nexus.db.transaction("image_file.finish", async |conn| {
        let written = image_file::finish(conn, upload, &finished).await?;
        let first = match &written {
            Guarded::Stale => berth_db::image::file(conn, upload.image, upload.part).await?,
            Guarded::Changed(_) | Guarded::Missing => None,
        };
        Ok::<_, AppError>((written, first))
    });
    match written.await? {
        (Guarded::Changed(_), _) => Ok(()),
        (Guarded::Stale, Some(first)) if first.sha256.as_deref() == Some(&seen.sha256) => {
            give_up(nexus, upload).await;
            Ok(())
        }
        (Guarded::Stale, _) => Err(other_bytes(upload.part)),
        (Guarded::Missing, _) => Err(AppError::not_found("image", upload.image)),
    }
}

/// A file that is complete is final. Reads what is sent only if the client doesn't say what it is.
async fn same_bytes(
    file: &models::ImageFile,
    expected: Option<String>,
    part: ImagePart,
    bytes: impl Stream<Item = AppResult<Bytes>> + Send,
) -> AppResult<()> {
    let sent = match expected {
        Some(expected) => expected,
        None => {
            let mut hash = Sha256::new();
            let mut bytes = pin!(bytes);
            while let Some(arrived) = bytes.next().await {
                hash.update(&arrived?);
            }
            hexadecimal(hash)
        }
    };
    if file.sha256.as_deref() == Some(sent.as_str()) { Ok(()) } else { Err(other_bytes(part)) }
}

fn other_bytes(part: ImagePart) -> AppError {
    AppError::refused(
        ErrorCode::ImageFileComplete,
        format!("this image has its file {part} already, and it is another one; make a new image"),
    )
}

async fn give_up(nexus: &Nexus, upload: image_file::Upload) {
    let gone = nexus
        .db
        .statement("image_file.abandon", async |conn| {
            Ok::<_, AppError>(image_file::abandon(conn, upload).await?)
        })
        .await;
    if let Err(error) = gone {
        warn!(nexus.log, "an upload's bytes stay until they are reaped"; "image" => %upload.image, "error" => %error);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(result: AppResult<Seen>) -> ErrorCode {
        result.err().expect("it is refused").code()
    }

    #[test]
    fn a_wrong_checksum_is_refused_with_both() {
        let mut content = Content::new(ImagePart::Initrd);
        content.see(b"070701 and more").expect("a cpio");
        let expected = "0".repeat(64);
        assert_eq!(code(content.finish(Some(&expected))), ErrorCode::ChecksumMismatch);
    }

    #[test]
    fn a_file_that_is_no_image_is_refused_before_it_has_arrived() {
        let mut content = Content::new(ImagePart::Kernel);
        content.see(&[0; 100]).expect("too little to judge");
        let refused = content.see(&[0; HEAD_BYTES]).expect_err("no kernel begins so");
        assert_eq!(refused.code(), ErrorCode::InvalidImage);
    }

    #[test]
    fn a_file_beyond_its_limit_is_refused_at_the_limit() {
        let mut content = Content::new(ImagePart::Kernel);
        content.size_bytes = size_limit(ImagePart::Kernel);
        assert_eq!(content.see(b"x").expect_err("one too many").code(), ErrorCode::BodyTooLarge);
    }

    #[test]
    fn a_raw_disk_is_taken_with_its_own_size() {
        let mut content = Content::new(ImagePart::Disk);
        content.see(&[7; 1024]).expect("two sectors");
        let seen = content.finish(None).expect("a raw disk");
        assert_eq!(seen.disk, Some((DiskFormat::Raw, 1024)));
    }

    #[test]
    fn checksums_are_hexadecimal_and_whole() {
        assert!(checksum(&"A".repeat(64)).is_ok_and(|text| text == "a".repeat(64)));
        assert!(checksum("abc").is_err());
        assert!(checksum(&"g".repeat(64)).is_err());
    }
}
