//! The daily edition under the editor's hand: what is in it, letting it go, holding it, sending it now.

use super::fields::Fields;
use super::pages::edition::{EditionDay, EditionPage, EditionRow, EditionsPage, SendingPage, Tab};
use super::pages::today::way;
use super::pages::{Alarm, Here, Sign, counted, sum, thousands};
use super::session::Room;
use super::trouble::{Shown, Trouble, page, see};
use super::when::{When, long_day};
use axum::extract::Path;
use axum::response::IntoResponse;
use desk::Error;
use http::{StatusCode, header};
use newsroom::delivery::{Books, Occasion};
use newsroom::edition::EditionState;
use newsroom::language::Language;
use newsroom::publication::name_in;
use newsroom::slug::Slug;
use newsroom::staff::May;
use newsroom::time::Day;
use store::Edition;

/// Issues in the list.
const LIST_MAX: usize = 120;
/// A letter brings its styles with it; it may do nothing else, and only our own pages may frame it.
const LETTER_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// Where an issue stands.
pub(crate) fn href_of(edition: &Edition) -> String {
    href(&edition.newsletter, edition.date, &edition.language)
}

fn href(newsletter: &Slug, date: Day, language: &Language) -> String {
    format!("/newsroom/edition/{newsletter}/{date}/{language}")
}

/// Where the deliveries of an issue's day stand.
pub(crate) fn deliveries_href(edition: &Edition, state: Option<&str>) -> String {
    let occasion = Occasion::Edition(edition.newsletter.clone(), edition.date).key();
    let state = state.map(|state| format!("&state={state}#list")).unwrap_or_default();
    format!("/newsroom/deliveries?occasion={occasion}{state}")
}

/// One sentence on how it stands and whose turn it is.
pub(crate) fn say(room: &Room, edition: &Edition) -> String {
    let when = |at| When::new(at, room.now, &room.zone).words;
    let house = &room.paper.publication.house;
    match edition.state {
        EditionState::Assembling if house.send_unapproved => {
            "It fills itself. If nobody approves it, it leaves all the same, and says that it was assembled automatically.".into()
        }
        EditionState::Assembling => format!(
            "It fills itself. Nobody has approved it; {} minutes before a local hour it is left out of that wave if nobody does.",
            house.approval_minutes
        ),
        EditionState::Approved => match edition.approved_at {
            Some(at) => format!("Approved {}. Each wave leaves at its readers’ own hour.", when(at)),
            None => "Approved. Each wave leaves at its readers’ own hour.".into(),
        },
        EditionState::Sending => "Waves have left; the others leave at their readers’ own hour.".into(),
        EditionState::Sent => match edition.sent_at {
            Some(at) => format!("Every wave has left; the last one {}.", when(at)),
            None => "Every wave has left.".into(),
        },
        EditionState::Held => "Held: nothing of it leaves until somebody approves it.".into(),
        EditionState::Skipped => "Skipped: there was nothing worth a letter.".into(),
    }
}

fn newsletter_name(room: &Room, slug: &Slug) -> String {
    let main = room.main_language();
    room.paper
        .newsletter(slug.as_str())
        .map_or_else(|| slug.to_string(), |found| name_in(&found.names, &main, &main, slug).to_owned())
}

/// `GET /newsroom/edition`.
pub(crate) async fn list(room: Room) -> Shown {
    let editions = room
        .desk()
        .store()
        .read(move |view| {
            let editions = view.latest_editions(LIST_MAX)?;
            let with_books = |edition: Edition| {
                let books = view.books(&Occasion::Edition(edition.newsletter.clone(), edition.date))?;
                Ok::<_, Trouble>((edition, books))
            };
            editions.into_iter().map(with_books).collect::<Result<Vec<_>, Trouble>>()
        })
        .await?;
    let mut days: Vec<(Day, EditionDay)> = Vec::new();
    for (edition, books) in editions {
        let row = row(&room, &edition, &books);
        match days.last_mut().filter(|(day, _)| *day == edition.date) {
            Some((_, day)) => day.lines.push(row),
            None => days.push((edition.date, EditionDay { title: long_day(edition.date), lines: vec![row] })),
        }
    }
    let days = days.into_iter().map(|(_, day)| day).collect();
    Ok(page(StatusCode::OK, &EditionsPage { frame: room.frame(Here::Edition), days }))
}

