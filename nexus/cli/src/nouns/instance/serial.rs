//! `berth instance serial`: what the guest wrote to its serial console.

use std::io::IsTerminal;
use std::time::Duration;

use base64::Engine;
use clap::Args;

use super::Target;
use super::terminal_text::Filter;
use crate::amount::bytes;
use crate::failure::Failure;
use crate::generated::Client as Nexus;
use crate::generated::types::SerialHistory;
use crate::output::{note, print_bytes};
use crate::pages::Given;
use crate::session::Session;

/// Largest piece of one answer.
const PIECE_MAX_BYTES: u32 = 1024 * 1024;
/// Between two looks for something new.
const PERIOD: Duration = Duration::from_millis(500);
/// Between two tries when no nexus answers.
const PAUSE: Duration = Duration::from_secs(2);

/// Which part of the console, and how.
#[derive(Debug, Args)]
pub struct Serial {
    #[command(flatten)]
    target: Target,
    /// Go on showing what the guest writes, until Ctrl-C
    #[arg(short, long)]
    follow: bool,
    /// From the first byte that is kept, instead of the last 64 KiB
    #[arg(long, conflicts_with_all = ["from", "last"])]
    all: bool,
    /// From this byte, counted from the incarnation's first output
    #[arg(long, value_name = "OFFSET", conflicts_with = "last")]
    from: Option<u64>,
    /// So much of the end at most, up to 1MiB
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    last: Option<u64>,
    /// Pass escape sequences of the guest to this terminal
    #[arg(long)]
    raw: bool,
}

/// Shows it. Programs get JSON or YAML of one piece with `-o`.
pub async fn run(session: &Session, args: Serial) -> Result<(), Failure> {
    let console = Console::new(session, &args)?;
    if !session.output.is_for_people() {
        let piece = console.piece(args.from.or(args.all.then_some(0)), args.last).await?;
        return session.output.record(&piece, &[], &crate::cell::Names::new());
    }
    tokio::select! {
        ended = console.show(&args) => ended,
        _interrupted = tokio::signal::ctrl_c() => Ok(()),
    }
}

struct Console<'a> {
    session: &'a Session,
    instance: &'a str,
    project: Option<String>,
}

impl<'a> Console<'a> {
    fn new(session: &'a Session, args: &'a Serial) -> Result<Self, Failure> {
        let instance = args.target.name.as_str();
        Ok(Console { session, instance, project: session.project_of(instance)? })
    }

    async fn piece(&self, from: Option<u64>, most: Option<u64>) -> Result<SerialHistory, Failure> {
        let most = most.map(|most| u32::try_from(most).unwrap_or(PIECE_MAX_BYTES).clamp(1, PIECE_MAX_BYTES));
        let ask = async |nexus: &Nexus| {
            let ask = nexus.instance_serial_console().instance(self.instance);
            let ask = ask.given(self.project.clone(), |ask, project| ask.project(project));
            let ask = ask.given(from, |ask, from| ask.from(from));
            ask.given(most, |ask, most| ask.max_bytes(most)).send().await
        };
        self.session.client.look(ask).await
    }

    /// Prints piece after piece; ends where the log ends, unless it is followed.
    async fn show(&self, args: &Serial) -> Result<(), Failure> {
        let protects = std::io::stdout().is_terminal() && !args.raw;
        let mut filter = protects.then(Filter::default);
        let whole = args.all || args.from.is_some();
        let first = self.piece(args.from.or(args.all.then_some(0)), args.last).await?;
        let (mut whose, mut next) = (first.vmm_id, print_piece(&first, filter.as_mut())?);
        let mut is_end = first.next == first.from || !whole;
        while args.follow || !is_end {
            if is_end {
                tokio::time::sleep(PERIOD).await;
            }
            let piece = match self.piece(Some(next), Some(PIECE_MAX_BYTES.into())).await {
                Ok(piece) => piece,
                Err(failure) if failure.is_connection() && args.follow => {
                    note("no nexus answers; asking again");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
                Err(failure) => return Err(failure),
            };
            if piece.vmm_id != whose {
                note(&format!("-- the instance was started again; VMM {} --", piece.vmm_id));
                whose = piece.vmm_id;
                // What was asked for was the former one's offset.
                next = if piece.from == 0 { print_piece(&piece, filter.as_mut())? } else { 0 };
                continue;
            }
            is_end = piece.next == piece.from;
            next = print_piece(&piece, filter.as_mut())?;
        }
        Ok(())
    }
}

/// Prints a piece; the answer is where the next one begins.
fn print_piece(piece: &SerialHistory, filter: Option<&mut Filter>) -> Result<u64, Failure> {
    let data = base64::engine::general_purpose::STANDARD.decode(&piece.data_base64).map_err(|error| {
        Failure::Local { message: format!("the console's bytes arrived broken: {error}"), help: None }
    })?;
    match filter {
        Some(filter) => print_bytes(&filter.pass(&data))?,
        None => print_bytes(&data)?,
    }
    Ok(piece.next)
}
