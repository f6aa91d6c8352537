//! Everything that ends a command without its being done: what is said about it, and the exit code.

use std::fmt::Write as _;
use std::io;

use berth_common::ids::OperationUuid;
use berth_common::operation::OperationState;

use crate::advice::advice;
use crate::generated::types;
use crate::progress::doing;

/// Exit codes: 0 is done, 1 failed, 2 used wrongly, 3 still running.
pub const FAILED: u8 = 1;
/// See [`FAILED`].
pub const USAGE: u8 = 2;
/// See [`FAILED`].
pub const STILL_RUNNING: u8 = 3;

/// Why a command isn't done.
#[derive(Debug)]
pub enum Failure {
    /// The command line can't mean anything; nothing was sent.
    Usage(String),
    /// Something on this side: a file, the configuration, a declined question.
    Local {
        /// What is wrong.
        message: String,
        /// What to do.
        help: Option<String>,
    },
    /// Nexus said no.
    Refused(Box<types::Error>),
    /// No nexus could be asked.
    Unreachable {
        /// Each URL with the reason.
        tried: Vec<(String, String)>,
        /// The file of the authority that was trusted.
        ca_file: String,
    },
    /// It was sent and never answered, and must not simply be sent again.
    NoAnswer {
        /// Whom it was sent to.
        url: String,
        /// What happened to the connection.
        reason: String,
    },
    /// The answer isn't what the contract says.
    Garbled {
        /// Who answered.
        url: String,
        /// What is odd about it.
        reason: String,
    },
    /// Accepted work failed or was cancelled.
    Ended(Box<types::Operation>),
    /// The command was left, or its patience ended; the work goes on.
    StillRunning(Vec<OperationUuid>),
    /// A check found differences; they have been printed.
    Found(usize),
    /// Several things were asked for, and these failed.
    Several(Vec<Failure>),
    /// Standard output doesn't take more.
    Output(io::Error),
}

impl Failure {
    /// A failure on this side, with what to do about it.
    pub fn local(message: impl Into<String>, help: impl Into<String>) -> Self {
        Failure::Local { message: message.into(), help: Some(help.into()) }
    }

    /// The exit code. Of several: failed, if any failed.
    pub fn code(&self) -> u8 {
        match self {
            Failure::Usage(_) => USAGE,
            Failure::StillRunning(_) => STILL_RUNNING,
            Failure::Several(all) => all.iter().map(Failure::code).min().unwrap_or(FAILED),
            // Whoever closed the pipe has read enough.
            Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
            Failure::Local { .. }
            | Failure::Refused(_)
            | Failure::Unreachable { .. }
            | Failure::NoAnswer { .. }
            | Failure::Garbled { .. }
            | Failure::Ended(_)
            | Failure::Found(_)
            | Failure::Output(_) => FAILED,
        }
    }

    /// Whether asking again later may find a nexus.
    pub fn is_connection(&self) -> bool {
        match self {
            Failure::Unreachable { .. } | Failure::NoAnswer { .. } => true,
            Failure::Refused(error) => error.error_code == "unavailable",
            _ => false,
        }
    }

