//! Keeps everything, behind SQLite or PostgreSQL; the only crate that speaks SQL.
//! [`Store`] gives a [`View`] to look and a [`Change`] for one transaction. Decides nothing:
//! what may happen is said in `newsroom`, what does happen in `desk`.

mod articles;
pub mod blobs;
mod chores;
mod db;
mod error;
mod ledger;
mod pictures;
mod public;
mod sections;
mod settings;
mod staff;
mod store;

pub use articles::{DeskLine, DeskList, Lock, RevisionLine};
pub use chores::Chore;
pub use db::job::WAITING_MAX;
pub use db::{Change, View};
pub use error::Error;
pub use ledger::LedgerLine;
pub use pictures::{Media, Picture, Rendition};
pub use public::{
    AuthorName, Card, CardPicture, CorrectionLine, Elsewhere, Listing, Published, SitemapLine, Translation,
};
pub use staff::{Member, Session};
pub use store::{Store, StoreSettings};

/// Most rows one page of any list gives.
pub const ROWS_PER_PAGE_MAX: usize = 1_000;
/// Most lines of one sitemap (sitemaps.org allows 50,000).
pub const SITEMAP_LINES_MAX: usize = 50_000;

/// The statements of every file that has some.
static ALL: &[&[&db::Statement]] = &[
    db::migrate::ALL,
    articles::ALL,
    chores::ALL,
    ledger::ALL,
    pictures::ALL,
    public::ALL,
    sections::ALL,
    settings::ALL,
    staff::ALL,
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
