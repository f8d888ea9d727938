//! Keeps everything, behind SQLite or PostgreSQL; the only crate that speaks SQL.
//! [`Store`] gives a [`View`] to look and a [`Change`] for one transaction. Decides nothing:
//! what may happen is said in `newsroom`, what does happen in `desk`.

mod articles;
pub mod blobs;
mod chores;
mod db;
mod deliveries;
mod editions;
mod error;
mod ledger;
mod letters;
mod lists;
mod mailrooms;
mod pictures;
mod public;
mod queue;
mod returns;
pub mod search;
mod sections;
mod segments;
mod settings;
mod shares;
mod sign_ups;
mod sitemap;
mod staff;
mod store;
mod subscribers;
mod surrogates;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
mod waves;

pub use articles::{DeskLine, DeskList, Lock, RevisionLine};
pub use chores::Chore;
pub use db::job::WAITING_MAX;
pub use db::{Change, View};
pub use deliveries::{Claimed, DeliveryLine, Envelope, Settled, Swept};
pub use editions::{Edition, EditionItem};
pub use error::Error;
pub use ledger::LedgerLine;
pub use letters::{Alert, OneOff};
pub use lists::ImportLine;
pub use mailrooms::Pause;
pub use pictures::{Media, Picture, Rendition};
pub use public::{
    AuthorName, Card, CardPicture, CorrectionLine, Elsewhere, Listing, Published, ShownRevision, Translation,
};
pub use queue::NewDelivery;
pub use returns::{Report, Suppression};
pub use search::{Analysed, Fit, Found, Order, Search, SearchText, Vocabulary};
pub use segments::Segment;
pub use sign_ups::{Code, SignUpAsked};
pub use sitemap::{SITEMAP_PART_MAX, SitemapLine, SitemapPart};
pub use staff::{Member, Session};
pub use store::{Store, StoreSettings};
pub use subscribers::{Audience, Confirmation, Slot};
pub use waves::Wave;

/// Most rows one page of any list gives.
pub const ROWS_PER_PAGE_MAX: usize = 1_000;

/// Most people one page of those who are due gives.
pub const SUBSCRIBERS_PER_PAGE_MAX: usize = 2_000;
/// Deliveries queued by one statement.
const DELIVERIES_PER_STATEMENT: usize = 1_000;
/// Most deliveries one claim takes.
pub const DELIVERIES_PER_CLAIM_MAX: usize = 1_000;

/// The statements of every file that has some.
static ALL: &[&[&db::Statement]] = &[
    db::migrate::ALL,
    articles::ALL,
    chores::ALL,
    deliveries::ALL,
    editions::ALL,
    ledger::ALL,
    letters::ALL,
    lists::ALL,
    mailrooms::ALL,
    pictures::ALL,
    public::ALL,
    queue::ALL,
    returns::ALL,
    search::ALL,
    search::slips::ALL,
    sections::ALL,
    segments::ALL,
    settings::ALL,
    sign_ups::ALL,
    shares::ALL,
    sitemap::ALL,
    staff::ALL,
    subscribers::ALL,
    surrogates::ALL,
    waves::ALL,
];

/// Numbers as a JSON array, for `{{ids ?1}}`.
fn ids(numbers: impl Iterator<Item = i64>) -> String {
    let mut out = String::from("[");
    for number in numbers {
        if out.len() > 1 {
            out.push(',');
        }
        out.push_str(&number.to_string());
    }
    out.push(']');
    out
}
