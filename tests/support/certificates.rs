//! Certificates, keys and revocation lists, right or with any fault.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, IsCa, Issuer, KeyIdMethod, KeyPair,
    KeyUsagePurpose, RevocationReason, RevokedCertParams, SerialNumber, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::support::artefacts;

/// What a server presents: its certificate, then those that it sends along.
pub struct Identity {
    pub chain: Vec<CertificateDer<'static>>,
    pub key: PrivateKeyDer<'static>,
    pub pem: String,
}

pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    der: CertificateDer<'static>,
    pub pem: String,
}

type Edit = fn(&mut CertificateParams);

/// For the certificate that `edit` would leave alone.
pub const AS_IT_IS: Edit = |_| {};

fn authority(name: &str, edit: Edit) -> (CertificateParams, KeyPair) {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    edit(&mut params);
    (params, KeyPair::generate().unwrap())
}

impl Authority {
    pub fn root(name: &str, edit: Edit) -> Authority {
        let (params, key) = authority(name, edit);
        let certificate = params.self_signed(&key).unwrap();
        let (der, pem) = (certificate.der().clone(), certificate.pem());
        Authority { issuer: Issuer::new(params, key), der, pem }
    }

    /// An authority beneath this one.
    pub fn intermediate(&self, name: &str, edit: Edit) -> Authority {
        let (params, key) = authority(name, edit);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let (der, pem) = (certificate.der().clone(), certificate.pem());
        Authority { issuer: Issuer::new(params, key), der, pem }
    }

    pub fn sign(&self, names: &[&str], edit: Edit) -> Identity {
        let (params, key) = leaf(names, edit);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        identity(certificate, &key)
    }

    /// Sends this authority's certificate along.
    pub fn complete(&self, mut identity: Identity) -> Identity {
        identity.chain.push(self.der.clone());
        identity
    }

    /// A list of revoked serial numbers, from 2020 until this year.
    pub fn revoke(&self, serial: u64, until: i32) -> String {
        let revoked = RevokedCertParams {
            serial_number: SerialNumber::from(serial),
            revocation_time: date_time_ymd(2020, 1, 1),
            reason_code: Some(RevocationReason::KeyCompromise),
            invalidity_date: None,
        };
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2020, 1, 1),
            next_update: date_time_ymd(until, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: vec![revoked],
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.issuer).unwrap().pem().unwrap()
    }
}

fn leaf(names: &[&str], edit: Edit) -> (CertificateParams, KeyPair) {
    let mut params = CertificateParams::new(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>()).unwrap();
    params.distinguished_name.push(DnType::CommonName, "leaf");
    params.serial_number = Some(SerialNumber::from(SERIAL));
    edit(&mut params);
    (params, KeyPair::generate().unwrap())
}

/// That of every server's certificate.
pub const SERIAL: u64 = 7;

/// A certificate that only its own key signs for.
pub fn self_signed(names: &[&str], edit: Edit) -> Identity {
    let (params, key) = leaf(names, edit);
    identity(params.self_signed(&key).unwrap(), &key)
}

fn identity(certificate: rcgen::Certificate, key: &KeyPair) -> Identity {
    Identity {
        chain: vec![certificate.der().clone()],
        key: PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        pem: certificate.pem(),
    }
}

/// A file with this text. The drivers remove it once this process has ended.
pub fn file(text: &str) -> PathBuf {
    static FILES: AtomicUsize = AtomicUsize::new(0);
    let number = FILES.fetch_add(1, Ordering::Relaxed);
    let path = artefacts().join("c-tests").join(format!("file-{}-{number}", std::process::id()));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}
