//! Letters besides editions, confirmations and welcomes: address changes, codes, breaking news, one-off letters and
//! notes to staff. Looks, never changes.

use crate::desk::Desk;
use crate::error::Error;
use crate::letters::{broken, moment};
use crate::printing;
use crate::subscribe::CODE_MINUTES;
use crate::subscribe::CONFIRMATION_HOURS;
use crate::token::Purpose;
use crate::words::day_civil;
use newsroom::delivery::Delivery;
use newsroom::id::{AlertId, ArticleId, OneOffId};
use newsroom::subscriber::{BREAKING, Subscriber};
use newsroom::time::{HOUR, MINUTE, Timestamp};
use press::message::{Breaking, ConfirmMove, Letter, Moved, OneOff, PreferenceCode, StaffNote};
use press::words::Words;
use store::View;

impl Desk {
    /// A new address is asked whether it wants the mails of an older one.
    pub(crate) fn move_letter(
        &self,
        delivery: &Delivery,
        request: i64,
        subscriber: &Subscriber,
    ) -> Result<Letter, Error> {
        let (paper, language) = (self.paper(), self.language_of(&subscriber.choices));
        let (words, zone) = (Words::of(language.code()), paper.zone());
        let token = self.secret().seal(Purpose::Confirm, request);
        ConfirmMove {
            letterhead: self.letterhead(&paper, &language),
            asked_at: moment(words, &zone, delivery.dated),
            until: moment(words, &zone, delivery.dated.plus(CONFIRMATION_HOURS * HOUR)),
            old_address: subscriber.address.masked(),
            confirm_href: self.whole(&paper, &language, &format!("/subscribe/confirm/{token}")),
        }
        .print(&self.theme())
        .map_err(broken)
    }

    /// The old address is told. The payload is the new one, masked.
    pub(crate) fn moved_letter(&self, delivery: &Delivery, subscriber: &Subscriber) -> Result<Letter, Error> {
        let (paper, language) = (self.paper(), self.language_of(&subscriber.choices));
        Moved {
            letterhead: self.letterhead(&paper, &language),
            moved_at: moment(Words::of(language.code()), &paper.zone(), delivery.dated),
            new_address: delivery.payload.clone(),
            preferences_href: self.preferences_href(&paper, subscriber, &language),
        }
        .print(&self.theme())
        .map_err(broken)
    }

    /// A code for the preference centre. The payload says what for.
    pub(crate) fn code_letter(&self, delivery: &Delivery, code: i64, subscriber: &Subscriber) -> Result<Letter, Error> {
        let (paper, language) = (self.paper(), self.language_of(&subscriber.choices));
        let (words, zone) = (Words::of(language.code()), paper.zone());
        PreferenceCode {
            letterhead: self.letterhead(&paper, &language),
            code: self.secret().code(code),
            purpose: words.say(&format!("k_{}", delivery.payload), &[]),
            until: moment(words, &zone, delivery.dated.plus(CODE_MINUTES * MINUTE)),
            asked_by: moment(words, &zone, delivery.dated),
        }
        .print(&self.theme())
        .map_err(broken)
    }

    /// Breaking news. The payload is the alert. None once the article may not be seen any more.
    pub(crate) fn breaking_letter(
        &self,
        view: &View<'_>,
        delivery: &Delivery,
        subscriber: &Subscriber,
    ) -> Result<Option<Letter>, Error> {
        let Ok(id) = delivery.payload.parse::<AlertId>() else { return Ok(None) };
        let Some(alert) = view.alert(id)? else { return Ok(None) };
        let Some(href) = self.article_href(view, alert.article)? else { return Ok(None) };
        let since = view.subscriptions(subscriber.id)?.into_iter().find(|(slug, _)| slug.as_str() == BREAKING);
        let Some((_, since)) = since else { return Ok(None) };
        self.breaking_print(&alert, href, subscriber, since).map(Some)
    }

