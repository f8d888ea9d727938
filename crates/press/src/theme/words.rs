//! What templates can say: `say`, `count`, list separators, and the few filters on headlines.

use std::borrow::Cow;
use std::sync::Arc;

use minijinja::value::{Kwargs, Value};
use minijinja::{Environment, Error, ErrorKind, Output};

use crate::page::Dir;
use crate::spaces;
use crate::words::{Words, fill};

/// From how many characters a headline is set one step smaller.
pub(super) const LONG: usize = 110;

/// Teaches an environment one language and the filters.
pub(super) fn teach(environment: &mut Environment<'static>, words: Arc<Words>) {
    let [said, counted, comma, semicolon, separator] = std::array::from_fn(|_| words.clone());
    environment.add_function("say", move |key: &str, with: Kwargs| say(&said, key, &with));
    environment.add_function("count", move |key: &str, n: u64| counted.count(key, n));
    environment.add_function("comma", move || comma.separator(false).to_owned());
    environment.add_function("semicolon", move || semicolon.semicolon().to_owned());
    environment.add_function("separator", move |before_last: bool| separator.separator(before_last).to_owned());
    let (dir, language) = (words.dir(), words.language());
    // What follows a name in another script keeps its place: LEFT-TO-RIGHT MARK or its mirror.
    environment.add_function("mark", move || direction_mark(dir));
    environment.add_function("language", move || language);
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
        let text = if value.is_safe() { text.into_owned() } else { set(words.language(), &text) };
        values.push((name.to_string(), text));
    }
    let values: Vec<(&str, &str)> = values.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Ok(Value::from_safe_string(fill(&set(words.language(), sentence), &values)))
}

/// Writes a value into a page: escaped unless it is printed HTML already; what is missing is an error, never "none".
/// Slashes stay as they are, so that addresses in letters can be read and counted.
pub(super) fn write_value(out: &mut Output, language: &str, value: &Value) -> Result<(), Error> {
    if value.is_none() || value.is_undefined() {
        return Err(Error::new(ErrorKind::UndefinedError, "a missing value cannot be printed"));
    }
    match value.as_str() {
        Some(text) if value.is_safe() => out.write_str(text)?,
        Some(text) => out.write_str(&set(language, text))?,
        None => out.write_str(&escape(&value.to_string()))?,
    }
    Ok(())
}

/// A text with the spaces of its language, escaped.
fn set(language: &str, text: &str) -> String {
    escape(&spaces::set(language, text))
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

/// The invisible sign that ends a foreign run of text (Unicode TR 9, implicit directional marks).
pub(crate) fn direction_mark(dir: Dir) -> &'static str {
    match dir {
        Dir::Ltr => "\u{200e}",
        Dir::Rtl => "\u{200f}",
    }
}

/// The class that lets a publication's name fill one line of a phone.
fn name_size(name: &str) -> &'static str {
    match name.chars().count() {
        0..=13 => "n1",
        14..=16 => "n2",
        17..=20 => "n3",
        _ => "n4",
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
