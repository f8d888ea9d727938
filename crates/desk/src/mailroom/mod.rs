//! The mailroom: claims what is due, has it printed while what was printed before leaves, and never stops in between.
//! Owns the state of the relays in this process. What must not be forgotten is in the database.

mod answer;
mod bag;
pub(crate) mod book;
mod direct;
mod floor;
mod report;

pub(crate) use floor::{Letter, Post};
pub use report::{MailroomReport, RelayReport};

use crate::deliver::{InPress, Prepared};
use crate::desk::Desk;
use crate::error::Error;
use answer::{Blame, RelaySign};
use bag::Place;
use book::Book;
use floor::{Floor, Homeless, Next, READY_MAX};
use mail::Outcome;
use newsroom::delivery::Occasion;
use newsroom::id::DeliveryId;
use newsroom::time::{HOUR, MINUTE, Timestamp};
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use store::{Claimed, Pause, Settled};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tracing::{error, info, warn};

/// Deliveries claimed at once.
pub const DELIVERIES_PER_CLAIM: usize = 500;
/// How long a node may keep a row that has not been transmitted.
pub(crate) const LEASE_MINUTES: i64 = 2;
/// A lease that is longer was made by a clock that went astray.
const LEASE_MINUTES_MAX: i64 = 30;
/// How often the leases of what stands ready are renewed, and abandoned ones looked for.
const RENEW: Duration = Duration::from_secs(30);
/// Between two claims when there is nothing to do.
const PAUSE: Duration = Duration::from_millis(500);
/// After so many refusals that blame us an edition is paused: with connections still under way no more than fifty.
const REFUSALS_OF_US_MAX: u32 = 10;
/// How long a connection may take to finish what it has begun when the house closes.
const CLOSING: Duration = Duration::from_secs(10);
/// Nothing that waits for its next try waits longer, and no wave is frozen so long before its hour.
const WAIT_HOURS_MAX: i64 = 6;
/// A clock that moved by more than this against the one that never turns back was set.
const JUMP: i64 = HOUR;
/// Nothing expires for so long after the clock was set.
const DISTRUST: Duration = Duration::from_secs(600);
/// Rows of a paused occasion are put out of the way until a person lets them go on: a time no clock will see.
pub(crate) const PARKED: Timestamp = Timestamp(9_000_000_000_000_000);

/// The mailroom of one process.
pub(crate) struct Mailroom {
    floor: Mutex<Floor>,
    refusals: Mutex<HashMap<String, Refusals>>,
    bell: Notify,
    began: Instant,
    /// Microseconds since `began` until which nothing expires.
    distrust_until: AtomicI64,
}

/// Refusals of one occasion that blame us.
#[derive(Debug, Clone, Copy, Default)]
struct Refusals {
    certain: u32,
    /// Without a message taken in between.
    running: u32,
}

/// Whether a connection may be opened.
enum Opening {
    Now(mail::Relay),
    Later,
    Never,
}

/// How long the mailroom works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    /// Nothing is due any more and everything claimed is settled.
    NothingIsDue,
    Stopped,
}

impl Mailroom {
    pub(crate) fn new() -> Self {
        Self {
            floor: Mutex::default(),
            refusals: Mutex::default(),
            bell: Notify::new(),
            began: Instant::now(),
            distrust_until: AtomicI64::new(0),
        }
    }

    fn floor(&self) -> MutexGuard<'_, Floor> {
        self.floor.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Microseconds of a clock that never turns back.
    fn ticks(&self) -> i64 {
        i64::try_from(self.began.elapsed().as_micros()).unwrap_or(i64::MAX)
    }

