//! The examples with an event loop: fifty calls on one thread, one of them an order, against a sandbox with faults.

mod support;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::{
    BOTH, Linkage, STRICT, STRICT_CPP, Sandbox, artefacts, c_compiler, cpp_compiler, left_out, link, root, run,
};

const ORDER: &str = "/v1/accounts/sandboxAccount1/orders/place";
const QUOTE: &str = "/v1/market/quote/";
const RENEW: &str = "/oauth/renew_access_token";
const CODE: [&str; 2] = ["--code", "SBX42"];
/// Longer than any program takes: each of its calls has thirty seconds.
const PATIENCE: Duration = Duration::from_secs(90);

fn example(name: &str) -> PathBuf {
    root().join("examples-c").join(name)
}

/// Whether the compiler finds the headers and defines this macro. What needs them is left out otherwise, but not in CI.
fn has_headers(mut compiler: Command, language: &str, headers: &[&str], defined: &str) -> bool {
    for header in headers {
        compiler.args(["-include", header]);
    }
    let probe = compiler.args(["-E", "-dM", "-x", language, "/dev/null"]).output().unwrap();
    let found =
        probe.status.success() && String::from_utf8_lossy(&probe.stdout).contains(&format!("#define {defined} "));
    if !found {
        left_out(&headers.join(", "));
    }
    found
}

fn with_libcurl(linkage: Linkage) -> Option<PathBuf> {
    has_headers(c_compiler(), "c", &["curl/curl.h", "curl/header.h"], "CURL_PREREQFUNC_OK").then(|| {
        let mut cc = c_compiler();
        cc.args(STRICT).arg(example("05_event_loop.c")).arg("-lcurl");
        link(cc, "05_event_loop", linkage)
    })
}

/// Compiled once, since that takes a while.
fn with_asio(linkage: Linkage) -> Option<PathBuf> {
    static OBJECT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let object = OBJECT.get_or_init(|| {
        let mut compiler = cpp_compiler()?;
        compiler.args(STRICT_CPP).args(["-std=c++20", "-g0"]);
        let mut probe = cpp_compiler()?;
        probe.arg("-std=c++20");
        let headers = ["boost/asio/detail/config.hpp", "boost/beast/version.hpp", "openssl/ssl.h"];
        has_headers(probe, "c++", &headers, "BOOST_ASIO_HAS_CO_AWAIT").then(|| {
            let object = artefacts().join(format!("06_asio-{}.o", std::process::id()));
            compiler.arg("-I").arg(root().join("include")).arg("-c").arg(example("06_asio.cpp"));
            run(compiler.arg("-o").arg(&object));
            object
        })
    });
    let mut compiler = cpp_compiler()?;
    compiler.arg(object.as_ref()?).args(["-lssl", "-lcrypto"]);
    Some(link(compiler, "06_asio", linkage))
}

/// Those that can be built here, with the shared library.
fn event_loops() -> &'static [PathBuf] {
    static PROGRAMS: OnceLock<Vec<PathBuf>> = OnceLock::new();
    PROGRAMS.get_or_init(|| [with_libcurl, with_asio].into_iter().filter_map(|build| build(Linkage::Shared)).collect())
}

/// A program that runs against a sandbox.
struct Scene {
    sandbox: Sandbox,
    child: Child,
    lines: Receiver<String>,
    said: Vec<String>,
}

impl Scene {
    fn start(program: &Path, arguments: &[&str], faults: &[&str]) -> Scene {
        let faults = faults.iter().flat_map(|fault| ["--fault", fault]);
        let sandbox = Sandbox::start(&CODE.into_iter().chain(faults).collect::<Vec<_>>());
        let mut command = Command::new(program);
        command.args(arguments).env("ETOAUTH_SANDBOX_CODE", CODE[1]);
        command.env("ETOAUTH_SANDBOX_TLS_URL", sandbox.fact("tls_url"));
        command.env("ETOAUTH_SANDBOX_CA_FILE", sandbox.fact("ca_file"));
        command.env("ETOAUTH_SANDBOX_KEY", sandbox.fact("consumer_key"));
        command.env("ETOAUTH_SANDBOX_SECRET", sandbox.fact("consumer_secret"));
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Scene { sandbox, child, lines, said: Vec::new() }
    }

