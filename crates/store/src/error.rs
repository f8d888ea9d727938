//! What can go wrong with what we keep: always the machine's fault, told to the operator.
//! Rules that say no are not here; they are `Refusal` in the newsroom.

/// Why the store did not do what it was asked. `Display` is a sentence for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// A UNIQUE constraint said that this is there already. `constraint` is the name of its index,
    /// the same on both engines; a primary key is `{table}_pkey`.
    Taken { constraint: String },
    /// More is waiting than [`crate::WAITING_MAX`]; asking again later may help.
    Busy,
    /// Other transactions were in the way, more often than we try.
    Conflict(String),
    /// The database server went away before anything was committed.
    Gone(String),
    /// The database server went away while committing: it may have happened or not.
    Doubtful(String),
    /// The closure panicked; everything it did was undone.
    Panicked(String),
    /// The disk, the database or its content is not as it must be.
    Broken(String),
}

impl Error {
    /// Whether this is the violation of the UNIQUE index `constraint` (`articles_address`).
    pub fn violates(&self, constraint: &str) -> bool {
        matches!(self, Self::Taken { constraint: found } if found == constraint)
    }

    /// Whether nothing happened and the same may succeed when asked again.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Busy | Self::Conflict(_) | Self::Gone(_) => true,
            Self::Taken { .. } | Self::Doubtful(_) | Self::Panicked(_) | Self::Broken(_) => false,
        }
    }

    pub(crate) fn broken(what: impl std::fmt::Display) -> Self {
        Self::Broken(what.to_string())
    }
}

impl std::error::Error for Error {}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Taken { constraint } => write!(f, "Something like this is kept already ({constraint})."),
            Self::Busy => f.write_str("The database has more to do than it can; try again in a moment."),
            Self::Conflict(cause) => write!(f, "Other changes were in the way ({cause}). Try again."),
            Self::Gone(cause) => write!(f, "The database server does not answer ({cause}). Is it running?"),
            Self::Doubtful(cause) => {
                write!(f, "The database server went away while saving ({cause}); look whether the change was kept.")
            }
            Self::Panicked(cause) => write!(f, "A change stopped in the middle and was undone ({cause})."),
            Self::Broken(cause) => f.write_str(cause),
        }
    }
}
