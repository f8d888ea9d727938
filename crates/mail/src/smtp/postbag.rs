//! What one connection takes messages from, asks before each final dot, and tells what came of them.
//! The queue behind it belongs to the caller.

use std::future::Future;

use super::outcome::{Outcome, Trouble};
use crate::address::Envelope;
use crate::mail_data::MailData;

/// A finished message on its way.
#[derive(Clone, Debug)]
pub struct Parcel<K> {
    /// How the caller knows it again; never sent.
    pub key: K,
    /// From and to.
    pub envelope: Envelope,
    /// What is sent.
    pub message: MailData,
}

/// Source and book of one connection, see [`super::Connection::carry`]. The futures are awaited one at a time.
pub trait Postbag: Send {
    /// How the caller knows a parcel again.
    type Key: Send;

    /// The next message, `None` when there will be none. It may wait, and must be safe to drop before it is ready: a
    /// parcel counts as given only when the future gives it. Every parcel given is reported exactly once.
    fn next(&mut self) -> impl Future<Output = Option<Parcel<Self::Key>>> + Send;

    /// Asked once the relay waits for the text and before any of it leaves: writes *transmitted* down, safely on the
    /// disk, together with all that was reported before. `false` when the message is no longer ours to send: its final
    /// dot does not leave.
    fn may_leave(&mut self, key: &Self::Key) -> impl Future<Output = bool> + Send;

    /// What became of a parcel. Need not wait for the disk: the next [`Postbag::may_leave`] does.
    fn report(&mut self, key: Self::Key, outcome: Outcome) -> impl Future<Output = ()> + Send;
}

/// Why a connection stopped carrying. All parcels it was given are reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The postbag has no more.
    Empty,
    /// [`super::RelaySettings::messages_per_connection_max`] is reached: open a new connection.
    Full,
    /// Nothing to do for [`super::RelaySettings::idle`].
    Idle,
    /// The relay said 421 (RFC 5321 §3.8): give it time.
    Dismissed,
    /// The connection is of no more use.
    Failed(Trouble),
}
