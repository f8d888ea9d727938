//! One article: its head, corrections, changes, translations and the links that pass it on.

use newsroom::article::BylineRole;
use newsroom::publication::Author;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use press::page::{
    Alternate, Article, Byline, Change, CorrectionNote, Dir, Html, Link, Meta, OpenGraph, Share, Translation,
};
use store::{Card as Row, Published};

use super::cards::{self, filled};
use crate::address::{FeedOf, Place};
use crate::public::body::Shown;
use crate::public::card::{self, Preview};
use crate::public::media::share_path;
use crate::public::sheet::Sheet;

/// Everything about one article that was looked up.
pub(crate) struct Reading<'a> {
    pub(crate) published: &'a Published,
    pub(crate) shown: &'a Shown,
    pub(crate) body_html: Html,
    /// Bytes of the text version.
    pub(crate) text_bytes: usize,
    pub(crate) related: &'a [Row],
    pub(crate) next: Option<&'a Row>,
    pub(crate) json_ld: Option<String>,
    /// None: it is passed on with the card of its section.
    pub(crate) preview: Option<Preview>,
}

/// The preview of an article: its picture, or its headline as it was drawn; `share` is the blob of that.
pub(crate) fn preview(sheet: &Sheet, published: &Published, shown: &Shown, share: Option<&str>) -> Option<Preview> {
    let copy = &published.revision.copy;
    let own = copy.lead.as_ref().and_then(|lead| Some((shown.preview(lead.picture?)?, lead.alt.clone())));
    if let Some((wide, alt)) = own {
        return Some(Preview { url: sheet.whole(&wide.path), alt, size: (wide.width, wide.height) });
    }
    Some(Preview {
        url: sheet.whole(&share_path(share?)),
        alt: format!("{} – {}", short_or(&copy.short_social, &copy.headline), sheet.site.name),
        size: (press::share::WIDTH, press::share::HEIGHT),
    })
}

/// The short headline where there is one.
fn short_or(short: &str, headline: &str) -> String {
    filled(short).unwrap_or_else(|| headline.to_owned())
}

/// The reading page.
pub(crate) fn article(sheet: &Sheet, mut reading: Reading<'_>) -> Article {
    let published = reading.published;
    let section = FeedOf::Section(published.article.section.clone());
    let card = || card::beside(sheet, &section, &sheet.section_name(&published.article.section));
    let preview = reading.preview.take().or_else(card);
    let (article, copy) = (&published.article, &published.revision.copy);
    let place = Place::Article(article.section.clone(), article.slug.clone());
    let first_at = article.published_at.unwrap_or(published.revision.at);
    let size = sheet.words.size(reading.text_bytes as u64);
    let first_author = writers(published).into_iter().next();
    Article {
        meta: head(sheet, &place, &reading, preview),
        url: sheet.url(&place),
        kicker: Some(sheet.link(sheet.section_name(&article.section), &Place::Section(article.section.clone()))),
        headline: copy.headline.clone(),
        standfirst: filled(&copy.standfirst),
        bylines: bylines(sheet, published),
        place: filled(&copy.dateline),
        initial: first_author.and_then(|author| initial(&author.name)),
        avatar: first_author.and_then(|author| reading.shown.narrowest(author.picture?)),
        published: sheet.moment_long(first_at),
        updated: article.updated_at.map(|at| sheet.moment_long(at)),
        reading: Some(cards::reading(sheet, published.revision.length)),
        translated_from: None,
        translations: translations(sheet, published),
        picture: copy.lead.as_ref().and_then(|lead| cards::picture(sheet, lead, reading.shown)),
        notice: None,
        corrections: corrections(sheet, published),
        changes: changes(sheet, published),
        changes_href: (published.changes.len() > 1)
            .then(|| sheet.href(&Place::Changes(article.section.clone(), article.slug.clone()))),
        topics: topics(sheet, published),
        share: share(sheet, &copy.headline, &sheet.url(&place)),
        text_href: Some(sheet.href(&Place::Text(article.section.clone(), article.slug.clone()))),
        text_label: sheet.say("text_only", &[("size", &size)]),
        related: reading.related.iter().map(|row| cards::card(sheet, row, reading.shown, true)).collect(),
        next_in_section: reading.next.map(|row| cards::card(sheet, row, reading.shown, false)),
        as_of: as_of(sheet, published),
        body_html: reading.body_html,
    }
}

fn as_of(sheet: &Sheet, published: &Published) -> String {
    let article = &published.article;
    let last = [article.published_at, article.updated_at, published.corrections.last().map(|last| last.at)];
    let at = last.into_iter().flatten().max().unwrap_or(published.revision.at);
    sheet.say("as_of", &[("when", &sheet.moment_long(at).text)])
}

fn head(sheet: &Sheet, place: &Place, reading: &Reading<'_>, preview: Option<Preview>) -> Meta {
    let copy = &reading.published.revision.copy;
    let description = filled(&copy.standfirst).unwrap_or_default();
    let mut og = OpenGraph {
        kind: "article".into(),
        title: short_or(&copy.short_social, &copy.headline),
        description: description.clone(),
        ..OpenGraph::default()
    };
    if let Some(preview) = preview {
        preview.put_into(&mut og);
    }
    Meta {
        title: short_or(&copy.short_search, &copy.headline),
        description,
        canonical: Some(sheet.url(place)),
        noindex: false,
        alternates: alternates(sheet, place, reading.published),
        feeds: Vec::new(),
        og: Some(og),
        json_ld: reading.json_ld.clone(),
    }
}

