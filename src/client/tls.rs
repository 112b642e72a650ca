//! TLS by rustls, as a link of ureq's chain.

use std::fmt;
use std::io::{Read, Write};
use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme, StreamOwned,
};
use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport, TransportAdapter,
};

use super::background;
use super::process_environment::ProcessEnvironment;
use super::roots;

#[derive(Debug)]
pub struct Tls {
    /// In place of the machine's own trust store.
    ca: Option<Arc<RootCertStore>>,
    environment: ProcessEnvironment,
    /// Made for the first connection: reading the machine's store takes its time.
    config: OnceLock<Arc<ClientConfig>>,
}

impl Tls {
    pub fn new(ca: Option<Arc<RootCertStore>>, environment: &ProcessEnvironment) -> Tls {
        Tls { ca, environment: environment.clone(), config: OnceLock::new() }
    }

    fn config(&self) -> Result<Arc<ClientConfig>, Error> {
        if let Some(config) = self.config.get() {
            return Ok(config.clone());
        }
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions()?;
        let builder = match &self.ca {
            Some(roots) => builder.with_root_certificates(roots.clone()),
            // rustls calls any verifier but its own dangerous.
            None => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Background(roots::verifier(provider, &self.environment)?))),
        };
        Ok(self.config.get_or_init(|| Arc::new(builder.with_no_client_auth())).clone())
    }
}

impl<In: Transport> Connector<In> for Tls {
    type Out = Either<In, Secured>;

    fn connect(&self, details: &ConnectionDetails, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        let Some(transport) = chained else {
            return Err(Error::ConnectionFailed);
        };
        if !details.needs_tls() || transport.is_tls() {
            return Ok(Some(Either::A(transport)));
        }
        let host = details.uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let name = ServerName::try_from(host.to_owned()).map_err(|_| Error::HostNotFound)?;
        let mut connection = ClientConnection::new(self.config()?, name)?;
        let mut socket = TransportAdapter::new(transport.boxed(), details.current_time.clone());
        connection.complete_io(&mut socket)?;
        let buffers = LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        Ok(Some(Either::B(Secured { buffers, stream: StreamOwned { conn: connection, sock: socket } })))
    }
}

pub struct Secured {
    buffers: LazyBuffers,
    stream: StreamOwned<ClientConnection, TransportAdapter>,
}

/// ureq wants it of each link.
impl fmt::Debug for Secured {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Secured").finish_non_exhaustive()
    }
}

impl Transport for Secured {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.stream.sock.set_timeout(timeout);
        self.stream.write_all(&self.buffers.output()[..amount])?;
        // Without it an error of the last write would show only in the next one.
        Ok(self.stream.flush()?)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.sock.set_timeout(timeout);
        let amount = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        // The socket knows nothing of what was read from it already: more bytes than the response has, or the end.
        let left_over = self.stream.conn.process_new_packets();
        let left_over = left_over.map_or(true, |state| state.peer_has_closed() || state.plaintext_bytes_to_read() > 0);
        let socket = self.stream.sock.get_mut();
        !left_over && socket.buffers().input().is_empty() && socket.is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

/// The machine's own verifier may ask the network whether a certificate was revoked, and nothing can interrupt it there.
#[derive(Debug)]
struct Background(Arc<dyn ServerCertVerifier>);

impl ServerCertVerifier for Background {
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

    fn verify(verifier: &Background) -> Result<ServerCertVerified, rustls::Error> {
        let name = ServerName::try_from("localhost").unwrap();
        verifier.verify_server_cert(&CertificateDer::from(vec![0]), &[], &name, &[], UnixTime::now())
    }

    #[test]
    fn a_verifier_that_is_stuck_is_left_behind() {
        let (end, wait) = mpsc::channel();
        let verifier = Background(Arc::new(Stuck(Mutex::new(wait))));
        let overdue = Arc::new(Operation::new(Duration::from_millis(20)));
        assert!(overdue.run(|| verify(&verifier)).is_err());
        let cancelled = Arc::new(Operation::new(Duration::from_secs(600)));
        cancelled.cancel();
        assert!(cancelled.run(|| verify(&verifier)).is_err());
        drop(end);
        assert!(Arc::new(Operation::new(Duration::from_secs(600))).run(|| verify(&verifier)).is_ok());
    }
}
