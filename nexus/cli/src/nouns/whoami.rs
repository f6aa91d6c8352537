//! `berth whoami`: who you are to the cluster, and what you may do where.

use std::fmt::Write as _;

use crate::cell::{Cell, Names};
use crate::failure::Failure;
use crate::generated::types::Whoami;
use crate::output::{Column, print};
use crate::session::{Session, to_uuid};

const COLUMNS: &[Column<Whoami>] = &[
    Column::listed("user", |w| Cell::text(&w.user.name)),
    Column::listed("fleet_role", |w| Cell::some(w.user.fleet_role, Cell::text)),
    Column::listed("projects", |w| {
        let roles = w.projects.iter().map(|p| format!("{}={}", p.project_name, p.role));
        Cell::text(roles.collect::<Vec<_>>().join(" "))
    }),
    Column::listed("token_expires", |w| Cell::Time(w.token_expires_at)),
    Column::on_request("id", |w| Cell::Of(to_uuid(w.user.id))),
];

/// Asks.
pub async fn run(session: &Session) -> Result<(), Failure> {
    let whoami = session.client.look(async |nexus| nexus.whoami().send().await).await?;
    if !session.output.is_for_people() {
        return session.output.record(&whoami, COLUMNS, &Names::new());
    }
    print(&sentence(&whoami))
}

/// For people.
pub fn sentence(whoami: &Whoami) -> String {
    let mut text = format!("you are {}", whoami.user.name);
    if let Some(role) = whoami.user.fleet_role {
        let _infallible = write!(text, ", {role} of the fleet");
    }
    let _infallible =
        writeln!(text, "; the token expires {}", whoami.token_expires_at.format("%Y-%m-%d %H:%M UTC"));
    for project in &whoami.projects {
        let _infallible = writeln!(text, "  {} of project {}", project.role, project.project_name);
    }
    text
}
