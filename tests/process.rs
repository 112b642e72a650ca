//! The process around the library: its environment, descriptors, stacks and rights, and the tools that look at it.

mod support;

#[path = "support/ears.rs"]
mod ears;

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use ears::{Came, Ears};
use support::{BOTH, Linkage, Sandbox, artefacts, c_compiler, compile, has, link, root, run, shared_library};

/// A user and a group without rights.
const NOBODY: &str = "65534";

/// A directory that everybody can read, and that ends with the test.
struct Public(PathBuf);

impl Public {
    fn new() -> Public {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("etoauth-public-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Public(path)
    }

    fn copy(&self, program: &Path, name: &str, mode: u32) -> PathBuf {
        let copy = self.0.join(name);
        fs::copy(program, &copy).unwrap();
        fs::set_permissions(&copy, fs::Permissions::from_mode(mode)).unwrap();
        copy
    }
}

impl Drop for Public {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn as_nobody(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]).arg(program);
    command.env_clear();
    command
}

/// The environment of such a program is its caller's, who has fewer rights.
#[test]
fn case_d3_a_set_user_id_program() {
    if fs::metadata("/proc/self").unwrap().uid() != 0 || !has("setpriv") {
        println!("SKIPPED: only root can make a set-user-ID program of another user's");
        return;
    }
    let public = Public::new();
    let id = String::from_utf8(Command::new("sh").args(["-c", "command -v id"]).output().unwrap().stdout).unwrap();
    let id = public.copy(Path::new(id.trim()), "id", 0o4755);
    if as_nobody(&id).arg("-u").output().unwrap().stdout != b"0\n" {
        println!("SKIPPED: the system ignores the set-user-ID bit here");
        return;
    }
    let program = compile("process_environment", Linkage::Static);
    let ears = Ears::open();
    let sandbox = Sandbox::start(&[]);
    let ca_file = public.copy(Path::new(sandbox.fact("ca_file")), "ca.pem", 0o644);
    for (name, mode, obeys) in [("plain", 0o755, true), ("set-user-id", 0o4755, false), ("set-group-id", 0o2755, false)]
    {
        let copy = public.copy(&program, name, mode);
        let mut command = as_nobody(&copy);
        command.arg(format!("https://localhost:{}/", ears.port));
        command.env("HTTPS_PROXY", format!("http://127.0.0.1:{}", ears.proxy_port));
        run(&mut command);
        assert_eq!(ears.heard(), [if obeys { Came::Proxy } else { Came::Direct }], "{name}");

        let mut command = as_nobody(&copy);
        let said = run(command.arg(sandbox.fact("tls_url")).env("SSL_CERT_FILE", &ca_file));
        // The sandbox answers, though not with a token; or its certificate is refused.
        assert_eq!(said.starts_with("-41 "), !obeys, "{name}: {said}");
    }
}

#[test]
fn case_d4_few_descriptors() {
    for linkage in BOTH {
        let sandbox = Sandbox::start(&[]);
        let mut command = sandbox.command(&compile("few_descriptors", linkage));
        command.env("SSL_CERT_FILE", sandbox.fact("ca_file")).env_remove("SSL_CERT_DIR");
        assert_eq!(run(&mut command), "it was said\n");
    }
}

#[test]
fn case_d8_an_environment_that_changes() {
    for linkage in BOTH {
        let sandbox = Sandbox::start(&[]);
        assert_eq!(run(&mut sandbox.command(&c11("changing_environment", linkage))), "nobody asked\n");
    }
}

/// For the few programs that need atomics.
fn c11(name: &str, linkage: Linkage) -> PathBuf {
    let mut cc = c_compiler();
    cc.args(["-std=c11", "-Wall", "-Wextra", "-pedantic", "-Werror", "-Wno-unused-function", "-g"]);
    cc.arg(root().join(format!("tests/c/{name}.c")));
    link(cc, name, linkage)
}

