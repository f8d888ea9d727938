//! Today: one look at everything that waits, told by whose turn it is.

use super::articles::{sign_of, tally_words};
use super::edition;
use super::pages::today::{
    DayLine, EditionBrief, FirstStep, LettersBrief, MachineLine, Need, OnTheWay, SubscribersBrief, TodayPage, way,
};
use super::pages::{Alarm, Here, Sign, counted, thousands};
use super::session::Room;
use super::trouble::{Shown, Trouble, page};
use super::when::{When, clock, long_day, short_day};
use http::StatusCode;
use newsroom::article::State;
use newsroom::delivery::{Books, Occasion};
use newsroom::edition::EditionState;
use newsroom::returned::{Alarm as Loudness, RATE_SPAN, Rates};
use newsroom::staff::May;
use newsroom::time::{Day, Timestamp};
use store::{Audience, Chore, DeskLine, DeskList, Edition, View};

/// Articles of one state that are looked at.
const LINES_MAX: usize = 30;
/// Live articles among which those of today are looked for.
const LIVE_MAX: usize = 60;

/// Everything the page is made of.
struct Look {
    counts: Vec<(State, u64)>,
    drafts: Vec<DeskLine>,
    on_the_way: Vec<DeskLine>,
    live: Vec<DeskLine>,
    editions: Vec<Edition>,
    books: Option<(Edition, Books)>,
    audience: Audience,
    failed: Vec<Chore>,
    chores_due: u64,
    held_at: Option<Timestamp>,
    rates: Rates,
    staff: usize,
    authors: usize,
}

/// `GET /newsroom`.
pub(crate) async fn show(room: Room) -> Shown {
    let (me, now, today) = (room.me.id, room.now, room.zone.day(room.now));
    let look = room.desk().store().read(move |view| look(view, me, now, today)).await?;
    let steps = steps(&room, &look);
    let done = steps.iter().filter(|step| step.done).count();
    let needs = needs(&room, &look, steps.is_empty());
    let may_see_subscribers = room.me.role.may(May::SeeSubscribers);
    let sheet = TodayPage {
        title: long_day(today),
        sub: None,
        tally: tally(&look),
        alarms: alarms(&room, &look),
        steps_done: format!("{done} of {} done", steps.len()),
        nothing: nothing(&look),
        on_the_way: on_the_way(&room, &look),
        day: day(&room, &look, today),
        editions: briefs(&room, &look),
        letters: look
            .books
            .as_ref()
            .filter(|(_, books)| books.total > 0)
            .map(|(edition, books)| letters(edition, books, look.rates)),
        subscribers: subscribers(look.audience),
        may_see_subscribers,
        subscribe_href: format!("{}/subscribe", room.desk().public_url()),
        machine: if room.me.role.may(May::ApproveEdition) { machine(&room, &look) } else { Vec::new() },
        frame: room.frame(Here::Today),
        needs,
        steps,
    };
    Ok(page(StatusCode::OK, &sheet))
}

fn look(view: &View<'_>, me: newsroom::id::StaffId, now: Timestamp, today: Day) -> Result<Look, Trouble> {
    let mut on_the_way = Vec::new();
    for state in [State::Review, State::LegalHold, State::Ready, State::Scheduled] {
        on_the_way.extend(view.desk_articles(DeskList::In(state), None, LINES_MAX)?);
    }
    let mut drafts = view.desk_articles(DeskList::By(me), None, LIVE_MAX)?;
    drafts.retain(|line| line.state == State::Draft);
    let mut editions = view.latest_editions(24)?;
    let last = editions.iter().find(|edition| matches!(edition.state, EditionState::Sending | EditionState::Sent));
    let books = match last.cloned() {
        Some(last) => {
            let books = view.books(&Occasion::Edition(last.newsletter.clone(), last.date))?;
            Some((last, books))
        }
        None => None,
    };
    editions.retain(|edition| edition.date >= today);
    Ok(Look {
        counts: view.article_counts()?,
        live: view.desk_articles(DeskList::In(State::Live), None, LIVE_MAX)?,
        audience: view.audience(now)?,
        failed: view.chores_failed(20)?,
        chores_due: view.chores_due(now)?,
        held_at: view.held_at()?,
        rates: view.rates_since(now.plus(-RATE_SPAN))?,
        staff: view.staff()?.iter().filter(|member| member.left_at.is_none()).count(),
        authors: view.authors()?.len(),
        drafts,
        on_the_way,
        editions,
        books,
    })
}

