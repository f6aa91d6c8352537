//! The cluster's database: a server of its own, or a database of somebody else's server.

use anyhow::Result;
use berth_postgres::{Lifetime, PrivateServer, ServerOptions, StopMode, TestDatabase, test_settings};
use camino::Utf8Path;

/// Name of the database on a server of its own.
const NAME: &str = "berth";

/// Where a cluster's records are.
#[derive(Debug)]
pub(crate) enum Store {
    Own(Box<PrivateServer>),
    Shared(TestDatabase),
}

impl Store {
    pub(crate) fn own(directory: &Utf8Path, lifetime: Lifetime) -> Result<Self> {
        let mut options = ServerOptions::new(directory.join("postgres")).lifetime(lifetime);
        options.settings = test_settings();
        let server = options.start()?;
        let there =
            server.sql("postgres", &format!("SELECT 1 FROM pg_database WHERE datname = '{NAME}';"))?;
        if there.trim().is_empty() {
            server.sql("postgres", &format!("CREATE DATABASE {NAME};"))?;
        }
        Ok(Self::Own(Box::new(server)))
    }

    /// An empty database on the server all tests share.
    pub(crate) fn shared() -> Result<Self> {
        Ok(Self::Shared(TestDatabase::from_template("cluster", &[])?))
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Own(server) => server.address().url(NAME),
            Self::Shared(database) => database.url(),
        }
    }

    pub(crate) fn conninfo(&self) -> String {
        match self {
            Self::Own(server) => server.address().conninfo(NAME),
            Self::Shared(database) => database.conninfo(),
        }
    }

    pub(crate) fn sql(&self, script: &str) -> Result<String> {
        match self {
            Self::Own(server) => server.sql(NAME, script),
            Self::Shared(database) => database.sql(script),
        }
    }

    pub(crate) fn server(&mut self) -> Option<&mut PrivateServer> {
        match self {
            Self::Own(server) => Some(server),
            Self::Shared(_) => None,
        }
    }

    /// Ends a server of its own, whatever its lifetime.
    pub(crate) fn stop(&mut self) -> Result<()> {
        match self {
            Self::Own(server) => server.stop(StopMode::Fast),
            Self::Shared(_) => Ok(()),
        }
    }
}