/// The suppressions that are installed leave nothing to report.
#[test]
fn case_d11_under_valgrind() {
    if !has("valgrind") {
        return;
    }
    for linkage in BOTH {
        let sandbox = Sandbox::start(&[]);
        let program = compile("one_login", linkage);
        let mut command = sandbox.command(Path::new("valgrind"));
        command.args(["-q", "--fair-sched=try", "--error-exitcode=99", "--num-callers=100", "--leak-check=full"]);
        command.args(["--show-leak-kinds=all", "--errors-for-leak-kinds=all"]);
        command.arg(format!("--suppressions={}", root().join("packaging/etoauth.supp").display()));
        assert_eq!(run(command.arg(program)), "one call\n");
    }
}

/// A host that is instrumented, with a library that is not.
#[test]
fn case_d12_under_thread_sanitizer() {
    let library = shared_library();
    let programs = library.parent().unwrap().parent().unwrap();
    let flags = ["-std=c99", "-g", "-fsanitize=thread"];
    let probe = programs.join(format!("tsan-probe-{}-0", std::process::id()));
    let source = programs.join("tsan-probe.c");
    fs::write(&source, "int main(void) { return 0; }\n").unwrap();
    let built = c_compiler().args(flags).arg(&source).arg("-o").arg(&probe).output().unwrap().status.success();
    // Its shadow memory does not fit every layout of the address space.
    let mut fixed = Command::new("setarch");
    if !built || !has("setarch") || !fixed.arg("-R").arg(&probe).output().unwrap().status.success() {
        println!("SKIPPED: the C compiler has no ThreadSanitizer that works here");
        return;
    }
    let options = format!("suppressions={}", root().join("packaging/etoauth.tsan.supp").display());
    for (name, says) in [("one_login", "one call\n"), ("threads", "")] {
        let mut cc = c_compiler();
        cc.args(flags).arg(root().join(format!("tests/c/{name}.c")));
        let program = link(cc, name, Linkage::Shared);
        let sandbox = Sandbox::start(&[]);
        let mut command = sandbox.command(Path::new("setarch"));
        let said = run(command.arg("-R").arg(program).env("TSAN_OPTIONS", &options));
        assert!(said.ends_with(says), "{said}");
    }
}

/// As docs/embedding.md promises. Without optimization the library needs more.
#[test]
fn case_d13_small_stacks() {
    let optimized = artefacts().ends_with("release");
    let (network, signing, more) = if optimized { ("64", "16", "72") } else { ("512", "64", "512") };
    let server = has("openssl").then(LargeKeys::serve);
    for linkage in BOTH {
        let sandbox = Sandbox::start(&[]);
        let mut command = sandbox.command(&compile("stacks", linkage));
        command.args([network, signing, more]);
        if let Some(server) = &server {
            command.arg(&server.url).arg(server.directory.0.join("ca.pem"));
        }
        assert_eq!(run(&mut command), "small stacks were enough\n");
    }
}

/// A server with RSA keys of 4096 bits. It ends with this value.
struct LargeKeys {
    server: Child,
    url: String,
    directory: Public,
}

impl LargeKeys {
    fn serve() -> LargeKeys {
        let directory = Public::new();
        fs::write(directory.0.join("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n").unwrap();
        let openssl = |arguments: &str| {
            let mut openssl = Command::new("openssl");
            openssl.current_dir(&directory.0).args(arguments.split(' ')).stderr(Stdio::null());
            openssl
        };
        for arguments in [
            "req -x509 -newkey rsa:4096 -nodes -keyout ca.key -out ca.pem -subj /CN=ca -days 30",
            "req -newkey rsa:4096 -nodes -keyout leaf.key -out leaf.csr -subj /CN=localhost",
            "x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out leaf.pem -days 30 -extfile names",
        ] {
            assert!(openssl(arguments).status().unwrap().success(), "openssl {arguments}");
        }
        let mut server = openssl("s_server -accept 127.0.0.1:0 -cert leaf.pem -key leaf.key -www");
        let mut server = server.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines().map(Result::unwrap);
        let port = lines.find_map(|line| Some(line.strip_prefix("ACCEPT ")?.rsplit_once(':')?.1.to_owned())).unwrap();
        thread::spawn(move || lines.for_each(drop));
        LargeKeys { server, url: format!("https://localhost:{port}"), directory }
    }
}

impl Drop for LargeKeys {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
