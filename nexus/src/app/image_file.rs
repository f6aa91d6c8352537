//! A complete file of an image, read piece by piece for whoever fetches it.

use berth_common::ids::ImageUuid;
use berth_common::storage::ImagePart;
use berth_db::models::ImageFile;
use berth_db::{Db, image, image_file};
use bytes::Bytes;
use tokio::sync::mpsc;

use super::error::{AppError, AppResult};
use super::unreadable::amount;
use crate::context::Nexus;

/// Pieces that are read ahead of a slow reader: 4 MiB.
const PIECES_AHEAD: usize = 4;

/// A file that is being read.
#[derive(Debug)]
pub struct OpenImageFile {
    /// Its size.
    pub size_bytes: u64,
    /// Its bytes, in order. After an error there is nothing more.
    pub pieces: mpsc::Receiver<AppResult<Bytes>>,
}

/// Begins to read a file.
///
/// # Errors
/// `not_found` if there is no such image, or its file isn't complete.
pub async fn open(nexus: &Nexus, id: ImageUuid, part: ImagePart) -> AppResult<OpenImageFile> {
    let found = nexus
        .db
        .statement("image_file.open", async |conn| Ok::<_, AppError>(image::file(conn, id, part).await?))
        .await?;
    let file = found.ok_or_else(|| AppError::not_found("complete file", format!("{part} of image {id}")))?;
    let (sender, pieces) = mpsc::channel(PIECES_AHEAD);
    let size_bytes = amount(file.size_bytes);
    tokio::spawn(read(nexus.db.clone(), file, sender));
    Ok(OpenImageFile { size_bytes, pieces })
}

/// Ends with the file, or when nobody wants it any more.
async fn read(db: Db, file: ImageFile, sender: mpsc::Sender<AppResult<Bytes>>) {
    for position in 0.. {
        let piece = db
            .statement("image_file.read", async |conn| {
                Ok::<_, AppError>(image_file::read(conn, &file, position).await?)
            })
            .await;
        let piece = match piece.transpose() {
            None => return,
            Some(piece) => piece.map(Bytes::from),
        };
        let failed = piece.is_err();
        if sender.send(piece).await.is_err() || failed {
            return;
        }
    }
}
