//! Why TLS failed, in words: what was seen, and what to do. Of a certificate only names and dates are repeated.

use jiff::Timestamp;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error, InvalidMessage, PeerIncompatible, PeerMisbehaved};

enum Advice {
    Clock,
    Authority,
    Url,
    Operator,
    RevocationList,
}

impl Advice {
    fn words(&self, peer: &str) -> String {
        match self {
            Advice::Clock => "Check this machine's clock. If it is right, the certificate must be replaced.".to_owned(),
            Advice::Authority => format!(
                "If the certificate is self-signed or its authority is private, set that certificate as the CA file. \
                 Otherwise check whether something else responded in the place of {peer}, or {peer} leaves out an \
                 intermediate certificate."
            ),
            Advice::Url => format!("Check {peer}'s URL, and whether something else responded in its place."),
            Advice::Operator => format!("Check {peer}'s URL. If it is right, {peer} must be corrected."),
            Advice::RevocationList => "Replace the list, or leave it out.".to_owned(),
        }
    }
}

/// The cause, and what to do about it. `peer` is "the server" or "the proxy".
pub fn explain(error: &Error, peer: &str) -> String {
    let (cause, advice) = match error {
        Error::InvalidCertificate(error) => certificate(error, peer),
        Error::InvalidCertRevocationList(error) => {
            (format!("a revocation list (CRL) in the CA file cannot be used ({error:?})"), Advice::RevocationList)
        }
        Error::AlertReceived(alert) => refusal(*alert, peer),
        Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13) => old(peer),
        Error::PeerIncompatible(why) => {
            (format!("{peer} and this library have no way of encryption in common ({why:?})"), Advice::Operator)
        }
        Error::PeerMisbehaved(PeerMisbehaved::SelectedUnofferedApplicationProtocol) => other_protocol(peer),
        // The first bytes are none of TLS.
        Error::InvalidMessage(
            InvalidMessage::InvalidContentType
            | InvalidMessage::UnknownProtocolVersion
            | InvalidMessage::MessageTooLarge,
        ) => (format!("{peer} did not respond with TLS"), Advice::Url),
        error => (format!("{peer} does not keep to TLS ({error})"), Advice::Url),
    };
    format!("{cause}. {}", advice.words(peer))
}

fn certificate(error: &CertificateError, peer: &str) -> (String, Advice) {
    use CertificateError::*;
    let (fault, advice) = match error {
        ExpiredContext { time, not_after } => {
            (format!("expired at {}, and {}", at(not_after), it_is(time)), Advice::Clock)
        }
        // Windows has one error for both.
        Expired if cfg!(windows) => ("is not valid now, by this machine's clock".to_owned(), Advice::Clock),
        Expired => ("has expired, by this machine's clock".to_owned(), Advice::Clock),
        NotValidYetContext { time, not_before } => {
            (format!("is not valid before {}, and {}", at(not_before), it_is(time)), Advice::Clock)
        }
        NotValidYet => ("is not valid yet, by this machine's clock".to_owned(), Advice::Clock),
        NotValidForNameContext { presented, .. } if presented.is_empty() => {
            ("names no host".to_owned(), Advice::Operator)
        }
        NotValidForNameContext { presented, .. } => {
            (format!("is for another host{}", first_name(presented)), Advice::Url)
        }
        NotValidForName => ("is for another host".to_owned(), Advice::Url),
        UnknownIssuer => ("was not signed by an authority that is trusted here".to_owned(), Advice::Authority),
        Revoked => ("was revoked by its authority".to_owned(), Advice::Operator),
        BadSignature => ("has a wrong signature, or one with an RSA key under 2048 bits".to_owned(), Advice::Operator),
        UnsupportedSignatureAlgorithmContext { .. } | UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            ("is signed in a way that is not accepted, as SHA-1 is not".to_owned(), Advice::Operator)
        }
        InvalidPurpose | InvalidPurposeContext { .. } => ("is not meant for servers".to_owned(), Advice::Operator),
        Other(other) => match other.0.downcast_ref() {
            Some(webpki::Error::CaUsedAsEndEntity) => {
                ("is an authority's own (CA:TRUE), which identifies no host".to_owned(), Advice::Operator)
            }
            Some(webpki::Error::NameConstraintViolation) => {
                ("names a host that its authority may not sign for".to_owned(), Advice::Operator)
            }
            Some(webpki::Error::EndEntityUsedAsCa | webpki::Error::PathLenConstraintViolated) => {
                ("was signed with a certificate that may not sign it".to_owned(), Advice::Operator)
            }
            _ => (format!("cannot be verified ({other})"), Advice::Operator),
        },
        error => (format!("cannot be verified ({error})"), Advice::Operator),
    };
    (format!("{peer}'s certificate {fault}"), advice)
}

fn refusal(alert: AlertDescription, peer: &str) -> (String, Advice) {
    let cause = match alert {
        AlertDescription::ProtocolVersion => return old(peer),
        AlertDescription::NoApplicationProtocol => return other_protocol(peer),
        AlertDescription::CertificateRequired => {
            format!("{peer} requires a client certificate, which this library does not have")
        }
        AlertDescription::HandshakeFailure => format!(
            "{peer} refused the handshake: it has no way of encryption in common with this library, or requires a \
             client certificate"
        ),
        AlertDescription::UnrecognisedName => format!("{peer} does not know this host name"),
        alert => format!("{peer} refused the connection (TLS alert {alert:?})"),
    };
    (cause, Advice::Operator)
}

fn old(peer: &str) -> (String, Advice) {
    (format!("{peer} supports neither TLS 1.2 nor TLS 1.3"), Advice::Operator)
}

fn other_protocol(peer: &str) -> (String, Advice) {
    (format!("{peer} does not speak HTTP/1.1 on this port"), Advice::Url)
}

fn it_is(time: &UnixTime) -> String {
    format!("by this machine's clock it is {}", at(time))
}

fn at(time: &UnixTime) -> String {
    let time = i64::try_from(time.as_secs()).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.map_or_else(|| "an unknown time".to_owned(), |time| time.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

/// The first host that a certificate names. webpki writes DnsName("www.etrade.com") or IpAddress(192.0.2.1).
fn first_name(presented: &[String]) -> String {
    let first = presented.first().and_then(|first| first.split_once('('));
    let name = first.map_or("", |(_, name)| name.trim_end_matches(')').trim_matches('"'));
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:*_".contains(&byte);
    if name.is_empty() || name.len() > 253 || !name.bytes().all(is_plain) {
        return String::new();
    }
    match presented.len() - 1 {
        0 => format!(": {name}"),
        more => format!(": {name} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_hosts() {
        let first = |names: &[&str]| first_name(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
        assert_eq!(first(&[r#"DnsName("a.test")"#]), ": a.test");
        assert_eq!(first(&["IpAddress(::1)", r#"DnsName("a.test")"#, "DirectoryName"]), ": ::1 and 2 more");
        for odd in ["DirectoryName", "DnsName(\"a.test\nanother line\")", r#"DnsName("")"#] {
            assert_eq!(first(&[odd]), "", "{odd}");
        }
    }

    #[test]
    fn times_that_no_calendar_has() {
        assert_eq!(at(&UnixTime::since_unix_epoch(std::time::Duration::from_secs(u64::MAX))), "an unknown time");
    }
}
