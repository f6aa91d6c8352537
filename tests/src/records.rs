//! A look at the records behind the API's back: what must, and what must not, be in the rows.

use anyhow::{Context, Result, ensure};
use berth_launcher::until;
use postgres::types::{FromSqlOwned, ToSql};
use postgres::{Client, NoTls};
use std::fmt;
use std::time::Duration;

/// A session of its own. Not to be used inside asynchronous code.
pub struct Records {
    client: Client,
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Records")
    }
}

impl Records {
    /// `conninfo`: `host=… user=… dbname=…`.
    pub fn open(conninfo: &str) -> Result<Records> {
        Ok(Records { client: Client::connect(conninfo, NoTls).context("looking at the records")? })
    }

    /// The session itself.
    pub fn client(&mut self) -> &mut Client {
        &mut self.client
    }

    /// The one value of the one row of a query.
    pub fn one<T: FromSqlOwned>(&mut self, sql: &str, with: &[&(dyn ToSql + Sync)]) -> Result<T> {
        let row = self.client.query_one(sql, with).with_context(|| sql.to_owned())?;
        Ok(row.try_get(0)?)
    }

    /// The first value of each row of a query.
    pub fn all<T: FromSqlOwned>(&mut self, sql: &str, with: &[&(dyn ToSql + Sync)]) -> Result<Vec<T>> {
        let rows = self.client.query(sql, with).with_context(|| sql.to_owned())?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// Waits until a query of one boolean says yes.
    pub fn until(
        &mut self,
        what: &str,
        limit: Duration,
        sql: &str,
        with: &[&(dyn ToSql + Sync)],
    ) -> Result<()> {
        until(what, limit, || Ok(self.one::<bool>(sql, with)?.then_some(())))
    }

    /// Fails if something that a VMM lives through once, where its instance is started and stopped once, was recorded
    /// twice. A guest that migrates is placed on another sled, and one that is taken back runs again.
    pub fn expect_nothing_twice(&mut self) -> Result<()> {
        let twice = "SELECT format('%s of %s: %s times', kind, subject_name, count(*)) FROM event
            WHERE kind IN ('instance_create_accepted', 'instance_placed', 'vmm_running', 'vmm_destroyed',
                'instance_destroyed')
                AND data->>'from' IS DISTINCT FROM 'migrating'
            GROUP BY kind, subject_name, subject_id, data->>'vmm', sled_id HAVING count(*) > 1";
        let twice: Vec<String> = self.all(twice, &[])?;
        ensure!(twice.is_empty(), "done twice: {twice:#?}");
        Ok(())
    }

    /// Fails unless nothing is in these tables.
    pub fn expect_empty(&mut self, tables: &[&str]) -> Result<()> {
        for table in tables {
            let rows: Vec<String> = self.all(&format!("SELECT t::text FROM {table} t"), &[])?;
            ensure!(rows.is_empty(), "{table} still has {rows:?}");
        }
        Ok(())
    }
}
