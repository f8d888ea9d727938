//! What can go wrong while printing; all of it is the machine's or the theme's doing, never the reader's.

use std::fmt;

/// Why something could not be printed. The sentence is for the operator or the maker of the theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PressError {
    /// A template is wrong, or names what does not exist.
    Template { template: String, line: Option<usize>, cause: String },
    /// A template ran into the bound on its instructions.
    TooMuchWork { template: String, instructions_max: u64 },
    /// A page or letter grew beyond its bound.
    TooLong { template: String, bytes_max: usize },
    /// A letter cannot be sent as it is; a whole sentence.
    Letter(String),
}

impl PressError {
    /// The template it happened in; of a letter that cannot be sent, none.
    pub(crate) fn template(&self) -> &str {
        match self {
            PressError::Template { template, .. }
            | PressError::TooMuchWork { template, .. }
            | PressError::TooLong { template, .. } => template,
            PressError::Letter(_) => "",
        }
    }
}

impl fmt::Display for PressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PressError::Template { template, line: Some(line), cause } => {
                write!(f, "The template `{template}` cannot be printed (line {line}): {cause}")
            }
            PressError::Template { template, line: None, cause } => {
                write!(f, "The template `{template}` cannot be printed: {cause}")
            }
            PressError::TooMuchWork { template, instructions_max } => {
                write!(f, "The template `{template}` took more than {instructions_max} steps and was stopped.")
            }
            PressError::TooLong { template, bytes_max } => {
                write!(f, "The template `{template}` printed more than {bytes_max} bytes and was stopped.")
            }
            PressError::Letter(sentence) => f.write_str(sentence),
        }
    }
}

impl std::error::Error for PressError {}