    fn bell(&self) -> tokio::sync::futures::Notified<'_> {
        self.bell.notified()
    }

    /// Wakes whoever waits for work or for room.
    pub(crate) fn ring(&self) {
        self.bell.notify_waiters();
    }

    /// Whether what is too old may be given up: not just after the clock was set.
    pub(crate) fn may_expire(&self) -> bool {
        self.ticks() >= self.distrust_until.load(Ordering::Relaxed)
    }

    pub(crate) fn settled(&self, count: usize) {
        if count > 0 {
            let mut floor = self.floor();
            floor.in_hand = floor.in_hand.saturating_sub(count);
            drop(floor);
            self.ring();
        }
    }

    fn take(&self, lane: usize, generation: u64) -> Next {
        let now = self.ticks();
        self.floor().next(lane, generation, now)
    }

    fn may_open(&self, at: usize, generation: u64, now: Timestamp) -> Opening {
        let mut floor = self.floor();
        if floor.closing || floor.generation != generation {
            return Opening::Never;
        }
        let Some(lane) = floor.lanes.get_mut(at) else { return Opening::Never };
        match &lane.relay {
            Ok(relay) if lane.ready() > 0 => {
                let relay = relay.clone();
                if lane.breaker.may_try(now.0) { Opening::Now(relay) } else { Opening::Later }
            }
            Ok(_) | Err(_) => Opening::Later,
        }
    }

    fn opened(&self, place: &Place) {
        self.with_lane(place, |lane| {
            lane.connections += 1;
            lane.breaker.succeeded();
            lane.trouble = None;
        });
    }

    fn with_lane(&self, place: &Place, act: impl FnOnce(&mut floor::Lane)) {
        let mut floor = self.floor();
        if floor.generation == place.generation
            && let Some(lane) = floor.lanes.get_mut(place.lane)
        {
            act(lane);
        }
    }

    /// A connection could not be opened, or broke before anything came through. Gives whether others of the relay work:
    /// then it only has enough of them.
    async fn failed(&self, place: &Place, cause: &str) -> bool {
        let now = place.desk.now().0;
        let (mut left_alone, mut others) = (false, false);
        self.with_lane(place, |lane| {
            others = lane.connections > 0;
            lane.trouble = Some(cause.to_owned());
            if !others {
                lane.breaker.failed(now);
                left_alone = lane.breaker.closed_until(now).is_some();
            }
        });
        warn!(relay = %place.relay, "relay {} does not work: {cause}", place.relay);
        if left_alone {
            let homeless = {
                let mut floor = self.floor();
                floor.empty(place.lane);
                floor.deal(now)
            };
            place.desk.send_back(&place.book, homeless).await;
            self.ring();
        }
        others
    }

    fn closed(&self, place: &Place) {
        self.with_lane(place, |lane| lane.connections = lane.connections.saturating_sub(1));
    }

    /// What became of a message: for its row, for the relay, for the edition. `None`: it was not ours to send any more.
    async fn report(&self, place: &Place, letter: Letter, outcome: Option<Outcome>) {
        let (now, ticks) = (place.desk.now(), self.ticks());
        self.with_lane(place, |lane| lane.arrived(&letter));
        let id = letter.delivery.id;
        let Some(outcome) = outcome else {
            // Whoever claims it next is told why at the envelope.
            return place.book.settle(id, Settled::Returned { next_at: now }).await;
        };
        if let Outcome::NotTransmitted(_) = outcome
            && self.has_another(place, id, now)
        {
            return place.book.settle(id, Settled::Returned { next_at: now }).await;
        }
        let attempt = letter.delivery.attempt;
        let mut verdict = answer::verdict(&letter.delivery, letter.promise, &place.relay, outcome, now);
        if place.direct && verdict.blame == Blame::Us {
            // One provider's word about us is not that of the next.
            verdict.blame = Blame::PerhapsUs;
        }
        self.with_lane(place, |lane| match verdict.relay {
            RelaySign::Works => {
                lane.works(&letter);
                lane.sent += u64::from(matches!(verdict.settled, Settled::Sent { .. }));
            }
            RelaySign::SlowDown => {
                lane.slow_down(&letter, ticks);
            }
            RelaySign::Broke => {}
        });
        if let Some(words) = answer::worth_a_line(&verdict.settled) {
            info!(delivery.id = %id, attempt, "delivery `{id}` {words}");
        }
        let pause = self.blame(&letter.delivery.occasion, &verdict, &place.relay, now);
        place.book.settle(id, verdict.settled).await;
        if let Some(pause) = pause {
            place.desk.pause_occasion(&place.book, letter.delivery.occasion, pause).await;
        }
    }

    /// Whether another relay can carry a message that this one cannot have had.
    fn has_another(&self, place: &Place, id: DeliveryId, now: Timestamp) -> bool {
        let mut floor = self.floor();
        floor.generation == place.generation && !floor.closing && floor.another_than(id, place.lane, now.0)
    }

    /// Counts who is blamed; gives a pause when it is us too often.
    fn blame(&self, occasion: &Occasion, verdict: &answer::Verdict, relay: &str, now: Timestamp) -> Option<Pause> {
        let Occasion::Edition(..) = occasion else { return None };
        let reason = match &verdict.settled {
            Settled::Refused { reply, .. } => reply.clone(),
            Settled::Sent { .. } => String::new(),
            Settled::Deferred { .. }
            | Settled::Uncertain { .. }
            | Settled::Suppressed { .. }
            | Settled::Expired
            | Settled::Returned { .. } => return None,
        };
        let mut all = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        match verdict.blame {
            Blame::Nobody if all.is_empty() => return None,
            Blame::Nobody | Blame::Us | Blame::PerhapsUs => {}
        }
        let count = all.entry(occasion.key()).or_default();
        match verdict.blame {
            Blame::Nobody => count.running = 0,
            Blame::Us => (count.certain, count.running) = (count.certain + 1, count.running + 1),
            Blame::PerhapsUs => count.running += 1,
        }
        if count.certain.max(count.running) < REFUSALS_OF_US_MAX {
            return None;
        }
        *count = Refusals::default();
        Some(Pause { at: now, relay: relay.to_owned(), reason })
    }
}

