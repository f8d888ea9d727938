//! The desk itself: what every verb needs at hand. Cheap to clone.

use crate::caches::Caches;
use crate::clock::Clock;
use crate::error::Error;
use crate::mailroom::Mailroom;
use crate::outgoing::Outgoing;
use crate::relays::RelayPlan;
use crate::settings::Paper;
use crate::theme::ThemeReport;
use crate::token::{self, Purpose, Secret};
use arc_swap::ArcSwap;
use newsroom::time::{HOUR, Timestamp};
use press::theme::Theme;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::time::{Duration, Instant};
use store::blobs::Disk;
use store::{Change, Store, View};

/// How mail leaves.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// Address in `From`, on a domain of our own.
    pub from: String,
    /// Domain of the envelope's sender, where bounces go. Normally the domain of `from`.
    pub bounce_domain: String,
    /// Letters leave without a DKIM signature of ours: the relay alone signs.
    pub unsigned: bool,
}

/// How what comes back for letters reaches us.
#[derive(Debug, Clone, Default)]
pub struct Returns {
    /// A receiver takes mail for the bounce domain, so letters may name addresses there.
    pub receives: bool,
    /// What providers prove themselves by.
    pub keys: mail::webhook::Keys,
    /// The mailbox on another server from which it is fetched.
    pub maildrop: Option<mail::maildrop::MaildropSettings>,
}

/// What is needed to open a desk.
pub struct Opening {
    pub store: Store,
    pub pictures: PathBuf,
    pub clock: Clock,
    /// `https://paper.example`, no slash at the end.
    pub public_url: String,
    pub mail: MailSettings,
    pub outgoing: Outgoing,
    pub caches: Caches,
    pub returns: Returns,
    /// What mail leaves by. Empty: nothing can leave, and everybody is told so.
    pub relays: Vec<RelayPlan>,
    /// Names this process in leases.
    pub node: String,
}

/// The desk. Clones share everything.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

struct Inner {
    store: Store,
    blobs: Disk,
    clock: Clock,
    public_url: String,
    mail: MailSettings,
    outgoing: Outgoing,
    caches: Caches,
    returns: Returns,
    relays: ArcSwap<Vec<RelayPlan>>,
    mailroom: Mailroom,
    node: String,
    secret: Secret,
    theme: ArcSwap<Theme>,
    theme_seen: ArcSwap<ThemeReport>,
    last_id: AtomicI64,
    paper: ArcSwap<Paper>,
    version: ArcSwap<Version>,
    /// Changes this process has made: after each the version is asked for again.
    changes: AtomicU64,
    /// One asks for the version while others answer with what is known.
    asking: Mutex<()>,
    /// Until when this process has looked for embargoes that ended.
    revealed_until: AtomicI64,
    /// The content version for which this process has let the cache in front be told.
    purge_noted: AtomicI64,
}

/// The content version as it was when somebody asked.
struct Version {
    version: i64,
    asked: Instant,
    changes: u64,
}

/// How long another process's change may stay unseen.
const VERSION_KEPT: Duration = Duration::from_millis(100);

/// The key of the paper's secret among the settings.
const SECRET: &str = "secret";

impl Desk {
    /// Opens the desk over a migrated store; makes the paper's secret the first time.
    pub async fn open(opening: Opening) -> Result<Self, Error> {
        let secret = secret(&opening.store).await?;
        let paper = opening.store.read(Paper::load).await?;
        let now = opening.clock.now();
        Ok(Self(Arc::new(Inner {
            blobs: Disk::open(&opening.pictures)?,
            theme: ArcSwap::from_pointee(Theme::new().map_err(|error| Error::Broken(error.to_string()))?),
            theme_seen: ArcSwap::default(),
            store: opening.store,
            clock: opening.clock,
            public_url: opening.public_url.trim_end_matches('/').to_owned(),
            mail: opening.mail,
            outgoing: opening.outgoing,
            caches: opening.caches,
            returns: opening.returns,
            relays: ArcSwap::from_pointee(opening.relays),
            mailroom: Mailroom::new(),
            node: opening.node,
            secret,
            last_id: AtomicI64::new(0),
            version: ArcSwap::from_pointee(Version { version: paper.version, asked: Instant::now(), changes: 0 }),
            changes: AtomicU64::new(0),
            asking: Mutex::new(()),
            revealed_until: AtomicI64::new(now.0 - HOUR),
            purge_noted: AtomicI64::new(0),
            paper: ArcSwap::from_pointee(paper),
        })))
    }

