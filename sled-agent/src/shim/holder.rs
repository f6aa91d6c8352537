//! The shim's loop: wait for anything, take it in, do what is due; until QEMU is gone and that is written down.

use std::io::{self, Read, Write as _};
use std::os::fd::AsFd as _;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::control::Control;
use super::durable::{self, Keep};
use super::input::Input;
use super::ladder::{Ladder, Step};
use super::monitor::{Heard, Monitor};
use super::place::Place;
use super::records::{Begun, Held, LaunchOrder, StopOrder, Told};
use super::serial::{SERIAL_LIMIT, SerialLog};
use super::spawn::Hypervisor;
use super::verdict::{Evidence, ended_by};
use super::{clock, tell};
use crate::hypervisor::ExitRecord;
use crate::shim::process::ProcessId;

/// Orders are looked for at least this often: the longest a lost poke can cost.
pub(super) const POLL_MS: u64 = 200;

/// A monitor that hasn't answered by then never will: the launch failed. It takes 25 ms on an idle host.
const READY_PATIENCE_MS: u64 = 10_000;

/// How much of QEMU's error output is kept: its last words.
const LAST_WORDS_LIMIT: usize = 2048;

/// Reads of one source in one round.
const DRAIN_READS: usize = 32;

/// How often an exit record that can't be written (disk full) is tried again.
const RECORD_AGAIN: Duration = Duration::from_millis(500);

/// One QEMU being held.
#[derive(Debug)]
pub(super) struct Holder {
    place: Place,
    order: LaunchOrder,
    held: Held,
    hypervisor: Hypervisor,
    control: Control,
    input: Input,
    monitor: Monitor,
    ladder: Ladder,
    serial: SerialLog,
    last_words: Vec<u8>,
    running: bool,
    reason: Option<String>,
    /// When a monitor that didn't answer is given up.
    ready_by_ms: Option<u64>,
}

impl Holder {
    /// Spawns QEMU and writes down who runs.
    pub(super) fn begin(place: Place, order: LaunchOrder) -> Result<Self, String> {
        let control = Control::open().map_err(|error| format!("{}: {error}", Place::CONTROL))?;
        let input = Input::open().map_err(|error| format!("{}: {error}", Place::INPUT))?;
        let hypervisor = Hypervisor::spawn(&order).map_err(|error| format!("{}: {error}", order.program))?;
        let shim_pid = i32::try_from(std::process::id()).map_err(|error| error.to_string())?;
        let shim = ProcessId::of(shim_pid).ok_or("this process is not in /proc")?;
        let held = Held { run: order.run, boot: clock::boot_id(), shim, hypervisor: hypervisor.id };
        durable::write_json(&place.held(), &held, Keep::WhileHostIsUp).map_err(|error| error.to_string())?;
        Ok(Self {
            serial: SerialLog::new(&place.serial_log(), SERIAL_LIMIT),
            place,
            order,
            held,
            hypervisor,
            control,
            input,
            monitor: Monitor::new(),
            ladder: Ladder::new(),
            last_words: Vec::new(),
            running: false,
            reason: None,
            ready_by_ms: Some(clock::now_ms() + READY_PATIENCE_MS),
        })
    }

    /// Holds it to its end.
    pub(super) fn hold(mut self) -> Result<(), String> {
        loop {
            self.read_order();
            self.climb();
            self.wait().map_err(|error| error.to_string())?;
            self.take_in();
            if let Some(status) = self.hypervisor.reap().map_err(|error| error.to_string())? {
                // Its sockets hold no more than one round takes.
                self.take_in();
                self.finish(status);
                return Ok(());
            }
        }
    }

    /// An order that can't be read now is read in the next round; one of another run or boot is void.
    fn read_order(&mut self) {
        let Ok(Some(order)) = durable::read_json::<StopOrder>(&self.place.stop()) else { return };
        if order.run != self.held.run || order.boot != self.held.boot {
            return;
        }
        let was_stopping = self.ladder.is_stopping();
        if self.ladder.order(order.deadline_ms, order.kill) && !was_stopping {
            self.tell_state();
        }
    }

    fn climb(&mut self) {
        let now_ms = clock::now_ms();
        if self.ready_by_ms.is_some_and(|by_ms| now_ms >= by_ms) {
            self.ready_by_ms = None;
            self.last_words.extend_from_slice(b"\n(the monitor did not answer)");
            self.hypervisor.kill();
        }
        while let Some(step) = self.ladder.climb(now_ms, self.monitor.is_silent(now_ms)) {
            let words = match step {
                Step::PressButton if self.monitor.press_button(now_ms) => "pressed the power button",
                Step::PressButton => "could not press the power button: the monitor is silent",
                Step::Quit => {
                    self.monitor.quit(now_ms);
                    "the deadline is over: told QEMU to quit"
                }
                Step::Kill => {
                    self.hypervisor.kill();
                    "sent SIGKILL"
                }
                Step::Stuck => {
                    let _ = std::fs::write(self.place.stuck(), "SIGKILL did not end the process\n");
                    self.control.tell(&Told::Stuck);
                    continue;
                }
            };
            self.control.tell(&Told::Ladder { words: words.to_owned() });
        }
        self.send();
    }

