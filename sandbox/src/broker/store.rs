//! The file in which persons are kept.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::broker::person::Person;

#[derive(Debug)]
pub struct Store {
    path: PathBuf,
}

#[derive(Deserialize)]
pub struct Saved {
    pub seed: u64,
    pub persons: BTreeMap<String, Person>,
}

#[derive(Serialize)]
struct Saving<'a> {
    seed: u64,
    persons: &'a BTreeMap<String, Person>,
}

impl Store {
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// None if there is no file yet.
    pub fn load(&self) -> Result<Option<Saved>, Box<dyn Error>> {
        let text = match std::fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("{}: {error}", self.path.display()).into()),
        };
        let saved = serde_json::from_slice(&text);
        Ok(Some(saved.map_err(|error| format!("{} is no state of a sandbox: {error}", self.path.display()))?))
    }

    /// Writes a first state, so that a path that can't be written is found at the start.
    pub fn begin(&self, seed: u64) -> Result<(), Box<dyn Error>> {
        let written = self.write(&Saving { seed, persons: &BTreeMap::new() });
        written.map_err(|error| format!("{} cannot be written: {error}", self.path.display()).into())
    }

    /// Replaces the file as a whole. A failure is told, and the call goes on.
    pub fn save(&self, seed: u64, persons: &BTreeMap<String, Person>) {
        if let Err(error) = self.write(&Saving { seed, persons }) {
            eprintln!("etoauth-sandbox: {} was not written: {error}", self.path.display());
        }
    }

    fn write(&self, state: &Saving) -> io::Result<()> {
        let directory = self.path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = NamedTempFile::new_in(directory)?;
        let mut writer = BufWriter::new(file);
        serde_json::to_writer(&mut writer, state)?;
        writer.flush()?;
        writer.into_inner().map_err(io::IntoInnerError::into_error)?.persist(&self.path)?;
        Ok(())
    }
}
