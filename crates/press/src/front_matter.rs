//! Reads what stands above a body: YAML between two lines of hyphens, ours or another program's.
//! Unknown keys are named, never guessed; anchors and bombs are refused.

mod times;
mod value;

use std::fmt;

use crate::markdown::{Notice, read_focus};

pub use times::Moment;
use value::{Entries, Entry, Value};

/// The longest front matter that is read, in bytes.
pub const FRONT_MATTER_BYTES_MAX: usize = 64 * 1024;

/// A file taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts<'a> {
    /// The YAML between the lines of hyphens; `None` if the file has no front matter.
    pub yaml: Option<&'a str>,
    pub body: &'a str,
    /// Lines above the body: hand them to [`crate::markdown::parse_after`].
    pub lines_before: u32,
}

/// What front matter may say. Everything is optional; absent and empty are the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FrontMatter {
    pub headline: Option<String>,
    pub kicker: Option<String>,
    pub standfirst: Option<String>,
    pub slug: Option<String>,
    pub section: Option<String>,
    pub topics: Vec<String>,
    /// BCP 47, as written.
    pub language: Option<String>,
    /// What this text is a translation of: a slug or an id.
    pub translation: Option<String>,
    pub bylines: Vec<Byline>,
    pub dateline: Option<String>,
    pub picture: Option<FrontPicture>,
    pub short: ShortForms,
    /// As written (`draft`, `live` …); `draft: true` says `draft`.
    pub state: Option<String>,
    pub published: Option<Moment>,
    pub updated: Option<Moment>,
    pub scheduled: Option<Moment>,
    pub embargo: Option<Moment>,
    /// The member of staff who wrote it, if one name stood there.
    pub author: Option<String>,
    pub corrections: Vec<Correction>,
    /// What changed in these words against the version before, in a line.
    pub changed: Option<String>,
    /// What readers saw before, oldest first as written.
    pub earlier: Vec<EarlierVersion>,
}

/// A version that readers saw before, in a file of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierVersion {
    pub file: String,
    pub at: Moment,
    pub changed: Option<String>,
}

/// One name above the text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Byline {
    /// Slug or id of an author known to the publication.
    pub author: Option<String>,
    pub name: Option<String>,
    pub role: Option<String>,
}

/// The picture above the text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FrontPicture {
    /// File name or address, as written.
    pub file: String,
    pub alt: Option<String>,
    pub caption: Option<String>,
    pub credit: Option<String>,
    /// In thousandths from the start and the top.
    pub focus: Option<(u16, u16)>,
}

/// Shorter headlines for other places.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShortForms {
    pub search: Option<String>,
    pub social: Option<String>,
    pub mail: Option<String>,
}

/// One correction, oldest or newest first as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    pub at: Option<Moment>,
    pub text: String,
}

/// Why front matter was not read. `Display` is a sentence with the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// 1-based, counted in the file.
    pub line: u32,
    /// One sentence for whoever wrote the file.
    pub sentence: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line {}: {}", self.line, self.sentence)
    }
}

impl std::error::Error for Unreadable {}

/// Takes a file apart. Front matter is there if the first line is `---` and a later one is `---` or `...`;
/// a byte order mark is skipped. Never fails: a file without front matter is all body.
pub fn split(file: &str) -> Parts<'_> {
    let text = file.strip_prefix('\u{feff}').unwrap_or(file);
    let whole = Parts { yaml: None, body: text, lines_before: 0 };
    let mut lines = text.split_inclusive('\n');
    let Some(first) = lines.next().filter(|line| line.trim_end() == "---") else { return whole };
    let mut end = first.len();
    for (at, line) in lines.enumerate() {
        if matches!(line.trim_end(), "---" | "...") {
            let lines_before = u32::try_from(at + 2).unwrap_or(u32::MAX);
            return Parts { yaml: Some(&text[first.len()..end]), body: &text[end + line.len()..], lines_before };
        }
        end += line.len();
    }
    whole
}

/// Reads YAML that begins in the second line of its file (as [`split`] hands it out).
///
/// Understands the names other programs use (`title`, `description`, `date`, `tags`, `draft`, `lang`, `image` …). Keys
/// nobody knows and values of the wrong kind become notices. Errs on broken YAML, on anchors, on more than
/// [`FRONT_MATTER_BYTES_MAX`], and on nesting or numbers of values no article needs.
pub fn read(yaml: &str) -> Result<(FrontMatter, Vec<Notice>), Unreadable> {
    if yaml.len() > FRONT_MATTER_BYTES_MAX {
        let sentence = format!("The front matter has more than {FRONT_MATTER_BYTES_MAX} bytes.");
        return Err(Unreadable { line: 1, sentence });
    }
    let entries = value::parse(yaml)?;
    let mut reader = Reader { front: FrontMatter::default(), notices: Vec::new() };
    for entry in entries.0 {
        reader.take(&entry);
    }
    Ok((reader.front, reader.notices))
}

