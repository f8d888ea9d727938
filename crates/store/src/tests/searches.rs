//! Search answers alike on both engines, whatever is typed.

use super::{article, both, keep, language, look, slug};
use crate::{Order, Search, Store};
use newsroom::article::{Article, Revision};
use newsroom::time::Timestamp;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp(1_000_000);

fn paper() -> Vec<(Article, Revision)> {
    let texts: [(&str, &str, &str, &str); 9] = [
        ("en", "Who will lead the mission in Haiti?", "Kenya wants out", "The forces left Port-au-Prince."),
        ("en", "Kenya's police return", "The mission ends", "Haiti waits."),
        ("en", "A budget at last", "Economy", "The mission in Haiti costs money; forces cost more."),
        ("en", "Haiti mission budget", "Economy", "Numbers."),
        ("fr", "L'économie d'Haïti", "Les écoles ferment", "La santé publique manque de moyens."),
        ("ht", "Kiyès ki pral mennen misyon an?", "Lekòl yo fèmen", "Pèsonn pa konnen."),
        ("sw", "Habari za leo", "Polisi wa Kenya", "Wanarudi nyumbani."),
        ("ar", "أخبار هايتي", "السَّدُّ الكبير", "مدارس مغلقة"),
        ("ja", "東京都の新聞", "朝刊", "ハイチの任務"),
    ];
    let mut list = Vec::new();
    for (at, (tag, headline, standfirst, body)) in texts.into_iter().enumerate() {
        let (mut one, mut words) = article(at as i64 + 1, headline);
        one.language = language(tag);
        if at == 3 {
            one.section = slug("economy");
            one.bylines.clear();
        }
        words.copy.standfirst = standfirst.into();
        words.copy.body = body.into();
        list.push((one, words));
    }
    list
}

async fn found(store: &Store, search: Search) -> Vec<i64> {
    look(store, move |view| {
        let found = view.search(&search, NOW, None, 50)?;
        assert_eq!(found.total as usize, found.cards.len());
        Ok(found.cards.iter().map(|card| card.id.0).collect())
    })
    .await
}

/// What `words` find in the articles of a language, or in all.
async fn check(store: &Store, words: &str, tag: &str, expected: &[i64]) {
    let language = (!tag.is_empty()).then(|| language(tag));
    let search = Search { words: words.into(), language, ..Search::default() };
    assert_eq!(found(store, search).await, expected, "“{words}” in {tag} on {}", store.engine_name());
}

#[tokio::test]
async fn words_in_headlines_come_before_standfirsts_before_texts_and_then_the_newest() {
    for (store, _folder) in both() {
        keep(&store, paper()).await;
        check(&store, "mission", "en", &[4, 1, 2, 3]).await;
        check(&store, "haiti mission", "en", &[4, 1, 3, 2]).await;
        check(&store, "HAÏTI", "en", &[4, 1, 3, 2]).await;
        check(&store, "forces", "en", &[3, 1]).await;
        check(&store, "force", "en", &[3, 1]).await;
        check(&store, "nothing of this", "en", &[]).await;
        check(&store, "ecole", "fr", &[5]).await;
        check(&store, "sante", "fr", &[5]).await;
        check(&store, "lekol", "ht", &[6]).await;
        check(&store, "اخبار", "ar", &[8]).await;
        check(&store, "السد", "ar", &[8]).await;
        check(&store, "新聞", "ja", &[9]).await;
        check(&store, "東京", "ja", &[9]).await;
        check(&store, "京", "ja", &[9]).await;
        check(&store, "kenya", "", &[2, 7, 1]).await;
        check(&store, "lekol", "", &[6]).await;
        check(&store, "écoles", "", &[5]).await;
    }
}

#[tokio::test]
async fn a_search_keeps_to_section_author_and_days() {
    for (store, _folder) in both() {
        keep(&store, paper()).await;
        let haiti = || Search { words: "haiti".into(), language: Some(language("en")), ..Search::default() };
        assert_eq!(found(&store, Search { section: Some(slug("economy")), ..haiti() }).await, [4]);
        assert_eq!(found(&store, Search { author: Some(slug("k")), ..haiti() }).await, [1, 3, 2]);
        let days = Search { from: Some(Timestamp(2_000)), before: Some(Timestamp(3_000)), ..haiti() };
        assert_eq!(found(&store, days).await, [2]);
    }
}

#[tokio::test]
async fn leafing_through_answers_shows_each_once_in_the_same_order() {
    for (store, _folder) in both() {
        keep(&store, paper()).await;
        for (words, order) in [("haiti", Order::Best), ("mission", Order::Best), ("haiti", Order::Newest)] {
            let search = Search { words: words.into(), language: Some(language("en")), order, ..Search::default() };
            let whole = found(&store, search.clone()).await;
            for limit in 1..=4 {
                let (search, mut leafed, mut after) = (search.clone(), Vec::new(), None);
                let leafed = look(&store, move |view| {
                    loop {
                        let page = view.search(&search, NOW, after, limit)?;
                        assert!(page.cards.len() <= limit && page.total == 4);
                        leafed.extend(page.cards.iter().map(|card| card.id.0));
                        after = page.last;
                        if after.is_none() {
                            return Ok(std::mem::take(&mut leafed));
                        }
                    }
                })
                .await;
                assert_eq!(leafed, whole, "{words} {order:?} by {limit} on {}", store.engine_name());
            }
        }
    }
}

