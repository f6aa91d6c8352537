//! The agent's QMP client: commands with answers, events passed on as they are.
//!
//! One task per connection reads and writes. An event this version doesn't know is passed on like any other; a
//! connection that ends fails everything that waits; no command waits for ever. Dropping the client ends the
//! connection, and QEMU waits for the next one.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{mpsc, oneshot};

/// Why a command has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QmpError {
    /// No connection could be made.
    #[error("the monitor can't be reached: {0}")]
    Unreachable(String),
    /// QEMU refused the command.
    #[error("QEMU refused: {description} ({class})")]
    Refused { class: String, description: String },
    /// The connection ended. Whether the command was done is not known.
    #[error("the monitor hung up")]
    HungUp,
    /// No answer in time. Whether the command will be done is not known.
    #[error("the monitor does not answer")]
    Silent,
}

/// One connection to a monitor.
#[derive(Debug)]
pub struct Qmp {
    requests: mpsc::UnboundedSender<Request>,
    patience: Duration,
}

#[derive(Debug)]
struct Request {
    command: Value,
    answer: oneshot::Sender<Result<Value, QmpError>>,
}

impl Qmp {
    /// Connects and shakes hands, all within `patience`, which then is each command's. Events come out of the
    /// receiver, which ends with the connection.
    pub async fn connect(
        path: &str,
        patience: Duration,
    ) -> Result<(Self, mpsc::UnboundedReceiver<Value>), QmpError> {
        let shaken = async {
            let stream = UnixStream::connect(path).await?;
            let (input, output) = stream.into_split();
            let mut lines = BufReader::new(input).lines();
            let greeting = lines.next_line().await?.unwrap_or_default();
            if serde_json::from_str::<Value>(&greeting)?.get("QMP").is_none() {
                return Err(std::io::Error::other("it does not greet like a monitor"));
            }
            Ok((lines, output))
        };
        let (lines, output) = tokio::time::timeout(patience, shaken)
            .await
            .map_err(|_| QmpError::Silent)?
            .map_err(|error| QmpError::Unreachable(error.to_string()))?;
        let (requests, incoming) = mpsc::unbounded_channel();
        let (events, heard) = mpsc::unbounded_channel();
        let connection = Connection { lines, output, events, waiting: HashMap::new(), next_id: 0 };
        tokio::spawn(connection.serve(incoming));
        let client = Self { requests, patience };
        client.execute("qmp_capabilities", json!({})).await?;
        Ok((client, heard))
    }

    /// Runs a command; its `return`.
    pub async fn execute(&self, command: &str, arguments: Value) -> Result<Value, QmpError> {
        let (answer, answered) = oneshot::channel();
        let command = json!({ "execute": command, "arguments": arguments });
        self.requests.send(Request { command, answer }).map_err(|_| QmpError::HungUp)?;
        match tokio::time::timeout(self.patience, answered).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(QmpError::HungUp),
            Err(_) => Err(QmpError::Silent),
        }
    }
}

impl Qmp {
    /// Runs a command, and doesn't wait for what comes of it. Commands are run in order.
    pub fn tell(&self, command: &str, arguments: Value) {
        let (answer, _nobody) = oneshot::channel();
        let command = json!({ "execute": command, "arguments": arguments });
        // A connection that has ended is noticed by whoever waits for something.
        let _told = self.requests.send(Request { command, answer });
    }
}

struct Connection {
    lines: Lines<BufReader<OwnedReadHalf>>,
    output: OwnedWriteHalf,
    events: mpsc::UnboundedSender<Value>,
    /// By id. Dropping a sender tells its waiter that the connection is gone.
    waiting: HashMap<u64, oneshot::Sender<Result<Value, QmpError>>>,
    next_id: u64,
}

impl Connection {
    async fn serve(mut self, mut requests: mpsc::UnboundedReceiver<Request>) {
        // What isn't sent yet. A monitor that doesn't read must not keep us from hearing it.
        let mut unsent: Vec<u8> = Vec::new();
        loop {
            tokio::select! {
                line = self.lines.next_line() => match line {
                    Ok(Some(line)) => self.take(&line),
                    Ok(None) | Err(_) => return,
                },
                request = requests.recv() => match request {
                    Some(request) => unsent.extend(self.line(request)),
                    None => return,
                },
                sent = self.output.write(&unsent), if !unsent.is_empty() => match sent {
                    Ok(count) => drop(unsent.drain(..count)),
                    Err(_) => return,
                },
            }
        }
    }

