//! An image's file as the body of a response, in the pieces in which it is stored.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use crate::app::error::AppError;
use crate::app::image_file::OpenImageFile;

/// The bytes as they come from the database. If they stop coming, the connection is cut: the length was announced.
#[derive(Debug)]
pub struct ImageBody {
    file: OpenImageFile,
    left_bytes: u64,
}

impl ImageBody {
    /// The whole file.
    pub fn new(file: OpenImageFile) -> ImageBody {
        let left_bytes = file.size_bytes;
        ImageBody { file, left_bytes }
    }
}

impl Body for ImageBody {
    type Data = Bytes;
    type Error = AppError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, AppError>>> {
        self.file.pieces.poll_recv(context).map(|piece| {
            piece.map(|piece| {
                let piece = piece?;
                self.left_bytes = self.left_bytes.saturating_sub(piece.len() as u64);
                Ok(Frame::data(piece))
            })
        })
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left_bytes)
    }
}