#[tokio::test]
async fn a_search_can_be_read_newest_first() {
    for (store, _folder) in both() {
        keep(&store, paper()).await;
        let newest = |words: &str| Search {
            words: words.into(),
            language: Some(language("en")),
            order: Order::Newest,
            ..Search::default()
        };
        assert_eq!(found(&store, newest("mission")).await, [4, 3, 2, 1]);
        assert_eq!(found(&store, newest("haiti")).await, [4, 3, 2, 1]);
    }
}

#[tokio::test]
async fn quoted_words_must_stand_together() {
    for (store, _folder) in both() {
        keep(&store, paper()).await;
        check(&store, "\"haiti mission\"", "en", &[4]).await;
        check(&store, "\"mission in haiti\"", "en", &[1, 3]).await;
        check(&store, "“mission haiti”", "en", &[]).await;
        check(&store, "\"cost money\" forces", "en", &[3]).await;
        check(&store, "« santé publique »", "fr", &[5]).await;
        check(&store, "\"sante publique\"", "", &[5]).await;
        check(&store, "\"東京都\"", "ja", &[9]).await;
        check(&store, "\"mission", "en", &[4, 1, 2, 3]).await;
    }
}

#[tokio::test]
async fn a_slip_is_mended_with_words_that_readers_could_find() {
    for (store, _folder) in both() {
        keep(&store, paper()).await;
        let check = |words: &'static str, tag: &'static str, expected: Option<&'static str>| {
            let store = store.clone();
            async move {
                let search = Search { words: words.into(), language: Some(language(tag)), ..Search::default() };
                let got = look(&store, move |view| view.suggestion(&search, &language("en"), NOW)).await;
                assert_eq!(got.as_deref(), expected, "{words} in {tag} on {}", store.engine_name());
            }
        };
        check("hatii budget", "en", Some("haiti budget")).await;
        check("Misson in Haitii?", "en", Some("mission in haiti?")).await;
        check("econmie", "fr", Some("économie")).await;
        check("lekòll", "ht", Some("lekòl")).await;
        check("zzzzzz", "en", None).await;
        check("haiti", "en", None).await;
        check("", "en", None).await;
        check("'; --", "en", None).await;
    }
}

#[tokio::test]
async fn a_suggestion_never_tells_a_word_that_is_no_longer_public() {
    for (store, _folder) in both() {
        let (mut one, words) = article(1, "Zanzibar waits");
        keep(&store, vec![(one.clone(), words)]).await;
        let slip = || Search { words: "zanzibra".into(), language: Some(language("en")), ..Search::default() };
        let ask = || look(&store, move |view| view.suggestion(&slip(), &language("en"), NOW));
        assert_eq!(ask().await.as_deref(), Some("zanzibar"));
        one.embargo_until = Some(Timestamp(NOW.0 + 1));
        super::change(&store, move |change| change.save_article(&one, NOW)).await;
        assert_eq!(ask().await, None);
    }
}

#[tokio::test]
async fn articles_of_the_same_instant_are_all_found_the_last_one_first() {
    for (store, _folder) in both() {
        let same = |id: i64| {
            let (mut one, words) = article(id, &format!("Storm {id}"));
            one.published_at = Some(Timestamp(5_000));
            (one, words)
        };
        keep(&store, (1..=40).map(same).collect()).await;
        let storm = || Search { words: "storm".into(), ..Search::default() };
        assert_eq!(found(&store, storm()).await, (1..=40).rev().collect::<Vec<i64>>());
        super::change(&store, |change| {
            let text = crate::SearchText { headline: "Calm".into(), ..Default::default() };
            change.index_article(newsroom::id::ArticleId(7), &text.analysed(&language("en")))
        })
        .await;
        assert_eq!(found(&store, storm()).await.len(), 39);
    }
}

#[tokio::test]
async fn a_changed_article_is_found_by_its_new_words_only() {
    for (store, _folder) in both() {
        keep(&store, paper()).await;
        super::change(&store, |change| {
            let text = crate::SearchText { headline: "Panama joins".into(), ..Default::default() };
            change.index_article(newsroom::id::ArticleId(1), &text.analysed(&language("en")))?;
            change.unindex_article(newsroom::id::ArticleId(2))
        })
        .await;
        let search = |words: &str| Search { words: words.into(), ..Search::default() };
        assert_eq!(found(&store, search("panama")).await, [1]);
        assert_eq!(found(&store, search("lead")).await, [0; 0]);
        assert_eq!(found(&store, search("police")).await, [0; 0]);
    }
}

#[test]
fn any_text_is_a_search_and_both_engines_answer_it_alike() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let [(sqlite, _folder), (postgres, _)] = both();
    runtime.block_on(async {
        keep(&sqlite, paper()).await;
        keep(&postgres, paper()).await;
    });
    let hostile = [
        "\"",
        "'",
        "*",
        "haiti*",
        "NEAR(a b)",
        "a OR b",
        "-haiti",
        "headline:x",
        "(((",
        "a & | b:*",
        "\\",
        "\0",
        "';--",
    ];
    let words = "(haiti|mission|kenya|forces|budget|東京|lekol|a|\"|'|\\*|:|\\(|&|!| |\\PC){0,12}";
    let ask = |text: &str, tag: Option<&str>| {
        let search = Search { words: text.into(), language: tag.map(language), ..Search::default() };
        runtime.block_on(async {
            assert_eq!(found(&sqlite, search.clone()).await, found(&postgres, search).await, "{text:?}");
        });
    };
    for text in hostile {
        ask(text, None);
    }
    proptest!(ProptestConfig::with_cases(150), |(text in words, tag in prop::option::of("(en|fr|ja)"))| {
        ask(&text, tag.as_deref());
    });
}
