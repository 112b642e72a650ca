//! What a client can be told about the network.

use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;
use ureq::Proxy;
use ureq::tls::{PemItem, parse_pem};

use crate::etrade::{Endpoints, Failure, Kind};
use crate::oauth::RequestUrl;

/// All the authorities of the world make a quarter of a megabyte.
const LARGEST_CA_FILE: u64 = 16 << 20;

pub struct Settings {
    pub endpoints: Endpoints,
    /// Bounds each call from entry to return.
    pub timeout: Duration,
    pub proxy: ProxyChoice,
    /// In place of the machine's own trust store.
    pub ca: Option<Arc<RootCertStore>>,
    pub user_agent: String,
}

pub enum ProxyChoice {
    /// HTTPS_PROXY and its kin.
    Environment,
    Fixed(Option<Proxy>),
}

impl Settings {
    pub fn new(endpoints: Endpoints) -> Settings {
        Settings {
            endpoints,
            timeout: Duration::from_secs(30),
            proxy: ProxyChoice::Environment,
            ca: None,
            user_agent: concat!("etoauth/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }

    pub fn set_timeout_ms(&mut self, milliseconds: u32) -> Result<(), Failure> {
        if milliseconds == 0 {
            return Err(Failure::new(Kind::Argument, "timeout_ms is 0: a call needs some time."));
        }
        self.timeout = Duration::from_millis(milliseconds.into());
        Ok(())
    }

    pub fn set_proxy(&mut self, url: &str) -> Result<(), Failure> {
        let proxy = if url.is_empty() { None } else { Some(read_proxy(url)?) };
        self.proxy = ProxyChoice::Fixed(proxy);
        Ok(())
    }

    pub fn set_user_agent(&mut self, text: &str) -> Result<(), Failure> {
        let visible = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
        if text.trim().is_empty() || text.len() > 512 || !text.bytes().all(visible) {
            return Err(Failure::new(
                Kind::Argument,
                "text is no user agent: give one line of visible ASCII, 512 at most.",
            ));
        }
        self.user_agent = text.to_owned();
        Ok(())
    }
}

fn read_proxy(url: &str) -> Result<Proxy, Failure> {
    let wrong = || Failure::new(Kind::Url, "url is no proxy: give http://host:port or https://host:port.");
    // ureq takes a port that it can't read for none; a mistyped one must not go elsewhere.
    let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
    let address = rest.rsplit_once('@').map_or(rest, |(_, address)| address);
    RequestUrl::parse(&format!("{scheme}://{address}")).map_err(|_| wrong())?;
    Proxy::new(url).map_err(|_| wrong())
}

/// Reads the certificates of a PEM file.
pub fn read_ca_file(path: &str) -> Result<Arc<RootCertStore>, Failure> {
    let wrong = |why: &str| Failure::new(Kind::File, format!("pem_path {why}."));
    let unreadable = |error: std::io::Error| wrong(&format!("can't be read: {}", error.kind()));
    // A pipe could block, and a device has no end.
    let facts = std::fs::metadata(path).map_err(unreadable)?;
    if !facts.is_file() || facts.len() > LARGEST_CA_FILE {
        return Err(wrong("is no file of certificates"));
    }
    let pem = std::fs::read(path).map_err(unreadable)?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => certificates.push(certificate),
            Ok(_) => {}
            Err(_) => return Err(wrong("is a damaged PEM file")),
        }
    }
    let mut store = RootCertStore::empty();
    let usable = store.add_parsable_certificates(certificates.iter().map(|c| c.der().to_vec().into()));
    if usable.0 == 0 {
        return Err(wrong("is a file without a certificate in PEM form"));
    }
    Ok(Arc::new(store))
}