fn row(room: &Room, edition: &Edition, books: &Books) -> EditionRow {
    let letters = match books.total {
        0 => "no letter yet".to_owned(),
        total => format!("{} of {} letters of that day handed over", thousands(books.sent), thousands(total)),
    };
    let waits = edition.state == EditionState::Assembling && room.me.role.may(May::ApproveEdition);
    EditionRow {
        title: format!("{}, {}", newsletter_name(room, &edition.newsletter), edition.language.endonym()),
        href: href_of(edition),
        language: edition.language.to_string(),
        subject: edition.subject.clone(),
        sign: Sign::of_edition(edition.state),
        facts: vec![letters],
        verb: if waits { "Look and approve" } else { "Look" },
    }
}

/// An address of an issue, read at the door.
#[derive(Debug, Clone)]
struct Issue {
    newsletter: Slug,
    date: Day,
    language: Language,
}

type IssuePath = Path<(String, String, String)>;

impl Issue {
    fn read((newsletter, date, language): (String, String, String)) -> Result<Self, Trouble> {
        Ok(Self {
            newsletter: Slug::parse(&newsletter).ok_or(Trouble::Missing)?,
            date: Day::parse(&date).ok_or(Trouble::Missing)?,
            language: Language::parse(&language).ok_or(Trouble::Missing)?,
        })
    }

    fn href(&self) -> String {
        href(&self.newsletter, self.date, &self.language)
    }

    async fn look(&self, room: &Room) -> Result<(Edition, Vec<Edition>, Books), Trouble> {
        let issue = self.clone();
        room.desk()
            .store()
            .read(move |view| {
                let all = view.editions_of(&issue.newsletter, issue.date)?;
                let own = all.iter().find(|edition| edition.language == issue.language).cloned();
                let books = view.books(&Occasion::Edition(issue.newsletter.clone(), issue.date))?;
                Ok::<_, Trouble>((own.ok_or(Trouble::Missing)?, all, books))
            })
            .await
    }

    async fn page(&self, room: &Room, mut alarms: Vec<Alarm>, status: StatusCode) -> Shown {
        let (edition, all, books) = self.look(room).await?;
        let letter = room.desk().edition_preview(self.newsletter.as_str(), self.date, &self.language, None).await;
        let letter = match letter {
            Ok(letter) => Some(letter),
            Err(Error::Refused(refusal)) => {
                alarms.push(Alarm::says(refusal.to_string()));
                None
            }
            Err(error) => return Err(error.into()),
        };
        let may = room.me.role.may(May::ApproveEdition);
        let occasion = Occasion::Edition(self.newsletter.clone(), self.date).key();
        let waiting = all.iter().filter(|other| may_be_approved(other.state)).count();
        let sheet = EditionPage {
            frame: room.frame(Here::Edition),
            newsletter: newsletter_name(room, &self.newsletter),
            title: long_day(self.date),
            say: say(room, &edition),
            href: self.href(),
            alarms,
            may_approve: may && may_be_approved(edition.state),
            may_hold: may
                && matches!(edition.state, EditionState::Assembling | EditionState::Approved | EditionState::Sending),
            may_send: may && edition.state.may_leave(),
            way: way(edition.state),
            tabs: all.iter().map(|other| tab(other, &self.language)).collect(),
            approve_one: format!("Approve {}", self.language.endonym()),
            approve_all: (waiting > 1).then(|| format!("Approve all {waiting} languages")),
            language: self.language.to_string(),
            subject: letter.as_ref().map(|letter| letter.subject.clone()).unwrap_or_default(),
            preheader: letter.as_ref().map(|letter| letter.preheader.clone()).unwrap_or_default(),
            text: letter.map(|letter| letter.text).unwrap_or_default(),
            deliveries_href: (books.total > 0).then(|| format!("/newsroom/deliveries?occasion={occasion}")),
            terms: sum(&books, None),
            sum_hint: "All languages of this date together: one letter for each reader.",
            then: then(room, edition.state),
        };
        Ok(page(status, &sheet))
    }
}

fn may_be_approved(state: EditionState) -> bool {
    matches!(state, EditionState::Assembling | EditionState::Held)
}

fn tab(edition: &Edition, here: &Language) -> Tab {
    Tab {
        href: href_of(edition),
        language: edition.language.endonym().to_owned(),
        state: Sign::of_edition(edition.state).words.to_lowercase(),
        here: edition.language == *here,
    }
}

fn then(room: &Room, state: EditionState) -> Vec<(String, String)> {
    let house = &room.paper.publication.house;
    let thin = format!("Readers for whom fewer than {} articles are new", house.items_min);
    let mut all = vec![(thin, "get no letter that day".to_owned())];
    match state {
        EditionState::Assembling | EditionState::Held => {
            all.insert(0, ("Articles that go live before a wave leaves".into(), "are in it".into()));
            all.push(("Approve".into(), "each wave leaves at its readers’ hour".into()));
        }
        EditionState::Approved | EditionState::Sending => {
            all.push(("Hold it".into(), "stops the waves that have not left".into()));
            all.push(("Send now".into(), "everybody who has not had it gets it at once".into()));
        }
        EditionState::Sent | EditionState::Skipped => {}
    }
    all
}

