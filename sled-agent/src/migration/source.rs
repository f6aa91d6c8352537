//! The source's side: sends the guest, asks its VMM's task to hand off, says so to the target.
//!
//! ```text
//!  control: ──▶ (streams) … ◀── arrived     and the hypervisor says: all is sent
//!           task: `handed_off` is durable
//!           ──▶ handed off                   again and again, until
//!           ◀── running
//! ```
//! All is sent *and* all has arrived: a hypervisor is content when its bytes are in a socket of this very host.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use berth_common::ids::{MigrationUuid, SledUuid};
use tokio::sync::{Mutex, Notify, mpsc, oneshot};

use super::control::{Ear, Voice, split};
use super::tunnel::Tunnel;
use super::wire::{Header, Purpose, SourceSays, TargetSays};
use super::{AGAIN, News};
use crate::host;
use crate::hypervisor::migration::{Channel, Migrator, Peer, Progress, Sending, Stream};

/// How long the target's agent may take to close its disks, which takes milliseconds: the guest is paused meanwhile.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long what was sent may take to arrive. It is in sockets already.
const ARRIVE_TIMEOUT: Duration = Duration::from_secs(10);
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
    /// When the guest was paused, as far as the agents know.
    paused_since: std::sync::Mutex<Option<Instant>>,
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
        let (remote, mut ear) = match self.remote().await {
            Ok(connected) => connected,
            Err(why) => return drop(news.send(News::Failed(why))),
        };
        let copied = tokio::select! {
            copied = remote.copy(&mut ear, migrator, sending, &news) => copied,
            () = host::until_boottime(deadline_ms) => Err("it took longer than its deadline allows".to_owned()),
        };
        if let Err(why) = copied {
            // A target that doesn't hear it sees the end of the stream.
            drop(remote.voice.lock().await.say(&SourceSays::GivenUp { why: why.clone() }).await);
            return drop(news.send(News::Failed(why)));
        }
        let (durable, decided) = oneshot::channel();
        if news.send(News::Sent(durable)).is_err() || decided.await.is_err() {
            return;
        }
        let paused = *remote.paused_since.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let told = tell(&mut *remote.voice.lock().await, ear).await;
        match told {
            Ok(()) => {
                drop(news.send(News::RunsThere { downtime: paused.map(|paused| paused.elapsed()) }));
            }
            Err(_) => self.tell_again(news).await,
        }
    }

    /// Says that the guest is handed off until the target says that it runs.
    pub(crate) async fn tell_again(self, news: mpsc::UnboundedSender<News>) {
        loop {
            if let Ok(stream) = self.connect(Purpose::Control).await {
                let (mut voice, ear) = split(stream);
                if tell(&mut voice, ear).await.is_ok() {
                    drop(news.send(News::RunsThere { downtime: None }));
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
        let remote = Remote {
            target: self.clone(),
            voice: Mutex::new(voice),
            disks_closed: Notify::new(),
            paused_since: std::sync::Mutex::default(),
        };
        Ok((Arc::new(remote), ear))
    }
}

impl Remote {
    async fn copy(
        self: &Arc<Self>,
        ear: &mut Ear<TargetSays>,
        migrator: Arc<dyn Migrator>,
        sending: Sending,
        news: &mpsc::UnboundedSender<News>,
    ) -> Result<(), String> {
        let (progress, mut heard) = mpsc::unbounded_channel();
        let peer: Arc<dyn Peer> = self.clone();
        let sent = migrator.send(&sending, peer, progress);
        tokio::pin!(sent);
        let (mut all_sent, mut all_arrived) = (false, false);
        let late = tokio::time::sleep(Duration::MAX);
        tokio::pin!(late);
        while !(all_sent && all_arrived) {
            tokio::select! {
                biased;
                done = &mut sent, if !all_sent => {
                    done.map_err(|error| error.to_string())?;
                    all_sent = true;
                    late.as_mut().reset(tokio::time::Instant::now() + ARRIVE_TIMEOUT);
                }
                word = ear.hear() => match word {
                    Some(TargetSays::Arrived) => all_arrived = true,
                    Some(TargetSays::DisksClosed) => self.disks_closed.notify_one(),
                    Some(TargetSays::Failed { why }) => return Err(format!("the target failed: {why}")),
                    Some(TargetSays::Running) => return Err("the target runs a guest it wasn't given".to_owned()),
                    None => return Err("the target's agent hung up".to_owned()),
                },
                Some(progress) = heard.recv() => self.note(progress, news),
                () = &mut late => return Err("what was sent didn't arrive in time".to_owned()),
            }
        }
        while let Ok(progress) = heard.try_recv() {
            self.note(progress, news);
        }
        Ok(())
    }

    fn note(&self, progress: Progress, news: &mpsc::UnboundedSender<News>) {
        if progress.phase == berth_common::migration::MigrationPhase::SwitchingOver {
            let mut paused = self.paused_since.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            paused.get_or_insert_with(Instant::now);
        }
        // Whoever doesn't listen has decided otherwise, and will end this.
        drop(news.send(News::Progress(progress)));
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
async fn tell(voice: &mut Voice, mut ear: Ear<TargetSays>) -> io::Result<()> {
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
