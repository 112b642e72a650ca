//! Certificates checked on a thread of their own: a verifier of the system's may ask the network whether a certificate
//! was revoked, and nothing can interrupt it there.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, OtherError, SignatureScheme};

use super::background;

#[derive(Debug)]
pub struct BackgroundVerifier(pub Arc<dyn ServerCertVerifier>);

impl ServerCertVerifier for BackgroundVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verifier = self.0.clone();
        let (end_entity, server_name) = (end_entity.clone().into_owned(), server_name.to_owned());
        let intermediates: Vec<_> = intermediates.iter().map(|each| each.clone().into_owned()).collect();
        let ocsp_response = ocsp_response.to_vec();
        let verify =
            move || verifier.verify_server_cert(&end_entity, &intermediates, &server_name, &ocsp_response, now);
        background::run(verify).unwrap_or_else(|error| Err(rustls::Error::Other(OtherError(Arc::new(error)))))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, mpsc};
    use std::time::Duration;

    use super::super::operation::Operation;
    use super::*;

    /// Comes to an end when it is told to, or far too late.
    #[derive(Debug)]
    struct Stuck(Mutex<mpsc::Receiver<()>>);

    impl ServerCertVerifier for Stuck {
        fn verify_server_cert(
            &self,
            _: &CertificateDer<'_>,
            _: &[CertificateDer<'_>],
            _: &ServerName<'_>,
            _: &[u8],
            _: UnixTime,
        ) -> Result<ServerCertVerified, rustls::Error> {
            let _ = self.0.lock().unwrap().recv_timeout(Duration::from_secs(60));
            Ok(ServerCertVerified::assertion())
        }

        fn verify_tls12_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            unreachable!("no handshake comes so far")
        }

        fn verify_tls13_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, rustls::Error> {
            unreachable!("no handshake comes so far")
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            Vec::new()
        }
    }

    fn verify(verifier: &BackgroundVerifier) -> Result<ServerCertVerified, rustls::Error> {
        let name = ServerName::try_from("localhost").unwrap();
        verifier.verify_server_cert(&CertificateDer::from(vec![0]), &[], &name, &[], UnixTime::now())
    }

    #[test]
    fn a_verifier_that_is_stuck_is_left_behind() {
        let (end, wait) = mpsc::channel();
        let verifier = BackgroundVerifier(Arc::new(Stuck(Mutex::new(wait))));
        let overdue = Arc::new(Operation::new(Duration::from_millis(20)));
        assert!(overdue.run(|| verify(&verifier)).is_err());
        let cancelled = Arc::new(Operation::new(Duration::from_secs(600)));
        cancelled.cancel();
        assert!(cancelled.run(|| verify(&verifier)).is_err());
        drop(end);
        assert!(Arc::new(Operation::new(Duration::from_secs(600))).run(|| verify(&verifier)).is_ok());
    }
}
