//! What is remembered is what would be printed now, whatever the newsroom and the clock do.

use crate::dice::Dice;
use crate::paper::{MORNING, Paper};
use desk::Draft;
use http::StatusCode;
use newsroom::article::{Byline, BylineRole, Copy};
use newsroom::id::ArticleId;
use newsroom::language::Language;
use newsroom::slug::Slug;
use newsroom::staff::{Role, Staff};
use newsroom::time::{HOUR, MINUTE, Timestamp};

fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

fn draft(dice: &mut Dice, paper: &Paper, number: usize) -> Draft {
    let known = paper.desk.paper();
    let sections: Vec<Slug> = known.sections.iter().map(|section| section.slug.clone()).collect();
    let topics: Vec<Slug> = known.topics.iter().map(|topic| topic.slug.clone()).collect();
    Draft {
        language: Language::parse(["en", "en", "fr", "ar"][dice.roll(4)]).unwrap(),
        section: dice.one_of(&sections[..2]).clone(),
        slug: Some(slug(&format!("news-{number}"))),
        work: None,
        copy: Copy {
            headline: format!("News number {number}"),
            standfirst: format!("What stands under number {number}."),
            body: "Nobody has said so yet.\n".into(),
            ..Copy::default()
        },
        topics: if topics.is_empty() { Vec::new() } else { vec![dice.one_of(&topics).clone()] },
        bylines: vec![Byline { author: slug("kalinda-oroko"), role: BylineRole::Writer }],
        embargo_until: None,
    }
}

/// One thing the newsroom or the clock does; says what.
async fn happen(dice: &mut Dice, paper: &Paper, editor: &Staff, writer: &Staff, all: &mut Vec<ArticleId>) -> String {
    let any = (!all.is_empty()).then(|| *dice.one_of(all));
    let what = dice.roll(8);
    let done = match (what, any) {
        (0..=2, _) | (_, None) => {
            let draft = draft(dice, paper, all.len());
            let id = paper.desk.start(writer, draft).await.unwrap();
            all.push(id);
            paper.desk.publish(editor, id, "").await
        }
        (3, Some(id)) => paper.desk.correct(editor, id, "It was Friday, not Thursday.").await,
        (4, Some(id)) => paper.desk.withdraw(editor, id, "The source took it back.").await,
        (5, Some(id)) => paper.desk.publish(editor, id, "A name was added.").await,
        (6, Some(id)) => {
            let found: Result<_, store::Error> = paper.desk.store().read_now(move |view| {
                let article = view.article(id)?.unwrap();
                Ok((article.clone(), view.revision(id, article.revision)?.unwrap()))
            });
            let (article, revision) = found.unwrap();
            let other = draft(dice, paper, 0);
            let embargo = (dice.roll(2) == 0).then(|| paper.desk.now().plus(90 * MINUTE));
            let draft = Draft {
                language: article.language,
                section: article.section,
                slug: Some(article.slug),
                copy: Copy { headline: format!("{} again", revision.copy.headline), ..revision.copy },
                embargo_until: embargo,
                ..other
            };
            paper.desk.save(editor, id, article.revision, draft).await.map(drop)
        }
        (_, Some(_)) => {
            let hours = i64::try_from(dice.roll(3)).unwrap();
            paper.desk.clock().turn_to(paper.desk.now().plus(hours * HOUR + 20 * MINUTE));
            paper.desk.round().await.map(drop)
        }
    };
    // A rule may refuse; then nothing has changed, and that is looked at as well.
    format!("{what} {any:?}: {done:?}")
}

/// A form's stamp says the hour it was printed in, which is good for two weeks.
fn without_stamp(text: &str) -> String {
    let Some((before, after)) = text.split_once("name=\"stamp\" value=\"") else { return text.to_owned() };
    format!("{before}{}", after.split_once('"').map_or("", |(_, rest)| rest))
}

