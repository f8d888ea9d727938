//! The style of each kind of page: only the parts it needs, without comments and spare spaces.

use super::files::Files;
use super::{Finding, contrast};
use crate::page::{Colours, Faces, Page};

/// The kinds of pages, by what their style is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Front,
    List,
    Archive,
    Search,
    Article,
    Policy,
    Changes,
    Form,
    Broken,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 9] = [
        Kind::Front,
        Kind::List,
        Kind::Archive,
        Kind::Search,
        Kind::Article,
        Kind::Policy,
        Kind::Changes,
        Kind::Form,
        Kind::Broken,
    ];

    /// The kind of a page.
    pub fn of(page: &Page) -> Kind {
        match page {
            Page::Front(_) => Kind::Front,
            Page::Section(_) | Page::Topic(_) | Page::Author(_) => Kind::List,
            Page::Archive(_) => Kind::Archive,
            Page::Search(_) => Kind::Search,
            Page::Article(_) => Kind::Article,
            Page::Policy(_) => Kind::Policy,
            Page::Changes(_) => Kind::Changes,
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

/// The parts of a kind's style, in their order, without folder and ending.
fn parts(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Front => &["tokens", "chrome", "mast", "fields", "sign", "cards", "print"],
        Kind::List => &["tokens", "chrome", "top", "fields", "sign", "cards", "list", "print"],
        Kind::Archive => &["tokens", "chrome", "top", "cards", "list", "month", "print"],
        Kind::Search => &["tokens", "chrome", "top", "fields", "cards", "list", "form", "print"],
        Kind::Article => &["tokens", "chrome", "top", "fields", "sign", "article", "body", "print"],
        Kind::Policy => &["tokens", "chrome", "top", "article", "body", "print"],
        Kind::Changes => &["tokens", "chrome", "top", "form", "changes", "print"],
        Kind::Form => &["tokens", "chrome", "top", "fields", "form", "print"],
        Kind::Broken => &["tokens", "chrome", "top", "form"],
    }
}

/// The paths of a kind's parts.
pub(super) fn paths(kind: Kind) -> Vec<String> {
    parts(kind).iter().map(|part| format!("asset/css/{part}.css")).collect()
}

/// What may not stand in a publisher's styles: the end of the element they are printed in, and anything that is
/// fetched from elsewhere.
pub(super) fn unfit(files: &Files) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, css) in files.texts("asset/css/", ".css") {
        let css = contrast::blanked(css);
        for (at, line) in css.lines().enumerate() {
            let lower = line.to_lowercase();
            let elsewhere = lower.contains("@import")
                || lower.split("url(").skip(1).any(|url| {
                    let url = url.trim_start_matches(['"', '\'', ' ']);
                    url.starts_with("http") || url.starts_with("//")
                });
            if line.contains('<') {
                findings.push(Finding::breaking(path, Some(at + 1), "No < may stand in a style."));
            } else if elsewhere {
                let says =
                    "Readers fetch nothing from elsewhere. Put the file into asset/ and name it /assets/theme/….";
                findings.push(Finding::breaking(path, Some(at + 1), says));
            }
        }
        let (open, close) = (css.matches('{').count(), css.matches('}').count());
        if open != close {
            let says = format!("This style opens {open} braces and closes {close}; what follows it would be lost.");
            findings.push(Finding::breaking(path, None, says));
        }
    }
    findings
}

/// The style of a kind, ready to stand in a page.
pub(super) fn of(kind: Kind, files: &Files) -> String {
    paths(kind).iter().map(|path| squeeze(files.text(path))).collect()
}

/// Adds a publication's colours. They are parsed colours, so nothing else can come along.
pub(super) fn recolour(css: &mut String, colours: &Colours) {
    css.push_str(&format!(
        ":root{{--accent:{};--mark:{}}}@media (prefers-color-scheme:dark){{:root{{--accent:{};--mark:{}}}}}",
        colours.accent, colours.mark, colours.accent_dark, colours.mark_dark
    ));
}

/// Adds a publication's typefaces. Right-to-left scripts keep the theme's: their rules are stronger.
pub(super) fn reface(css: &mut String, faces: &Faces) {
    for (name, list) in [("serif", &faces.text), ("head", &faces.head), ("sans", &faces.label)] {
        if let Some(list) = list.as_ref().filter(|list| !list.contains(['<', '>', '{', '}', ';'])) {
            css.push_str(&format!(":root{{--{name}:{list}}}"));
        }
    }
}

/// Puts the main colours of a page's pictures into its style: one rule for each class `c-0a5866` that was printed.
/// What people wrote cannot bring one along, because its quotes are escaped.
pub(super) fn tinted(html: String) -> String {
    const OPEN: &str = " class=\"c-";
    let mut colours: Vec<&str> = html.split(OPEN).skip(1).filter_map(|rest| rest.split('"').next()).collect();
    colours.sort_unstable();
    colours.dedup();
    let digits = |text: &&str| text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let rules: String = colours.into_iter().filter(digits).map(|c| format!(".c-{c}{{--c:#{c}}}")).collect();
    match html.find("</style>") {
        Some(at) if !rules.is_empty() => format!("{}{rules}{}", &html[..at], &html[at..]),
        Some(_) | None => html,
    }
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
