//! A complete response to an API call.

use crate::etrade::{Advice, Reply};

pub struct Response {
    reply: Reply,
    pub advice: Advice,
    /// How often the request was sent to get it.
    pub attempts: u32,
    /// In seconds; 0 if the server asked for no wait.
    pub retry_after: u64,
}

impl Response {
    pub fn new(reply: Reply, advice: Advice, attempts: u32, retry_after: u64) -> Response {
        Response { reply, advice, attempts, retry_after }
    }

    pub fn status(&self) -> u16 {
        self.reply.status
    }

    /// All values of a header, as one line (RFC 9110 section 5.3).
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self.reply.header(name).collect();
        if values.is_empty() { None } else { Some(values.join(", ")) }
    }

    pub fn body(&self) -> &[u8] {
        &self.reply.body
    }
}
