//! One connection through the turnstile: whole requests from a client, and all that the server answers to each.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;

use anyhow::{Result, ensure};

use crate::{cores, thread};

/// One connection, both its ends.
#[derive(Debug)]
pub struct Link {
    pub door: usize,
    pub client: UnixStream,
    server: UnixStream,
    from_client: Vec<u8>,
    pub to_client: Vec<u8>,
    from_server: Vec<u8>,
    begun: bool,
    pub in_transaction: bool,
    /// The time it was told.
    told: Option<u128>,
    pub gone: bool,
}

impl Link {
    /// A client that came through this door, and a connection of its own to the server.
    pub fn new(door: usize, client: UnixStream, server: UnixStream) -> Link {
        Link {
            door,
            client,
            server,
            from_client: Vec::new(),
            to_client: Vec::new(),
            from_server: Vec::new(),
            begun: false,
            in_transaction: false,
            told: None,
            gone: false,
        }
    }

    pub fn read_client(&mut self) -> bool {
        let mut piece = [0; 16 * 1024];
        let mut done = false;
        loop {
            match self.client.read(&mut piece) {
                Ok(0) => {
                    done |= !self.gone;
                    self.gone = true;
                    return done;
                }
                Ok(length) => self.from_client.extend_from_slice(&piece[..length]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return done,
                Err(_) => {
                    self.gone = true;
                    return true;
                }
            }
        }
    }

    pub fn write_client(&mut self) -> bool {
        if self.to_client.is_empty() {
            return false;
        }
        match self.client.write(&self.to_client) {
            Ok(length) => drop(self.to_client.drain(..length)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => self.gone = true,
        }
        true
    }

    /// Where the last whole request in what the client sent ends.
    pub fn request_end(&self) -> Option<usize> {
        if !self.begun {
            let length = length_at(&self.from_client, 0)?;
            return (self.from_client.len() >= length).then_some(length);
        }
        let (mut at, mut end) = (0, None);
        while let Some(length) = length_at(&self.from_client, at + 1) {
            let next = at + 1 + length;
            if next > self.from_client.len() {
                break;
            }
            // Query, Sync, Terminate: here the server answers.
            if matches!(self.from_client[at], b'Q' | b'S' | b'X') {
                end = Some(next);
            }
            at = next;
        }
        end
    }

    /// Turns a COMMIT into its opposite.
    pub fn forget_commit(&mut self) {
        const COMMIT: &[u8] = b"Q\0\0\0\x0bCOMMIT\0";
        const ROLLBACK: &[u8] = b"Q\0\0\0\x0dROLLBACK\0";
        if self.from_client == COMMIT {
            self.from_client = ROLLBACK.to_vec();
        }
    }

    pub fn serve(&mut self) -> Result<()> {
        let Some(end) = self.request_end() else { return Ok(()) };
        let request: Vec<u8> = self.from_client.drain(..end).collect();
        if !self.begun {
            self.server.write_all(&request)?;
            self.begun = true;
            return self.answers(1, true);
        }
        // In one piece: the server answers both, and is waited for once.
        let time = self.time_to_tell()?;
        let unheard = usize::from(time.is_some());
        let mut all = time.unwrap_or_default();
        all.extend_from_slice(&request);
        self.server.write_all(&all)?;
        self.answers(unheard, false)?;
        self.answers(expected(&request), true)
    }

    /// What tells the session how late it is, if it must be told: a transaction has one time.
    fn time_to_tell(&mut self) -> Result<Option<Vec<u8>>> {
        let now = thread::wall_clock();
        if self.in_transaction || self.told == Some(now.as_micros()) {
            return Ok(None);
        }
        self.told = Some(now.as_micros());
        let text = format!("SET sim.now = '{}.{:06}'\0", now.as_secs(), now.subsec_micros());
        let mut query = vec![b'Q'];
        query.extend(u32::try_from(text.len() + 4)?.to_be_bytes());
        query.extend(text.as_bytes());
        Ok(Some(query))
    }

    /// Waits until the server was ready for the next query so many times; what it said is passed on if it is `asked` for.
    fn answers(&mut self, mut count: usize, asked: bool) -> Result<()> {
        let mut at = 0;
        while count > 0 {
            let end = length_at(&self.from_server, at + 1).map(|length| at + 1 + length);
            let Some(end) = end.filter(|end| *end <= self.from_server.len()) else {
                self.read_server()?;
                continue;
            };
            match self.from_server[at] {
                b'Z' => {
                    count -= 1;
                    self.in_transaction = self.from_server.get(at + 5) != Some(&b'I');
                }
                b'K' => {
                    // BackendKeyData: which process it is that answers.
                    let process = length_at(&self.from_server, at + 5).map(i32::try_from);
                    if let Some(Ok(process)) = process {
                        cores::bring(process);
                    }
                }
                _ => {}
            }
            at = end;
        }
        let said = self.from_server.drain(..at);
        if asked {
            self.to_client.extend(said);
        }
        Ok(())
    }

    fn read_server(&mut self) -> Result<()> {
        let mut piece = [0; 16 * 1024];
        let length = self.server.read(&mut piece)?;
        ensure!(length > 0, "the server has closed the connection");
        self.from_server.extend_from_slice(&piece[..length]);
        Ok(())
    }
}

/// How often the server will be ready after this.
fn expected(request: &[u8]) -> usize {
    let (mut at, mut count) = (0, 0);
    while let Some(length) = length_at(request, at + 1) {
        count += usize::from(matches!(request[at], b'Q' | b'S'));
        at += 1 + length;
    }
    count
}

fn length_at(bytes: &[u8], at: usize) -> Option<usize> {
    let length: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(length)).ok()
}
