//! What each mail says: a delivery and what it is about become a printed letter.
//! Looks, never changes. The part that many readers share is printed once and kept for the round.

use crate::assemble::articles_in;
use crate::chores::UNCONFIRMED_DAYS;
use crate::desk::Desk;
use crate::error::Error;
use crate::printing::rendition_href;
use crate::settings::Paper;
use crate::staff::SIGN_IN_MINUTES;
use crate::subscribe::CONFIRMATION_HOURS;
use crate::token::Purpose;
use crate::words::{civil, day_civil};
use mail::{Piece, Stencil};
use newsroom::delivery::{Delivery, Occasion};
use newsroom::id::ArticleId;
use newsroom::language::Language;
use newsroom::slug::Slug;
use newsroom::subscriber::{BREAKING, Choices, Frequency, Subscriber};
use newsroom::time::{Day, HOUR, MINUTE, Timestamp, Zone};
use press::message::{
    Confirm, DailyEdition, Item, Letter, LetterPicture, LetterPiece, Letterhead, Personal, SharedLetter, SignIn,
    SignOff, Tongue, Welcome, WelcomeChoice,
};
use press::page::Dir;
use press::words::Words;
use std::collections::HashMap;
use std::sync::Arc;
use store::{Card, View};

/// The lead's picture is fetched by the mail program at this width.
const LETTER_PICTURE_WIDTH: u32 = 1120;
/// Words of a blurb, by LOOK.md of the letter.
const LEAD_WORDS: usize = 45;
const ITEM_WORDS: usize = 35;

/// Shared prints of one round: readers who get the same items share one.
#[derive(Default)]
pub(crate) struct Prints(HashMap<(Slug, Day, Language, String), Option<Arc<SharedPrint>>>);

/// What a delivery says, as far as it needs the database.
pub(crate) enum Print {
    /// The gaps for the reader are filled in last, on any thread.
    Shared(Arc<SharedPrint>),
    Whole(Letter),
}

/// A letter that many readers share, and its body as it will be sent.
pub(crate) struct SharedPrint {
    pub(crate) letter: SharedLetter,
    pub(crate) stencil: Stencil,
}

impl SharedPrint {
    fn of(letter: SharedLetter) -> Self {
        fn piece(piece: &LetterPiece) -> Piece<'_> {
            match piece {
                LetterPiece::Fixed(text) => Piece::Fixed(text),
                LetterPiece::Gap(at) => Piece::Gap(*at),
            }
        }
        let text: Vec<Piece<'_>> = letter.text.iter().map(piece).collect();
        let html: Vec<Piece<'_>> = letter.html.iter().map(piece).collect();
        let stencil = Stencil::cut(&text, Some(&html));
        Self { letter, stencil }
    }
}

impl Desk {
    /// The letter of an edition delivery; None when nothing of it may be shown any more.
    pub(crate) fn edition_letter(
        &self,
        view: &View<'_>,
        prints: &mut Prints,
        delivery: &EditionDelivery<'_>,
        subscriber: &Subscriber,
    ) -> Result<Option<Letter>, Error> {
        let shared = self.edition_print(view, prints, delivery)?;
        Ok(shared.map(|shared| {
            shared.letter.personal(&self.personal(subscriber, delivery.language, delivery.newsletter.as_str()))
        }))
    }

    /// What all readers of these items share, printed once for them.
    fn edition_print(
        &self,
        view: &View<'_>,
        prints: &mut Prints,
        delivery: &EditionDelivery<'_>,
    ) -> Result<Option<Arc<SharedPrint>>, Error> {
        let EditionDelivery { newsletter, day, language, payload } = delivery;
        let key = ((*newsletter).clone(), *day, (*language).clone(), (*payload).to_owned());
        if let Some(known) = prints.0.get(&key) {
            return Ok(known.clone());
        }
        let shared = self.shared(view, newsletter, *day, language, &articles_in(payload))?;
        let shared = shared.map(|letter| Arc::new(SharedPrint::of(letter)));
        prints.0.insert(key, shared.clone());
        Ok(shared)
    }

