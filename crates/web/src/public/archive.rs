//! The archive by date: a month as a calendar, a day as a list. What is empty says so and is not listed anywhere.

use newsroom::time::{Day, Timestamp};
use press::page::{Archive, Calendar, CalendarDay, Link, Page};
use store::Listing;

use super::fault::Fault;
use super::lists::{self, Which};
use super::present::cards::{self, month_name};
use super::sheet::{Sheet, civil_day};
use crate::address::{Place, Span};
use crate::cache::Kept;

/// Articles of one day; a paper with more has sections for them.
const DAY_CARDS_MAX: usize = 500;
/// Days of a week.
const WEEK: usize = 7;

/// One page of the archive.
pub(super) async fn page(sheet: &Sheet, span: Span) -> Result<Kept, Fault> {
    let today = sheet.zone.day(sheet.now());
    let model = match span {
        Span::Day(day) if day > today => return Err(Fault::NotFound),
        Span::Day(day) => day_page(sheet, day, today).await?,
        Span::Month(year, month) if (year, month) > (today.year(), today.month()) => return Err(Fault::NotFound),
        Span::Month(year, month) => month_page(sheet, span, year, month, today).await?,
        Span::Year(year) if year > today.year() => return Err(Fault::NotFound),
        Span::Year(year) => year_page(sheet, year, today).await?,
        Span::All => {
            let (year, month) = latest_month(sheet).await?.unwrap_or((today.year(), today.month()));
            month_page(sheet, span, year, month, today).await?
        }
    };
    Ok(sheet.keep(sheet.html(&Page::Archive(model)).map_err(Fault::Broken)?))
}

async fn day_page(sheet: &Sheet, day: Day, today: Day) -> Result<Archive, Fault> {
    let (from, before) = sheet.zone.bounds(day);
    let found = lists::look(sheet, Which::Between(from, before), None, DAY_CARDS_MAX).await?;
    let earlier = last_before(sheet, from).await?.map(|day| {
        let text = sheet.say("older_day", &[("day", &sheet.words.day_short(&civil_day(day)))]);
        sheet.link(text, &Place::Archive(Span::Day(day)))
    });
    let next = day.plus(1);
    let later = (next <= today).then(|| {
        let text = sheet.say("newer_day", &[("day", &sheet.words.day_short(&civil_day(next)))]);
        sheet.link(text, &Place::Archive(Span::Day(next)))
    });
    let title = sheet.words.day_long(&civil_day(day));
    let mut days = cards::days(sheet, &found.rows, &found.shown, true);
    for one in &mut days {
        one.href = None;
    }
    let up = Span::Month(day.year(), day.month());
    Ok(Archive {
        meta: head(sheet, Span::Day(day), &title, found.rows.is_empty()),
        empty: found.rows.is_empty().then(|| sheet.say("day_empty", &[])),
        title,
        calendar: None,
        days,
        earlier,
        later,
        up: Some(sheet.link(month_name(sheet, day.year(), day.month()), &Place::Archive(up))),
        months: Vec::new(),
    })
}

async fn month_page(sheet: &Sheet, span: Span, year: i16, month: i8, today: Day) -> Result<Archive, Fault> {
    let days = days_of(year, month);
    let bounds = days.iter().map(|day| sheet.zone.bounds(*day)).collect();
    let counts = counts(sheet, bounds).await?;
    let title = month_name(sheet, year, month);
    let is_empty = counts.iter().all(|count| *count == 0);
    let from = days.first().map_or(sheet.now(), |day| sheet.zone.bounds(*day).0);
    let earlier = last_before(sheet, from).await?.map(|day| month_link(sheet, day.year(), day.month()));
    let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    let later = (next_year, next_month) <= (today.year(), today.month());
    let heading = if span == Span::All { sheet.say("archive_title", &[]) } else { title.clone() };
    Ok(Archive {
        meta: head(sheet, span, &heading, is_empty && span != Span::All),
        title: heading,
        calendar: Some(calendar(sheet, title, &days, &counts, today)),
        days: Vec::new(),
        empty: is_empty.then(|| sheet.say("month_empty", &[])),
        earlier,
        later: later.then(|| month_link(sheet, next_year, next_month)),
        up: (span != Span::All).then(|| sheet.link(year.to_string(), &Place::Archive(Span::Year(year)))),
        months: months_of(sheet, year, today, Some(month)).await?,
    })
}

