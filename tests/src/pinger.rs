//! Pings one address at a steady pace, and says how many were lost and how long nobody answered.
//!
//! A ping is an ICMP echo request with its number in it; a raw socket sends and hears them, which needs root. What
//! falls behind the pace (the machine had other things to do) is sent at once, and is still one ping each.

use anyhow::{Context, Result, bail};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrIn, recvfrom, sendto, socket,
};
use std::fmt;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// After the last ping: an answer that takes longer counts as lost.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

const ECHO_REQUEST: u8 = 8;
const ECHO_REPLY: u8 = 0;
const ICMP_HEADER_BYTES: usize = 8;
const NUMBER_BYTES: usize = 8;

/// Somebody who pings until he is asked for his book.
#[derive(Debug)]
pub struct Pinger {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Result<Pings>>,
}

/// What came of each ping, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pings {
    all: Vec<Ping>,
}

/// One ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ping {
    sent: Instant,
    answered: Option<Instant>,
}

impl Pinger {
    /// Begins, from the calling thread's network.
    ///
    /// # Errors
    /// When the socket can't be had: only root may.
    pub fn begin(address: Ipv4Addr, every: Duration) -> Result<Pinger> {
        let socket = socket(AddressFamily::Inet, SockType::Raw, SockFlag::SOCK_NONBLOCK, SockProtocol::Icmp)
            .context("a raw socket; that needs root")?;
        let stop = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&stop);
        let thread = std::thread::spawn(move || Course::new(socket, address).run(every, &asked));
        Ok(Pinger { stop, thread })
    }

    /// Ends with one more, and tells all.
    ///
    /// # Errors
    /// When pings couldn't be sent.
    pub fn end(self) -> Result<Pings> {
        self.stop.store(true, Ordering::Release);
        match self.thread.join() {
            Ok(pings) => pings,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

impl Pings {
    /// How many were sent.
    pub fn sent(&self) -> usize {
        self.all.len()
    }

    /// How many were never answered.
    pub fn lost(&self) -> usize {
        self.all.iter().filter(|ping| ping.answered.is_none()).count()
    }

    /// The longest time over which every ping was lost: from the last that was answered to the next that was.
    pub fn longest_loss(&self) -> Duration {
        let (mut longest, mut since) = (Duration::ZERO, None);
        let mut previous = None;
        for ping in &self.all {
            match (ping.answered, since) {
                (None, None) => since = previous.or(Some(ping.sent)),
                (None, Some(_)) | (Some(_), None) => {}
                (Some(_), Some(begin)) => {
                    longest = longest.max(ping.sent - begin);
                    since = None;
                }
            }
            previous = Some(ping.sent);
        }
        // Nobody answered any more.
        since.zip(previous).map_or(longest, |(begin, last)| longest.max(last - begin))
    }

    /// The longest time in which no answer came, whether pings were lost in it or late.
    pub fn longest_silence(&self) -> Duration {
        let mut answers: Vec<Instant> = self.all.iter().filter_map(|ping| ping.answered).collect();
        answers.sort_unstable();
        answers.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(Duration::MAX)
    }
}

impl fmt::Display for Pings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sent, lost) = (self.sent(), self.lost());
        let (loss, silence) = (self.longest_loss().as_millis(), self.longest_silence().as_millis());
        write!(
            f,
            "pings: {sent} sent, {lost} lost, {loss} ms the longest loss, {silence} ms the longest silence"
        )
    }
}

struct Course {
    socket: OwnedFd,
    address: Ipv4Addr,
    pings: Pings,
}

impl Course {
    fn new(socket: OwnedFd, address: Ipv4Addr) -> Course {
        Course { socket, address, pings: Pings::default() }
    }

    fn run(mut self, every: Duration, stop: &AtomicBool) -> Result<Pings> {
        let mut due = Instant::now();
        loop {
            self.ping()?;
            if stop.load(Ordering::Acquire) {
                break;
            }
            due += every;
            self.hear_until(due)?;
        }
        self.hear_until(Instant::now() + LAST_ANSWERS)?;
        Ok(self.pings)
    }

