//! Clients of sled-agents: one place that knows addresses, timeouts and what an answer means.
//!
//! A call ends in one of three ways, and the difference is the point of this room:
//! - answered: `Ok`;
//! - denied: the agent understood and refused by name, and changed nothing;
//! - unknown: no usable answer. The request may have taken effect, may take effect later, or never. Callers ask
//!   again under the same request id, or ask for the end of what they asked for; they never assume.
//!
//! Not here: retries beyond one call, who is to be called, what to do about an answer.

mod client;
mod error;
mod wire;

pub use client::{AgentAddress, Agents};
pub use error::AgentError;
pub use wire::Wire;
