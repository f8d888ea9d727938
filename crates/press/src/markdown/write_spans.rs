//! Writes spans so that reading them gives the same spans: everything that could be markup is escaped.

use newsroom::document::Span;

use super::{attributes, tidy};

/// Where a line of spans will stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    /// A break may start a new line.
    Lines,
    /// Headings and table cells: everything on one line.
    OneLine,
    /// As `OneLine`, with `|` escaped.
    Cell,
}

/// Spans as Markdown. `labels` are the footnote names, by index.
pub(super) fn spans(spans: &[Span], place: Where, labels: &[String]) -> String {
    let mut writer = Writer { out: String::new(), place, labels };
    writer.all(&tidy::spans(spans.to_vec()), true);
    if place == Where::Cell { writer.out.replace('|', "\\|") } else { writer.out }
}

/// Plain text as Markdown on one line.
pub(super) fn text(text: &str) -> String {
    spans(&[Span::Text(text.to_owned())], Where::OneLine, &[])
}

struct Writer<'a> {
    out: String,
    place: Where,
    labels: &'a [String],
}

impl Writer<'_> {
    fn all(&mut self, spans: &[Span], outermost: bool) {
        for (at, span) in spans.iter().enumerate() {
            self.one(span, spans.get(at + 1), outermost);
        }
    }

    fn one(&mut self, span: &Span, next: Option<&Span>, outermost: bool) {
        match span {
            Span::Text(text) => self.text(text, next.is_none()),
            Span::Emphasis(inner) => self.around(inner, next, outermost, "*", "em"),
            Span::Strong(inner) => self.around(inner, next, outermost, "**", "strong"),
            Span::Struck(inner) => self.around(inner, next, outermost, "~~", "s"),
            Span::Subscript(inner) => self.around(inner, next, outermost, "~", "sub"),
            Span::Superscript(inner) => self.around(inner, next, outermost, "^", "sup"),
            Span::Link { url, title, text } => {
                self.out.push('[');
                self.all(text, false);
                self.out.push(']');
                self.target(url, title.as_deref());
            }
            Span::Picture { source, alt } => {
                self.out.push_str("![");
                self.text(alt, true);
                self.out.push(']');
                self.target(source, None);
            }
            Span::Code(text) => self.code(text),
            Span::Mark { class, pairs, text } => {
                self.out.push('[');
                self.all(text, false);
                self.out.push_str("]{");
                self.out.push_str(&mark_attributes(class, pairs));
                self.out.push('}');
            }
            Span::Note { note, .. } => {
                if let Some(label) = self.labels.get(*note as usize) {
                    self.out.push_str(&format!("[^{label}]"));
                }
            }
            Span::Break => self.line_break(next),
        }
    }

    fn line_break(&mut self, next: Option<&Span>) {
        let starts_line = matches!(next, Some(Span::Break)) || self.out.is_empty() || self.out.ends_with('\n');
        if self.place == Where::Lines && !starts_line {
            self.out.push_str("\\\n");
        } else {
            self.out.push_str("<br>");
        }
    }

    /// With delimiters where they cannot be misread; else as the tag that means the same.
    fn around(&mut self, inner: &[Span], next: Option<&Span>, outermost: bool, mark: &str, tag: &str) {
        let plain = delimiters_are_clear(inner, next, outermost, self.out.chars().last());
        if plain {
            self.out.push_str(mark);
            self.all(inner, false);
            self.out.push_str(mark);
        } else {
            self.out.push_str(&format!("<{tag}>"));
            self.all(inner, false);
            self.out.push_str(&format!("</{tag}>"));
        }
    }

    fn target(&mut self, url: &str, title: Option<&str>) {
        let plain =
            !url.is_empty() && url.chars().all(|c| c.is_ascii_alphanumeric() || "/:.-_~?=#%+,;@!'$".contains(c));
        let url: String = if plain { url.to_owned() } else { format!("<{}>", for_target(url)) };
        self.out.push_str(&format!("({url}"));
        if let Some(title) = title {
            self.out.push_str(&format!(" \"{}\"", for_target(title)));
        }
        self.out.push(')');
    }

    fn code(&mut self, text: &str) {
        let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(longest + 1);
        let spaces_would_go = text.starts_with(' ') && text.ends_with(' ') && !text.trim_matches(' ').is_empty();
        let pad = if text.starts_with('`') || text.ends_with('`') || spaces_would_go { " " } else { "" };
        self.out.push_str(&format!("{fence}{pad}{text}{pad}{fence}"));
    }

    fn text(&mut self, text: &str, is_last: bool) {
        let chars: Vec<char> = text.chars().collect();
        for (at, &c) in chars.iter().enumerate() {
            let rest = &chars[at + 1..];
            let line_start = self.out.is_empty() || self.out.ends_with('\n');
            let before = self.out.chars().last();
            let escape = match c {
                '\\' | '`' | '*' | '[' | ']' | '<' | '~' | '^' => true,
                '_' => {
                    !(before.is_some_and(char::is_alphanumeric) && rest.first().is_some_and(|c| c.is_alphanumeric()))
                }
                '&' => is_entity(rest),
                '!' => rest.is_empty(),
                ':' => line_start || before == Some(']') && at == 0,
                '#' => line_start || self.place != Where::Lines,
                '>' | '+' | '-' | '=' | '|' => line_start,
                '.' | ')' => self.ends_with_line_number(),
                _ => false,
            };
            if line_start && c.is_whitespace() || is_last && rest.is_empty() && c.is_whitespace() && c.is_ascii() {
                self.out.push_str(&format!("&#{};", u32::from(c)));
                continue;
            }
            if c == '|' && self.place == Where::Cell {
                self.out.push_str("&#124;");
                continue;
            }
            if escape {
                self.out.push('\\');
            }
            self.out.push(c);
        }
    }

    /// Whether the line so far is nothing but a number: then a full stop would start a list.
    fn ends_with_line_number(&self) -> bool {
        let digits = self.out.bytes().rev().take(10).take_while(u8::is_ascii_digit).count();
        let before = self.out.len() - digits;
        let is_line_start = before == 0 || self.out.as_bytes()[before - 1] == b'\n';
        is_line_start && (1..=9).contains(&digits)
    }
}

