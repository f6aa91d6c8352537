//! The source's side: sends the guest, asks its VMM's task to hand off, says so to the target.
//!
//! ```text
//!  control: ──▶ (streams) … ◀── arrived     and the hypervisor says: all is sent
//!           task: `handed_off` is durable
//!           ──▶ handed off                   again and again, until
//!           ◀── running
//! ```
//! All is sent *and* all has arrived: a hypervisor is content when its bytes are in a socket of this very host. And
//! what has arrived may be sent by one that then fails, and lets its guest go on.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use berth_common::ids::{MigrationUuid, SledUuid};
use tokio::sync::{Mutex, Notify, mpsc, oneshot};

use super::control::{Ear, Voice, split};
use super::tunnel::Tunnel;
use super::wire::{Header, Purpose, SourceSays, TargetSays};
use super::{AGAIN, News, Pause};
use crate::host;
use crate::hypervisor::LaunchError;
use crate::hypervisor::migration::{Channel, Migrator, Peer, Progress, Sending, Stream, Trail};

/// How long the target's agent may take to close its disks, which takes milliseconds: the guest is paused meanwhile.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long what was sent may take to arrive. It is in sockets already.
const ARRIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the guest may stand still before all of it is sent, if that is more than ten times what was aimed at: a target
/// that hangs keeps its connections, and its guest is well here.
const PAUSE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long the target may take to let the guest run before it is told again.
const RUN_TIMEOUT: Duration = Duration::from_secs(5);

/// Who the target is.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub tunnel: Arc<Tunnel>,
    pub migration: MigrationUuid,
    pub sled: SledUuid,
    pub address: String,
}

/// The target's agent as the hypervisor sees it.
#[derive(Debug)]
struct Remote {
    target: Target,
    voice: Mutex<Voice>,
    disks_closed: Notify,
}

/// A copy, as far as the hypervisor and the target's agent have told.
struct Course {
    ear: Ear<TargetSays>,
    heard: mpsc::UnboundedReceiver<Progress>,
    news: mpsc::UnboundedSender<News>,
    /// When the guest was stopped, and what followed.
    stopped: Option<Instant>,
    pause: Pause,
}

impl Target {
    async fn connect(&self, purpose: Purpose) -> io::Result<Stream> {
        let header = Header { migration: self.migration, purpose };
        self.tunnel.visit(self.sled, &self.address, header).await
    }

    /// Sends the guest, and tells `news` of it. Everything ends with the future.
    pub(crate) async fn send(
        self,
        migrator: Arc<dyn Migrator>,
        sending: Sending,
        deadline_ms: u64,
        news: mpsc::UnboundedSender<News>,
    ) {
        let (remote, ear) = match self.remote().await {
            Ok(connected) => connected,
            Err(why) => return drop(news.send(News::Failed(why))),
        };
        let (progress, heard) = mpsc::unbounded_channel();
        let mut course = Course { ear, heard, news, stopped: None, pause: Pause::default() };
        let copied = tokio::select! {
            copied = course.copy(&remote, &*migrator, &sending, progress) => copied,
            () = host::until_boottime(deadline_ms) => Err("it took longer than its deadline allows".to_owned()),
        };
        let trail = match copied {
            Ok(trail) => trail,
            Err(why) => {
                // A target that doesn't hear it sees the end of the stream.
                drop(remote.voice.lock().await.say(&SourceSays::GivenUp { why: why.clone() }).await);
                return drop(course.news.send(News::Failed(why)));
            }
        };
        let (durable, decided) = oneshot::channel();
        if course.news.send(News::Sent(durable)).is_err() || course.meanwhile(trail, decided).await.is_err() {
            return;
        }
        course.pause.handed_off = course.since_stop();
        let told = tell(&mut *remote.voice.lock().await, &mut course.ear).await;
        course.pause.runs = course.since_stop();
        match told {
            Ok(()) => {
                let pause = course.stopped.map(|_| course.pause);
                drop(course.news.send(News::RunsThere { pause }));
            }
            Err(_) => self.tell_again(course.news).await,
        }
    }

