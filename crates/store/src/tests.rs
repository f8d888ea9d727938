//! The rules of the store, each held on both engines.

mod audience;
mod engine;
mod lists;
mod mail;
mod migrations;
mod people;
mod plans;
mod readers;
mod searches;

use crate::{Change, Error, Store, testing};
use newsroom::article::{Article, Byline, BylineRole, Copy, Revision, State};
use newsroom::id::{ArticleId, SubscriberId, WorkId};
use newsroom::language::{Language, Length};
use newsroom::slug::Slug;
use newsroom::subscriber::{Address, Choices, Frequency, Subscriber};
use newsroom::time::{Timestamp, Zone};

/// A fresh store of each engine, and what SQLite's folder needs to stay.
fn both() -> [(Store, Option<tempfile::TempDir>); 2] {
    let folder = tempfile::tempdir().unwrap();
    [(testing::fresh_sqlite(folder.path()), Some(folder)), (testing::fresh_postgres(), None)]
}

/// Runs a change to its end.
async fn change<T: Send + 'static>(
    store: &Store,
    change: impl FnMut(&mut Change<'_>) -> Result<T, Error> + Send + 'static,
) -> T {
    store.change(change).await.unwrap()
}

/// Looks, outside any change.
async fn look<T: Send + 'static>(
    store: &Store,
    look: impl FnMut(&crate::View<'_>) -> Result<T, Error> + Send + 'static,
) -> T {
    store.read(look).await.unwrap()
}

fn language(tag: &str) -> Language {
    Language::parse(tag).unwrap()
}

fn slug(words: &str) -> Slug {
    Slug::from_words(words).unwrap()
}

fn article(id: i64, headline: &str) -> (Article, Revision) {
    let at = Timestamp(id * 1_000);
    let article = Article {
        id: ArticleId(id),
        work: WorkId(id),
        language: language("en"),
        section: slug("international"),
        slug: slug(headline),
        state: State::Live,
        writer: None,
        topics: vec![slug("haiti"), slug("kenya")],
        bylines: vec![Byline { author: slug("k"), role: BylineRole::Writer }],
        created_at: at,
        scheduled_for: None,
        embargo_until: None,
        published_at: Some(at),
        updated_at: None,
        withdrawn_at: None,
        withdrawal_reason: None,
        revision: 1,
        published_revision: Some(1),
    };
    let copy = Copy {
        headline: headline.into(),
        standfirst: format!("About {headline}"),
        body: "Nobody knows.".into(),
        ..Copy::default()
    };
    let revision = Revision {
        article: article.id,
        number: 1,
        at,
        by: None,
        copy,
        note: String::new(),
        length: Length { words: 460, characters: 0 },
    };
    (article, revision)
}

/// Keeps articles as they are given, findable by their words.
async fn keep(store: &Store, list: Vec<(Article, Revision)>) {
    change(store, move |change| {
        for (article, revision) in &list {
            change.add_article(article)?;
            change.add_revision(revision)?;
            let text = crate::SearchText {
                headline: revision.copy.headline.clone(),
                standfirst: revision.copy.standfirst.clone(),
                body: revision.copy.body.clone(),
            };
            change.index_article(article.id, &text.analysed(&article.language))?;
        }
        Ok(())
    })
    .await;
}

fn subscriber(id: i64) -> Subscriber {
    Subscriber {
        id: SubscriberId(id),
        address: Address::parse(&format!("Rose{id}@example.ht")).unwrap(),
        name: "Rose".into(),
        choices: Choices {
            languages: vec![language("ht"), language("fr")],
            sections: vec![slug("haiti")],
            zone: Zone::parse("America/Port-au-Prince").unwrap(),
            hour: 7,
            frequency: Frequency::Weekdays,
        },
        created_at: Timestamp(1),
        confirmed_at: Some(Timestamp(2)),
        unsubscribed_at: None,
        paused_until: None,
    }
}
