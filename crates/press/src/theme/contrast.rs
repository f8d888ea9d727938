//! Whether the colours of a theme can be read: its custom properties in both schemes, pair by pair (WCAG 2.2, 1.4.3
//! and 1.4.11). Reads `--name: #rrggbb` on `:root`; everything else in a style passes by.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Finding;
use super::files::Files;
use crate::page::Colour;

/// Colour, ground, and how far apart they must be, to one.
const PAIRS: [(&str, &str, f64); 7] = [
    ("accent", "paper", 4.5),
    ("ink", "paper", 4.5),
    ("soft", "paper", 4.5),
    ("ink", "mark", 4.5),
    ("ink", "tint", 4.5),
    ("soft", "tint", 4.5),
    ("edge", "paper", 3.0),
];

/// What one property is set to, and where.
struct Set {
    value: String,
    file: String,
    line: usize,
}

/// Light and dark.
#[derive(Default)]
struct Schemes([BTreeMap<String, Set>; 2]);

/// Everything that cannot be read.
pub(super) fn unreadable(files: &Files, parts: &[String]) -> Vec<Finding> {
    let mut schemes = Schemes::default();
    for path in parts {
        schemes.read(path, files.text(path));
    }
    let mut findings = Vec::new();
    for (scheme, name) in [(0, "light"), (1, "dark")] {
        for (colour, ground, least) in PAIRS {
            findings.extend(schemes.compare(scheme, name, (colour, ground), least));
        }
    }
    findings.dedup_by(|a, b| a.file == b.file && a.line == b.line && a.says == b.says);
    findings
}

impl Schemes {
    /// What a property is in a scheme; the dark one takes from the light one what it does not change.
    fn get(&self, scheme: usize, name: &str) -> Option<&Set> {
        self.0[scheme].get(name).or_else(|| self.0[0].get(name))
    }

    fn compare(&self, scheme: usize, scheme_name: &str, pair: (&str, &str), least: f64) -> Option<Finding> {
        let (set, ground) = (self.get(scheme, pair.0)?, self.get(scheme, pair.1)?);
        let (colour, ground) = match (read(set), read(ground)) {
            (Ok(colour), Ok(ground)) => (colour, ground),
            (Err(finding), _) | (_, Err(finding)) => return Some(finding),
        };
        let contrast = colour.contrast(ground);
        (contrast < least).then(|| {
            let says = format!(
                "In the {scheme_name} scheme --{} {colour} reaches only {contrast:.1}:1 on --{} {ground}; it needs {least}:1.",
                pair.0, pair.1
            );
            Finding::at(&set.file, Some(set.line), says)
        })
    }

    /// Takes the custom properties of `:root` that hold on every screen or in one scheme.
    fn read(&mut self, file: &str, css: &str) {
        let css = blanked(css);
        let mut open: Vec<&str> = Vec::new();
        let mut from = 0;
        for (at, c) in css.char_indices() {
            match c {
                '{' => open.push(css[from..at].trim()),
                ';' | '}' => self.declare(file, &open, &css, from..at),
                _ => continue,
            }
            if c == '}' {
                open.pop();
            }
            from = at + 1;
        }
    }

    fn declare(&mut self, file: &str, open: &[&str], css: &str, place: Range<usize>) {
        let text = css[place.clone()].trim_start();
        let Some((name, value)) = text.strip_prefix("--").and_then(|rest| rest.split_once(':')) else { return };
        let scheme = match open {
            [":root"] => 0,
            [media, ":root"] if media.starts_with("@media") && media.contains("prefers-color-scheme") => {
                usize::from(media.contains("dark"))
            }
            _ => return,
        };
        let line = css[..place.end - text.len()].matches('\n').count() + 1;
        let set = Set { value: value.trim().to_owned(), file: file.to_owned(), line };
        self.0[scheme].insert(name.trim().to_owned(), set);
    }
}

fn read(set: &Set) -> Result<Colour, Finding> {
    let long = match set.value.strip_prefix('#') {
        Some(short) if short.chars().count() == 3 => {
            format!("#{}", short.chars().flat_map(|c| [c, c]).collect::<String>())
        }
        _ => set.value.clone(),
    };
    Colour::parse(&long).map_err(|_| {
        let says =
            format!("Write this colour as # and six digits, so that its contrast can be checked, not “{}”.", set.value);
        Finding::at(&set.file, Some(set.line), says)
    })
}

/// The style with its comments blanked out; lines stay where they are.
pub(super) fn blanked(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(open) = rest.find("/*") {
        let close = rest[open + 2..].find("*/").map_or(rest.len(), |at| open + 2 + at + 2);
        out.push_str(&rest[..open]);
        out.extend(rest[open..close].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = &rest[close..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(css: &str, lines: &[(usize, &str)]) {
        let mut files = Files::default();
        files.take("asset/css/tokens.css", css.into()).expect("a theme may have this file");
        let found = unreadable(&files, &["asset/css/tokens.css".to_owned()]);
        let got: Vec<(usize, bool)> = found
            .iter()
            .zip(lines)
            .map(|(finding, (_, part))| (finding.line.unwrap_or_default(), finding.says.contains(part)))
            .collect();
        let want: Vec<(usize, bool)> = lines.iter().map(|(line, _)| (*line, true)).collect();
        assert_eq!((found.len(), got), (lines.len(), want), "{css}: {found:?}");
    }

    #[test]
    fn a_pale_colour_is_named_with_its_scheme_and_line() {
        check(":root { --accent: #0a5866; --paper: #fdfdfc }", &[]);
        check(
            ":root {\n  --paper: #fff;\n  --accent: #9cf;\n}",
            &[(3, "light scheme --accent #99ccff"), (3, "dark scheme")],
        );
        check(
            ":root { --accent: #0a5866; --paper: #fff }\n@media (prefers-color-scheme: dark) {\n  /* night */\n  :root { --paper: #111 }\n}",
            &[(1, "dark scheme --accent #0a5866")],
        );
        check(":root { --edge: #999; --paper: #fff }", &[(1, "needs 3:1"), (1, "dark")]);
    }

    #[test]
    fn a_colour_that_cannot_be_computed_is_asked_for_in_digits() {
        check(":root {\n--accent: teal;\n--paper: #fff }", &[(2, "six digits")]);
        check("@media print { :root { --accent: teal; --paper: red } }", &[]);
    }
}