impl Desk {
    /// Sends what is due and waits until all of it is settled; gives how many rows were claimed.
    pub(crate) async fn deliver_due(&self) -> Result<u64, Error> {
        self.mail(Until::NothingIsDue, std::future::pending()).await
    }

    /// Works until told otherwise. When it stops, what is open is finished, what was only claimed is given back, and
    /// everything that relays answered is on the disk.
    pub(crate) async fn mail(&self, until: Until, stop: impl Future<Output = ()>) -> Result<u64, Error> {
        let (book, pages) = book::open();
        let keeper = tokio::spawn({
            let desk = self.clone();
            async move { desk.keep_book(pages).await }
        });
        self.mailroom().floor().open();
        let mut carriers = JoinSet::new();
        let mut press = None;
        let worked = self.work(until, stop, &book, &mut carriers, &mut press).await;
        let mut left = {
            let mut floor = self.mailroom().floor();
            floor.closing = true;
            floor.ids()
        };
        self.mailroom().ring();
        left.extend(press.into_iter().flat_map(|press: InPress| press.ids));
        self.return_untried(&book, left, self.now()).await;
        let finish = async { while carriers.join_next().await.is_some() {} };
        if tokio::time::timeout(CLOSING, finish).await.is_err() {
            warn!(
                "some connections did not finish within {CLOSING:?}; what they had in the air is settled by its promise"
            );
            carriers.shutdown().await;
        }
        drop(book);
        if keeper.await.is_err() {
            error!("the book of the mailroom ended with a panic");
        }
        worked
    }

    async fn work(
        &self,
        until: Until,
        stop: impl Future<Output = ()>,
        book: &Book,
        carriers: &mut JoinSet<()>,
        press: &mut Option<InPress>,
    ) -> Result<u64, Error> {
        let mut stop = std::pin::pin!(stop);
        let (mut claimed, mut failures, mut plans) = (0, 0_u32, None);
        let mut upkeep = Upkeep::new(self);
        loop {
            self.follow_plans(&mut plans, book, carriers);
            upkeep.look(self, until).await;
            let round = tokio::select! {
                biased;
                () = &mut stop => return Ok(claimed),
                round = self.claim_round(until, book, press) => round,
            };
            let wait = match round {
                Ok(Round::Claimed(count)) => {
                    (claimed, failures) = (claimed + count, 0);
                    continue;
                }
                Ok(Round::Over) => return Ok(claimed),
                Ok(Round::Wait) => PAUSE,
                Err(fault) if until == Until::NothingIsDue => return Err(fault),
                Err(fault) => {
                    failures = failures.saturating_add(1);
                    error!(failures, "mail could not be claimed or printed: {fault}");
                    PAUSE * failures.min(60)
                }
            };
            let bell = self.mailroom().bell();
            tokio::select! {
                biased;
                () = &mut stop => return Ok(claimed),
                _ = tokio::time::timeout(wait, bell) => {}
            }
        }
    }

