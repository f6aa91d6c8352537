//! The target's side: takes the source's streams, tells its VMM's task when the guest is here and when it is its own.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::control::{Ear, Voice, split};
use super::tunnel::{Expecting, Visitor};
use super::wire::{Purpose, SourceSays, TargetSays};
use super::{AGAIN, News};
use crate::host;
use crate::hypervisor::migration::{Channel, Migrator, Stream};

/// A guest that is received, and afterwards whoever answers the source.
pub(crate) struct Receiving {
    pub expecting: Expecting,
    pub migrator: Arc<dyn Migrator>,
    pub copied_slots: Vec<u32>,
    pub deadline_ms: u64,
    /// A former agent listened: it may have received the whole guest, and have said so.
    pub again: bool,
    pub news: mpsc::UnboundedSender<News>,
}

/// The control stream, while there is one.
type Control = Option<(Voice, Ear<SourceSays>)>;

struct Course {
    arrived: bool,
    began: bool,
    control: Control,
    streams: JoinSet<()>,
}

impl Receiving {
    /// Everything ends with the future.
    pub(crate) async fn run(mut self) {
        let mut course = Course { arrived: false, began: false, control: None, streams: JoinSet::new() };
        if let Err(why) = self.receive(&mut course).await {
            if let Some((voice, _)) = &mut course.control {
                // The source finds out in any case.
                drop(voice.say(&TargetSays::Failed { why: why.clone() }).await);
            }
            drop(self.news.send(News::Failed(why)));
        }
    }

    async fn receive(&mut self, course: &mut Course) -> Result<(), String> {
        let is_here = self.await_guest().await?;
        drop(self.news.send(News::Waiting));
        if is_here {
            // It may have been handed off long ago: no deadline counts, and no source is needed.
            self.arrived(course).await?;
        }
        let migrator = self.migrator.clone();
        let arrival = async move { migrator.arrived().await };
        tokio::pin!(arrival);
        loop {
            tokio::select! {
                biased;
                arrived = &mut arrival, if !course.arrived => {
                    arrived.map_err(|error| error.to_string())?;
                    self.arrived(course).await?;
                }
                word = next_word(&mut course.control) => self.hear(course, word).await?,
                visitor = self.expecting.visitors.recv() => match visitor {
                    Some(visitor) => self.let_in(course, visitor).await,
                    None => return Err("another took its place".to_owned()),
                },
                _ = course.streams.join_next(), if !course.streams.is_empty() => {}
                () = host::until_boottime(self.deadline_ms), if !course.arrived => {
                    return Err("it took longer than its deadline allows".to_owned());
                }
            }
        }
    }

    /// True: the whole guest is here already. While that isn't known nothing is given up: it would be the guest's end.
    async fn await_guest(&self) -> Result<bool, String> {
        loop {
            match self.migrator.await_guest(&self.copied_slots).await {
                Ok(is_here) => return Ok(is_here),
                Err(_silent) if self.again => tokio::time::sleep(AGAIN).await,
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    async fn arrived(&self, course: &mut Course) -> Result<(), String> {
        course.arrived = true;
        let (noted, answer) = oneshot::channel();
        if self.news.send(News::Arrived(noted)).is_err() || answer.await.is_err() {
            return Err("it was given up".to_owned());
        }
        if let Some((voice, _)) = &mut course.control {
            // A source that can't be told fails; then nobody hands off.
            drop(voice.say(&TargetSays::Arrived).await);
        }
        Ok(())
    }

    async fn hear(&self, course: &mut Course, word: Option<SourceSays>) -> Result<(), String> {
        let Some((voice, _)) = &mut course.control else { return Ok(()) };
        match word {
            Some(SourceSays::CloseDisks) => {
                self.migrator.close_disks().await.map_err(|error| error.to_string())?;
                drop(voice.say(&TargetSays::DisksClosed).await);
            }
            Some(SourceSays::HandedOff) => {
                let (running, answer) = oneshot::channel();
                // Without an answer the source asks again.
                if self.news.send(News::HandedOff(running)).is_ok() && answer.await.is_ok() {
                    drop(voice.say(&TargetSays::Running).await);
                }
            }
            Some(SourceSays::GivenUp { why }) if !course.arrived => return Err(format!("the source: {why}")),
            None if !course.arrived => return Err("the source's agent hung up".to_owned()),
            // The guest is here, and may have been handed off by now: only nexus can know.
            Some(SourceSays::GivenUp { .. }) | None => course.control = None,
        }
        Ok(())
    }

    async fn let_in(&self, course: &mut Course, visitor: Visitor) {
        match visitor.purpose {
            // A source whose agent was restarted has another.
            Purpose::Control => {
                course.control = visitor.take().await.ok().map(split);
                if let Some((voice, _)) = course.control.as_mut().filter(|_| course.arrived) {
                    drop(voice.say(&TargetSays::Arrived).await);
                }
            }
            Purpose::Stream(Channel::Memory) if course.began || course.arrived => {
                visitor.refuse("this guest is being received already").await;
            }
            Purpose::Stream(_) if course.arrived => {
                visitor.refuse("this guest is here already").await;
            }
            Purpose::Stream(channel) => {
                let Ok(stream) = visitor.take().await else { return };
                if channel == Channel::Memory {
                    course.began = true;
                    drop(self.news.send(News::Began));
                }
                course.streams.spawn(pass(self.migrator.clone(), channel, stream));
            }
        }
    }
}

/// A stream that breaks shows in what receives it.
async fn pass(migrator: Arc<dyn Migrator>, channel: Channel, stream: Stream) {
    let _ended: Result<(), _> = migrator.receive(channel, stream).await;
}

async fn next_word(control: &mut Control) -> Option<SourceSays> {
    match control {
        Some((_, ear)) => ear.hear().await,
        None => std::future::pending().await,
    }
}

/// The guest went on here: whoever asks is told so, also after an end of the guest, or of this agent.
pub(crate) async fn answer(mut expecting: Expecting) {
    let mut asking = JoinSet::new();
    while let Some(visitor) = expecting.visitors.recv().await {
        if visitor.purpose != Purpose::Control {
            visitor.refuse("this guest is here already").await;
            continue;
        }
        asking.spawn(async move {
            let Ok(stream) = visitor.take().await else { return };
            let (mut voice, mut ear) = split::<SourceSays>(stream);
            while let Some(word) = ear.hear().await {
                if word == SourceSays::HandedOff && voice.say(&TargetSays::Running).await.is_err() {
                    return;
                }
            }
        });
    }
}

#[cfg(test)]
mod tests;
