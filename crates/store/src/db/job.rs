//! Work handed to a database thread, and the line it waits in.
//! Owns panics and answers. Knows no engine.

use super::{Change, Link, View};
use crate::Error;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, PoisonError};

/// Most jobs that may wait for one engine; the next is refused as [`Error::Busy`].
pub const WAITING_MAX: usize = 20_000;

/// How an attempt ended.
pub(crate) enum Outcome {
    /// What it did is to be kept.
    Keep,
    /// What it did is to be undone.
    Undo,
    /// Undone because of others or of the line to the server: may be tried again.
    Again(Error),
}

/// How careful PostgreSQL is with a job; on SQLite changes are one after the other anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Read,
    /// Serializable: what the closure read is still true when it commits.
    Change,
    /// Read committed: each statement repeats its own guard.
    Guarded,
}

/// A closure of any type, waiting.
pub(crate) trait Job: Send {
    fn kind(&self) -> Kind;
    fn attempt(&mut self, link: Link<'_>) -> Outcome;
    /// Gives the result to whoever asked; `fault` instead, if there is one.
    fn answer(self: Box<Self>, fault: Option<Error>);
}

pub(crate) struct Task<F, T, E> {
    pub(crate) kind: Kind,
    pub(crate) run: F,
    pub(crate) result: Option<Result<T, E>>,
    pub(crate) reply: Box<dyn FnOnce(Result<T, E>) + Send>,
}

impl<F, T, E> Job for Task<F, T, E>
where
    F: FnMut(&mut Change<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn kind(&self) -> Kind {
        self.kind
    }

    fn attempt(&mut self, link: Link<'_>) -> Outcome {
        let mut change = Change { view: View::new(link) };
        let result = match catch_unwind(AssertUnwindSafe(|| (self.run)(&mut change))) {
            Ok(result) => result,
            Err(panic) => Err(Error::Panicked(panic_words(panic.as_ref())).into()),
        };
        let fault = change.view.fault.take();
        let outcome = match (&result, &fault) {
            (_, Some(fault @ (Error::Conflict(_) | Error::Gone(_)))) => Outcome::Again(fault.clone()),
            (Ok(_), None) => Outcome::Keep,
            (_, Some(_)) | (Err(_), None) => Outcome::Undo,
        };
        self.result = Some(match (result, fault) {
            // A failed statement spoils the change on PostgreSQL, so it does on SQLite.
            (Ok(_), Some(fault)) => Err(fault.into()),
            (result, _) => result,
        });
        outcome
    }

    fn answer(self: Box<Self>, fault: Option<Error>) {
        let result = match (fault, self.result) {
            (Some(fault), _) => Err(fault.into()),
            (None, Some(result)) => result,
            (None, None) => Err(Error::Broken("The database thread stopped before it did this.".into()).into()),
        };
        (self.reply)(result);
    }
}

pub(crate) fn panic_words(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|words| (*words).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without words".into())
}

/// A look as a job.
pub(crate) fn looking<T, E, F>(mut see: F, reply: Box<dyn FnOnce(Result<T, E>) + Send>) -> Box<dyn Job>
where
    F: FnMut(&View<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    let run = move |change: &mut Change<'_>| see(change);
    Box::new(Task { kind: Kind::Read, run, result: None, reply })
}

/// A line in front of database threads; any of them takes the next.
pub(crate) struct Queue {
    waiting: Mutex<Line>,
    bell: Condvar,
}

struct Line {
    jobs: VecDeque<Box<dyn Job>>,
    open: bool,
}

impl Queue {
    pub(crate) fn new() -> Self {
        Self { waiting: Mutex::new(Line { jobs: VecDeque::new(), open: true }), bell: Condvar::new() }
    }

    /// Puts a job at the end, or answers it at once if the line is too long or closed.
    pub(crate) fn push(&self, job: Box<dyn Job>) {
        let mut line = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let fault = if !line.open {
            Error::Gone("the store is closed".into())
        } else if line.jobs.len() >= WAITING_MAX {
            Error::Busy
        } else {
            line.jobs.push_back(job);
            drop(line);
            self.bell.notify_one();
            return;
        };
        drop(line);
        job.answer(Some(fault));
    }

    /// Waits for a job. `None` once the line is closed and empty.
    pub(crate) fn next(&self) -> Option<Box<dyn Job>> {
        let mut line = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(job) = line.jobs.pop_front() {
                return Some(job);
            }
            if !line.open {
                return None;
            }
            line = self.bell.wait(line).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A job that waits already, without waiting.
    pub(crate) fn next_now(&self) -> Option<Box<dyn Job>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).jobs.pop_front()
    }

    /// Lets what waits be done and nothing more come in.
    pub(crate) fn close(&self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).open = false;
        self.bell.notify_all();
    }
}