    /// Connections for the relays as they are now.
    fn follow_plans(&self, known: &mut Option<Arc<Vec<crate::RelayPlan>>>, book: &Book, carriers: &mut JoinSet<()>) {
        let plans = self.relays();
        if known.as_ref().is_some_and(|known| Arc::ptr_eq(known, &plans)) {
            return;
        }
        let mut floor = self.mailroom().floor();
        floor.build(&plans);
        let generation = floor.generation;
        drop(floor);
        self.mailroom().ring();
        for (lane, plan) in plans.iter().enumerate() {
            let relay: Arc<str> = plan.name.as_str().into();
            for _ in 0..plan.limits.connections.max(1) {
                let (desk, book, relay, direct) = (self.clone(), book.clone(), relay.clone(), plan.direct);
                let place = Place { desk, book, lane, generation, relay, direct };
                carriers.spawn(bag::carry(place));
            }
        }
        *known = Some(plans);
    }

    /// Claims one batch, if there is room, a relay that works, and something due; it is sealed on other threads while the
    /// next is claimed, and what was sealed meanwhile is dealt.
    async fn claim_round(&self, until: Until, book: &Book, press: &mut Option<InPress>) -> Result<Round, Error> {
        let room = self.mailroom();
        let now = self.now();
        let (homeless, ready, open, in_hand) = {
            let mut floor = room.floor();
            (floor.deal(now.0), floor.ready(), floor.is_open(now.0), floor.in_hand)
        };
        self.send_back(book, homeless).await;
        let in_press = press.as_ref().map_or(0, |press| press.ids.len());
        let claimed = match open && ready + in_press + DELIVERIES_PER_CLAIM <= READY_MAX {
            true => self.claim().await?,
            false => Vec::new(),
        };
        let count = claimed.len();
        let next = self.begin(claimed, book).await;
        if let Some(mut done) = std::mem::replace(press, next?) {
            self.deal_out(&mut done, book).await?;
            return Ok(Round::Claimed(count as u64));
        }
        Ok(match count {
            0 if until == Until::NothingIsDue && in_hand == 0 => Round::Over,
            0 => Round::Wait,
            _ => Round::Claimed(count as u64),
        })
    }

    /// Begins to seal what was claimed. What cannot even be looked up is given back.
    async fn begin(&self, claimed: Vec<Claimed>, book: &Book) -> Result<Option<InPress>, Error> {
        if claimed.is_empty() {
            return Ok(None);
        }
        let ids: Vec<DeliveryId> = claimed.iter().map(|claimed| claimed.delivery.id).collect();
        self.mailroom().floor().in_hand += ids.len();
        match self.prepare(claimed).await {
            Ok(press) => Ok(Some(press)),
            Err(fault) => {
                self.return_untried(book, ids, self.now().plus(MINUTE)).await;
                Err(fault)
            }
        }
    }

    /// Waits until a batch is sealed and deals it to the relays.
    async fn deal_out(&self, press: &mut InPress, book: &Book) -> Result<(), Error> {
        let prepared = match press.finished().await {
            Ok(prepared) => prepared,
            Err(fault) => {
                self.return_untried(book, std::mem::take(&mut press.ids), self.now().plus(MINUTE)).await;
                return Err(fault);
            }
        };
        let mut posts = Vec::with_capacity(prepared.len());
        for (id, prepared) in prepared {
            match prepared {
                Prepared::Ready(post) => posts.push(*post),
                Prepared::Stop(settled) => book.settle(id, settled).await,
            }
        }
        let posts = self.find_routes(posts, book).await;
        let homeless = {
            let mut floor = self.mailroom().floor();
            floor.accept(posts);
            floor.deal(self.now().0)
        };
        self.mailroom().ring();
        self.send_back(book, homeless).await;
        Ok(())
    }

    async fn return_untried(&self, book: &Book, ids: Vec<DeliveryId>, next_at: Timestamp) {
        for id in ids {
            book.settle(id, Settled::Returned { next_at }).await;
        }
    }

