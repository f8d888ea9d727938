//! Everything that was wrong, newest first.

use newsroom::article::Correction;
use newsroom::id::{ArticleId, CorrectionId};
use newsroom::slug::Slug;
use newsroom::time::Timestamp;
use press::feed::FeedItem;
use press::page::{CorrectionLine, Corrections, Link, Page};
use store::CorrectionLine as Row;

use super::fault::Fault;
use super::feeds;
use super::lists::After;
use super::sheet::Sheet;
use crate::address::{FeedKind, FeedOf, Place};
use crate::cache::Kept;

/// Corrections on one page.
const LINES_PER_PAGE: usize = 50;

/// The page of corrections.
pub(super) async fn page(sheet: &Sheet, after: Option<After>) -> Result<Kept, Fault> {
    let (language, now) = (sheet.language.clone(), sheet.now());
    let last = after.and_then(|after| row(sheet, after));
    let look = sheet
        .web
        .desk()
        .store()
        .read(move |view| view.corrections_listing(&language, now, last.as_ref(), LINES_PER_PAGE + 1));
    let mut rows: Vec<Row> = look.await.map_err(|error: store::Error| Fault::from(error))?;
    let more = rows.len() > LINES_PER_PAGE;
    rows.truncate(LINES_PER_PAGE);
    let from = rows.last().filter(|_| more).map_or(Timestamp(i64::MIN), |row| row.correction.at);
    let until = after.map_or(Timestamp(i64::MAX), |after| after.at);
    let language = sheet.language.clone();
    let look = sheet.web.desk().store().read(move |view| view.withdrawals(&language, from, until, LINES_PER_PAGE));
    let withdrawals = look.await.map_err(|error: store::Error| Fault::from(error))?;
    let path = sheet.href(&Place::Corrections);
    let older = rows.last().filter(|_| more).map(|row| {
        let after = After { at: row.correction.at, id: row.correction.id.0 };
        Link::new(sheet.say("older", &[]), format!("{path}?before={}", after.show()))
    });
    let contact = &sheet.paper.publication.contact;
    let report = contact.contains('@').then(|| Link::new(sheet.say("report_error", &[]), format!("mailto:{contact}")));
    let mut meta = sheet.meta(&Place::Corrections, &sheet.say("corrections", &[]), "");
    meta.alternates = sheet.alternates(&Place::Corrections);
    if after.is_some() {
        meta.noindex = true;
    }
    let model = Corrections {
        meta,
        lines: lines(sheet, &rows, withdrawals),
        report,
        feed_href: sheet.href(&Place::Feed(FeedOf::Corrections, FeedKind::Rss)),
        older,
        newer: after.map(|_| Link::new(sheet.say("newer", &[]), path)),
    };
    Ok(sheet.keep(sheet.html(&Page::Corrections(model)).map_err(Fault::Broken)?))
}

/// The newest corrections and withdrawals as items of a feed.
pub(super) async fn items(sheet: &Sheet, limit: usize) -> Result<Vec<FeedItem>, Fault> {
    let (language, now) = (sheet.language.clone(), sheet.now());
    let look = sheet.web.desk().store().read(move |view| {
        let corrections = view.corrections_listing(&language, now, None, limit)?;
        let withdrawals = view.withdrawals(&language, Timestamp(i64::MIN), Timestamp(i64::MAX), limit)?;
        Ok::<_, store::Error>((corrections, withdrawals))
    });
    let (corrections, withdrawals) = look.await?;
    let item = |label: &str, headline: &str, at: Timestamp, text: &str| FeedItem {
        title: sheet.say("colon", &[("text", &sheet.say(label, &[]))]) + " " + headline,
        summary: text.to_owned(),
        published: at.0,
        updated: at.0,
        ..FeedItem::default()
    };
    let mut items: Vec<FeedItem> = corrections
        .iter()
        .map(|row| {
            let url =
                sheet.whole(&sheet.href_in(&row.language, &Place::Article(row.section.clone(), row.slug.clone())));
            FeedItem {
                id: feeds::identity(sheet, format_args!("correction:{}", row.correction.id), row.correction.at),
                url: format!("{url}#corrections"),
                ..item("correction", &row.headline, row.correction.at, &row.correction.text)
            }
        })
        .collect();
    items.extend(withdrawals.iter().map(|(at, reason, headline)| FeedItem {
        id: feeds::identity(sheet, format_args!("withdrawal:{}", at.0), *at),
        url: sheet.url(&Place::Corrections),
        ..item("withdrawn", headline, *at, reason)
    }));
    items.sort_by_key(|item| std::cmp::Reverse(item.published));
    items.truncate(limit);
    Ok(items)
}

/// Corrections and withdrawals as one list, newest first.
fn lines(sheet: &Sheet, rows: &[Row], withdrawals: Vec<(Timestamp, String, String)>) -> Vec<CorrectionLine> {
    let mut lines: Vec<(Timestamp, CorrectionLine)> =
        rows.iter().map(|row| (row.correction.at, line(sheet, row))).collect();
    lines.extend(withdrawals.into_iter().map(|(at, reason, headline)| {
        let (when, label) = (sheet.moment_long(at), sheet.say("withdrawn", &[]));
        (at, CorrectionLine { when, label, headline, href: None, text: reason })
    }));
    lines.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    lines.into_iter().map(|(_, line)| line).collect()
}

fn line(sheet: &Sheet, row: &Row) -> CorrectionLine {
    CorrectionLine {
        when: sheet.moment_long(row.correction.at),
        label: sheet.say("correction", &[]),
        headline: row.headline.clone(),
        href: Some(sheet.href_in(&row.language, &Place::Article(row.section.clone(), row.slug.clone()))),
        text: row.correction.text.clone(),
    }
}

/// A line that stands for a place in the list; only its time and id are looked at.
fn row(sheet: &Sheet, after: After) -> Option<Row> {
    let slug = Slug::parse("x")?;
    let correction =
        Correction { id: CorrectionId(after.id), article: ArticleId(0), at: after.at, text: String::new(), by: None };
    let language = sheet.language.clone();
    Some(Row { correction, language, section: slug.clone(), slug, headline: String::new() })
}
