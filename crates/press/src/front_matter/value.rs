//! YAML as plain values, each key with its line. The only file that knows serde-saphyr.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::Unreadable;

/// A mapping in the order it was written.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Entries(pub(super) Vec<Entry>);

/// One key and what it says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    /// 1-based, counted in the file.
    pub(super) line: u32,
    pub(super) value: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Text(String),
    List(Vec<Value>),
    Map(Entries),
}

impl Value {
    /// One line of text: white space collapsed, control characters gone. `None` if there is none.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Value::Text(text) => {
                let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
                let line = clean.split_whitespace().collect::<Vec<_>>().join(" ");
                (!line.is_empty()).then_some(line)
            }
            Value::Bool(value) => Some(value.to_string()),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// A list of texts; one text may hold several, parted by commas.
    pub(super) fn texts(&self) -> Option<Vec<String>> {
        match self {
            Value::Null => Some(Vec::new()),
            Value::List(all) => all.iter().map(Value::text).collect(),
            Value::Text(_) | Value::Bool(_) => {
                let text = self.text().unwrap_or_default();
                Some(text.split(',').map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect())
            }
            Value::Map(_) => None,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Value::Null => true,
            Value::Text(text) => text.trim().is_empty(),
            Value::List(all) => all.is_empty(),
            Value::Map(map) => map.0.is_empty(),
            Value::Bool(_) => false,
        }
    }
}

/// Lines are counted in a file whose first line is `---`.
pub(super) fn parse(yaml: &str) -> Result<Entries, Unreadable> {
    if yaml.trim().is_empty() {
        return Ok(Entries::default());
    }
    let mut options = serde_saphyr::Options::default();
    options.with_snippet = false;
    options.leading_zero_numbers_as_strings = true;
    options.underscored_numbers_as_strings = true;
    if let Some(budget) = &mut options.budget {
        budget.max_aliases = 0;
        budget.max_anchors = 0;
        budget.max_depth = 8;
        budget.max_documents = 1;
        budget.max_nodes = 4_000;
        budget.max_events = 12_000;
        budget.max_merge_keys = 0;
    }
    serde_saphyr::from_str_with_options::<Option<Entries>>(yaml, options).map(Option::unwrap_or_default).map_err(
        |error| {
            let line = error.location().map_or(1, |at| u32::try_from(at.line()).unwrap_or(u32::MAX));
            let cause: String =
                error.without_snippet().render().lines().next().unwrap_or_default().chars().take(200).collect();
            Unreadable {
                line: line.saturating_add(1),
                sentence: format!(
                    "The front matter is not YAML we can read ({cause}). Put text with colons or hashes into quotes."
                ),
            }
        },
    )
}

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Map;
        impl<'de> Visitor<'de> for Map {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("lines of `key: value`")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Entries, A::Error> {
                entries(map)
            }
        }
        deserializer.deserialize_map(Map)
    }
}

fn entries<'de, A: MapAccess<'de>>(mut map: A) -> Result<Entries, A::Error> {
    let mut out = Vec::new();
    while let Some(key) = map.next_key::<Spanned<String>>()? {
        let line = u32::try_from(key.referenced.line()).unwrap_or(u32::MAX).saturating_add(1);
        out.push(Entry { key: key.value, line, value: map.next_value()? });
    }
    Ok(Entries(out))
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a list or lines of `key: value`")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut out = Vec::new();
        while let Some(value) = seq.next_element()? {
            out.push(value);
        }
        Ok(Value::List(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
        Ok(Value::Map(entries(map)?))
    }
}
