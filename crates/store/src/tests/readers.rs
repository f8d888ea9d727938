//! What readers can see, and what exists for nobody.

use super::{article, both, change, keep, language, look, slug};
use crate::{Card, Elsewhere, Listing, Picture, Rendition, Search, Store, View};
use newsroom::article::{Correction, LeadPicture, State};
use newsroom::id::{ArticleId, CorrectionId, PictureId, WorkId};
use newsroom::publication::{Author, Names};
use newsroom::time::Timestamp;

const NOW: Timestamp = Timestamp(1_000_000);

fn ids(cards: &[Card]) -> Vec<i64> {
    cards.iter().map(|card| card.id.0).collect()
}

async fn listed(store: &Store, view: impl Fn(&View<'_>) -> Vec<Card> + Send + 'static) -> Vec<i64> {
    look(store, move |seen| Ok(ids(&view(seen)))).await
}

/// Everywhere a reader could meet an article.
async fn seen_in(store: &Store, now: Timestamp) -> Vec<&'static str> {
    look(store, move |view| {
        let en = language("en");
        let list = |listing| view.listing(listing, &en, now, None, 10).map(|cards| !cards.is_empty());
        let (section, topic, author) = (slug("international"), slug("haiti"), slug("k"));
        let other = article(99, "other").0;
        let search = Search { words: "mission".into(), ..Search::default() };
        let places = [
            ("latest", list(Listing::Latest)?),
            ("section", list(Listing::Section(&section))?),
            ("topic", list(Listing::Topic(&topic))?),
            ("author", list(Listing::Author(&author))?),
            ("archive", list(Listing::Between(Timestamp(0), Timestamp(i64::MAX)))?),
            ("page", view.article_at(&en, &section, &slug("mission"), now)?.is_some()),
            ("cards", !view.cards(&[ArticleId(1)], now)?.is_empty()),
            ("related", !view.related(&other, now, 5)?.is_empty()),
            ("translations", !view.translations(WorkId(1), now)?.is_empty()),
            ("search", view.search(&search, now, None, 10)?.total > 0),
            ("sitemap", !view.sitemap(now, 1)?.is_empty()),
            ("news sitemap", !view.sitemap_news(now, Timestamp(0), 10)?.is_empty()),
            ("corrections", !view.corrections_listing(&en, now, None, 10)?.is_empty()),
            ("media", view.media(&"a".repeat(64), now)?.is_some()),
            ("rendition", view.media(&"b".repeat(64), now)?.is_some()),
            ("moved", view.elsewhere(&en, &section, &slug("old"), now)?.is_some()),
            ("candidates", !view.candidates(Timestamp(0), now, 10)?.is_empty()),
            ("pinned candidates", !view.candidates_among(&[ArticleId(1)], now)?.is_empty()),
            ("calendar", view.counts_between(&en, &[(Timestamp(0), Timestamp(i64::MAX))], now, 10)? != [0]),
            ("versions", !view.versions(&[WorkId(1)], now)?.is_empty()),
        ];
        Ok(places.into_iter().filter(|(_, there)| *there).map(|(place, _)| place).collect())
    })
    .await
}

fn picture() -> Picture {
    Picture {
        id: PictureId(5),
        hash: "a".repeat(64),
        format: "jpeg".into(),
        bytes: 9,
        width: 1600,
        height: 900,
        colour: "#aabbcc".into(),
        name: "port.jpg".into(),
        alt: "A port".into(),
        credit: "K".into(),
        made_at: Timestamp(1),
        made_by: None,
    }
}

async fn keep_one(store: &Store) {
    let (one, mut words) = article(1, "mission");
    words.copy.lead = Some(LeadPicture { picture: Some(PictureId(5)), alt: "A port".into(), ..LeadPicture::default() });
    change(store, |change| {
        change.add_picture(&picture())?;
        change.add_rendition(&Rendition {
            picture: PictureId(5),
            width: 800,
            height: 450,
            format: "webp".into(),
            hash: "b".repeat(64),
            bytes: 3,
        })?;
        let bios = Names::new();
        change.save_author(&Author {
            slug: slug("k"),
            name: "K".into(),
            title: String::new(),
            place: String::new(),
            bios,
            picture: None,
        })
    })
    .await;
    keep(store, vec![(one, words)]).await;
    change(store, |change| {
        change.show_pictures(ArticleId(1), &[PictureId(5)])?;
        change.note_in_sitemap(ArticleId(1), NOW)?;
        change.keep_former_address(
            &language("en"),
            &slug("international"),
            &slug("old"),
            ArticleId(1),
            Timestamp(2),
        )?;
        let (id, article) = (CorrectionId(7), ArticleId(1));
        change.add_correction(&Correction { id, article, at: Timestamp(2_000), text: "It was May.".into(), by: None })
    })
    .await;
}