    fn shared(
        &self,
        view: &View<'_>,
        newsletter: &Slug,
        day: Day,
        language: &Language,
        articles: &[ArticleId],
    ) -> Result<Option<SharedLetter>, Error> {
        let cards = view.cards(articles, self.now())?;
        if cards.is_empty() {
            return Ok(None);
        }
        let edition = view.edition_of(newsletter, day, language)?;
        let paper = self.paper();
        let mut items = cards.iter().enumerate().map(|(at, card)| self.item(view, &paper, card, language, at == 0));
        let lead = items.next().transpose()?;
        let items = items.collect::<Result<Vec<_>, _>>()?;
        let words = Words::of(language.code());
        let editor = match edition.as_ref().and_then(|edition| edition.approved_by) {
            Some(id) => view.member(id)?.map(|member| member.staff.name),
            // Approved on the machine itself: the paper signs.
            None => edition.as_ref().and_then(|edition| edition.approved_at).map(|_| paper.publication.name.clone()),
        };
        let named =
            paper.newsletter(newsletter.as_str()).map(|newsletter| newsletter.names.clone()).unwrap_or_default();
        let main = paper.publication.main_language();
        let letter = DailyEdition {
            letterhead: self.letterhead(&paper, language),
            newsletter: newsroom::publication::name_in(&named, language, &main, newsletter).to_owned(),
            place: paper.publication.place.clone(),
            date: words.day_long(&day_civil(day)),
            subject: edition
                .as_ref()
                .map(|e| e.subject.clone())
                .filter(|s| !s.is_empty())
                .unwrap_or_else(|| subject(&cards[0])),
            preheader: preheader(&cards),
            greeting: None,
            note: edition.as_ref().map(|e| e.note.clone()).filter(|note| !note.is_empty()).into_iter().collect(),
            lead,
            items,
            sections: vec![],
            sponsor: None,
            corrections: vec![],
            corrections_href: self.whole(&paper, language, "/corrections"),
            sign_off: SignOff { words: None, editor, role: None, next: None, replies: true },
            web_href: self.whole(&paper, language, "/"),
            file_href: None,
            subscribe_href: self.whole(&paper, language, "/subscribe"),
        };
        letter.print_shared(&self.theme()).map(Some).map_err(broken)
    }

    fn item(
        &self,
        view: &View<'_>,
        paper: &Paper,
        card: &Card,
        language: &Language,
        lead: bool,
    ) -> Result<Item, Error> {
        let foreign = card.language != *language;
        let words = Words::of(language.code());
        let tongue = foreign.then(|| Tongue {
            language: card.language.to_string(),
            dir: Dir::of(card.language.code()),
            label: words.in_language(card.language.code()),
        });
        let path = paper.publication.path(&card.language, &format!("/{}/{}", card.section, card.slug));
        Ok(Item {
            headline: if card.short_mail.is_empty() { card.headline.clone() } else { card.short_mail.clone() },
            href: format!("{}{path}", self.public_url()),
            blurb: first_words(&card.standfirst, if lead { LEAD_WORDS } else { ITEM_WORDS }),
            section: paper.section_name(&card.section, language),
            byline: words.list(&card.authors.iter().map(|author| author.name.as_str()).collect::<Vec<_>>()),
            minutes: card.length.minutes(),
            update: false,
            tongue,
            picture: if lead { self.letter_picture(view, card)? } else { None },
        })
    }

    fn letter_picture(&self, view: &View<'_>, card: &Card) -> Result<Option<LetterPicture>, Error> {
        let Some((lead, id)) = card.lead.as_ref().and_then(|card| Some((&card.lead, card.lead.picture?))) else {
            return Ok(None);
        };
        let renditions = view.renditions(&[id])?;
        let caption = [lead.caption.as_str(), lead.credit.as_str()].into_iter().filter(|part| !part.is_empty());
        Ok(rendition_href(&renditions, LETTER_PICTURE_WIDTH, "jpeg").map(|href| LetterPicture {
            src: format!("{}{href}", self.public_url()),
            alt: lead.alt.clone(),
            caption: first_words(&caption.collect::<Vec<_>>().join(" "), 16),
        }))
    }

