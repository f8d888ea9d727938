//! What can be asked of the paper: one verb per thing that a person or the clock can ask.
//! The only writer. One verb is one transaction: state, one ledger line, and what follows from it.
//! Nothing is announced before commit; the network is never inside a transaction.

pub mod clock;
pub mod error;
pub mod export;
pub mod import;
pub mod printing;
pub mod setup;
pub mod token;
pub mod words;

mod announce;
pub mod assemble;
pub mod audience;
mod authors;
pub mod breaking;
mod caches;
pub mod chores;
pub mod deliver;
mod desk;
pub mod doctor;
pub mod doubts;
pub mod edition;
pub mod keys;
mod ledger;
mod letters;
mod look;
pub mod mail_status;
pub mod maildrop;
pub mod mailroom;
mod network;
pub mod one_off;
mod other_letters;
pub mod outgoing;
mod pictures;
mod publish;
mod readdress;
pub mod relays;
pub mod returned;
mod review;
pub mod rounds;
mod seal;
mod settings;
mod share;
pub mod staff;
pub mod subscribe;
mod theme;
pub mod write;

pub use assemble::Wave;
pub use caches::{Caches, Purge};
pub use clock::Clock;
pub use desk::{Desk, MailSettings, Opening, Returns};
pub use edition::EditionLine;
pub use error::Error;
pub use keys::{DKIM_RETIRED_DAYS, DKIM_SELECTOR, DkimKey, DkimKeyState};
pub use look::LookForm;
pub use mail_status::MailStatus;
pub use mailroom::{MailroomReport, RelayReport};
pub use network::{Network, network_of};
pub use outgoing::Outgoing;
pub use relays::{RelayLimits, RelayPlan};
pub use rounds::Round;
pub use settings::Paper;
pub use subscribe::{ChoicesForm, CodeFor, Confirmed, Left, Pending, SignUp};
pub use theme::{ThemeReport, read_theme};
pub use write::Draft;
