//! The theme engine: templates in a fenced minijinja, one style per kind of page, words of six languages.
//! Escaping cannot be taken away, unknown names are errors, work and output are bounded. A publisher's files replace
//! ours one by one; where a page cannot be printed with them, ours prints it. Reads no file and no clock.

mod check;
mod contrast;
mod error;
mod files;
mod finding;
mod speech;
mod style;
mod words;

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, context};
use serde::Serialize;

pub use check::{Report, WEIGHT_BYTES_MAX, Weighed, check};
pub use error::PressError;
pub(crate) use files::ours;
pub use files::{FILE_BYTES_MAX, FILES_MAX, Files};
pub use finding::Finding;
pub use style::Kind;
pub(crate) use words::{direction_mark, escape};

use crate::page::{Broken, Meta, Page, Site};
use crate::words::{LANGUAGES, Words};

/// Template instructions one page may take; a front page of 60 articles takes about 20,000.
const FUEL_MAX: u64 = 2_000_000;
/// Bytes one page may have.
const OUTPUT_BYTES_MAX: usize = 2 * 1024 * 1024;

/// A theme, compiled. Make one and keep it: it is made for all languages at once and can be shared by threads.
pub struct Theme {
    files: Files,
    /// One environment per language: its `say` speaks that language.
    environments: BTreeMap<&'static str, Environment<'static>>,
    words: BTreeMap<&'static str, Arc<Words>>,
    styles: BTreeMap<Kind, String>,
    /// Our own theme, where this one is a publisher's: it prints what this one cannot.
    spare: Option<Box<Theme>>,
    /// What had to be printed by the spare, by template: the last cause of each.
    failed: Mutex<BTreeMap<String, PressError>>,
}

impl Theme {
    /// Compiles our own theme for all languages (some milliseconds).
    pub fn new() -> Result<Theme, PressError> {
        Theme::compile(Files::default(), None).map_err(|findings| {
            let first = findings.into_iter().next().expect("a theme that is not compiled says why");
            PressError::Template { template: first.file, line: first.line, cause: first.says }
        })
    }

    /// Compiles a publisher's theme: `files` replace ours. Errs with everything that keeps it from being compiled.
    /// Whether its pages can be printed is another question: [`check`].
    pub fn of(files: Files) -> Result<Theme, Vec<Finding>> {
        if files.is_empty() {
            return Theme::compile(files, None);
        }
        let spare = Theme::compile(Files::default(), None)?;
        Theme::compile(files, Some(Box::new(spare)))
    }

    fn compile(files: Files, spare: Option<Box<Theme>>) -> Result<Theme, Vec<Finding>> {
        let mut findings = style::unfit(&files);
        let mut words = BTreeMap::new();
        for language in LANGUAGES {
            match speech::words(&files, language) {
                Ok(spoken) => drop(words.insert(language, spoken)),
                Err(finding) => findings.push(finding),
            }
        }
        let mut environments = BTreeMap::new();
        for (language, spoken) in &words {
            match environment(&files, spoken.clone()) {
                Ok(environment) => drop(environments.insert(*language, environment)),
                Err(wrong) => findings.extend(wrong),
            }
        }
        if !findings.is_empty() {
            findings.sort();
            findings.dedup();
            return Err(findings);
        }
        let styles = Kind::ALL.iter().map(|kind| (*kind, style::of(*kind, &files))).collect();
        Ok(Theme { files, environments, words, styles, spare, failed: Mutex::default() })
    }

    /// What the theme says in a language by its BCP 47 tag; regions are ignored, an unknown language speaks English.
    pub fn words(&self, language: &str) -> &Arc<Words> {
        &self.words[Words::of(language).language()]
    }

    /// A picture of the theme with its media type: `icon.svg`, `apple-touch-icon.png`, or a publisher's own.
    pub fn asset(&self, name: &str) -> Option<(&'static str, &[u8])> {
        self.files.asset(name)
    }

    /// The publisher's files it is made of.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// What our own theme had to print instead of this one since it was last asked: the last cause of each template.
    pub fn take_failures(&self) -> Vec<PressError> {
        std::mem::take(&mut *self.failed.lock().unwrap_or_else(PoisonError::into_inner)).into_values().collect()
    }

