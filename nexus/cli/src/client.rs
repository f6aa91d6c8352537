//! The generated client on several nexus: whoever can't be reached is stood in for by the next.

use std::error::Error as _;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use progenitor_client::{ClientHooks, OperationInfo, ResponseValue};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};

use crate::connection::Connection;
use crate::failure::Failure;
use crate::generated::{Client as Nexus, Error, types};

/// How long an ordinary request may take: nexus itself gives up before.
const REQUEST: Duration = Duration::from_secs(30);
/// How long one that waits for something may take: longer than nexus lets it wait.
const LONG_POLL: Duration = Duration::from_secs(70);
/// How long a look at every row may take.
const CHECK: Duration = Duration::from_secs(300);
/// How long an upload may take: four gigabytes over a slow line.
const UPLOAD: Duration = Duration::from_secs(24 * 60 * 60);

impl ClientHooks<()> for Nexus {
    async fn pre<E>(&self, request: &mut reqwest::Request, info: &OperationInfo) -> Result<(), Error<E>> {
        *request.timeout_mut() = Some(match info.operation_id {
            "image_upload" => UPLOAD,
            "check" => CHECK,
            "operation_view" | "event_list" | "instance_events" | "sled_events" => LONG_POLL,
            _ => REQUEST,
        });
        Ok(())
    }
}

/// Whether a request whose fate is unknown may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Twice is as good as once: a look, a level, or a creation with its key.
    Safe,
    /// Only if it certainly didn't arrive.
    IfUnsent,
}

/// What a generated request ends with.
pub type Sent<T> = Result<ResponseValue<T>, Error<types::Error>>;

/// A client of one cluster.
#[derive(Debug)]
pub struct Client {
    nexus: Vec<(String, Nexus)>,
    /// Index of the one that answered last: it is asked first.
    answering: AtomicUsize,
    ca_file: String,
}

/// What to do after a request didn't succeed.
enum Verdict {
    /// Another nexus may do better; if none does, this is the reason.
    Next(String),
    /// The same, but it did answer.
    NextAfter(Failure),
    End(Failure),
}

impl Client {
    /// The file of the authority that is trusted.
    pub fn ca_file(&self) -> &str {
        &self.ca_file
    }

    /// Connects to nothing yet.
    ///
    /// Errors: `Local` if the authority's file is no certificate.
    pub fn new(connection: &Connection) -> Result<Self, Failure> {
        Self::with(connection, berth_transport::ca_client_builder)
    }

    /// The same for requests that become websockets.
    pub fn upgrading(connection: &Connection) -> Result<Self, Failure> {
        Self::with(connection, berth_transport::ca_upgrade_client_builder)
    }

    fn with(
        connection: &Connection,
        builder: impl FnOnce(&str) -> Result<reqwest::ClientBuilder, berth_transport::ClientError>,
    ) -> Result<Self, Failure> {
        let ca_file = connection.ca_file.display().to_string();
        let unusable = |reason: String| {
            Failure::local(
                format!("{ca_file} can't be used as authority: {reason}"),
                "name the cluster's own with --ca",
            )
        };
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", connection.token.expose()))
            .map_err(|_| Failure::local("the token has characters that no token has", "check its file"))?;
        bearer.set_sensitive(true);
        let builder = builder(&connection.ca_pem).map_err(|error| unusable(error.to_string()))?;
        let http = builder
            .default_headers(HeaderMap::from_iter([(AUTHORIZATION, bearer)]))
            .build()
            .map_err(|error| unusable(error.to_string()))?;
        let nexus = |url: &String| (url.clone(), Nexus::new_with_client(url, http.clone()));
        Ok(Client {
            nexus: connection.urls.iter().map(nexus).collect(),
            answering: AtomicUsize::new(0),
            ca_file,
        })
    }

    /// Asks, and takes the answer's body.
    pub async fn ask<T>(&self, repeat: Repeat, call: impl AsyncFn(&Nexus) -> Sent<T>) -> Result<T, Failure> {
        self.ask_whole(repeat, call).await.map(ResponseValue::into_inner)
    }

    /// Looks at something: [`Client::ask`] with [`Repeat::Safe`].
    pub async fn look<T>(&self, call: impl AsyncFn(&Nexus) -> Sent<T>) -> Result<T, Failure> {
        self.ask(Repeat::Safe, call).await
    }

