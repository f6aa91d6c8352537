//! QMP without its socket: bytes in, what was heard out; commands become bytes to send.
//!
//! The shim needs few words of it: the handshake, the power button, quit, and the events that tell how the guest is.

use serde_json::{Value, json};

/// An answer that takes longer than this makes the monitor *silent*. It takes 0.2 ms when all is well.
const SILENT_AFTER_MS: u64 = 500;

/// A line longer than this is no QMP: the connection is given up.
const LINE_LIMIT: usize = 1 << 20;

/// What QEMU told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// The handshake is over.
    Ready { running: bool },
    /// The guest's CPUs were paused or go on.
    Running(bool),
    /// The machine is being shut down, and why.
    Shutdown { reason: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Greeting,
    Capabilities,
    Status,
    Ready,
}

/// One monitor connection.
#[derive(Debug)]
pub(super) struct Monitor {
    phase: Phase,
    input: Vec<u8>,
    output: Vec<u8>,
    /// Since when QEMU owes an answer, and how many.
    owed_since_ms: u64,
    owed: u32,
}

impl Monitor {
    pub(super) fn new() -> Self {
        Self { phase: Phase::Greeting, input: Vec::new(), output: Vec::new(), owed_since_ms: 0, owed: 0 }
    }

    pub(super) fn is_ready(&self) -> bool {
        self.phase == Phase::Ready
    }

    /// QEMU owes an answer for longer than it ever takes.
    pub(super) fn is_silent(&self, now_ms: u64) -> bool {
        self.owed > 0 && now_ms >= self.owed_since_ms + SILENT_AFTER_MS
    }

    /// What is to be sent.
    pub(super) fn output(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }

    /// Presses the power button, unless it can't be: not yet listening, or the last press isn't answered.
    pub(super) fn press_button(&mut self, now_ms: u64) -> bool {
        let can = self.is_ready() && self.owed == 0;
        if can {
            self.say("system_powerdown", now_ms);
        }
        can
    }

    pub(super) fn quit(&mut self, now_ms: u64) {
        if self.is_ready() {
            self.say("quit", now_ms);
        }
    }

    /// Takes what arrived.
    ///
    /// # Errors
    /// Words for people when it isn't QMP; the connection is of no use then.
    pub(super) fn feed(&mut self, bytes: &[u8], now_ms: u64) -> Result<Vec<Heard>, String> {
        self.input.extend_from_slice(bytes);
        let mut heard = Vec::new();
        while let Some(end) = self.input.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.input.drain(..=end).collect();
            if line.trim_ascii().is_empty() {
                continue;
            }
            let message = serde_json::from_slice(&line).map_err(|error| format!("monitor: {error}"))?;
            heard.extend(self.take(&message, now_ms));
        }
        if self.input.len() > LINE_LIMIT {
            return Err("monitor: a line without end".to_owned());
        }
        Ok(heard)
    }

    fn say(&mut self, command: &str, now_ms: u64) {
        self.output.extend_from_slice(json!({ "execute": command }).to_string().as_bytes());
        self.output.push(b'\n');
        if self.owed == 0 {
            self.owed_since_ms = now_ms;
        }
        self.owed += 1;
    }

    fn take(&mut self, message: &Value, now_ms: u64) -> Option<Heard> {
        if let Some(event) = message.get("event") {
            return heard_event(event.as_str().unwrap_or_default(), message);
        }
        if message.get("QMP").is_some() {
            self.phase = Phase::Capabilities;
            self.say("qmp_capabilities", now_ms);
            return None;
        }
        self.owed = self.owed.saturating_sub(1);
        self.owed_since_ms = now_ms;
        match self.phase {
            Phase::Capabilities => {
                self.phase = Phase::Status;
                self.say("query-status", now_ms);
                None
            }
            Phase::Status => {
                self.phase = Phase::Ready;
                let running = message.pointer("/return/running").and_then(Value::as_bool).unwrap_or(false);
                Some(Heard::Ready { running })
            }
            Phase::Greeting | Phase::Ready => None,
        }
    }
}

fn heard_event(event: &str, message: &Value) -> Option<Heard> {
    match event {
        "STOP" => Some(Heard::Running(false)),
        "RESUME" => Some(Heard::Running(true)),
        "SHUTDOWN" => {
            let reason = message.pointer("/data/reason").and_then(Value::as_str).unwrap_or("unknown");
            Some(Heard::Shutdown { reason: reason.to_owned() })
        }
        // Others are none of the shim's business, also those this version doesn't know.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREETING: &[u8] = b"{\"QMP\": {\"version\": {}, \"capabilities\": [\"oob\"]}}\r\n";
    const DONE: &[u8] = b"{\"return\": {}}\r\n";
    const STATUS: &[u8] = b"{\"return\": {\"status\": \"running\", \"running\": true}}\r\n";

    fn ready() -> Monitor {
        let mut monitor = Monitor::new();
        monitor.feed(GREETING, 0).expect("a greeting");
        monitor.feed(DONE, 0).expect("an answer");
        assert_eq!(monitor.feed(STATUS, 0), Ok(vec![Heard::Ready { running: true }]));
        monitor.output().clear();
        monitor
    }

    #[test]
    fn the_handshake_works_in_single_bytes() {
        let mut monitor = Monitor::new();
        let mut heard = Vec::new();
        for byte in [GREETING, DONE, STATUS].concat() {
            heard.extend(monitor.feed(&[byte], 0).expect("it is QMP"));
        }
        assert_eq!(heard, [Heard::Ready { running: true }]);
        let said = String::from_utf8_lossy(monitor.output()).into_owned();
        assert_eq!(said, "{\"execute\":\"qmp_capabilities\"}\n{\"execute\":\"query-status\"}\n");
    }

    #[test]
    fn the_button_is_not_pressed_before_the_handshake_nor_while_a_press_is_unanswered() {
        let mut monitor = Monitor::new();
        assert!(!monitor.press_button(0));
        let mut monitor = ready();
        assert!(monitor.press_button(10));
        assert!(!monitor.press_button(1010));
        assert!(monitor.is_silent(1010) && !monitor.is_silent(11));
        monitor.feed(DONE, 1020).expect("an answer");
        assert!(!monitor.is_silent(5000));
        assert!(monitor.press_button(2010));
    }

    #[test]
    fn events_are_heard_and_unknown_ones_are_passed_over() {
        let mut monitor = ready();
        let lines = concat!(
            "{\"event\": \"SOMETHING_NEW\", \"data\": {\"x\": 1}}\r\n",
            "{\"event\": \"STOP\"}\r\n{\"event\": \"RESUME\"}\r\n",
            "{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true, \"reason\": \"guest-shutdown\"}}\r\n",
        );
        let expected = [
            Heard::Running(false),
            Heard::Running(true),
            Heard::Shutdown { reason: "guest-shutdown".to_owned() },
        ];
        assert_eq!(monitor.feed(lines.as_bytes(), 0), Ok(expected.to_vec()));
    }

    #[test]
    fn what_is_no_qmp_is_refused() {
        assert!(Monitor::new().feed(b"hello\n", 0).is_err());
        assert!(Monitor::new().feed(&vec![b'x'; LINE_LIMIT + 1], 0).is_err());
    }
}
