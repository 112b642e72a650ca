//! What a client takes from the environment of its process. It is read once, when the client is made: the C library lets
//! no thread read the environment while another changes it.

use std::env;
use std::ffi::OsString;
#[cfg(all(unix, not(any(target_vendor = "apple", target_os = "android"))))]
use std::path::PathBuf;

/// A variable that was set, by the name under which it was found.
#[derive(Clone, Debug)]
pub struct Variable {
    pub name: &'static str,
    pub value: OsString,
}

#[derive(Clone, Debug, Default)]
pub struct ProcessEnvironment {
    /// The URL of a proxy for https.
    pub proxy: Option<Variable>,
    /// The hosts that are reached without it.
    pub no_proxy: Option<Variable>,
    /// Elsewhere the system itself knows whom to trust.
    #[cfg(all(unix, not(any(target_vendor = "apple", target_os = "android"))))]
    pub roots: RootPaths,
}

/// Where the CA certificates are, in place of the system's usual files and directories.
#[cfg(all(unix, not(any(target_vendor = "apple", target_os = "android"))))]
#[derive(Clone, Debug, Default)]
pub struct RootPaths {
    pub file: Option<PathBuf>,
    pub directories: Vec<PathBuf>,
}

impl ProcessEnvironment {
    /// Reads the variables that curl and OpenSSL read, in curl's order. A program that acts with more rights than the
    /// user who started it takes none of them: they are that user's words.
    pub fn read(privileged: bool) -> ProcessEnvironment {
        if privileged {
            return ProcessEnvironment::default();
        }
        ProcessEnvironment {
            proxy: first(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]),
            no_proxy: first(&["no_proxy", "NO_PROXY"]),
            #[cfg(all(unix, not(any(target_vendor = "apple", target_os = "android"))))]
            roots: RootPaths::read(),
        }
    }
}

#[cfg(all(unix, not(any(target_vendor = "apple", target_os = "android"))))]
impl RootPaths {
    fn read() -> RootPaths {
        let directories = first(&["SSL_CERT_DIR"]).map_or_else(Vec::new, |variable| {
            env::split_paths(&variable.value).filter(|path| !path.as_os_str().is_empty()).collect()
        });
        RootPaths { file: first(&["SSL_CERT_FILE"]).map(|variable| variable.value.into()), directories }
    }

    pub fn is_empty(&self) -> bool {
        self.file.is_none() && self.directories.is_empty()
    }
}

/// The first that is set. An empty value counts as unset.
fn first(names: &[&'static str]) -> Option<Variable> {
    names.iter().find_map(|&name| {
        let value = env::var_os(name).filter(|value| !value.is_empty())?;
        Some(Variable { name, value })
    })
}
