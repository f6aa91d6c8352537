//! What a shutdown has done so far, guest by guest: kept on disk, sent to whoever asks, printed for people.

use std::fmt;

use berth_common::Name;
use berth_common::ids::{InstanceUuid, VmmUuid};
use berth_common::vmm::EndedBy;
use serde::{Deserialize, Serialize};

/// How one guest went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The guest obeyed, or went by itself before it was asked.
    ByItself,
    /// It had not begun, and won't.
    NotBegun,
    /// It didn't go in time: QEMU was told to quit, or killed.
    Forced,
    /// Its process died while the guest was being asked.
    Died,
    /// It went while nobody looked.
    Unseen,
}

impl How {
    /// From how its run ended.
    pub const fn of(rung: EndedBy) -> How {
        match rung {
            EndedBy::GracefulStop | EndedBy::GuestShutdown | EndedBy::MigratedAway => How::ByItself,
            EndedBy::NeverStarted => How::NotBegun,
            EndedBy::ForcedAtDeadline | EndedBy::Killed | EndedBy::LeaseExpired | EndedBy::Fenced => {
                How::Forced
            }
            EndedBy::Crashed => How::Died,
            EndedBy::HostShutdown => How::Unseen,
        }
    }

    /// Nothing was taken from the guest.
    pub const fn is_gentle(self) -> bool {
        match self {
            How::ByItself | How::NotBegun | How::Unseen => true,
            How::Forced | How::Died => false,
        }
    }
}

/// How far one guest is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Stage {
    /// Its turn hasn't come.
    Waiting,
    /// It is being asked.
    Asked,
    /// It has gone; `took_ms` after it was asked.
    Gone { how: How, took_ms: u64 },
    /// Nothing ended it before the deadline.
    Remains,
}

/// One guest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    pub vmm: VmmUuid,
    /// Unknown for what has no ledger entry.
    pub instance: Option<InstanceUuid>,
    /// Unknown where the ledger entry was unreadable, or there is none.
    pub name: Option<Name>,
    pub priority: u32,
    #[serde(flatten)]
    pub stage: Stage,
}

/// All guests, those that go first first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub rows: Vec<Row>,
}

/// Exit status of `sled-agent shutdown`: every guest went by itself.
pub const STATUS_GENTLE: u8 = 0;
/// Some guest was forced, or could not be ended: the table says which.
pub const STATUS_FORCED: u8 = 1;
/// The shutdown could not be carried out at all.
pub const STATUS_FAILED: u8 = 2;

impl Table {
    /// The row of a VMM.
    pub fn row_mut(&mut self, vmm: VmmUuid) -> Option<&mut Row> {
        self.rows.iter_mut().find(|row| row.vmm == vmm)
    }

    /// Adds a row, or replaces what was known of the VMM.
    pub fn put(&mut self, row: Row) {
        match self.row_mut(row.vmm) {
            Some(known) => *known = row,
            None => self.rows.push(row),
        }
        self.rows.sort_by(|a, b| b.priority.cmp(&a.priority).then_with(|| a.vmm.cmp(&b.vmm)));
    }

    /// The exit status that stands for it, once the shutdown is over.
    pub fn status(&self) -> u8 {
        let gentle = |row: &Row| matches!(row.stage, Stage::Gone { how, .. } if how.is_gentle());
        if self.rows.iter().all(gentle) { STATUS_GENTLE } else { STATUS_FORCED }
    }

    /// How many have gone.
    pub fn gone(&self) -> usize {
        self.rows.iter().filter(|row| matches!(row.stage, Stage::Gone { .. })).count()
    }
}

impl Row {
    /// What people call it.
    pub fn called(&self) -> String {
        self.name.as_ref().map_or_else(|| "(unknown)".to_string(), ToString::to_string)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stage::Waiting => "waits for its turn",
            Stage::Asked => "is being stopped",
            Stage::Gone { how: How::ByItself, .. } => "ended by itself",
            Stage::Gone { how: How::NotBegun, .. } => "had not begun",
            Stage::Gone { how: How::Forced, .. } => "FORCED",
            Stage::Gone { how: How::Died, .. } => "DIED while asked",
            Stage::Gone { how: How::Unseen, .. } => "ended, unseen",
            Stage::Remains => "REMAINS",
        })
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.rows.iter().map(|row| row.called().len()).max().unwrap_or(0).max(4);
        writeln!(f, "{:<width$}  {:>8}  {:<18}  {:>8}  VMM", "NAME", "PRIORITY", "HOW", "SECONDS")?;
        for row in &self.rows {
            let seconds = match row.stage {
                Stage::Gone { took_ms, .. } => format!("{}.{}", took_ms / 1000, took_ms % 1000 / 100),
                Stage::Waiting | Stage::Asked | Stage::Remains => "-".to_string(),
            };
            let (name, priority, how) = (row.called(), row.priority, row.stage.to_string());
            writeln!(f, "{name:<width$}  {priority:>8}  {how:<18}  {seconds:>8}  {}", row.vmm)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use berth_common::ids::GenericUuid;
    use uuid::Uuid;

    use super::*;

    fn row(n: u128, priority: u32, stage: Stage) -> Row {
        let vmm = VmmUuid::from_untyped_uuid(Uuid::from_u128(n));
        Row { vmm, instance: None, name: "web".parse().ok(), priority, stage }
    }

    fn gone(how: How) -> Stage {
        Stage::Gone { how, took_ms: 2345 }
    }

    #[test]
    fn the_status_is_gentle_only_if_every_guest_was_let_go() {
        for rung in EndedBy::ALL {
            let how = How::of(*rung);
            let table = Table { rows: vec![row(1, 0, gone(How::ByItself)), row(2, 0, gone(how))] };
            let forced = matches!(
                rung,
                EndedBy::ForcedAtDeadline
                    | EndedBy::Killed
                    | EndedBy::LeaseExpired
                    | EndedBy::Fenced
                    | EndedBy::Crashed
            );
            assert_eq!(table.status(), if forced { STATUS_FORCED } else { STATUS_GENTLE }, "{rung}");
        }
        for stage in [Stage::Waiting, Stage::Asked, Stage::Remains] {
            assert_eq!(Table { rows: vec![row(1, 0, stage)] }.status(), STATUS_FORCED, "{stage}");
        }
        assert_eq!(Table::default().status(), STATUS_GENTLE);
    }

    #[test]
    fn it_is_printed_in_the_order_of_going_with_a_row_for_each() {
        let mut table = Table::default();
        table.put(row(1, 0, Stage::Waiting));
        table.put(Row { name: None, ..row(2, 20, gone(How::Forced)) });
        table.put(row(1, 0, gone(How::ByItself)));
        let text = table.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(lines[1].starts_with("(unknown)        20  FORCED"), "{text}");
        assert!(lines[2].starts_with("web               0  ended by itself          2.3"), "{text}");
    }
}