/// `GET /newsroom/edition/{newsletter}/{date}/{language}`.
pub(crate) async fn show(room: Room, Path(path): IssuePath) -> Shown {
    Issue::read(path)?.page(&room, Vec::new(), StatusCode::OK).await
}

/// `GET /…/letter`: the letter itself, for the frame.
pub(crate) async fn letter(room: Room, Path(path): IssuePath) -> Shown {
    let issue = Issue::read(path)?;
    let letter = room.desk().edition_preview(issue.newsletter.as_str(), issue.date, &issue.language, None).await;
    let html = match letter {
        Ok(letter) => letter.html,
        Err(Error::Refused(refusal)) => {
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, format!("{refusal}\n")).into_response());
        }
        Err(error) => return Err(error.into()),
    };
    Ok(letter_page(html))
}

/// A letter for a frame: no script, nothing sent from it, pictures only from where they are.
pub(crate) fn letter_page(html: String) -> axum::response::Response {
    let headers =
        [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, LETTER_POLICY)];
    (headers, html).into_response()
}

/// `POST /…/approval`: this language, or all of the date that wait.
pub(crate) async fn approve(room: Room, Path(path): IssuePath, fields: Fields) -> Shown {
    let issue = Issue::read(path)?;
    let waiting = if fields.first("languages") == "all" {
        let (_, all, _) = issue.look(&room).await?;
        all.into_iter().filter(|other| may_be_approved(other.state)).map(|other| other.language).collect()
    } else {
        vec![issue.language.clone()]
    };
    for language in waiting {
        let newsletter = issue.newsletter.as_str();
        let done = room.desk().approve_edition(Some(&room.me), newsletter, issue.date, Some(&language)).await;
        if done.is_err() {
            return after(&room, &issue, done).await;
        }
    }
    after(&room, &issue, Ok(())).await
}

/// `POST /…/hold`.
pub(crate) async fn hold(room: Room, Path(path): IssuePath) -> Shown {
    let issue = Issue::read(path)?;
    let done =
        room.desk().hold_edition(Some(&room.me), issue.newsletter.as_str(), issue.date, Some(&issue.language)).await;
    after(&room, &issue, done).await
}

async fn after(room: &Room, issue: &Issue, done: Result<(), Error>) -> Shown {
    match done {
        Ok(()) => Ok(see(&issue.href())),
        Err(Error::Refused(refusal)) => {
            issue.page(room, vec![Alarm::says(refusal.to_string())], StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /…/sending`: what would leave, before it does.
pub(crate) async fn ask(room: Room, Path(path): IssuePath) -> Shown {
    sending(&room, &Issue::read(path)?, Vec::new(), StatusCode::OK).await
}

/// `POST /…/sending`.
pub(crate) async fn send(room: Room, Path(path): IssuePath) -> Shown {
    let issue = Issue::read(path)?;
    match room.desk().send_edition(Some(&room.me), issue.newsletter.as_str(), issue.date).await {
        Ok(_) => {
            let occasion = Occasion::Edition(issue.newsletter.clone(), issue.date).key();
            Ok(see(&format!("/newsroom/deliveries?occasion={occasion}")))
        }
        Err(Error::Refused(refusal)) => {
            sending(&room, &issue, vec![Alarm::says(refusal.to_string())], StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn sending(room: &Room, issue: &Issue, alarms: Vec<Alarm>, status: StatusCode) -> Shown {
    room.me.allowed(May::ApproveEdition).map_err(Trouble::Refused)?;
    let (_, _, books) = issue.look(room).await?;
    let slug = issue.newsletter.clone();
    let readers = room.desk().store().read(move |view| Ok::<_, Trouble>(view.subscribed_count(&slug)?)).await?;
    let sheet = SendingPage {
        frame: room.frame(Here::Edition),
        newsletter: newsletter_name(room, &issue.newsletter),
        title: long_day(issue.date),
        say: "Normally each reader gets it at their own hour. This sends it to everybody who has not had it, whatever their hour; nothing brings it back.".into(),
        href: issue.href(),
        alarms,
        then: vec![
            (counted(readers, "subscriber of this newsletter", "subscribers of this newsletter"), "all languages".into()),
            (counted(books.total, "letter was made before", "letters were made before"), "nobody gets a second one".into()),
            ("Readers for whom too little is new".into(), "get nothing; the sum says how many".into()),
            ("Where it is night".into(), "it arrives at night".into()),
        ],
    };
    Ok(page(status, &sheet))
}
