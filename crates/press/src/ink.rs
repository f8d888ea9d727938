//! What every HTML printer shares: escaping, addresses, and the marks inside a line.
//! Never prints a block; each kind of paper does that for itself.

use newsroom::document::{AsideKind, Attribution, Span, safe_link};

use crate::page::Colour;
use crate::words::{Words, fill};

/// The words a printer needs, in the language of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// BCP 47 tag of the language they and the text are in.
    pub language: &'static str,
    /// `Speaker not stated`
    pub speaker_not_stated: String,
    /// `Note`: a number follows.
    pub note: String,
    /// `Notes`: above the notes of a text version.
    pub notes: String,
    /// `Back`: from a note to the text.
    pub back: String,
    /// `Picture`: before the description of a picture in a text version.
    pub picture: String,
    /// `Table`: names a table without a caption.
    pub table: String,
    /// `How we know`: names a box of that kind.
    pub how_we_know: String,
    /// `Opens at {host}`: under an embed, before a reader follows it.
    pub leads_to: String,
}

impl Labels {
    /// The words of a language.
    pub fn of(words: &Words) -> Self {
        let say = |key| words.say(key, &[]);
        Labels {
            language: words.language(),
            speaker_not_stated: say("speaker_not_stated"),
            note: say("note"),
            notes: say("notes"),
            back: say("back"),
            picture: say("picture"),
            table: say("table"),
            how_we_know: say("how_we_know"),
            leads_to: say("leads_to"),
        }
    }

    /// What stands above a box: its own title, else what its kind is called.
    pub(crate) fn aside_title<'a>(&'a self, kind: AsideKind, title: &'a str) -> &'a str {
        match kind {
            AsideKind::HowWeKnow if title.is_empty() => &self.how_we_know,
            AsideKind::HowWeKnow | AsideKind::Explainer => title,
        }
    }

    /// Where an embed would lead, said before anything is loaded; None for addresses on this site.
    pub(crate) fn embed_host(&self, url: &str) -> Option<String> {
        let host = url.split_once("://")?.1.split(['/', '?', '#']).next()?;
        let host = host.strip_prefix("www.").unwrap_or(host);
        Some(fill(&self.leads_to, &[("host", host)]))
    }

    /// English words.
    pub fn english() -> Self {
        let own = str::to_owned;
        Labels {
            language: "en",
            speaker_not_stated: own("Speaker not stated"),
            note: own("Note"),
            notes: own("Notes"),
            back: own("Back"),
            picture: own("Picture"),
            table: own("Table"),
            how_we_know: own("How we know"),
            leads_to: own("Opens at {host}; nothing is loaded from there before."),
        }
    }
}

/// A picture as it can be fetched.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PrintedPicture {
    /// Address of the JPEG every program can show.
    pub src: String,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// `address 360w, address 720w` of the WebP renditions; empty if there are none.
    pub webp_srcset: String,
    /// The same for JPEG.
    pub jpeg_srcset: String,
    /// Main colour as `#rrggbb`, shown until the picture has loaded; empty if not known.
    pub colour: String,
}

impl PrintedPicture {
    /// The class that carries the main colour into the style of the page: `c-0a5866`. None if it is not known.
    pub fn tint(&self) -> Option<String> {
        Colour::parse(&self.colour).ok().map(|colour| format!("c-{}", colour.to_string().trim_start_matches('#')))
    }
}

/// Answers a picture for a source as written in the document (`picture:ID`), or `None` if it is not to be had.
pub type Pictures<'a> = dyn Fn(&str) -> Option<PrintedPicture> + 'a;

/// Text for HTML and XML, inside elements and quoted attributes (`&`, `<`, `>`, `"`, `'`).
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for c in text.chars() {
        match c {
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => push_text(&mut out, c.encode_utf8(&mut [0; 4])),
        }
    }
    out
}

/// Text between tags: quotes may stay as they are.
pub(crate) fn push_text(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
}