    fn line(&mut self, request: Request) -> Vec<u8> {
        self.next_id += 1;
        // Whoever stopped waiting isn't remembered.
        self.waiting.retain(|_, answer| !answer.is_closed());
        self.waiting.insert(self.next_id, request.answer);
        let mut command = request.command;
        command["id"] = json!(self.next_id);
        let mut line = command.to_string().into_bytes();
        line.push(b'\n');
        line
    }

    fn take(&mut self, line: &str) {
        let Ok(message) = serde_json::from_str::<Value>(line) else { return };
        if message.get("event").is_some() {
            // Nobody need listen.
            let _ = self.events.send(message);
            return;
        }
        let id = message.get("id").and_then(Value::as_u64);
        let Some(answer) = id.and_then(|id| self.waiting.remove(&id)) else { return };
        let _ = answer.send(result(message));
    }
}

fn result(mut message: Value) -> Result<Value, QmpError> {
    if let Some(error) = message.get("error") {
        let text = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        return Err(QmpError::Refused { class: text("class"), description: text("desc") });
    }
    Ok(message.get_mut("return").map(Value::take).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt as _;
    use tokio::net::UnixListener;

    const PATIENCE: Duration = Duration::from_secs(60);

    /// A monitor that shakes hands and then does what `then` says.
    async fn fake<F, T>(then: F) -> (tempfile::TempDir, Qmp, mpsc::UnboundedReceiver<Value>)
    where
        F: FnOnce(UnixStream) -> T + Send + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        let directory = tempfile::tempdir().expect("a temporary folder");
        let path = directory.path().join("qmp.sock").to_string_lossy().into_owned();
        let listener = UnixListener::bind(&path).expect("a socket");
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a client");
            stream.write_all(b"{\"QMP\": {}}\r\n").await.expect("greeted");
            read_line(&mut stream).await;
            stream.write_all(b"{\"return\": {}, \"id\": 1}\r\n").await.expect("answered");
            then(stream).await;
        });
        let (client, events) = Qmp::connect(&path, PATIENCE).await.expect("shaken hands");
        (directory, client, events)
    }

    async fn read_line(stream: &mut UnixStream) -> String {
        let mut line = Vec::new();
        while line.last() != Some(&b'\n') {
            line.push(stream.read_u8().await.expect("a byte"));
        }
        String::from_utf8(line).expect("text")
    }

    #[tokio::test]
    async fn answers_find_their_commands_in_any_order_and_unknown_events_are_passed_on() {
        let (_directory, client, mut events) = fake(|mut stream| async move {
            for _ in 0..2 {
                read_line(&mut stream).await;
            }
            let text = concat!(
                "{\"event\": \"FROM_THE_FUTURE\", \"data\": 1}\r\n",
                "{\"return\": \"third\", \"id\": 3}\r\n{\"return\": \"second\", \"id\": 2}\r\n",
            );
            stream.write_all(text.as_bytes()).await.expect("sent");
        })
        .await;
        let (second, third) =
            tokio::join!(client.execute("a", json!({})), client.execute("b", json!({ "x": 1 })));
        assert_eq!((second, third), (Ok(json!("second")), Ok(json!("third"))));
        assert_eq!(events.recv().await.expect("an event")["event"], "FROM_THE_FUTURE");
        assert_eq!(events.recv().await, None);
    }

    #[tokio::test]
    async fn a_refusal_is_not_a_result() {
        let (_directory, client, _events) = fake(|mut stream| async move {
            read_line(&mut stream).await;
            let text = b"{\"error\": {\"class\": \"DeviceNotFound\", \"desc\": \"no x\"}, \"id\": 2}\r\n";
            stream.write_all(text).await.expect("sent");
        })
        .await;
        let refused = client.execute("a", json!({})).await.expect_err("refused");
        assert_eq!(refused.to_string(), "QEMU refused: no x (DeviceNotFound)");
    }

    #[tokio::test]
    async fn a_hang_up_fails_what_waits_and_what_comes_later() {
        let (_directory, client, _events) = fake(|mut stream| async move {
            read_line(&mut stream).await;
        })
        .await;
        assert_eq!(client.execute("a", json!({})).await, Err(QmpError::HungUp));
        assert_eq!(client.execute("b", json!({})).await, Err(QmpError::HungUp));
    }

    #[tokio::test]
    async fn a_monitor_that_says_nothing_is_silent_and_not_waited_for() {
        let (_directory, mut client, _events) = fake(|stream| async move {
            let _held = stream;
            std::future::pending::<()>().await;
        })
        .await;
        client.patience = Duration::from_millis(100);
        assert_eq!(client.execute("a", json!({})).await, Err(QmpError::Silent));
    }
}
