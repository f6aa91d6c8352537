//! What two agents say to each other: lines of JSON. What a later version says beyond this is passed over.

use std::io;

use berth_common::ids::MigrationUuid;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::hypervisor::migration::Channel;

/// Longest line either side takes.
const LINE_MAX_BYTES: usize = 4096;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Words of the agents.
    Control,
    /// Bytes of the hypervisors.
    Stream(Channel),
}

/// The first line of a connection, from the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    pub migration: MigrationUuid,
    pub purpose: Purpose,
}

/// The first line back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Welcome {
    /// From here on the connection is what the header says.
    Taken,
    Refused {
        why: String,
    },
}

/// The source's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceSays {
    /// The disks are equal: take no more writes.
    CloseDisks,
    /// The guest is yours: it never runs here again. Said after it is durable, and again until it is answered.
    HandedOff,
    /// Nothing comes of it.
    GivenUp { why: String },
}

/// The target's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetSays {
    DisksClosed,
    /// The whole guest is here; nothing runs.
    Arrived,
    /// The guest goes on here, whatever becomes of this agent.
    Running,
    /// Nothing comes of it.
    Failed {
        why: String,
    },
}

/// Writes one line.
pub async fn say<T: Serialize>(to: &mut (impl AsyncWrite + Unpin), what: &T) -> io::Result<()> {
    let mut line = serde_json::to_vec(what)?;
    line.push(b'\n');
    to.write_all(&line).await?;
    to.flush().await
}

/// Reads one line, and not a byte more: bytes of a hypervisor may follow. One that isn't understood is an error here.
pub async fn hear<T: DeserializeOwned>(from: &mut (impl AsyncRead + Unpin)) -> io::Result<T> {
    let mut line = Vec::new();
    loop {
        match from.read_u8().await? {
            b'\n' => break,
            byte => line.push(byte),
        }
        if line.len() > LINE_MAX_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a line without end"));
        }
    }
    Ok(serde_json::from_slice(&line)?)
}

/// Reads on until there is a line that is understood.
pub async fn hear_known<T: DeserializeOwned>(from: &mut (impl AsyncRead + Unpin)) -> io::Result<T> {
    loop {
        let said: serde_json::Value = hear(from).await?;
        if let Ok(known) = serde_json::from_value(said) {
            return Ok(known);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_line_is_read_to_its_end_and_no_further() {
        let header = Header { migration: MigrationUuid::nil(), purpose: Purpose::Stream(Channel::Memory) };
        let mut bytes = Vec::new();
        say(&mut bytes, &header).await.expect("written");
        bytes.extend_from_slice(b"the guest");
        let mut from = bytes.as_slice();
        assert_eq!(hear::<Header>(&mut from).await.expect("read"), header);
        assert_eq!(from, b"the guest");
    }

    #[tokio::test]
    async fn a_line_without_end_and_a_cut_one_are_errors() {
        let mut long: &[u8] = &vec![b'x'; LINE_MAX_BYTES + 2];
        assert!(hear::<SourceSays>(&mut long).await.is_err());
        let mut cut: &[u8] = b"\"close_di";
        assert!(hear::<SourceSays>(&mut cut).await.is_err());
    }

    #[tokio::test]
    async fn words_of_a_later_version_are_passed_over() {
        let mut from: &[u8] = b"{\"sing\":1}\n\"handed_off\"\n";
        assert_eq!(hear_known::<SourceSays>(&mut from).await.expect("read"), SourceSays::HandedOff);
    }
}