impl Look {
    fn count(&self, state: State) -> u64 {
        self.counts.iter().find(|(known, _)| *known == state).map_or(0, |(_, count)| *count)
    }
}

fn tally(look: &Look) -> Vec<(&'static str, String)> {
    let states = [State::Draft, State::Review, State::LegalHold, State::Ready, State::Scheduled, State::Live];
    let line = |state: &State| (tally_words(*state), thousands(look.count(*state)));
    if look.counts.is_empty() { Vec::new() } else { states.iter().map(line).collect() }
}

/// Only for those who can do something about it.
fn alarms(room: &Room, look: &Look) -> Vec<Alarm> {
    let role = room.me.role;
    let mut all = Vec::new();
    if look.held_at.is_some() {
        all.push(Alarm {
            what: "This installation is held.".into(),
            then: "No letter leaves it. If it is the real one and not a restored copy, run “masthead release” on the machine.".into(),
            link: None,
        });
    }
    if let Some((edition, books)) =
        look.books.as_ref().filter(|(_, books)| books.uncertain > 0 && role.may(May::ApproveEdition))
    {
        let letters = counted(books.uncertain, "letter is uncertain", "letters are uncertain");
        all.push(Alarm {
            what: format!("{letters}."),
            then: "The relay broke off before its answer; they may have arrived.".into(),
            link: Some((edition::deliveries_href(edition, Some("uncertain")), "Look".into())),
        });
    }
    all.extend(came_back(look.rates).filter(|_| role.may(May::ApproveEdition)));
    if let Some(first) = look.failed.first().filter(|_| role.may(May::Publish)) {
        let chores = counted(look.failed.len() as u64, "chore failed", "chores failed");
        let why = first.last_error.as_deref().unwrap_or("no reason was kept");
        all.push(Alarm { what: format!("{chores}."), then: format!("The latest, {}: {why}", first.kind), link: None });
    }
    all
}

/// What providers will act on if it goes on. Complaints come first: they are the dearer.
fn came_back(rates: Rates) -> Option<Alarm> {
    let part = |percent: String, count: u64| match rates.is_enough() {
        true => format!("{percent} of {} letters", thousands(rates.letters)),
        false => counted(count, "letter", "letters"),
    };
    let unwanted = format!("In seven days {} were called unwanted.", part(rates.complaint_percent(), rates.complaints));
    let returned = format!("In seven days {} came back.", part(rates.bounce_percent(), rates.bounces));
    let alarm = |what: String, then: &str| Some(Alarm { what, then: then.into(), link: None });
    match (rates.complaint_alarm(), rates.bounce_alarm()) {
        (Loudness::Alarm, _) => alarm(
            unwanted,
            "Gmail asks for less than 0.10 % and turns senders away at 0.30 %. Send less, and only to those who asked for it.",
        ),
        (Loudness::Warning, _) => alarm(
            unwanted,
            "It is not too much yet. Look at who they are before it is: Gmail asks for less than 0.10 %.",
        ),
        (Loudness::Quiet, Loudness::Alarm) => alarm(
            returned,
            "Providers shut such senders out. Look where the addresses came from before the next edition leaves.",
        ),
        (Loudness::Quiet, Loudness::Warning) => {
            alarm(returned, "Most lists stay below 2 %. Look where the newest addresses came from.")
        }
        (Loudness::Quiet, Loudness::Quiet) => None,
    }
}

/// What waits for this person, most urgent first.
fn needs(room: &Room, look: &Look, may_go: bool) -> Vec<Need> {
    let mut all = Vec::new();
    let editor = room.me.role.may(May::Publish);
    for line in look.on_the_way.iter().filter(|line| editor && line.writer != Some(room.me.id)) {
        let verb = match line.state {
            State::Review => "Review",
            State::LegalHold => "Decide",
            State::Ready => "Publish…",
            State::Scheduled | State::Draft | State::Live | State::Withdrawn => continue,
        };
        let end = if line.state == State::Ready { "/publication" } else { "" };
        all.push(need(room, line, verb, end));
    }
    if room.me.role.may(May::ApproveEdition) {
        for issues in dates(&look.editions) {
            let waiting: Vec<&Edition> =
                issues.iter().filter(|edition| edition.state == EditionState::Assembling).collect();
            let Some(first) = main_of(room, &waiting) else { continue };
            let languages: Vec<&str> = waiting.iter().map(|edition| edition.language.endonym()).collect();
            all.push(Need {
                headline: format!("Edition of {}", long_day(first.date)),
                href: edition::href_of(first),
                facts: vec!["not approved".into(), languages.join(", ")],
                verb: "Look and approve",
                go: false,
            });
        }
    }
    all.extend(look.drafts.iter().take(8).map(|line| need(room, line, "Go on", "")));
    if let Some(first) = all.first_mut().filter(|_| may_go) {
        first.go = true;
    }
    all
}

