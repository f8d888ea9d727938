//! Looks a publisher's theme over before readers do: prints every sample page and letter with it in every language,
//! weighs them, and reads its sources for what only shows later.

use std::io::Write as _;

use super::files::Files;
use super::{Finding, Kind, PressError, Theme, contrast, style};
use crate::page::Page;
use crate::sample::{self, letters};
use crate::words::LANGUAGES;

/// Bytes that the first view of a page may have, compressed: HTML with everything it needs, pictures apart.
pub const WEIGHT_BYTES_MAX: usize = 14_336;

/// What a check found.
#[derive(Debug, Default)]
pub struct Report {
    /// In the order of files and lines; empty for a theme that is in order.
    pub findings: Vec<Finding>,
    /// Every sample page in English and the right-to-left ones in Arabic, with its weight.
    pub pages: Vec<Weighed>,
    /// Letters that were printed.
    pub letters: usize,
}

/// One printed page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighed {
    pub name: &'static str,
    /// gzip at its best.
    pub bytes: usize,
}

impl Report {
    /// Whether pages could fail: the theme must not be put to use.
    pub fn breaks(&self) -> bool {
        self.findings.iter().any(|finding| finding.breaks)
    }
}

/// Prints everything with `files` and reads them. Takes about a second.
pub fn check(files: &Files) -> Report {
    let mut report = Report { findings: sources(files), ..Report::default() };
    match Theme::of(files.clone()) {
        Err(findings) => report.findings.extend(findings),
        Ok(theme) => {
            unsaid(&theme, files, &mut report.findings);
            report.print(&theme);
        }
    }
    let colours: Vec<String> = style::paths(Kind::Article);
    report.findings.extend(contrast::unreadable(files, &colours));
    report.findings.sort();
    report.findings.dedup();
    report
}

impl Report {
    fn print(&mut self, theme: &Theme) {
        for (name, site, page) in sample::papers().into_iter().chain(sample::extremes()) {
            for language in LANGUAGES {
                let is_own = site.language == language;
                let site = if is_own { site.clone() } else { sample::site(language) };
                match theme.print_own(&site, &page) {
                    Ok(html) if is_own => self.look_over(name, &page, &html),
                    Ok(_) => {}
                    Err(error) => self.findings.push(failed(error)),
                }
            }
        }
        for (_, letter) in letters::all(theme) {
            match letter {
                Ok(_) => self.letters += 1,
                Err(error) => self.findings.push(failed(error)),
            }
        }
        self.findings.extend(theme.take_failures().into_iter().map(failed));
    }

    /// What a whole page must have, and must not.
    fn look_over(&mut self, name: &'static str, page: &Page, html: &str) {
        let template = template(page);
        let mut say = |says: String| self.findings.push(Finding::at(template, None, says));
        let tags = |tag: &str| html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
        let sample = format!("the sample page “{name}”");
        if !html.to_lowercase().trim_start().starts_with("<!doctype html>") {
            say(format!("{sample} does not begin with <!doctype html>."));
        }
        if !html.contains("<html lang=\"") || html.contains("<html lang=\"\"") {
            say(format!("{sample} does not say its language: write <html lang=\"{{{{ site.language }}}}\">."));
        }
        for (tag, count) in
            [("h1", tags("h1")), ("main", tags("main")), ("title", tags("title")), ("style", tags("style"))]
        {
            if count != 1 {
                say(format!("{sample} has {count} <{tag}>; a page has one."));
            }
        }
        let bare =
            html.split("<img").skip(1).filter(|rest| !rest.split('>').next().unwrap_or(rest).contains(" alt=")).count();
        if bare > 0 {
            say(format!("{sample} has {bare} pictures without alt; write alt=\"\" where the words beside it say it."));
        }
        let bytes = compressed(html);
        if bytes > WEIGHT_BYTES_MAX {
            say(format!("{sample} has {bytes} bytes compressed; the first view may have {WEIGHT_BYTES_MAX}."));
        }
        self.pages.push(Weighed { name, bytes });
    }
}