    /// Prints a page in the site's language; with our own theme where the publisher's cannot.
    pub fn print(&self, site: &Site, page: &Page) -> Result<String, PressError> {
        match (self.print_own(site, page), &self.spare) {
            (Err(error), Some(spare)) => {
                self.note(error);
                spare.print(site, page)
            }
            (printed, _) => printed,
        }
    }

    fn note(&self, error: PressError) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.insert(error.template().to_owned(), error);
    }

    /// Prints a page with this theme or not at all.
    fn print_own(&self, site: &Site, page: &Page) -> Result<String, PressError> {
        match page {
            Page::Front(model) => self.page(site, page, &model.meta, model),
            Page::Section(model) => self.page(site, page, &model.meta, model),
            Page::Article(model) => self.page(site, page, &model.meta, model.as_ref()),
            Page::Author(model) => self.page(site, page, &model.meta, model),
            Page::Topic(model) => self.page(site, page, &model.meta, model),
            Page::Archive(model) => self.page(site, page, &model.meta, model),
            Page::Search(model) => self.page(site, page, &model.meta, model),
            Page::Subscribe(model) => self.page(site, page, &model.meta, model),
            Page::Notice(model) => self.page(site, page, &model.meta, model),
            Page::Confirm(model) => self.page(site, page, &model.meta, model),
            Page::Preferences(model) => self.page(site, page, &model.meta, model.as_ref()),
            Page::Unsubscribe(model) => self.page(site, page, &model.meta, model),
            Page::Corrections(model) => self.page(site, page, &model.meta, model),
            Page::Changes(model) => self.page(site, page, &model.meta, model),
            Page::Policy(model) => self.page(site, page, &model.meta, model),
            Page::NotFound(model) => self.page(site, page, &model.meta, model),
            Page::Gone(model) => self.page(site, page, &model.meta, model),
            Page::Broken(model) => self.page(site, page, &model.meta, model),
        }
    }

    /// The page for a failure inside the machine. Needs no site and cannot fail itself.
    pub fn broken(&self, language: &str, reference: Option<&str>) -> String {
        let words = self.words(language);
        let site = Site { language: words.language().into(), dir: words.dir(), ..Site::default() };
        let meta = Meta::unlisted(words.say("broken_title", &[]));
        let page = Page::Broken(Broken { meta, reference: reference.map(str::to_string) });
        self.print(&site, &page).unwrap_or_else(|_| format!("<!doctype html><title>{0}</title><h1>{0}</h1>", 500))
    }

    /// The text inside the one `<style>` of a kind of page, byte for byte: what a `style-src 'sha256-…'` is made from.
    pub fn style(&self, kind: Kind, site: &Site) -> String {
        let mut css = self.styles.get(&kind).cloned().unwrap_or_default();
        if let Some(colours) = &site.colours {
            style::recolour(&mut css, colours);
        }
        style::reface(&mut css, &site.faces);
        css
    }

    fn page(&self, site: &Site, page: &Page, meta: &Meta, model: &impl Serialize) -> Result<String, PressError> {
        let kind = Kind::of(page);
        let title = match kind {
            Kind::Front | Kind::Article => meta.title.clone(),
            _ if site.name.is_empty() => meta.title.clone(),
            _ => format!("{} – {}", meta.title, site.name),
        };
        // `<` in JSON stands only inside strings, where \u003c means the same and cannot end the script element.
        let json_ld = meta.json_ld.as_ref().map(|json| Value::from_safe_string(json.replace('<', "\\u003c")));
        let values = context! {
            site => Value::from(Serde(&site.speaking(&meta.alternates))),
            page => Value::from(Serde(model)),
            title, json_ld,
            css => Value::from_safe_string(self.style(kind, site)),
        };
        Ok(style::tinted(self.render(&site.language, check::template(page), values)?))
    }

    /// Renders a letter; with our own theme where the publisher's cannot.
    pub(crate) fn letter(&self, language: &str, template: &str, values: Value) -> Result<String, PressError> {
        match (self.render(language, template, values.clone()), &self.spare) {
            (Err(error), Some(spare)) => {
                self.note(error);
                spare.render(language, template, values)
            }
            (printed, _) => printed,
        }
    }

    /// Renders a template in a language within the bounds.
    fn render(&self, language: &str, template: &str, values: Value) -> Result<String, PressError> {
        let broken = |error: minijinja::Error| PressError::of(template, error);
        let environment = &self.environments[Words::of(language).language()];
        let mut out = Bounded { bytes: Vec::with_capacity(32 * 1024), full: false };
        let result = environment.get_template(template).and_then(|t| t.render_captured_to(values, &mut out).map(drop));
        if out.full {
            return Err(PressError::TooLong { template: template.into(), bytes_max: OUTPUT_BYTES_MAX });
        }
        result.map_err(broken)?;
        Ok(String::from_utf8(out.bytes).expect("templates and values are UTF-8"))
    }
}

