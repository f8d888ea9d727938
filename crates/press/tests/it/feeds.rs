//! Feeds and sitemaps: approved papers, and well-formed whatever the words are.

use std::path::Path;

use press::feed::{self, Feed, FeedAuthor, FeedImage, FeedItem};
use press::sitemap::{self, NEWS_ARTICLES_MAX, NewsPage, SitemapPage};
use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;

const DAY: i64 = 86_400_000_000;
const AUGUST: i64 = 1_755_877_200_000_000;

fn sample(words: &str) -> Feed {
    let item = FeedItem {
        id: "tag:paper.example,2025:a4821".into(),
        url: "https://paper.example/international/kenya?a=1&b=2".into(),
        title: format!("Kenya may lose the lead {words}"),
        summary: format!("An unnamed source says so {words}"),
        html: format!("<p>A new force &amp; more {words}]]></p>"),
        published: AUGUST,
        updated: AUGUST + DAY,
        authors: vec![
            FeedAuthor { name: "Keziah Baraka".into(), url: Some("https://paper.example/author/keziah".into()) },
            FeedAuthor { name: words.into(), url: None },
        ],
        categories: vec!["International".into(), words.into()],
        language: Some("ht".into()),
        image: Some(FeedImage {
            url: "https://paper.example/media/map.jpg".into(),
            mime: "image/jpeg".into(),
            bytes: 81_234,
        }),
    };
    let second = FeedItem {
        id: "https://paper.example/2".into(),
        url: "https://paper.example/2".into(),
        title: "Second".into(),
        published: AUGUST,
        ..FeedItem::default()
    };
    Feed {
        title: format!("Global Daily Update {words}"),
        description: String::new(),
        home_url: "https://paper.example/".into(),
        self_url: "https://paper.example/feed.xml".into(),
        language: "en".into(),
        updated: AUGUST + DAY,
        icon_url: Some("https://paper.example/icon.png".into()),
        hub_url: Some("https://hub.example/".into()),
        older_url: Some("https://paper.example/feed.xml?before=1".into()),
        items: vec![item, second],
    }
}

fn sitemaps(words: &str) -> [String; 3] {
    let page = SitemapPage {
        url: format!("https://paper.example/international/{words}"),
        updated: Some(AUGUST),
        translations: vec![("fr".into(), "https://paper.example/fr/x".into())],
    };
    let article = NewsPage {
        url: page.url.clone(),
        title: words.into(),
        publication: "Global Daily Update".into(),
        language: "en-KE".into(),
        published: AUGUST,
    };
    let pages = [page, SitemapPage { url: "https://paper.example/".into(), updated: None, translations: vec![] }];
    [sitemap::pages(&pages), sitemap::index(&pages), sitemap::news(&[article])]
}

/// All text of a document, or why it is not well-formed.
fn texts(xml: &str) -> Result<Vec<String>, String> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let mut texts = vec![String::new()];
    let mut open = 0;
    loop {
        match reader.read_event().map_err(|e| e.to_string())? {
            Event::Start(start) => {
                open += 1;
                texts.push(String::new());
                for attribute in start.attributes() {
                    attribute.map_err(|e| e.to_string())?;
                }
            }
            Event::End(_) => open -= 1,
            Event::Text(text) => texts.last_mut().unwrap().push_str(&text.xml10_content()),
            Event::GeneralRef(name) => {
                let name = name.xml10_content();
                let text = quick_xml::escape::unescape(&format!("&{name};")).map_err(|e| e.to_string())?.into_owned();
                texts.last_mut().unwrap().push_str(&text);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if open == 0 { Ok(texts) } else { Err(format!("{open} elements are open")) }
}

#[test]
fn feeds_and_sitemaps_print_as_approved() {
    let feed = sample("“été” & <b>");
    let [pages, index, news] = sitemaps("kreyòl");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/papers");
    for (name, print) in [
        ("feed.rss.xml", feed::rss(&feed)),
        ("feed.atom.xml", feed::atom(&feed)),
        ("feed.json", feed::json(&feed)),
        ("sitemap.xml", pages),
        ("sitemap-index.xml", index),
        ("sitemap-news.xml", news),
    ] {
        let golden = folder.join(name);
        if std::env::var_os("UPDATE_PAPERS").is_some() {
            std::fs::write(&golden, &print).unwrap();
        }
        assert_eq!(print, std::fs::read_to_string(&golden).unwrap_or_default(), "{name}");
    }
}

#[test]
fn the_news_sitemap_stops_at_a_thousand() {
    let article = NewsPage {
        url: "https://a.example/x".into(),
        title: "x".into(),
        publication: "y".into(),
        language: "ar".into(),
        published: 0,
    };
    let printed = sitemap::news(&vec![article; NEWS_ARTICLES_MAX + 5]);
    assert_eq!(printed.matches("<url>").count(), NEWS_ARTICLES_MAX);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn feeds_are_well_formed_whatever_the_words_are(words in prop::collection::vec(any::<char>(), 0..20)) {
        let words: String = words.into_iter().collect();
        let feed = sample(&words);
        let clean: String = feed.items[0].title.chars().filter(|c| *c >= ' ' && !matches!(c, '\u{FFFE}' | '\u{FFFF}')).collect();
        for xml in [feed::rss(&feed), feed::atom(&feed)] {
            let texts = texts(&xml).map_err(|e| TestCaseError::fail(format!("{e}: {xml}")))?;
            if clean == feed.items[0].title && !words.contains(['\u{85}', '\u{2028}']) {
                prop_assert!(texts.iter().any(|text| text.trim() == clean.trim()), "{:?} not in {:?}", clean, texts);
            }
        }
        for xml in sitemaps(&words) {
            texts(&xml).map_err(|e| TestCaseError::fail(format!("{e}: {xml}")))?;
        }
        let is_object = feed::json(&feed).starts_with('{');
        prop_assert!(is_object);
    }
}
