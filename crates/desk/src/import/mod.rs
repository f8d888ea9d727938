//! Bringing things in from elsewhere. All or nothing per article; safe to repeat; a report of what was
//! left out and why.

pub mod article;
mod earlier;
pub mod folder;
pub mod markdown;
pub mod subscribers;

mod keep_subscribers;
mod list_lines;

pub use keep_subscribers::Agreed;

use serde::Serialize;
use std::collections::BTreeMap;

/// Things left out that are named one by one; all are counted.
pub const SKIPS_NAMED_MAX: usize = 1_000;

/// What an import came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    pub added: u64,
    pub changed: u64,
    pub unchanged: u64,
    pub pictures: u64,
    /// Left out, with file or line and reason; of a long list the first [`SKIPS_NAMED_MAX`].
    pub skipped: Vec<Skip>,
    /// How many were left out for which reason, of a list of subscribers.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub reasons: BTreeMap<String, u64>,
    /// Which program wrote a list of subscribers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layout: Option<&'static str>,
    /// Taken, with something the writer should look at.
    pub notices: Vec<Skip>,
}

impl Report {
    /// Counts a line that is left out, and names it if not too many are named yet.
    pub fn leave_out(&mut self, skip: Skip) {
        let counted = self.reasons.contains_key(&skip.sentence) || self.reasons.len() < REASONS_MAX;
        let reason = if counted { skip.sentence.clone() } else { "Other reasons.".into() };
        *self.reasons.entry(reason).or_default() += 1;
        if self.skipped.len() < SKIPS_NAMED_MAX {
            self.skipped.push(skip);
        }
    }

    /// How many were left out.
    pub fn left_out(&self) -> u64 {
        let counted: u64 = self.reasons.values().sum();
        counted.max(self.skipped.len() as u64)
    }
}

/// Reasons counted apart.
const REASONS_MAX: usize = 100;

/// A place in what was imported, and a sentence about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Skip {
    /// File name as in the folder, or `line 7`.
    pub place: String,
    pub sentence: String,
}

/// Told about every finished piece: done so far, of how many.
pub type Progress = dyn Fn(u64, u64) + Send + Sync;