    /// Gives back what no relay can carry now.
    async fn send_back(&self, book: &Book, homeless: Vec<Homeless>) {
        let now = self.now();
        for Homeless { id, wait } in homeless {
            book.settle(id, Settled::Returned { next_at: now.plus(wait) }).await;
        }
    }

    /// Nothing more of an occasion leaves: a relay refuses us, and would refuse the rest as well.
    async fn pause_occasion(&self, book: &Book, occasion: Occasion, pause: Pause) {
        let pulled = self.mailroom().floor().pull_back(&occasion);
        for id in pulled {
            book.settle(id, Settled::Returned { next_at: PARKED }).await;
        }
        error!(relay = pause.relay, "{} is paused: relay {} refuses what we send", occasion.key(), pause.relay);
        if let Err(fault) = self.note_pause(occasion.clone(), pause).await {
            error!("that {} is paused could not be written down: {fault}", occasion.key());
        }
        self.mailroom().ring();
    }
}

enum Round {
    Claimed(u64),
    /// Nothing is due, and nothing is under way.
    Over,
    Wait,
}

/// What is looked after now and then: leases, the clock, the report.
struct Upkeep {
    renewed: Option<Instant>,
    clock: (Instant, Timestamp),
    report: report::Reporter,
}

impl Upkeep {
    fn new(desk: &Desk) -> Self {
        Self { renewed: None, clock: (Instant::now(), desk.now()), report: report::Reporter::default() }
    }

    async fn look(&mut self, desk: &Desk, until: Until) {
        if until == Until::Stopped
            && self.clock_was_set(desk)
            && let Err(fault) = desk.hasten().await
        {
            error!("what waits for a time that the clock has left could not be hastened: {fault}");
        }
        if self.renewed.is_none_or(|at| at.elapsed() >= RENEW) {
            self.renewed = Some(Instant::now());
            if let Err(fault) = desk.renew_and_sweep().await {
                error!("leases could not be renewed: {fault}");
            }
        }
        self.report.tell(desk).await;
    }

    /// Whether the clock was set since the last look. Nothing expires for a while then.
    fn clock_was_set(&mut self, desk: &Desk) -> bool {
        let (at, shown) = self.clock;
        let now = desk.now();
        let moved = now.0 - shown.0 - i64::try_from(at.elapsed().as_micros()).unwrap_or(0);
        self.clock = (Instant::now(), now);
        let was_set = moved.abs() > JUMP;
        if was_set {
            warn!(
                minutes = moved / MINUTE,
                "the clock was set by {} minutes; nothing expires for a while",
                moved / MINUTE
            );
            let room = desk.mailroom();
            let until = room.ticks() + i64::try_from(DISTRUST.as_micros()).unwrap_or(0);
            room.distrust_until.store(until, Ordering::Relaxed);
        }
        was_set
    }
}

impl Desk {
    /// After the clock was set: what waits for a time that is too far away now may be tried at once.
    async fn hasten(&self) -> Result<(), Error> {
        let now = self.now();
        let hastened = self
            .store()
            .change_guarded(move |change| {
                Ok::<_, Error>(change.hasten_deliveries(now, now.plus(WAIT_HOURS_MAX * HOUR), PARKED)?)
            })
            .await?;
        if hastened > 0 {
            warn!(hastened, "{hastened} deliveries waited for a time that the clock has left");
        }
        Ok(())
    }

    /// Keeps what stands ready ours, and takes what nodes that went away have left.
    async fn renew_and_sweep(&self) -> Result<(), Error> {
        let ids = self.mailroom().floor().ids();
        let (now, node) = (self.now(), self.node().to_owned());
        let swept = self
            .store()
            .change_guarded(move |change| {
                change.renew_leases(&node, &ids, now, now.plus(LEASE_MINUTES * MINUTE))?;
                Ok::<_, Error>(change.sweep_leases(now, now.plus(LEASE_MINUTES_MAX * MINUTE))?)
            })
            .await?;
        if swept != store::Swept::default() {
            let store::Swept { queued, again, uncertain } = swept;
            warn!(
                queued,
                again, uncertain, "a node went away: {queued} queued again, {again} sent again, {uncertain} uncertain"
            );
        }
        Ok(())
    }
}
