//! A complete HTTP response, whoever fetched it.

use std::io::{ErrorKind, Read};

use flate2::read::MultiGzDecoder;
use zeroize::Zeroizing;

/// The largest body, in bytes, as received and as decoded.
pub const LARGEST_BODY: usize = 16 << 20;
/// What a body begins with, in bytes. Any reply with a token fits, so none is copied in growing and left behind unwiped;
/// more would cost each call the time to wipe it.
pub const FIRST_CAPACITY: usize = 1024;

pub struct Reply {
    pub status: u16,
    headers: Vec<(String, String)>,
    /// Decoded if it came compressed. Wiped when dropped: a token reply holds secrets.
    pub body: Zeroizing<Vec<u8>>,
    /// Why the body could not be decoded; it is then as it came.
    pub defect: Option<Defect>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// Compressed, and damaged or cut.
    Damaged,
    /// Larger than `LARGEST_BODY` once decoded.
    TooLarge,
    /// There is no memory for it.
    Memory,
}

impl Reply {
    /// `headers` are "Name: value" lines. Of several blocks, each with its status line, the last one counts: those before
    /// it belong to interim responses.
    pub fn new(status: u16, headers: &str, body: &[u8]) -> Reply {
        let lines = headers.lines().collect::<Vec<_>>();
        let block = lines.iter().rposition(|line| line.starts_with("HTTP/")).unwrap_or(0);
        let pairs = lines[block..].iter().filter_map(|line| line.split_once(':'));
        let headers = pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect();
        let mut copy = Zeroizing::new(Vec::new());
        if copy.try_reserve_exact(body.len()).is_err() {
            return Reply { status, headers, body: copy, defect: Some(Defect::Memory) };
        }
        copy.extend_from_slice(body);
        Reply::from_parts(status, headers, copy)
    }

    /// Whether the body is compressed is told by its first bytes: HTTP stacks that decode it leave Content-Encoding in
    /// place, and servers forget to send it.
    pub fn from_parts(status: u16, headers: Vec<(String, String)>, body: Zeroizing<Vec<u8>>) -> Reply {
        const GZIP: [u8; 3] = [0x1f, 0x8b, 8];
        if !body.starts_with(&GZIP) {
            return Reply { status, headers, body, defect: None };
        }
        match decompress(&body) {
            Ok(decoded) => Reply { status, headers, body: decoded, defect: None },
            Err(defect) => Reply { status, headers, body, defect: Some(defect) },
        }
    }

    /// All values of a header, its name in any case.
    pub fn header(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the body can be read as text, the empty one included. Text has no control characters, and is UTF-8 or
    /// mostly ASCII.
    pub fn is_text(&self) -> bool {
        let control = |byte: &u8| matches!(byte, 0..=8 | 14..=31 | 127);
        let foreign = self.body.iter().filter(|byte| !byte.is_ascii()).count();
        self.defect.is_none()
            && !self.body.iter().any(control)
            && (foreign <= self.body.len() / 4 || std::str::from_utf8(&self.body).is_ok())
    }

    /// Whether the body is a page for a person, such as that of a maintenance or a content delivery network.
    pub fn is_page(&self) -> bool {
        let head = String::from_utf8_lossy(&self.body[..self.body.len().min(4096)]).to_ascii_lowercase();
        ["<html", "<!doctype html", "<head>", "<body", "<title>"].iter().any(|tag| head.contains(tag))
    }
}

/// Kept out of its caller, since the decoder's state of 48 KiB is made on the stack: most answers need none.
#[inline(never)]
fn decompress(body: &[u8]) -> Result<Zeroizing<Vec<u8>>, Defect> {
    let mut decoded = Zeroizing::new(Vec::with_capacity(FIRST_CAPACITY));
    // Read straight into its place: a buffer in between would have to be wiped as well, byte by byte.
    match MultiGzDecoder::new(body).take(LARGEST_BODY as u64 + 1).read_to_end(&mut decoded) {
        Ok(_) if decoded.len() > LARGEST_BODY => Err(Defect::TooLarge),
        Ok(_) => Ok(decoded),
        Err(error) => Err(defect_of(error.kind())),
    }
}

/// `read_to_end` says so if its memory cannot grow. All else is the decoder's.
fn defect_of(kind: ErrorKind) -> Defect {
    if kind == ErrorKind::OutOfMemory { Defect::Memory } else { Defect::Damaged }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_compressed_body_is_decoded_by_its_first_bytes() {
        let whole = gzip(b"oauth_problem=nonce_used");
        let reply = Reply::new(401, "Content-Encoding: br", &whole);
        assert_eq!(&**reply.body, b"oauth_problem=nonce_used");
        assert!(reply.is_text());
        for end in 3..whole.len() {
            let cut = Reply::new(401, "", &whole[..end]);
            assert_eq!(cut.defect, Some(Defect::Damaged));
            assert!(!cut.is_text());
        }
        assert_eq!(Reply::new(200, "Content-Encoding: gzip", b"{}").defect, None, "it was decoded already");
    }

    #[test]
    fn what_is_decoded_is_bounded() {
        assert_eq!(Reply::new(200, "", &gzip(&vec![b'x'; LARGEST_BODY])).body.len(), LARGEST_BODY);
        assert_eq!(Reply::new(200, "", &gzip(&vec![b'x'; LARGEST_BODY + 1])).defect, Some(Defect::TooLarge));
    }

    #[test]
    fn text_and_pages() {
        let text = |body: &[u8]| Reply::new(401, "", body).is_text();
        assert!(text(b"") && text(b"a\r\n\tb") && text("\u{feff}Ünauthörized".as_bytes()));
        assert!(text(b"<html>Acc\xe8s refus\xe9</html>"), "Latin-1");
        assert!(!text(b"a\0b") && !text(b"\x8b\xca\x4f\x2c\xc9") && !text(&[0xff; 9]));
        let page = |body: &[u8]| Reply::new(200, "", body).is_page();
        assert!(page(b"\r\n<!DOCTYPE HTML><HTML>") && page("\u{feff}<html lang=en>".as_bytes()));
        assert!(!page(b"Access Token has been renewed") && !page(b"<Response>ok</Response>") && !page(b""));
    }
    #[test]
    fn no_memory_is_no_damage() {
        assert_eq!(defect_of(ErrorKind::OutOfMemory), Defect::Memory);
        for kind in [ErrorKind::UnexpectedEof, ErrorKind::InvalidInput, ErrorKind::InvalidData, ErrorKind::Other] {
            assert_eq!(defect_of(kind), Defect::Damaged);
        }
    }
}