    /// The lines for standard error; empty where nothing needs to be said.
    pub fn text(&self) -> String {
        match self {
            Failure::Usage(message) => format!("error: {message}\n"),
            Failure::Local { message, help } => with_help(format!("error: {message}\n"), help.as_deref()),
            Failure::Refused(error) => refused(error),
            Failure::Unreachable { tried, ca_file } => unreachable(tried, ca_file),
            Failure::NoAnswer { url, reason } => format!(
                "error: {url} took the request and didn't answer: {reason}\n\
                 help: it may have been done or not: look before you ask again\n"
            ),
            Failure::Garbled { url, reason } => format!(
                "error: {url} gave an answer that isn't Berth's: {reason}\n\
                 help: check that the URL is a nexus' public address, and that `berth` is as new as nexus\n"
            ),
            Failure::Ended(operation) => ended(operation),
            Failure::StillRunning(ids) => still_running(ids),
            Failure::Several(all) => all.iter().map(Failure::text).collect(),
            Failure::Found(count) => format!("error: {count} invariants don't hold\n"),
            Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => String::new(),
            Failure::Output(error) => format!("error: cannot write the output: {error}\n"),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Output(error)
    }
}

fn with_help(mut text: String, help: Option<&str>) -> String {
    if let Some(help) = help {
        let _infallible = writeln!(text, "help: {help}");
    }
    text
}

fn refused(error: &types::Error) -> String {
    let mut text = format!("error: {} ({})\n", error.message, error.error_code);
    if !error.request_id.is_empty() {
        let _infallible = writeln!(text, "  request: {}", error.request_id);
    }
    with_help(text, advice(&error.error_code))
}

fn unreachable(tried: &[(String, String)], ca_file: &str) -> String {
    let mut text = "error: no nexus could be reached\n".to_string();
    for (url, reason) in tried {
        let _infallible = writeln!(text, "  {url}: {reason}");
    }
    let certificate = tried.iter().any(|(_, reason)| reason.contains("certificate"));
    let help = if certificate {
        format!(
            "check that the URL is a nexus' public address, and that {ca_file} is its cluster's authority (--ca, BERTH_CA)"
        )
    } else {
        "check the URL (--url, BERTH_URL or the profile), and that nexus runs there".to_string()
    };
    with_help(text, Some(&help))
}

fn ended(operation: &types::Operation) -> String {
    let what = format!("{} {} {}", doing(operation.kind), operation.subject.kind, operation.subject.name);
    let (why, code) = match &operation.error {
        Some(error) => (error.message.replace('\n', "\n  "), error.error_code.as_str()),
        None => ("no reason was given".to_string(), ""),
    };
    let mut text = match operation.state {
        OperationState::Cancelled => format!("error: {what} was cancelled: {why}"),
        _ => format!("error: {what} failed: {why}"),
    };
    if !code.is_empty() {
        let _infallible = write!(text, " ({code})");
    }
    let _infallible = write!(text, "\n  operation: {}\n  request: {}\n", operation.id, operation.cause);
    let help = advice(code).map(str::to_string).or_else(|| {
        (operation.subject.kind == "instance")
            .then(|| format!("`berth instance explain {}` says more", operation.subject.id))
    });
    with_help(text, help.as_deref())
}

fn still_running(ids: &[OperationUuid]) -> String {
    let mut text = "still running; nothing was undone. To go on watching:\n".to_string();
    for id in ids {
        let _infallible = writeln!(text, "  berth operation wait {id}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local() -> Failure {
        Failure::local("no", "do it otherwise")
    }

    #[test]
    fn each_kind_of_end_has_its_exit_code() {
        assert_eq!(local().code(), 1);
        assert_eq!(Failure::Usage("what?".into()).code(), 2);
        assert_eq!(Failure::StillRunning(Vec::new()).code(), 3);
        assert_eq!(Failure::Several(vec![Failure::StillRunning(Vec::new()), local()]).code(), 1);
        assert_eq!(Failure::Several(vec![Failure::StillRunning(Vec::new())]).code(), 3);
        assert_eq!(Failure::Output(io::ErrorKind::BrokenPipe.into()).code(), 0);
        assert_eq!(Failure::Output(io::ErrorKind::StorageFull.into()).code(), 1);
    }

    #[test]
    fn a_refusal_says_message_code_request_and_what_to_do() {
        let error = types::Error {
            details: None,
            error_code: "instance_not_stopped".into(),
            message: "instance web runs".into(),
            request_id: "r-1".into(),
        };
        let text = Failure::Refused(Box::new(error)).text();
        for part in ["error: instance web runs (instance_not_stopped)", "request: r-1", "help: "] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn a_foreign_certificate_is_explained_by_the_authority() {
        let tried = vec![("https://a".to_string(), "its certificate is foreign".to_string())];
        let text = Failure::Unreachable { tried, ca_file: "/etc/ca.pem".into() }.text();
        assert!(text.contains("/etc/ca.pem") && text.contains("BERTH_CA"), "{text}");
    }
}
