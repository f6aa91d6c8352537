//! `berth check`: every invariant, recomputed from the rows.

use crate::cell::{Cell, Names};
use crate::client::Repeat;
use crate::failure::Failure;
use crate::generated::types::Finding;
use crate::output::{Column, Format, print};
use crate::session::Session;

const COLUMNS: &[Column<Finding>] = &[
    Column::listed("invariant", |f| Cell::text(&f.invariant)),
    Column::listed("subject", |f| Cell::text(&f.subject)),
    Column::listed("message", |f| Cell::text(&f.message)),
];

/// Runs the check.
///
/// Errors: `Found` where something doesn't hold; it has been printed then.
pub async fn run(session: &Session) -> Result<(), Failure> {
    let report = session.client.ask(Repeat::Safe, async |nexus| nexus.check().send().await).await?;
    match session.output.format {
        Format::Json | Format::Yaml => session.output.record(&report, &[], &Names::new())?,
        Format::Table if report.findings.is_empty() => {
            print(&format!("all {} invariants hold\n", report.checked.len()))?;
        }
        Format::Table | Format::Csv => session.output.list(&report.findings, COLUMNS, &Names::new())?,
    }
    if report.findings.is_empty() { Ok(()) } else { Err(Failure::Found(report.findings.len())) }
}