    /// Somebody was asked to confirm.
    pub(crate) fn confirm_letter(
        &self,
        delivery: &Delivery,
        request: i64,
        subscriber: &Subscriber,
    ) -> Result<Letter, Error> {
        let (paper, language) = (self.paper(), self.language_of(&subscriber.choices));
        let (words, zone) = (Words::of(language.code()), paper.zone());
        let until = delivery.dated.plus(CONFIRMATION_HOURS * HOUR);
        let token = self.secret().seal(Purpose::Confirm, request);
        Confirm {
            letterhead: self.letterhead(&paper, &language),
            newsletter: self.newsletter_names(&paper, &delivery.payload, &language),
            asked_at: moment(words, &zone, delivery.dated),
            until: moment(words, &zone, until),
            offer: format!("{}.", self.choices_sentence(&subscriber.choices, &language)),
            confirm_href: self.whole(&paper, &language, &format!("/subscribe/confirm/{token}")),
            erased_after_days: u32::try_from(UNCONFIRMED_DAYS).unwrap_or(30),
        }
        .print(&self.theme())
        .map_err(broken)
    }

    /// Sent once after confirmation.
    pub(crate) fn welcome_letter(&self, delivery: &Delivery, subscriber: &Subscriber) -> Result<Letter, Error> {
        let (paper, language) = (self.paper(), self.language_of(&subscriber.choices));
        let (words, zone) = (Words::of(language.code()), paper.zone());
        let choices = &subscriber.choices;
        let sections = self.sections_sentence(&paper, choices, &language);
        let line = |key: &str, text: String| WelcomeChoice { label: words.say(key, &[]), text };
        let languages: Vec<String> = choices.languages.iter().map(|l| words.language_name(l.code())).collect();
        Welcome {
            letterhead: self.letterhead(&paper, &language),
            newsletter: self.newsletter_name(&paper, &delivery.payload, &language),
            first_edition: self.first_edition(choices, delivery.dated, words),
            choices: vec![
                line("w_when", self.rhythm(choices, words)),
                line("w_sections", sections),
                line("w_languages", words.list(&languages)),
            ],
            sender_address: self.mail_settings().from.clone(),
            editor: None,
            role: None,
            subscribed_at: moment(words, &zone, subscriber.created_at),
            confirmed_at: moment(words, &zone, subscriber.confirmed_at.unwrap_or(delivery.dated)),
            preferences_href: self.preferences_href(&paper, subscriber, &language),
            unsubscribe_href: self.unsubscribe_href(&paper, subscriber, &language, &delivery.payload),
            replies: true,
        }
        .print(&self.theme())
        .map_err(broken)
    }

    /// A link by which staff sign in.
    pub(crate) fn sign_in_letter(&self, delivery: &Delivery, link: i64) -> Result<Letter, Error> {
        let (paper, language) = (self.paper(), self.paper().publication.main_language());
        let (words, zone) = (Words::of(language.code()), paper.zone());
        let token = self.secret().seal(Purpose::SignIn, link);
        SignIn {
            letterhead: self.letterhead(&paper, &language),
            sign_in_href: format!("{}/newsroom/sign-in/{token}", self.public_url()),
            until: moment(words, &zone, delivery.dated.plus(SIGN_IN_MINUTES * MINUTE)),
            asked_by: moment(words, &zone, delivery.dated),
            newsroom: format!("{}/newsroom", self.domain()),
            newsroom_href: format!("{}/newsroom", self.public_url()),
        }
        .print(&self.theme())
        .map_err(broken)
    }

    pub(crate) fn letterhead(&self, paper: &Paper, language: &Language) -> Letterhead {
        Letterhead {
            name: paper.publication.name.clone(),
            language: language.to_string(),
            dir: Dir::of(language.code()),
            home_href: self.whole(paper, language, "/"),
            domain: self.domain().to_owned(),
            postal_address: paper.publication.postal_address.clone(),
            privacy_href: Some(self.whole(paper, language, "/privacy")),
            colours: None,
        }
    }

    /// What one reader has in the gaps of an edition of `newsletter`.
    pub(crate) fn personal(&self, subscriber: &Subscriber, language: &Language, newsletter: &str) -> Personal {
        let paper = self.paper();
        let words = Words::of(language.code());
        let since = subscriber.confirmed_at.unwrap_or(subscriber.created_at);
        Personal {
            since: words.day(&day_civil(paper.zone().day(since))),
            choices: self.choices_sentence(&subscriber.choices, language),
            preferences_href: self.preferences_href(&paper, subscriber, language),
            pause_href: format!("{}#leave", self.preferences_href(&paper, subscriber, language)),
            unsubscribe_href: self.unsubscribe_href(&paper, subscriber, language, newsletter),
        }
    }

