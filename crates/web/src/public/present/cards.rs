//! Articles on lists: cards, leads, and days or months of them.

use newsroom::article::LeadPicture;
use newsroom::time::Day as CivilDay;
use press::page::{Card, Day, Dir, Lead, Link, Picture};
use store::Card as Row;

use crate::address::{Place, Span};
use crate::public::body::Shown;
use crate::public::sheet::{Sheet, civil_day};

/// Where an article stands.
pub(crate) fn place(row: &Row) -> Place {
    Place::Article(row.section.clone(), row.slug.clone())
}

/// The path of an article, in its own language.
pub(crate) fn href(sheet: &Sheet, row: &Row) -> String {
    sheet.href_in(&row.language, &place(row))
}

/// An article as a list shows it. `with_section`: its kicker names the section.
pub(crate) fn card(sheet: &Sheet, row: &Row, shown: &Shown, with_section: bool) -> Card {
    let other = (row.language != sheet.language).then(|| row.language.code().to_owned());
    Card {
        headline: row.headline.clone(),
        href: href(sheet, row),
        kicker: if with_section { Some(sheet.section_name(&row.section)) } else { filled(&row.kicker) },
        standfirst: filled(&row.standfirst),
        byline: byline(sheet, row),
        when: Some(sheet.moment_line(row.published_at)),
        reading: Some(reading(sheet, row.length)),
        picture: row.lead.as_ref().and_then(|lead| picture(sheet, &lead.lead, shown)),
        dir: other.as_deref().map(Dir::of),
        language: other,
    }
}

/// "4 min read".
pub(crate) fn reading(sheet: &Sheet, length: newsroom::language::Length) -> String {
    sheet.words.count("minutes_read", u64::from(length.minutes()))
}

fn byline(sheet: &Sheet, row: &Row) -> Option<String> {
    let names: Vec<&str> = row.authors.iter().map(|author| author.name.as_str()).collect();
    (!names.is_empty()).then(|| sheet.words.list(&names))
}

/// A lead picture with its words; None while it has no rendition.
pub(crate) fn picture(sheet: &Sheet, lead: &LeadPicture, shown: &Shown) -> Option<Picture> {
    let picture = shown.page_picture(lead.picture?)?;
    let credit = filled(&lead.credit).map(|credit| labelled(sheet, credit));
    Some(Picture { alt: lead.alt.clone(), caption: filled(&lead.caption), credit, ..picture })
}

/// "Photo: Ilse Marrow"; a credit that brings its own label ("Map: …") stays as it is.
fn labelled(sheet: &Sheet, credit: String) -> String {
    if credit.contains([':', '：']) { credit } else { sheet.say("photo_credit", &[("name", &credit)]) }
}

/// The first article of a page.
pub(crate) fn lead(sheet: &Sheet, row: &Row, shown: &Shown, with_section: bool) -> Lead {
    Lead { card: card(sheet, row, shown, with_section), also: Vec::new(), opening_html: None }
}

/// A headline that leads to its article.
pub(crate) fn link(sheet: &Sheet, row: &Row) -> Link {
    Link::new(row.headline.clone(), href(sheet, row))
}

/// Rows, newest first, under their days.
pub(crate) fn days(sheet: &Sheet, rows: &[Row], shown: &Shown, with_section: bool) -> Vec<Day> {
    grouped(rows, |row| sheet.zone.day(row.published_at))
        .into_iter()
        .map(|(day, rows)| Day {
            title: sheet.words.day_long(&civil_day(day)),
            datetime: day.to_string(),
            href: Some(sheet.href(&Place::Archive(Span::Day(day)))),
            cards: rows.iter().map(|row| card(sheet, row, shown, with_section)).collect(),
        })
        .collect()
}

/// Rows, newest first, under their months.
pub(crate) fn months(sheet: &Sheet, rows: &[Row], shown: &Shown) -> Vec<Day> {
    let month = |day: CivilDay| (day.year(), day.month());
    grouped(rows, |row| month(sheet.zone.day(row.published_at)))
        .into_iter()
        .map(|((year, month), rows)| Day {
            title: month_name(sheet, year, month),
            datetime: format!("{year:04}-{month:02}"),
            href: Some(sheet.href(&Place::Archive(Span::Month(year, month)))),
            cards: rows.iter().map(|row| card(sheet, row, shown, true)).collect(),
        })
        .collect()
}

/// "August 2025".
pub(crate) fn month_name(sheet: &Sheet, year: i16, month: i8) -> String {
    CivilDay::new(year, month, 1).map_or_else(String::new, |day| sheet.words.month(&civil_day(day)))
}

/// Neighbours of the same key together.
fn grouped<K: PartialEq>(rows: &[Row], key: impl Fn(&Row) -> K) -> Vec<(K, &[Row])> {
    rows.chunk_by(|one, next| key(one) == key(next)).map(|group| (key(&group[0]), group)).collect()
}

/// What was written, if anything was.
pub(crate) fn filled(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}
