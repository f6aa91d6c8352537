//! Making a data directory and spawning a server on it, alone or under a guard.
//!
//! A guard is a small shell that is the server's parent and outlives us for as long as it takes to end
//! the server: it waits for the end of its input (its owner is gone, however it went) or for a lock
//! file nobody holds any more. The server itself is told by the kernel if its guard is killed. Because a guard outlives
//! its server, it notes the server's pid: so we see when a server ends that has not even made its own file.

use crate::identity::Identity;
use crate::place::{Place, private_directory};
use crate::{Binaries, Lifetime};
use anyhow::{Context, Result, bail};
use camino::Utf8Path;
use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

/// The superuser of every server we make.
pub(crate) const SUPERUSER: &str = "berth";

/// Ends its server, whose pid it notes in `$1`, at the end of its input. A stopped server must be woken to hear its
/// signal.
const GUARD_OF_OWNER: &str = r#"
note=$1; shift
"$@" </dev/null &
pid=$!
echo $pid >"$note"
while read -r _; do :; done
kill -CONT $pid; kill -INT $pid; wait $pid
"#;

/// Ends its server, whose pid it notes in `$1`, when nobody holds the lock file `$2` shared, and removes the files of
/// directory `$3` and socket directory `$4`. The second look, a moment later, spares the next test process a start.
const GUARD_OF_USERS: &str = r#"
note=$1; lock=$2; root=$3; socket=$4; shift 4
"$@" </dev/null &
pid=$!
echo $pid >"$note"
exec 9<>"$lock"
while :; do
    flock --exclusive 9; flock --unlock 9
    sleep 2
    if flock --exclusive --nonblock 9; then break; fi
done
kill -CONT $pid; kill -INT $pid; wait $pid
rm -rf -- "$root/data" "$root/data.making" "$socket" "$note" "$root/postgres.log"
"#;

/// Makes the data directory unless it is there. One that is half made (its maker was killed) is begun anew:
/// only a finished one gets the final name.
pub(crate) fn ensure_data(
    binaries: &Binaries,
    identity: &Identity,
    place: &Place,
    durable: bool,
) -> Result<()> {
    if place.data.join("PG_VERSION").is_file() {
        return refuse_other_version(binaries, &place.data);
    }
    let making = place.root.join("data.making");
    if making.exists() {
        std::fs::remove_dir_all(&making).with_context(|| format!("removing the half-made {making}"))?;
    }
    private_directory(&making, identity)?;
    let mut command = Command::new(binaries.program("initdb"));
    command.args(["--encoding=UTF8", "--locale=C", "--auth=trust", "--no-instructions"]);
    command.arg(format!("--username={SUPERUSER}")).arg(format!("--pgdata={making}"));
    if !durable {
        command.arg("--no-sync");
    }
    identity.apply(&mut command);
    let output = command.stdin(Stdio::null()).output().context("running initdb")?;
    if !output.status.success() {
        bail!("initdb in {making}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    std::fs::rename(&making, &place.data).with_context(|| format!("{} is in the way", place.data))?;
    Ok(())
}

fn refuse_other_version(binaries: &Binaries, data: &Utf8Path) -> Result<()> {
    let made_by = std::fs::read_to_string(data.join("PG_VERSION"))?;
    if made_by.trim() != binaries.major().to_string() {
        bail!(
            "{data} was made by PostgreSQL {}, found is {}; set BERTH_PG_BIN to the directory of version {0}, \
             or move the data over with pg_upgrade",
            made_by.trim(),
            binaries.major()
        );
    }
    Ok(())
}

/// Spawns the server (or its guard). Its output goes to the place's log, never to ours: a server that
/// outlives us must not hold our caller's pipes open.
pub(crate) fn spawn(
    binaries: &Binaries,
    identity: &Identity,
    place: &Place,
    settings: &[(String, String)],
    lifetime: &Lifetime,
) -> Result<Child> {
    let log = File::options().create(true).append(true).open(&place.log)?;
    log.set_permissions(PermissionsExt::from_mode(0o600))?;
    forget_note(place)?;
    let server = server_words(binaries, place, settings);
    let mut command = match lifetime {
        Lifetime::Daemon => {
            let mut command = Command::new(&server[0]);
            command.args(&server[1..]).stdin(Stdio::null());
            identity.apply(&mut command);
            command
        }
        Lifetime::EndsWithOwner => {
            let mut command = guard(GUARD_OF_OWNER, place);
            command.args(identity.wrapper()).args(&server).stdin(Stdio::piped());
            command
        }
        Lifetime::EndsWithUsersOf(lock) => {
            let mut command = guard(GUARD_OF_USERS, place);
            command.args([lock, &place.root, &place.socket]);
            command.args(identity.wrapper()).args(&server).stdin(Stdio::null());
            command
        }
    };
    // A group of its own: Ctrl-C at our terminal is for us, and we end the server in order.
    command.process_group(0).stdout(log.try_clone()?).stderr(log);
    command.spawn().with_context(|| format!("spawning {}", server[0]))
}

fn guard(script: &str, place: &Place) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script, "berth-postgres-guard", place.note.as_str()]);
    command.current_dir("/").env("LC_ALL", "C");
    command
}

/// What the guard before noted would say that the next server has ended.
fn forget_note(place: &Place) -> Result<()> {
    match std::fs::remove_file(&place.note) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", place.note))
        }
        _ => Ok(()),
    }
}

fn server_words(binaries: &Binaries, place: &Place, settings: &[(String, String)]) -> Vec<String> {
    let mut words = vec![binaries.program("postgres").into_string(), "-D".to_owned(), place.data.to_string()];
    words.extend(["-h".to_owned(), String::new(), "-k".to_owned(), place.socket.to_string()]);
    for (name, value) in settings {
        words.push("-c".to_owned());
        words.push(format!("{name}={value}"));
    }
    words
}