    /// Fifty calls that the server holds, and a token that is idle now.
    fn idle(program: &Path) -> Scene {
        let scene = Scene::start(program, &[], &["kind=hold&on=/v1&times=50"]);
        scene.held(50);
        scene.sandbox.admin("expire?what=idle");
        scene
    }

    /// Waits until the server's counters are so.
    fn wait(&self, until: impl Fn(&Value) -> bool) {
        let begun = Instant::now();
        while !until(&self.sandbox.admin("state")) {
            let said = || self.lines.try_iter().collect::<Vec<_>>();
            assert!(begun.elapsed() < PATIENCE, "the server waits in vain: {:#?}", said());
        }
    }

    /// Waits until the server holds so many requests.
    fn held(&self, requests: u64) {
        self.wait(|state| state["held"] == requests);
    }

    /// Takes the program's next line, unless the program has ended.
    fn listen(&mut self) -> bool {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => self.said.push(line),
            Err(RecvTimeoutError::Disconnected) => return false,
            Err(RecvTimeoutError::Timeout) => panic!("the program does not end: {:#?}", self.said),
        }
        true
    }

    /// Waits until the program reports the end of a call with these words.
    fn until(&mut self, words: &[&str]) {
        while !self.said(words) {
            assert!(self.listen(), "{words:?} is missing in {:#?}", self.said);
        }
    }

    fn said(&self, words: &[&str]) -> bool {
        self.said.iter().any(|line| words.iter().all(|word| line.contains(word)))
    }

    /// How many calls have ended in these words.
    fn count(&self, words: &str) -> usize {
        self.said.iter().filter(|line| line.contains(words)).count()
    }

    /// Waits for the program's end; the server's counters.
    fn end(&mut self) -> Value {
        while self.listen() {}
        assert!(self.child.wait().unwrap().success() && self.said.len() == 50, "{:#?}", self.said);
        self.sandbox.admin("state")
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How often the server met a request for this path.
fn requests(state: &Value, path: &str) -> u64 {
    state["paths"][path].as_u64().unwrap_or(0)
}

/// How often it met each of the calls.
fn each(state: &Value) -> Vec<u64> {
    let paths = state["paths"].as_object().unwrap().iter();
    paths.filter(|(path, _)| path.starts_with("/v1/")).map(|(_, count)| count.as_u64().unwrap()).collect()
}

#[test]
fn fifty_idle_calls_cost_one_renewal() {
    for linkage in BOTH {
        for program in [with_libcurl, with_asio].into_iter().filter_map(|build| build(linkage)) {
            let mut scene = Scene::idle(&program);
            scene.sandbox.admin(&format!("fault?kind=hold&on={RENEW}"));
            scene.sandbox.admin("release");
            scene.wait(|state| state["refused"] == 50 && state["held"] == 51);
            scene.sandbox.admin("release");
            let state = scene.end();
            assert_eq!(scene.count("HTTP 200 -> nothing to do"), 50, "{:#?}", scene.said);
            assert_eq!((requests(&state, RENEW), state["renews"].as_u64()), (1, Some(1)));
            assert_eq!(each(&state), [2; 50], "{state:#}");
            assert_eq!((state["refused"].as_u64(), state["orders"].as_u64()), (Some(50), Some(1)));
        }
    }
}

#[test]
fn a_renewal_that_fails_is_shared() {
    for program in event_loops() {
        for (failure, words) in [
            ("expire?what=day", "ETOAUTH_E_LOGIN: "),
            ("fault?kind=status&http=503&on=/oauth/renew", "ETOAUTH_E_UNAVAILABLE: "),
        ] {
            let mut scene = Scene::idle(program);
            scene.sandbox.admin(failure);
            scene.sandbox.admin("release");
            let state = scene.end();
            let advice = if words.contains("LOGIN") { "-> log in again" } else { "-> wait, then try again" };
            assert_eq!((scene.count(words), scene.count(advice)), (50, 50), "{:#?}", scene.said);
            assert_eq!((requests(&state, RENEW), each(&state)), (1, vec![1; 50]), "{state:#}");
        }
    }
}

/// A fault that the order meets, the orders that are carried out, the requests for one, and the words at the end.
const FAULTS: [(&str, u64, u64, &str); 18] = [
    ("kind=drop&reset=1&when=before", 0, 1, "ETOAUTH_E_UNCERTAIN"),
    ("kind=drop&reset=1&when=after", 1, 1, "ETOAUTH_E_UNCERTAIN"),
    ("kind=drop&when=after", 1, 1, "ETOAUTH_E_UNCERTAIN"),
    ("kind=drop&when=headers", 1, 1, "ETOAUTH_E_UNCERTAIN"),
    ("kind=drop&when=body", 1, 1, "ETOAUTH_E_UNCERTAIN"),
    ("kind=drop&when=chunked", 1, 1, "ETOAUTH_E_UNCERTAIN"),
    ("kind=garbage", 1, 1, "ETOAUTH_E_UNCERTAIN"),
    ("kind=close_delimited", 1, 1, "ETOAUTH_E_UNCERTAIN"),
    ("kind=problem&code=token_expired&encoding=br", 0, 1, "ETOAUTH_E_UNCERTAIN"),
    ("kind=problem&code=token_expired&length=0", 0, 1, "ETOAUTH_E_UNCERTAIN"),
    ("kind=problem&code=nonce_used", 0, 1, "ETOAUTH_E_UNCERTAIN"),
    ("kind=status&http=503", 0, 1, "HTTP 503 -> list the orders before you repeat it"),
    ("kind=status&http=429&retry_after=9", 0, 1, "HTTP 429 -> wait, then try again"),
    ("kind=problem&code=signature_invalid", 0, 1, "ETOAUTH_E_SIGNATURE"),
    ("kind=problem&code=token_expired", 1, 2, "HTTP 200 -> nothing to do"),
    ("kind=problem&code=parameter_absent", 1, 2, "HTTP 200 -> nothing to do"),
    ("kind=slow&ms=1", 1, 1, "HTTP 200 -> nothing to do"),
    ("kind=redirect&to=/v1/echo", 0, 1, "HTTP 302"),
];

#[test]
fn an_order_is_carried_out_once_at_most() {
    for program in event_loops() {
        for (fault, orders, sent, words) in FAULTS {
            let mut scene = Scene::start(program, &[], &[&format!("on={ORDER}&{fault}")]);
            let state = scene.end();
            assert!(scene.said(&[ORDER, words]), "{fault}: {:#?}", scene.said);
            assert!(!words.ends_with("UNCERTAIN") || scene.said(&[ORDER, "-> list the orders"]), "{fault}");
            assert_eq!((state["orders"].as_u64(), requests(&state, ORDER)), (Some(orders), sent), "{fault}");
            let quotes = scene.said.iter().filter(|line| !line.contains(ORDER));
            assert!(
                quotes.clone().all(|line| line.ends_with("HTTP 200 -> nothing to do")),
                "{fault}: {:#?}",
                scene.said
            );
            assert_eq!(requests(&state, "/v1/echo"), 0);
        }
    }
}

/// A quote that is answered badly is the host's to repeat, and no other call notices.
#[test]
fn a_quote_may_be_asked_for_again() {
    for program in event_loops() {
        for (fault, words) in [
            ("kind=drop&when=after", "ETOAUTH_E_UNCERTAIN"),
            ("kind=drop&reset=1&when=body", "ETOAUTH_E_UNCERTAIN"),
            ("kind=status&http=503", "HTTP 503 -> wait, then try again"),
            ("kind=close_delimited", "HTTP 200 -> nothing to do"),
            ("kind=problem&code=nonce_used", "HTTP 200 -> nothing to do"),
        ] {
            let mut scene = Scene::start(program, &[], &[&format!("on={QUOTE}SYM33&{fault}")]);
            let state = scene.end();
            assert!(scene.said(&["SYM33 ended", words]), "{fault}: {:#?}", scene.said);
            assert!(!words.ends_with("UNCERTAIN") || scene.said(&["SYM33", "-> ask again"]), "{fault}");
            assert!(scene.count("HTTP 200 -> nothing to do") >= 49, "{fault}: {:#?}", scene.said);
            assert_eq!(state["orders"], 1);
        }
    }
}

#[test]
fn one_call_times_out_and_one_is_cancelled() {
    for program in event_loops() {
        let stall = |symbol: &str| format!("kind=stall&when=after&on={QUOTE}{symbol}");
        let hold = |path: &str| format!("kind=hold&on={path}");
        let other = format!("{QUOTE}SYM40");
        let faults: [&str; 4] = [&stall("SYM20"), &stall("SYM30"), &hold(&other), &hold(ORDER)];
        let mut scene = Scene::start(program, &["SYM20", "SYM30"], &faults);
        scene.wait(|state| each(state) == [1; 50]);
        scene.sandbox.admin(&format!("release?on={ORDER}"));
        scene.until(&["SYM30 was cancelled: ETOAUTH_E_UNCERTAIN", "-> ask again"]);
        scene.until(&["SYM20 timed out: ETOAUTH_E_UNCERTAIN", "-> ask again"]);
        // Another call is still under way.
        assert!(!scene.said(&["SYM40"]));
        assert_eq!(scene.sandbox.admin("release")["released"], 1);
        let state = scene.end();
        assert_eq!(scene.count("ended: ETOAUTH_OK: HTTP 200 -> nothing to do"), 48, "{:#?}", scene.said);
        assert_eq!(each(&state), [1; 50]);
    }
}

#[test]
fn an_order_times_out() {
    for program in event_loops() {
        for (fault, orders) in [("kind=stall&when=before", 0), ("kind=slow&ms=60000", 1)] {
            let mut scene = Scene::start(program, &["orders"], &[&format!("on={ORDER}&{fault}")]);
            let state = scene.end();
            assert!(scene.said(&[ORDER, "timed out: ETOAUTH_E_UNCERTAIN", "-> list the orders"]), "{:#?}", scene.said);
            assert_eq!((state["orders"].as_u64(), requests(&state, ORDER)), (Some(orders), 1), "{fault}");
            assert_eq!(scene.count("HTTP 200 -> nothing to do"), 49);
        }
    }
}

/// The order is the first to connect after the login, which needs one connection.
#[test]
fn what_never_left_is_not_uncertain() {
    for program in event_loops() {
        for (fault, how) in [("drop", "ended"), ("drop&reset=1", "ended"), ("stall", "timed out")] {
            let fault = format!("kind={fault}&when=accept&after=1");
            let mut scene = Scene::start(program, &["orders"], &[&fault]);
            let state = scene.end();
            let words = format!("{ORDER} {how}: ETOAUTH_E_CONNECT");
            assert!(scene.said(&[&words, "-> wait, then try again"]), "{fault}: {:#?}", scene.said);
            assert_eq!((state["orders"].as_u64(), requests(&state, ORDER)), (Some(0), 0));
            assert_eq!(scene.count("HTTP 200 -> nothing to do"), 49);
        }
    }
}

/// The server closes each connection when a second request comes. An order that is sent again after a renewal would be
/// sent a third time by an HTTP stack that tries it on a kept connection.
#[test]
fn an_order_is_not_sent_on_a_kept_connection() {
    for program in event_loops() {
        let order = format!("kind=problem&code=token_expired&on={ORDER}");
        let faults = [&order, "kind=drop&when=next&times=50&on=/v1/market", "kind=drop&when=next&on=/oauth/renew"];
        let mut scene = Scene::start(program, &[], &faults);
        let state = scene.end();
        assert!(scene.said(&[ORDER, "HTTP 200 -> nothing to do"]), "{:#?}", scene.said);
        assert_eq!((state["orders"].as_u64(), requests(&state, ORDER)), (Some(1), 2));
    }
}

/// A call that leads the renewal runs out of time, while another one waits for that renewal.
#[test]
fn a_renewal_that_is_given_up_is_led_by_another_call() {
    for program in event_loops() {
        let leader = format!("kind=problem&code=token_expired&on={QUOTE}SYM20");
        let follower = format!("kind=hold&on={QUOTE}SYM30");
        let mut scene =
            Scene::start(program, &["SYM20"], &[&leader, &follower, &format!("kind=stall&when=before&on={RENEW}")]);
        scene.held(1);
        scene.wait(|state| requests(state, RENEW) == 1);
        scene.sandbox.admin("expire?what=idle");
        scene.sandbox.admin("release");
        let state = scene.end();
        assert!(scene.said(&["SYM20 timed out: ETOAUTH_E_CANCELLED: not carried out"]), "{:#?}", scene.said);
        assert!(scene.said(&["SYM30 ended", "HTTP 200"]), "{:#?}", scene.said);
        let counts = (
            requests(&state, RENEW),
            requests(&state, &format!("{QUOTE}SYM20")),
            requests(&state, &format!("{QUOTE}SYM30")),
        );
        assert_eq!((counts, state["renews"].as_u64()), ((2, 1, 2), Some(1)));
    }
}
