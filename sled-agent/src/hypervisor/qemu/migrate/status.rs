//! What `query-migrate` and the MIGRATION event say, as far as anything depends on it. Pure.

use berth_sled_agent_api::migration::MigrationProgress;
use serde_json::Value;

/// QEMU's words, by what follows from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing was begun, or nothing that is going on.
    None,
    /// Being copied, or about to be.
    Active,
    /// Paused for whoever asked for it, with everything but the rest sent.
    PreSwitchover,
    Completed,
    /// Failed or cancelled: the source runs, or is about to.
    Failed,
}

impl Stage {
    /// A word of a later version counts as one that goes on: it ends in one that is known.
    pub(super) fn read(word: &str) -> Stage {
        match word {
            "" | "none" => Stage::None,
            "pre-switchover" => Stage::PreSwitchover,
            "completed" => Stage::Completed,
            "failed" | "cancelled" => Stage::Failed,
            _ => Stage::Active,
        }
    }
}

/// An answer to `query-migrate`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Status {
    pub stage: Stage,
    pub numbers: MigrationProgress,
    pub error: Option<String>,
}

impl Status {
    pub(super) fn read(answer: &Value) -> Status {
        let number = |pointer: &str| answer.pointer(pointer).and_then(Value::as_u64).unwrap_or_default();
        let page = number("/ram/page-size").max(4096);
        Status {
            stage: Stage::read(answer["status"].as_str().unwrap_or_default()),
            numbers: MigrationProgress {
                sent_bytes: number("/ram/transferred"),
                remaining_bytes: number("/ram/remaining"),
                total_bytes: number("/ram/total"),
                dirty_bytes_per_s: number("/ram/dirty-pages-rate").saturating_mul(page),
                throttle_percent: u32::try_from(number("/cpu-throttle-percentage")).unwrap_or(100),
                elapsed_ms: number("/total-time"),
                downtime_ms: None,
            },
            error: answer["error-desc"].as_str().map(str::to_owned),
        }
    }

    /// With what the copied disks add.
    pub(super) fn with_disks(mut self, sent_bytes: u64, total_bytes: u64) -> Status {
        self.numbers.sent_bytes = self.numbers.sent_bytes.saturating_add(sent_bytes);
        self.numbers.total_bytes = self.numbers.total_bytes.saturating_add(total_bytes);
        let remaining = total_bytes.saturating_sub(sent_bytes);
        self.numbers.remaining_bytes = self.numbers.remaining_bytes.saturating_add(remaining);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_word_of_qemu_has_its_place_and_unknown_ones_go_on() {
        let cases = [
            ("", Stage::None),
            ("none", Stage::None),
            ("setup", Stage::Active),
            ("active", Stage::Active),
            ("device", Stage::Active),
            ("cancelling", Stage::Active),
            ("pre-switchover", Stage::PreSwitchover),
            ("completed", Stage::Completed),
            ("failed", Stage::Failed),
            ("cancelled", Stage::Failed),
            ("of a later version", Stage::Active),
        ];
        for (word, stage) in cases {
            assert_eq!(Stage::read(word), stage, "{word}");
        }
    }

    #[test]
    fn numbers_are_read_and_those_of_disks_added() {
        let answer = json!({
            "status": "active", "total-time": 90, "cpu-throttle-percentage": 20,
            "ram": { "transferred": 5, "remaining": 7, "total": 12, "dirty-pages-rate": 3, "page-size": 4096 },
        });
        let status = Status::read(&answer).with_disks(100, 150);
        assert_eq!((status.numbers.sent_bytes, status.numbers.remaining_bytes), (105, 57));
        assert_eq!((status.numbers.total_bytes, status.numbers.dirty_bytes_per_s), (162, 12_288));
        assert_eq!((status.numbers.throttle_percent, status.numbers.elapsed_ms), (20, 90));
        assert_eq!(Status::read(&json!({})).stage, Stage::None);
    }
}