    /// Asks, and takes the answer with its status.
    ///
    /// Errors: `Refused`, `Unreachable`, `NoAnswer`, `Garbled`.
    pub async fn ask_whole<T>(
        &self,
        repeat: Repeat,
        call: impl AsyncFn(&Nexus) -> Sent<T>,
    ) -> Result<ResponseValue<T>, Failure> {
        let first = self.answering.load(Ordering::Relaxed);
        let (mut tried, mut refusal) = (Vec::new(), None);
        for step in 0..self.nexus.len() {
            let index = (first + step) % self.nexus.len();
            let (url, nexus) = &self.nexus[index];
            let error = match call(nexus).await {
                Ok(answer) => {
                    self.answering.store(index, Ordering::Relaxed);
                    return Ok(answer);
                }
                Err(error) => error,
            };
            match judge(error, url, repeat).await {
                Verdict::Next(reason) => tried.push((url.clone(), reason)),
                Verdict::NextAfter(failure) => refusal = Some(failure),
                Verdict::End(failure) => return Err(failure),
            }
        }
        Err(refusal.unwrap_or(Failure::Unreachable { tried, ca_file: self.ca_file.clone() }))
    }
}

async fn judge(error: Error<types::Error>, url: &str, repeat: Repeat) -> Verdict {
    let garbled = |reason: String| Verdict::End(Failure::Garbled { url: url.to_string(), reason });
    match error {
        Error::CommunicationError(error) | Error::ResponseBodyError(error) => {
            let reason = reason(&error);
            if error.is_connect() || repeat == Repeat::Safe {
                Verdict::Next(reason)
            } else {
                Verdict::End(Failure::NoAnswer { url: url.to_string(), reason })
            }
        }
        // Every refusal of the public door has a code; another door's, or another program's, has none.
        Error::ErrorResponse(answer) if answer.error_code.is_empty() => {
            garbled(format!("{} ({})", answer.message, answer.status()))
        }
        Error::ErrorResponse(answer) => {
            let unavailable = answer.status() == reqwest::StatusCode::SERVICE_UNAVAILABLE;
            let failure = Failure::Refused(Box::new(answer.into_inner()));
            if unavailable && repeat == Repeat::Safe {
                Verdict::NextAfter(failure)
            } else {
                Verdict::End(failure)
            }
        }
        Error::InvalidResponsePayload(body, error) => {
            let start: String = String::from_utf8_lossy(&body).chars().take(60).collect();
            garbled(format!("{error} ({start:?})"))
        }
        Error::UnexpectedResponse(response) => garbled(format!("status {}", response.status())),
        Error::InvalidUpgrade(error) => garbled(error.to_string()),
        Error::InvalidRequest(message) | Error::Custom(message) => Verdict::End(Failure::Local {
            message: format!("the request can't be made: {message}"),
            help: None,
        }),
    }
}

/// Why a connection failed, in words a user can do something about.
fn reason(error: &reqwest::Error) -> String {
    let (mut innermost, mut kind) = (error.to_string(), None);
    let mut all = innermost.clone();
    let mut cause = error.source();
    while let Some(error) = cause {
        innermost = error.to_string();
        all = format!("{all}: {innermost}");
        kind = error.downcast_ref::<io::Error>().map(io::Error::kind).or(kind);
        cause = error.source();
    }
    match kind {
        Some(io::ErrorKind::ConnectionRefused) => {
            return "nothing listens there (connection refused)".to_string();
        }
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) => {
            return "the connection was cut".to_string();
        }
        _ => {}
    }
    if all.contains("certificate") {
        format!("its certificate is not one of this cluster's nexus ({})", plain(&innermost))
    } else if all.contains("failed to lookup address") {
        "the host's name isn't known".to_string()
    } else if all.contains("corrupt message") || all.contains("InvalidContentType") {
        "it doesn't speak TLS; is this the public address of a nexus?".to_string()
    } else if error.is_timeout() {
        "no answer in time".to_string()
    } else {
        innermost
    }
}

/// The TLS library wraps our own reason in its types' names.
fn plain(text: &str) -> &str {
    let ours = text.split_once("OtherError(").map(|(_, rest)| rest.trim_end_matches(')'));
    ours.unwrap_or(text.trim_start_matches("invalid peer certificate: "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_certificate_is_explained_in_plain_words() {
        let wrapped = "invalid peer certificate: Other(OtherError(the peer is a sled, not a nexus))";
        assert_eq!(plain(wrapped), "the peer is a sled, not a nexus");
        assert_eq!(plain("invalid peer certificate: UnknownIssuer"), "UnknownIssuer");
    }
}
