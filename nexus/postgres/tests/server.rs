//! A private server's life: start, join, stop, restart, kill, and what is left after each.

use anyhow::{Context, Result};
use berth_postgres::{Lifetime, PrivateServer, ServerOptions, StopMode, stop_at};
use camino::{Utf8Path, Utf8PathBuf};
use std::os::unix::fs::MetadataExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A directory the server's user can reach, gone with the test.
fn directory() -> Result<(tempfile::TempDir, Utf8PathBuf)> {
    let keeper = tempfile::Builder::new().prefix("berth-pg-test-").tempdir()?;
    std::fs::set_permissions(keeper.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    let path = Utf8PathBuf::try_from(keeper.path().join("pg"))?;
    Ok((keeper, path))
}

fn owned(path: &Utf8Path) -> ServerOptions {
    ServerOptions::new(path).lifetime(Lifetime::EndsWithOwner)
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    const LIMIT: Duration = Duration::from_secs(120);
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < LIMIT, "{what}: not after {LIMIT:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn starts_as_an_unprivileged_user_behind_a_closed_socket_directory_without_tcp() -> Result<()> {
    let (_keeper, path) = directory()?;
    let server = owned(&path).setting("max_connections", "17").start()?;
    let row = "SELECT current_setting('listen_addresses') || '/' || current_setting('max_connections') || '/' \
               || pg_encoding_to_char(encoding) || '/' || datcollate FROM pg_database WHERE datname = 'postgres'";
    assert_eq!(server.sql("postgres", row)?.trim(), "/17/UTF8/C");
    let pid = server.pid().context("it runs")?;
    assert_ne!(std::fs::metadata(format!("/proc/{pid}"))?.uid(), 0);
    assert_eq!(std::fs::metadata(server.address().socket_directory())?.mode() & 0o777, 0o700);
    eventually("its guard notes it", || {
        std::fs::read_to_string(path.join("guarded.pid")).is_ok_and(|note| note == format!("{pid}\n"))
    });
    Ok(())
}

#[test]
fn a_second_start_joins_the_running_server() -> Result<()> {
    let (_keeper, path) = directory()?;
    let first = owned(&path).start()?;
    let second = PrivateServer::start(&path)?;
    assert_eq!(first.pid(), second.pid());
    assert_eq!(first.address(), second.address());
    drop(second);
    assert!(first.accepts(), "who joined doesn't end it");
    Ok(())
}

#[test]
fn many_starts_at_once_make_one_server() -> Result<()> {
    let (_keeper, path) = directory()?;
    let pids: Vec<_> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..6).map(|_| scope.spawn(|| PrivateServer::start(&path))).collect();
        starts.into_iter().map(|start| start.join().expect("no panic").map(|server| server.pid())).collect()
    });
    let pids = pids.into_iter().collect::<Result<Vec<_>>>()?;
    assert!(pids[0].is_some() && pids.iter().all(|pid| *pid == pids[0]), "{pids:?}");
    stop_at(&path)?;
    assert_ne!(PrivateServer::start(&path)?.pid(), pids[0], "the first one was ended");
    stop_at(&path)?;
    stop_at(&path)
}

#[test]
fn data_survives_stop_restart_and_kill() -> Result<()> {
    let (_keeper, path) = directory()?;
    let mut server = owned(&path).start()?;
    server.sql("postgres", "CREATE TABLE kept (n int); INSERT INTO kept VALUES (1);")?;
    server.restart()?;
    server.sql("postgres", "INSERT INTO kept VALUES (2);")?;
    server.stop(StopMode::Immediate)?;
    assert_eq!(server.pid(), None);
    server.come_up()?;
    server.sql("postgres", "INSERT INTO kept VALUES (3);")?;
    server.kill_hard()?;
    assert!(path.join("data/postmaster.pid").exists(), "a killed server leaves its pid file");
    server.come_up()?;
    assert_eq!(server.sql("postgres", "SELECT sum(n), count(*) FROM kept")?.trim(), "6|3");
    Ok(())
}

#[test]
fn a_pid_file_that_names_a_stranger_is_no_hindrance() -> Result<()> {
    let (_keeper, path) = directory()?;
    let mut server = owned(&path).start()?;
    server.stop(StopMode::Fast)?;
    let mut stranger = Command::new("sleep").arg("60").spawn()?;
    std::fs::write(path.join("data/postmaster.pid"), format!("{}\n{path}/data\n", stranger.id()))?;
    let started = server.come_up();
    assert!(stranger.try_wait()?.is_none(), "the stranger was left alone");
    stranger.kill()?;
    stranger.wait()?;
    started?;
    assert!(server.accepts());
    Ok(())
}

#[test]
fn a_half_made_data_directory_is_begun_anew() -> Result<()> {
    let (_keeper, path) = directory()?;
    std::fs::create_dir_all(path.join("data.making/base"))?;
    std::fs::write(path.join("data.making/PG_VERSION"), "15\n")?;
    let server = owned(&path).start()?;
    assert_eq!(server.sql("postgres", "SELECT 1")?.trim(), "1");
    assert!(!path.join("data.making").exists());
    Ok(())
}

#[test]
fn a_server_with_an_owner_ends_when_it_is_dropped_even_frozen() -> Result<()> {
    let (_keeper, path) = directory()?;
    let server = owned(&path).start()?;
    let pid = server.pid().context("it runs")?;
    server.freeze()?;
    drop(server);
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
    Ok(())
}

#[test]
fn a_server_that_can_not_start_says_why() -> Result<()> {
    let (_keeper, path) = directory()?;
    let refusal = owned(&path).setting("no_such_setting", "1").start().expect_err("it can't start");
    assert!(format!("{refusal:#}").contains("no_such_setting"), "{refusal:#}");
    Ok(())
}

#[test]
fn a_closed_directory_is_named_when_root_can_not_hand_it_over() -> Result<()> {
    if !nix::unistd::geteuid().is_root() {
        return Ok(()); // Without a hand-over there is nothing to refuse.
    }
    let keeper = tempfile::tempdir()?;
    std::fs::set_permissions(keeper.path(), std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    let path = Utf8PathBuf::try_from(keeper.path().join("pg"))?;
    let refusal = PrivateServer::start(&path).expect_err("the ancestor is closed");
    assert!(refusal.to_string().contains(keeper.path().to_str().context("text")?), "{refusal:#}");
    assert!(refusal.to_string().contains("chmod o+x"), "{refusal:#}");
    Ok(())
}

/// Not a test of its own: the process that `a_server_ends_when_its_owner_is_killed` kills.
#[test]
fn owner_that_waits_to_be_killed() -> Result<()> {
    let Ok(path) = std::env::var("BERTH_TEST_OWNED_DIRECTORY") else { return Ok(()) };
    let _server = owned(Utf8Path::new(&path)).start()?;
    std::thread::sleep(Duration::from_secs(120));
    Ok(())
}

#[test]
fn a_server_ends_when_its_owner_is_killed() -> Result<()> {
    let (_keeper, path) = directory()?;
    let mut owner = Command::new(std::env::current_exe()?)
        .args(["--exact", "owner_that_waits_to_be_killed"])
        .env("BERTH_TEST_OWNED_DIRECTORY", &path)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let status = path.join("data/postmaster.pid");
    eventually("the server starts", || {
        std::fs::read_to_string(&status).is_ok_and(|text| text.contains("ready"))
    });
    owner.kill()?;
    owner.wait()?;
    eventually("the server ends", || !status.exists());
    Ok(())
}