#[tokio::test]
async fn an_article_that_is_not_public_appears_nowhere() {
    for (store, _folder) in both() {
        keep_one(&store).await;
        assert_eq!(seen_in(&store, NOW).await.len(), 20, "a live article appears everywhere");
        assert_eq!(seen_in(&store, Timestamp(999)).await, [""; 0], "before its publication");
        let (live, _) = article(1, "mission");
        let mut hidden = vec![live.clone(); 8];
        hidden[0].embargo_until = Some(Timestamp(NOW.0 + 1));
        hidden[1].state = State::Withdrawn;
        hidden[2].state = State::Scheduled;
        hidden[3].state = State::Draft;
        hidden[4].state = State::LegalHold;
        hidden[5].published_at = None;
        hidden[6].published_revision = None;
        hidden[7].withdrawn_at = Some(Timestamp(3));
        for one in hidden {
            let what = format!("{:?} {:?} on {}", one.state, one.embargo_until, store.engine_name());
            change(&store, move |change| change.save_article(&one, NOW)).await;
            assert_eq!(seen_in(&store, NOW).await, [""; 0], "{what}");
        }
        let mut over = live;
        over.embargo_until = Some(NOW);
        change(&store, move |change| change.save_article(&over, NOW)).await;
        assert_eq!(seen_in(&store, NOW).await.len(), 20, "an embargo ends");
    }
}

#[tokio::test]
async fn an_article_stays_in_its_part_of_the_sitemap_and_the_part_says_when_it_changed() {
    for (store, _folder) in both() {
        keep(&store, (1..=5).map(|id| article(id, &format!("story {id}"))).collect()).await;
        let note = async |id, at| {
            change(&store, move |change| change.note_in_parts_of(2, ArticleId(id), Timestamp(at))).await;
        };
        for id in 1..=5 {
            note(id, 100 + id).await;
        }
        note(2, 900).await;
        let (parts, lines) = look(&store, |view| {
            let lines = |part| Ok::<_, crate::Error>(view.sitemap(NOW, part)?.iter().map(|line| line.id.0).collect());
            Ok((view.sitemap_parts()?, [lines(1)?, lines(2)?, lines(3)?, lines(4)?]))
        })
        .await;
        let parts: Vec<(u32, i64)> = parts.into_iter().map(|part| (part.number, part.changed_at.0)).collect();
        assert_eq!(parts, [(1, 900), (2, 104), (3, 105)], "{}", store.engine_name());
        let lines: [Vec<i64>; 4] = lines;
        assert_eq!(lines, [vec![1, 2], vec![3, 4], vec![5], vec![]]);
    }
}

#[test]
fn every_statement_that_names_public_articles_repeats_the_guard() {
    let mut guarded = 0;
    for statement in crate::store::statements().filter(|statement| statement.text().contains("public_articles")) {
        assert!(statement.text().contains(crate::public::public!()), "{}", statement.name);
        guarded += 1;
    }
    assert!(guarded > 15);
    for statement in crate::public::ALL.iter().filter(|s| s.text().contains("from articles")) {
        // That something was withdrawn, and why, is public; these two give nothing of its text.
        let known = ["WITHDRAWN", "WITHDRAWALS"].contains(&statement.name);
        assert!(known, "readers are served from public_articles, but not by {}", statement.name);
        assert!(!statement.text().contains("body") && !statement.text().contains("standfirst"), "{}", statement.name);
    }
}

#[tokio::test]
async fn lists_are_newest_first_and_pages_neither_repeat_nor_skip() {
    for (store, _folder) in both() {
        let mut list: Vec<_> = (1..=25).map(|id| article(id, &format!("story {id}"))).collect();
        for (one, _) in &mut list[10..20] {
            one.published_at = Some(Timestamp(15_000)); // ten at the same instant
        }
        list[3].0.language = language("fr");
        list[4].0.section = slug("economy");
        list[5].0.topics = vec![slug("economy")];
        list[6].0.bylines.clear();
        keep(&store, list).await;
        let paged = look(&store, |view| {
            let mut all = Vec::new();
            let mut after: Option<Card> = None;
            loop {
                let page = view.listing(Listing::Latest, &language("en"), NOW, after.as_ref(), 7)?;
                let Some(last) = page.last().cloned() else { return Ok(ids(&all)) };
                all.extend(page);
                after = Some(last);
            }
        })
        .await;
        let newest = (21..=25).rev().chain((11..=20).rev());
        let expected: Vec<i64> = newest.chain((1..=10).rev().filter(|id| *id != 4)).collect();
        assert_eq!(paged, expected);
        let en = || language("en");
        let check = |listing: fn(&View<'_>) -> Vec<Card>, count: usize| {
            let store = store.clone();
            async move { assert_eq!(listed(&store, listing).await.len(), count) }
        };
        check(|view| view.listing(Listing::Section(&slug("economy")), &language("en"), NOW, None, 50).unwrap(), 1)
            .await;
        check(|view| view.listing(Listing::Topic(&slug("haiti")), &language("en"), NOW, None, 50).unwrap(), 23).await;
        check(|view| view.listing(Listing::Author(&slug("k")), &language("en"), NOW, None, 50).unwrap(), 23).await;
        let days = [(Timestamp(0), Timestamp(5_000)), (Timestamp(5_000), Timestamp(16_000)), (NOW, NOW)];
        let counts = look(&store, move |view| view.counts_between(&en(), &days, NOW, 12)).await;
        assert_eq!(counts, [3, 12, 0], "counted up to twelve");
        let (at, until) = (Timestamp(5_000), Timestamp(16_000));
        let between =
            move |view: &View<'_>| view.listing(Listing::Between(at, until), &language("en"), NOW, None, 50).unwrap();
        assert_eq!(listed(&store, between).await.len(), 16);
    }
}

