//! Cores and memory that guests may have: counted by whoever holds a [`Reservation`], given back by dropping it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use berth_sled_agent_api::spec::VmmSpec;

/// How much of something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    pub cpus: u32,
    pub memory_mib: u32,
}

/// What a specification takes.
pub fn size_of(spec: &VmmSpec) -> Size {
    Size { cpus: spec.cpus, memory_mib: spec.memory_mib }
}

/// The sled's whole capacity.
#[derive(Debug)]
pub struct Room {
    total: Size,
    taken: Mutex<Size>,
}

/// A part of the room, held as long as this lives.
#[derive(Debug)]
pub struct Reservation {
    room: Arc<Room>,
    size: Size,
}

/// What is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{asked} {what} asked for, {free} of {total} free")]
pub struct NoRoom {
    pub what: &'static str,
    pub asked: u32,
    pub free: u32,
    pub total: u32,
}

impl Room {
    /// All of it free.
    pub fn new(total: Size) -> Arc<Room> {
        Arc::new(Room { total, taken: Mutex::default() })
    }

    /// Everything there is.
    pub fn total(&self) -> Size {
        self.total
    }

    /// What is taken now.
    pub fn taken(&self) -> Size {
        *self.guard()
    }

    /// Takes a part, or tells what is missing.
    pub fn reserve(self: &Arc<Room>, size: Size) -> Result<Reservation, NoRoom> {
        let mut taken = self.guard();
        let checks = [
            ("virtual CPUs", size.cpus, taken.cpus, self.total.cpus),
            ("MiB of memory", size.memory_mib, taken.memory_mib, self.total.memory_mib),
        ];
        for (what, asked, taken, total) in checks {
            let free = total.saturating_sub(taken);
            if asked > free {
                return Err(NoRoom { what, asked, free, total });
            }
        }
        self.take(&mut taken, size);
        drop(taken);
        Ok(Reservation { room: self.clone(), size })
    }

    /// Takes a part for what runs already, whether it fits or not: a smaller configuration ends no guest.
    pub fn reserve_anyway(self: &Arc<Room>, size: Size) -> Reservation {
        self.take(&mut self.guard(), size);
        Reservation { room: self.clone(), size }
    }

    fn take(&self, taken: &mut Size, size: Size) {
        taken.cpus = taken.cpus.saturating_add(size.cpus);
        taken.memory_mib = taken.memory_mib.saturating_add(size.memory_mib);
    }

    fn guard(&self) -> MutexGuard<'_, Size> {
        // Two numbers, changed together without a panic in between.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut taken = self.room.guard();
        taken.cpus = taken.cpus.saturating_sub(self.size.cpus);
        taken.memory_mib = taken.memory_mib.saturating_sub(self.size.memory_mib);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Size = Size { cpus: 1, memory_mib: 512 };

    #[test]
    fn what_doesnt_fit_is_refused_by_name_and_dropping_gives_back() {
        let room = Room::new(Size { cpus: 2, memory_mib: 1000 });
        let first = room.reserve(SMALL).expect("fits");
        let refused = room.reserve(SMALL).expect_err("no memory");
        assert_eq!((refused.what, refused.free), ("MiB of memory", 488));
        assert_eq!(room.taken(), SMALL, "a refusal takes nothing");
        drop(first);
        assert_eq!(room.taken(), Size::default());
        let refused = room.reserve(Size { cpus: 3, memory_mib: 1 }).expect_err("no cores");
        assert_eq!(refused.what, "virtual CPUs");
    }

    #[test]
    fn what_runs_already_is_counted_even_above_the_total() {
        let room = Room::new(SMALL);
        let held = room.reserve_anyway(Size { cpus: 8, memory_mib: 8 });
        assert_eq!(room.reserve(SMALL).expect_err("full").free, 0);
        drop(held);
        room.reserve(SMALL).expect("free again");
    }
}
