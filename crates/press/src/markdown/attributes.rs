//! Reads `{.class #id key=value key="a value"}`. Never panics; answers `None` where there are no attributes.

/// What stood between braces.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Attributes {
    pub(super) classes: Vec<String>,
    pub(super) pairs: Vec<(String, String)>,
}

impl Attributes {
    /// The value of a key; of several, the last. Empty values count as absent.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.pairs.iter().rev().find(|(k, _)| k == key).map(|(_, v)| v.trim()).filter(|v| !v.is_empty())
    }
}

/// Reads attributes at the start of `text`; answers them and how many bytes they took, braces included.
pub(super) fn read(text: &str) -> Option<(Attributes, usize)> {
    let mut rest = text.strip_prefix('{')?;
    let mut attributes = Attributes::default();
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('}') {
            return Some((attributes, text.len() - after.len()));
        }
        if let Some(after) = rest.strip_prefix('.') {
            let (class, after) = bare(after)?;
            attributes.classes.push(class.to_owned());
            rest = after;
        } else if let Some(after) = rest.strip_prefix('#') {
            let (id, after) = bare(after)?;
            attributes.pairs.push(("id".to_owned(), id.to_owned()));
            rest = after;
        } else {
            let (key, after) = key(rest)?;
            let (value, after) = match after.strip_prefix('=') {
                Some(after) if after.starts_with('"') => quoted(&after[1..])?,
                Some(after) => {
                    let (value, after) = bare(after)?;
                    (value.to_owned(), after)
                }
                None => (String::new(), after),
            };
            attributes.pairs.push((key.to_owned(), value.trim().to_owned()));
            rest = after;
        }
    }
}

/// Characters up to white space or a closing brace; at least one.
fn bare(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| c.is_whitespace() || c == '}' || c == '{' || c == '"')?;
    (end > 0).then(|| text.split_at(end))
}

fn key(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'))?;
    (end > 0).then(|| text.split_at(end))
}

/// A quote ends its value only before the brace or the next attribute: comrak has already taken one level of
/// backslashes away, so that quotes inside a value look like quotes around it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => match text[at + 1..].chars().next() {
                Some(next @ ('"' | '\\')) => {
                    value.push(next);
                    chars.next();
                }
                Some(_) | None => value.push('\\'),
            },
            '"' => {
                let after = &text[at + 1..];
                if closes(after) {
                    return Some((value, after));
                }
                value.push('"');
            }
            c => value.push(c),
        }
    }
    None
}

fn closes(after: &str) -> bool {
    let next = after.trim_start();
    let starts_attribute = next.starts_with(['.', '#']) || key(next).is_some_and(|(_, rest)| rest.starts_with('='));
    next.starts_with('}') || next.len() < after.len() && starts_attribute
}

/// One value as [`read`] takes it: bare where that is possible.
pub(super) fn write_value(value: &str) -> String {
    let is_bare = !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:/".contains(c));
    if is_bare { value.to_owned() } else { format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_bare_and_quoted() {
        let check = |text: &str, classes: &[&str], pairs: &[(&str, &str)]| {
            let (read, _) = read(text).unwrap_or_else(|| panic!("{text} was not read"));
            let pairs: Vec<(String, String)> = pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
            assert_eq!(read, Attributes { classes: classes.iter().map(|c| c.to_string()).collect(), pairs }, "{text}");
        };
        check("{}", &[], &[]);
        check("{.event on=2025-08-19}", &["event"], &[("on", "2025-08-19")]);
        check(
            "{ .position of=usa issue=\"UN support office\" }",
            &["position"],
            &[("of", "usa"), ("issue", "UN support office")],
        );
        check("{focus=0.3,0.4 src=a/b.jpg}", &[], &[("focus", "0.3,0.4"), ("src", "a/b.jpg")]);
        check(r#"{title="say \"so\" and \\"}"#, &[], &[("title", r#"say "so" and \"#)]);
        check(r#"{title="say "so" now"}"#, &[], &[("title", r#"say "so" now"#)]);
        check("{#here}", &[], &[("id", "here")]);
    }

    #[test]
    fn what_is_not_attributes_stays_text() {
        for text in
            ["", "{", "{.", "{. }", "{=x}", "{a=", "{a=\"b}", "{a=\"b", "{\"}", "x{.a}", "{{.a}}", "{é", "{a=\u{301}"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for value in ["", "plain", "two words", r#"a "b" \c"#, "\\", "\"", "}", "{.x}", "été"] {
            let text = format!("{{key={}}}", write_value(value));
            let (read, used) = read(&text).unwrap_or_else(|| panic!("{text} was not read"));
            assert_eq!((read.pairs[0].1.as_str(), used), (value, text.len()), "{text}");
        }
    }
}
