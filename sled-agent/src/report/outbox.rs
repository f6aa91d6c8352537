//! What is to be told about each VMM, and what nexus has acknowledged of it. Pure: changes of one VMM coalesce, the
//! newest generation wins, and an acknowledgement counts for exactly the generation that was sent.

use std::collections::BTreeMap;

use berth_common::Generation;
use berth_common::ids::VmmUuid;
use berth_sled_agent_api::report::VmmReport;

/// A report and the deadline of the stop in flight, from which the remaining time is computed when it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// `stop_remaining_ms` is filled in on sending.
    pub report: VmmReport,
    /// Milliseconds of the boot's clock.
    pub stop_deadline_ms: Option<u64>,
}

impl Notice {
    /// As it is sent at `now_ms`.
    pub fn at(&self, now_ms: u64) -> VmmReport {
        let stop_remaining_ms = self.stop_deadline_ms.map(|deadline_ms| deadline_ms.saturating_sub(now_ms));
        VmmReport { stop_remaining_ms, ..self.report.clone() }
    }
}

#[derive(Debug)]
struct Row {
    notice: Notice,
    acknowledged: Option<Generation>,
}

impl Row {
    fn is_news(&self) -> bool {
        self.acknowledged.is_none_or(|known| known < self.notice.report.generation)
    }
}

/// The newest notice of every VMM.
#[derive(Debug, Default)]
pub struct Outbox {
    rows: BTreeMap<VmmUuid, Row>,
}

impl Outbox {
    /// Puts a notice in the place of the VMM's former one. An older one changes nothing.
    pub fn put(&mut self, notice: Notice) {
        match self.rows.get_mut(&notice.report.vmm) {
            Some(row) if notice.report.generation < row.notice.report.generation => {}
            Some(row) => row.notice = notice,
            None => {
                self.rows.insert(notice.report.vmm, Row { notice, acknowledged: None });
            }
        }
    }

    /// Forgets a VMM.
    pub fn remove(&mut self, vmm: VmmUuid) {
        self.rows.remove(&vmm);
    }

    /// The newest notice of a VMM.
    pub fn get(&self, vmm: VmmUuid) -> Option<&Notice> {
        self.rows.get(&vmm).map(|row| &row.notice)
    }

    /// What nexus hasn't acknowledged.
    pub fn unacknowledged(&self, now_ms: u64) -> Vec<VmmReport> {
        self.rows.values().filter(|row| row.is_news()).map(|row| row.notice.at(now_ms)).collect()
    }

    /// How much nexus hasn't acknowledged.
    pub fn unacknowledged_count(&self) -> usize {
        self.rows.values().filter(|row| row.is_news()).count()
    }

    /// Everything, without the time that is left.
    pub fn reports(&self) -> impl Iterator<Item = &VmmReport> {
        self.rows.values().map(|row| &row.notice.report)
    }

    /// Everything.
    pub fn all(&self, now_ms: u64) -> Vec<VmmReport> {
        self.rows.values().map(|row| row.notice.at(now_ms)).collect()
    }

    /// Nexus has stored what was sent.
    pub fn acknowledge(&mut self, sent: &[(VmmUuid, Generation)]) {
        for (vmm, generation) in sent {
            if let Some(row) = self.rows.get_mut(vmm) {
                row.acknowledged = row.acknowledged.max(Some(*generation));
            }
        }
    }

    /// Another nexus state may know less than was acknowledged: everything is news again.
    pub fn forget_acknowledgements(&mut self) {
        self.rows.values_mut().for_each(|row| row.acknowledged = None);
    }
}

#[cfg(test)]
mod tests {
    use berth_common::ids::{GenericUuid, InstanceUuid};
    use berth_common::vmm::VmmState;
    use uuid::Uuid;

    use super::*;

    fn notice(vmm: u128, generation: i64) -> Notice {
        Notice {
            report: VmmReport {
                vmm: VmmUuid::from_untyped_uuid(Uuid::from_u128(vmm)),
                instance: InstanceUuid::from_untyped_uuid(Uuid::from_u128(99)),
                epoch: Generation::FIRST,
                generation: Generation::from(generation),
                state: VmmState::Running,
                ended_by: None,
                detail: None,
                stop_remaining_ms: None,
                unresponsive: false,
                stuck: false,
                reboot: None,
                migration: None,
            },
            stop_deadline_ms: None,
        }
    }

    fn sent(reports: &[VmmReport]) -> Vec<(VmmUuid, Generation)> {
        reports.iter().map(|report| (report.vmm, report.generation)).collect()
    }

    #[test]
    fn changes_of_one_vmm_coalesce_to_the_newest() {
        let mut outbox = Outbox::default();
        for generation in [1, 2, 5, 4] {
            outbox.put(notice(1, generation));
        }
        let news = outbox.unacknowledged(0);
        assert_eq!(news.iter().map(|report| report.generation.as_i64()).collect::<Vec<_>>(), [5]);
    }

    #[test]
    fn a_change_made_while_a_report_is_under_way_is_still_news_after_its_acknowledgement() {
        let mut outbox = Outbox::default();
        outbox.put(notice(1, 1));
        outbox.put(notice(2, 1));
        let under_way = sent(&outbox.unacknowledged(0));
        outbox.put(notice(1, 2));
        outbox.acknowledge(&under_way);
        assert_eq!(sent(&outbox.unacknowledged(0)), sent(&[notice(1, 2).report]));
        assert_eq!(outbox.all(0).len(), 2, "a full report has all of them");
    }

    #[test]
    fn a_late_acknowledgement_takes_no_newer_one_back() {
        let mut outbox = Outbox::default();
        outbox.put(notice(1, 7));
        outbox.acknowledge(&[(notice(1, 7).report.vmm, Generation::from(7))]);
        outbox.acknowledge(&[(notice(1, 7).report.vmm, Generation::from(3))]);
        assert!(outbox.unacknowledged(0).is_empty());
        outbox.forget_acknowledgements();
        assert_eq!(outbox.unacknowledged(0).len(), 1);
    }

    #[test]
    fn the_remaining_time_is_that_of_sending() {
        let stopping = Notice { stop_deadline_ms: Some(1000), ..notice(1, 1) };
        assert_eq!(stopping.at(400).stop_remaining_ms, Some(600));
        assert_eq!(stopping.at(2000).stop_remaining_ms, Some(0));
        assert_eq!(notice(1, 1).at(400).stop_remaining_ms, None);
    }

    #[test]
    fn what_is_removed_is_not_told_any_more() {
        let mut outbox = Outbox::default();
        outbox.put(notice(1, 1));
        outbox.remove(notice(1, 1).report.vmm);
        outbox.acknowledge(&[(notice(1, 1).report.vmm, Generation::FIRST)]);
        assert!(outbox.all(0).is_empty());
    }
}
