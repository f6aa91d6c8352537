//! The way to the database: every connection of the simulated cluster goes through here, one transaction at a time.
//!
//! ```text
//! nexus 0 ──▶ door 0 ─┐
//! nexus 1 ──▶ door 1 ─┼─ turnstile ──▶ PostgreSQL
//! checks  ──▶ door 2 ─┘
//! ```
//! It turns when the runtime has nothing else to do, and waits for PostgreSQL's answer there and then: so no time passes in
//! the simulated cluster while the database works, and the order of transactions follows from the seed alone. Before each
//! transaction it tells the session what time it is (`sim.now`).
//!
//! It is also where the database can be away: a door can be shut (its connections cut, new ones refused), held (a process
//! that doesn't run), or cut now and then, before or after the answer.

use std::cell::RefCell;
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::task::Waker;
use std::time::Duration;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::chance::Chance;
use crate::link::Link;

thread_local! {
    static TURNSTILE: RefCell<Option<Turnstile>> = const { RefCell::new(None) };
}

/// The door of whoever looks at the records from outside.
pub const CHECKS: usize = 0;

/// A whole history has fewer than so many.
const TURNS_OF_AN_INSTANT: u64 = 20_000;

/// A way in.
#[derive(Debug)]
struct Door {
    /// None: it is shut. Its connections are cut, and new ones refused.
    listener: Option<UnixListener>,
    /// No connection is served or accepted; those that are in a transaction may end it.
    held: bool,
    /// Of 1000 turns, how many are cut before the database hears of them, and how many after.
    cut_before: u64,
    cut_after: u64,
}

#[derive(Debug)]
struct Turnstile {
    directory: Utf8PathBuf,
    server: Utf8PathBuf,
    doors: Vec<Door>,
    links: Vec<Link>,
    chance: Chance,
    waker: Option<Waker>,
    /// The database is away: nobody is served.
    away: bool,
    /// Of 1000 COMMITs, how many are rolled back and acknowledged all the same.
    lies: u64,
    turns: u64,
    /// Of these, how many were cut.
    cut: u64,
    /// When the present instant began, and how many turns were made in it.
    instant: (Duration, u64),
}

/// Puts the turnstile of this thread up: doors will be in `directory`, the database's socket is `server`.
pub fn open(directory: &Utf8Path, server: Utf8PathBuf, chance: Chance) {
    let directory = directory.to_owned();
    let (doors, links) = (Vec::new(), Vec::new());
    TURNSTILE.set(Some(Turnstile {
        directory,
        server,
        doors,
        links,
        chance,
        waker: None,
        away: false,
        lies: 0,
        turns: 0,
        cut: 0,
        instant: (Duration::ZERO, 0),
    }));
}

/// Makes a door; gives its number.
pub fn new_door() -> Result<usize> {
    TURNSTILE.with_borrow_mut(|turnstile| {
        let turnstile = turnstile.as_mut().context("there is no turnstile on this thread")?;
        let number = turnstile.doors.len();
        let directory = door(&turnstile.directory, number);
        std::fs::create_dir_all(&directory)?;
        let listener = UnixListener::bind(directory.join(".s.PGSQL.5432"))?;
        listener.set_nonblocking(true)?;
        let door = Door { listener: Some(listener), held: false, cut_before: 0, cut_after: 0 };
        turnstile.doors.push(door);
        Ok(number)
    })
}

/// The directory of a door's socket: what a client connects to as `host`.
pub fn door(directory: &Utf8Path, number: usize) -> Utf8PathBuf {
    directory.join(format!("d{number}"))
}

/// Takes it down.
pub fn close() {
    TURNSTILE.set(None);
}

/// Whom to wake when something was done: the runtime's outermost future, so that it looks once more before time passes.
pub fn wake_with(waker: &Waker) {
    with(|turnstile| match &turnstile.waker {
        Some(known) if known.will_wake(waker) => {}
        _ => turnstile.waker = Some(waker.clone()),
    });
}

/// Called whenever nothing in the runtime can go on.
pub fn turn() {
    with(|turnstile| {
        if turnstile.turn()
            && let Some(waker) = &turnstile.waker
        {
            waker.wake_by_ref();
        }
    });
}

/// How many requests it let through.
pub fn turns() -> u64 {
    with(|turnstile| turnstile.turns)
}

/// Whether somebody asks again and again and time doesn't pass.
pub fn time_stands_still() -> bool {
    with(|turnstile| turnstile.instant.1 > TURNS_OF_AN_INSTANT)
}

/// How many of them were cut, before or after the database had heard.
pub fn cuts() -> u64 {
    with(|turnstile| turnstile.cut)
}

/// Holds a door, or lets it go on.
pub fn hold(number: usize, held: bool) {
    with(|turnstile| turnstile.doors[number].held = held);
}

