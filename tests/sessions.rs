//! Sessions as text and in files: one client, many threads, several processes, some of which are killed.

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use support::{BOTH, Linkage, Sandbox, artefacts, compile, run};

/// A directory of one test's own, which ends with it unless it fails.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Scratch {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("scratch-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = artefacts().join("c-tests").join(name);
        fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("session")
    }

    /// Whatever was killed, no more than this lies beside the session.
    fn check_litter(&self) {
        for entry in fs::read_dir(&self.0).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(["session", "session.lock", "session.renew", "session.new"].contains(&&*name), "{name}");
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

#[test]
fn case_e5_text() {
    for linkage in BOTH {
        let sandbox = Sandbox::start(&[]);
        assert_eq!(run(&mut sandbox.command(&compile("sessions", linkage))), "every session was kept or refused\n");
    }
}

#[test]
fn file() {
    for linkage in BOTH {
        let (sandbox, scratch) = (Sandbox::start(&[]), Scratch::new());
        let program = compile("session_file", linkage);
        assert_eq!(run(sandbox.command(&program).arg(&scratch.0)), "every change was kept\n");
    }
}

#[test]
fn unsaved() {
    for linkage in BOTH {
        let (sandbox, scratch) = (Sandbox::start(&[]), Scratch::new());
        let directory = scratch.0.join("directory");
        fs::create_dir(&directory).unwrap();
        let program = compile("session_unsaved", linkage);
        assert_eq!(run(sandbox.command(&program).arg(&directory)), "nothing was lost with the file\n");
    }
}

#[test]
fn failures_are_logged_once() {
    for linkage in BOTH {
        let (sandbox, scratch) = (Sandbox::start(&[]), Scratch::new());
        let directory = scratch.0.join("directory");
        fs::create_dir(&directory).unwrap();
        let program = compile("session_logged", linkage);
        assert_eq!(run(sandbox.command(&program).arg(&directory)), "no failure was logged twice\n");
    }
}

/// What is left out tells so.
fn ends_with(told: &str, end: &str) {
    told.lines().filter(|line| line.starts_with("SKIPPED")).for_each(|line| println!("{line}"));
    assert!(told.ends_with(end), "{told}");
}

#[test]
fn case_c3_c6_c7_c8_c11_c12_strange_files() {
    let (sandbox, scratch) = (Sandbox::start(&[]), Scratch::new());
    let told = run(sandbox.command(&compile("session_strange", Linkage::Shared)).arg(&scratch.0));
    ends_with(&told, "no file led anywhere else\n");
}

#[test]
fn case_c2_c4_c5_held_locks() {
    let (sandbox, scratch) = (Sandbox::start(&[]), Scratch::new());
    let program = compile("session_held", Linkage::Shared);
    assert_eq!(run(sandbox.command(&program).arg(&scratch.0)), "no lock kept anyone\n");
    scratch.check_litter();
}

/// The child is forked within the C library's fsync, which a program replaces only with the library inside.
#[test]
fn case_c1_forked_while_a_lock_is_held() {
    let (sandbox, scratch) = (Sandbox::start(&[]), Scratch::new());
    let program = compile("session_forked", Linkage::Static);
    assert_eq!(run(sandbox.command(&program).arg(&scratch.0)), "no child had a lock\n");
    scratch.check_litter();
}

#[test]
fn one_renew_for_many_threads() {
    for linkage in BOTH {
        let sandbox = Sandbox::start(&[]);
        assert_eq!(run(&mut sandbox.command(&compile("one_renew", linkage))), "one renew served all\n");
    }
}

const RENEW: &str = "/oauth/renew_access_token";

fn renew_requests(sandbox: &Sandbox) -> u64 {
    sandbox.admin("state")["paths"][RENEW].as_u64().unwrap_or(0)
}

fn until_renews_are_under_way(sandbox: &Sandbox, count: u64) {
    let end = Instant::now() + Duration::from_secs(60);
    while renew_requests(sandbox) < count {
        assert!(Instant::now() < end, "no renew came");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A process of tests/c/session_worker.c. It is killed with this value.
struct Worker {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Worker {
    fn start(mut command: Command) -> Worker {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Worker { child, stdin, stdout }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn until_ready(mut self) -> Worker {
        assert_eq!(self.line(), "ready");
        self
    }

    fn begin(&mut self) {
        self.stdin.write_all(b"\n").unwrap();
    }

    fn succeed(&mut self) {
        assert!(self.child.wait().unwrap().success());
    }

    #[cfg(unix)]
    fn stop(&self) {
        assert!(Command::new("kill").arg("-STOP").arg(self.child.id().to_string()).status().unwrap().success());
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A sandbox with a token that has slept in, in a session file.
struct Scene {
    sandbox: Sandbox,
    scratch: Scratch,
    program: PathBuf,
}

impl Scene {
    fn new(linkage: Linkage) -> Scene {
        let scene = Scene::empty(linkage);
        run(&mut scene.command("30000", "log in", 0));
        scene
    }

    fn empty(linkage: Linkage) -> Scene {
        // Tests that run side by side must not write one program twice.
        static PROGRAMS: OnceLock<[PathBuf; 2]> = OnceLock::new();
        let programs = PROGRAMS.get_or_init(|| BOTH.map(|linkage| compile("session_worker", linkage)));
        let program = programs[usize::from(linkage == Linkage::Static)].clone();
        Scene { sandbox: Sandbox::start(&[]), scratch: Scratch::new(), program }
    }

    fn command(&self, timeout: &str, what: &str, n: u32) -> Command {
        let mut command = self.sandbox.command(&self.program);
        command.arg(self.scratch.file()).args([timeout, what, &n.to_string()]);
        command
    }

    fn workers(&self, count: usize, timeout: &str, what: &str, n: u32) -> Vec<Worker> {
        let workers: Vec<Worker> = (0..count).map(|_| Worker::start(self.command(timeout, what, n))).collect();
        workers.into_iter().map(Worker::until_ready).collect()
    }

    fn counts(&self, name: &str) -> u64 {
        self.sandbox.admin("state")[name].as_u64().unwrap()
    }
}

#[test]
fn one_renew_for_many_processes() {
    for linkage in BOTH {
        for what in ["send", "ensure"] {
            let scene = Scene::new(linkage);
            let mut workers = scene.workers(4, "60000", what, 5);
            workers.iter_mut().for_each(Worker::begin);
            workers.iter_mut().for_each(Worker::succeed);
            assert_eq!(scene.counts("renews"), 1, "{what}");
            assert_eq!(renew_requests(&scene.sandbox), 1, "{what}");
            assert_eq!(scene.counts("api_calls"), if what == "send" { 20 } else { 0 });
            scene.scratch.check_litter();
        }
    }
}

/// The claim of a process that died, or that outstays its time-out, binds no one.
fn owner_is_gone(timeout: &str, remove: impl Fn(Worker) -> Option<Worker>) {
    for what in ["send", "ensure"] {
        let scene = Scene::new(Linkage::Shared);
        scene.sandbox.admin(&format!("fault?kind=stall&when=before&on={RENEW}"));
        let mut owner = scene.workers(1, timeout, what, 1).pop().unwrap();
        let mut others = scene.workers(3, "30000", what, 5);
        owner.begin();
        until_renews_are_under_way(&scene.sandbox, 1);
        others.iter_mut().for_each(Worker::begin);
        let _owner = remove(owner);
        others.iter_mut().for_each(Worker::succeed);
        assert_eq!(scene.counts("renews"), 1, "{what}");
        assert_eq!(renew_requests(&scene.sandbox), 2, "{what}: the owner's and one other");
        scene.scratch.check_litter();
    }
}

#[test]
fn a_renewal_whose_owner_is_killed() {
    owner_is_gone("100000", |owner| {
        drop(owner);
        None
    });
}

#[test]
fn a_renewal_whose_owner_is_stopped() {
    owner_is_gone("3000", |owner| {
        owner.stop();
        Some(owner)
    });
}

/// Who took over a claim whose deadline was past is protected as its first owner was, whatever becomes of that one.
#[test]
fn case_c10_a_renewal_that_was_taken_over() {
    let scene = Scene::new(Linkage::Shared);
    scene.sandbox.admin(&format!("fault?kind=stall&when=before&times=2&on={RENEW}"));
    let mut owner = scene.workers(1, "2000", "ensure", 1).pop().unwrap();
    let mut taker = scene.workers(1, "100000", "ensure", 1).pop().unwrap();
    let mut late = scene.workers(2, "2000", "wait", 0);
    owner.begin();
    until_renews_are_under_way(&scene.sandbox, 1);
    owner.stop();
    taker.begin();
    until_renews_are_under_way(&scene.sandbox, 2);
    late[0].begin();
    late[0].succeed();
    drop(owner);
    late[1].begin();
    late[1].succeed();
    assert_eq!(renew_requests(&scene.sandbox), 2);
    scene.scratch.check_litter();
    drop(taker);
    let mut heir = scene.workers(1, "30000", "ensure", 1).pop().unwrap();
    heir.begin();
    heir.succeed();
    assert_eq!(renew_requests(&scene.sandbox), 3);
    scene.scratch.check_litter();
}

/// Random enough; the seed tells a failure's whole story.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

#[test]
fn killed_while_writing() {
    let seed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().subsec_nanos();
    println!("seed {seed}");
    let mut random = Random(u64::from(seed) | 1);
    let scene = Scene::empty(Linkage::Shared);
    let mut last = 0;
    for round in 0..200 {
        let mut writer = Worker::start(scene.command("30000", "write", last + 1));
        for _ in 0..=random.below(6) {
            last = writer.line().parse().unwrap();
        }
        // Spins to a random instant: a sleep would end with the scheduler's ticks.
        let end = Instant::now() + Duration::from_micros(random.below(3000));
        while Instant::now() < end {
            std::hint::spin_loop();
        }
        writer.child.kill().unwrap();
        writer.child.wait().unwrap();
        let mut rest = String::new();
        writer.stdout.read_to_string(&mut rest).unwrap();
        last = rest.lines().last().map_or(last, |line| line.parse().unwrap());
        let held: u32 = run(&mut scene.command("30000", "read", 0)).trim_end().parse().unwrap();
        assert!(held == last || held == last + 1, "round {round}: {held} is held, {last} was written");
        last = held;
        scene.scratch.check_litter();
    }
}
