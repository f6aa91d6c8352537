//! The real program against a nexus that a test plays: through real TLS, with real files, by exit code and output.

mod connections;
mod lists;
mod played;
mod profiles;
mod refusals;
mod uploads;
mod waiting;
