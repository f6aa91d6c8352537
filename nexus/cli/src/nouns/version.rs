//! `berth version`: of this program, and of the nexus that answers.

use crate::failure::Failure;
use crate::generated::ClientInfo;
use crate::output::print;
use crate::session::Session;

/// Prints both. An unreachable nexus doesn't keep this program's own version back.
pub async fn run(session: Result<Session, Failure>) -> Result<(), Failure> {
    let own = (env!("CARGO_PKG_VERSION"), crate::generated::Client::api_version());
    print(&format!("berth {} (api {})\n", own.0, own.1))?;
    let session = session?;
    let theirs = session.client.look(async |nexus| nexus.version().send().await).await?;
    print(&format!("nexus {} (api {})\n", theirs.nexus, theirs.api))
}
