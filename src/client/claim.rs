//! The claim to a renew among the processes that share a session file.
//!
//! Its owner holds a lock on `.renew` for as long as it lives. When the claim ends stands in the `.lock` file, which is
//! read and written by whoever holds that lock, since Windows lets no one read what another has locked.

use std::io;
use std::path::Path;

use super::lock_file::Lock;
use super::private_file;

/// The right to renew, until it is dropped, its process ends or its deadline passes.
pub struct Claim {
    _owner: Lock,
}

/// In milliseconds; the deadline since 1970.
pub struct Term {
    deadline: i64,
    /// How far off the deadline was when the claim was made.
    span: i64,
}

/// The longest time-out that a client can have, for a claim of a version that wrote no span.
const LONGEST: i64 = u32::MAX as i64;

impl Term {
    pub fn new(now: i64, span: i64) -> Term {
        Term { deadline: now.saturating_add(span), span }
    }

    fn read(note: &str) -> Option<Term> {
        let mut numbers = note.split_ascii_whitespace().map(str::parse);
        let deadline = numbers.next()?.ok()?;
        let span = numbers.next().map_or(Some(LONGEST), Result::ok)?;
        Some(Term { deadline, span })
    }

    fn write(&self) -> String {
        format!("{} {}\n", self.deadline, self.span)
    }

    /// A deadline that is further off than it ever was comes from a clock that was set back.
    fn is_good(&self, now: i64) -> bool {
        now < self.deadline && self.deadline.saturating_sub(now) <= self.span
    }
}

impl Claim {
    /// `lock` guards the claim's files. `None` while another's claim is good.
    pub fn make(renew: &Path, new: &Path, lock: &mut Lock, now: i64, term: &Term) -> io::Result<Option<Claim>> {
        let owner = match Lock::take(renew, || false)? {
            Some(owner) => owner,
            None if Term::read(&lock.read_note()?).is_some_and(|other| other.is_good(now)) => return Ok(None),
            None => take_over(renew, new)?,
        };
        lock.write_note(&term.write())?;
        Ok(Some(Claim { _owner: owner }))
    }
}

/// The owner has outstayed its deadline and still holds its lock, so that the new owner needs a file of its own.
fn take_over(renew: &Path, new: &Path) -> io::Result<Lock> {
    let owner = Lock::create(new)?;
    if let Err(error) = private_file::replace(new, renew) {
        let _ = private_file::remove(new);
        return Err(error);
    }
    Ok(owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_holds_until_its_deadline_or_its_owners_end() {
        let path = |suffix: &str| std::env::temp_dir().join(format!("etoauth-claim-{}{suffix}", std::process::id()));
        let (renew, new, guard) = (path(".renew"), path(".new"), path(".lock"));
        for path in [&renew, &new, &guard] {
            private_file::remove(path).unwrap();
        }
        let mut lock = Lock::take(&guard, || false).unwrap().unwrap();
        let mut claim = |now| Claim::make(&renew, &new, &mut lock, now, &Term::new(now, 1000)).unwrap();
        let first = claim(1000).unwrap();
        assert!(claim(1999).is_none());
        let second = claim(2000).unwrap();
        drop(first);
        assert!(claim(2001).is_none(), "an owner that was too slow gives back nothing of another's");
        drop(second);
        assert!(claim(2002).is_some());
        for path in [&renew, &new, &guard] {
            private_file::remove(path).unwrap();
        }
    }

    #[test]
    fn terms() {
        assert!(Term::read("5000 1000\n").unwrap().is_good(4000));
        assert!(!Term::read("5000 1000\n").unwrap().is_good(3999));
        assert!(!Term::read("5000 1000\n").unwrap().is_good(5000));
        assert!(Term::read("5000\n").unwrap().is_good(4000), "version 0.1");
        assert!(Term::read("").is_none() && Term::read("x").is_none() && Term::read("1 x").is_none());
    }
}
