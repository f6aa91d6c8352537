//! The reporter: registers this sled, sends its reports to whichever nexus answers, passes verdicts on.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use berth_sled_agent_api::report::{ReportAnswer, VmmVerdict};
use berth_sled_agent_api::sled::{Registered, SledRegister};
use slog::{Logger, debug, info, warn};
use tokio::time::{Instant, sleep, sleep_until};

use super::{REFUSED, Reports, TAKEN, UNANSWERED};
use crate::nexus_client::{NexusClient, NexusError};

/// How long further changes may join the one that woke the reporter.
const DEBOUNCE: Duration = Duration::from_millis(3);
/// How long to wait after a failure: doubled up to the maximum, and begun anew by a success.
const RETRY_MIN: Duration = Duration::from_millis(50);
const RETRY_MAX: Duration = Duration::from_secs(1);
/// How many quiet intervals lie between two full reports.
const FULL_EVERY: u32 = 10;

/// Who carries verdicts out. Taking one never waits.
#[async_trait]
pub trait VerdictTaker: Send + Sync {
    fn take(&self, verdict: &VmmVerdict);
}

/// The reporter's parts.
pub struct Reporter {
    pub nexus: Arc<NexusClient>,
    pub reports: Arc<Reports>,
    pub verdicts: Arc<dyn VerdictTaker>,
    /// What this sled is, said at each registration.
    pub sled: SledRegister,
    /// A report is sent at least this often, news or not.
    pub interval: Duration,
    pub log: Logger,
}

impl std::fmt::Debug for Reporter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reporter").field("sled", &self.sled).finish_non_exhaustive()
    }
}

/// What the reporter remembers between reports.
struct Course {
    registered: bool,
    /// Recovery was complete in the last full report that was answered.
    told_complete: bool,
    next_full: Instant,
    pause: Duration,
    /// The last failure, so that an outage is one line of the log.
    failing: bool,
}

impl Reporter {
    /// Reports until it is dropped.
    pub async fn run(self) {
        let mut course = Course {
            registered: false,
            told_complete: false,
            next_full: Instant::now(),
            pause: RETRY_MIN,
            failing: false,
        };
        loop {
            match self.turn(&mut course).await {
                Ok(()) => {
                    if course.failing {
                        info!(self.log, "nexus answers again"; "nexus" => self.nexus.current());
                    }
                    course.failing = false;
                    course.pause = RETRY_MIN;
                    self.wait(self.interval).await;
                }
                Err(error) => {
                    if !course.failing {
                        warn!(self.log, "nexus doesn't take reports"; "error" => %error);
                    }
                    course.failing = true;
                    sleep(course.pause).await;
                    course.pause = (course.pause * 2).min(RETRY_MAX);
                }
            }
        }
    }

    async fn wait(&self, at_most: Duration) {
        let until = Instant::now() + at_most;
        tokio::select! {
            () = self.reports.wait_for_change() => sleep(DEBOUNCE).await,
            () = sleep_until(until) => {}
        }
    }

    async fn turn(&self, course: &mut Course) -> Result<(), NexusError> {
        if !course.registered {
            self.register().await?;
            course.registered = true;
            course.next_full = Instant::now();
        }
        let completed_now = !course.told_complete && self.reports.recovered().is_complete();
        let full = completed_now || Instant::now() >= course.next_full;
        let report = self.reports.build(full);
        let sent: Result<ReportAnswer, NexusError> = self.nexus.post("/internal/report", &report).await;
        // Under another epoch it is answered, and nothing of it is stored.
        self.reports.count_sent(match &sent {
            Ok(answer) if answer.lease_epoch == report.lease_epoch => TAKEN,
            Ok(_) | Err(NexusError::Refused { .. }) => REFUSED,
            Err(_) => UNANSWERED,
        });
        let answer = sent?;
        self.nexus.learn(&answer.nexus);
        if answer.lease_epoch == report.lease_epoch {
            self.reports.acknowledge(&report);
            if full {
                course.next_full = Instant::now() + self.interval * FULL_EVERY;
                course.told_complete = report.recovered.is_complete();
            }
        } else {
            info!(self.log, "lease epoch changed: registering again"; "epoch" => %answer.lease_epoch);
            course.registered = false;
            self.reports.changed.notify_one();
        }
        for verdict in &answer.verdicts {
            debug!(self.log, "verdict"; "vmm" => %verdict.vmm, "verdict" => ?verdict.verdict);
            self.verdicts.take(verdict);
        }
        Ok(())
    }

    async fn register(&self) -> Result<(), NexusError> {
        let shutting_down = self.reports.is_shutting_down();
        let sled = SledRegister { shutting_down, ..self.sled.clone() };
        let answer: Registered = self.nexus.post("/internal/register", &sled).await?;
        self.nexus.learn(&answer.nexus);
        self.reports.set_lease_epoch(answer.lease_epoch);
        info!(self.log, "registered"; "epoch" => %answer.lease_epoch, "nexus" => self.nexus.current());
        Ok(())
    }
}