    fn ping(&mut self) -> Result<()> {
        let message = request(self.pings.all.len() as u64);
        let sent = Instant::now();
        match sendto(
            self.socket.as_raw_fd(),
            &message,
            &SockaddrIn::from(SocketAddrV4::new(self.address, 0)),
            MsgFlags::empty(),
        ) {
            // Nobody tells where the address is: it is lost like one on the way.
            Ok(_) | Err(Errno::EHOSTUNREACH | Errno::ENOBUFS | Errno::EAGAIN) => {}
            Err(error) => bail!("sending a ping to {}: {error}", self.address),
        }
        self.pings.all.push(Ping { sent, answered: None });
        Ok(())
    }

    fn hear_until(&mut self, until: Instant) -> Result<()> {
        loop {
            self.hear()?;
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            // A millisecond too early is looked at once more; never too late.
            let timeout = PollTimeout::try_from(left.min(LAST_ANSWERS)).unwrap_or(PollTimeout::ZERO);
            let mut readable = [PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)];
            match poll(&mut readable, timeout) {
                Ok(_) | Err(Errno::EINTR) => {}
                Err(error) => bail!("waiting for answers: {error}"),
            }
        }
    }

    /// Takes all answers that are there.
    fn hear(&mut self) -> Result<()> {
        let mut packet = [0; 256];
        loop {
            let (bytes, from) = match recvfrom::<SockaddrIn>(self.socket.as_raw_fd(), &mut packet) {
                Ok(heard) => heard,
                Err(Errno::EAGAIN) => return Ok(()),
                Err(Errno::EINTR) => continue,
                Err(error) => bail!("hearing answers: {error}"),
            };
            if from.is_none_or(|from| from.ip() != self.address) {
                continue;
            }
            let number = answer(packet.get(..bytes).unwrap_or_default())
                .and_then(|number| usize::try_from(number).ok());
            let ping = number.and_then(|number| self.pings.all.get_mut(number));
            if let Some(ping) = ping {
                ping.answered.get_or_insert_with(Instant::now);
            }
        }
    }
}

/// An echo request with this number.
fn request(number: u64) -> [u8; ICMP_HEADER_BYTES + NUMBER_BYTES] {
    let mut message = [0; ICMP_HEADER_BYTES + NUMBER_BYTES];
    message[0] = ECHO_REQUEST;
    message[ICMP_HEADER_BYTES..].copy_from_slice(&number.to_be_bytes());
    let checksum = checksum(&message);
    message[2..4].copy_from_slice(&checksum.to_be_bytes());
    message
}

/// The number in an IP packet, if that is an echo reply.
fn answer(packet: &[u8]) -> Option<u64> {
    let header_bytes = usize::from(packet.first()? & 0x0f) * 4;
    let message = packet.get(header_bytes..)?;
    if *message.first()? != ECHO_REPLY {
        return None;
    }
    let number = message.get(ICMP_HEADER_BYTES..ICMP_HEADER_BYTES + NUMBER_BYTES)?;
    Some(u64::from_be_bytes(number.try_into().ok()?))
}

/// The internet's checksum.
fn checksum(message: &[u8]) -> u16 {
    let words = message.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0)));
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_answers_himself() -> Result<()> {
        let pinger = Pinger::begin(Ipv4Addr::LOCALHOST, Duration::from_millis(1))?;
        let pings = pinger.end()?;
        assert!(pings.sent() > 0 && pings.lost() == 0, "{pings}");
        Ok(())
    }

    /// Sent every ten milliseconds; `.` answered at once, `x` lost.
    fn book(pings: &str) -> Pings {
        let begin = Instant::now();
        let ping = |(n, what): (u32, char)| {
            let sent = begin + Duration::from_millis(10) * n;
            Ping { sent, answered: (what == '.').then_some(sent) }
        };
        Pings { all: (0..).zip(pings.chars()).map(ping).collect() }
    }

    #[test]
    fn a_loss_lasts_from_the_last_answered_to_the_next() {
        assert_eq!(book("...").longest_loss(), Duration::ZERO);
        assert_eq!(book(".x..xxx.").longest_loss(), Duration::from_millis(40));
        assert_eq!(book(".x..xxx.").longest_silence(), Duration::from_millis(40));
        assert_eq!(book("x..xx").longest_loss(), Duration::from_millis(20));
        assert_eq!(book("..xxx").longest_loss(), Duration::from_millis(30));
        assert_eq!(book(".x..xxx.").lost(), 4);
    }
}
