//! Keeps what a list of subscribers says, a piece at a time, with the consent that the operator vouches for.
//! Mails nobody. Bringing the same list in again changes nothing.

use super::list_lines::{Lines, survey};
use super::subscribers::{Columns, Defaults, Row};
use super::{Progress, Report, Skip};
use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use crate::subscribe::consent;
use newsroom::id::SubscriberId;
use newsroom::refusal::Refusal;
use newsroom::slug::Slug;
use newsroom::subscriber::{Consent, ConsentAct, Subscriber};
use newsroom::time::{Day, Timestamp};
use std::collections::HashMap;
use std::io::{Read, Seek};
use store::{Change, ImportLine};

/// Lines looked at in one transaction.
const LINES_PER_PIECE: usize = 1_000;

/// What the operator vouches for: without it no list comes in.
#[derive(Debug, Clone, Default)]
pub struct Agreed {
    /// Where the list comes from: "Mailchimp, list Daily".
    pub source: String,
    /// How they agreed: "double opt-in", "paper form at the library".
    pub method: String,
    /// When, for lines that do not say it themselves.
    pub on: Option<Day>,
    /// The newsletter they agreed to; None: the first one.
    pub newsletter: Option<String>,
}

struct Piece {
    rows: Vec<Row>,
    newsletter: Slug,
    /// For the consent ledger: `import FILE: SOURCE, METHOD`.
    method: String,
    agreed_at: Option<Timestamp>,
}

impl Desk {
    /// Imports people who agreed elsewhere, from CSV. Whoever is known keeps their own choices; whoever left, was
    /// erased or is suppressed stays away. Memory does not grow with the list. `name` is the file's.
    pub async fn import_subscribers(
        &self,
        name: &str,
        mut list: impl Read + Seek,
        agreed: &Agreed,
        progress: &Progress,
    ) -> Result<Report, Error> {
        let refused = |sentence: String| Error::Refused(Refusal::Other(sentence));
        let unread = |error: std::io::Error| refused(format!("{name} cannot be read: {error}."));
        if agreed.source.trim().is_empty() || agreed.method.trim().is_empty() {
            return Err(refused("Say where the list comes from and how its people agreed to get mail.".into()));
        }
        let survey = survey(&mut list).map_err(unread)?;
        let mut lines = Lines::new(list, survey);
        let head = lines.head().map_err(unread)?.ok_or_else(|| refused("The list is empty.".into()))?;
        let columns = Columns::read(&head, lines.separator()).map_err(refused)?;
        if agreed.on.is_none() && !columns.tell_when() {
            return Err(refused("The list does not say when its people agreed. Say it once for all of them.".into()));
        }
        let paper = self.paper();
        let defaults = Defaults { language: paper.publication.main_language(), zone: paper.zone() };
        let newsletter = self.newsletter(agreed.newsletter.as_deref())?.slug;
        self.begin_import(name, agreed).await?;
        let mut report = Report { layout: Some(columns.layout.words()), ..Report::default() };
        let mut piece = Piece {
            rows: Vec::with_capacity(LINES_PER_PIECE),
            newsletter,
            method: format!("import {name}: {}, {}", agreed.source.trim(), agreed.method.trim()),
            agreed_at: agreed.on.map(|day| paper.zone().at(day, 12, 0)),
        };
        loop {
            let line = lines.next().map_err(unread)?;
            let ended = line.is_none();
            if let Some(line) = line.filter(|line| !line.text.trim().is_empty()) {
                match columns.row(&line, &defaults) {
                    Ok(row) => piece.rows.push(row),
                    Err(sentence) => report.leave_out(Skip { place: format!("line {}", line.number), sentence }),
                }
                if piece.rows.len() < LINES_PER_PIECE {
                    continue;
                }
                progress(line.number, survey.lines);
            } else if !ended {
                continue;
            }
            if !piece.rows.is_empty() {
                self.keep_piece(&mut piece, &mut report).await?;
            }
            if ended {
                progress(survey.lines, survey.lines);
                return Ok(report);
            }
        }
    }

    async fn begin_import(&self, name: &str, agreed: &Agreed) -> Result<(), Error> {
        let (desk, line) = (
            self.clone(),
            ImportLine {
                id: self.id(),
                name: name.to_owned(),
                source: agreed.source.trim().to_owned(),
                method: agreed.method.trim().to_owned(),
                agreed_on: agreed.on.map(|day| day.to_string()).unwrap_or_default(),
                at: self.now(),
            },
        );
        self.change(move |change| {
            change.add_import(&line)?;
            let detail = format!("{}, {}", line.source, line.method);
            desk.note(change, Who::Operator, Entry::new("began an import", &line.name, detail))
        })
        .await
    }

