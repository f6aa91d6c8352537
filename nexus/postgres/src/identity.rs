//! As whom the server runs: PostgreSQL refuses to run as root, so root hands over to somebody with less.

use anyhow::{Context, Result};
use camino::Utf8Path;
use nix::unistd::{Gid, Uid, User, chown, geteuid};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// Users that may hold a server for root, in order of preference.
const UNPRIVILEGED_USERS: [&str; 2] = ["postgres", "nobody"];

/// The user a server runs as: ourselves, or for root an unprivileged one.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    handed_to: Option<User>,
}

impl Identity {
    pub(crate) fn choose() -> Result<Self> {
        if !geteuid().is_root() {
            return Ok(Self { handed_to: None });
        }
        let user = UNPRIVILEGED_USERS.iter().find_map(|name| User::from_name(name).ok().flatten());
        let user = user.context(
            "PostgreSQL can't run as root, and there is neither a user postgres nor a user nobody to run it as",
        )?;
        Ok(Self { handed_to: Some(user) })
    }

    /// Who it is, for messages.
    pub(crate) fn name(&self) -> String {
        match &self.handed_to {
            Some(user) => user.name.clone(),
            None => "this user".to_owned(),
        }
    }

    pub(crate) fn uid(&self) -> Uid {
        self.handed_to.as_ref().map_or_else(geteuid, |user| user.uid)
    }

    pub(crate) fn gid(&self) -> Option<Gid> {
        self.handed_to.as_ref().map(|user| user.gid)
    }

    /// Makes a path belong to the server's user.
    pub(crate) fn own(&self, path: &Utf8Path) -> Result<()> {
        if let Some(user) = &self.handed_to {
            chown(path.as_std_path(), Some(user.uid), Some(user.gid))
                .with_context(|| format!("handing {path} to {}", user.name))?;
        }
        Ok(())
    }

    /// Makes a command run as the server's user; std drops the supplementary groups along with root.
    pub(crate) fn apply(&self, command: &mut Command) {
        if let Some(user) = &self.handed_to {
            command.gid(user.gid.as_raw()).uid(user.uid.as_raw());
        }
        // A home or working directory of the caller may be closed to the server's user.
        command.current_dir("/").env("LC_ALL", "C").env_remove("PGOPTIONS").env_remove("PGDATA");
    }

    /// The same hand-over as arguments before a program's own, for a shell that starts it; the program
    /// is also told to end (SIGINT) when that shell does.
    pub(crate) fn wrapper(&self) -> Vec<String> {
        let mut words = vec!["setpriv".to_owned(), "--pdeathsig=INT".to_owned()];
        if let Some(user) = &self.handed_to {
            words.push(format!("--reuid={}", user.uid));
            words.push(format!("--regid={}", user.gid));
            words.push("--clear-groups".to_owned());
        }
        words.push("--".to_owned());
        words
    }
}