struct Reader {
    front: FrontMatter,
    notices: Vec<Notice>,
}

impl Reader {
    fn notice(&mut self, entry: &Entry, sentence: String) {
        self.notices.push(Notice { line: entry.line, sentence });
    }

    /// Keeps the first of several keys that mean the same: ours are read as they stand.
    fn take(&mut self, entry: &Entry) {
        let key = entry.key.to_lowercase().replace('-', "_");
        match key.as_str() {
            "headline" | "title" => self.text(entry, |f| &mut f.headline),
            "kicker" => self.text(entry, |f| &mut f.kicker),
            "standfirst" | "description" | "summary" | "excerpt" | "subtitle" | "custom_excerpt" => {
                self.text(entry, |f| &mut f.standfirst);
            }
            "slug" | "permalink" => self.text(entry, |f| &mut f.slug),
            "section" | "category" => self.text(entry, |f| &mut f.section),
            "topics" | "tags" | "keywords" => self.topics(entry),
            "categories" => self.categories(entry),
            "language" | "lang" | "locale" => self.text(entry, |f| &mut f.language),
            "translation" | "translation_of" | "translationkey" => self.text(entry, |f| &mut f.translation),
            "bylines" | "byline" | "authors" | "by" => self.bylines(entry),
            "author" if matches!(entry.value, Value::List(_) | Value::Map(_)) => self.bylines(entry),
            "author" => self.text(entry, |f| &mut f.author),
            "dateline" | "location" => self.text(entry, |f| &mut f.dateline),
            "picture" | "image" | "cover" | "feature_image" | "featured_image" | "thumbnail" => self.picture(entry),
            "short" => self.short(entry),
            "state" | "status" => self.text(entry, |f| &mut f.state),
            "draft" => self.draft(entry, true),
            "published" if matches!(entry.value, Value::Bool(_)) => self.draft(entry, false),
            "published" | "date" | "published_at" | "publishdate" | "pubdate" => {
                self.moment(entry, |f| &mut f.published);
            }
            "updated" | "lastmod" | "modified" | "updated_at" | "last_modified_at" => {
                self.moment(entry, |f| &mut f.updated);
            }
            "scheduled" | "schedule" => self.moment(entry, |f| &mut f.scheduled),
            "embargo" => self.moment(entry, |f| &mut f.embargo),
            "corrections" | "correction" => self.corrections(entry),
            "changed" => self.text(entry, |f| &mut f.changed),
            "earlier" => self.earlier(entry),
            _ => self.notice(entry, format!("The key `{}` means nothing here and was left out.", entry.key)),
        }
    }

    fn text(&mut self, entry: &Entry, field: impl Fn(&mut FrontMatter) -> &mut Option<String>) {
        match entry.value.text() {
            Some(text) => {
                field(&mut self.front).get_or_insert(text);
            }
            None if entry.value.is_empty() => {}
            None => self.notice(entry, format!("`{}` takes one line of text; it was left out.", entry.key)),
        }
    }

    fn moment(&mut self, entry: &Entry, field: impl Fn(&mut FrontMatter) -> &mut Option<Moment>) {
        if entry.value.is_empty() {
            return;
        }
        match entry.value.text().as_deref().and_then(times::read) {
            Some(moment) => {
                field(&mut self.front).get_or_insert(moment);
            }
            None => {
                let sentence =
                    format!("`{}` takes a time such as 2025-08-22T18:40:00+03:00; it was left out.", entry.key);
                self.notice(entry, sentence);
            }
        }
    }

    fn topics(&mut self, entry: &Entry) {
        match entry.value.texts() {
            Some(topics) => self.front.topics.extend(topics),
            None => self.notice(entry, format!("`{}` takes a list of names; it was left out.", entry.key)),
        }
        let mut seen = std::collections::HashSet::new();
        self.front.topics.retain(|topic| seen.insert(topic.clone()));
    }

    /// The first category is the section, the others are topics.
    fn categories(&mut self, entry: &Entry) {
        match entry.value.texts() {
            Some(mut names) => {
                if self.front.section.is_none() && !names.is_empty() {
                    self.front.section = Some(names.remove(0));
                }
                self.front.topics.extend(names);
            }
            None => self.notice(entry, format!("`{}` takes a list of names; it was left out.", entry.key)),
        }
    }