    /// One transaction. Empties the piece.
    async fn keep_piece(&self, piece: &mut Piece, report: &mut Report) -> Result<(), Error> {
        let rows = std::mem::take(&mut piece.rows);
        let (now, desk, newsletter) = (self.now(), self.clone(), piece.newsletter.clone());
        let (method, agreed_at) = (piece.method.clone(), piece.agreed_at);
        let hashes: Vec<String> = rows.iter().map(|row| self.secret().fingerprint(&row.address.key())).collect();
        let kept = self
            .change(move |change| {
                let piece = Given { rows: &rows, hashes: &hashes, newsletter: &newsletter, method: &method, agreed_at };
                let kept = piece.keep(change, &desk, now)?;
                let words = format!("{} added", kept.added);
                desk.note(change, Who::Operator, Entry::new("imported subscribers", &newsletter, words))?;
                Ok(kept)
            })
            .await?;
        report.added += kept.added;
        report.unchanged += kept.unchanged;
        kept.skipped.into_iter().for_each(|skip| report.leave_out(skip));
        piece.rows = Vec::with_capacity(LINES_PER_PIECE);
        Ok(())
    }
}

/// A piece inside its transaction.
struct Given<'a> {
    rows: &'a [Row],
    hashes: &'a [String],
    newsletter: &'a Slug,
    method: &'a str,
    agreed_at: Option<Timestamp>,
}

#[derive(Default)]
struct Kept {
    added: u64,
    unchanged: u64,
    skipped: Vec<Skip>,
}

impl Given<'_> {
    fn keep(&self, change: &mut Change<'_>, desk: &Desk, now: Timestamp) -> Result<Kept, Error> {
        let keys: Vec<String> = self.rows.iter().map(|row| row.address.key()).collect();
        let suppressed = change.suppressed_among(self.hashes)?;
        let mut known: HashMap<String, Option<Timestamp>> = change.known_addresses(&keys)?;
        let (mut kept, mut people, mut consents, mut since, mut tags) =
            (Kept::default(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for ((row, key), hash) in self.rows.iter().zip(&keys).zip(self.hashes) {
            let mut skip = |sentence: &str| {
                kept.skipped.push(Skip { place: format!("line {}", row.line), sentence: sentence.into() });
            };
            match known.get(key) {
                _ if suppressed.contains(hash) => {
                    skip("Mail to this address was refused or its owner was erased before.");
                }
                Some(Some(_)) => skip("This subscriber has left; only they can come back."),
                Some(None) => kept.unchanged += 1,
                None => {
                    let Some(agreed) = self.agreed(row, now) else {
                        skip("This line does not say when they agreed.");
                        continue;
                    };
                    let person = imported(row, SubscriberId(desk.id()), agreed);
                    known.insert(key.clone(), None);
                    since.push((person.id, agreed));
                    tags.extend(row.tags.iter().map(|tag| (person.id, tag.clone())));
                    self.consents(row, person.id, now, &mut consents);
                    people.push((person, hash.clone()));
                }
            }
        }
        kept.added = change.add_new_subscribers(&people)?.len() as u64;
        change.subscribe_all(self.newsletter, &since)?;
        change.record_consents(&consents)?;
        change.tag(&tags)?;
        Ok(kept)
    }

    /// When somebody agreed: as their line says, else as the operator does; never in the future.
    fn agreed(&self, row: &Row, now: Timestamp) -> Option<Timestamp> {
        let said = row.confirmed.as_ref().or(row.asked.as_ref()).map(|(at, _)| *at);
        said.or(self.agreed_at).map(|at| at.min(now))
    }

    /// What the list proves, line for line, and that it came with a list.
    fn consents(&self, row: &Row, id: SubscriberId, now: Timestamp, out: &mut Vec<Consent>) {
        let parts = [(ConsentAct::Asked, &row.asked), (ConsentAct::Confirmed, &row.confirmed)];
        for (act, said) in parts {
            if let Some((at, network)) = said {
                let at = (*at).min(now);
                out.push(Consent { text_version: String::new(), ..consent(id, act, at, self.method, network.clone()) });
            }
        }
        let imported = consent(id, ConsentAct::Imported, now, self.method, None);
        out.push(Consent { text_version: String::new(), ..imported });
    }
}

fn imported(row: &Row, id: SubscriberId, agreed: Timestamp) -> Subscriber {
    Subscriber {
        id,
        address: row.address.clone(),
        name: row.name.clone(),
        choices: row.choices.clone(),
        created_at: row.asked.as_ref().map_or(agreed, |(at, _)| (*at).min(agreed)),
        confirmed_at: Some(agreed),
        unsubscribed_at: None,
        paused_until: None,
    }
}
