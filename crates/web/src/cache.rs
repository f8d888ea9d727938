//! Printed pages kept in memory, bounded by bytes, each good for one content version and until a moment.
//! A herd that asks for the same page prints it once. Knows no page; the key is the canonical address.

use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use newsroom::time::Timestamp;
use tokio::sync::Mutex;

use crate::printed::Printed;

/// Bytes of printed pages, unless the settings say otherwise.
pub const CACHE_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Addresses whose first print may be under way at the same time; others that share a place wait for it.
const FLIGHTS: usize = 256;

/// What is true while one request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub version: i64,
    pub now: Timestamp,
}

/// A page and how long it says the truth.
#[derive(Debug, Clone)]
pub struct Kept {
    pub printed: Printed,
    /// The content version it was printed from.
    pub version: i64,
    /// First moment at which something on it is wrong ("Today 09:05"). None: only a change can do that.
    pub until: Option<Timestamp>,
}

impl Kept {
    fn is_true_at(&self, moment: Moment) -> bool {
        self.version == moment.version && self.until.is_none_or(|until| moment.now < until)
    }
}

/// The pages.
pub struct Cache {
    pages: moka::sync::Cache<String, Arc<Kept>>,
    flights: Vec<Mutex<()>>,
    hasher: RandomState,
}

impl Cache {
    /// Keeps at most about `bytes_max` bytes.
    pub fn new(bytes_max: u64) -> Cache {
        let weigh =
            |key: &String, kept: &Arc<Kept>| u32::try_from(key.len() + kept.printed.weight()).unwrap_or(u32::MAX);
        Cache {
            pages: moka::sync::Cache::builder().max_capacity(bytes_max).weigher(weigh).build(),
            flights: (0..FLIGHTS).map(|_| Mutex::new(())).collect(),
            hasher: RandomState::new(),
        }
    }

    /// The page, if it is here and still true.
    pub fn find(&self, key: &str, moment: Moment) -> Option<Arc<Kept>> {
        self.pages.get(key).filter(|kept| kept.is_true_at(moment))
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
        let kept = Arc::new(print.await?);
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
        Kept { printed: Printed::new(TEXT, "news"), version, until: until.map(Timestamp) }
    }

    async fn print(cache: &Cache, moment: Moment, page: Kept) {
        cache.find_or_print("/", moment, async { Ok::<_, Infallible>(page) }).await.unwrap();
    }

    #[tokio::test]
    async fn a_page_is_dropped_when_anything_changes_and_when_its_time_is_over() {
        let cache = Cache::new(CACHE_BYTES_MAX);
        print(&cache, at(1, 10), kept(1, Some(20))).await;
        assert!(cache.find("/", at(1, 19)).is_some());
        assert!(cache.find("/", at(1, 20)).is_none(), "midnight");
        assert!(cache.find("/", at(2, 10)).is_none(), "published");
        assert!(cache.find("/other", at(1, 10)).is_none());
    }

    #[tokio::test]
    async fn a_page_printed_while_something_was_published_is_not_shown_as_new() {
        let cache = Cache::new(CACHE_BYTES_MAX);
        print(&cache, at(1, 10), kept(1, None)).await;
        assert!(cache.find("/", at(2, 10)).is_none());
    }

    #[tokio::test]
    async fn a_herd_prints_a_page_once() {
        let cache = Arc::new(Cache::new(CACHE_BYTES_MAX));
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
        let cache = Cache::new(CACHE_BYTES_MAX);
        let gone = Kept { printed: Printed::new(TEXT, "gone").with_status(http::StatusCode::GONE), ..kept(1, None) };
        print(&cache, at(1, 1), gone).await;
        assert!(cache.find("/", at(1, 1)).is_none());
        let failed = cache.find_or_print("/", at(1, 1), async { Err::<Kept, _>("broken") }).await;
        assert_eq!(failed.unwrap_err(), "broken");
    }

    #[tokio::test]
    async fn memory_stays_within_its_bound() {
        let cache = Cache::new(100 * 1024);
        for number in 0..500 {
            let page = Kept { printed: Printed::new(TEXT, vec![b'x'; 2000]), ..kept(1, None) };
            let key = format!("/{number}");
            cache.find_or_print(&key, at(1, 1), async { Ok::<_, Infallible>(page) }).await.unwrap();
        }
        cache.pages.run_pending_tasks();
        assert!(cache.pages.weighted_size() <= 100 * 1024, "{}", cache.pages.weighted_size());
    }
}
