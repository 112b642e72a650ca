//! A client's settings for the network.

use std::io;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::client::{VerifierBuilderError, WebPkiServerVerifier};
use rustls::pki_types::pem::{PemObject, SectionKind};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};
use ureq::Agent;
use ureq::config::Config;

use super::http::LONGEST_IDLE;
use super::io_error::describe;
use super::process_environment::ProcessEnvironment;
use super::proxy::Route;
use super::tls;
use crate::etrade::{Endpoints, Failure, Kind};

/// All public certificate authorities together have a quarter of a megabyte.
const LARGEST_CA_FILE: u64 = 16 << 20;

const USER_AGENT: &str = concat!("etoauth/", env!("CARGO_PKG_VERSION"));

pub struct Settings {
    pub endpoints: Endpoints,
    pub route: Route,
    /// In place of the machine's own trust store.
    pub ca: Option<Arc<WebPkiServerVerifier>>,
    pub user_agent: String,
    /// The environment as it was when the client was made.
    pub environment: ProcessEnvironment,
    /// What all requests have in common. ureq reads the environment when it builds this, so it is built with the
    /// client.
    pub common: Config,
}

impl Settings {
    pub fn new(endpoints: Endpoints, environment: ProcessEnvironment) -> Settings {
        Settings {
            endpoints,
            route: Route::from_environment(&environment),
            ca: None,
            user_agent: USER_AGENT.to_owned(),
            environment,
            common: Agent::config_builder()
                .proxy(None)
                .user_agent(USER_AGENT)
                .http_status_as_error(false)
                .allow_non_standard_methods(true)
                .max_redirects(0)
                .max_redirects_will_error(false)
                .accept_encoding("gzip")
                // Four of these belong to a kept connection over TLS. A head must fit into one: see LARGEST_HEAD.
                .input_buffer_size(64 << 10)
                .output_buffer_size(64 << 10)
                // One connection is kept for each call of those that ran at the same time.
                .max_idle_connections(usize::MAX)
                .max_idle_connections_per_host(usize::MAX)
                .max_idle_age(LONGEST_IDLE)
                .build(),
        }
    }

    pub fn set_proxy(&mut self, url: &str) -> Result<(), Failure> {
        self.route = if url.is_empty() { Route::direct() } else { Route::through(url)? };
        Ok(())
    }

    pub fn set_user_agent(&mut self, text: &str) -> Result<(), Failure> {
        let visible = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
        if text.trim().is_empty() || text.len() > 512 || !text.bytes().all(visible) {
            return Err(Failure::new(
                Kind::Argument,
                "text is not a user agent: give one line of visible ASCII, at most 512 characters.",
            ));
        }
        self.user_agent = text.to_owned();
        Ok(())
    }
}

/// Reads the certificates of a PEM file, and the revocation lists (CRLs) beside them.
pub fn read_ca_file(path: &str) -> Result<Arc<WebPkiServerVerifier>, Failure> {
    let wrong = |why: &str| Failure::new(Kind::File, format!("pem_path {path} {why}."));
    if path.is_empty() {
        return Err(Failure::new(Kind::File, "pem_path is empty: give the path of a file with CA certificates."));
    }
    let unreadable =
        |error: io::Error| Failure::new(Kind::File, format!("pem_path cannot be read: {path}: {}.", describe(&error)));
    // A pipe could block, and a device has no end.
    let facts = std::fs::metadata(path).map_err(unreadable)?;
    if facts.is_dir() {
        return Err(wrong("is a directory: give the path of a file with CA certificates"));
    }
    if !facts.is_file() {
        return Err(wrong("is not a regular file: give the path of a file with CA certificates"));
    }
    if facts.len() > LARGEST_CA_FILE {
        return Err(wrong("is larger than 16 MiB, the limit for a file of CA certificates"));
    }
    let pem = std::fs::read(path).map_err(unreadable)?;
    let mut roots = RootCertStore::empty();
    let mut revocation_lists = Vec::new();
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(&pem) {
        match section {
            Ok((SectionKind::Certificate, der)) => {
                roots.add_parsable_certificates([CertificateDer::from(der)]);
            }
            Ok((SectionKind::Crl, der)) => revocation_lists.push(CertificateRevocationListDer::from(der)),
            Ok(_) => {}
            Err(_) => return Err(wrong("is damaged: it cannot be read as PEM")),
        }
    }
    // Without a list of its issuer, a certificate counts as not revoked; a list that is out of date still counts.
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), tls::provider())
        .with_crls(revocation_lists)
        .allow_unknown_revocation_status()
        .build()
        .map_err(|error| match error {
            VerifierBuilderError::NoRootAnchors => wrong("contains no usable certificate in PEM format"),
            _ => wrong("contains a revocation list (CRL) that cannot be read. Replace it, or leave it out"),
        })
}
