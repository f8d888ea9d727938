//! The pages on which the newsroom says who it is and how it works: Markdown with front matter, kept by the desk.

use press::front_matter;
use press::page::{Page, Policy as PolicyPage};

use super::fault::Fault;
use super::present::cards::filled;
use super::sheet::Sheet;
use crate::address::{Place, Policy};
use crate::cache::Kept;

/// The policies that were written, with their titles, in the order of the footer.
pub(super) fn titles(sheet: &Sheet) -> Vec<(Policy, String)> {
    let keys: Vec<(Policy, [String; 2])> =
        Policy::ALL.into_iter().map(|policy| (policy, keys(sheet, policy))).collect();
    let found = sheet.web.desk().store().read_now(move |view| {
        let mut found = Vec::new();
        for (policy, keys) in &keys {
            if let Some(text) = first(view, keys)? {
                found.push((*policy, Written::read(*policy, &text).title));
            }
        }
        Ok::<_, store::Error>(found)
    });
    found.unwrap_or_else(|error| {
        tracing::warn!(%error, "the titles of the policies cannot be read: {error}");
        Vec::new()
    })
}

/// A policy page.
pub(super) async fn page(sheet: &Sheet, policy: Policy) -> Result<Kept, Fault> {
    let keys = keys(sheet, policy);
    let text = sheet.web.desk().store().read(move |view| first(view, &keys)).await.map_err(Fault::broken)?;
    let text = text.ok_or(Fault::NotFound)?;
    let Written { title, standfirst, body } = Written::read(policy, &text);
    let body_html = super::body::html(sheet, body, &super::body::Shown::default())?;
    let also = titles(sheet).into_iter().filter(|(other, _)| *other != policy);
    let model = PolicyPage {
        meta: sheet.meta(&Place::Policy(policy), &title, standfirst.as_deref().unwrap_or_default()),
        title,
        standfirst,
        body_html,
        updated: None,
        also: also.map(|(other, title)| sheet.link(title, &Place::Policy(other))).collect(),
    };
    Ok(sheet.keep(sheet.html(&Page::Policy(model)).map_err(Fault::Broken)?))
}

/// In this language, else in the main one.
fn keys(sheet: &Sheet, policy: Policy) -> [String; 2] {
    let name = match policy {
        Policy::About => "about",
        Policy::Masthead => "masthead",
        Policy::Corrections => "corrections",
        Policy::Ethics => "ethics",
        Policy::Privacy => "privacy",
    };
    [&sheet.language, &sheet.main].map(|language| desk::setup::policy_key(name, language.code()))
}

fn first(view: &store::View<'_>, keys: &[String; 2]) -> Result<Option<String>, store::Error> {
    for key in keys {
        if let Some(text) = view.setting(key)?.filter(|text| !text.trim().is_empty()) {
            return Ok(Some(text));
        }
    }
    Ok(None)
}

/// A policy as it was written.
#[derive(Debug, PartialEq, Eq)]
struct Written<'a> {
    title: String,
    standfirst: Option<String>,
    body: &'a str,
}

impl<'a> Written<'a> {
    /// The title is the front matter's headline, else the first heading, else the word of the address.
    fn read(policy: Policy, text: &'a str) -> Written<'a> {
        let parts = front_matter::split(text);
        let front =
            parts.yaml.and_then(|yaml| front_matter::read(yaml).ok()).map(|(front, _)| front).unwrap_or_default();
        let body = parts.body.trim_start();
        let heading = body.strip_prefix("# ").map(|rest| rest.split_once('\n').unwrap_or((rest, "")));
        let (heading, body) = heading.map_or((None, body), |(heading, rest)| (filled(heading), rest));
        let title = front.headline.as_deref().and_then(filled).or(heading);
        Written {
            title: title.unwrap_or_else(|| policy.word().replace('-', " ")),
            standfirst: front.standfirst.as_deref().and_then(filled),
            body,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_has_a_title_however_it_was_written() {
        for (text, title, body) in [
            ("---\nheadline: Who we are\n---\n\nWe.\n", "Who we are", "We.\n"),
            ("\n# Who we are \n\nWe.\n", "Who we are", "\nWe.\n"),
            ("We.", "corrections policy", "We."),
            ("", "corrections policy", ""),
        ] {
            let written = Written::read(Policy::Corrections, text);
            assert_eq!((written.title.as_str(), written.body), (title, body), "{text}");
        }
    }
}
