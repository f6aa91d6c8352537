//! The contract between nexus and the sleds, both directions: what nexus asks of an agent ([`agent`]), and what
//! an agent tells nexus ([`nexus`]).
//!
//! Both doors speak JSON over HTTP with mutual TLS. The traits generate the OpenAPI documents
//! `sled-agent.json` and `nexus-internal.json` beside this crate; a test compares them.
//!
//! Rules that hold for every request that changes something:
//! - It carries an [`envelope::Envelope`]: whoever isn't meant (another cluster, another ledger, an older epoch)
//!   says so by a named [`berth_common::refusal::Denial`] and changes nothing.
//! - It may be repeated, late by any time: a repeated request joins the first or gets its recorded result.
//! - An answer that didn't arrive means nothing: neither success nor absence.

pub mod agent;
pub mod console;
pub mod disk;
pub mod envelope;
pub mod migration;
pub mod nexus;
pub mod openapi;
pub mod report;
pub mod sled;
pub mod spec;
pub mod vmm;

/// Largest body either door accepts, in bytes. A full report of 1,000 VMMs is about 400 KiB.
pub const BODY_MAX_BYTES: usize = 2 * 1024 * 1024;

/// Header that carries the id of the user's request through every hop.
pub const CAUSE_HEADER: &str = "x-request-id";
