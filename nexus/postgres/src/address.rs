//! How to reach a server: the directory of its socket and the role to connect as.

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

/// Where a private server listens and as whom to talk to it. Trust is by the socket's directory, which
/// only its owner may enter, so there is no password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    socket_directory: Utf8PathBuf,
    user: String,
}

impl Address {
    pub(crate) fn new(socket_directory: &Utf8Path, user: &str) -> Self {
        Self { socket_directory: socket_directory.to_owned(), user: user.to_owned() }
    }

    /// Directory of the unix socket, absolute.
    pub fn socket_directory(&self) -> &Utf8Path {
        &self.socket_directory
    }

    /// Role to connect as; it is the server's superuser.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// `host=/dir user=berth dbname=x`, understood by libpq and tokio-postgres.
    pub fn conninfo(&self, database: &str) -> String {
        format!("{} dbname={}", self.server_conninfo(), quoted(database))
    }

    /// `host=/dir user=berth`: the server without a database, as `BERTH_TEST_PG` carries it.
    pub fn server_conninfo(&self) -> String {
        format!("host={} user={}", quoted(self.socket_directory.as_str()), quoted(&self.user))
    }

    /// `postgres:///x?host=%2Fdir&user=berth`, the same as [`Address::conninfo`] as a URL.
    pub fn url(&self, database: &str) -> String {
        format!(
            "postgres:///{}?host={}&user={}",
            percent_encoded(database),
            percent_encoded(self.socket_directory.as_str()),
            percent_encoded(&self.user)
        )
    }

    /// Reads what [`Address::server_conninfo`] or [`Address::conninfo`] wrote.
    ///
    /// # Errors
    /// When the text isn't `key=value` pairs, or has no absolute `host` or no `user`.
    pub fn parse(conninfo: &str) -> Result<Self> {
        let pairs = pairs(conninfo)?;
        let value = |key: &str| {
            pairs
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value.clone())
                .with_context(|| format!("`{conninfo}` has no {key}=…"))
        };
        let host = value("host")?;
        if !host.starts_with('/') {
            bail!("host={host} isn't a socket directory; a private server is reached through one");
        }
        Ok(Self { socket_directory: host.into(), user: value("user")? })
    }
}

fn quoted(value: &str) -> String {
    let plain = !value.is_empty() && !value.contains(|c: char| c.is_whitespace() || c == '\'' || c == '\\');
    if plain {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

fn percent_encoded(value: &str) -> String {
    let mut out = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Splits `key=value key='quoted value'`, with backslash escapes as libpq has them.
fn pairs(text: &str) -> Result<Vec<(String, String)>> {
    let mut rest = text.trim_start();
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=').with_context(|| format!("`{rest}` isn't key=value"))?;
        let (value, remaining) = one_value(after)?;
        found.push((key.trim().to_owned(), value));
        rest = remaining.trim_start();
    }
    Ok(found)
}

fn one_value(text: &str) -> Result<(String, &str)> {
    let (quoted, body) = match text.strip_prefix('\'') {
        Some(body) => (true, body),
        None => (false, text),
    };
    let mut value = String::new();
    let mut chars = body.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            '\'' if quoted => return Ok((value, &body[at + 1..])),
            c if c.is_whitespace() && !quoted => return Ok((value, &body[at..])),
            c => value.push(c),
        }
    }
    if quoted {
        bail!("`{text}` has an open quote");
    }
    Ok((value, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() -> Result<()> {
        for directory in ["/run/x", "/a b/c", "/it's", "/back\\slash"] {
            let address = Address::new(Utf8Path::new(directory), "berth");
            assert_eq!(Address::parse(&address.server_conninfo())?, address);
            assert_eq!(Address::parse(&address.conninfo("some db"))?, address);
        }
        Ok(())
    }

    #[test]
    fn url_hides_nothing_of_the_path() {
        let address = Address::new(Utf8Path::new("/a b"), "berth");
        assert_eq!(address.url("x"), "postgres:///x?host=%2Fa%20b&user=berth");
    }

    #[test]
    fn a_tcp_host_and_an_open_quote_are_refused() {
        assert!(Address::parse("host=localhost user=berth").is_err());
        assert!(Address::parse("host='/x user=berth").is_err());
        assert!(Address::parse("host=/x").is_err());
    }
}
