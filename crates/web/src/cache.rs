//! Printed pages kept in memory, bounded by bytes, each good until a moment or until something on it is touched.
//! A herd that asks for the same page prints it once. Knows no page; the key is the canonical address.

mod best;
mod touched;

use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use http::{HeaderName, HeaderValue};
use newsroom::surrogate::{Key, Label};
use newsroom::time::Timestamp;
use tokio::sync::Mutex;

use crate::printed::Printed;
use best::Best;
pub(crate) use touched::Touched;

/// Bytes of printed pages, unless the settings say otherwise: about 350 of them, as they are kept.
pub const CACHE_BYTES_MAX: u64 = 6 * 1024 * 1024;
/// Addresses whose first print may be under way at the same time; others that share a place wait for it.
const FLIGHTS: usize = 256;
/// A page that was asked for so often is worth the best compression.
const ASKED_OFTEN: u32 = 8;

/// The pages by their address.
type Pages = moka::sync::Cache<String, Arc<Kept>>;

/// What is true while one request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub version: i64,
    pub now: Timestamp,
}

/// What a page was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MadeOf {
    /// Nobody has thought about it: any change may be one of this page.
    Everything,
    /// These, and what everything is made of.
    These(Vec<Key>),
}

impl MadeOf {
    fn keys(&self) -> Option<&[Key]> {
        match self {
            MadeOf::Everything => None,
            MadeOf::These(keys) => Some(keys),
        }
    }
}

/// The header line that tells a cache in front of us what an answer is made of; None: of anything.
pub(crate) fn labelled(label: Label, keys: Option<&[Key]>) -> (HeaderName, HeaderValue) {
    let value = HeaderValue::try_from(label.value(keys)).expect("keys are ASCII");
    (HeaderName::from_static(label.header()), value)
}

/// A page and how long it says the truth.
#[derive(Debug)]
pub struct Kept {
    pub printed: Printed,
    /// The content version it was printed from.
    pub version: i64,
    /// First moment at which something on it is wrong ("Today 09:05"). None: only a change can do that.
    pub until: Option<Timestamp>,
    pub made_of: MadeOf,
    /// The newest content version at which it was found to be true still.
    seen: AtomicI64,
    asked: AtomicU32,
}

impl Kept {
    /// A page printed from a content version, of everything, for ever.
    pub fn new(printed: Printed, version: i64) -> Kept {
        Kept {
            printed,
            version,
            until: None,
            made_of: MadeOf::Everything,
            seen: AtomicI64::new(version),
            asked: AtomicU32::new(0),
        }
    }

    /// The same page, wrong from `until` on.
    #[must_use]
    pub fn until(mut self, until: Timestamp) -> Kept {
        self.until = Some(self.until.map_or(until, |before| before.min(until)));
        self
    }

    /// The same page, of nothing but these.
    #[must_use]
    pub fn of(mut self, keys: impl IntoIterator<Item = Key>) -> Kept {
        let mut keys: Vec<Key> = keys.into_iter().collect();
        keys.sort_unstable();
        keys.dedup();
        self.made_of = MadeOf::These(keys);
        self
    }

    fn is_true_at(&self, moment: Moment, touched: &Touched) -> bool {
        if self.until.is_some_and(|until| moment.now >= until) {
            return false;
        }
        if self.seen.load(Ordering::Relaxed) == moment.version {
            return true;
        }
        let is_true = touched.nothing_since(self.version, &self.made_of, moment.version);
        if is_true {
            self.seen.store(moment.version, Ordering::Relaxed);
        }
        is_true
    }
}

/// The pages.
pub struct Cache {
    pages: Pages,
    touched: Touched,
    best: Best,
    flights: Vec<Mutex<()>>,
    hasher: RandomState,
    /// How a cache in front of us is told what a page is made of.
    label: Option<Label>,
}

