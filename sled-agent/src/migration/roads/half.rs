//! One half of a stream that can be broken off while somebody reads it or writes to it.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

#[derive(Debug)]
struct State {
    /// None: it was broken off.
    stream: Option<DuplexStream>,
    /// Who waits to read, and who to write: they are told when it is broken off.
    reader: Option<Waker>,
    writer: Option<Waker>,
}

/// What its holder has.
#[derive(Debug)]
pub(super) struct Half(Arc<Mutex<State>>);

/// What breaks it off.
#[derive(Clone, Debug)]
pub(super) struct Breaker(Weak<Mutex<State>>);

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    // A panicked reader leaves it as it was.
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Half {
    pub(super) fn new(stream: DuplexStream) -> Half {
        Half(Arc::new(Mutex::new(State { stream: Some(stream), reader: None, writer: None })))
    }

    pub(super) fn breaker(&self) -> Breaker {
        Breaker(Arc::downgrade(&self.0))
    }
}

impl Breaker {
    /// Whether anybody can still read or write it.
    pub(super) fn is_held(&self) -> bool {
        self.0.upgrade().is_some_and(|state| locked(&state).stream.is_some())
    }

    /// From here on this half fails. The other one reads what was under way to it, then an end.
    pub(super) fn break_off(&self) {
        let Some(state) = self.0.upgrade() else { return };
        let (stream, reader, writer) = {
            let mut state = locked(&state);
            (state.stream.take(), state.reader.take(), state.writer.take())
        };
        drop(stream);
        reader.into_iter().chain(writer).for_each(Waker::wake);
    }
}

fn gone<T>() -> Poll<io::Result<T>> {
    Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
}

impl AsyncRead for Half {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut state = locked(&self.0);
        let Some(stream) = &mut state.stream else { return gone() };
        let read = Pin::new(stream).poll_read(cx, buffer);
        state.reader = read.is_pending().then(|| cx.waker().clone());
        read
    }
}

impl AsyncWrite for Half {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut state = locked(&self.0);
        let Some(stream) = &mut state.stream else { return gone() };
        let written = Pin::new(stream).poll_write(cx, bytes);
        state.writer = written.is_pending().then(|| cx.waker().clone());
        written
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut state = locked(&self.0);
        let Some(stream) = &mut state.stream else { return gone() };
        Pin::new(stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut state = locked(&self.0);
        let Some(stream) = &mut state.stream else { return gone() };
        Pin::new(stream).poll_shutdown(cx)
    }
}
