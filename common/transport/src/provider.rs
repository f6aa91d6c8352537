//! The one cryptography provider of every Berth program.

use std::sync::{Arc, OnceLock};

use rustls::crypto::{CryptoProvider, aws_lc_rs};

/// Makes aws-lc-rs the provider of the process. Called first in `main`; calling it again does nothing.
///
/// This crate itself always names its provider; the process-wide one is for libraries that ask for a default.
pub fn install_provider() {
    if CryptoProvider::get_default().is_none() {
        // Losing a race means that somebody else has just installed it: as good as having done it.
        let _already_installed = aws_lc_rs::default_provider().install_default();
    }
}

/// The provider this crate builds all its TLS configurations with.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    PROVIDER.get_or_init(|| Arc::new(aws_lc_rs::default_provider())).clone()
}

#[cfg(test)]
mod tests {
    use super::install_provider;

    #[test]
    fn installing_twice_is_the_same_as_once() {
        install_provider();
        install_provider();
        let installed = rustls::crypto::CryptoProvider::get_default().expect("installed");
        assert_eq!(installed.cipher_suites, super::provider().cipher_suites);
    }
}