impl Cache {
    /// Keeps at most about `bytes_max` bytes.
    pub fn new(bytes_max: u64, label: Option<Label>) -> Cache {
        let weigh =
            |key: &String, kept: &Arc<Kept>| u32::try_from(key.len() + kept.printed.weight()).unwrap_or(u32::MAX);
        let pages = moka::sync::Cache::builder().max_capacity(bytes_max).weigher(weigh).build();
        Cache {
            best: Best::new(pages.clone()),
            pages,
            touched: Touched::default(),
            flights: (0..FLIGHTS).map(|_| Mutex::new(())).collect(),
            hasher: RandomState::new(),
            label,
        }
    }

    /// What was touched, as far as this process knows. Pages are compared with it.
    pub(crate) fn touched(&self) -> &Touched {
        &self.touched
    }

    /// The page, if it is here and still true.
    pub fn find(&self, key: &str, moment: Moment) -> Option<Arc<Kept>> {
        let kept = self.pages.get(key).filter(|kept| kept.is_true_at(moment, &self.touched))?;
        // Counted only as far as it matters: cores that share a number wait for each other.
        if kept.asked.load(Ordering::Relaxed) < ASKED_OFTEN
            && kept.asked.fetch_add(1, Ordering::Relaxed) == ASKED_OFTEN - 1
        {
            self.best.make(key, &kept);
        }
        Some(kept)
    }

