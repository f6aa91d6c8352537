//! Databases of tests: copies of a template that is made once, gone when dropped.

use anyhow::Result;
use berth_postgres::{TestDatabase, shared_server};

const MIGRATIONS: &[(&str, &str)] = &[
    ("0001_things.sql", "CREATE TABLE thing (name text PRIMARY KEY);"),
    ("0002_first.sql", "INSERT INTO thing VALUES ('first');"),
];

#[test]
fn each_database_is_its_own_copy() -> Result<()> {
    let one = TestDatabase::from_template("copies", MIGRATIONS)?;
    let two = TestDatabase::from_template("copies", MIGRATIONS)?;
    one.sql("INSERT INTO thing VALUES ('second');")?;
    assert_eq!(one.sql("SELECT count(*) FROM thing")?.trim(), "2");
    assert_eq!(two.sql("SELECT count(*) FROM thing")?.trim(), "1");
    Ok(())
}

#[test]
fn a_database_is_gone_when_dropped_even_with_a_session_in_it() -> Result<()> {
    let database = TestDatabase::from_template("dropped", MIGRATIONS)?;
    let name = database.name().to_owned();
    let session = {
        let name = name.clone();
        std::thread::spawn(move || {
            shared_server().and_then(|server| server.sql(&name, "SELECT pg_sleep(60)"))
        })
    };
    let server = shared_server()?;
    let sleeping =
        format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}' AND query LIKE '%sleep%'");
    while server.sql("postgres", &sleeping)?.trim() == "0" {}
    drop(database);
    assert!(session.join().expect("no panic").is_err(), "its session was ended");
    let left =
        server.sql("postgres", &format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'"))?;
    assert_eq!(left.trim(), "0");
    Ok(())
}

#[test]
fn a_template_is_made_once_however_many_ask_at_once() -> Result<()> {
    let migrations: &[(&str, &str)] = &[("0001.sql", "CREATE TABLE made AS SELECT now() AS at;")];
    let made: Vec<Result<String>> = std::thread::scope(|scope| {
        let asks: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| TestDatabase::from_template("once", migrations)?.sql("SELECT at FROM made"))
            })
            .collect();
        asks.into_iter().map(|ask| ask.join().expect("no panic")).collect()
    });
    let made = made.into_iter().collect::<Result<Vec<_>>>()?;
    assert!(made.iter().all(|at| *at == made[0]), "{made:?}");
    Ok(())
}

#[test]
fn a_migration_that_fails_is_named_and_leaves_no_template() -> Result<()> {
    let broken: &[(&str, &str)] = &[("0007_broken.sql", "SELECT no_such_column;")];
    for _ in 0..2 {
        let refusal = TestDatabase::from_template("broken", broken).expect_err("it fails each time");
        assert!(refusal.to_string().contains("0007_broken.sql"), "{refusal:#}");
        assert!(refusal.to_string().contains("no_such_column"), "{refusal:#}");
    }
    Ok(())
}

#[test]
fn a_name_that_could_break_out_of_a_statement_is_refused() {
    for name in ["", "x\"; DROP", "Big", "a-b", &"x".repeat(31)] {
        assert!(TestDatabase::from_template(name, &[]).is_err(), "{name}");
    }
}