    /// "International, Economy; in English; every day at 07:00, Nairobi": no full stop.
    pub fn choices_sentence(&self, choices: &Choices, language: &Language) -> String {
        let (paper, words) = (self.paper(), Words::of(language.code()));
        let languages: Vec<String> = choices.languages.iter().map(|l| words.language_name(l.code())).collect();
        let parts =
            [self.sections_sentence(&paper, choices, language), words.list(&languages), self.rhythm(choices, words)];
        parts.join("; ")
    }

    fn sections_sentence(&self, paper: &Paper, choices: &Choices, language: &Language) -> String {
        if choices.sections.is_empty() {
            return Words::of(language.code()).say("all_sections", &[]);
        }
        let names: Vec<String> = choices.sections.iter().map(|slug| paper.section_name(slug, language)).collect();
        Words::of(language.code()).list(&names)
    }

    fn rhythm(&self, choices: &Choices, words: &Words) -> String {
        let often = match choices.frequency {
            Frequency::Daily => words.say("every_day", &[]),
            Frequency::Weekdays => words.say("weekdays_only", &[]),
            Frequency::Weekly(day) => words.weekday(u8::try_from(day).unwrap_or(7)).to_owned(),
        };
        let place = choices.zone.name().rsplit('/').next().unwrap_or("UTC").replace('_', " ");
        [often, format!("{:02}:00", choices.hour), place].join(words.separator(false))
    }

    /// When the next edition comes after `now`: "Tuesday 26 August, 07:00".
    fn first_edition(&self, choices: &Choices, now: Timestamp, words: &Words) -> String {
        let today = choices.zone.day(now);
        let next =
            (0..9).map(|days| today.plus(days)).find(|day| choices.frequency.includes(*day) && choices.due(*day) > now);
        let next = next.unwrap_or(today);
        [words.day_of_week(&day_civil(next)), format!("{:02}:00", choices.hour)].join(words.separator(false))
    }

    /// The names of newsletters whose slugs stand in `slugs`, as one phrase.
    fn newsletter_names(&self, paper: &Paper, slugs: &str, language: &Language) -> String {
        let words = Words::of(language.code());
        let name = |slug: &str| match slug {
            BREAKING => words.say("b_choice", &[]),
            slug => self.newsletter_name(paper, slug, language),
        };
        let names: Vec<String> = slugs.split(' ').map(name).collect();
        words.list(&names)
    }

    pub(crate) fn newsletter_name(&self, paper: &Paper, slug: &str, language: &Language) -> String {
        let main = paper.publication.main_language();
        let newsletter = paper.newsletter(slug).or(paper.newsletters.first());
        newsletter.map_or_else(String::new, |newsletter| {
            newsroom::publication::name_in(&newsletter.names, language, &main, &newsletter.slug).to_owned()
        })
    }

    /// The first language chosen that the publication's pages speak.
    pub(crate) fn language_of(&self, choices: &Choices) -> Language {
        let known = self.paper().publication.languages();
        let first = choices.languages.iter().find(|language| known.contains(language));
        first.cloned().unwrap_or_else(|| self.paper().publication.main_language())
    }

    pub(crate) fn preferences_href(&self, paper: &Paper, subscriber: &Subscriber, language: &Language) -> String {
        self.whole(paper, language, &format!("/preferences/{}", self.preferences_token(subscriber.id)))
    }

    /// The address that takes both the button and the one-click POST of one newsletter.
    pub(crate) fn unsubscribe_href(
        &self,
        paper: &Paper,
        subscriber: &Subscriber,
        language: &Language,
        newsletter: &str,
    ) -> String {
        let token = self.unsubscribe_token(subscriber.id);
        self.whole(paper, language, &format!("/unsubscribe/{token}?list={newsletter}"))
    }

    pub(crate) fn whole(&self, paper: &Paper, language: &Language, path: &str) -> String {
        format!("{}{}", self.public_url(), paper.publication.path(language, path))
    }

    pub(crate) fn domain(&self) -> &str {
        let url = self.public_url();
        url.split_once("://").map_or(url, |(_, rest)| rest)
    }
}

