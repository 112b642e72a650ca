//! The certificate authorities that this machine trusts.

use std::fmt;
use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use ureq::Error;

use super::process_environment::ProcessEnvironment;
use crate::etrade::Kind;

#[cfg(all(unix, not(any(target_vendor = "apple", target_os = "android"))))]
pub use files::verifier;
#[cfg(not(all(unix, not(any(target_vendor = "apple", target_os = "android")))))]
pub use system::verifier;

/// Why no certificate can be verified. ureq carries it to where sentences are made.
#[derive(Debug)]
struct NoRoots {
    kind: Kind,
    sentence: String,
}

impl fmt::Display for NoRoots {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for NoRoots {}

/// What a failure is, if it is for want of trusted certificates.
pub fn missing(error: &Error) -> Option<(Kind, String)> {
    let Error::Other(error) = error else { return None };
    error.downcast_ref::<NoRoots>().map(|missing| (missing.kind, missing.sentence.clone()))
}

fn no_roots(kind: Kind, why: &str) -> Error {
    let sentence = format!("no secure connection, since no CA certificates could be loaded: {why}.");
    Error::Other(Box::new(NoRoots { kind, sentence }))
}

/// Windows, Apple's systems and Android verify certificates themselves.
#[cfg(not(all(unix, not(any(target_vendor = "apple", target_os = "android")))))]
mod system {
    use super::*;

    pub fn verifier(
        provider: Arc<CryptoProvider>,
        _: &ProcessEnvironment,
    ) -> Result<Arc<dyn ServerCertVerifier>, Error> {
        let verifier = rustls_platform_verifier::Verifier::new(provider);
        Ok(Arc::new(verifier.map_err(|error| no_roots(Kind::Tls, &error.to_string()))?))
    }
}

/// Other systems keep the certificates in files.
#[cfg(all(unix, not(any(target_vendor = "apple", target_os = "android"))))]
mod files {
    use std::path::Path;

    use rustls::RootCertStore;
    use rustls::client::WebPkiServerVerifier;
    use rustls_native_certs::{CertificateResult, ErrorKind, load_certs_from_paths};

    use super::*;
    use crate::client::io_error::{describe, is_out_of_descriptors};
    use crate::client::process_environment::RootPaths;

    /// The first of these that exists holds all certificates.
    const FILES: [&str; 10] = [
        "/etc/ssl/certs/ca-certificates.crt",                // Debian, Ubuntu, Gentoo, Arch
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // Fedora, RHEL
        "/etc/pki/tls/certs/ca-bundle.crt",                  // RHEL 6
        "/etc/ssl/ca-bundle.pem",                            // openSUSE
        "/etc/pki/tls/cacert.pem",                           // OpenELEC
        "/etc/ssl/cert.pem",                                 // Alpine, OpenBSD, FreeBSD
        "/usr/local/etc/ssl/cert.pem",                       // FreeBSD
        "/usr/local/share/certs/ca-root-nss.crt",            // DragonFly
        "/etc/openssl/certs/ca-certificates.crt",            // NetBSD
        "/etc/certs/ca-certificates.crt",                    // Solaris, illumos
    ];
    /// And each of these holds some, a file each.
    const DIRECTORIES: [&str; 5] =
        ["/etc/ssl/certs", "/etc/pki/tls/certs", "/usr/local/share/certs", "/etc/openssl/certs", "/etc/certs/CA"];

    pub fn verifier(
        provider: Arc<CryptoProvider>,
        environment: &ProcessEnvironment,
    ) -> Result<Arc<dyn ServerCertVerifier>, Error> {
        let roots = Arc::new(load(&environment.roots)?);
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider).build();
        Ok(verifier.map_err(|error| no_roots(Kind::Tls, &error.to_string()))?)
    }

    /// rustls-native-certs' own search would read the environment again.
    fn load(paths: &RootPaths) -> Result<RootCertStore, Error> {
        let exists = |path: &&str| Path::new(path).exists();
        let loaded = if paths.is_empty() {
            let file = FILES.iter().copied().find(exists).map(Path::new);
            let directories = DIRECTORIES.iter().copied().filter(exists).map(Path::new);
            load_all(file, directories)
        } else {
            load_all(paths.file.as_deref(), paths.directories.iter().map(AsRef::as_ref))
        };
        // A part of the store would be kept, and refuse servers for as long as the client lives.
        for error in &loaded.errors {
            if let ErrorKind::Io { inner, .. } = &error.kind {
                if is_out_of_descriptors(inner) {
                    return Err(no_roots(Kind::File, &describe(inner)));
                }
            }
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(loaded.certs);
        if roots.is_empty() { Err(no_roots(Kind::Tls, &reason(paths, &loaded.errors))) } else { Ok(roots) }
    }

    fn load_all<'a>(file: Option<&Path>, directories: impl Iterator<Item = &'a Path>) -> CertificateResult {
        let mut all = load_certs_from_paths(file, None);
        for directory in directories {
            let more = load_certs_from_paths(None, Some(directory));
            all.certs.extend(more.certs);
            all.errors.extend(more.errors);
        }
        all.certs.sort_unstable_by(|one, other| one.as_ref().cmp(other.as_ref()));
        all.certs.dedup();
        all
    }

    fn reason(paths: &RootPaths, errors: &[rustls_native_certs::Error]) -> String {
        let variables = if paths.is_empty() { "" } else { "SSL_CERT_FILE and SSL_CERT_DIR say where to look, and " };
        let advice = "Install the system's CA certificates, or give a file with etoauth_client_set_ca_file";
        match errors.first().map(|error| &error.kind) {
            Some(ErrorKind::Io { inner, path }) => {
                format!("{variables}{} can't be read: {}. {advice}", path.display(), describe(inner))
            }
            Some(_) => format!("{variables}a file is damaged. {advice}"),
            None => format!("{variables}none were found. {advice}"),
        }
    }
}
