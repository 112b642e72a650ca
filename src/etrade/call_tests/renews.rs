//! Renewals that calls share: who renews, whom it serves, and what ends it.

use super::super::shared_renew::{Need, SharedRenew};
use super::super::{Call, Failure, Kind, Step};
use super::lost;
use super::play::Event::*;
use super::play::*;

#[test]
fn ensure_active_asks_only_when_the_estimate_says_so() {
    for (before, renews) in [(0, 0), (3 * HOUR, 1), (13 * HOUR, 1)] {
        let mut world = World::new();
        world.later(before);
        let need = SharedRenew::new(Need::ActiveFor(60), world.endpoints.clone(), &world.session);
        let mut play = Play::with(world, Box::new(need), true);
        play.meet(Answer(FINE));
        assert!(play.succeeded() && play.renews == renews, "{before}");
    }
}

fn shared(need: Need, world: &World) -> SharedRenew {
    SharedRenew::new(need, world.endpoints.clone(), &world.session)
}

const NEEDS: [Need; 3] = [Need::Always, Need::ActiveFor(u32::MAX), Need::Refused];

#[test]
fn a_renewal_is_needless_once_the_token_is_another_unless_the_caller_says_so() {
    for need in NEEDS {
        for event in [Renewed, Replaced] {
            let mut world = World::new();
            let edition = world.session.edition();
            let mut renew = shared(need, &world);
            let step = renew.next(&mut world.context());
            let Ok(Step::Renew { since, .. }) = step else { panic!("{need:?}") };
            assert_eq!(since, (need != Need::Always).then_some(edition), "{need:?}");
            renew.give_up(&mut world.session);
            world.meet(event);
            let renews = matches!(renew.next(&mut world.context()), Ok(Step::Renew { .. }));
            assert_eq!(renews, need == Need::Always && event == Replaced, "a renewal that ended meanwhile is shared");
        }
    }
}

#[test]
fn the_caller_may_renew_in_a_back_off_and_after_the_end_of_a_login() {
    for need in NEEDS {
        let mut backing_off = World::new();
        backing_off.context().renew_failed(&Failure::new(Kind::RateLimit, ""), None);
        let mut over = World::new();
        over.session.end(&over.session.access_token().unwrap());
        for (mut world, kind) in [(backing_off, Kind::RateLimit), (over, Kind::Login)] {
            match shared(need, &world).next(&mut world.context()) {
                Ok(step) => assert!(need == Need::Always && matches!(step, Step::Renew { .. }), "{need:?}"),
                Err(failure) => assert!(need != Need::Always && failure.kind == kind, "{need:?} {:?}", failure.kind),
            }
        }
    }
}

#[test]
fn active_for_so_many_seconds_is_for_more_than_these() {
    for (seconds, needless) in [(7139, true), (7140, false), (7141, false)] {
        let mut world = World::new();
        let step = shared(Need::ActiveFor(seconds), &world).next(&mut world.context());
        assert_eq!(matches!(step, Ok(Step::Done)), needless, "{seconds}");
    }
}

#[test]
fn a_cancelled_renewal_leaves_unknown_only_itself() {
    for need in NEEDS {
        let mut world = World::new();
        let mut renew = shared(need, &world);
        assert!(renew.next(&mut world.context()).is_ok());
        let Err(failure) = renew.unanswered(lost(Kind::Cancelled, true), &mut world.context()) else { panic!() };
        let own = need == Need::Always;
        assert_eq!(failure.kind, if own { Kind::Uncertain } else { Kind::Cancelled }, "{need:?}");
        assert_eq!(failure.sentence.starts_with("Renew Access Token: Lost."), own, "{}", failure.sentence);
        assert_eq!(failure.sentence.contains("while the access token was being renewed"), !own);
    }
}
