//! The list of articles, filtered.

use super::editor::sections;
use super::pages::lists::{ArticleLine, ArticlesPage};
use super::pages::{Choice, Here, Sign, counted, thousands};
use super::session::Room;
use super::trouble::{Shown, Trouble, page};
use super::when::When;
use axum::extract::Query;
use http::StatusCode;
use newsroom::article::State;
use newsroom::id::StaffId;
use newsroom::time::{Timestamp, Zone};
use serde::Deserialize;
use std::fmt::Write;
use store::{DeskLine, DeskList, View};

/// Lines on one page.
const PAGE: usize = 50;
/// Lines looked through for one page; a newsroom that searches deeper uses the site's own search.
const LOOKED_THROUGH_MAX: usize = 10_000;
/// Lines looked at in one piece.
const PIECE: usize = 500;
/// Not yet, or no longer, in the hands of readers.
const ON_THE_WAY: [State; 5] = [State::Draft, State::Review, State::LegalHold, State::Ready, State::Scheduled];

/// The filters as the address has them.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(crate) struct Filters {
    state: String,
    section: String,
    q: String,
    page: usize,
}

impl Filters {
    fn lists(&self, me: StaffId) -> Vec<DeskList> {
        match self.state.as_str() {
            "all" => vec![DeskList::All],
            "mine" => vec![DeskList::By(me)],
            key => match State::parse(key) {
                Some(state) => vec![DeskList::In(state)],
                None => ON_THE_WAY.map(DeskList::In).to_vec(),
            },
        }
    }

    fn wants(&self, line: &DeskLine) -> bool {
        let section = self.section.is_empty() || line.section.as_str() == self.section;
        section && (self.q.is_empty() || line.headline.to_lowercase().contains(&self.q.to_lowercase()))
    }

    fn href(&self, page: usize) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("state", &self.state), ("section", &self.section), ("q", &self.q)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if page > 1 {
            query.append_pair("page", &page.to_string());
        }
        format!("/newsroom/articles?{}", query.finish())
    }
}

/// `GET /newsroom/articles?state=&section=&q=&page=`.
pub(crate) async fn list(room: Room, Query(mut filters): Query<Filters>) -> Shown {
    filters.page = filters.page.clamp(1, LOOKED_THROUGH_MAX / PAGE);
    filters.q = filters.q.trim().chars().take(200).collect();
    let (wish, me) = (filters.clone(), room.me.id);
    let (counts, lines, more) = room
        .desk()
        .store()
        .read(move |view| {
            let (lines, more) = find(view, &wish, me)?;
            Ok::<_, Trouble>((view.article_counts()?, lines, more))
        })
        .await?;
    let from = (filters.page - 1) * PAGE;
    let tally = State::ALL.iter().filter_map(|state| {
        let count = counts.iter().find(|(known, _)| known == state)?.1;
        Some((tally_words(*state), thousands(count)))
    });
    let sheet = ArticlesPage {
        tally: tally.collect(),
        states: states(&filters.state),
        sections: [Choice::new("", "All sections", &filters.section)]
            .into_iter()
            .chain(sections(&room, &filters.section))
            .collect(),
        found: format!("{} to {}", from + 1, from + lines.len()),
        before: (filters.page > 1).then(|| filters.href(filters.page - 1)),
        next: more.then(|| filters.href(filters.page + 1)),
        nothing: nothing(&filters),
        lines: lines.iter().map(|line| shown(&room, line)).collect(),
        frame: room.frame(Here::Articles),
        q: filters.q,
    };
    Ok(page(StatusCode::OK, &sheet))
}

/// The lines of a page, and whether there are more.
fn find(view: &View<'_>, filters: &Filters, me: StaffId) -> Result<(Vec<DeskLine>, bool), Trouble> {
    let wanted = filters.page * PAGE + 1;
    let mut all = Vec::new();
    for list in filters.lists(me) {
        let mut after: Option<DeskLine> = None;
        let mut looked = 0;
        let mut found = 0;
        while found < wanted && looked < LOOKED_THROUGH_MAX {
            let piece = view.desk_articles(list, after.as_ref(), PIECE)?;
            looked += piece.len();
            let whole = piece.len() == PIECE;
            after = piece.last().cloned();
            let before = all.len();
            all.extend(piece.into_iter().filter(|line| filters.wants(line)));
            found += all.len() - before;
            if !whole {
                break;
            }
        }
    }
    all.sort_by_key(|line| std::cmp::Reverse((line.changed_at, line.id)));
    let more = all.len() >= wanted;
    Ok((all.into_iter().skip(wanted - PAGE - 1).take(PAGE).collect(), more))
}

fn shown(room: &Room, line: &DeskLine) -> ArticleLine {
    let headline = if line.headline.is_empty() { "Without a headline".to_owned() } else { line.headline.clone() };
    ArticleLine {
        href: format!("/newsroom/articles/{}", line.id),
        remark: remark(line),
        sign: sign_of(line, room.now, &room.zone),
        by: line.writer_name.clone().unwrap_or_default(),
        section: room.paper.section_name(&line.section, &room.main_language()),
        language: line.language.to_string(),
        changed: When::new(line.changed_at, room.now, &room.zone),
        headline,
    }
}

/// The state of a line, with its times.
pub(crate) fn sign_of(line: &DeskLine, now: Timestamp, zone: &Zone) -> Sign {
    let when = |at| When::new(at, now, zone);
    let embargo = line.embargo_until.filter(|until| *until > now).map(when);
    Sign::of(line.state, line.scheduled_for.map(when).as_ref(), embargo.as_ref())
}

fn remark(line: &DeskLine) -> Option<String> {
    let mut words = String::new();
    if let Some(lock) = &line.lock {
        let _ = write!(words, "{} writes in it", lock.holder_name);
    } else if line.state == State::Live && line.published_revision.is_some_and(|seen| seen != line.revision) {
        words.push_str("Saved changes that readers do not see");
    }
    Some(words).filter(|words| !words.is_empty())
}

fn states(chosen: &str) -> Vec<Choice> {
    let fixed = [("", "On the way"), ("mine", "Mine"), ("all", "All")];
    let each = State::ALL.iter().map(|state| (state.key(), state_words(*state)));
    fixed.into_iter().chain(each).map(|(value, words)| Choice::new(value, words, chosen)).collect()
}

fn state_words(state: State) -> &'static str {
    match state {
        State::Draft => "Drafts",
        State::Review => "In review",
        State::LegalHold => "Legal hold",
        State::Ready => "Ready",
        State::Scheduled => "Scheduled",
        State::Live => "Live",
        State::Withdrawn => "Withdrawn",
    }
}

/// As it stands under a figure.
pub(crate) fn tally_words(state: State) -> &'static str {
    match state {
        State::Draft => "drafts",
        State::Review => "in review",
        State::LegalHold => "legal hold",
        State::Ready => "ready",
        State::Scheduled => "timed",
        State::Live => "live",
        State::Withdrawn => "withdrawn",
    }
}

fn nothing(filters: &Filters) -> (String, &'static str) {
    if !filters.q.is_empty() {
        return (format!("No headline here has “{}” in it.", filters.q), "Look in all states, or with fewer words.");
    }
    match (filters.state.as_str(), filters.section.is_empty()) {
        ("", true) => {
            ("Nothing is on the way.".into(), "Drafts and what waits for review stand here until readers see them.")
        }
        ("mine", true) => ("You have not written anything yet.".into(), "What you begin stands here."),
        _ => (format!("{} here.", counted(0, "article", "articles")), "Choose another state or section above."),
    }
}
