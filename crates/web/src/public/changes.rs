//! What changed in an article: every version that readers saw, each compared in words with the one before it.
//! Asks only what is public now; a withdrawn article has no changes either.

use newsroom::slug::Slug;
use newsroom::time::Timestamp;
use press::page::{Changes, Link, Page, Passage, PassagePiece, Version};
use store::{Published, ShownRevision};

use super::fault::Fault;
use super::sheet::Sheet;
use super::{article, body};
use crate::address::Place;
use crate::cache::Kept;
use crate::diff::{self, Difference, Piece, Step};

/// Versions on one page.
const VERSIONS_PER_PAGE: usize = 10;
/// Characters of compared text on one page, so that it stays light; the rest of a version is said to be left out.
const CHARACTERS_PER_PAGE_MAX: usize = 14_000;

/// The page of changes; `before` is the number of the version above which it goes on.
pub(super) async fn page(sheet: &Sheet, section: &Slug, slug: &Slug, before: Option<u32>) -> Result<Kept, Fault> {
    let (published, shown) = look(sheet, section, slug, before).await?;
    if shown.is_empty() {
        return Err(Fault::NotFound);
    }
    let place = Place::Changes(section.clone(), slug.clone());
    let title = sheet.say("changes_title", &[]);
    let headline = published.revision.copy.headline.clone();
    let mut meta = sheet.meta(&place, &format!("{} {headline}", sheet.say("colon", &[("text", &title)])), "");
    // The article is what one looks for; its history is one step away from it.
    meta.noindex = true;
    let mut room = Room(CHARACTERS_PER_PAGE_MAX);
    let listed = shown.len().min(VERSIONS_PER_PAGE);
    let compared = (0..listed).map(|at| version(sheet, &shown[at], shown.get(at + 1), &mut room));
    let mut versions: Vec<(Timestamp, Version)> = compared.collect();
    let since = if shown.len() > listed { shown[listed - 1].shown_at } else { Timestamp(i64::MIN) };
    let until = before.map_or(Timestamp(i64::MAX), |_| shown[0].shown_at);
    versions.extend(corrections(sheet, &published, since, until));
    versions.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let path = sheet.href(&place);
    let older = (shown.len() > listed).then(|| {
        let number = shown[listed - 1].revision.number;
        Link::new(sheet.say("older", &[]), format!("{path}?before={number}"))
    });
    let model = Changes {
        meta,
        headline,
        href: sheet.href(&Place::Article(section.clone(), slug.clone())),
        versions: versions.into_iter().map(|(_, version)| version).collect(),
        newer: before.map(|_| Link::new(sheet.say("newer", &[]), path)),
        older,
    };
    Ok(sheet.keep(sheet.html_at(section, &Page::Changes(model)).map_err(Fault::Broken)?))
}

/// One version more than the page shows: the last one is compared with it.
async fn look(
    sheet: &Sheet,
    section: &Slug,
    slug: &Slug,
    before: Option<u32>,
) -> Result<(Published, Vec<ShownRevision>), Fault> {
    let (language, section, slug, now) = (sheet.language.clone(), section.clone(), slug.clone(), sheet.now());
    let look = sheet.web.desk().store().read(move |view| {
        let Some(published) = view.article_at(&language, &section, &slug, now)? else {
            let elsewhere = article::elsewhere(view.elsewhere(&language, &section, &slug, now)?);
            return Err(match elsewhere {
                Fault::Moved(Place::Article(section, slug)) => Fault::Moved(Place::Changes(section, slug)),
                fault => fault,
            });
        };
        let shown = view.shown_revisions(published.article.id, now, before, VERSIONS_PER_PAGE + 1)?;
        Ok((published, shown))
    });
    look.await
}

/// Characters that are still free on the page.
struct Room(usize);

fn version(sheet: &Sheet, is: &ShownRevision, was: Option<&ShownRevision>, room: &mut Room) -> (Timestamp, Version) {
    let mut version = Version {
        id: format!("v{}", is.revision.number),
        when: sheet.moment_long(is.shown_at),
        line: line(sheet, is, was.is_none()),
        ..Version::default()
    };
    match was {
        None => {}
        Some(was) if was.hidden_at.is_some() || is.hidden_at.is_some() => {
            version.remark = Some(sheet.say("changes_hidden", &[]));
        }
        Some(was) => {
            let difference = diff::compare(&words(was), &words(is));
            version.counts = counts(sheet, &difference);
            version.passages = passages(sheet, &difference, room);
            if version.passages.iter().any(|passage| passage.is_cut) {
                version.remark = Some(sheet.say("changes_cut", &[]));
            }
        }
    }
    (is.shown_at, version)
}

/// What the newsroom said about a change, or what is known of it without its word.
fn line(sheet: &Sheet, is: &ShownRevision, is_first: bool) -> String {
    match is.revision.note.trim() {
        "" if is_first => sheet.say("published", &[]),
        "" => sheet.say("text_changed", &[]),
        note => note.to_owned(),
    }
}

