//! What templates can say: `say`, `count`, list separators, and the few filters on headlines.

use std::borrow::Cow;

use minijinja::value::{Kwargs, Value};
use minijinja::{Environment, Error, ErrorKind};

use crate::words::{Words, fill};

/// From how many characters a headline is set one step smaller.
pub(super) const LONG: usize = 110;

/// Teaches an environment one language and the filters.
pub(super) fn teach(environment: &mut Environment<'static>, words: &'static Words) {
    environment.add_function("say", move |key: &str, with: Kwargs| say(words, key, &with));
    environment.add_function("count", move |key: &str, n: u64| words.count(key, n));
    environment.add_function("comma", move || words.separator(false));
    environment.add_function("semicolon", move || words.semicolon());
    environment.add_function("separator", move |before_last: bool| words.separator(before_last));
    environment.add_function("language", move || words.language());
    environment.add_filter("is_long", |headline: &str| headline.chars().count() > LONG);
    environment.add_filter("name_size", |name: &str| name_size(name));
    environment.add_filter("tie", |headline: &str| tie(headline));
}

/// A sentence of the catalogue, escaped; values that are printed HTML already (links, times) stay as they are.
fn say(words: &Words, key: &str, with: &Kwargs) -> Result<Value, Error> {
    let unknown = || Error::new(ErrorKind::InvalidOperation, format!("no such words: {key}"));
    let sentence = words.sentence(key).ok_or_else(unknown)?;
    let mut values = Vec::new();
    for name in with.args() {
        let value: Value = with.get(name)?;
        let text = value.as_str().map_or_else(|| Cow::Owned(value.to_string()), Cow::Borrowed);
        let text = if value.is_safe() { text.into_owned() } else { escape(&text) };
        values.push((name.to_string(), text));
    }
    let values: Vec<(&str, &str)> = values.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Ok(Value::from_safe_string(fill(&escape(sentence), &values)))
}

/// Escapes for HTML text and double-quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// The class that lets a publication's name fill one line of a phone: short, usual or long.
fn name_size(name: &str) -> &'static str {
    match name.chars().count() {
        0..=13 => "n1",
        14..=20 => "n2",
        _ => "n3",
    }
}

/// Joins the last two words by a no-break space, so that no headline ends on a lonely word; not if they are long.
pub(crate) fn tie(headline: &str) -> String {
    let headline = headline.trim_end();
    match headline.rsplit_once(' ') {
        Some((init, last)) if last.chars().count() <= 10 && init.contains(' ') => format!("{init}\u{a0}{last}"),
        _ => headline.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_headline_never_ends_on_a_lonely_word() {
        assert_eq!(tie("Who will pay for it?"), "Who will pay for\u{a0}it?");
        assert_eq!(tie("Two words"), "Two words");
        assert_eq!(tie("A word and incomprehensibilities"), "A word and incomprehensibilities");
    }
}