    /// Sends what the monitor has to say, as far as QEMU takes it.
    fn send(&mut self) {
        let output = self.monitor.output();
        if !output.is_empty()
            && let Some(stream) = &mut self.hypervisor.monitor
            && let Ok(sent) = stream.write(output)
        {
            output.drain(..sent);
        }
    }

    /// Waits until something happens or is due.
    fn wait(&mut self) -> io::Result<()> {
        let due_ms = self.ladder.next_ms().map_or(POLL_MS, |at| at.saturating_sub(clock::now_ms()));
        let timeout = PollTimeout::from(u16::try_from(due_ms.clamp(1, POLL_MS)).unwrap_or(u16::MAX));
        let wants_out = !self.monitor.output().is_empty();
        let monitor_flags =
            if wants_out { PollFlags::POLLIN | PollFlags::POLLOUT } else { PollFlags::POLLIN };
        let hypervisor = &self.hypervisor;
        let mut descriptors = vec![PollFd::new(hypervisor.ended.as_fd(), PollFlags::POLLIN)];
        descriptors
            .extend(hypervisor.monitor.iter().map(|monitor| PollFd::new(monitor.as_fd(), monitor_flags)));
        let serial_flags =
            if self.input.wants_out() { PollFlags::POLLIN | PollFlags::POLLOUT } else { PollFlags::POLLIN };
        descriptors.extend(hypervisor.serial.iter().map(|serial| PollFd::new(serial.as_fd(), serial_flags)));
        let quiet = hypervisor.stderr.iter().map(|stderr| stderr.as_fd());
        let quiet = quiet.chain(self.control.descriptors()).chain(self.input.descriptors());
        descriptors.extend(quiet.map(|descriptor| PollFd::new(descriptor, PollFlags::POLLIN)));
        match poll(&mut descriptors, timeout) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes in everything that is there. All descriptors are non-blocking, so which one woke us doesn't matter.
    fn take_in(&mut self) {
        let state = self.state();
        self.control.serve(&state);
        self.input.serve(self.hypervisor.serial.as_mut());
        let serial = &mut self.serial;
        drain(&mut self.hypervisor.serial, |bytes| serial.append(bytes));
        let words = &mut self.last_words;
        drain(&mut self.hypervisor.stderr, |bytes| {
            words.extend_from_slice(bytes);
            let surplus = words.len().saturating_sub(LAST_WORDS_LIMIT);
            words.drain(..surplus);
        });
        let now_ms = clock::now_ms();
        let (monitor, mut heard) = (&mut self.monitor, Vec::new());
        let mut broken = None;
        drain(&mut self.hypervisor.monitor, |bytes| match monitor.feed(bytes, now_ms) {
            Ok(more) => heard.extend(more),
            Err(why) => broken = Some(why),
        });
        if let Some(why) = broken {
            eprintln!("shim: {why}");
            self.hypervisor.monitor = None;
        }
        for heard in heard {
            self.hear(heard);
        }
        self.send();
    }

    fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Ready { running } => {
                self.running = running;
                self.ready_by_ms = None;
                tell(&Begun::Ready { held: self.held.clone() });
                self.tell_state();
            }
            Heard::Running(running) => {
                self.running = running;
                self.tell_state();
            }
            Heard::Shutdown { reason } => {
                self.ladder.guest_reacted();
                self.control.tell(&Told::Ladder { words: format!("QEMU shuts down: {reason}") });
                self.reason.get_or_insert(reason);
            }
        }
    }

    fn state(&self) -> Told {
        Told::State { run: self.order.run, running: self.running, stopping: self.ladder.is_stopping() }
    }

    fn tell_state(&mut self) {
        let state = self.state();
        self.control.tell(&state);
    }

    /// Writes the exit record, whatever it takes, and then says so.
    fn finish(mut self, status: String) {
        let evidence = Evidence {
            ready: self.monitor.is_ready(),
            reason: self.reason.as_deref(),
            stopping: self.ladder.is_stopping(),
            forced: self.ladder.was_forced(),
            killed: self.ladder.was_killed(),
        };
        let words = String::from_utf8_lossy(&self.last_words).trim().to_owned();
        let record = ExitRecord {
            vmm: self.order.vmm,
            run: self.order.run,
            ended_by: ended_by(evidence),
            reason: self.reason.take(),
            status: Some(status),
            last_words: (!words.is_empty()).then_some(words),
        };
        while let Err(error) = durable::write_json(&self.place.exit(), &record, Keep::ThroughPowerLoss) {
            eprintln!("shim: exit.json: {error}");
            std::thread::sleep(RECORD_AGAIN);
        }
        self.control.tell(&Told::Ended);
        if !self.monitor.is_ready() {
            let words = record.last_words.or(record.status).unwrap_or_default();
            tell(&Begun::Failed { why: format!("QEMU did not begin: {words}") });
        }
    }
}

/// Reads what is there now, but not for ever: a guest that floods its console must not hold up a deadline. A source
/// that came to its end is dropped.
fn drain<S: Read>(source: &mut Option<S>, mut take: impl FnMut(&[u8])) {
    let mut buffer = [0; 8192];
    for _ in 0..DRAIN_READS {
        let Some(open) = source else { return };
        match open.read(&mut buffer) {
            Ok(0) => *source = None,
            Ok(count) => take(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
            Err(_) => *source = None,
        }
    }
}
