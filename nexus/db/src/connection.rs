//! Connections: made with limits, lent for a bounded wait, and never reused after a transaction was cut off.

use crate::counters::{UNNAMED, counter, instrument};
use crate::error::{DbError, DbResult};
use deadpool::managed::QueueMode;
use diesel::ConnectionError;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use std::str::FromStr;
use std::time::Duration;
use tokio_postgres::{Config, NoTls};

/// A connection lent from the pool.
pub type Connection = Object<AsyncPgConnection>;

/// How long a request waits for a free connection: longer, and its client has given up.
const WAIT: Duration = Duration::from_secs(5);
/// How long connecting may take, to one address and in all.
const CONNECT: Duration = Duration::from_secs(3);
const CREATE: Duration = Duration::from_secs(4);
/// A server that answers nothing at all for this long is gone.
const TCP_UNANSWERED: Duration = Duration::from_secs(10);

/// What every session is told: no statement and no lock is waited for without a limit, and a transaction that is
/// left open is ended.
const SESSION: &str = "-c statement_timeout=15s -c lock_timeout=10s \
    -c idle_in_transaction_session_timeout=30s -c jit=off \
    -c default_transaction_isolation=read\\ committed";

pub(crate) fn configure(address: &str) -> DbResult<Config> {
    let mut config = Config::from_str(address).map_err(DbError::unavailable)?;
    let options = match config.get_options() {
        // The address' own come last, and so win.
        Some(own) => format!("{SESSION} {own}"),
        None => SESSION.to_owned(),
    };
    config.options(options);
    if config.get_application_name().is_none() {
        config.application_name("berth nexus");
    }
    config.connect_timeout(CONNECT).tcp_user_timeout(TCP_UNANSWERED);
    Ok(config)
}

pub(crate) fn build(config: Config, size: usize) -> DbResult<Pool<AsyncPgConnection>> {
    let mut manager = ManagerConfig::<AsyncPgConnection>::default();
    // Looks for open transactions and closed sockets, without a round trip.
    manager.recycling_method = RecyclingMethod::Fast;
    manager.custom_setup = Box::new(move |_| {
        let config = config.clone();
        Box::pin(async move { connect(&config).await })
    });
    Pool::builder(AsyncDieselConnectionManager::new_with_config("", manager))
        .max_size(size.max(1))
        // The one that was used last: each has to learn every statement for itself, so a few that know them all serve
        // better than many that are used in turn.
        .queue_mode(QueueMode::Lifo)
        .wait_timeout(Some(WAIT))
        .create_timeout(Some(CREATE))
        .recycle_timeout(Some(CREATE))
        .runtime(deadpool::Runtime::Tokio1)
        .build()
        .map_err(DbError::unavailable)
}

async fn connect(config: &Config) -> Result<AsyncPgConnection, ConnectionError> {
    let (client, driver) = config.connect(NoTls).await.map_err(|error| {
        ConnectionError::CouldntSetupConfiguration(diesel::result::Error::QueryBuilderError(Box::new(error)))
    })?;
    let mut conn = AsyncPgConnection::try_from_client_and_connection(client, driver).await?;
    conn.set_instrumentation(instrument(counter(UNNAMED)));
    Ok(conn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_postgres::config::Host;

    #[test]
    fn a_socket_directory_is_understood_in_both_spellings() {
        for address in ["postgres:///berth?host=/run/pg&user=nexus", "host=/run/pg dbname=berth user=nexus"] {
            let config = configure(address).expect("an address");
            assert_eq!(config.get_hosts(), [Host::Unix("/run/pg".into())], "{address}");
            assert_eq!((config.get_dbname(), config.get_user()), (Some("berth"), Some("nexus")), "{address}");
        }
    }

    #[test]
    fn options_of_the_address_come_after_ours() {
        let config = configure("host=/run/pg options='-c statement_timeout=1s'").expect("an address");
        let options = config.get_options().expect("options");
        assert!(options.starts_with("-c statement_timeout=15s") && options.ends_with("statement_timeout=1s"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        assert!(matches!(configure("nonsense"), Err(DbError::Unavailable(_))));
    }
}
