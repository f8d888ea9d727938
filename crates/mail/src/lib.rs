//! Speaks to relays: builds, signs and hands over messages, and takes mail in.
//! Knows envelopes, never subscribers, editions or the database.
//! Reads no clock and draws no chance where it matters: times come as arguments, in microseconds UTC.

pub mod address;
pub mod body;
pub mod bounce;
pub mod breaker;
pub mod dkim;
pub mod doctor;
pub mod identity;
pub mod list;
mod mail_data;
pub mod maildrop;
pub mod message;
mod mime;
pub mod mx;
pub mod names;
pub mod pace;
pub mod read;
pub mod refusal;
pub mod retry;
pub mod secret;
pub mod server;
pub mod smtp;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod trial;
pub mod webhook;

pub use address::{Address, BadAddress, Envelope};
pub use body::{Body, Piece, Stencil};
pub use identity::Identity;
pub use mail_data::{BadMailData, MailData};
pub use message::{BadMessage, Header, Mailbox, Message};
pub use names::Names;
pub use secret::Secret;
pub use smtp::{Connection, Ended, OpenError, Outcome, Parcel, Postbag, Relay, RelaySettings};
