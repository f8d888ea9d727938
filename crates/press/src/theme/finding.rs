//! What is wrong with a theme, for its maker: which file, which line, and what to do.

use std::fmt;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Path in the theme's folder, with `/`.
    pub file: String,
    /// From 1, where it is known.
    pub line: Option<usize>,
    /// One sentence or two.
    pub says: String,
    /// Whether pages could fail by it: such a theme is not put to use.
    pub breaks: bool,
}

impl Finding {
    /// Something that readers or the paper's promises would suffer from.
    pub(crate) fn at(file: &str, line: Option<usize>, says: impl Into<String>) -> Finding {
        Finding { file: file.to_owned(), line, says: says.into(), breaks: false }
    }

    /// Something because of which pages could not be printed.
    pub(crate) fn breaking(file: &str, line: Option<usize>, says: impl Into<String>) -> Finding {
        Finding { breaks: true, ..Finding::at(file, line, says) }
    }
}

/// `page/front.html:12: sentence`, as editors and compilers write it.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.says),
            None => write!(f, "{}: {}", self.file, self.says),
        }
    }
}
