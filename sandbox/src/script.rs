//! What a connection does when a fault takes it out of the server's hands.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::response::Response;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use crate::fault::{Break, When};

/// Bytes to write, and how to end.
#[derive(Debug)]
pub struct Script {
    bytes: Vec<u8>,
    pace: Option<Duration>,
    ending: Ending,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Break(Break),
    /// Closed as a well-behaved server does it, TLS included.
    Finish,
    /// The server serves on.
    Continue,
    /// TLS begins.
    Tunnel,
}

/// What becomes of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    Serve,
    Tunnel,
    End,
}

/// How the answer's length is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Length,
    Chunked,
    Close,
}

impl Script {
    /// Nothing more is said.
    pub fn silent(how: Break) -> Self {
        Self { bytes: Vec::new(), pace: None, ending: Ending::Break(how) }
    }

    /// The answer comes as far as `when` says.
    pub async fn broken(answer: Response, when: When, how: Break) -> Self {
        let framing = if when == When::Chunked { Framing::Chunked } else { Framing::Length };
        let (head, body) = render(answer, framing).await;
        let half = body.len() / 2;
        let bytes = match when {
            When::Accept | When::Before | When::After => Vec::new(),
            When::Headers => head[..head.len() / 2].to_vec(),
            When::Body => [&head, &body[..half]].concat(),
            When::Chunked => {
                // One whole chunk, then a chunk that promises more than comes.
                let first = format!("{half:x}\r\n");
                let second = format!("\r\n{:x}\r\n", body.len() - half + 1);
                [&head, first.as_bytes(), &body[..half], second.as_bytes(), &body[half..]].concat()
            }
            When::Idle | When::Next => [head.as_slice(), &body].concat(),
        };
        let ending = match (when, how) {
            (When::Idle, Break::Close) => Ending::Finish,
            _ => Ending::Break(how),
        };
        Self { bytes, pace: None, ending }
    }

    pub async fn slow(answer: Response, pace: Duration) -> Self {
        let (head, body) = render(answer, Framing::Length).await;
        let bytes = [head.as_slice(), &body].concat();
        Self { bytes, pace: Some(pace), ending: Ending::Continue }
    }

    pub async fn close_delimited(answer: Response) -> Self {
        let (head, body) = render(answer, Framing::Close).await;
        let bytes = [head.as_slice(), &body].concat();
        Self { bytes, pace: None, ending: Ending::Finish }
    }

    /// The proxy's answer to CONNECT.
    pub fn tunnel() -> Self {
        let bytes = b"HTTP/1.1 200 Connection established\r\n\r\n".to_vec();
        Self { bytes, pace: None, ending: Ending::Tunnel }
    }

    pub fn garbage() -> Self {
        let bytes = b"\x00\x01This is no HTTP.\xff\xfe\r\n\r\n".to_vec();
        Self { bytes, pace: None, ending: Ending::Finish }
    }

    /// Plays the script; says how the connection goes on.
    pub async fn play<S: Stream>(self, stream: &mut S) -> std::io::Result<Next> {
        match self.pace {
            None => stream.write_all(&self.bytes).await?,
            Some(pace) => {
                for byte in self.bytes {
                    stream.write_all(&[byte]).await?;
                    stream.flush().await?;
                    tokio::time::sleep(pace).await;
                }
            }
        }
        stream.flush().await?;
        match self.ending {
            Ending::Continue => return Ok(Next::Serve),
            Ending::Tunnel => return Ok(Next::Tunnel),
            Ending::Finish => stream.shutdown().await?,
            Ending::Break(how) => how.play(stream).await?,
        }
        Ok(Next::End)
    }
}

impl Break {
    /// Leaves the stream ready to be dropped.
    pub async fn play<S: Stream>(self, stream: &mut S) -> std::io::Result<()> {
        match self {
            Self::Close => {}
            Self::Reset => stream.tcp().set_zero_linger()?,
            Self::Stall => {
                let mut ignored = [0; 4096];
                while stream.read(&mut ignored).await? > 0 {}
            }
        }
        Ok(())
    }
}

/// Head and body as they go over the wire; a body in chunks is left to the caller.
async fn render(answer: Response, framing: Framing) -> (Vec<u8>, Bytes) {
    let (mut parts, body) = answer.into_parts();
    let body = to_bytes(Body::new(body), usize::MAX).await.unwrap_or_default();
    match framing {
        Framing::Length => {
            // An answer to HEAD tells a length and has no body.
            parts.headers.entry(CONTENT_LENGTH).or_insert(body.len().into());
        }
        Framing::Chunked => {
            parts.headers.remove(CONTENT_LENGTH);
            parts.headers.insert(TRANSFER_ENCODING, "chunked".parse().expect("a plain word"));
        }
        Framing::Close => {
            parts.headers.remove(CONTENT_LENGTH);
        }
    }
    let version = if framing == Framing::Close { "HTTP/1.0" } else { "HTTP/1.1" };
    let mut head = format!("{version} {}\r\n", parts.status).into_bytes();
    for (name, value) in &parts.headers {
        head.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    head.extend(b"\r\n");
    (head, body)
}

/// A connection with or without TLS.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    fn tcp(&self) -> &TcpStream;
}

impl Stream for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Stream for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}
