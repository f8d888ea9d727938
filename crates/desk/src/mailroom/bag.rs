//! One connection to one relay: takes messages from its lane, has each written down before its dot, and says what became
//! of it. Knows nothing of how other connections fare.

use super::book::Book;
use super::floor::{Letter, Next, Post};
use crate::desk::Desk;
use mail::{Connection, Ended, Outcome, Parcel, Postbag};
use newsroom::id::DeliveryId;
use std::sync::Arc;
use std::time::Duration;

/// Between two looks at a lane when nobody rings.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// A connection's place in the mailroom.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) desk: Desk,
    pub(crate) book: Book,
    pub(crate) lane: usize,
    pub(crate) generation: u64,
    pub(crate) relay: Arc<str>,
    /// No relay stands between: every connection is to the server of one provider.
    pub(crate) direct: bool,
}

/// Opens a connection whenever there is something to carry, until the lane is given up.
pub(crate) async fn carry(place: Place) {
    if place.direct {
        return super::direct::carry(place).await;
    }
    let room = place.desk.mailroom();
    while let Some(relay) = room.wait_for_work(&place).await {
        match relay.open().await {
            Ok(connection) => {
                room.opened(&place);
                drive(&place, connection, Bag::of(&place)).await;
            }
            Err(cause) => {
                if room.failed(&place, &cause.to_string()).await {
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
            }
        }
    }
}

/// One message after another, until the connection ends or there is nothing to carry for a while.
pub(super) async fn drive(place: &Place, mut connection: Connection, mut bag: Bag<'_>) {
    let room = place.desk.mailroom();
    let ended = connection.carry(&mut bag).await;
    let broke = match ended {
        Ended::Failed(trouble) => Some(trouble.to_string()),
        Ended::Dismissed => Some("it said goodbye".into()),
        Ended::Empty | Ended::Full | Ended::Idle => None,
    };
    room.closed(place);
    if let Some(cause) = broke.filter(|_| connection.sent() == 0) {
        match &bag.provider {
            Some(provider) => room.provider_failed(place, provider, &cause).await,
            None => drop(room.failed(place, &cause).await),
        }
    }
    connection.quit().await;
}

/// What one connection takes from its lane.
pub(super) struct Bag<'p> {
    place: &'p Place,
    /// Where the connection leads, if to one provider only.
    provider: Option<String>,
    /// What it was opened for; after it only more of the same.
    first: Option<Box<Post>>,
    /// The row that was not ours to send any more.
    refused: Option<DeliveryId>,
}

impl<'p> Bag<'p> {
    fn of(place: &'p Place) -> Self {
        Self { place, provider: None, first: None, refused: None }
    }

    /// For a connection to one provider, which was opened for `first`.
    pub(super) fn to_provider(place: &'p Place, first: Box<Post>, provider: &str) -> Self {
        Self { provider: Some(provider.to_owned()), first: Some(first), ..Self::of(place) }
    }
}

impl Postbag for Bag<'_> {
    type Key = Letter;

    async fn next(&mut self) -> Option<Parcel<Letter>> {
        let room = self.place.desk.mailroom();
        let post = match (self.first.take(), &self.provider) {
            (Some(first), _) => first,
            (None, Some(provider)) => room.next_for(self.place, provider).await?,
            (None, None) => room.next(self.place).await?,
        };
        let Post { letter, envelope, message } = *post;
        Some(Parcel { key: letter, envelope, message })
    }

    async fn may_leave(&mut self, key: &Letter) -> bool {
        let may = self.place.book.may_leave(key.delivery.id, self.place.relay.clone()).await;
        if !may {
            self.refused = Some(key.delivery.id);
        }
        may
    }

    async fn report(&mut self, key: Letter, outcome: Outcome) {
        let ours = self.refused.take_if(|id| *id == key.delivery.id).is_none();
        self.place.desk.mailroom().report(self.place, key, ours.then_some(outcome)).await;
    }
}

impl super::Mailroom {
    /// Waits until the lane has something to carry and its relay may be tried. None: quit.
    async fn wait_for_work(&self, place: &Place) -> Option<mail::Relay> {
        loop {
            let bell = self.bell();
            tokio::pin!(bell);
            bell.as_mut().enable();
            match self.may_open(place.lane, place.generation, place.desk.now()) {
                super::Opening::Now(relay) => return Some(relay),
                super::Opening::Later => {}
                super::Opening::Never => return None,
            }
            let _rung = tokio::time::timeout(LOOK_AGAIN, bell).await;
        }
    }

    /// The next message of the lane; None when the lane is given up.
    pub(super) async fn next(&self, place: &Place) -> Option<Box<Post>> {
        loop {
            let bell = self.bell();
            tokio::pin!(bell);
            bell.as_mut().enable();
            let wait = match self.take(place.lane, place.generation) {
                Next::Post(post) => return Some(post),
                Next::Wait(wait) => wait.min(LOOK_AGAIN),
                Next::Sleep => LOOK_AGAIN,
                Next::Quit => return None,
            };
            let _rung = tokio::time::timeout(wait, bell).await;
        }
    }
}
