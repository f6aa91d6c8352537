//! The shim's control socket: agents connect, are told what happens, and poke.
//!
//! A poke is one byte and says only *look at your orders now*; an order itself is always a file. A client that
//! doesn't read what it is told is let go: it will find everything in files.

use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};

use super::place::Place;
use super::records::Told;

/// An agent has one connection; a successor may come before its end is noticed.
const CLIENT_LIMIT: usize = 8;

/// The listening socket and who is connected.
#[derive(Debug)]
pub(super) struct Control {
    listener: UnixListener,
    clients: Vec<UnixStream>,
}

impl Control {
    /// Listens in the current folder.
    pub(super) fn open() -> io::Result<Self> {
        match std::fs::remove_file(Place::CONTROL) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(Place::CONTROL)?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener, clients: Vec::new() })
    }

    /// What to wait on.
    pub(super) fn descriptors(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        std::iter::once(self.listener.as_fd()).chain(self.clients.iter().map(AsFd::as_fd))
    }

    /// Lets clients in (each is told `state` first) and takes their pokes. Never waits.
    pub(super) fn serve(&mut self, state: &Told) {
        while let Ok((client, _)) = self.listener.accept() {
            if self.clients.len() < CLIENT_LIMIT && client.set_nonblocking(true).is_ok() {
                self.clients.push(client);
                self.tell_last(state);
            }
        }
        self.clients.retain_mut(|client| {
            let mut pokes = [0; 64];
            match client.read(&mut pokes) {
                Ok(0) => false,
                Ok(_) => true,
                Err(error) => error.kind() == io::ErrorKind::WouldBlock,
            }
        });
    }

    /// Tells everyone.
    pub(super) fn tell(&mut self, told: &Told) {
        let line = line(told);
        self.clients.retain_mut(|client| send(client, &line));
    }

    fn tell_last(&mut self, told: &Told) {
        if let Some(mut client) = self.clients.pop()
            && send(&mut client, &line(told))
        {
            self.clients.push(client);
        }
    }
}

fn line(told: &Told) -> Vec<u8> {
    let mut line = serde_json::to_vec(told).unwrap_or_default();
    line.push(b'\n');
    line
}

/// Lines are short: one that doesn't fit at once means that nobody reads.
fn send(client: &mut UnixStream, line: &[u8]) -> bool {
    matches!(client.write(line), Ok(sent) if sent == line.len())
}