#[tokio::test]
async fn a_page_has_the_published_words_and_everything_around_them() {
    for (store, _folder) in both() {
        keep_one(&store).await;
        let (mut french, mut words) = article(2, "la mission");
        french.language = language("fr");
        french.work = WorkId(1);
        words.copy.kicker = "Haïti".into();
        keep(&store, vec![(french, words)]).await;
        let (_, mut draft) = article(1, "mission, changed");
        draft.number = 2;
        draft.note = "not yet".into();
        change(&store, move |change| change.add_revision(&draft)).await;
        let page = look(&store, |view| view.article_at(&language("en"), &slug("international"), &slug("mission"), NOW));
        let page = page.await.unwrap();
        assert_eq!(page.revision.copy.headline, "mission");
        assert_eq!(page.article.topics, [slug("haiti"), slug("kenya")]);
        assert_eq!(page.authors[0].name, "K");
        assert_eq!(page.corrections[0].text, "It was May.");
        assert_eq!(page.changes, []);
        assert_eq!(page.translations.len(), 1);
        assert_eq!(page.translations[0].headline, "la mission");
        let lead = page.lead.unwrap();
        assert_eq!((lead.width, lead.lead.alt.as_str()), (1600, "A port"));
        let card = look(&store, |view| view.cards(&[ArticleId(2), ArticleId(77), ArticleId(1)], NOW)).await;
        assert_eq!(ids(&card), [2, 1]);
        assert_eq!((card[0].kicker.as_str(), card[1].authors[0].name.as_str()), ("Haïti", "K"));
        assert_eq!(card[1].length.minutes(), 2);
    }
}

#[tokio::test]
async fn an_address_that_changed_leads_on_and_a_withdrawn_one_says_why() {
    for (store, _folder) in both() {
        keep_one(&store).await;
        let elsewhere = |words: &'static str| {
            let store = store.clone();
            async move {
                look(&store, move |view| view.elsewhere(&language("en"), &slug("international"), &slug(words), NOW))
                    .await
            }
        };
        let moved = Elsewhere::Moved { section: slug("international"), slug: slug("mission") };
        assert_eq!(elsewhere("old").await, Some(moved));
        assert_eq!(elsewhere("mission").await, None);
        let (mut one, _) = article(1, "mission");
        one.state = State::Withdrawn;
        one.withdrawn_at = Some(Timestamp(5));
        one.withdrawal_reason = Some("A source was wrong.".into());
        change(&store, move |change| change.save_article(&one, NOW)).await;
        let why = Elsewhere::Withdrawn { at: Timestamp(5), reason: "A source was wrong.".into() };
        assert_eq!(elsewhere("mission").await, Some(why.clone()));
        assert_eq!(elsewhere("old").await, Some(why));
        assert_eq!(elsewhere("never").await, None);
    }
}

#[tokio::test]
async fn related_articles_share_a_topic_first_and_are_never_a_translation_of_it() {
    for (store, _folder) in both() {
        let mut list: Vec<_> = (1..=6).map(|id| article(id, &format!("story {id}"))).collect();
        list[1].0.topics = vec![slug("sport")]; // same section only
        list[2].0.topics = vec![slug("sport")];
        list[2].0.section = slug("sport"); // nothing in common
        list[3].0.work = WorkId(1);
        list[3].0.language = language("fr");
        let one = list[0].0.clone();
        keep(&store, list).await;
        let related = listed(&store, move |view| view.related(&one, NOW, 10).unwrap()).await;
        assert_eq!(related, [6, 5, 2]);
    }
}