/// `.class key=value`, without the braces.
fn mark_attributes(class: &str, pairs: &[(String, String)]) -> String {
    let mut out: Vec<String> = class.split(' ').map(|class| format!(".{class}")).collect();
    out.extend(pairs.iter().map(|(key, value)| {
        let value = attributes::write_value(value);
        // Inside a paragraph the braces are text to comrak, and a backslash would end the run of text:
        // what is markup there is written as its number.
        format!("{key}={}", numbered(&value))
    }));
    out.join(" ")
}

fn numbered(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\*_`[]<>&~^!|".contains(c) {
            out.push_str(&format!("&#{};", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

/// A title or an address in angle brackets. comrak reads entities first and backslashes after, so that only entities
/// are safe, and a backslash must be two.
pub(super) fn for_target(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("&#92;&#92;"),
            '&' | '"' | '<' | '>' | '|' => out.push_str(&format!("&#{};", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

fn is_entity(rest: &[char]) -> bool {
    let run = rest.iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '#').count();
    run > 0 && rest.get(run) == Some(&';')
}

/// Delimiters are safe if the text inside begins and ends with a letter or digit and nothing outside touches them
/// that could be read as part of them.
fn delimiters_are_clear(inner: &[Span], next: Option<&Span>, outermost: bool, before: Option<char>) -> bool {
    let (Some(Span::Text(first)), Some(Span::Text(last))) = (inner.first(), inner.last()) else { return false };
    let inside = first.starts_with(char::is_alphanumeric) && last.ends_with(char::is_alphanumeric);
    let clear = |c: char| c.is_ascii_whitespace() || ",.;:?!()\"'/-{}".contains(c) || outermost && c.is_alphanumeric();
    let before = before.is_none_or(clear);
    let after = match next {
        None => outermost,
        Some(Span::Text(text)) => text.starts_with(clear),
        Some(Span::Break) => true,
        Some(
            Span::Emphasis(_)
            | Span::Strong(_)
            | Span::Struck(_)
            | Span::Link { .. }
            | Span::Code(_)
            | Span::Subscript(_)
            | Span::Superscript(_)
            | Span::Picture { .. }
            | Span::Mark { .. }
            | Span::Note { .. },
        ) => false,
    };
    inside && before && after && !inner.iter().any(nests)
}

fn nests(span: &Span) -> bool {
    match span {
        Span::Text(_) | Span::Code(_) | Span::Note { .. } | Span::Picture { .. } | Span::Break => false,
        Span::Link { text, .. } | Span::Mark { text, .. } => text.iter().any(nests),
        Span::Emphasis(_) | Span::Strong(_) | Span::Struck(_) | Span::Subscript(_) | Span::Superscript(_) => true,
    }
}
