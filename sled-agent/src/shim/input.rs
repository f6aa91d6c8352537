//! What people type for the guest: from the clients of a socket to its serial port.
//!
//! Bytes are passed on as they come. A guest that doesn't read its port lets [`PENDING_LIMIT`] bytes pile up, then its
//! clients wait, and nobody else. What wasn't passed on when the guest ends is nobody's.

use std::io::{self, Read as _, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};

use super::place::Place;

/// People who type at once.
const CLIENT_LIMIT: usize = 8;

/// Bytes that wait for the guest.
const PENDING_LIMIT: usize = 4096;

/// The listening socket, who is connected, and what waits.
#[derive(Debug)]
pub(super) struct Input {
    listener: UnixListener,
    clients: Vec<UnixStream>,
    pending: Vec<u8>,
}

impl Input {
    /// Listens in the current folder.
    pub(super) fn open() -> io::Result<Self> {
        match std::fs::remove_file(Place::INPUT) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(Place::INPUT)?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener, clients: Vec::new(), pending: Vec::new() })
    }

    /// What to wait on: clients only while there is room for what they say.
    pub(super) fn descriptors(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let clients = if self.room() > 0 { self.clients.as_slice() } else { &[] };
        std::iter::once(self.listener.as_fd()).chain(clients.iter().map(AsFd::as_fd))
    }

    /// Something waits for the guest.
    pub(super) fn wants_out(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Lets clients in, takes what they say, passes on what the port takes. Never waits.
    pub(super) fn serve(&mut self, port: Option<&mut impl Write>) {
        while let Ok((client, _)) = self.listener.accept() {
            if self.clients.len() < CLIENT_LIMIT && client.set_nonblocking(true).is_ok() {
                self.clients.push(client);
            }
        }
        let pending = &mut self.pending;
        self.clients.retain_mut(|client| {
            let mut bytes = [0; 512];
            let room = (PENDING_LIMIT - pending.len()).min(bytes.len());
            if room == 0 {
                return true;
            }
            match client.read(&mut bytes[..room]) {
                Ok(0) => false,
                Ok(count) => {
                    pending.extend_from_slice(&bytes[..count]);
                    true
                }
                Err(error) => error.kind() == io::ErrorKind::WouldBlock,
            }
        });
        let Some(port) = port else { return self.pending.clear() };
        if !self.pending.is_empty()
            && let Ok(sent) = port.write(&self.pending)
        {
            self.pending.drain(..sent);
        }
    }

    fn room(&self) -> usize {
        PENDING_LIMIT - self.pending.len()
    }
}
