//! One request, signed again and again.

use std::sync::Arc;

use super::{Error, Output, Request, Signer, Stamp};

pub struct Prepared {
    signer: Arc<Signer>,
    method: String,
    url: String,
}

impl Prepared {
    pub fn new(signer: Arc<Signer>, method: &str, url: &str) -> Result<Prepared, Error> {
        Request::new(method, url, None).check()?;
        Ok(Prepared { signer, method: method.to_owned(), url: url.to_owned() })
    }

    pub fn bound(&self) -> usize {
        self.signer.bound()
    }

    pub fn sign(&self, stamp: &Stamp, output: &mut Output) -> Result<(), Error> {
        self.signer.sign(&Request::new(&self.method, &self.url, None), stamp, output)
    }
}
