//! Prints what search engines and archives read about an article: schema.org JSON-LD.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Everything the JSON-LD of an article says. Addresses are absolute; times are microseconds since 1970 in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewsArticle {
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
}

/// One correction readers see.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CorrectionNote {
    pub at: i64,
    pub text: String,
    /// Where it stands on the page.
    pub url: Option<String>,
}

/// The JSON for `<script type="application/ld+json">` (schema.org `NewsArticle`), on one line.
///
/// `<`, `>`, `&` and the line separators of JavaScript are written as `\u003c` …, so that no text can end the element.
pub fn print(article: &NewsArticle) -> String {
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| {
        let is_absent = value.is_null() || value == json!("") || value == json!([]);
        if !is_absent {
            out.insert(key.to_owned(), value);
        }
    };
    put("@context", json!("https://schema.org"));
    put("@type", json!("NewsArticle"));
    put("mainEntityOfPage", json!(article.url));
    put("url", json!(article.url));
    put("headline", json!(article.headline));
    put("description", json!(article.description));
    put("image", json!(article.images));
    put("datePublished", json!(time(article.published)));
    put("dateModified", json!(article.updated.or(Some(article.published)).and_then(time)));
    put("author", Value::Array(article.authors.iter().map(person).collect()));
    put("publisher", organization(&article.publisher));
    put("articleSection", json!(article.section));
    put("inLanguage", json!(article.language));
    put("isAccessibleForFree", json!(true));
    put("wordCount", json!(article.words));
    put("correction", Value::Array(article.corrections.iter().map(correction).collect()));
    for_script(&Value::Object(out))
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
    without_nulls(json!({
        "@type": "Person", "name": person.name, "url": person.url, "jobTitle": person.role,
    }))
}

fn organization(publisher: &Organization) -> Value {
    let logo = publisher.logo.as_ref().map(|logo| json!({ "@type": "ImageObject", "url": logo }));
    without_nulls(json!({
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
    }))
}

fn correction(correction: &CorrectionNote) -> Value {
    without_nulls(json!({
        "@type": "CorrectionComment",
        "datePublished": time(correction.at),
        "text": correction.text,
        "url": correction.url,
    }))
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(map.into_iter().filter(|(_, v)| !v.is_null() && *v != json!("")).collect()),
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
            ..NewsArticle::default()
        };
        let printed = print(&article);
        assert!(!printed.contains(['<', '>', '&', '\u{2028}']), "{printed}");
        let read: Value = serde_json::from_str(&printed).unwrap();
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
