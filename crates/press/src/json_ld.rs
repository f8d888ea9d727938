//! Prints what search engines and archives read about a page: schema.org JSON-LD, one graph per page.

use jiff::Timestamp;
use serde_json::{Value, json};

/// Everything the JSON-LD of an article says. Addresses are absolute; times are microseconds since 1970 in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewsArticle {
    pub kind: ArticleKind,
    /// Canonical address.
    pub url: String,
    pub headline: String,
    /// The standfirst; empty: left out.
    pub description: String,
    pub published: i64,
    /// `None` if it has not changed since.
    pub updated: Option<i64>,
    pub authors: Vec<Person>,
    pub publisher: Organization,
    /// Addresses of the picture in several sizes or ratios.
    pub images: Vec<String>,
    /// Name of the section.
    pub section: Option<String>,
    /// BCP 47.
    pub language: String,
    pub corrections: Vec<CorrectionNote>,
    pub words: usize,
    /// The version this one was translated from.
    pub original: Option<Version>,
    /// The versions translated from this one.
    pub translations: Vec<Version>,
    /// The way from the front page to this one, both included.
    pub crumbs: Vec<Crumb>,
}

/// What a piece claims to be (schema.org, after the Trust Project's types of work).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ArticleKind {
    #[default]
    News,
    /// Found out by a reporter of its own.
    Reportage,
    Opinion,
}

impl ArticleKind {
    fn name(self) -> &'static str {
        match self {
            ArticleKind::News => "NewsArticle",
            ArticleKind::Reportage => "ReportageNewsArticle",
            ArticleKind::Opinion => "OpinionNewsArticle",
        }
    }
}

/// The article in another language.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Version {
    pub url: String,
    /// BCP 47.
    pub language: String,
}

/// One step of the way to a page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Crumb {
    pub name: String,
    pub url: String,
}

/// Somebody with a byline.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    pub name: String,
    /// Their page here.
    pub url: Option<String>,
    pub role: Option<String>,
}

/// The publication (schema.org `NewsMediaOrganization`), with the addresses of its policies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Organization {
    pub name: String,
    pub url: String,
    pub logo: Option<String>,
    pub publishing_principles: Option<String>,
    pub corrections_policy: Option<String>,
    pub ethics_policy: Option<String>,
    pub masthead: Option<String>,
    pub ownership: Option<String>,
    pub unnamed_sources_policy: Option<String>,
    pub actionable_feedback_policy: Option<String>,
    /// Its accounts elsewhere.
    pub same_as: Vec<String>,
}

/// One correction readers see.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CorrectionNote {
    pub at: i64,
    pub text: String,
    /// Where it stands on the page.
    pub url: Option<String>,
}

/// The JSON for `<script type="application/ld+json">` on an article's page, on one line: the article and its way.
///
/// `<`, `>`, `&` and the line separators of JavaScript are written as `\u003c` …, so that no text can end the element.
pub fn print(article: &NewsArticle) -> String {
    let updated = article.updated.unwrap_or(article.published);
    let whole = without_nothing(json!({
        "@type": article.kind.name(),
        "@id": article.url,
        "mainEntityOfPage": article.url,
        "url": article.url,
        "headline": article.headline,
        "description": article.description,
        "image": article.images,
        "datePublished": time(article.published),
        "dateModified": time(updated),
        "author": article.authors.iter().map(person).collect::<Vec<_>>(),
        "publisher": organization(&article.publisher),
        "articleSection": article.section,
        "inLanguage": article.language,
        "isAccessibleForFree": true,
        "wordCount": article.words,
        "correction": article.corrections.iter().map(correction).collect::<Vec<_>>(),
        "translationOfWork": article.original.as_ref().map(version),
        "workTranslation": article.translations.iter().map(version).collect::<Vec<_>>(),
    }));
    graph(vec![whole, breadcrumbs(&article.crumbs)])
}

/// The JSON for the front page: who publishes.
pub fn print_organization(publisher: &Organization) -> String {
    graph(vec![organization(publisher)])
}

/// The JSON for a page that lists articles: the way to it and, on an author's page, who they are.
pub fn print_list(crumbs: &[Crumb], about: Option<&Person>) -> String {
    let profile = about.map(|about| without_nothing(json!({ "@type": "ProfilePage", "mainEntity": person(about) })));
    graph([Some(breadcrumbs(crumbs)), profile].into_iter().flatten().collect())
}

