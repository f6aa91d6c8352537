//! Typing for a simulated guest: its terminal repeats each line.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;

use super::SimulatedClock;
use super::life::{Cell, LifeStanding};

/// One who types.
#[derive(Debug)]
pub(super) struct SimulatedInput {
    pub cell: Arc<Cell>,
    pub clock: SimulatedClock,
    /// Typed since the last line end.
    pub line: Vec<u8>,
}

impl SimulatedInput {
    fn take(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let now_ms = self.clock.now_ms();
        let standing = self.cell.standing(now_ms).map_err(io::Error::other)?;
        if !matches!(standing, LifeStanding::Runs { .. }) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        for byte in bytes {
            if !matches!(byte, b'\r' | b'\n') {
                self.line.push(*byte);
            } else if !self.line.is_empty() {
                let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
                self.cell.change(|life| life.typed.push((now_ms, line))).map_err(io::Error::other)?;
            }
        }
        Ok(bytes.len())
    }
}

impl AsyncWrite for SimulatedInput {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(self.take(bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
