//! What breaks when an agent dies or a sled is cut off, and what is still heard.

use berth_common::ids::{GenericUuid as _, MigrationUuid};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::*;
use crate::migration::tunnel::Expecting;
use crate::migration::wire::{Header, Purpose};

const HEADER: Header = Header { migration: MigrationUuid::nil(), purpose: Purpose::Control };

fn sled(number: u128) -> SledUuid {
    SledUuid::from_untyped_uuid(Uuid::from_u128(number))
}

/// Two sleds, a stream from the first to the second, and their tunnels.
struct Two {
    roads: Roads,
    tunnels: [Arc<Tunnel>; 2],
    expecting: Expecting,
    streams: [Stream; 2],
}

async fn connected(from: &Tunnel, expecting: &mut Expecting) -> io::Result<[Stream; 2]> {
    let taken = async {
        match expecting.visitors.recv().await {
            Some(visitor) => visitor.take().await,
            None => Err(io::ErrorKind::NotConnected.into()),
        }
    };
    let (ours, theirs) = tokio::try_join!(from.visit(sled(2), "", HEADER), taken)?;
    Ok([ours, theirs])
}

async fn two() -> Two {
    let roads = Roads::default();
    let tunnels = [roads.tunnel(sled(1)), roads.tunnel(sled(2))];
    let mut expecting = tunnels[1].expect(HEADER.migration, sled(1));
    let streams = connected(&tunnels[0], &mut expecting).await.expect("connected");
    Two { roads, tunnels, expecting, streams }
}

/// Reads to the end in a task of its own, which is blocked by then.
async fn reading(mut stream: Stream) -> JoinHandle<(Vec<u8>, io::Result<usize>)> {
    let task = tokio::spawn(async move {
        let mut read = Vec::new();
        let ended = stream.read_to_end(&mut read).await;
        (read, ended)
    });
    tokio::task::yield_now().await;
    assert!(!task.is_finished());
    task
}

#[tokio::test]
async fn a_dead_agent_hears_nothing_more_and_what_it_had_said_is_heard() {
    let Two { roads, streams: [mut dead, other], .. } = two().await;
    dead.write_all(b"handed off").await.expect("written");
    roads.end(sled(1));
    assert!(dead.write_all(b"and more").await.is_err());
    let mut byte = [0];
    assert!(dead.read(&mut byte).await.is_err());
    let mut other = other;
    let mut heard = Vec::new();
    other.read_to_end(&mut heard).await.expect("it ends");
    assert_eq!(heard, b"handed off");
    assert!(other.write_all(b"who is there").await.is_err());
}

#[tokio::test]
async fn whoever_was_blocked_on_a_dead_agents_stream_goes_on() {
    for end in [sled(1), sled(2)] {
        let Two { roads, streams: [one, other], .. } = two().await;
        let (one, other) = (reading(one).await, reading(other).await);
        roads.end(end);
        let (one, other) = (one.await.expect("it ends"), other.await.expect("it ends"));
        // The dead one's own half fails, the other one is at its end.
        assert_eq!((one.1.is_err(), other.1.is_err()), (end == sled(1), end == sled(2)));
    }
}

#[tokio::test]
async fn a_writer_that_waits_for_room_sees_the_end() {
    let Two { roads, streams: [mut one, other], .. } = two().await;
    let writing = tokio::spawn(async move { one.write_all(&vec![0; 2 * UNDER_WAY_BYTES]).await });
    tokio::task::yield_now().await;
    assert!(!writing.is_finished());
    roads.end(sled(1));
    assert!(writing.await.expect("it ends").is_err());
    drop(other);
}

#[tokio::test]
async fn a_cut_breaks_both_halves_with_what_was_under_way_and_connections_fail_until_it_is_mended() {
    for end in [sled(1), sled(2)] {
        let Two { roads, tunnels, mut expecting, streams: [mut one, mut other] } = two().await;
        one.write_all(b"lost").await.expect("written");
        roads.cut(end, true);
        let mut byte = [0];
        assert!(other.read(&mut byte).await.is_err());
        assert!(one.read(&mut byte).await.is_err());
        assert!(connected(&tunnels[0], &mut expecting).await.is_err());
        roads.cut(end, false);
        let [mut one, mut other] = connected(&tunnels[0], &mut expecting).await.expect("mended");
        one.write_all(b"+").await.expect("written");
        assert_eq!(other.read_u8().await.expect("read"), b'+');
    }
}

#[tokio::test]
async fn an_agent_that_is_over_connects_nowhere_and_is_not_reached() {
    let Two { roads, tunnels: [first, second], mut expecting, .. } = two().await;
    roads.end(sled(1));
    assert!(first.visit(sled(2), "", HEADER).await.is_err(), "it is dead");
    let next = roads.tunnel(sled(1));
    assert!(first.visit(sled(2), "", HEADER).await.is_err(), "another took its place");
    connected(&next, &mut expecting).await.expect("the next one connects");
    roads.end(sled(2));
    assert!(next.visit(sled(2), "", HEADER).await.is_err(), "nobody is there");
    drop((second, expecting));
}

#[tokio::test]
async fn the_next_agents_streams_outlive_the_former_ones() {
    let Two { roads, mut expecting, .. } = two().await;
    let next = roads.tunnel(sled(1));
    let [mut one, mut other] = connected(&next, &mut expecting).await.expect("connected");
    one.write_all(b"+").await.expect("written");
    assert_eq!(other.read_u8().await.expect("read"), b'+');
}
