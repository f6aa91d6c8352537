//! The control stream: two agents, lines both ways.

use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::wire::{hear_known, say};
use crate::hypervisor::migration::Stream;

/// What one side says.
pub(super) struct Voice(WriteHalf<Stream>);

impl std::fmt::Debug for Voice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Voice")
    }
}

/// What one side hears: ends when the other hung up.
#[derive(Debug)]
pub(super) struct Ear<T> {
    said: mpsc::UnboundedReceiver<T>,
    listening: JoinHandle<()>,
}

/// Takes a control stream apart.
pub(super) fn split<T: DeserializeOwned + Send + 'static>(stream: Stream) -> (Voice, Ear<T>) {
    let (input, output) = tokio::io::split(stream);
    let (sender, said) = mpsc::unbounded_channel();
    let listening = tokio::spawn(listen(input, sender));
    (Voice(output), Ear { said, listening })
}

async fn listen<T: DeserializeOwned>(mut input: ReadHalf<Stream>, said: mpsc::UnboundedSender<T>) {
    while let Ok(word) = hear_known(&mut input).await {
        if said.send(word).is_err() {
            return;
        }
    }
}

impl Voice {
    pub(super) async fn say<T: Serialize + Sync>(&mut self, what: &T) -> io::Result<()> {
        say(&mut self.0, what).await
    }
}

impl<T> Ear<T> {
    /// The next word; `None`: nobody is there any more.
    pub(super) async fn hear(&mut self) -> Option<T> {
        self.said.recv().await
    }
}

impl<T> Drop for Ear<T> {
    fn drop(&mut self) {
        self.listening.abort();
    }
}
