//! A publisher's words over ours: each key of `words/fr.json` replaces one of ours, the others stay.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::Finding;
use super::files::{Files, ours};
use crate::words::Words;

/// The words of one language. Errs where the publisher's file cannot be read or lost something in translation.
pub(super) fn words(files: &Files, language: &'static str) -> Result<Arc<Words>, Finding> {
    let path = format!("words/{language}.json");
    let Some(own) = files.own(&path) else { return Ok(Words::ours(language)) };
    let wrong = |line: Option<usize>, says: String| Finding::breaking(&path, line, says);
    let own_value: Value =
        serde_json::from_str(own).map_err(|error| wrong(Some(error.line()), format!("This is not JSON: {error}.")))?;
    let default: Value = serde_json::from_str(ours(&path)).expect("catalogues are embedded and tested");
    if let Some((key, says)) = lost(&default, &own_value) {
        return Err(wrong(line_of(own, &key), says));
    }
    let merged = merged(default, own_value);
    let read = Words::read(language, &merged.to_string());
    read.map(Arc::new).map_err(|error| wrong(None, format!("These words cannot be used: {error}.")))
}

/// Ours, with everything that the publisher's says instead.
fn merged(ours: Value, own: Value) -> Value {
    match (ours, own) {
        (Value::Object(mut ours), Value::Object(own)) => {
            for (key, value) in own {
                let before = ours.remove(&key).unwrap_or(Value::Null);
                ours.insert(key, merged(before, value));
            }
            Value::Object(ours)
        }
        (_, own) => own,
    }
}

/// The first key whose new words have other placeholders than ours, and what to say about it: a missing one takes a
/// name or a number from the sentence, an unknown one is printed with its braces.
fn lost(ours: &Value, own: &Value) -> Option<(String, String)> {
    match (ours, own) {
        (Value::Object(ours), Value::Object(own)) => own.iter().find_map(|(key, value)| {
            let (found, says) = lost(ours.get(key)?, value)?;
            Some((if found.is_empty() { key.clone() } else { found }, says))
        }),
        (Value::String(ours), Value::String(own)) => {
            let (wanted, given) = (placeholders(ours), placeholders(own));
            let list =
                |names: &BTreeSet<String>| names.iter().map(|n| format!("{{{n}}}")).collect::<Vec<_>>().join(", ");
            (wanted != given).then(|| {
                let (wanted, given) = (list(&wanted), list(&given));
                let or_none = |text: String| if text.is_empty() { "none".to_owned() } else { text };
                (String::new(), format!("This sentence must hold {}, but holds {}.", or_none(wanted), or_none(given)))
            })
        }
        _ => None,
    }
}

fn placeholders(text: &str) -> BTreeSet<String> {
    text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name.to_string()).collect()
}

/// The line on which a key of a JSON text stands.
fn line_of(json: &str, key: &str) -> Option<usize> {
    let at = json.find(&format!("\"{key}\""))?;
    Some(json[..at].matches('\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(json: &str) -> Result<Arc<Words>, Finding> {
        let mut files = Files::default();
        files.take("words/fr.json", json.into()).expect("a theme may have this file");
        words(&files, "fr")
    }

    #[test]
    fn a_publisher_says_some_things_otherwise_and_the_rest_as_we_do() {
        let own =
            with("{\"say\": {\"related\": \"Pour aller plus loin\", \"ours_alone\": \"Ici\"}}").expect("it is right");
        assert_eq!(own.say("related", &[]), "Pour aller plus loin");
        assert_eq!(own.say("ours_alone", &[]), "Ici");
        assert_eq!(own.say("search", &[]), Words::of("fr").say("search", &[]));
    }

    #[test]
    fn a_sentence_that_lost_a_name_is_named_with_its_line() {
        let check = |json: &str, line, part: &str| {
            let finding = with(json).err().expect("it must be refused");
            assert_eq!(finding.line, line, "{finding}");
            assert!(finding.to_string().contains(part) && finding.breaks, "{finding}");
        };
        check("{\n \"say\": {\n  \"by\": \"De nous\"\n }\n}", Some(3), "must hold {names}, but holds none");
        check("{\n \"say\": {\"search\": \"Chercher {x}\"}}", Some(2), "must hold none, but holds {x}");
        check("{\"say\": {", Some(1), "not JSON");
        check("{\"months\": 12}", None, "cannot be used");
    }
}