    /// Says that the guest is handed off until the target says that it runs.
    pub(crate) async fn tell_again(self, news: mpsc::UnboundedSender<News>) {
        loop {
            if let Ok(stream) = self.connect(Purpose::Control).await {
                let (mut voice, mut ear) = split(stream);
                if tell(&mut voice, &mut ear).await.is_ok() {
                    drop(news.send(News::RunsThere { pause: None }));
                    return;
                }
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn remote(&self) -> Result<(Arc<Remote>, Ear<TargetSays>), String> {
        let control = self.connect(Purpose::Control).await;
        let control =
            control.map_err(|error| format!("the target at {} can't be reached: {error}", self.address))?;
        let (voice, ear) = split(control);
        let remote = Remote { target: self.clone(), voice: Mutex::new(voice), disks_closed: Notify::new() };
        Ok((Arc::new(remote), ear))
    }
}

impl Course {
    /// Until everything is sent and has arrived.
    async fn copy(
        &mut self,
        remote: &Arc<Remote>,
        migrator: &dyn Migrator,
        sending: &Sending,
        progress: mpsc::UnboundedSender<Progress>,
    ) -> Result<Trail, String> {
        let peer: Arc<dyn Peer> = remote.clone();
        let sent = migrator.send(sending, peer, progress);
        tokio::pin!(sent);
        let (mut trail, mut all_arrived) = (None, false);
        let late = tokio::time::sleep(Duration::MAX);
        tokio::pin!(late);
        let pause_limit =
            PAUSE_TIMEOUT.max(Duration::from_millis(sending.downtime_limit_ms.saturating_mul(10)));
        loop {
            if all_arrived && let Some(trail) = trail.take() {
                // What was told before must be heard before.
                while let Ok(progress) = self.heard.try_recv() {
                    self.note(progress);
                }
                return Ok(trail);
            }
            tokio::select! {
                biased;
                done = &mut sent, if trail.is_none() => {
                    trail = Some(done.map_err(|error| error.to_string())?);
                    self.pause.sent = self.since_stop();
                    late.as_mut().reset(tokio::time::Instant::now() + ARRIVE_TIMEOUT);
                }
                word = self.ear.hear() => match word {
                    Some(TargetSays::Arrived) => {
                        all_arrived = true;
                        self.pause.arrived = self.since_stop();
                    }
                    Some(TargetSays::DisksClosed) => remote.disks_closed.notify_one(),
                    Some(TargetSays::Failed { why }) => return Err(format!("the target failed: {why}")),
                    Some(TargetSays::Running) => return Err("the target runs a guest it wasn't given".to_owned()),
                    None => return Err("the target's agent hung up".to_owned()),
                },
                Some(progress) = self.heard.recv() => {
                    let ran = self.stopped.is_none();
                    self.note(progress);
                    if ran && self.stopped.is_some() && trail.is_none() {
                        late.as_mut().reset(tokio::time::Instant::now() + pause_limit);
                    }
                }
                ended = end_of(&mut trail) => ended.map_err(|error| error.to_string())?,
                () = &mut late => {
                    let what = if trail.is_some() { "what was sent didn't arrive" } else { "the paused guest wasn't sent" };
                    return Err(format!("{what} in time"));
                }
            }
        }
    }

    /// While it is decided whether the guest is handed off, the last numbers come in. They decide nothing.
    async fn meanwhile(
        &mut self,
        mut trail: Trail,
        mut decided: oneshot::Receiver<()>,
    ) -> Result<(), oneshot::error::RecvError> {
        loop {
            tokio::select! {
                biased;
                decided = &mut decided => return decided,
                Some(progress) = self.heard.recv() => self.note(progress),
                _ended = &mut trail => {}
            }
        }
    }

    fn note(&mut self, progress: Progress) {
        if progress.phase == berth_common::migration::MigrationPhase::SwitchingOver {
            self.stopped.get_or_insert_with(Instant::now);
        }
        // Whoever doesn't listen has decided otherwise, and will end this.
        drop(self.news.send(News::Progress(progress)));
    }

    fn since_stop(&self) -> Duration {
        self.stopped.map_or(Duration::ZERO, |stopped| stopped.elapsed())
    }
}

async fn end_of(trail: &mut Option<Trail>) -> Result<(), LaunchError> {
    match trail {
        Some(trail) => trail.await,
        None => std::future::pending().await,
    }
}

#[async_trait]
impl Peer for Remote {
    async fn open(&self, channel: Channel) -> io::Result<Stream> {
        self.target.connect(Purpose::Stream(channel)).await
    }

    async fn close_disks(&self) -> io::Result<()> {
        self.voice.lock().await.say(&SourceSays::CloseDisks).await?;
        tokio::time::timeout(CLOSE_TIMEOUT, self.disks_closed.notified()).await.map_err(io::Error::from)
    }
}

/// Says it, and waits for the answer.
async fn tell(voice: &mut Voice, ear: &mut Ear<TargetSays>) -> io::Result<()> {
    voice.say(&SourceSays::HandedOff).await?;
    let answered = async {
        loop {
            match ear.hear().await {
                Some(TargetSays::Running) => return Ok(()),
                Some(TargetSays::Failed { why }) => return Err(io::Error::other(why)),
                Some(TargetSays::DisksClosed | TargetSays::Arrived) => {}
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
    };
    tokio::time::timeout(RUN_TIMEOUT, answered).await.map_err(io::Error::from)?
}

#[cfg(test)]
mod tests;