fn need(room: &Room, line: &DeskLine, verb: &'static str, end: &str) -> Need {
    let changed = When::new(line.changed_at, room.now, &room.zone).words;
    let by = line.writer_name.clone().filter(|_| line.writer != Some(room.me.id));
    let state = Sign::of(line.state, None, None).words;
    Need {
        headline: headline(line),
        href: format!("/newsroom/articles/{}{end}", line.id),
        facts: [Some(state), by, Some(changed)].into_iter().flatten().collect(),
        verb,
        go: false,
    }
}

fn headline(line: &DeskLine) -> String {
    if line.headline.is_empty() { "Without a headline".into() } else { line.headline.clone() }
}

fn nothing(look: &Look) -> (&'static str, &'static str) {
    if look.counts.is_empty() {
        ("Nothing has been written yet.", "What is sent to review, your drafts and editions to approve stand here.")
    } else {
        ("Nothing is waiting for you.", "What is sent to review, your drafts and editions to approve stand here.")
    }
}

/// What is on its way and waits for somebody else.
fn on_the_way(room: &Room, look: &Look) -> Vec<OnTheWay> {
    let editor = room.me.role.may(May::Publish);
    let elsewhere = |line: &&DeskLine| !editor || line.writer == Some(room.me.id) || line.state == State::Scheduled;
    let shown = |line: &DeskLine| OnTheWay {
        headline: headline(line),
        href: format!("/newsroom/articles/{}", line.id),
        sign: sign_of(line, room.now, &room.zone),
        facts: line.writer_name.clone().into_iter().collect(),
    };
    look.on_the_way.iter().filter(elsewhere).map(shown).collect()
}

/// The day in the order of the clock, with the line of now.
fn day(room: &Room, look: &Look, today: Day) -> Vec<DayLine> {
    let mut all: Vec<(Timestamp, DayLine)> = Vec::new();
    let line = |article: &DeskLine, at: Timestamp| DayLine {
        when: When { at: room.zone.local(at).rfc3339(), words: clock(at, &room.zone) },
        words: headline(article),
        href: format!("/newsroom/articles/{}", article.id),
        facts: article.writer_name.clone().into_iter().collect(),
        sign: Some(Sign::of(article.state, None, None)),
        ..DayLine::default()
    };
    let here = |at: Timestamp| room.zone.day(at) == today;
    for article in &look.live {
        if let Some(at) = article.published_at.filter(|at| here(*at)) {
            all.push((at, line(article, at)));
        }
    }
    for article in look.on_the_way.iter().filter(|article| article.state == State::Scheduled) {
        if let Some(at) = article.scheduled_for.filter(|at| here(*at)) {
            all.push((at, line(article, at)));
        }
    }
    if !all.is_empty() {
        let when = When { at: room.zone.local(room.now).rfc3339(), words: clock(room.now, &room.zone) };
        all.push((room.now, DayLine { when, now: true, ..DayLine::default() }));
    }
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, line)| line).collect()
}

/// The editions of one newsletter and date after another.
fn dates(editions: &[Edition]) -> impl Iterator<Item = &[Edition]> {
    editions.chunk_by(|one, other| one.date == other.date && one.newsletter == other.newsletter)
}

/// The one in the publication's main language, else the first.
fn main_of<'a>(room: &Room, issues: &[&'a Edition]) -> Option<&'a Edition> {
    let main = room.main_language();
    issues.iter().find(|edition| edition.language == main).or_else(|| issues.first()).copied()
}

