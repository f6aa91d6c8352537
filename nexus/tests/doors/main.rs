//! The doors of a whole nexus in this process, on a real PostgreSQL: who may do what, what is refused and how, what
//! uploads and joins come to. No sled runs guests here.

mod access;
mod access_matrix;
mod bad_input;
mod images;
mod nexus;
mod once;
mod projects;
mod sagas;
mod sleds;
mod tokens;
