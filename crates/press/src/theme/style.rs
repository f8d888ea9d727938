//! The style of each kind of page: only the parts it needs, without comments and spare spaces.

use crate::page::{Colours, Page};

/// The kinds of pages, by what their style is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Front,
    List,
    Archive,
    Search,
    Article,
    Policy,
    Form,
    Broken,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 8] =
        [Kind::Front, Kind::List, Kind::Archive, Kind::Search, Kind::Article, Kind::Policy, Kind::Form, Kind::Broken];

    /// The kind of a page.
    pub fn of(page: &Page) -> Kind {
        match page {
            Page::Front(_) => Kind::Front,
            Page::Section(_) | Page::Topic(_) | Page::Author(_) => Kind::List,
            Page::Archive(_) => Kind::Archive,
            Page::Search(_) => Kind::Search,
            Page::Article(_) => Kind::Article,
            Page::Policy(_) => Kind::Policy,
            Page::Subscribe(_)
            | Page::Notice(_)
            | Page::Confirm(_)
            | Page::Preferences(_)
            | Page::Unsubscribe(_)
            | Page::Corrections(_)
            | Page::NotFound(_)
            | Page::Gone(_) => Kind::Form,
            Page::Broken(_) => Kind::Broken,
        }
    }
}

macro_rules! part {
    ($name:literal) => {
        include_str!(concat!("../../themes/default/asset/css/", $name, ".css"))
    };
}

const TOKENS: &str = part!("tokens");
const CHROME: &str = part!("chrome");
const MAST: &str = part!("mast");
const TOP: &str = part!("top");
const FIELDS: &str = part!("fields");
const SIGN: &str = part!("sign");
const CARDS: &str = part!("cards");
const LIST: &str = part!("list");
const MONTH: &str = part!("month");
const ARTICLE: &str = part!("article");
const BODY: &str = part!("body");
const FORM: &str = part!("form");
const PRINT: &str = part!("print");

/// The style of a kind, ready to stand in a page.
pub(super) fn of(kind: Kind) -> String {
    let parts: &[&str] = match kind {
        Kind::Front => &[TOKENS, CHROME, MAST, FIELDS, SIGN, CARDS, PRINT],
        Kind::List => &[TOKENS, CHROME, TOP, FIELDS, SIGN, CARDS, LIST, PRINT],
        Kind::Archive => &[TOKENS, CHROME, TOP, CARDS, LIST, MONTH, PRINT],
        Kind::Search => &[TOKENS, CHROME, TOP, FIELDS, CARDS, LIST, FORM, PRINT],
        Kind::Article => &[TOKENS, CHROME, TOP, FIELDS, SIGN, ARTICLE, BODY, PRINT],
        Kind::Policy => &[TOKENS, CHROME, TOP, ARTICLE, BODY, PRINT],
        Kind::Form => &[TOKENS, CHROME, TOP, FIELDS, FORM, PRINT],
        Kind::Broken => &[TOKENS, CHROME, TOP, FORM],
    };
    parts.iter().map(|part| squeeze(part)).collect()
}

/// Adds a publication's colours. They are parsed colours, so nothing else can come along.
pub(super) fn recolour(css: &mut String, colours: &Colours) {
    css.push_str(&format!(
        ":root{{--accent:{};--mark:{}}}@media (prefers-color-scheme:dark){{:root{{--accent:{};--mark:{}}}}}",
        colours.accent, colours.mark, colours.accent_dark, colours.mark_dark
    ));
}

/// Takes comments and spare spaces out of a style sheet. Strings stay as they are; spaces stay where a selector,
/// a media query or a calculation needs them.
fn squeeze(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut chars = css.chars().peekable();
    let mut space = false;
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.peek() == Some(&'*') => {
                let mut last = ' ';
                chars.next();
                for inside in chars.by_ref() {
                    if last == '*' && inside == '/' {
                        break;
                    }
                    last = inside;
                }
                space = true;
            }
            '"' | '\'' => {
                push(&mut out, c, &mut space);
                let mut escaped = false;
                for inside in chars.by_ref() {
                    out.push(inside);
                    if inside == c && !escaped {
                        break;
                    }
                    escaped = inside == '\\' && !escaped;
                }
            }
            _ if c.is_whitespace() => space = true,
            _ => push(&mut out, c, &mut space),
        }
    }
    out
}

/// Appends a character, with the space before it only where both neighbours need one.
fn push(out: &mut String, c: char, space: &mut bool) {
    let after = matches!(out.chars().last(), None | Some('{' | '}' | ';' | ',' | ':' | '>'));
    // `a :hover` is not `a:hover`, `) and (` needs its spaces, `+` and `-` stand in calculations.
    let before = matches!(c, '{' | '}' | ';' | ',' | '>' | '!');
    if *space && !after && !before {
        out.push(' ');
    }
    *space = false;
    if c == '}' && out.ends_with(';') {
        out.pop();
    }
    out.push(c);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squeezing_keeps_what_a_style_means() {
        let check = |css: &str, want: &str| assert_eq!(squeeze(css), want);
        check("a { color: red; }\n", "a{color:red}");
        check("/* x */ a::after { content: \" /* y */ \"; }", "a::after{content:\" /* y */ \"}");
        check(
            "@media (min-width: 48rem) and (max-width: 63rem) { a { b: c } }",
            "@media (min-width:48rem) and (max-width:63rem){a{b:c}}",
        );
        check(".a > .b , .c :hover { margin: calc(1px + 2px) auto }", ".a>.b,.c :hover{margin:calc(1px + 2px) auto}");
        check("a { font: var(--x) !important }", "a{font:var(--x)!important}");
    }
}