fn briefs(room: &Room, look: &Look) -> Vec<EditionBrief> {
    let brief = |issues: &[Edition]| {
        let first = main_of(room, &issues.iter().collect::<Vec<_>>())?;
        let others: Vec<String> = issues
            .iter()
            .filter(|other| other.state != first.state)
            .map(|other| {
                format!("{}: {}.", other.language.endonym(), Sign::of_edition(other.state).words.to_lowercase())
            })
            .collect();
        let languages = issues.iter().map(|edition| edition.language.endonym().to_owned()).collect();
        Some(EditionBrief {
            title: long_day(first.date),
            href: edition::href_of(first),
            way: way(first.state),
            languages,
            say: [edition::say(room, first)].into_iter().chain(others).collect::<Vec<_>>().join(" "),
        })
    };
    dates(&look.editions).take(3).filter_map(brief).collect()
}

fn letters(edition: &Edition, books: &Books, rates: Rates) -> LettersBrief {
    let line = |words, count: u64| (words, thousands(count));
    LettersBrief {
        sent: thousands(books.sent),
        of: format!("handed over of {}, {}", thousands(books.total), short_day(edition.date)),
        lines: vec![
            line("Waiting", books.waiting),
            line("Refused", books.refused),
            line("Uncertain", books.uncertain),
            line("Suppressed", books.suppressed),
            line("Expired", books.expired),
            ("Came back, 7 days", rates.bounce_percent()),
            ("Called unwanted, 7 days", rates.complaint_percent()),
        ],
    }
}

fn subscribers(audience: Audience) -> Option<SubscribersBrief> {
    let all = audience.confirmed + audience.pending + audience.left;
    (all > 0).then(|| SubscribersBrief {
        confirmed: thousands(audience.confirmed),
        also: (audience.pending > 0).then(|| {
            format!(
                "{} signed up and not yet pressed the button in the mail.",
                counted(audience.pending, "person has", "people have")
            )
        }),
    })
}

fn machine(room: &Room, look: &Look) -> Vec<MachineLine> {
    let line = |what, words: String, wrong| MachineLine { what, words, wrong };
    let relays = room.desk().relays().len();
    let mail = match (look.held_at.is_some(), relays) {
        (true, _) => line("Mail", "held".into(), true),
        (_, 0) => line("Mail", "no relay, nothing can leave".into(), true),
        (_, count) => line("Mail", counted(count as u64, "relay", "relays"), false),
    };
    let chores = match look.chores_due {
        0 => "none waits".to_owned(),
        count => counted(count, "waits", "wait"),
    };
    let failed = look.failed.len() as u64;
    vec![
        mail,
        line("Chores", if failed > 0 { format!("{failed} failed") } else { chores }, failed > 0),
        line("Database", room.desk().store().engine_name().to_owned(), false),
        line("Reads", "Not counted.".into(), false),
    ]
}

/// The first days: shown until something is live and a colleague is in.
fn steps(room: &Room, look: &Look) -> Vec<FirstStep> {
    let live = look.count(State::Live) > 0;
    let relay = !room.desk().relays().is_empty();
    if live && look.staff > 1 && relay {
        return Vec::new();
    }
    let administers = room.me.role.may(May::Administer);
    let step = |done, what, why: String, link| FirstStep { done, go: false, what, why, link };
    let (publication, sections) = (&room.paper.publication, room.paper.sections.len());
    let languages: Vec<&str> = publication.languages.iter().map(String::as_str).collect();
    let mut all = vec![
        step(
            true,
            "Name and languages",
            format!("{}, {}, {}", publication.name, languages.join(", "), publication.zone),
            None,
        ),
        step(
            sections > 0 && look.authors > 0,
            "Sections and authors",
            format!(
                "{} and {}. “masthead import markdown” brings them with your articles.",
                counted(sections as u64, "section", "sections"),
                counted(look.authors as u64, "author", "authors")
            ),
            Some(("/newsroom/settings".into(), "Look")),
        ),
        step(
            look.staff > 1,
            "Ask a colleague in",
            "A writer can write at once. Nobody lets out their own copy, so publishing takes a second person.".into(),
            administers.then(|| ("/newsroom/staff".into(), "Invite")),
        ),
        step(
            relay,
            "A relay for the mail",
            "Until there is one, nobody can confirm a subscription. It is set in masthead.toml.".into(),
            Some(("/newsroom/settings".into(), "Look")),
        ),
        step(
            live,
            "The first article",
            "Write it, let somebody read it, publish it. With two live, an edition puts itself together.".into(),
            room.me.role.may(May::Write).then(|| ("/newsroom/articles/new".into(), "Write")),
        ),
    ];
    if let Some(first) = all.iter_mut().find(|step| !step.done && step.link.is_some()) {
        first.go = true;
    }
    all
}