async fn year_page(sheet: &Sheet, year: i16, today: Day) -> Result<Archive, Fault> {
    let months = months_of(sheet, year, today, None).await?;
    let from = Day::new(year, 1, 1).map_or(sheet.now(), |day| sheet.zone.bounds(day).0);
    let earlier = last_before(sheet, from).await?.map(|day| day.year());
    let year_link = |year: i16| sheet.link(year.to_string(), &Place::Archive(Span::Year(year)));
    Ok(Archive {
        meta: head(sheet, Span::Year(year), &year.to_string(), months.is_empty()),
        title: year.to_string(),
        calendar: None,
        days: Vec::new(),
        empty: months.is_empty().then(|| sheet.say("section_empty", &[])),
        earlier: earlier.map(year_link),
        later: (year < today.year()).then(|| year_link(year + 1)),
        up: Some(sheet.link(sheet.say("archive_title", &[]), &Place::Archive(Span::All))),
        months,
    })
}

fn head(sheet: &Sheet, span: Span, title: &str, is_empty: bool) -> press::page::Meta {
    let mut meta = sheet.meta(&Place::Archive(span), title, "");
    meta.noindex = is_empty;
    meta
}

fn month_link(sheet: &Sheet, year: i16, month: i8) -> Link {
    sheet.link(month_name(sheet, year, month), &Place::Archive(Span::Month(year, month)))
}

/// The months of a year that have articles, without `but`.
async fn months_of(sheet: &Sheet, year: i16, today: Day, but: Option<i8>) -> Result<Vec<Link>, Fault> {
    let months: Vec<i8> =
        (1..=12).filter(|month| Some(*month) != but && (year, *month) <= (today.year(), today.month())).collect();
    let bounds = months.iter().filter_map(|month| {
        let days = days_of(year, *month);
        Some((sheet.zone.bounds(*days.first()?).0, sheet.zone.bounds(*days.last()?).1))
    });
    let counts = counts(sheet, bounds.collect()).await?;
    let with_articles = months.iter().zip(counts).filter(|(_, count)| *count > 0);
    Ok(with_articles.map(|(month, _)| month_link(sheet, year, *month)).collect())
}

async fn counts(sheet: &Sheet, spans: Vec<(Timestamp, Timestamp)>) -> Result<Vec<u64>, Fault> {
    let (language, now) = (sheet.language.clone(), sheet.now());
    let counts = sheet.web.desk().store().read(move |view| view.counts_between(&language, &spans, now)).await;
    Ok(counts?)
}

/// The last day before `from` on which something was published.
async fn last_before(sheet: &Sheet, from: Timestamp) -> Result<Option<Day>, Fault> {
    let (language, now) = (sheet.language.clone(), sheet.now());
    let found = sheet
        .web
        .desk()
        .store()
        .read(move |view| view.listing(Listing::Between(Timestamp(i64::MIN), from), &language, now, None, 1));
    let found: Result<_, store::Error> = found.await;
    Ok(found?.first().map(|row| sheet.zone.day(row.published_at)))
}

async fn latest_month(sheet: &Sheet) -> Result<Option<(i16, i8)>, Fault> {
    let found = lists::look(sheet, Which::Latest, None, 1).await?;
    Ok(found.rows.first().map(|row| sheet.zone.day(row.published_at)).map(|day| (day.year(), day.month())))
}

fn days_of(year: i16, month: i8) -> Vec<Day> {
    (1..=31).filter_map(|day| Day::new(year, month, day)).collect()
}

fn calendar(sheet: &Sheet, caption: String, days: &[Day], counts: &[u64], today: Day) -> Calendar {
    let lead_in = days.first().map_or(0, |day| usize::try_from(day.weekday() - 1).unwrap_or(0));
    let squares = days.iter().zip(counts).map(|(day, count)| CalendarDay {
        number: day.day().to_string(),
        href: (*count > 0).then(|| sheet.href(&Place::Archive(Span::Day(*day)))),
        count: (*count > 0).then(|| sheet.words.count("articles", *count)),
        current: *day == today,
    });
    let mut squares: Vec<CalendarDay> = (0..lead_in).map(|_| CalendarDay::default()).chain(squares).collect();
    while !squares.len().is_multiple_of(WEEK) {
        squares.push(CalendarDay::default());
    }
    Calendar {
        caption,
        weekdays: (1..=7).map(|day| sheet.words.weekday_short(day).to_owned()).collect(),
        weeks: squares.chunks(WEEK).map(<[CalendarDay]>::to_vec).collect(),
    }
}
