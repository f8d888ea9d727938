//! How the mail of one occasion fares now: its books by relay and by destination, how fast it goes and how long it will
//! take, what was refused and why. Looks, never changes.

use crate::desk::Desk;
use crate::error::Error;
use crate::mailroom::RelayReport;
use newsroom::delivery::{Books, DeliveryState, Occasion};
use newsroom::time::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// Destinations shown by name; the rest are one sum.
const DOMAINS_SHOWN_MAX: usize = 30;
/// Different words of relays looked at and shown.
const REPLIES_MAX: usize = 500;
const REPLIES_SHOWN_MAX: usize = 20;
/// The sum of destinations that are not shown by name.
pub const OTHER_DOMAINS: &str = "others";

/// How the mail of one occasion fares.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MailStatus {
    /// Messages a minute over the last seconds, all nodes and occasions.
    pub per_minute: u32,
    /// Seconds until nothing of it waits, at this rate; none when nothing waits or nothing moves.
    pub seconds_left: Option<u64>,
    pub paused: Option<Paused>,
    pub by_relay: BTreeMap<String, Books>,
    pub by_domain: BTreeMap<String, Books>,
    /// The most frequent first; addresses are masked.
    pub refusals: Vec<Refused>,
    /// How each relay fares, node by node.
    pub nodes: BTreeMap<String, Vec<RelayReport>>,
}

/// Since when and why nothing more of it leaves.
#[derive(Debug, Clone, Serialize)]
pub struct Paused {
    pub since: Timestamp,
    pub relay: String,
    pub words: String,
}

/// What relays said, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    pub class: String,
    pub words: String,
    pub count: u64,
}

impl Desk {
    /// How the mail of one occasion fares now.
    pub async fn mail_of(&self, occasion: Occasion) -> Result<MailStatus, Error> {
        let rooms = self.mailrooms().await?;
        let (waiting, mut status) = self
            .look(move |view| {
                let paused = view.paused(&occasion)?;
                let status = MailStatus {
                    by_relay: view.books_by_relay(&occasion)?,
                    by_domain: fewer(view.books_by_domain(&occasion)?),
                    refusals: gathered(view.replies(&occasion, DeliveryState::Refused, REPLIES_MAX)?),
                    paused: paused.map(|pause| Paused {
                        since: pause.at,
                        relay: pause.relay,
                        words: masked(&pause.reason),
                    }),
                    ..MailStatus::default()
                };
                Ok((view.books(&occasion)?.waiting, status))
            })
            .await?;
        status.per_minute = rooms.iter().map(|room| room.per_minute).sum();
        if waiting > 0 && status.per_minute > 0 && status.paused.is_none() {
            status.seconds_left = Some((waiting * 60).div_ceil(u64::from(status.per_minute)));
        }
        status.nodes = rooms.into_iter().map(|room| (room.node, room.relays)).collect();
        Ok(status)
    }
}

/// The largest destinations by name, the rest as one.
fn fewer(all: BTreeMap<String, Books>) -> BTreeMap<String, Books> {
    let mut sorted: Vec<(String, Books)> = all.into_iter().collect();
    sorted.sort_by_key(|(_, books)| std::cmp::Reverse(books.total));
    let rest = sorted.split_off(sorted.len().min(DOMAINS_SHOWN_MAX));
    let mut shown: BTreeMap<String, Books> = sorted.into_iter().collect();
    for (_, books) in rest {
        shown.entry(OTHER_DOMAINS.into()).or_default().add(&books);
    }
    shown
}

/// The same words about different people are one line.
fn gathered(all: Vec<(String, String, u64)>) -> Vec<Refused> {
    let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
    for (class, words, count) in all {
        *counts.entry((class, masked(&words))).or_default() += count;
    }
    let mut list: Vec<Refused> =
        counts.into_iter().map(|((class, words), count)| Refused { class, words, count }).collect();
    list.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.words.cmp(&other.words)));
    list.truncate(REPLIES_SHOWN_MAX);
    list
}

/// What a relay said, without anything that looks like an address, plain or escaped.
pub fn masked(words: &str) -> String {
    let tells = |word: &str| {
        let word = word.to_ascii_lowercase();
        ["@", "=40", "%40", "&#64;", "+40"].iter().any(|sign| word.contains(sign)) || word.contains('<')
    };
    words.split(' ').map(|word| if tells(word) { "…" } else { word }).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_about_different_people_are_one_line_without_their_addresses() {
        let said = |words: &str, count| ("address".to_owned(), words.to_owned(), count);
        let all = vec![
            said("550 5.1.1 <a@x.example>: User unknown", 1),
            said("550 5.1.1 <b@x.example>: User unknown", 2),
            said("550 5.7.1 no", 1),
        ];
        let lines = gathered(all);
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[0].words.as_str(), lines[0].count), ("550 5.1.1 … User unknown", 3));
    }

    #[test]
    fn destinations_beyond_the_largest_are_one_sum() {
        let books = |total| Books { waiting: total, total, ..Books::default() };
        let all: BTreeMap<String, Books> = (1..=40).map(|n| (format!("d{n}.example"), books(n))).collect();
        let shown = fewer(all);
        assert_eq!(shown.len(), DOMAINS_SHOWN_MAX + 1);
        assert_eq!(shown.values().map(|books| books.total).sum::<u64>(), (1..=40).sum::<u64>());
        assert_eq!(shown[OTHER_DOMAINS].total, (1..=10).sum::<u64>());
    }
}