/// Shuts a door for ever: its process died.
pub fn shut(number: usize) {
    with(|turnstile| turnstile.doors[number].listener = None);
}

/// The database goes away, for all doors but the first, or comes back.
pub fn away(away: bool) {
    with(|turnstile| turnstile.away = away);
}

/// Of 1000 COMMITs, so many are lies: a database that loses what it acknowledged.
pub fn lie(permille: u64) {
    with(|turnstile| turnstile.lies = permille);
}

/// Of 1000 requests of this door, so many are cut before and after the database has heard of them.
pub fn cut_now_and_then(number: usize, before: u64, after: u64) {
    with(|turnstile| {
        let door = &mut turnstile.doors[number];
        (door.cut_before, door.cut_after) = (before, after);
    });
}

fn with<T: Default>(work: impl FnOnce(&mut Turnstile) -> T) -> T {
    TURNSTILE.with_borrow_mut(|turnstile| turnstile.as_mut().map(work).unwrap_or_default())
}

impl Turnstile {
    /// True if somebody has something to read now.
    fn turn(&mut self) -> bool {
        for link in &mut self.links {
            link.gone |= self.doors[link.door].listener.is_none() || (self.away && link.door != CHECKS);
        }
        let mut done = self.sweep();
        let (doors, links) = self.waiting();
        for at in links {
            done |= self.links[at].read_client();
        }
        for link in &mut self.links {
            done |= link.write_client();
        }
        for number in doors {
            done |= self.accept(number);
        }
        done |= self.sweep();
        done | self.serve_one()
    }

    /// Doors that somebody stands before, and connections that say something: one call, however many there are.
    fn waiting(&self) -> (Vec<usize>, Vec<usize>) {
        let doors = self.doors.iter().enumerate().filter(|(_, door)| !door.held);
        let doors: Vec<_> = doors
            .filter_map(|(number, door)| door.listener.as_ref().map(|listener| (number, listener.as_fd())))
            .collect();
        let fds = doors.iter().map(|(_, fd)| *fd).chain(self.links.iter().map(|link| link.client.as_fd()));
        let mut fds: Vec<PollFd<'_>> = fds.map(|fd| PollFd::new(fd, PollFlags::POLLIN)).collect();
        if poll(&mut fds, PollTimeout::ZERO).is_err() {
            return (Vec::new(), Vec::new());
        }
        let ready: Vec<bool> = fds.iter().map(|fd| fd.any().unwrap_or(true)).collect();
        let (at_doors, at_links) = ready.split_at(doors.len());
        let doors = doors.iter().zip(at_doors).filter(|(_, ready)| **ready).map(|((number, _), _)| *number);
        let links = at_links.iter().enumerate().filter(|(_, ready)| **ready).map(|(at, _)| at);
        (doors.collect(), links.collect())
    }

    /// Lets in whoever stands before this door.
    fn accept(&mut self, number: usize) -> bool {
        let mut done = false;
        let Some(listener) = &self.doors[number].listener else { return false };
        while let Ok((client, _)) = listener.accept() {
            done = true;
            if (self.away && number != CHECKS) || client.set_nonblocking(true).is_err() {
                continue;
            }
            let Ok(server) = UnixStream::connect(&self.server) else { continue };
            self.links.push(Link::new(number, client, server));
        }
        done
    }

    fn sweep(&mut self) -> bool {
        let before = self.links.len();
        self.links.retain(|link| !link.gone);
        self.links.len() != before
    }

    /// Whoever is in a transaction goes on first; then the one that has waited longest comes next.
    fn serve_one(&mut self) -> bool {
        let ready = |link: &Link| {
            link.to_client.is_empty()
                && link.request_end().is_some()
                && (link.in_transaction || !self.doors[link.door].held)
        };
        let chosen = self
            .links
            .iter()
            .position(|link| link.in_transaction && ready(link))
            .or_else(|| self.links.iter().position(ready));
        let Some(at) = chosen else { return false };
        // Behind all others, so that nobody is passed over for ever.
        let mut link = self.links.remove(at);
        let (before, after) = (self.doors[link.door].cut_before, self.doors[link.door].cut_after);
        self.turns += 1;
        let now = crate::thread::elapsed();
        self.instant = if self.instant.0 == now { (now, self.instant.1 + 1) } else { (now, 1) };
        if before > 0 && self.chance.below(1000) < before {
            self.cut += 1;
            return true;
        }
        if self.lies > 0 && link.door != CHECKS && self.chance.permille(self.lies) {
            link.forget_commit();
        }
        let answered = link.serve();
        if answered.is_err() || after > 0 && self.chance.below(1000) < after {
            self.cut += 1;
            return true;
        }
        link.write_client();
        self.links.push(link);
        true
    }
}