fn corrections(
    sheet: &Sheet,
    published: &Published,
    since: Timestamp,
    until: Timestamp,
) -> impl Iterator<Item = (Timestamp, Version)> {
    let label = sheet.say("correction", &[]);
    published.corrections.iter().filter(move |it| it.at > since && it.at <= until).map(move |correction| {
        let version = Version {
            id: format!("c{}", correction.id),
            when: sheet.moment_long(correction.at),
            label: Some(label.clone()),
            line: correction.text.clone(),
            ..Version::default()
        };
        (correction.at, version)
    })
}

/// Headline, standfirst and body as paragraphs of plain words.
fn words(shown: &ShownRevision) -> String {
    let copy = &shown.revision.copy;
    let body = body::parse(&copy.body).map(|document| document.plain_text()).unwrap_or_default();
    let paragraphs = [copy.headline.as_str(), copy.standfirst.as_str()].into_iter().chain(body.lines());
    let paragraphs: Vec<&str> = paragraphs.map(str::trim).filter(|text| !text.is_empty()).collect();
    paragraphs.join("\n\n")
}

/// "12 words added, 3 taken out".
fn counts(sheet: &Sheet, difference: &Difference) -> Option<String> {
    let some = |key: &str, n: usize| (n > 0).then(|| sheet.words.count(key, n as u64));
    let parts: Vec<String> =
        [some("words_added", difference.words_added), some("words_removed", difference.words_removed)]
            .into_iter()
            .flatten()
            .collect();
    (!parts.is_empty()).then(|| parts.join(sheet.words.separator(false)))
}

fn passages(sheet: &Sheet, difference: &Difference, room: &mut Room) -> Vec<Passage> {
    let mut passages = Vec::new();
    for step in &difference.steps {
        match step {
            Step::Same(count) => {
                let gap = sheet.words.count("paragraphs_same", *count as u64);
                passages.push(Passage { gap: Some(gap), ..Passage::default() });
            }
            Step::Changed { was, is } => {
                let pieces = woven(was, is);
                let characters = pieces.iter().map(|piece| piece.text.chars().count()).sum::<usize>();
                if characters > room.0 {
                    passages.push(Passage { is_cut: true, ..Passage::default() });
                    break;
                }
                room.0 -= characters;
                passages.push(Passage { pieces, ..Passage::default() });
            }
        }
    }
    passages
}

/// Both sides of a passage as one run of text: what stayed once, what went before what came.
fn woven(was: &[Piece], is: &[Piece]) -> Vec<PassagePiece> {
    let mut out = Vec::new();
    let (mut was, mut is) = (was.iter().peekable(), is.iter().peekable());
    while was.peek().is_some() || is.peek().is_some() {
        changed(&mut was, "gone", &mut out);
        changed(&mut is, "new", &mut out);
        match (was.next_if(|piece| !piece.changed), is.next_if(|piece| !piece.changed)) {
            (_, Some(piece)) | (Some(piece), None) => out.push(PassagePiece { what: "same", text: piece.text.clone() }),
            (None, None) => {}
        }
    }
    out
}

/// The changed pieces that come next on one side, each with the space that follows it.
fn changed<'a>(
    side: &mut std::iter::Peekable<impl Iterator<Item = &'a Piece>>,
    what: &'static str,
    out: &mut Vec<PassagePiece>,
) {
    while let Some(piece) = side.next_if(|piece| piece.changed) {
        out.push(PassagePiece { what, text: piece.text.clone() });
        side.next_if(|space| !space.changed && space.text.trim().is_empty());
        out.push(PassagePiece { what: "same", text: " ".into() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(was: &str, is: &str, want: &str) {
        let difference = diff::compare(was, is);
        let shown: Vec<String> = difference
            .steps
            .iter()
            .map(|step| match step {
                Step::Same(count) => format!("={count}"),
                Step::Changed { was, is } => woven(was, is)
                    .into_iter()
                    .map(|piece| match piece.what {
                        "gone" => format!("[-{}-]", piece.text),
                        "new" => format!("[+{}+]", piece.text),
                        _ => piece.text,
                    })
                    .collect::<String>()
                    .trim_end()
                    .to_owned(),
            })
            .collect();
        assert_eq!(shown.join(" | "), want);
    }

    #[test]
    fn a_changed_passage_reads_as_one_sentence_with_what_went_and_what_came() {
        check("Kenya will leave soon.", "Kenya may leave soon.", "Kenya [-will-] [+may+] leave soon.");
        check("one two", "one two three", "one two [+three+]");
        check("one two three", "three", "[-one two-] three");
        check("a b c d", "x b y d", "[-a-] [+x+] b [-c-] [+y+] d");
        check("gone", "", "[-gone-]");
        check("same\n\nold", "same\n\nnew", "=1 | [-old-] [+new+]");
        check("سد نهارا هنا", "سد تشكا هنا", "سد [-نهارا-] [+تشكا+] هنا");
    }
}
