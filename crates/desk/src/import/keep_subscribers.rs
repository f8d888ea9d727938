//! Keeps what a list of subscribers says, in pieces, with the consent that the operator vouches for.

use super::subscribers::{Defaults, Row, read};
use super::{Progress, Report, Skip};
use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use crate::subscribe::consent;
use newsroom::id::SubscriberId;
use newsroom::refusal::Refusal;
use newsroom::slug::Slug;
use newsroom::subscriber::{ConsentAct, Subscriber};
use newsroom::time::Timestamp;

/// Subscribers kept in one transaction.
const SUBSCRIBERS_PER_PIECE: usize = 500;

impl Desk {
    /// Imports confirmed subscribers from CSV. Whoever is known keeps their own choices; whoever left or is
    /// suppressed stays away. `name` is the file's, for the consent ledger.
    pub async fn import_subscribers(&self, name: &str, bytes: &[u8], progress: &Progress) -> Result<Report, Error> {
        let paper = self.paper();
        let defaults = Defaults { language: paper.publication.main_language(), zone: paper.zone() };
        let (rows, skipped) = read(bytes, &defaults).map_err(|sentence| Error::Refused(Refusal::Other(sentence)))?;
        let newsletter = self.newsletter_slug()?;
        let total = rows.len() as u64;
        let mut report = Report::default();
        for line in skipped {
            report.skipped.push(Skip { place: format!("line {}", line.line), sentence: line.reason });
        }
        for piece in rows.chunks(SUBSCRIBERS_PER_PIECE) {
            let (added, unchanged, skipped) =
                self.keep_piece(piece.to_vec(), newsletter.clone(), name.to_owned()).await?;
            report.added += added;
            report.unchanged += unchanged;
            report.skipped.extend(skipped);
            progress(report.added + report.unchanged, total);
        }
        report.skipped.sort_by_key(|skip| skip.place.trim_start_matches("line ").parse::<u64>().unwrap_or(0));
        Ok(report)
    }

    fn newsletter_slug(&self) -> Result<Slug, Error> {
        let paper = self.paper();
        let first = paper.newsletters.first();
        first
            .map(|newsletter| newsletter.slug.clone())
            .ok_or_else(|| Refusal::Other("There is no newsletter yet.".into()).into())
    }

    async fn keep_piece(&self, rows: Vec<Row>, newsletter: Slug, name: String) -> Result<(u64, u64, Vec<Skip>), Error> {
        let (now, desk) = (self.now(), self.clone());
        let known: Vec<(Row, String)> =
            rows.into_iter().map(|row| (row.clone(), self.secret().fingerprint(&row.address.key()))).collect();
        self.change(move |change| {
            let (mut added, mut unchanged, mut skipped) = (0, 0, Vec::new());
            for (row, fingerprint) in &known {
                let skip = |sentence: &str| Skip { place: format!("line {}", row.line), sentence: sentence.into() };
                if change.suppression(fingerprint)?.is_some() {
                    skipped.push(skip("Mail to this address was refused or its owner was erased before."));
                    continue;
                }
                match change.subscriber_at(&row.address)? {
                    Some(known) if known.unsubscribed_at.is_some() => {
                        skipped.push(skip("This subscriber has left; only they can come back."));
                    }
                    Some(_) => unchanged += 1,
                    None => {
                        let subscriber = imported(row, SubscriberId(desk.id()), now);
                        let since = subscriber.created_at;
                        change.add_subscriber(&subscriber, fingerprint)?;
                        change.subscribe(subscriber.id, &newsletter, since)?;
                        let method = format!("import {name}");
                        change.record_consent(&consent(subscriber.id, ConsentAct::Imported, now, &method, None))?;
                        added += 1;
                    }
                }
            }
            desk.note(
                change,
                Who::Operator,
                Entry::new("imported subscribers", &newsletter, format!("{added} from {name}")),
            )?;
            Ok((added, unchanged, skipped))
        })
        .await
    }
}

fn imported(row: &Row, id: SubscriberId, now: Timestamp) -> Subscriber {
    let confirmed_at = row.confirmed_at.filter(|at| *at <= now).unwrap_or(now);
    Subscriber {
        id,
        address: row.address.clone(),
        name: row.name.clone(),
        choices: row.choices.clone(),
        created_at: confirmed_at,
        confirmed_at: Some(confirmed_at),
        unsubscribed_at: None,
        paused_until: None,
    }
}
