//! The certificate authority and the certificate of localhost and E*TRADE's hosts, made anew at each start.

use std::error::Error;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::proxy::HOSTS;

/// The server's side of TLS, and the authority's certificate as PEM.
pub fn make() -> Result<(ServerConfig, String), Box<dyn Error>> {
    let mut authority = CertificateParams::default();
    authority.distinguished_name.push(DnType::CommonName, "etoauth sandbox authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    set_validity(&mut authority)?;
    let authority_key = KeyPair::generate()?;
    let authority_certificate = authority.self_signed(&authority_key)?;
    let issuer = Issuer::new(authority, authority_key);

    let names = ["localhost", "127.0.0.1", "::1"].into_iter().chain(HOSTS);
    let mut leaf = CertificateParams::new(names.map(str::to_owned).collect::<Vec<_>>())?;
    leaf.distinguished_name.push(DnType::CommonName, "localhost");
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.use_authority_key_identifier_extension = true;
    set_validity(&mut leaf)?;
    let leaf_key = KeyPair::generate()?;
    let leaf_certificate = leaf.signed_by(&leaf_key, &issuer)?;

    let mut config = ServerConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf_certificate.der().clone()],
            PrivateKeyDer::Pkcs8(leaf_key.serialize_der().into()),
        )?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((config, authority_certificate.pem()))
}

/// From yesterday for thirteen months: some verifiers distrust certificates of a long life.
fn set_validity(certificate: &mut CertificateParams) -> Result<(), Box<dyn Error>> {
    let at = |date: Date| {
        Ok::<_, Box<dyn Error>>(rcgen::date_time_ymd(
            date.year().into(),
            date.month().try_into()?,
            date.day().try_into()?,
        ))
    };
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    certificate.not_before = at(today.yesterday()?)?;
    certificate.not_after = at(today.checked_add(13.months())?)?;
    Ok(())
}
