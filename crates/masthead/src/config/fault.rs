//! A setting that cannot be used: where it stands, what is wrong, what to do.

use std::fmt;
use std::path::Path;

/// One sentence about one setting. Never repeats a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// `masthead.toml, line 3` or `MASTHEAD_LISTEN`.
    pub place: String,
    pub sentence: String,
}

/// Everything that was wrong, in the order it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl Fault {
    pub(super) fn of_line(path: &Path, line: usize, sentence: impl Into<String>) -> Self {
        Self { place: format!("{}, line {line}", path.display()), sentence: sentence.into() }
    }

    pub(super) fn of_file(path: &Path, sentence: impl Into<String>) -> Self {
        Self { place: path.display().to_string(), sentence: sentence.into() }
    }

    pub(super) fn at(place: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self { place: place.into(), sentence: sentence.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.sentence)
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, fault) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str("\n")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