fn graph(things: Vec<Value>) -> String {
    let things: Vec<Value> = things.into_iter().filter(|thing| !thing.is_null()).collect();
    for_script(&json!({ "@context": "https://schema.org", "@graph": things }))
}

/// Null where there is no way.
fn breadcrumbs(crumbs: &[Crumb]) -> Value {
    if crumbs.is_empty() {
        return Value::Null;
    }
    let step = |(at, crumb): (usize, &Crumb)| json!({ "@type": "ListItem", "position": at + 1, "name": crumb.name, "item": crumb.url });
    json!({ "@type": "BreadcrumbList", "itemListElement": crumbs.iter().enumerate().map(step).collect::<Vec<_>>() })
}

fn version(version: &Version) -> Value {
    json!({ "@type": "NewsArticle", "@id": version.url, "inLanguage": version.language })
}

/// JSON that may stand inside a script element.
pub fn for_script(value: &Value) -> String {
    let json = value.to_string();
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

fn person(person: &Person) -> Value {
    without_nothing(json!({
        "@type": "Person", "name": person.name, "url": person.url, "jobTitle": person.role,
    }))
}

fn organization(publisher: &Organization) -> Value {
    let logo = publisher.logo.as_ref().map(|logo| json!({ "@type": "ImageObject", "url": logo }));
    without_nothing(json!({
        "@type": "NewsMediaOrganization",
        "name": publisher.name,
        "url": publisher.url,
        "logo": logo,
        "publishingPrinciples": publisher.publishing_principles,
        "correctionsPolicy": publisher.corrections_policy,
        "ethicsPolicy": publisher.ethics_policy,
        "masthead": publisher.masthead,
        "ownershipFundingInfo": publisher.ownership,
        "unnamedSourcesPolicy": publisher.unnamed_sources_policy,
        "actionableFeedbackPolicy": publisher.actionable_feedback_policy,
        "sameAs": publisher.same_as,
    }))
}

fn correction(correction: &CorrectionNote) -> Value {
    without_nothing(json!({
        "@type": "CorrectionComment",
        "datePublished": time(correction.at),
        "text": correction.text,
        "url": correction.url,
    }))
}

fn without_nothing(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let says = |value: &Value| !value.is_null() && *value != json!("") && *value != json!([]);
            Value::Object(map.into_iter().filter(|(_, value)| says(value)).collect())
        }
        other => other,
    }
}

fn time(at: i64) -> Option<String> {
    Timestamp::from_microsecond(at).ok().map(|at| at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_the_script_it_stands_in() {
        let article = NewsArticle {
            url: "https://paper.example/international/kenya".into(),
            headline: "</script><script>alert(1)</script> & \u{2028}".into(),
            published: 1_755_877_200_000_000,
            authors: vec![Person {
                name: "Keziah Baraka".into(),
                url: Some("https://paper.example/author/keziah".into()),
                role: None,
            }],
            publisher: Organization {
                name: "Global Daily Update".into(),
                corrections_policy: Some("https://paper.example/corrections".into()),
                ..Organization::default()
            },
            corrections: vec![CorrectionNote {
                at: 1_755_960_000_000_000,
                text: "The speaker is not stated.".into(),
                url: None,
            }],
            words: 512,
            original: Some(Version { url: "https://paper.example/fr/x".into(), language: "fr".into() }),
            crumbs: vec![Crumb { name: "</script>".into(), url: "https://paper.example/".into() }],
            ..NewsArticle::default()
        };
        let printed = print(&article);
        assert!(!printed.contains(['<', '>', '&', '\u{2028}']), "{printed}");
        let read: Value = serde_json::from_str(&printed).unwrap();
        assert_eq!(read["@graph"][1]["itemListElement"][0]["position"], json!(1));
        let read = &read["@graph"][0];
        assert_eq!(read["translationOfWork"]["inLanguage"], json!("fr"));
        assert_eq!(read.get("workTranslation"), None);
        assert_eq!(read["headline"], json!(article.headline));
        assert_eq!(read["datePublished"], json!("2025-08-22T15:40:00Z"));
        assert_eq!(read["dateModified"], read["datePublished"]);
        assert_eq!(read["author"][0]["url"], json!("https://paper.example/author/keziah"));
        assert_eq!(read["publisher"]["@type"], json!("NewsMediaOrganization"));
        assert_eq!(read["publisher"]["correctionsPolicy"], json!("https://paper.example/corrections"));
        assert_eq!(read["correction"][0]["@type"], json!("CorrectionComment"));
        assert_eq!((read.get("image"), read.get("articleSection"), read.get("description")), (None, None, None));
    }
}
