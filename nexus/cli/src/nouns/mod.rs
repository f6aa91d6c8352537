//! One file per noun: its verbs, their options, its columns.

pub mod check;
pub mod completion;
pub mod disk;
pub mod event;
pub mod image;
pub mod instance;
pub mod join_token;
pub mod nexus;
pub mod operation;
pub mod pool;
pub mod profile;
pub mod project;
pub mod role;
pub mod saga;
pub mod sled;
pub mod token;
pub mod user;
pub mod version;
pub mod whoami;
