//! Compresses pages that many ask for again, as small as can be, one at a time and beside everything else.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use super::{Kept, Pages};

/// Pages that may wait; others stay as they are until they are printed again.
const WAITING_MAX: usize = 64;

/// A page by its address, if it is still kept when its turn comes.
type Wanted = (String, Weak<Kept>);

/// The compressor. Its thread starts with the first page and ends with this.
pub(super) struct Best {
    pages: Pages,
    waiting: OnceLock<Option<SyncSender<Wanted>>>,
    thread: Arc<Mutex<Option<std::thread::JoinHandle<()>>>>,
}

impl Best {
    pub(super) fn new(pages: Pages) -> Best {
        Best { pages, waiting: OnceLock::new(), thread: Arc::default() }
    }

    /// The page will be smaller soon; never waits.
    pub(super) fn make(&self, key: &str, kept: &Arc<Kept>) {
        let waiting = self.waiting.get_or_init(|| {
            let (sender, wanted) = sync_channel(WAITING_MAX);
            let pages = self.pages.clone();
            let thread = std::thread::Builder::new().name("compress".into()).spawn(move || work(&pages, &wanted));
            let thread = thread.inspect_err(|error| {
                tracing::warn!(%error, "pages stay as they were compressed first: {error}");
            });
            *self.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread.ok()?);
            Some(sender)
        });
        if let Some(waiting) = waiting {
            let _ = waiting.try_send((key.to_owned(), Arc::downgrade(kept)));
        }
    }

    /// Waits until everything is done.
    #[cfg(test)]
    pub(super) fn finish(&self) {
        let again = Kept::new(crate::printed::Printed::new(crate::printed::TEXT, "last"), 0);
        let (again, waiting) = (Arc::new(again), self.waiting.get().unwrap().as_ref().unwrap());
        waiting.send(("last".into(), Arc::downgrade(&again))).unwrap();
        while Arc::weak_count(&again) > 0 {
            std::thread::yield_now();
        }
    }
}

fn work(pages: &Pages, wanted: &Receiver<Wanted>) {
    while let Ok((key, kept)) = wanted.recv() {
        let Some(kept) = kept.upgrade() else { continue };
        let is_there = |pages: &Pages| pages.get(&key).is_some_and(|now| Arc::ptr_eq(&now, &kept));
        if !is_there(pages) {
            continue;
        }
        let mut best = Kept::new(kept.printed.at_best(), kept.version);
        (best.until, best.made_of) = (kept.until, kept.made_of.clone());
        best.asked = super::ASKED_OFTEN.into();
        // A page printed anew meanwhile may be replaced by this one; it is then found out of date and printed again.
        if is_there(pages) {
            pages.insert(key, Arc::new(best));
        }
    }
}
