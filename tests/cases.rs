//! The cases that public reports and a review of the code brought, each through the C ABI, and the rules behind them.

mod support;

#[path = "../sandbox/src/encoding.rs"]
mod encoding;
#[path = "support/oracle.rs"]
mod oracle;
#[path = "support/refusals.rs"]
mod refusals;
#[path = "support/scripted.rs"]
mod scripted;

use std::fmt::Write;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use oracle::{End, allowed};
use refusals::Case;
use scripted::Answer;
use support::{Linkage, compile, run_with_input};

/// That send the product's calls side by side.
const PROCESSES: usize = 2;

const EXPIRED: i32 = 4;
const ACTIVE: i32 = 2;

/// What a server received of one call.
#[derive(Default)]
struct Received {
    sends: AtomicU32,
    renews: AtomicU32,
}

/// The number that a path or a token ends with.
fn number(text: &str) -> Option<usize> {
    text.rsplit(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[test]
fn no_order_is_seen_twice() {
    send_all(refusals::product().into_iter().filter(Case::is_daily).collect());
}

#[test]
#[ignore = "takes minutes"]
fn no_order_is_seen_twice_in_the_whole_product() {
    send_all(refusals::product());
}

fn send_all(cases: Vec<Case>) {
    let received: Arc<Vec<Received>> = Arc::new(cases.iter().map(|_| Received::default()).collect());
    let url = {
        let (cases, received) = (cases.clone(), Arc::clone(&received));
        scripted::serve(move |request| {
            if request.path.starts_with("/oauth/renew_access_token") {
                let case = number(&request.token).expect("a renew is signed with the call's token");
                received[case].renews.fetch_add(1, Ordering::SeqCst);
                return Answer::success("text/html", "Access Token has been renewed");
            }
            let number = number(&request.path).expect("a path names its case");
            let before = received[number].sends.fetch_add(1, Ordering::SeqCst);
            assert_eq!(request.method == "POST", cases[number].post);
            if before == 0 || cases[number].always {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970");
                return cases[number].answer(now.as_secs());
            }
            Answer::success("application/json", "{}")
        })
    };
    let program = compile("answers_product", Linkage::Shared);
    let ranges: Vec<_> = (0..cases.len()).step_by(cases.len() / PROCESSES + 1).collect();
    let lines: Vec<String> = thread::scope(|scope| {
        let parts: Vec<_> = ranges
            .iter()
            .map(|begin| {
                let (program, url, cases) = (&program, &url, &cases);
                scope.spawn(move || {
                    let mut input = String::new();
                    for (number, case) in cases.iter().enumerate().skip(*begin).take(cases.len() / PROCESSES + 1) {
                        let method = if case.post { "POST" } else { "GET" };
                        writeln!(input, "{method} /v1/case/{number} token{number}").expect("a string grows");
                    }
                    run_with_input(Command::new(program).arg(url), &input)
                })
            })
            .collect();
        let outputs = parts.into_iter().map(|part| part.join().expect("every call returns"));
        outputs.flat_map(|output| output.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
    });
    assert_eq!(lines.len(), cases.len());

    let mut twice = 0;
    let mut wrong = Vec::new();
    for ((case, line), received) in cases.iter().zip(lines).zip(received.iter()) {
        let fields: Vec<i32> = line.split(' ').map(|field| field.parse().expect("a number")).collect();
        let [status, http, attempts, state] = fields[..] else { panic!("{line}") };
        let end = End {
            status,
            http: u16::try_from(http).expect("an HTTP status"),
            sends: received.sends.load(Ordering::SeqCst),
            renews: received.renews.load(Ordering::SeqCst),
        };
        let allowed = allowed(case);
        // Whatever was said of the call: a renew that succeeds ends no login, and what is uncertain tells nothing.
        let state_is_right = state != EXPIRED && (status != oracle::E_UNCERTAIN || state == ACTIVE);
        let attempts_are_right = status != oracle::OK || u32::try_from(attempts) == Ok(end.sends);
        if !allowed.allows(&end) || !state_is_right || !attempts_are_right {
            twice += u32::from(case.post && end.sends > 1);
            wrong.push(format!("{case:?}\n    {end:?}, attempts {attempts}, state {state}\n    right: {allowed:?}"));
        }
    }
    let orders = cases.iter().filter(|case| case.post).count();
    let outcome = if wrong.is_empty() { "right" } else { "WRONG" };
    println!("order {orders} answers to an order, {} to a question: {outcome}", cases.len() - orders);
    let some: Vec<&str> = wrong.iter().step_by(wrong.len() / 20 + 1).map(String::as_str).collect();
    assert!(
        wrong.is_empty(),
        "{} of {} calls ended wrong, {twice} of them with an order sent too often. Some of them:\n{}",
        wrong.len(),
        cases.len(),
        some.join("\n")
    );
}
