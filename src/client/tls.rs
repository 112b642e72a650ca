//! TLS by rustls, as a link of ureq's chain.

use std::fmt;
use std::io::{Read, Write};
use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport, TransportAdapter,
};

use super::process_environment::ProcessEnvironment;
use super::roots;

/// The cryptography of all connections.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

#[derive(Debug)]
pub struct Tls {
    /// In place of the machine's own trust store.
    ca: Option<Arc<WebPkiServerVerifier>>,
    environment: ProcessEnvironment,
    /// Built for the first connection, since reading the machine's trust store takes a while.
    config: OnceLock<Arc<ClientConfig>>,
}

impl Tls {
    pub fn new(ca: Option<Arc<WebPkiServerVerifier>>, environment: &ProcessEnvironment) -> Tls {
        Tls { ca, environment: environment.clone(), config: OnceLock::new() }
    }

    fn config(&self) -> Result<Arc<ClientConfig>, Error> {
        if let Some(config) = self.config.get() {
            return Ok(config.clone());
        }
        let provider = provider();
        let verifier: Arc<dyn ServerCertVerifier> = match &self.ca {
            Some(verifier) => verifier.clone(),
            None => roots::verifier(provider.clone(), &self.environment)?,
        };
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        // rustls calls every verifier dangerous that is set this way.
        let mut config = builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
        // A server that speaks another protocol ends the handshake, before a request has left.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(self.config.get_or_init(|| Arc::new(config)).clone())
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

/// ureq requires it of each link.
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
        // Without this, an error of the last write would only show in the next one.
        Ok(self.stream.flush()?)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.sock.set_timeout(timeout);
        let amount = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        // The socket does not know what was already read from it: the connection's end, or more bytes than the response
        // has.
        let left_over = self.stream.conn.process_new_packets();
        let left_over = left_over.map_or(true, |state| state.peer_has_closed() || state.plaintext_bytes_to_read() > 0);
        let socket = self.stream.sock.get_mut();
        !left_over && socket.buffers().input().is_empty() && socket.is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}
