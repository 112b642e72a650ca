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

use oracle::{Allowed, End, allowed};
use refusals::Case;
use scripted::Answer;
use support::{Linkage, Sandbox, compile, output_of, run_with_input};

/// That send the product's calls side by side.
const PROCESSES: usize = 2;
/// That one process makes: it ends itself after ten minutes.
const CALLS: usize = 20_000;

const EXPIRED: i32 = 4;
const ACTIVE: i32 = 2;

/// Runs one case of a program against a sandbox of its own, and prints its line.
fn run_case(program: &str, case: &str) {
    let sandbox = Sandbox::start(&[]);
    let mut command = sandbox.command(&compile(program, Linkage::Shared));
    let output = output_of(command.arg(case), "");
    let name = case
        .split_once('_')
        .map_or(case.to_owned(), |(number, words)| format!("{:5} {}", number.to_uppercase(), words.replace('_', " ")));
    println!("{name}: {}", if output.status.success() { "right" } else { "WRONG" });
    assert!(output.status.success(), "{}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
}

macro_rules! cases {
    ($($program:ident { $($case:ident)* })*) => { mod case { $($(
        #[test]
        fn $case() {
            super::run_case(stringify!($program), stringify!($case));
        }
    )*)* } };
}

cases! {
    answers_refusals {
        a1_a_compressed_refusal_of_an_order
        a2_a_compressed_refusal_of_a_question
        a3_a_code_that_cannot_be_read
        a4_a_glitch_of_the_service
        a5_a_laptop_that_wakes_up
        a9_diagnose_in_a_loop
    }
    answers_renews {
        a6_a_renew_answered_by_somebody_else
        a7_renew_is_down
        a8_a_leader_whose_timeout_ends
        a8_a_leader_that_was_cancelled
    }
    answers_logins {
        a10_a_request_token_refused_without_a_word
        a11_redirects_as_etrade_writes_them
        a13_a_pasted_key_with_a_newline
        a16_a_success_that_names_a_problem
        a18_a_verifier_that_is_refused
    }
    answers_tokens {
        a12_token_replies_with_a_mark_or_control_characters
        e3_a_call_that_is_not_answered
    }
    answers_requests {
        a14_an_answer_without_a_length
        a15_a_question_that_lost_its_connection
        a17_a_symbol_with_a_number_sign
        a19_a_signature_in_the_query
        a20_two_content_types_and_connect
        b2_a_peer_that_drips
    }
    answers_exchanges {
        a6_a_renew_by_exchange_answered_by_somebody_else
        a10_a_request_token_by_exchange_refused_without_a_word
        a12_token_replies_to_an_exchange
        a18_a_verifier_that_an_exchange_brings
        e3_an_exchange_that_is_not_answered
        use_seen_by_an_exchange
    }
    answers_repair {
        repair_one_renew_then_the_call_once_more_freshly_signed
        repair_the_clock_by_at_most_15_minutes
        repair_parameter_absent_once_more
        repair_nonce_used_once_more_for_get_and_head_only
        repair_a_dead_kept_connection
        repair_uncertain_means_that_it_left
        repair_what_means_that_nothing_left
        repair_three_sends_at_the_most
    }
    answers_repeats {
        repair_what_of_an_order_may_be_repeated
        repair_a_refusal_that_cannot_be_read_says_nothing_of_the_token
        repair_send_asks_for_gzip_and_decodes_it
        repair_an_order_whose_answer_is_too_large_or_does_not_decode
        repair_the_first_bytes_tell_whether_a_body_is_compressed
    }
    answers_endings {
        login_send_sends_in_every_state
        login_an_explicit_renew_always_asks
        login_past_the_estimated_midnight
        login_ensure_active_before_midnight
        login_ends_by_a_readable_refusal_of_the_renew
        login_ends_by_nothing_else
        login_a_wordless_refusal_past_midnight
    }
    answers_backoff {
        backoff_is_what_the_server_says
        backoff_doubles_to_a_minute
        backoff_gives_the_same_failure_without_a_request
        backoff_after_a_refusal_that_follows_a_renew
        backoff_ends_with_a_renew_and_a_use_or_a_new_token
        leader_that_was_stopped_starts_no_backoff
        leader_a_request_signed_before_the_last_renew_is_sent_again
    }
    answers_use {
        use_is_an_answer_that_is_no_oauth_failure
        use_is_never_a_signature_and_never_a_refusal
        use_that_nobody_reports_costs_one_renew
    }
}

#[test]
fn case_no_order_is_seen_twice() {
    send_all("send", refusals::product().into_iter().filter(Case::is_daily).collect());
}

#[test]
fn case_no_order_is_seen_twice_by_way_of_an_exchange() {
    send_all("exchange", refusals::product().into_iter().filter(Case::is_daily).collect());
}

#[test]
fn case_no_order_is_seen_twice_by_a_host_that_asks_for_a_diagnosis() {
    send_all("diagnose", refusals::product().into_iter().filter(|case| case.is_daily() && !case.always).collect());
}

#[test]
#[ignore = "takes minutes"]
fn case_no_order_is_seen_twice_in_the_whole_product() {
    send_all("send", refusals::product());
}

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

/// Has all calls made in this way, and compares how each ended with what the oracle allows.
fn send_all(way: &str, cases: Vec<Case>) {
    let received: Arc<Vec<Received>> = Arc::new(cases.iter().map(|_| Received::default()).collect());
    let url = answer_all(&cases, &received);
    let program = compile("answers_product", Linkage::Shared);
    let share = cases.len() / PROCESSES + 1;
    let lines: Vec<String> = thread::scope(|scope| {
        let begins = (0..cases.len()).step_by(share);
        let parts: Vec<_> = begins
            .map(|begin| {
                let (program, url, cases) = (&program, &url, &cases);
                scope.spawn(move || {
                    let end = (begin + share).min(cases.len());
                    let batches = (begin..end).step_by(CALLS).map(|first| {
                        let mut input = String::new();
                        for (number, case) in cases.iter().enumerate().take(end.min(first + CALLS)).skip(first) {
                            let method = if case.post { "POST" } else { "GET" };
                            writeln!(input, "{method} /v1/case/{number} token{number}").expect("a string grows");
                        }
                        run_with_input(Command::new(program).args([url, way]), &input)
                    });
                    batches.collect::<String>()
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
        let [status, http, attempts, advice, state] = fields[..] else { panic!("{line}") };
        let end = End {
            status,
            http: u16::try_from(http).expect("an HTTP status"),
            sends: received.sends.load(Ordering::SeqCst),
            renews: received.renews.load(Ordering::SeqCst),
        };
        let allowed = allowed(case);
        let right = if way == "diagnose" {
            oracle::diagnoses(case, advice)
        } else {
            let handed_over = status == oracle::OK;
            let told = u32::try_from(attempts) == Ok(end.sends) && oracle::advises(case, end.http, advice);
            allowed.allows(&end) && (!handed_over || told || matches!(allowed, Allowed::AtMost { .. }))
        };
        // Whatever was said of the call: a renew that succeeds ends no login, and what is uncertain tells nothing.
        let state_is_right = state != EXPIRED && (status != oracle::E_UNCERTAIN || state == ACTIVE);
        if !right || !state_is_right {
            twice += u32::from(case.post && end.sends > 1);
            wrong.push(format!(
                "{case:?}\n    {end:?}, attempts {attempts}, advice {advice}, state {state}\n    right: {allowed:?}"
            ));
        }
    }
    let orders = cases.iter().filter(|case| case.post).count();
    let outcome = if wrong.is_empty() { "right" } else { "WRONG" };
    println!("{way}: {orders} answers to an order, {} to a question: {outcome}", cases.len() - orders);
    let some: Vec<&str> = wrong.iter().step_by(wrong.len() / 20 + 1).map(String::as_str).collect();
    assert!(
        wrong.is_empty(),
        "{} of {} calls ended wrong, {twice} of them with an order sent too often. Some of them:\n{}",
        wrong.len(),
        cases.len(),
        some.join("\n")
    );
}

/// A server that answers the first send of each call as its case says, and those after it well; renews always well.
fn answer_all(cases: &[Case], received: &Arc<Vec<Received>>) -> String {
    let (cases, received) = (cases.to_vec(), Arc::clone(received));
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
}
