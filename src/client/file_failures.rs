//! The failures of the session file that are in the log already. A file that stays broken fails at every call: it is
//! logged once.

use std::sync::Mutex;

use super::lock;
use crate::etrade::Failure;

/// What is done with a session file. Each may fail while the others succeed.
#[derive(Clone, Copy)]
pub enum FileTask {
    Read,
    Save,
    /// Claiming the right to renew.
    Claim,
}

/// The last failure of each task, until the task succeeds.
#[derive(Default)]
pub struct FileFailures(Mutex<[Option<String>; 3]>);

impl FileFailures {
    /// Notes how a task ended. True for a failure that was not noted before.
    pub fn note(&self, task: FileTask, failure: Option<&Failure>) -> bool {
        let mut noted = lock(&self.0);
        let Some(failure) = failure else {
            // The file is read before it is replaced.
            let done: &[FileTask] = if let FileTask::Save = task { &[FileTask::Read, FileTask::Save] } else { &[task] };
            for &task in done {
                // Tasks often fail for one reason, which is gone for all of them when one succeeds.
                let gone = noted[task as usize].take();
                noted.iter_mut().filter(|other| **other == gone).for_each(|other| *other = None);
            }
            return false;
        };
        let sentence = Some(failure.sentence.clone());
        let is_new = !noted.contains(&sentence);
        noted[task as usize] = sentence;
        is_new
    }

    /// Another file is attached.
    pub fn forget(&self) {
        *lock(&self.0) = Default::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::etrade::Kind;

    #[test]
    fn a_failure_is_new_until_it_was_noted_and_after_it_went_away() {
        let failures = FileFailures::default();
        let note = |task, sentence: &str| {
            let failure = Failure::new(Kind::File, sentence);
            failures.note(task, Some(&failure).filter(|failure| !failure.sentence.is_empty()))
        };
        assert!(note(FileTask::Read, "a"));
        assert!(!note(FileTask::Read, "a") && !note(FileTask::Save, "a"));
        assert!(note(FileTask::Claim, "b"));
        assert!(!note(FileTask::Read, "") && note(FileTask::Save, "a"));
        assert!(!note(FileTask::Claim, "b") && note(FileTask::Save, "c") && note(FileTask::Save, "a"));
        assert!(note(FileTask::Read, "d") && !note(FileTask::Save, "") && note(FileTask::Read, "d"));
        failures.forget();
        assert!(note(FileTask::Claim, "b"));
    }
}
