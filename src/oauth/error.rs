//! What can be wrong with a signing request.

/// `Copy` and free of owned text, so that a signature that fails allocates nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The URL can't be sent as it stands.
    Url(&'static str),
    /// The method can't be signed.
    Method(&'static str),
    /// The form body is not form-encoded.
    Form(&'static str),
    /// The caller's nonce is not 1 to 64 unreserved characters.
    Nonce,
    /// The timestamp is not a positive number of seconds (RFC 5849 section 3.3).
    Timestamp,
    /// The buffer is smaller than the bound, which is given.
    Buffer(usize),
    /// The operating system gave no random bytes.
    Random,
    /// No memory for the list of parameters.
    Memory,
}