/// This article and its translations; the main language's version, where there is one, is the default.
fn alternates(sheet: &Sheet, place: &Place, published: &Published) -> Vec<Alternate> {
    if published.translations.is_empty() {
        return Vec::new();
    }
    let own = Alternate { language: sheet.language.code().to_owned(), href: sheet.url(place) };
    let mut all = vec![own.clone()];
    for other in &published.translations {
        let place = Place::Article(other.section.clone(), other.slug.clone());
        let href = sheet.whole(&sheet.href_in(&other.language, &place));
        all.push(Alternate { language: other.language.code().to_owned(), href });
    }
    let default = all.iter().find(|one| one.language == sheet.main.code()).unwrap_or(&own);
    all.push(Alternate { language: "x-default".into(), href: default.href.clone() });
    all
}

/// Who wrote it. Where a byline names nobody as writer, everybody it names.
pub(crate) fn writers(published: &Published) -> Vec<&Author> {
    let wrote = |author: &&Author| {
        let mut bylines = published.article.bylines.iter().filter(|byline| byline.author == author.slug);
        bylines.any(|byline| matches!(byline.role, BylineRole::Writer | BylineRole::Reporter))
    };
    let writers: Vec<&Author> = published.authors.iter().filter(wrote).collect();
    if writers.is_empty() { published.authors.iter().collect() } else { writers }
}

fn bylines(sheet: &Sheet, published: &Published) -> Vec<Byline> {
    let one = |byline: &newsroom::article::Byline| {
        let author = published.authors.iter().find(|author| author.slug == byline.author)?;
        let href = Some(sheet.href(&Place::Author(author.slug.clone())));
        Some(Byline { name: author.name.clone(), href, role: role(sheet, byline.role) })
    };
    published.article.bylines.iter().filter_map(one).collect()
}

/// What somebody did, where it is not writing.
fn role(sheet: &Sheet, role: BylineRole) -> Option<String> {
    let key = match role {
        BylineRole::Writer => return None,
        BylineRole::Reporter => "reported_by",
        BylineRole::Editor => "edited_by",
        BylineRole::Photographer => "photos_by",
        BylineRole::Illustrator => "drawings_by",
        BylineRole::Translator => "translated_by",
    };
    Some(sheet.words.say(key, &[]))
}

/// The letter that stands for somebody without a picture.
pub(crate) fn initial(name: &str) -> Option<String> {
    name.chars().find(|letter| letter.is_alphanumeric()).map(|letter| letter.to_uppercase().collect())
}

fn translations(sheet: &Sheet, published: &Published) -> Vec<Translation> {
    let one = |other: &store::Translation| Translation {
        language: other.language.code().to_owned(),
        endonym: press::words::endonym(other.language.code()).to_owned(),
        href: sheet.href_in(&other.language, &Place::Article(other.section.clone(), other.slug.clone())),
        dir: Dir::of(other.language.code()),
    };
    published.translations.iter().map(one).collect()
}

fn corrections(sheet: &Sheet, published: &Published) -> Vec<CorrectionNote> {
    let one = |correction: &newsroom::article::Correction| CorrectionNote {
        when: sheet.moment_long(correction.at),
        text: correction.text.clone(),
    };
    published.corrections.iter().map(one).collect()
}

/// Newest first, the publication last.
fn changes(sheet: &Sheet, published: &Published) -> Vec<Change> {
    let mut all: Vec<(newsroom::time::Timestamp, Option<String>, String)> = Vec::new();
    let first_at = published.article.published_at.unwrap_or(published.revision.at);
    all.push((first_at, None, sheet.say("published", &[])));
    // The first that readers saw is the publication itself.
    for (_, at, note) in published.changes.iter().skip(1) {
        let line = if note.is_empty() { sheet.say("text_changed", &[]) } else { note.clone() };
        all.push((*at, None, line));
    }
    for correction in &published.corrections {
        all.push((correction.at, Some(sheet.say("correction", &[])), correction.text.clone()));
    }
    all.sort_by_key(|(at, _, _)| std::cmp::Reverse(*at));
    all.into_iter().map(|(at, label, text)| Change { when: sheet.moment_long(at), text, label }).collect()
}

fn topics(sheet: &Sheet, published: &Published) -> Vec<Link> {
    let one = |slug: &newsroom::slug::Slug| {
        let topic = sheet.paper.topic(slug.as_str())?;
        Some(sheet.link(sheet.name(&topic.names, slug), &Place::Topic(slug.clone())))
    };
    published.article.topics.iter().filter_map(one).collect()
}

/// Plain links: nobody is told anything before somebody presses one.
fn share(sheet: &Sheet, headline: &str, url: &str) -> Vec<Share> {
    let escaped = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let both = escaped(&format!("{headline} {url}"));
    let (title, address) = (escaped(headline), escaped(url));
    vec![
        Link::new(sheet.say("share_whatsapp", &[]), format!("https://wa.me/?text={both}")),
        Link::new(sheet.say("share_telegram", &[]), format!("https://t.me/share/url?url={address}&text={title}")),
        Link::new(sheet.say("share_sms", &[]), format!("sms:?&body={both}")),
        Link::new(sheet.say("share_mail", &[]), format!("mailto:?subject={title}&body={address}")),
    ]
}
