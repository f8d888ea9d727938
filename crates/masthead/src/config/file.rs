//! Reads `masthead.toml`: every value with the line it stands in.

use std::ops::Range;
use std::path::Path;

use toml::de::{DeArray, DeTable, DeValue};

use super::given::Given;
use super::keys::{Draft, KEYS, Place, RELAYS_MAX, Source};
use super::{Fault, nearest};

/// Takes everything in `text`; each fault names its line.
pub(super) fn take(text: &str, path: &Path, draft: &mut Draft, faults: &mut Vec<Fault>) {
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            let line = error.span().map_or(1, |span| line_of(text, &span));
            let message = error.message().trim_end_matches('.').replace('\n', ", ");
            faults.push(Fault::of_line(path, line, format!("this is not TOML: {message}.")));
            return;
        }
    };
    Reading { text, path, draft, faults }.top(table.get_ref());
}

struct Reading<'a> {
    text: &'a str,
    path: &'a Path,
    draft: &'a mut Draft,
    faults: &'a mut Vec<Fault>,
}

impl Reading<'_> {
    fn top(&mut self, table: &DeTable<'_>) {
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            match (name, value.get_ref()) {
                ("relay", DeValue::Table(relay)) => self.relay(0, relay, &key.span()),
                ("relay", DeValue::Array(relays)) => self.relays(relays, &key.span()),
                ("relay", _) => self.fault(&key.span(), "“relay” is a group of settings: write [[relay]] above them."),
                (name, DeValue::Table(group)) => self.group(name, group, &key.span()),
                (name, value) if is_group(name) => {
                    let _ = value;
                    self.fault(&key.span(), format!("“{name}” is a group of settings: write [{name}] above them."));
                }
                (name, value) => self.one(name, value, &key.span()),
            }
        }
    }

    fn group(&mut self, group: &str, table: &DeTable<'_>, span: &Range<usize>) {
        if !is_group(group) {
            let groups = KEYS.iter().filter_map(|(name, _)| name.split_once('.')).map(|(group, _)| group);
            let sentence = match nearest::nearest(group, groups.chain(["relay"])) {
                Some(meant) => format!("there is no group “{group}”. Did you mean “{meant}”?"),
                None => {
                    format!(
                        "there is no group “{group}”. There are: database, storage, outgoing, dns, cache, relay, mail, bounces, log."
                    )
                }
            };
            return self.fault(span, sentence);
        }
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let whole = format!("{group}.{name}");
            if KEYS.iter().any(|(known, _)| *known == whole) {
                self.one(&whole, value.get_ref(), &key.span());
                continue;
            }
            let siblings = || KEYS.iter().filter_map(|(known, _)| known.strip_prefix(group)?.strip_prefix('.'));
            let sentence = match nearest::nearest(name, siblings()) {
                Some(meant) => format!("there is no setting “{name}” below [{group}]. Did you mean “{meant}”?"),
                None => {
                    let all: Vec<&str> = siblings().collect();
                    format!("there is no setting “{name}” below [{group}]. There are: {}.", all.join(", "))
                }
            };
            self.fault(&key.span(), sentence);
        }
    }

    fn relays(&mut self, relays: &DeArray<'_>, span: &Range<usize>) {
        if relays.len() > RELAYS_MAX {
            return self.fault(span, format!("there are {} relays; the most is {RELAYS_MAX}.", relays.len()));
        }
        for (n, relay) in relays.iter().enumerate() {
            match relay.get_ref() {
                DeValue::Table(table) => self.relay(n, table, &relay.span()),
                _ => self.fault(&relay.span(), "a relay is a group of settings: write [[relay]] above them."),
            }
        }
    }

    fn relay(&mut self, n: usize, table: &DeTable<'_>, span: &Range<usize>) {
        let words = self.words(span);
        self.draft.open_relay(n, &words);
        for (key, value) in table {
            let (span, given) = (key.span(), given(value.get_ref()));
            let words = self.words(&span);
            let place = Place { source: Source::File, folder: folder(self.path), words: &words };
            if let Err(sentence) = self.draft.take_relay(n, key.get_ref().as_ref(), &given, place) {
                self.fault(&span, sentence);
            }
        }
    }

    fn one(&mut self, name: &str, value: &DeValue<'_>, span: &Range<usize>) {
        let words = self.words(span);
        let place = Place { source: Source::File, folder: folder(self.path), words: &words };
        if let Err(sentence) = self.draft.take(name, &given(value), place) {
            self.fault(span, sentence);
        }
    }

    fn words(&self, span: &Range<usize>) -> String {
        format!("{}, line {}", self.path.display(), line_of(self.text, span))
    }

    fn fault(&mut self, span: &Range<usize>, sentence: impl Into<String>) {
        self.faults.push(Fault::of_line(self.path, line_of(self.text, span), sentence));
    }
}

fn is_group(name: &str) -> bool {
    KEYS.iter().any(|(known, _)| known.split_once('.').is_some_and(|(group, _)| group == name))
}

fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

fn line_of(text: &str, span: &Range<usize>) -> usize {
    let before = &text.as_bytes()[..span.start.min(text.len())];
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}

fn given(value: &DeValue<'_>) -> Given {
    match value {
        DeValue::String(text) => Given::Text(text.to_string()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Given::Whole(number),
            Err(_) => Given::Else("a number out of range"),
        },
        DeValue::Boolean(truth) => Given::Truth(*truth),
        DeValue::Array(list) => {
            let texts = list.iter().map(|value| value.get_ref().as_str().map(str::to_owned));
            texts.collect::<Option<_>>().map_or(Given::Else("a list of other things than texts"), Given::List)
        }
        DeValue::Float(_) => Given::Else("a number with a fraction"),
        DeValue::Datetime(_) => Given::Else("a date"),
        DeValue::Table(_) => Given::Else("a group"),
    }
}
