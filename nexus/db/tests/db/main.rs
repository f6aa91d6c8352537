//! Every query on a real PostgreSQL: what it does, what it refuses, and two at once where that matters.

mod attachments;
mod checks;
mod cluster;
mod disks;
mod epochs;
mod events;
mod images;
mod live_migrations;
mod migration_stops;
mod migrations;
mod nouns;
mod operations;
mod pages;
mod projects;
mod retention;
mod schema;
mod sleds;
mod tasks;
mod tokens;
mod transactions;
mod world;