    fn draft(&mut self, entry: &Entry, value_of_draft: bool) {
        match entry.value {
            Value::Bool(value) if value == value_of_draft => {
                self.front.state.get_or_insert_with(|| "draft".to_owned());
            }
            Value::Bool(_) => {}
            Value::Null | Value::Text(_) | Value::List(_) | Value::Map(_) => {
                self.notice(entry, format!("`{}` is either true or false; it was left out.", entry.key));
            }
        }
    }

    fn bylines(&mut self, entry: &Entry) {
        let all = match &entry.value {
            Value::List(all) => all.as_slice(),
            one @ (Value::Null | Value::Bool(_) | Value::Text(_) | Value::Map(_)) => std::slice::from_ref(one),
        };
        for one in all {
            let byline = match one {
                Value::Map(map) => Byline {
                    author: map.get("author").or_else(|| map.get("slug")).and_then(Value::text),
                    name: map.get("name").and_then(Value::text),
                    role: map.get("role").and_then(Value::text),
                },
                Value::Null | Value::Bool(_) | Value::Text(_) | Value::List(_) => {
                    Byline { name: one.text(), ..Byline::default() }
                }
            };
            if byline.author.is_some() || byline.name.is_some() {
                self.front.bylines.push(byline);
            } else if !one.is_empty() {
                self.notice(entry, format!("`{}` takes names, or author, name and role.", entry.key));
            }
        }
    }

    fn picture(&mut self, entry: &Entry) {
        let picture = match &entry.value {
            Value::Map(map) => {
                let file = ["file", "src", "url", "path"].iter().find_map(|key| map.get(key).and_then(Value::text));
                let text = |key: &str| map.get(key).and_then(Value::text);
                file.map(|file| FrontPicture {
                    file,
                    alt: text("alt"),
                    caption: text("caption"),
                    credit: text("credit"),
                    focus: map.get("focus").and_then(Value::texts).and_then(|f| read_focus(&f.join(","))),
                })
            }
            Value::Null | Value::Bool(_) | Value::Text(_) | Value::List(_) => {
                entry.value.text().map(|file| FrontPicture { file, ..FrontPicture::default() })
            }
        };
        match picture {
            Some(picture) => {
                self.front.picture.get_or_insert(picture);
            }
            None if entry.value.is_empty() => {}
            None => self.notice(entry, format!("`{}` takes a file name, or file, alt, caption, credit.", entry.key)),
        }
    }

    fn short(&mut self, entry: &Entry) {
        let Value::Map(map) = &entry.value else {
            self.notice(entry, "`short` takes search, social and mail; it was left out.".to_owned());
            return;
        };
        for inner in &map.0 {
            let field = match inner.key.as_str() {
                "search" => &mut self.front.short.search,
                "social" => &mut self.front.short.social,
                "mail" => &mut self.front.short.mail,
                _ => {
                    self.notice(inner, format!("`short` has no `{}`; it was left out.", inner.key));
                    continue;
                }
            };
            *field = inner.value.text();
        }
    }

    fn earlier(&mut self, entry: &Entry) {
        let Value::List(all) = &entry.value else {
            return self.notice(entry, "`earlier` takes a list of versions; it was left out.".to_owned());
        };
        for one in all {
            let Value::Map(map) = one else {
                self.notice(entry, "An earlier version needs file and at; one was left out.".to_owned());
                continue;
            };
            let text = |key: &str| map.get(key).and_then(Value::text);
            match (text("file"), text("at").as_deref().and_then(times::read)) {
                (Some(file), Some(at)) => {
                    self.front.earlier.push(EarlierVersion { file, at, changed: text("changed") });
                }
                _ => self.notice(entry, "An earlier version needs file and at; one was left out.".to_owned()),
            }
        }
    }

    fn corrections(&mut self, entry: &Entry) {
        let all = match &entry.value {
            Value::List(all) => all.as_slice(),
            one @ (Value::Null | Value::Bool(_) | Value::Text(_) | Value::Map(_)) => std::slice::from_ref(one),
        };
        for one in all {
            let correction = match one {
                Value::Map(map) => {
                    let at = map.get("at").or_else(|| map.get("date")).and_then(Value::text);
                    let at = at.as_deref().and_then(times::read);
                    map.get("text").and_then(Value::text).map(|text| Correction { at, text })
                }
                Value::Null | Value::Bool(_) | Value::Text(_) | Value::List(_) => {
                    one.text().map(|text| Correction { at: None, text })
                }
            };
            match correction {
                Some(correction) => self.front.corrections.push(correction),
                None if one.is_empty() => {}
                None => self.notice(entry, "A correction needs a text; one was left out.".to_owned()),
            }
        }
    }
}

impl Entries {
    fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }
}