/// An address seen from outside our site. `base` is an origin such as `https://paper.example`, or the address of the
/// page itself; fragments and queries are put behind it. Unsafe addresses become `#`.
pub fn absolute(base: &str, url: &str) -> String {
    if !safe_link(url) {
        return "#".to_owned();
    }
    let has_scheme = url.find([':', '/', '?', '#']).is_some_and(|at| url.as_bytes()[at] == b':');
    if has_scheme {
        return url.to_owned();
    }
    let origin_end = base.find("://").and_then(|at| base[at + 3..].find(['/', '?', '#']).map(|end| at + 3 + end));
    let origin = &base[..origin_end.unwrap_or(base.len())];
    if let Some(rest) = url.strip_prefix("//") {
        let scheme = base.split("://").next().unwrap_or("https");
        return format!("{scheme}://{rest}");
    }
    if url.starts_with('/') {
        return format!("{origin}{url}");
    }
    let page = base.split(['?', '#']).next().unwrap_or(base);
    if url.starts_with(['?', '#']) {
        return format!("{page}{url}");
    }
    let folder_end = page.rfind('/').filter(|at| *at >= origin.len()).unwrap_or(page.len());
    format!("{}/{url}", &page[..folder_end])
}

/// `rtl` or `ltr`, from a BCP 47 language tag.
pub fn direction(language: &str) -> &'static str {
    let primary = language.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let script = language.split(['-', '_']).nth(1).unwrap_or_default();
    let is_rtl = ["ar", "he", "fa", "ur", "ps", "sd", "ug", "yi", "dv", "ckb"].contains(&primary.as_str())
        && !script.eq_ignore_ascii_case("Latn");
    if is_rtl { "rtl" } else { "ltr" }
}

/// Role, occasion and time of a speaker as one line; empty if none is known.
pub(crate) fn speaker_line(attribution: &Attribution) -> String {
    match attribution {
        Attribution::None | Attribution::NotStated => String::new(),
        Attribution::Speaker { name: _, role, occasion, when } => {
            let parts: Vec<&str> = [role, occasion, when].into_iter().flatten().map(String::as_str).collect();
            parts.join(comma(&attribution_words(attribution)))
        }
    }
}

fn attribution_words(attribution: &Attribution) -> String {
    match attribution {
        Attribution::None | Attribution::NotStated => String::new(),
        Attribution::Speaker { name, role, .. } => format!("{name}{}", role.as_deref().unwrap_or_default()),
    }
}

/// The comma of the script a text is written in, with the space that belongs to it.
pub(crate) fn comma(text: &str) -> &'static str {
    let is_arabic = |c: char| matches!(c, '\u{0600}'..='\u{06FF}' | '\u{0750}'..='\u{077F}');
    let is_han_or_kana = |c: char| matches!(c, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}');
    if text.chars().any(is_arabic) {
        "، "
    } else if text.chars().any(is_han_or_kana) {
        "、"
    } else {
        ", "
    }
}

/// How notes are pointed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoteLinks {
    /// With links there and back.
    Linked,
    /// As bare numbers: in mail and feeds fragments lead nowhere.
    Bare,
}

/// Prints what stands inside a line.
pub(crate) struct Inline<'a> {
    pub(crate) labels: &'a Labels,
    pub(crate) pictures: &'a Pictures<'a>,
    /// `Some`: addresses are made absolute.
    pub(crate) base: Option<&'a str>,
    pub(crate) notes: NoteLinks,
    /// Further attributes of every link, with a space before: ` class="a" style="…"`.
    pub(crate) link_attributes: &'a str,
}

