//! The archive by date: the years, a year by months, a month as a calendar, a day as a list. What is empty says so
//! and is listed nowhere; earlier and later lead past what is empty.

use newsroom::time::{Day, Timestamp};
use press::page::{Archive, Calendar, CalendarDay, Link, Page, Weekday};

use super::fault::Fault;
use super::lists::{self, After, Which};
use super::present::cards::{self, month_name};
use super::sheet::{Sheet, civil_day};
use crate::address::{Place, Span};
use crate::cache::Kept;

/// Articles on one page of a day.
const DAY_CARDS: usize = 40;
/// Articles of a day that are counted; a calendar square with more says "more than".
const COUNTED_MAX: usize = 100;
/// Years that are listed, the latest ones.
const YEARS_MAX: i16 = 120;
/// Days of a week.
const WEEK: usize = 7;

/// One page of the archive. `after`: where a day of many articles goes on.
pub(super) async fn page(sheet: &Sheet, span: Span, after: Option<After>) -> Result<Kept, Fault> {
    let today = sheet.zone.day(sheet.now());
    let model = match span {
        Span::Day(day) if day > today => return Err(Fault::NotFound),
        Span::Day(day) => day_page(sheet, day, after).await?,
        Span::Month(year, month) if (year, month) > (today.year(), today.month()) => return Err(Fault::NotFound),
        Span::Month(year, month) => month_page(sheet, span, year, month, today).await?,
        Span::Year(year) if year > today.year() => return Err(Fault::NotFound),
        Span::Year(year) => year_page(sheet, year, today).await?,
        Span::All => {
            let latest = last_before(sheet, Timestamp(i64::MAX)).await?;
            let (year, month) = latest.map_or((today.year(), today.month()), |day| (day.year(), day.month()));
            month_page(sheet, span, year, month, today).await?
        }
    };
    Ok(sheet.keep(sheet.html(&Page::Archive(model)).map_err(Fault::Broken)?))
}

async fn day_page(sheet: &Sheet, day: Day, after: Option<After>) -> Result<Archive, Fault> {
    let place = Place::Archive(Span::Day(day));
    let (from, before) = sheet.zone.bounds(day);
    let found = lists::look(sheet, Which::Between(from, before), after, DAY_CARDS).await?;
    let link = |key: &str, day: Day| {
        let text = sheet.say(key, &[("day", &sheet.words.day_short(&civil_day(day)))]);
        sheet.link(text, &Place::Archive(Span::Day(day)))
    };
    let title = sheet.words.day_long(&civil_day(day));
    let mut days = cards::days(sheet, &found.rows, &found.shown, true);
    for one in &mut days {
        one.href = None;
    }
    let mut meta = head(sheet, Span::Day(day), &title, found.rows.is_empty());
    lists::set_page(&mut meta, after, &found);
    let (older, newer) = lists::pager(sheet, &place, &found, after);
    let up = Span::Month(day.year(), day.month());
    Ok(Archive {
        meta,
        empty: found.rows.is_empty().then(|| sheet.say("day_empty", &[])),
        title,
        days,
        older,
        newer,
        earlier: last_before(sheet, from).await?.map(|day| link("older_day", day)),
        later: first_from(sheet, before).await?.map(|day| link("newer_day", day)),
        up: vec![
            year_link(sheet, day.year()),
            sheet.link(month_name(sheet, day.year(), day.month()), &Place::Archive(up)),
        ],
        ..Archive::default()
    })
}

async fn month_page(sheet: &Sheet, span: Span, year: i16, month: i8, today: Day) -> Result<Archive, Fault> {
    let days = days_of(year, month);
    let bounds: Vec<(Timestamp, Timestamp)> = days.iter().map(|day| sheet.zone.bounds(*day)).collect();
    let (from, before) = whole(&bounds, sheet);
    let counts = counts(sheet, bounds, COUNTED_MAX + 1).await?;
    let title = month_name(sheet, year, month);
    let is_empty = counts.iter().all(|count| *count == 0);
    let month_of = |day: Day| month_link(sheet, day.year(), day.month());
    let heading = if span == Span::All { sheet.say("archive_title", &[]) } else { title.clone() };
    let years = if span == Span::All { years(sheet, today).await? } else { Vec::new() };
    Ok(Archive {
        meta: head(sheet, span, &heading, is_empty && span != Span::All),
        title: heading,
        calendar: Some(calendar(sheet, title, &days, &counts, today)),
        empty: is_empty.then(|| sheet.say("month_empty", &[])),
        earlier: last_before(sheet, from).await?.map(month_of),
        later: first_from(sheet, before).await?.map(month_of),
        up: if span == Span::All { Vec::new() } else { vec![all_link(sheet), year_link(sheet, year)] },
        months: months_of(sheet, year, today, Some(month)).await?,
        years,
        ..Archive::default()
    })
}

async fn year_page(sheet: &Sheet, year: i16, today: Day) -> Result<Archive, Fault> {
    let months = months_of(sheet, year, today, None).await?;
    let first = |year: i16| Day::new(year, 1, 1).map_or(sheet.now(), |day| sheet.zone.bounds(day).0);
    let is_empty = months.is_empty();
    Ok(Archive {
        meta: head(sheet, Span::Year(year), &year.to_string(), is_empty),
        title: year.to_string(),
        empty: is_empty.then(|| sheet.say("section_empty", &[])),
        earlier: last_before(sheet, first(year)).await?.map(|day| year_link(sheet, day.year())),
        later: first_from(sheet, first(year + 1)).await?.map(|day| year_link(sheet, day.year())),
        up: vec![all_link(sheet)],
        is_year: true,
        months,
        years: years(sheet, today).await?.into_iter().filter(|link| link.text != year.to_string()).collect(),
        ..Archive::default()
    })
}