    /// For looking. Changes go through verbs.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Bytes of pictures by their hash.
    pub fn blobs(&self) -> &Disk {
        &self.0.blobs
    }

    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(crate) fn theme_in_use(&self) -> &ArcSwap<Theme> {
        &self.0.theme
    }

    pub(crate) fn theme_seen(&self) -> &ArcSwap<ThemeReport> {
        &self.0.theme_seen
    }

    pub fn public_url(&self) -> &str {
        &self.0.public_url
    }

    pub fn mail_settings(&self) -> &MailSettings {
        &self.0.mail
    }

    /// How what comes back reaches us.
    pub fn returns(&self) -> &Returns {
        &self.0.returns
    }

    /// The cache in front of us.
    pub fn caches(&self) -> &Caches {
        &self.0.caches
    }

    /// For asking other web servers; never inside a transaction.
    pub fn outgoing(&self) -> &Outgoing {
        &self.0.outgoing
    }

    pub(crate) fn relay_plans(&self) -> &ArcSwap<Vec<RelayPlan>> {
        &self.0.relays
    }

    pub(crate) fn mailroom(&self) -> &Mailroom {
        &self.0.mailroom
    }

    pub fn node(&self) -> &str {
        &self.0.node
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.0.secret
    }

    /// The newsroom's settings as of the last change that this process saw.
    pub fn paper(&self) -> Arc<Paper> {
        self.0.paper.load_full()
    }

    /// Raised by every change that readers could see; what is printed is kept for one version. This process knows
    /// its own changes at once and those of others within [`VERSION_KEPT`]: asking costs readers next to nothing.
    pub fn content_version(&self) -> Result<i64, Error> {
        let known = self.0.version.load();
        if known.asked.elapsed() < VERSION_KEPT && known.changes == self.0.changes.load(Ordering::Acquire) {
            return Ok(known.version);
        }
        let changes = self.0.changes.load(Ordering::Acquire);
        // After a change of its own nobody may answer with what was known before; otherwise one asks for all.
        let turn = if known.changes == changes {
            match self.0.asking.try_lock() {
                Ok(turn) => turn,
                Err(TryLockError::WouldBlock) => return Ok(known.version),
                Err(TryLockError::Poisoned(turn)) => turn.into_inner(),
            }
        } else {
            self.0.asking.lock().unwrap_or_else(PoisonError::into_inner)
        };
        let asked = Instant::now();
        let version = self.0.store.read_now(|view| Ok::<_, Error>(view.content_version()?))?;
        if version != self.0.paper.load().version {
            let paper = self.0.store.read_now(Paper::load)?;
            self.0.paper.store(Arc::new(paper));
        }
        self.0.version.store(Arc::new(Version { version, asked, changes }));
        drop(turn);
        Ok(version)
    }

    pub(crate) fn revealed_until(&self) -> Timestamp {
        Timestamp(self.0.revealed_until.load(Ordering::Acquire))
    }

    pub(crate) fn set_revealed_until(&self, now: Timestamp) {
        self.0.revealed_until.store(now.0, Ordering::Release);
    }

    pub(crate) fn purge_noted(&self) -> i64 {
        self.0.purge_noted.load(Ordering::Acquire)
    }

    pub(crate) fn set_purge_noted(&self, version: i64) {
        self.0.purge_noted.store(version, Ordering::Release);
    }

    /// Signed time for sign-up forms, by the hour, so that pages can be kept.
    pub fn stamp(&self) -> String {
        self.0.secret.seal(Purpose::Stamp, self.now().0 / HOUR * HOUR)
    }

    /// A fresh id.
    pub(crate) fn id(&self) -> i64 {
        let now = self.now().0;
        let chance = token::chance();
        let step = |last| Some(newsroom::id::next(last, now, chance));
        let last = self.0.last_id.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step);
        newsroom::id::next(last.unwrap_or_else(|last| last), now, chance)
    }

    /// One look.
    pub(crate) async fn look<T, F>(&self, look: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&View<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.0.store.read(look).await
    }

    /// One transaction.
    pub(crate) async fn change<T, F>(&self, change: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Change<'_>) -> Result<T, Error> + Send + 'static,
    {
        let done = self.0.store.change(change).await;
        self.0.changes.fetch_add(1, Ordering::AcqRel);
        done
    }
}

/// The first process that comes makes it; all others read that one.
async fn secret(store: &Store) -> Result<Secret, Error> {
    let fresh = Secret::new().to_hex();
    let kept = store.change(move |change| Ok::<_, Error>(change.set_once(SECRET, &fresh)?)).await?;
    Secret::from_hex(&kept)
        .ok_or_else(|| Error::Broken("The paper's secret in the database is damaged; restore it from a backup.".into()))
}