/// What a delivery of an edition says about itself.
pub(crate) struct EditionDelivery<'a> {
    pub newsletter: &'a Slug,
    pub day: Day,
    pub language: &'a Language,
    pub payload: &'a str,
}

/// What the delivery's mail says; None when it should not be sent any more.
pub(crate) fn print(
    desk: &Desk,
    view: &View<'_>,
    prints: &mut Prints,
    delivery: &Delivery,
    language: &Language,
    subscriber: Option<&Subscriber>,
) -> Result<Option<Print>, Error> {
    let whole = |letter| Ok(Some(Print::Whole(letter)));
    match (&delivery.occasion, subscriber) {
        (Occasion::Edition(newsletter, day), Some(_)) => {
            let edition = EditionDelivery { newsletter, day: *day, language, payload: &delivery.payload };
            Ok(desk.edition_print(view, prints, &edition)?.map(Print::Shared))
        }
        (Occasion::Confirmation(request), Some(subscriber)) => {
            whole(desk.confirm_letter(delivery, *request, subscriber)?)
        }
        (Occasion::Welcome(_), Some(subscriber)) => whole(desk.welcome_letter(delivery, subscriber)?),
        (Occasion::SignIn(link), None) => whole(desk.sign_in_letter(delivery, *link)?),
        (Occasion::Move(request), Some(subscriber)) => whole(desk.move_letter(delivery, *request, subscriber)?),
        (Occasion::Moved(_), Some(subscriber)) => whole(desk.moved_letter(delivery, subscriber)?),
        (Occasion::Code(code), Some(subscriber)) => whole(desk.code_letter(delivery, *code, subscriber)?),
        (Occasion::Breaking(_), Some(subscriber)) => {
            Ok(desk.breaking_letter(view, delivery, subscriber)?.map(Print::Whole))
        }
        (Occasion::OneOff(id), Some(subscriber)) => Ok(desk.one_off_letter(view, *id, subscriber)?.map(Print::Whole)),
        (Occasion::Note(_), None) => Ok(desk.note_letter(view, delivery)?.map(Print::Whole)),
        (
            Occasion::Edition(..)
            | Occasion::Confirmation(_)
            | Occasion::Welcome(_)
            | Occasion::Move(_)
            | Occasion::Moved(_)
            | Occasion::Code(_)
            | Occasion::Breaking(_)
            | Occasion::OneOff(_),
            None,
        )
        | (Occasion::SignIn(_) | Occasion::Note(_), Some(_)) => Ok(None),
    }
}

pub(crate) fn moment(words: &Words, zone: &Zone, at: Timestamp) -> String {
    let local = zone.local(at);
    words.date_long(&civil(&local), &local.abbreviation)
}

fn subject(card: &Card) -> String {
    if card.short_mail.is_empty() { card.headline.clone() } else { card.short_mail.clone() }
}

/// What else is in the edition: 70 to 140 characters, never the subject again.
fn preheader(cards: &[Card]) -> String {
    let others: Vec<String> = cards.iter().skip(1).map(subject).collect();
    let mut line = if others.is_empty() { cards[0].standfirst.clone() } else { others.join(" · ") };
    if line.chars().count() > 140 {
        line = line.chars().take(139).collect::<String>();
        let end = line.rfind(' ').unwrap_or(line.len());
        line.truncate(end);
        line.push('…');
    }
    line
}

/// The first `max` words, cut at a sentence where one ends in the second half.
fn first_words(text: &str, max: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.len() <= max {
        return words.join(" ");
    }
    let sentence = (max / 2..max).rev().find(|at| words[*at].ends_with(['.', '!', '?', '؟', '…']));
    match sentence {
        Some(at) => words[..=at].join(" "),
        None => format!("{}…", words[..max].join(" ")),
    }
}

pub(crate) fn broken(error: impl std::fmt::Display) -> Error {
    Error::Broken(format!("A letter could not be printed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blurb_ends_with_a_sentence_or_says_that_it_goes_on() {
        assert_eq!(first_words("One two three.", 5), "One two three.");
        assert_eq!(first_words("One two three. Four five six", 4), "One two three.");
        assert_eq!(first_words("One two three four five", 3), "One two three…");
    }
}
