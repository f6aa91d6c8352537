//! Tests of the whole room, as one program: authority, identities, key files, and TLS over real sockets.

mod authority;
mod fronts;
mod identities;
mod key_files;
mod mutual_tls;
mod world;
