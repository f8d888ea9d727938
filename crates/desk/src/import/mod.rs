//! Bringing things in from elsewhere. All or nothing per article; safe to repeat; a report of what was
//! left out and why.

pub mod article;
mod earlier;
pub mod folder;
pub mod markdown;
pub mod subscribers;

mod keep_subscribers;

use serde::Serialize;

/// What an import came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    pub added: u64,
    pub changed: u64,
    pub unchanged: u64,
    pub pictures: u64,
    /// Left out, with file or line and reason.
    pub skipped: Vec<Skip>,
    /// Taken, with something the writer should look at.
    pub notices: Vec<Skip>,
}

/// A place in what was imported, and a sentence about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Skip {
    /// File name as in the folder, or `line 7`.
    pub place: String,
    pub sentence: String,
}

/// Told about every finished piece: done so far, of how many.
pub type Progress = dyn Fn(u64, u64) + Send + Sync;
