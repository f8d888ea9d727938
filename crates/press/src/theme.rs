//! The theme engine: templates in a fenced minijinja, one style per kind of page, words of six languages.
//! Escaping is forced on, unknown names are errors, work and output are bounded. Reads no file and no clock.

mod error;
mod style;
mod words;

use std::collections::BTreeMap;
use std::io;

use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, context};
use serde::Serialize;

pub use error::PressError;
pub use style::Kind;
pub(crate) use words::{direction_mark, escape};

use crate::page::{Broken, Meta, Page, Site};
use crate::words::{LANGUAGES, Words};

/// Template instructions one page may take; a front page of 60 articles takes about 20,000.
const FUEL_MAX: u64 = 2_000_000;
/// Bytes one page may have.
const OUTPUT_BYTES_MAX: usize = 2 * 1024 * 1024;

/// The default theme, compiled. Make one and keep it: it is made for all languages at once and can be shared by threads.
pub struct Theme {
    /// One environment per language: its `say` speaks that language.
    environments: BTreeMap<&'static str, Environment<'static>>,
    styles: BTreeMap<Kind, String>,
}

/// Every template, embedded. The one place where a publisher's folder could be asked first.
fn sources() -> [(&'static str, &'static str); 27] {
    macro_rules! source {
        ($name:literal) => {
            ($name, include_str!(concat!("../themes/default/", $name)))
        };
    }
    [
        source!("page/parts.html"),
        source!("page/fields.html"),
        source!("page/base.html"),
        source!("page/front.html"),
        source!("page/section.html"),
        source!("page/article.html"),
        source!("page/author.html"),
        source!("page/topic.html"),
        source!("page/archive.html"),
        source!("page/search.html"),
        source!("page/subscribe.html"),
        source!("page/notice.html"),
        source!("page/confirm.html"),
        source!("page/preferences.html"),
        source!("page/unsubscribe.html"),
        source!("page/corrections.html"),
        source!("page/policy.html"),
        source!("page/not_found.html"),
        source!("page/gone.html"),
        source!("page/broken.html"),
        source!("message/frame.html"),
        source!("message/parts.html"),
        source!("message/daily.html"),
        source!("message/confirm.html"),
        source!("message/welcome.html"),
        source!("message/sign_in.html"),
        source!("message/code.html"),
    ]
}

impl Theme {
    /// Compiles the default theme for all languages (some milliseconds).
    pub fn new() -> Result<Theme, PressError> {
        let mut environments = BTreeMap::new();
        for language in LANGUAGES {
            environments.insert(language, environment(Words::of(language))?);
        }
        let styles = Kind::ALL.iter().map(|kind| (*kind, style::of(*kind))).collect();
        Ok(Theme { environments, styles })
    }

    /// Prints a page in the site's language.
    pub fn print(&self, site: &Site, page: &Page) -> Result<String, PressError> {
        let kind = Kind::of(page);
        match page {
            Page::Front(model) => self.page(site, kind, "page/front.html", &model.meta, model),
            Page::Section(model) => self.page(site, kind, "page/section.html", &model.meta, model),
            Page::Article(model) => self.page(site, kind, "page/article.html", &model.meta, model.as_ref()),
            Page::Author(model) => self.page(site, kind, "page/author.html", &model.meta, model),
            Page::Topic(model) => self.page(site, kind, "page/topic.html", &model.meta, model),
            Page::Archive(model) => self.page(site, kind, "page/archive.html", &model.meta, model),
            Page::Search(model) => self.page(site, kind, "page/search.html", &model.meta, model),
            Page::Subscribe(model) => self.page(site, kind, "page/subscribe.html", &model.meta, model),
            Page::Notice(model) => self.page(site, kind, "page/notice.html", &model.meta, model),
            Page::Confirm(model) => self.page(site, kind, "page/confirm.html", &model.meta, model),
            Page::Preferences(model) => self.page(site, kind, "page/preferences.html", &model.meta, model.as_ref()),
            Page::Unsubscribe(model) => self.page(site, kind, "page/unsubscribe.html", &model.meta, model),
            Page::Corrections(model) => self.page(site, kind, "page/corrections.html", &model.meta, model),
            Page::Policy(model) => self.page(site, kind, "page/policy.html", &model.meta, model),
            Page::NotFound(model) => self.page(site, kind, "page/not_found.html", &model.meta, model),
            Page::Gone(model) => self.page(site, kind, "page/gone.html", &model.meta, model),
            Page::Broken(model) => self.page(site, kind, "page/broken.html", &model.meta, model),
        }
    }

    /// The page for a failure inside the machine. Needs no site and cannot fail itself.
    pub fn broken(&self, language: &str, reference: Option<&str>) -> String {
        let words = Words::of(language);
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
        css
    }

    /// The icon of browser tabs, for publications without their own.
    pub fn icon_svg() -> &'static str {
        include_str!("../themes/default/asset/icon.svg")
    }

    /// The icon of home screens, 180 × 180 PNG, for publications without their own.
    pub fn touch_icon_png() -> &'static [u8] {
        include_bytes!("../themes/default/asset/apple-touch-icon.png")
    }

    fn page(
        &self,
        site: &Site,
        kind: Kind,
        template: &'static str,
        meta: &Meta,
        model: &impl Serialize,
    ) -> Result<String, PressError> {
        let title = match kind {
            Kind::Front | Kind::Article => meta.title.clone(),
            _ if site.name.is_empty() => meta.title.clone(),
            _ => format!("{} – {}", meta.title, site.name),
        };
        // `<` in JSON stands only inside strings, where \u003c means the same and cannot end the script element.
        let json_ld = meta.json_ld.as_ref().map(|json| Value::from_safe_string(json.replace('<', "\\u003c")));
        let values = context! {
            site => Value::from(Serde(site)),
            page => Value::from(Serde(model)),
            title, json_ld,
            css => Value::from_safe_string(self.style(kind, site)),
        };
        self.render(&site.language, template, values)
    }

    /// Renders a template in a language within the bounds.
    pub(crate) fn render(&self, language: &str, template: &str, values: Value) -> Result<String, PressError> {
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

fn environment(speaker: &'static Words) -> Result<Environment<'static>, PressError> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_formatter(words::write_value);
    environment.set_fuel(Some(FUEL_MAX));
    environment.set_recursion_limit(64);
    let syntax = minijinja::syntax::SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.map_err(|e| PressError::of("syntax", e))?);
    // What is printed as it stands is an `Html` value; no template can make one.
    environment.remove_filter("safe");
    words::teach(&mut environment, speaker);
    for (name, source) in sources() {
        environment.add_template(name, source).map_err(|e| PressError::of(name, e))?;
    }
    Ok(environment)
}

impl PressError {
    fn of(template: &str, error: minijinja::Error) -> PressError {
        match error.kind() {
            ErrorKind::OutOfFuel => PressError::TooMuchWork { template: template.into(), instructions_max: FUEL_MAX },
            _ => PressError::Template { template: template.into(), cause: format!("{error:#}") },
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