    /// The letter of an alert as one subscriber gets it.
    pub(crate) fn breaking_print(
        &self,
        alert: &store::Alert,
        href: String,
        subscriber: &Subscriber,
        since: Timestamp,
    ) -> Result<Letter, Error> {
        let (paper, language) = (self.paper(), &alert.language);
        let (words, zone) = (Words::of(language.code()), paper.zone());
        Breaking {
            letterhead: self.letterhead(&paper, language),
            at: moment(words, &zone, alert.released_at.unwrap_or(alert.made_at)),
            headline: alert.words.headline.clone(),
            sentences: alert.words.sentences.clone(),
            href,
            known: alert.words.known.clone(),
            reported: alert.words.reported.clone(),
            unknown: alert.words.unknown.clone(),
            since: words.day(&day_civil(zone.day(since))),
            preferences_href: self.preferences_href(&paper, subscriber, language),
            unsubscribe_href: self.unsubscribe_href(&paper, subscriber, language, BREAKING),
        }
        .print(&self.theme())
        .map_err(broken)
    }

    /// Where readers find an article; None where they do not.
    pub(crate) fn article_href(&self, view: &View<'_>, article: ArticleId) -> Result<Option<String>, Error> {
        let cards = view.cards(&[article], self.now())?;
        let path = |card: &store::Card| {
            self.paper().publication.path(&card.language, &format!("/{}/{}", card.section, card.slug))
        };
        Ok(cards.first().map(|card| format!("{}{}", self.public_url(), path(card))))
    }

    /// One letter to the readers of a newsletter.
    pub(crate) fn one_off_letter(
        &self,
        view: &View<'_>,
        id: i64,
        subscriber: &Subscriber,
    ) -> Result<Option<Letter>, Error> {
        let Some(kept) = view.one_off(OneOffId(id))? else { return Ok(None) };
        let newsletters = view.subscriptions(subscriber.id)?;
        let Some((_, since)) = newsletters.into_iter().find(|(slug, _)| *slug == kept.newsletter) else {
            return Ok(None);
        };
        let editor = view.member(kept.made_by)?.map(|member| member.staff.name).unwrap_or_default();
        self.one_off_print(&kept, editor, subscriber, since).map(Some)
    }

    /// A one-off letter as one subscriber gets it.
    pub(crate) fn one_off_print(
        &self,
        kept: &store::OneOff,
        editor: String,
        subscriber: &Subscriber,
        since: Timestamp,
    ) -> Result<Letter, Error> {
        let (paper, language) = (self.paper(), &kept.language);
        let (words, zone) = (Words::of(language.code()), paper.zone());
        OneOff {
            letterhead: self.letterhead(&paper, language),
            newsletter: self.newsletter_name(&paper, kept.newsletter.as_str(), language),
            date: words.day_long(&day_civil(kept.day)),
            title: kept.title.clone(),
            preheader: kept.preheader.clone(),
            body: printing::parse(&kept.body)?.document,
            editor,
            since: words.day(&day_civil(zone.day(since))),
            preferences_href: self.preferences_href(&paper, subscriber, language),
            unsubscribe_href: self.unsubscribe_href(&paper, subscriber, language, kept.newsletter.as_str()),
        }
        .print(&self.theme())
        .map_err(broken)
    }

    /// An article waits for an editor. The payload is the article. None once it does not wait any more.
    pub(crate) fn note_letter(&self, view: &View<'_>, delivery: &Delivery) -> Result<Option<Letter>, Error> {
        let Ok(id) = delivery.payload.parse::<ArticleId>() else { return Ok(None) };
        let Some(article) = view.article(id)?.filter(|one| one.state == newsroom::article::State::Review) else {
            return Ok(None);
        };
        let Some(newest) = view.revision(id, article.revision)? else { return Ok(None) };
        let (paper, language) = (self.paper(), self.paper().publication.main_language());
        let writer = view.member(article.writer.unwrap_or(newsroom::id::StaffId(0)))?.map(|member| member.staff.name);
        StaffNote {
            letterhead: self.letterhead(&paper, &language),
            headline: newest.copy.headline,
            writer: writer.unwrap_or_else(|| paper.publication.name.clone()),
            at: moment(Words::of(language.code()), &paper.zone(), delivery.dated),
            article_href: format!("{}/newsroom/articles/{id}", self.public_url()),
        }
        .print(&self.theme())
        .map(Some)
        .map_err(broken)
    }
}