fn failed(error: PressError) -> Finding {
    match error {
        PressError::Template { template, line, cause } => Finding::breaking(&template, line, cause),
        PressError::TooMuchWork { ref template, .. } | PressError::TooLong { ref template, .. } => {
            Finding::breaking(template, None, error.to_string())
        }
        PressError::Letter(sentence) => Finding::breaking("message", None, sentence),
    }
}

fn compressed(html: &str) -> usize {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(html.as_bytes()).and_then(|()| gzip.finish()).map_or(0, |bytes| bytes.len())
}

/// Words that a template says and a language does not have, whether the sample pages come by there or not.
fn unsaid(theme: &Theme, files: &Files, findings: &mut Vec<Finding>) {
    for (path, source) in files.texts("", ".html") {
        for (at, line) in source.lines().enumerate() {
            let keys = ["say(\"", "count(\""].into_iter().flat_map(|open| line.split(open).skip(1));
            for key in keys.filter_map(|rest| rest.split('"').next()) {
                let mute: Vec<&str> =
                    LANGUAGES.into_iter().filter(|language| !theme.words(language).knows(key)).collect();
                if !mute.is_empty() {
                    let says = format!("The words “{key}” are missing in {}.", mute.join(", "));
                    findings.push(Finding::breaking(path, Some(at + 1), says));
                }
            }
        }
    }
}

/// What can be seen in the sources alone: escaping taken away, scripts and styles the security policy stops, and
/// anything fetched from elsewhere.
fn sources(files: &Files) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, source) in files.texts("", ".html") {
        let is_page = path.starts_with("page/");
        for (at, line) in source.lines().enumerate() {
            let bare: String = line.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
            let mut say = |breaks: bool, says: &str| {
                let finding = Finding::at(path, Some(at + 1), says);
                findings.push(Finding { breaks, ..finding });
            };
            if bare.contains("|safe") || bare.contains("filtersafe") || bare.contains("autoescape") {
                say(
                    true,
                    "Nothing takes escaping away. Bodies, styles and logos are printed as they stand without it.",
                );
            }
            if !is_page {
                continue;
            }
            if bare.contains("<script")
                && !bare.contains("application/ld+json")
                && !bare.contains("<script>{{site.keeper}}</script>")
            {
                say(false, "No script of a page runs: the security policy stops it.");
            }
            if line.contains(" style=\"") || line.contains(" style='") {
                say(false, "A style attribute is stopped by the security policy. Write a class into asset/css.");
            }
            if handler(line) {
                say(false, "An on… attribute never runs: the security policy stops it.");
            }
            let fetches = ["src=\"http", "src=\"//", "srcset=\"http", "<iframe", "<linkrel=\"stylesheet"];
            if fetches.iter().any(|what| bare.contains(what)) {
                say(
                    false,
                    "Readers fetch nothing from elsewhere. Put the file into asset/ and name it /assets/theme/….",
                );
            }
        }
    }
    findings
}

/// ` onclick="` and its like.
fn handler(line: &str) -> bool {
    line.split(" on").skip(1).any(|rest| {
        let name: String = rest.chars().take_while(char::is_ascii_alphabetic).collect();
        !name.is_empty() && rest[name.len()..].starts_with('=')
    })
}

/// The template that prints a page.
pub(super) fn template(page: &Page) -> &'static str {
    match page {
        Page::Front(_) => "page/front.html",
        Page::Section(_) => "page/section.html",
        Page::Article(_) => "page/article.html",
        Page::Author(_) => "page/author.html",
        Page::Topic(_) => "page/topic.html",
        Page::Archive(_) => "page/archive.html",
        Page::Search(_) => "page/search.html",
        Page::Subscribe(_) => "page/subscribe.html",
        Page::Notice(_) => "page/notice.html",
        Page::Confirm(_) => "page/confirm.html",
        Page::Preferences(_) => "page/preferences.html",
        Page::Unsubscribe(_) => "page/unsubscribe.html",
        Page::Corrections(_) => "page/corrections.html",
        Page::Changes(_) => "page/changes.html",
        Page::Policy(_) => "page/policy.html",
        Page::NotFound(_) => "page/not_found.html",
        Page::Gone(_) => "page/gone.html",
        Page::Broken(_) => "page/broken.html",
    }
}