    /// The page from memory, or as `print` makes it now. Only what was found (200) stays; what `print` refuses is
    /// told to its caller and forgotten.
    pub async fn find_or_print<E, F>(&self, key: &str, moment: Moment, print: F) -> Result<Arc<Kept>, E>
    where
        F: Future<Output = Result<Kept, E>>,
    {
        if let Some(kept) = self.find(key, moment) {
            return Ok(kept);
        }
        let place = usize::try_from(self.hasher.hash_one(key) % FLIGHTS as u64).unwrap_or(0);
        let _turn = self.flights[place].lock().await;
        if let Some(kept) = self.find(key, moment) {
            return Ok(kept);
        }
        let mut kept = print.await?;
        if let Some(label) = self.label {
            let (name, value) = labelled(label, kept.made_of.keys());
            kept.printed = kept.printed.with(name, value);
        }
        kept.printed = kept.printed.cast();
        let kept = Arc::new(kept);
        if kept.printed.status() == http::StatusCode::OK {
            self.pages.insert(key.to_owned(), kept.clone());
        }
        Ok(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printed::TEXT;
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn at(version: i64, now: i64) -> Moment {
        Moment { version, now: Timestamp(now) }
    }

    fn kept(version: i64, until: Option<i64>) -> Kept {
        let kept = Kept::new(Printed::new(TEXT, "news"), version);
        if let Some(at) = until { kept.until(Timestamp(at)) } else { kept }
    }

    async fn print(cache: &Cache, moment: Moment, page: Kept) {
        cache.find_or_print("/", moment, async { Ok::<_, Infallible>(page) }).await.unwrap();
    }

    #[tokio::test]
    async fn a_page_is_dropped_when_anything_changes_and_when_its_time_is_over() {
        let cache = Cache::new(CACHE_BYTES_MAX, None);
        print(&cache, at(1, 10), kept(1, Some(20))).await;
        assert!(cache.find("/", at(1, 19)).is_some());
        assert!(cache.find("/", at(1, 20)).is_none(), "midnight");
        assert!(cache.find("/", at(2, 10)).is_none(), "published");
        assert!(cache.find("/other", at(1, 10)).is_none());
    }

    #[tokio::test]
    async fn a_page_printed_while_something_was_published_is_not_shown_as_new() {
        let cache = Cache::new(CACHE_BYTES_MAX, None);
        print(&cache, at(1, 10), kept(1, None)).await;
        assert!(cache.find("/", at(2, 10)).is_none());
    }

    fn work(number: i64) -> Key {
        Key::work(newsroom::id::WorkId(number))
    }

    #[tokio::test]
    async fn a_page_stays_while_other_things_change_and_goes_with_its_own() {
        let cache = Cache::new(CACHE_BYTES_MAX, None);
        let learn = |version, keys: &[&Key]| {
            let rows = keys.iter().map(|key| (key.as_str().to_owned(), version)).collect();
            cache.touched().learn(version, rows, false);
        };
        print(&cache, at(1, 1), kept(1, None).of([work(1), work(2)])).await;
        learn(2, &[&work(3)]);
        assert!(cache.find("/", at(2, 1)).is_some(), "nothing of it was touched");
        assert!(cache.find("/", at(3, 1)).is_none(), "nobody knows what was touched by 3");
        learn(3, &[&work(2)]);
        assert!(cache.find("/", at(3, 1)).is_none());
        print(&cache, at(3, 1), kept(3, None).of([work(2)])).await;
        assert!(cache.find("/", at(3, 1)).is_some());
        learn(4, &[&Key::everything()]);
        assert!(cache.find("/", at(4, 1)).is_none());
    }

    #[tokio::test]
    async fn who_lost_count_of_the_changes_keeps_nothing() {
        let cache = Cache::new(CACHE_BYTES_MAX, None);
        print(&cache, at(1, 1), kept(1, None).of([work(1)])).await;
        cache.touched().learn(9, Vec::new(), true);
        assert!(cache.find("/", at(9, 1)).is_none());
    }

    #[tokio::test]
    async fn a_page_that_many_ask_for_becomes_smaller_and_stays_the_same() {
        let cache = Cache::new(CACHE_BYTES_MAX, None);
        let text: String = (0..900).map(|n| format!("Line {n} says {}. ", n * 7919 % 1009)).collect();
        print(&cache, at(1, 1), Kept::new(Printed::new(TEXT, text), 1).of([work(1)])).await;
        let first = cache.find("/", at(1, 1)).unwrap();
        for _ in 0..2 * ASKED_OFTEN {
            cache.find("/", at(1, 1)).unwrap();
        }
        cache.best.finish();
        let best = cache.find("/", at(1, 1)).unwrap();
        assert!(!Arc::ptr_eq(&first, &best) && best.printed.weight() <= first.printed.weight());
        assert_eq!((best.version, best.until, &best.made_of), (first.version, first.until, &first.made_of));
    }

    #[tokio::test]
    async fn a_herd_prints_a_page_once() {
        let cache = Arc::new(Cache::new(CACHE_BYTES_MAX, None));
        let prints = Arc::new(AtomicUsize::new(0));
        let herd: Vec<_> = (0..50)
            .map(|_| {
                let (cache, prints) = (cache.clone(), prints.clone());
                tokio::spawn(async move {
                    let print = async {
                        prints.fetch_add(1, Ordering::SeqCst);
                        tokio::task::yield_now().await;
                        Ok::<_, Infallible>(kept(1, None))
                    };
                    cache.find_or_print("/", at(1, 1), print).await.unwrap();
                })
            })
            .collect();
        for one in herd {
            one.await.unwrap();
        }
        assert_eq!(prints.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn what_is_not_there_is_not_kept() {
        let cache = Cache::new(CACHE_BYTES_MAX, None);
        let gone = Kept::new(Printed::new(TEXT, "gone").with_status(http::StatusCode::GONE), 1);
        print(&cache, at(1, 1), gone).await;
        assert!(cache.find("/", at(1, 1)).is_none());
        let failed = cache.find_or_print("/", at(1, 1), async { Err::<Kept, _>("broken") }).await;
        assert_eq!(failed.unwrap_err(), "broken");
    }

    #[tokio::test]
    async fn memory_stays_within_its_bound() {
        let cache = Cache::new(100 * 1024, None);
        for number in 0..500 {
            let page = Kept::new(Printed::new(TEXT, vec![b'x'; 2000]), 1);
            let key = format!("/{number}");
            cache.find_or_print(&key, at(1, 1), async { Ok::<_, Infallible>(page) }).await.unwrap();
        }
        cache.pages.run_pending_tasks();
        assert!(cache.pages.weighted_size() <= 100 * 1024, "{}", cache.pages.weighted_size());
    }
}