async fn compare(paper: &Paper, paths: &[String], what: &str) {
    let fresh = paper.anew();
    for path in paths {
        let (kept, now) = (paper.get(path).await, fresh.get(path).await);
        let (kept_text, now_text) = (without_stamp(&kept.text()), without_stamp(&now.text()));
        assert_eq!((kept.status, kept_text), (now.status, now_text), "{path} after {what}");
    }
}

/// The addresses at which anything of this paper can be seen.
fn paths(paper: &Paper, all: &[ArticleId]) -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    for language in ["", "/fr", "/ar"] {
        for path in ["/", "/feed.xml", "/author/kalinda-oroko", "/corrections", "/archive", "/search?q=news"] {
            paths.push(if path == "/" && !language.is_empty() {
                language.to_owned()
            } else {
                format!("{language}{path}")
            });
        }
        for section in &paper.desk.paper().sections[..2] {
            paths.push(format!("{language}/{}", section.slug));
        }
    }
    let articles: Vec<ArticleId> = all.to_vec();
    let found: Result<_, store::Error> = paper
        .desk
        .store()
        .read_now(move |view| articles.iter().map(|id| view.article(*id)).collect::<Result<Vec<_>, _>>());
    for article in found.unwrap().into_iter().flatten() {
        let language = if article.language.code() == "en" { String::new() } else { format!("/{}", article.language) };
        let path = format!("{language}/{}/{}", article.section, article.slug);
        paths.extend([format!("{path}.txt"), path]);
    }
    let at = Timestamp::parse(MORNING).unwrap();
    let later = format!("/author/kalinda-oroko?before={}-0000000000000", at.0 - HOUR * 5);
    paths.extend(
        ["/sitemap.xml", "/sitemap-news.xml", "/sitemap-1.xml", "/archive/2025/08/25", "/archive/2025/08/22"]
            .map(String::from),
    );
    paths.push(later);
    paths.extend(paper.desk.paper().topics.iter().take(2).map(|topic| format!("/topic/{}", topic.slug)));
    paths
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_a_remembered_page_is_the_one_that_would_be_printed_now() {
    let (seed, mut dice) = Dice::thrown();
    let paper = Paper::open().await;
    let staff: Vec<Staff> = paper.desk.staff().await.unwrap().into_iter().map(|member| member.staff).collect();
    let by_role = |role: Role| staff.iter().find(|staff| staff.role == role).unwrap().clone();
    let (editor, writer) = (by_role(Role::Editor), by_role(Role::Writer));
    let mut all = Vec::new();
    for _ in 0..16 {
        let what = happen(&mut dice, &paper, &editor, &writer, &mut all).await;
        compare(&paper, &paths(&paper, &all), &format!("{what} (seed {seed})")).await;
    }
    assert!(!all.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_embargo_that_ends_shows_its_article_and_one_that_is_set_hides_it() {
    let paper = Paper::open().await;
    let staff = paper.desk.staff().await.unwrap();
    let by_role = |role: Role| staff.iter().find(|member| member.staff.role == role).unwrap().staff.clone();
    let (editor, writer) = (by_role(Role::Editor), by_role(Role::Writer));
    let mut dice = Dice::of(7);
    let words = Draft { language: Language::parse("en").unwrap(), ..draft(&mut dice, &paper, 1) };
    let path = format!("/{}/news-1", words.section);
    let id = paper.desk.start(&writer, words.clone()).await.unwrap();
    paper.desk.publish(&editor, id, "").await.unwrap();
    let is_seen = async || {
        let page = paper.get(&path).await.status == StatusCode::OK;
        for other in ["/", "/feed.xml", "/sitemap.xml", "/search?q=number", "/author/kalinda-oroko"] {
            let list = paper.get(other).await.text();
            assert!(other == "/sitemap.xml" || list.contains(path.as_str()) == page, "{other}: {page}");
        }
        page
    };
    assert!(is_seen().await);
    let until = paper.desk.now().plus(HOUR);
    paper.desk.save(&editor, id, 1, Draft { embargo_until: Some(until), ..words }).await.unwrap();
    assert!(!is_seen().await);
    paper.desk.clock().turn_to(until);
    assert!(is_seen().await, "without a round of the clock: nobody has to do anything");
}
