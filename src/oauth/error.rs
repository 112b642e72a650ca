//! What can be wrong with a signing request.

/// `Copy` and free of owned text, so that a signature that fails allocates nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The URL cannot be sent as it is.
    Url(&'static str),
    /// The method cannot be signed.
    Method(&'static str),
    /// The form body is not form-encoded.
    Form(&'static str),
    /// The caller's nonce is not 1 to 64 unreserved characters.
    Nonce,
    /// The timestamp is not a positive number of seconds (RFC 5849 section 3.3).
    Timestamp,
    /// The buffer is smaller than this bound.
    Buffer(usize),
    /// The operating system provided no random bytes.
    Random,
    /// There is no memory for the list of parameters.
    Memory,
}
