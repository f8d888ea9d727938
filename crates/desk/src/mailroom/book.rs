//! The book of the mailroom: marks and answers, many in one commit, on the disk before anybody relies on them.
//! A commit carries what has come in while the one before was written.

use crate::desk::Desk;
use crate::error::Error;
use newsroom::id::DeliveryId;
use newsroom::time::MINUTE;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use store::Settled;
use tokio::sync::{mpsc, oneshot};
use tracing::{error, warn};

/// Marks and answers that share one commit, at most.
const ENTRIES_PER_COMMIT_MAX: usize = 1_000;
/// How long a relay's answer may take before the row counts as unanswered: longer than the client waits for it.
const ANSWER_MINUTES_MAX: i64 = 12;
/// Between two tries of a commit that fails: the disk is full, or the database is away.
const PAUSE: Duration = Duration::from_millis(500);

enum Entry {
    Mark { id: DeliveryId, relay: Arc<str>, reply: oneshot::Sender<bool> },
    Settle { id: DeliveryId, settled: Settled },
}

/// Where connections write. Cheap to clone; the book is closed when all clones are gone.
#[derive(Clone)]
pub(crate) struct Book(mpsc::Sender<Entry>);

/// The other end of a [`Book`].
pub(crate) struct Pages(mpsc::Receiver<Entry>);

pub(crate) fn open() -> (Book, Pages) {
    let (sender, receiver) = mpsc::channel(2 * ENTRIES_PER_COMMIT_MAX);
    (Book(sender), Pages(receiver))
}

impl Book {
    /// *Transmitted*, on the disk, together with all that was settled before. False: the message is no longer ours to
    /// send, and its dot must not leave.
    pub(crate) async fn may_leave(&self, id: DeliveryId, relay: Arc<str>) -> bool {
        let (reply, answer) = oneshot::channel();
        self.0.send(Entry::Mark { id, relay, reply }).await.is_ok() && answer.await.unwrap_or(false)
    }

    /// What became of a row. Does not wait for the disk.
    pub(crate) async fn settle(&self, id: DeliveryId, settled: Settled) {
        if self.0.send(Entry::Settle { id, settled }).await.is_err() {
            error!(delivery.id = %id, "what became of delivery `{id}` was not written down: the book is closed");
        }
    }
}

impl Desk {
    /// Writes until the book is closed and everything is kept.
    pub(crate) async fn keep_book(&self, mut pages: Pages) {
        let mut entries = Vec::with_capacity(ENTRIES_PER_COMMIT_MAX);
        while pages.0.recv_many(&mut entries, ENTRIES_PER_COMMIT_MAX).await > 0 {
            let (mut marks, mut replies, mut list) = (Vec::new(), Vec::new(), Vec::new());
            for entry in entries.drain(..) {
                match entry {
                    Entry::Mark { id, relay, reply } => {
                        marks.push((id, relay));
                        replies.push((id, reply));
                    }
                    Entry::Settle { id, settled } => list.push((id, settled)),
                }
            }
            let count = list.len();
            let marked = self.enter(marks, list).await;
            for (id, reply) in replies {
                // A connection that is gone by now will not send the dot; its row ends with its lease.
                let _gone = reply.send(marked.contains(&id));
            }
            self.mailroom().settled(count);
        }
    }

    /// One commit. Answers are kept until the store takes them; marks that cannot be kept are not given.
    async fn enter(
        &self,
        mut marks: Vec<(DeliveryId, Arc<str>)>,
        list: Vec<(DeliveryId, Settled)>,
    ) -> HashSet<DeliveryId> {
        let list = Arc::new(list);
        let mut failures = 0_u32;
        loop {
            match self.enter_once(std::mem::take(&mut marks), list.clone()).await {
                Ok((marked, done)) => {
                    if done < list.len() {
                        warn!(
                            rows = list.len() - done,
                            "another node took over {} deliveries before they were settled",
                            list.len() - done
                        );
                    }
                    return marked;
                }
                Err(fault) => {
                    failures = failures.saturating_add(1);
                    error!(failures, rows = list.len(), "what relays answered is not written down yet: {fault}");
                    if list.is_empty() {
                        return HashSet::new();
                    }
                    tokio::time::sleep(PAUSE * failures.min(20)).await;
                }
            }
        }
    }

    async fn enter_once(
        &self,
        marks: Vec<(DeliveryId, Arc<str>)>,
        list: Arc<Vec<(DeliveryId, Settled)>>,
    ) -> Result<(HashSet<DeliveryId>, usize), Error> {
        let (now, node, desk) = (self.now(), self.node().to_owned(), self.clone());
        let answer_until = now.plus(ANSWER_MINUTES_MAX * MINUTE);
        self.store()
            .change_guarded(move |change| {
                let done = if list.is_empty() { HashSet::new() } else { change.settle(&node, &list, now)? };
                for (id, settled) in list.iter().filter(|(id, _)| done.contains(id)) {
                    desk.keep_if_refused(change, *id, settled, now)?;
                }
                let marks: Vec<_> = marks.iter().map(|(id, relay)| (*id, relay.as_ref())).collect();
                let marked = match marks.is_empty() {
                    true => HashSet::new(),
                    false => change.mark_transmitted(&node, &marks, now, answer_until)?,
                };
                Ok::<_, Error>((marked, done.len()))
            })
            .await
    }
}
