//! The three ways in which a verb does not happen; each has a different listener.

use newsroom::refusal::Refusal;

/// Why a verb did not happen.
#[derive(Debug)]
pub enum Error {
    /// There is no such thing: 404.
    Missing,
    /// A rule said no; the sentence is for the person who asked.
    Refused(Refusal),
    /// The machine failed; the cause is for the operator.
    Broken(String),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("There is no such thing here."),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Broken(cause) => f.write_str(cause),
        }
    }
}

impl std::error::Error for Error {}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Broken(error.to_string())
    }
}
