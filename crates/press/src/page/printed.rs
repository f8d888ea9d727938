//! HTML that is printed as it stands. A theme cannot make any: templates know no filter that takes escaping away.

use minijinja::value::Value;
use serde::{Serialize, Serializer};

/// Markup that the press printed itself from parts it escaped or checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// Vouches for `markup`: nothing in it came from a person without being escaped or checked.
    pub fn vouched(markup: impl Into<String>) -> Html {
        Html(markup.into())
    }

    /// The markup of a plain text.
    pub fn text(text: &str) -> Html {
        Html(crate::theme::escape(text))
    }

    /// The markup.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The markup, to go on printing.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// Arrives in a template as a value that is not escaped again.
impl Serialize for Html {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::from_safe_string(self.0.clone()).serialize(serializer)
    }
}
