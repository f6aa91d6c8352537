//! Migrations: applied once, in order, by whoever comes first; what isn't understood is refused.

use crate::world::{empty_world, world};
use anyhow::Result;
use berth_db::migrate::{MIGRATIONS, MigrateError, apply, migrate};

#[test]
fn every_file_of_the_folder_is_compiled_in_and_in_order() -> Result<()> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/migrations");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        files.push(entry?.file_name().into_string().expect("file names are text"));
    }
    files.sort();
    let known: Vec<&str> = MIGRATIONS.iter().map(|(name, _)| *name).collect();
    assert_eq!(files, known);
    for (index, name) in known.iter().enumerate() {
        assert!(name.starts_with(&format!("{:04}_", index + 1)), "{name} is number {}", index + 1);
    }
    Ok(())
}

#[tokio::test]
async fn a_second_run_applies_nothing() -> Result<()> {
    let world = empty_world()?;
    let first = migrate(&world.db).await?;
    assert_eq!(first.len(), MIGRATIONS.len());
    assert!(migrate(&world.db).await?.is_empty());
    assert_eq!(world.scalar("SELECT count(*) FROM schema_migration")?, MIGRATIONS.len().to_string());
    Ok(())
}

#[tokio::test]
async fn of_four_nexus_at_once_one_applies_and_all_succeed() -> Result<()> {
    let world = empty_world()?;
    let others = [world.another()?, world.another()?, world.another()?];
    let (a, b, c, d) =
        tokio::join!(migrate(&world.db), migrate(&others[0]), migrate(&others[1]), migrate(&others[2]));
    let applied: usize = [a?, b?, c?, d?].iter().map(Vec::len).sum();
    assert_eq!(applied, MIGRATIONS.len());
    Ok(())
}

#[tokio::test]
async fn a_newer_database_is_refused_and_untouched() -> Result<()> {
    let world = world()?;
    let older = &MIGRATIONS[..MIGRATIONS.len() - 1];
    let error = apply(&world.db, older).await.expect_err("it knows less than the database");
    assert!(
        matches!(&error, MigrateError::FromTheFuture { name } if name == MIGRATIONS[older.len()].0),
        "{error}"
    );
    Ok(())
}

#[tokio::test]
async fn an_edited_migration_is_noticed() -> Result<()> {
    let world = empty_world()?;
    apply(&world.db, &[("0001_a.sql", "CREATE TABLE a (i int);")]).await?;
    let error = apply(&world.db, &[("0001_a.sql", "CREATE TABLE a (i bigint);")]).await.expect_err("edited");
    assert!(matches!(error, MigrateError::Changed { .. }), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_failing_migration_leaves_those_before_it_and_nothing_of_its_own() -> Result<()> {
    let world = empty_world()?;
    let broken = [
        ("0001_a.sql", "CREATE TABLE a (i int);"),
        ("0002_b.sql", "CREATE TABLE b (i int); CREATE TABLE nonsense (i no_such_type);"),
    ];
    let error = apply(&world.db, &broken).await.expect_err("broken");
    assert!(matches!(error, MigrateError::Failed { name: "0002_b.sql", .. }), "{error}");
    let tables = "SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class
                  WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace";
    assert_eq!(world.scalar(tables)?, "a,schema_migration");
    apply(&world.db, &[broken[0], ("0002_b.sql", "CREATE TABLE b (i int);")]).await?;
    assert_eq!(world.scalar(tables)?, "a,b,schema_migration");
    Ok(())
}