/// Takes bytes up to the budget.
struct Bounded {
    bytes: Vec<u8>,
    full: bool,
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > OUTPUT_BYTES_MAX {
            self.full = true;
            return Err(io::Error::other("output budget"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn environment(files: &Files, speaker: Arc<Words>) -> Result<Environment<'static>, Vec<Finding>> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let language = speaker.language();
    environment.set_formatter(move |out, _, value| words::write_value(out, language, value));
    environment.set_fuel(Some(FUEL_MAX));
    environment.set_recursion_limit(64);
    let syntax = minijinja::syntax::SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the usual signs of Jinja do not contradict each other"));
    // What is printed as it stands is an `Html` value; no template can make one.
    environment.remove_filter("safe");
    words::teach(&mut environment, speaker);
    let mut findings = Vec::new();
    for name in files::templates() {
        let added = match files.own(name) {
            Some(own) => environment.add_template_owned(name, own.to_owned()),
            None => environment.add_template(name, ours(name)),
        };
        if let Err(error) = added {
            let PressError::Template { template, line, cause } = PressError::of(name, error) else { continue };
            findings.push(Finding::breaking(&template, line, cause));
        }
    }
    if findings.is_empty() { Ok(environment) } else { Err(findings) }
}

impl PressError {
    /// Where the innermost error happened, in the file the maker of the theme wrote.
    fn of(template: &str, error: minijinja::Error) -> PressError {
        if error.kind() == ErrorKind::OutOfFuel {
            return PressError::TooMuchWork { template: template.into(), instructions_max: FUEL_MAX };
        }
        let mut innermost = &error;
        while let Some(inner) = std::error::Error::source(innermost).and_then(|s| s.downcast_ref::<minijinja::Error>())
        {
            innermost = inner;
        }
        let said = innermost.detail().map_or_else(|| innermost.kind().to_string(), str::to_owned);
        PressError::Template {
            template: innermost.name().unwrap_or(template).into(),
            line: innermost.line(),
            cause: said,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_a_template_does_not_get_is_an_error() {
        let theme = Theme::new().expect("the default theme compiles");
        let error = theme.render("en", "page/gone.html", context! { site => Value::from(Serde(Site::default())) });
        assert!(matches!(error, Err(PressError::Template { .. })));
    }

    #[test]
    fn a_template_cannot_take_escaping_away() {
        let mut theme = Theme::new().expect("the default theme compiles");
        let environment = theme.environments.get_mut("en").expect("English is spoken");
        for (name, source) in [("a.html", "{{ it|safe }}"), ("b.html", "{% filter safe %}{{ it }}{% endfilter %}")] {
            let added = environment.add_template(name, source);
            let printed = added.map_err(|e| e.to_string()).and_then(|()| {
                let theme_text = environment.get_template(name).map_err(|e| e.to_string())?;
                theme_text.render(context! { it => "<b>" }).map_err(|e| e.to_string())
            });
            assert!(printed.as_ref().is_err_and(|e| e.contains("safe")), "{name}: {printed:?}");
        }
    }

    #[test]
    fn too_much_work_is_stopped_with_a_sentence() {
        let mut theme = Theme::new().expect("the default theme compiles");
        let environment = theme.environments.get_mut("en").expect("English is spoken");
        let endless = "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}";
        environment.add_template("endless.html", endless).expect("the template is right");
        let error = theme.render("en", "endless.html", context! {}).expect_err("it must be stopped");
        assert!(error.to_string().contains("was stopped"), "{error}");
    }
}
