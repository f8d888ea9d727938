//! JSON-LD of every page of the sample: it parses, every thing in it says what its type must say, and it agrees with
//! the page it stands on.

use crate::paper::{Paper, URL};
use serde_json::Value;

/// The addresses in a sitemap, as paths.
async fn addresses(paper: &Paper, sitemap: &str) -> Vec<String> {
    let text = paper.get(sitemap).await.text();
    let paths = text.split("<loc>").skip(1).filter_map(|rest| rest.split("</loc>").next()?.strip_prefix(URL));
    paths.map(str::to_owned).collect()
}

/// The graph on a page.
fn graph(html: &str) -> Vec<Value> {
    let script = html.split("<script type=\"application/ld+json\">").nth(1);
    let Some(json) = script.and_then(|rest| rest.split("</script>").next()) else { return Vec::new() };
    let value: Value = serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"));
    assert_eq!(value["@context"], "https://schema.org");
    value["@graph"].as_array().unwrap().clone()
}

/// What a thing of this type must say (schema.org, and what Google asks of news articles).
fn must_say(kind: &str) -> &'static [&'static str] {
    match kind {
        "NewsArticle" | "ReportageNewsArticle" | "OpinionNewsArticle" => &[
            "@id",
            "headline",
            "datePublished",
            "dateModified",
            "author",
            "publisher",
            "inLanguage",
            "isAccessibleForFree",
            "articleSection",
            "mainEntityOfPage",
            "wordCount",
        ],
        "NewsMediaOrganization" => &[
            "name",
            "url",
            "logo",
            "ethicsPolicy",
            "correctionsPolicy",
            "masthead",
            "ownershipFundingInfo",
            "publishingPrinciples",
            "actionableFeedbackPolicy",
        ],
        "Person" => &["name", "url"],
        "ImageObject" => &["url"],
        "BreadcrumbList" => &["itemListElement"],
        "ListItem" => &["position", "name", "item"],
        "CorrectionComment" => &["datePublished", "text", "url"],
        "ProfilePage" => &["mainEntity"],
        other => panic!("{other} is not known to this test"),
    }
}

fn check(thing: &Value, page: &str, whole: bool) {
    match thing {
        Value::Array(all) => all.iter().for_each(|one| check(one, page, whole)),
        Value::Object(map) => {
            let kind = map["@type"].as_str().unwrap();
            if whole {
                for name in must_say(kind) {
                    assert!(map.contains_key(*name), "{page}: {kind} does not say {name}: {thing}");
                }
            }
            for (name, value) in map {
                let says_nothing = value.is_null() || *value == "" || *value == serde_json::json!([]);
                assert!(!says_nothing, "{page}: {name} is empty");
                let is_version = name == "workTranslation" || name == "translationOfWork";
                if value.is_object() || value.is_array() && value[0].is_object() {
                    check(value, page, !is_version);
                } else if ["url", "@id", "item", "logo"].contains(&name.as_str()) || name.ends_with("Policy") {
                    assert!(value.as_str().unwrap().starts_with(URL), "{page}: {name} is {value}");
                } else if name.starts_with("date") {
                    assert!(
                        newsroom::time::Timestamp::parse(value.as_str().unwrap()).is_some(),
                        "{page}: {name} is {value}"
                    );
                }
            }
        }
        other => panic!("{page}: {other} is no thing"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_the_sample_says_to_machines_what_it_says_to_readers() {
    let paper = Paper::open().await;
    let (mut pages, mut articles, mut translated, mut corrected) = (0, 0, 0, 0);
    for path in addresses(&paper, "/sitemap-0.xml").await.into_iter().chain(addresses(&paper, "/sitemap-1.xml").await) {
        let html = paper.get(&path).await.text();
        let things = graph(&html);
        pages += 1;
        check(&Value::Array(things.clone()), &path, true);
        let Some(article) = things.iter().find(|thing| thing["@type"].as_str().unwrap().ends_with("NewsArticle"))
        else {
            continue;
        };
        articles += 1;
        assert_eq!(article["@id"].as_str().unwrap(), format!("{URL}{path}"));
        assert!(html.contains(&format!("<html lang=\"{}\"", article["inLanguage"].as_str().unwrap())), "{path}");
        assert!(html.contains("<meta property=\"og:title\"") && html.contains("<link rel=\"canonical\""), "{path}");
        let versions = [&article["translationOfWork"], &article["workTranslation"]];
        let is_translated = versions.iter().any(|version| !version.is_null());
        assert_eq!(is_translated, html.contains("rel=\"alternate\" hreflang="), "{path}");
        translated += usize::from(is_translated);
        let count = article["correction"].as_array().map_or(0, Vec::len);
        assert_eq!(count > 0, html.contains("id=\"corrections\""), "{path}");
        corrected += count;
    }
    let front = graph(&paper.get("/").await.text());
    assert_eq!(front[0]["@type"], "NewsMediaOrganization");
    assert!(pages > 20 && articles > 5 && translated > 0, "{pages} {articles} {translated} {corrected}");
}
