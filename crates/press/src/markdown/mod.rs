//! Reads Markdown into a [`Document`] and writes a [`Document`] as Markdown.
//! Owns the dialect: CommonMark, GFM tables, footnotes, containers and marks. Never prints pages, never opens a file.

mod attributes;
mod blocks;
mod containers;
mod quote;
mod spans;
mod tidy;
mod write;
mod write_spans;

use std::fmt;

use comrak::{Arena, Options};
use newsroom::document::Document;

pub(crate) use containers::read_focus;
pub use write::write;

/// The longest body that is read, in bytes.
pub const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;
/// How many quotes, lists and boxes may stand inside each other.
pub const LEVELS_MAX: usize = 32;
/// How many blocks one body may have, those inside others included.
pub const BLOCKS_MAX: usize = 20_000;

/// How many notices one text gets; the first lines come first.
pub const NOTICES_MAX: usize = 500;

/// Stands in for a colon on the opening line of a container: comrak allows none there.
const COLON: char = '\u{FDD0}';

/// What a text became, and what its writer should know about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    pub document: Document,
    /// In the order of lines.
    pub notices: Vec<Notice>,
}

/// Something that was left out, changed or not understood; the text was read all the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    /// 1-based, counted in the file.
    pub line: u32,
    /// One sentence for the writer.
    pub sentence: String,
}

/// Why a text was not read at all. `Display` is a sentence for the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TooMuch {
    /// More than [`BODY_BYTES_MAX`].
    Bytes(usize),
    /// Deeper than [`LEVELS_MAX`], first at this line.
    Levels { line: u32 },
    /// More than [`BLOCKS_MAX`], first at this line.
    Blocks { line: u32 },
}

impl fmt::Display for TooMuch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TooMuch::Bytes(bytes) => write!(
                f,
                "This text has {bytes} bytes; an article may have {BODY_BYTES_MAX}. Split it into several articles."
            ),
            TooMuch::Levels { line } => write!(
                f,
                "In line {line}, quotes, lists and boxes stand more than {LEVELS_MAX} deep inside each other. \
                 Take some of them apart."
            ),
            TooMuch::Blocks { line } => write!(
                f,
                "From line {line} on there are more than {BLOCKS_MAX} paragraphs and other blocks. \
                 Split the text into several articles."
            ),
        }
    }
}

impl std::error::Error for TooMuch {}

/// Reads a body: CommonMark 0.31 with GFM tables and strikethrough, footnotes, `H~2~O`, `m^3^`, fenced
/// containers (`::: figure {src=a.jpg}`), quote attributions and marks (`[…]{.event}`).
///
/// Prose never fails: what is not understood stays as text or is left out with a [`Notice`]. Places count
/// characters. Errs only beyond the limits above.
pub fn parse(body: &str) -> Result<Parsed, TooMuch> {
    parse_after(body, 0)
}

/// [`parse`], for a body that has `lines_before` lines of front matter above it: places and notices count in the file.
pub fn parse_after(body: &str, lines_before: u32) -> Result<Parsed, TooMuch> {
    if body.len() > BODY_BYTES_MAX {
        return Err(TooMuch::Bytes(body.len()));
    }
    let body = prepare(body);
    if let Some(line) = too_deep(&body) {
        return Err(TooMuch::Levels { line: line.saturating_add(lines_before) });
    }
    let arena = Arena::new();
    let root = comrak::parse_document(&arena, &body, &options());
    let lines: Vec<&str> = body.lines().collect();
    let mut reader = blocks::Reader::new(root, &lines, lines_before);
    let mut document = reader.document(root)?;
    tidy::number_notes(&mut document, &mut reader)?;
    let mut notices = reader.notices;
    notices.sort();
    notices.dedup();
    notices.truncate(NOTICES_MAX);
    Ok(Parsed { document, notices })
}

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.footnotes = true;
    options.extension.subscript = true;
    options.extension.superscript = true;
    options.extension.block_directive = true;
    options.extension.cjk_friendly_emphasis = true;
    options.parse.leave_footnote_definitions = true;
    options.parse.escaped_char_spans = true;
    options
}

/// Hides colons on the opening lines of containers; [`reveal`] brings them back wherever text leaves the tree.
fn prepare(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    let body = body.replace("\r\n", "\n").replace('\r', "\n");
    for line in body.split_inclusive('\n') {
        match colons_to_hide(line) {
            Some(at) => {
                out.push_str(&line[..at]);
                out.extend(line[at..].chars().map(|c| if c == ':' { COLON } else { unhidden(c) }));
            }
            None => out.extend(line.chars().map(unhidden)),
        }
    }
    out
}

/// The first line (1-based) that opens far more than [`LEVELS_MAX`] quotes, items or containers. comrak needs time that
/// grows with the square of their depth (100 KB of `> ` took 5 s), so they are counted before it sees them.
fn too_deep(body: &str) -> Option<u32> {
    let mut containers = 0usize;
    for (at, line) in body.lines().enumerate() {
        let start = line.trim_start_matches(['>', ' ', '\t']);
        if let Some(rest) = start.strip_prefix(":::") {
            let is_open = !rest.trim_matches(':').trim().is_empty();
            containers = if is_open { containers + 1 } else { containers.saturating_sub(1) };
        }
        if containers > 2 * LEVELS_MAX || markers(line) > 2 * LEVELS_MAX {
            return u32::try_from(at + 1).ok();
        }
    }
    None
}

/// How many quote and list markers a line begins with; a line of one sign alone is a rule, not a list.
fn markers(line: &str) -> usize {
    let run = line.trim_start_matches([
        ' ', '\t', '>', '-', '+', '*', '.', ')', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9',
    ]);
    let run = &line[..line.len() - run.len()];
    let quotes = run.matches('>').count();
    let signs = run.split_whitespace().filter(|word| !word.starts_with('>'));
    let is_rule = quotes == 0 && ['-', '*'].iter().any(|c| run.chars().all(|r| r == *c || r.is_whitespace()));
    if is_rule { 0 } else { quotes + signs.count() }
}

fn unhidden(c: char) -> char {
    if c == COLON { '\u{FFFD}' } else { c }
}

/// Where the braces of a container's opening line begin, if this is one.
fn colons_to_hide(line: &str) -> Option<usize> {
    let fence = line.find(":::")?;
    let prefix_is_markup = line[..fence].chars().all(|c| c.is_ascii_digit() || " \t>-*+.)".contains(c));
    let rest = line[fence..].trim_start_matches(':');
    let name_at = line.len() - rest.len();
    let brace = rest.find('{')?;
    let name = rest[..brace].trim();
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    (prefix_is_markup && is_name).then_some(name_at + brace)
}

/// Text as it was written: hidden colons are back, line ends and tabs are spaces, control characters are gone.
fn reveal(text: &str) -> String {
    text.chars().filter_map(|c| reveal_char(c, ' ')).collect()
}

/// [`reveal`] for code blocks: line ends and tabs stay.
fn reveal_code(text: &str) -> String {
    text.chars().filter_map(|c| if c == '\n' || c == '\t' { Some(c) } else { reveal_char(c, '\n') }).collect()
}

fn reveal_char(c: char, line_end: char) -> Option<char> {
    match c {
        COLON => Some(':'),
        '\n' | '\r' | '\t' => Some(line_end),
        '\u{FFFE}' | '\u{FFFF}' => None,
        c if c.is_control() => None,
        c => Some(c),
    }
}