fn head(sheet: &Sheet, span: Span, title: &str, is_empty: bool) -> press::page::Meta {
    let place = Place::Archive(span);
    let mut meta = sheet.meta(&place, title, &sheet.say("archive_of", &[("name", &sheet.site.name), ("when", title)]));
    meta.noindex = is_empty;
    if span == Span::All {
        meta.alternates = sheet.alternates(&place);
    }
    meta
}

fn all_link(sheet: &Sheet) -> Link {
    sheet.link(sheet.say("archive_title", &[]), &Place::Archive(Span::All))
}

fn year_link(sheet: &Sheet, year: i16) -> Link {
    sheet.link(year.to_string(), &Place::Archive(Span::Year(year)))
}

fn month_link(sheet: &Sheet, year: i16, month: i8) -> Link {
    sheet.link(month_name(sheet, year, month), &Place::Archive(Span::Month(year, month)))
}

/// The months of a year that have articles, without `but`.
async fn months_of(sheet: &Sheet, year: i16, today: Day, but: Option<i8>) -> Result<Vec<Link>, Fault> {
    let months: Vec<i8> =
        (1..=12).filter(|month| Some(*month) != but && (year, *month) <= (today.year(), today.month())).collect();
    let bounds = months.iter().map(|month| {
        let days: Vec<_> = days_of(year, *month).into_iter().map(|day| sheet.zone.bounds(day)).collect();
        whole(&days, sheet)
    });
    let counts = counts(sheet, bounds.collect(), 1).await?;
    let with_articles = months.iter().zip(counts).filter(|(_, count)| *count > 0);
    Ok(with_articles.map(|(month, _)| month_link(sheet, year, *month)).collect())
}

/// The years that have articles, the latest first.
async fn years(sheet: &Sheet, today: Day) -> Result<Vec<Link>, Fault> {
    let Some(first) = first_from(sheet, Timestamp(i64::MIN)).await? else { return Ok(Vec::new()) };
    let years: Vec<i16> = (first.year().max(today.year() - YEARS_MAX)..=today.year()).rev().collect();
    let first = |year: i16| Day::new(year, 1, 1).map_or(sheet.now(), |day| sheet.zone.bounds(day).0);
    let counts = counts(sheet, years.iter().map(|year| (first(*year), first(year + 1))).collect(), 1).await?;
    let with_articles = years.iter().zip(counts).filter(|(_, count)| *count > 0);
    Ok(with_articles.map(|(year, _)| year_link(sheet, *year)).collect())
}

async fn counts(sheet: &Sheet, spans: Vec<(Timestamp, Timestamp)>, max: usize) -> Result<Vec<u64>, Fault> {
    let (language, now) = (sheet.language.clone(), sheet.now());
    let counts = sheet.web.desk().store().read(move |view| view.counts_between(&language, &spans, now, max)).await;
    Ok(counts?)
}

/// The last day before `from` on which something was published.
async fn last_before(sheet: &Sheet, from: Timestamp) -> Result<Option<Day>, Fault> {
    let (language, now) = (sheet.language.clone(), sheet.now());
    let found = sheet.web.desk().store().read(move |view| view.last_before(&language, from, now)).await;
    Ok(found?.map(|at: Timestamp| sheet.zone.day(at)))
}

/// The first day from `from` on, on which something was published.
async fn first_from(sheet: &Sheet, from: Timestamp) -> Result<Option<Day>, Fault> {
    let (language, now) = (sheet.language.clone(), sheet.now());
    let found = sheet.web.desk().store().read(move |view| view.first_from(&language, from, now)).await;
    Ok(found?.map(|at: Timestamp| sheet.zone.day(at)))
}

fn days_of(year: i16, month: i8) -> Vec<Day> {
    (1..=31).filter_map(|day| Day::new(year, month, day)).collect()
}

/// From the beginning of the first span to the end of the last.
fn whole(spans: &[(Timestamp, Timestamp)], sheet: &Sheet) -> (Timestamp, Timestamp) {
    let now = sheet.now();
    (spans.first().map_or(now, |span| span.0), spans.last().map_or(now, |span| span.1))
}

fn calendar(sheet: &Sheet, caption: String, days: &[Day], counts: &[u64], today: Day) -> Calendar {
    let begins = usize::from(sheet.words.week_begins());
    let weekday = days.first().map_or(1, |day| usize::try_from(day.weekday()).unwrap_or(1));
    let lead_in = (weekday + WEEK - begins) % WEEK;
    let squares = days.iter().zip(counts).map(|(day, count)| CalendarDay {
        number: day.day().to_string(),
        href: (*count > 0).then(|| sheet.href(&Place::Archive(Span::Day(*day)))),
        count: (*count > 0).then(|| count_of(sheet, *count)),
        current: *day == today,
    });
    let mut squares: Vec<CalendarDay> = (0..lead_in).map(|_| CalendarDay::default()).chain(squares).collect();
    while !squares.len().is_multiple_of(WEEK) {
        squares.push(CalendarDay::default());
    }
    Calendar {
        caption,
        weekdays: (0..WEEK)
            .map(|day| {
                let weekday = u8::try_from((begins - 1 + day) % WEEK + 1).unwrap_or(1);
                Weekday {
                    short: sheet.words.weekday_short(weekday).to_owned(),
                    whole: sheet.words.weekday(weekday).to_owned(),
                }
            })
            .collect(),
        weeks: squares.chunks(WEEK).map(<[CalendarDay]>::to_vec).collect(),
    }
}

fn count_of(sheet: &Sheet, count: u64) -> String {
    let max = COUNTED_MAX as u64;
    let words = sheet.words.count("articles", count.min(max));
    if count > max { sheet.say("more_than", &[("count", &words)]) } else { words }
}