impl Inline<'_> {
    pub(crate) fn spans(&self, spans: &[Span], out: &mut String) {
        self.all(spans, false, out);
    }

    pub(crate) fn href(&self, url: &str) -> String {
        match self.base {
            Some(base) => escape(&absolute(base, url)),
            None if safe_link(url) => escape(url),
            None => "#".to_owned(),
        }
    }

    fn all(&self, spans: &[Span], in_link: bool, out: &mut String) {
        for span in spans {
            self.one(span, in_link, out);
        }
    }

    fn one(&self, span: &Span, in_link: bool, out: &mut String) {
        let mut around = |tag: &str, inner: &[Span]| {
            out.push_str(&format!("<{tag}>"));
            self.all(inner, in_link, out);
            out.push_str(&format!("</{tag}>"));
        };
        match span {
            Span::Text(text) => push_text(out, &crate::spaces::set(self.labels.language, text)),
            Span::Emphasis(inner) => around("em", inner),
            Span::Strong(inner) => around("strong", inner),
            Span::Struck(inner) => around("s", inner),
            Span::Subscript(inner) => around("sub", inner),
            Span::Superscript(inner) => around("sup", inner),
            Span::Link { text, .. } if in_link => self.all(text, true, out),
            Span::Link { url, title, text } => {
                out.push_str(&format!("<a href=\"{}\"{}", self.href(url), self.link_attributes));
                if let Some(title) = title {
                    out.push_str(&format!(" title=\"{}\"", escape(title)));
                }
                out.push('>');
                self.all(text, true, out);
                out.push_str("</a>");
            }
            Span::Code(text) => out.push_str(&format!("<code>{}</code>", escape(text))),
            Span::Picture { source, alt } => self.picture(source, alt, out),
            Span::Mark { pairs, text, .. } => self.mark(pairs, text, in_link, out),
            Span::Note { note, mention } => self.note(*note, *mention, in_link, out),
            Span::Break => out.push_str("<br>"),
        }
    }

    fn picture(&self, source: &str, alt: &str, out: &mut String) {
        let Some(picture) = (self.pictures)(source) else {
            push_text(out, alt);
            return;
        };
        let (src, alt) = (self.href(&picture.src), escape(alt));
        out.push_str(&format!(
            "<img src=\"{src}\" width=\"{}\" height=\"{}\" alt=\"{alt}\" loading=\"lazy\">",
            picture.width, picture.height
        ));
    }

    /// A mark prints as its text; a language or an anchor written on it makes a span.
    fn mark(&self, pairs: &[(String, String)], text: &[Span], in_link: bool, out: &mut String) {
        let value = |key: &str| pairs.iter().find(|(k, v)| k == key && is_name(v)).map(|(_, v)| v.as_str());
        let language = value("lang");
        let id = value("id").filter(|_| self.notes == NoteLinks::Linked);
        if language.is_none() && id.is_none() {
            self.all(text, in_link, out);
            return;
        }
        out.push_str("<span");
        if let Some(id) = id {
            out.push_str(&format!(" id=\"{id}\""));
        }
        if let Some(language) = language {
            out.push_str(&format!(" lang=\"{language}\" dir=\"{}\"", direction(language)));
        }
        out.push('>');
        self.all(text, in_link, out);
        out.push_str("</span>");
    }

    fn note(&self, note: u32, mention: u32, in_link: bool, out: &mut String) {
        let number = note.saturating_add(1);
        let id = mention_id(note, mention);
        match self.notes {
            NoteLinks::Bare => out.push_str(&format!("<sup>{number}</sup>")),
            NoteLinks::Linked if in_link => out.push_str(&format!("<sup id=\"{id}\">{number}</sup>")),
            NoteLinks::Linked => out.push_str(&format!(
                "<sup><a id=\"{id}\" href=\"#n{number}\" aria-label=\"{} {number}\">{number}</a></sup>",
                escape(&self.labels.note)
            )),
        }
    }
}

/// `r1` for the first mention of the first note, `r1-2` for its second.
pub(crate) fn mention_id(note: u32, mention: u32) -> String {
    let number = note.saturating_add(1);
    if mention <= 1 { format!("r{number}") } else { format!("r{number}-{mention}") }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_whole_outside_our_site() {
        let check = |base: &str, url: &str, want: &str| assert_eq!(absolute(base, url), want, "{base} {url}");
        check("https://a.org", "/x", "https://a.org/x");
        check("https://a.org/s/t", "/x", "https://a.org/x");
        check("https://a.org/s/t", "x", "https://a.org/s/x");
        check("https://a.org", "x", "https://a.org/x");
        check("https://a.org/s/t?q#f", "#n1", "https://a.org/s/t#n1");
        check("https://a.org/s", "https://b.org/", "https://b.org/");
        check("https://a.org/s", "//b.org/x", "https://b.org/x");
        check("https://a.org/s", "mailto:x@y.org", "mailto:x@y.org");
        check("https://a.org/s", "javascript:alert(1)", "#");
    }
}
