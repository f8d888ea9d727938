//! Every save of an article: the list, what changed between two, and bringing one back.

use super::editor::{Desktop, frame};
use super::fields::Fields;
use super::pages::article::{ComparePage, Comparison, RevisionLine, RevisionsPage};
use super::pages::{Choice, counted};
use super::session::Room;
use super::trouble::{Shown, Trouble, page, see};
use super::when::When;
use super::write::article_id;
use axum::extract::{Path, Query};
use desk::{Draft, Error};
use http::StatusCode;
use newsroom::article::{Article, Copy, Revision};
use newsroom::id::ArticleId;
use newsroom::refusal::Refusal;
use serde::Deserialize;

/// Revisions in one list.
const REVISIONS_MAX: usize = 500;

/// `GET /newsroom/articles/{id}/revisions`.
pub(crate) async fn list(room: Room, Path(id): Path<String>) -> Shown {
    let id = article_id(&id)?;
    let (article, headline, lines) = lines(&room, id).await?;
    let last = lines.len();
    let lines = lines.into_iter().enumerate().map(|(at, line)| RevisionLine {
        title: format!("Revision {}", line.number),
        live: article.published_revision == Some(line.number),
        by: line.by_name.unwrap_or_else(|| "Imported".into()),
        when: When::new(line.at, room.now, &room.zone),
        words: line.headline,
        note: line.note,
        href: (at + 1 < last).then(|| {
            format!("/newsroom/articles/{id}/comparison?before={}&after={}", line.number.saturating_sub(1), line.number)
        }),
    });
    let sheet = RevisionsPage {
        hiding: (article.state == newsroom::article::State::Live && article.updated_at.is_some())
            .then(|| format!("/newsroom/articles/{id}/hiding")),
        back: format!("/newsroom/articles/{id}"),
        summary: counted(last as u64, "save so far.", "saves so far."),
        lines: lines.collect(),
        frame: frame(&room),
        headline,
    };
    Ok(page(StatusCode::OK, &sheet))
}

async fn lines(room: &Room, id: ArticleId) -> Result<(Article, String, Vec<store::RevisionLine>), Trouble> {
    room.desk()
        .store()
        .read(move |view| {
            let article = view.article(id)?.ok_or(Trouble::Missing)?;
            let lines = view.revisions(id, REVISIONS_MAX)?;
            let headline = lines.first().map(|line| line.headline.clone()).filter(|headline| !headline.is_empty());
            Ok((article, headline.unwrap_or_else(|| "Without a headline".into()), lines))
        })
        .await
}

/// Which two revisions.
#[derive(Debug, Deserialize)]
pub(crate) struct Pair {
    before: Option<u32>,
    after: Option<u32>,
}

/// `GET /newsroom/articles/{id}/comparison?before=&after=`; the newest and the one before it unless said otherwise.
pub(crate) async fn compare(room: Room, Path(id): Path<String>, Query(pair): Query<Pair>) -> Shown {
    let id = article_id(&id)?;
    let (article, headline, lines) = lines(&room, id).await?;
    let after = pair.after.unwrap_or(article.revision);
    let before = pair.before.unwrap_or_else(|| after.saturating_sub(1).max(1));
    let (was, is) = room
        .desk()
        .store()
        .read(move |view| {
            let one = |number| view.revision(id, number)?.ok_or(Trouble::Missing);
            Ok::<_, Trouble>((one(before)?, one(after)?))
        })
        .await?;
    let all = comparison(&was.copy, &is.copy);
    let words = |revision: &Revision| {
        let name = lines.iter().find(|line| line.number == revision.number).and_then(|line| line.by_name.clone());
        let when = When::new(revision.at, room.now, &room.zone).words;
        format!("{}, {when}, {}", revision.number, name.unwrap_or_else(|| "imported".into()))
    };
    let choices = |chosen: u32| -> Vec<Choice> {
        let one = |line: &store::RevisionLine| {
            let when = When::new(line.at, room.now, &room.zone).words;
            let name = line.by_name.as_deref().unwrap_or("imported");
            Choice::new(line.number.to_string(), format!("{}, {when}, {name}", line.number), &chosen.to_string())
        };
        lines.iter().map(one).collect()
    };
    let restore = article.may_change(&room.me).is_ok().then(|| {
        (format!("/newsroom/articles/{id}/revisions/{before}/return"), format!("Bring revision {before} back"))
    });
    let sheet = ComparePage {
        frame: frame(&room),
        back: format!("/newsroom/articles/{id}"),
        title: format!("What changed from revision {before} to {after}"),
        summary: all.summary(),
        action: format!("/newsroom/articles/{id}/comparison"),
        language: article.language.to_string(),
        befores: choices(before),
        afters: choices(after),
        before_words: words(&was),
        after_words: words(&is),
        rows: all.rows,
        restore,
        based_on: article.revision,
        headline,
    };
    Ok(page(StatusCode::OK, &sheet))
}

/// Every word of two copies, part by part.
fn comparison(was: &Copy, is: &Copy) -> Comparison {
    let lead = |copy: &Copy| copy.lead.clone().unwrap_or_default();
    let (lead_was, lead_is) = (lead(was), lead(is));
    Comparison::new(&[
        ("Kicker", &was.kicker, &is.kicker),
        ("Headline", &was.headline, &is.headline),
        ("Headline for search", &was.short_search, &is.short_search),
        ("Headline when shared", &was.short_social, &is.short_social),
        ("Headline in the letter", &was.short_mail, &is.short_mail),
        ("Standfirst", &was.standfirst, &is.standfirst),
        ("Dateline", &was.dateline, &is.dateline),
        ("Picture, described", &lead_was.alt, &lead_is.alt),
        ("Caption", &lead_was.caption, &lead_is.caption),
        ("Credit", &lead_was.credit, &lead_is.credit),
        ("Text", &was.body, &is.body),
    ])
}

/// `POST /newsroom/articles/{id}/revisions/{number}/return`: a new revision with the words of an old one.
pub(crate) async fn bring_back(room: Room, Path((id, number)): Path<(String, u32)>, fields: Fields) -> Shown {
    let id = article_id(&id)?;
    let based_on: u32 = fields.first("based_on").parse().unwrap_or(0);
    let desktop = Desktop::look(&room, Some(id)).await?;
    let article = desktop.article.ok_or(Trouble::Missing)?;
    let copy = room
        .desk()
        .store()
        .read(move |view| Ok::<_, Trouble>(view.revision(id, number)?.ok_or(Trouble::Missing)?.copy))
        .await?;
    let draft = Draft {
        language: article.language.clone(),
        section: article.section.clone(),
        slug: Some(article.slug.clone()),
        work: None,
        copy,
        topics: article.topics.clone(),
        bylines: article.bylines.clone(),
        embargo_until: article.embargo_until,
    };
    match room.desk().save(&room.me, id, based_on, draft).await {
        Ok(_) => Ok(see(&format!("/newsroom/articles/{id}"))),
        Err(Error::Refused(Refusal::SomebodyElseChangedIt)) => Ok(see(&format!("/newsroom/articles/{id}/revisions"))),
        Err(error) => Err(error.into()),
    }
}
