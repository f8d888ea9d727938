//! Where finished messages stand until a connection takes them: one lane for each relay, in it one row for each
//! destination, so that a slow one holds up nobody else. Knows no network and no database.

use crate::relays::RelayPlan;
use mail::breaker::Breaker;
use mail::pace::Pace;
use newsroom::delivery::{Delivery, Promise};
use newsroom::id::DeliveryId;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// Messages that stand ready at once, over all lanes: some seconds of work, and a bound on memory.
pub(crate) const READY_MAX: usize = 2_000;
/// Messages that wait in one lane for one destination that is limited; more go back into the queue.
const DOMAIN_READY_MAX: usize = 100;

/// A finished message.
pub(crate) struct Post {
    pub(crate) letter: Letter,
    pub(crate) envelope: mail::Envelope,
    pub(crate) message: mail::MailData,
}

/// What is known of a message while it is on its way.
pub(crate) struct Letter {
    pub(crate) delivery: Delivery,
    /// Where it goes, in small letters.
    pub(crate) domain: String,
    pub(crate) promise: Promise,
    /// Where it goes when no relay stands between; looked up only where there is such a lane.
    pub(crate) route: Option<Arc<mail::mx::Route>>,
}

/// What becomes of a message nobody can carry now.
pub(crate) struct Homeless {
    pub(crate) id: DeliveryId,
    /// How long it had better wait, in microseconds.
    pub(crate) wait: i64,
}

/// What a connection is told when it asks for work.
pub(crate) enum Next {
    Post(Box<Post>),
    Wait(Duration),
    /// Nothing there: until the bell rings.
    Sleep,
    /// The lane is given up, or the house closes.
    Quit,
}

/// All lanes.
#[derive(Default)]
pub(crate) struct Floor {
    pub(crate) lanes: Vec<Lane>,
    /// Raised when the lanes change; connections of an older generation quit.
    pub(crate) generation: u64,
    pub(crate) closing: bool,
    /// Rows claimed and not settled yet.
    pub(crate) in_hand: usize,
    waiting: VecDeque<Post>,
    /// Relays, one bit each, whose connection broke before they can have had the message.
    tried: HashMap<DeliveryId, u32>,
}

/// One relay's lane.
pub(crate) struct Lane {
    pub(crate) plan: RelayPlan,
    pub(crate) relay: Result<mail::Relay, String>,
    pub(crate) pace: Pace,
    pub(crate) breaker: Breaker,
    pub(crate) connections: usize,
    /// Messages it took since this process began.
    pub(crate) sent: u64,
    /// What went wrong last, until something goes right.
    pub(crate) trouble: Option<String>,
    destinations: BTreeMap<String, Destination>,
    /// Destinations with something to carry; the next in turn is first.
    turn: VecDeque<String>,
    ready: usize,
    credit: i64,
}

#[derive(Default)]
struct Destination {
    posts: VecDeque<Post>,
    on_their_way: usize,
    pace: Option<Pace>,
    /// Connections to a provider's servers and whether they work, where no relay stands between.
    connections: usize,
    breaker: Breaker,
}

/// What came of asking one destination for a message.
pub(crate) enum Taken {
    Post(Box<Post>),
    /// It must wait for so long; others need not.
    Waits(i64),
    /// The relay itself must wait.
    AllWait(i64),
    Nothing,
}

enum Placed {
    InLane,
    NoRoom(Post),
    NoRelay(Post),
    Later(Homeless),
}

impl Lane {
    fn new(plan: RelayPlan) -> Self {
        let relay = mail::Relay::new(plan.settings.clone()).map_err(|error| error.to_string());
        Self {
            relay,
            pace: Pace::new(plan.limits.per_minute),
            breaker: Breaker::default(),
            connections: 0,
            sent: 0,
            trouble: None,
            destinations: BTreeMap::new(),
            turn: VecDeque::new(),
            ready: 0,
            credit: 0,
            plan,
        }
    }

    pub(crate) fn ready(&self) -> usize {
        self.ready
    }

    /// What a letter's destination is called here: its domain, or whoever takes mail for it where no relay stands between.
    fn key<'l>(&self, letter: &'l Letter) -> &'l str {
        match &letter.route {
            Some(route) if self.plan.direct => &route.provider,
            Some(_) | None => &letter.domain,
        }
    }

    fn push(&mut self, post: Post) {
        let key = self.key(&post.letter).to_owned();
        let destination = self.destinations.entry(key.clone()).or_default();
        if destination.posts.is_empty() {
            self.turn.push_back(key);
        }
        destination.posts.push_back(post);
        self.ready += 1;
    }

    /// The first message of the first destination in turn that may have one.
    fn take(&mut self, now: i64) -> Next {
        let mut wait = i64::MAX;
        for _ in 0..self.turn.len() {
            let Some(domain) = self.turn.pop_front() else { break };
            match self.take_of(domain, true, now) {
                Taken::Post(post) => return Next::Post(post),
                Taken::AllWait(until) => return Next::Wait(micros(until)),
                Taken::Waits(until) => wait = wait.min(until),
                Taken::Nothing => {}
            }
        }
        if wait == i64::MAX { Next::Sleep } else { Next::Wait(micros(wait)) }
    }

    /// A message of this destination, which was taken out of the turn and stands in it again as long as it has more.
    /// Whether it `begins` something tells connections to a provider from more work for those it has.
    fn take_of(&mut self, domain: String, begins: bool, now: i64) -> Taken {
        let limits = &self.plan.limits;
        let Some(destination) = self.destinations.get_mut(&domain) else { return Taken::Nothing };
        let busy = if self.plan.direct { destination.connections } else { destination.on_their_way };
        let full = begins && limits.domain_connections.is_some_and(|max| busy >= max);
        let leave = match (&mut destination.pace, limits.domain_per_minute) {
            _ if full => Err(i64::MAX),
            (Some(pace), _) => pace.take(now),
            (none, Some(limit)) => none.insert(Pace::new(Some(limit))).take(now),
            (None, None) => Ok(()),
        };
        if let Err(until) = leave {
            self.turn.push_back(domain);
            return Taken::Waits(until);
        }
        if let Err(until) = self.pace.take(now) {
            if let Some(pace) = &mut destination.pace {
                pace.give_back();
            }
            self.turn.push_front(domain);
            return Taken::AllWait(until);
        }
        let Some(post) = destination.posts.pop_front() else { return Taken::Nothing };
        destination.on_their_way += 1;
        destination.connections += usize::from(begins && self.plan.direct);
        self.ready -= 1;
        if !destination.posts.is_empty() {
            self.turn.push_back(domain);
        }
        Taken::Post(Box::new(post))
    }

    /// The next message for a connection that leads to one destination.
    fn take_for(&mut self, key: &str, now: i64) -> Taken {
        let at = self.turn.iter().position(|domain| domain == key);
        match at.and_then(|at| self.turn.remove(at)) {
            Some(domain) => self.take_of(domain, false, now),
            None => Taken::Nothing,
        }
    }

    /// A message is no longer on its way.
    pub(crate) fn arrived(&mut self, letter: &Letter) {
        let key = self.key(letter).to_owned();
        let Some(destination) = self.destinations.get_mut(&key) else { return };
        destination.on_their_way = destination.on_their_way.saturating_sub(1);
        self.forget(&key);
    }

    /// A connection to one provider is closed, or was never opened.
    pub(crate) fn hung_up(&mut self, provider: &str) {
        let Some(destination) = self.destinations.get_mut(provider) else { return };
        destination.connections = destination.connections.saturating_sub(1);
        self.forget(provider);
    }

    /// What is limited or in trouble is remembered, or it would get its first messages again and again.
    fn forget(&mut self, key: &str) {
        let idle = |to: &Destination| to.on_their_way == 0 && to.connections == 0 && to.posts.is_empty();
        let forgettable = |to: &Destination| idle(to) && to.pace.is_none() && to.breaker.is_sound();
        if self.destinations.get(key).is_some_and(forgettable) {
            self.destinations.remove(key);
        }
    }

    /// Something came through: the relay works, or this provider's servers do.
    pub(crate) fn works(&mut self, letter: &Letter) {
        self.trouble = None;
        if !self.plan.direct {
            return self.breaker.succeeded();
        }
        let key = self.key(letter).to_owned();
        if let Some(destination) = self.destinations.get_mut(&key) {
            destination.breaker.succeeded();
        }
    }

    /// The other side has too much: the relay, or this provider's servers.
    pub(crate) fn slow_down(&mut self, letter: &Letter, now: i64) {
        let key = self.key(letter).to_owned();
        if self.plan.direct {
            let allowed = self.plan.limits.domain_per_minute;
            let destination = self.destinations.entry(key.clone()).or_default();
            destination.pace.get_or_insert_with(|| Pace::new(allowed)).slow_down(now);
            self.trouble = Some(format!("{key} said that it has too much; it gets less for a while."));
        } else {
            self.pace.slow_down(now);
            self.trouble = Some("It said that it has too much; it gets less for a while.".into());
        }
    }

    /// No server of this provider takes a connection. Once that has happened too often, what waits for it is given back.
    pub(crate) fn unreachable(&mut self, provider: &str, cause: &str, now: i64) -> Vec<Homeless> {
        self.trouble = Some(format!("{provider}: {cause}"));
        let destination = self.destinations.entry(provider.to_owned()).or_default();
        destination.breaker.failed(now);
        let Some(until) = destination.breaker.closed_until(now) else { return Vec::new() };
        self.ready -= destination.posts.len();
        self.turn.retain(|domain| domain != provider);
        let posts = destination.posts.drain(..);
        posts.map(|post| Homeless { id: post.letter.delivery.id, wait: until - now }).collect()
    }

    /// Microseconds until this provider's servers are tried again, if they are left alone.
    fn left_alone_for(&self, letter: &Letter, now: i64) -> Option<i64> {
        let destination = self.destinations.get(self.key(letter)).filter(|_| self.plan.direct)?;
        destination.breaker.closed_until(now).map(|until| until - now)
    }

    fn drain(&mut self) -> impl Iterator<Item = Post> + '_ {
        self.turn.clear();
        self.ready = 0;
        self.destinations.values_mut().flat_map(|destination| destination.posts.drain(..))
    }

    /// Microseconds to wait before another message to `domain` has a chance, if too many wait already.
    fn crowded(&self, domain: &str) -> Option<i64> {
        let limits = &self.plan.limits;
        let limited = limits.domain_per_minute.is_some() || limits.domain_connections.is_some();
        let waiting = self.destinations.get(domain).filter(|_| limited)?.posts.len();
        let minutes = limits.domain_per_minute.map_or(1, |limit| (waiting as i64 / i64::from(limit.max(1))).max(1));
        (waiting >= DOMAIN_READY_MAX).then_some(minutes * 60_000_000)
    }
}

impl Floor {
    /// Builds the lanes anew from `plans`. What a relay of the same name has taught stays; what stood ready is dealt again.
    pub(crate) fn build(&mut self, plans: &[RelayPlan]) {
        let mut old: HashMap<String, Lane> = self.lanes.drain(..).map(|lane| (lane.plan.name.clone(), lane)).collect();
        for lane in old.values_mut() {
            self.waiting.extend(lane.drain());
        }
        for plan in plans {
            let mut lane = Lane::new(plan.clone());
            if let Some(known) = old.remove(&plan.name) {
                lane.pace = known.pace;
                lane.pace.allow(plan.limits.per_minute);
                lane.sent = known.sent;
                if plan.settings.host == known.plan.settings.host && plan.settings.port == known.plan.settings.port {
                    lane.breaker = known.breaker;
                    lane.trouble = known.trouble;
                }
            }
            self.lanes.push(lane);
        }
        self.tried.clear();
        self.generation += 1;
    }

    /// Begins to work, with nothing in hand.
    pub(crate) fn open(&mut self) {
        for lane in &mut self.lanes {
            let _left: Vec<Post> = lane.drain().collect();
            lane.connections = 0;
        }
        self.waiting.clear();
        (self.in_hand, self.closing) = (0, false);
    }

    /// Messages that stand ready.
    pub(crate) fn ready(&self) -> usize {
        self.waiting.len() + self.lanes.iter().map(Lane::ready).sum::<usize>()
    }

    /// The ids of everything that stands ready.
    pub(crate) fn ids(&self) -> Vec<DeliveryId> {
        let in_lanes = self.lanes.iter().flat_map(|lane| lane.destinations.values()).flat_map(|to| &to.posts);
        self.waiting.iter().chain(in_lanes).map(|post| post.letter.delivery.id).collect()
    }

    pub(crate) fn accept(&mut self, posts: impl IntoIterator<Item = Post>) {
        self.waiting.extend(posts);
    }

    /// Deals what waits to the lanes by their weights. Gives back what no relay can carry at `now`.
    pub(crate) fn deal(&mut self, now: i64) -> Vec<Homeless> {
        let (mut homeless, mut stay) = (Vec::new(), VecDeque::new());
        while let Some(post) = self.waiting.pop_front() {
            match self.place(post, now) {
                Placed::InLane => {}
                Placed::NoRoom(post) => stay.push_back(post),
                Placed::NoRelay(post) => {
                    homeless.push(Homeless { id: post.letter.delivery.id, wait: self.opens_in(now) })
                }
                Placed::Later(later) => homeless.push(later),
            }
        }
        self.waiting = stay;
        homeless
    }

    fn place(&mut self, post: Post, now: i64) -> Placed {
        let id = post.letter.delivery.id;
        let tried = self.tried.get(&id).copied().unwrap_or_default();
        let room = READY_MAX / self.lanes.len().max(1);
        let mut sound = 0_usize;
        let mut fit: Vec<usize> = Vec::new();
        let mut crowded = None;
        for (at, lane) in self.lanes.iter().enumerate() {
            if tried & bit(at) != 0 || lane.relay.is_err() || lane.breaker.closed_until(now).is_some() {
                continue;
            }
            if lane.plan.direct && post.letter.route.is_none() {
                continue;
            }
            sound += 1;
            match lane.left_alone_for(&post.letter, now).or_else(|| lane.crowded(lane.key(&post.letter))) {
                Some(wait) => crowded = Some(wait),
                None if lane.ready < room => fit.push(at),
                None => {}
            }
        }
        let weights: i64 = fit.iter().map(|at| self.weight(*at)).sum();
        for at in &fit {
            self.lanes[*at].credit += self.weight(*at);
        }
        match fit.iter().copied().max_by_key(|at| (self.lanes[*at].credit, std::cmp::Reverse(*at))) {
            Some(at) => {
                self.lanes[at].credit -= weights;
                self.lanes[at].push(post);
                Placed::InLane
            }
            None if sound == 0 => {
                self.tried.remove(&id);
                Placed::NoRelay(post)
            }
            None => match crowded {
                Some(wait) => Placed::Later(Homeless { id, wait }),
                None => Placed::NoRoom(post),
            },
        }
    }

    fn weight(&self, at: usize) -> i64 {
        i64::from(self.lanes[at].plan.limits.weight.max(1))
    }

    /// Microseconds until the first relay that is left alone is tried again.
    pub(crate) fn opens_in(&self, now: i64) -> i64 {
        let until = self.lanes.iter().filter_map(|lane| lane.breaker.closed_until(now)).min();
        until.map_or(60_000_000, |until| until - now)
    }

    /// Whether some relay may be tried at `now`.
    pub(crate) fn is_open(&self, now: i64) -> bool {
        self.lanes.iter().any(|lane| lane.relay.is_ok() && lane.breaker.closed_until(now).is_none())
    }

    /// The relay of lane `at` is left alone: what stood ready there goes by others, if there are others.
    pub(crate) fn empty(&mut self, at: usize) {
        if let Some(lane) = self.lanes.get_mut(at) {
            let posts: Vec<Post> = lane.drain().collect();
            self.waiting.extend(posts);
        }
    }

    /// Takes away what stands ready of one occasion.
    pub(crate) fn pull_back(&mut self, occasion: &newsroom::delivery::Occasion) -> Vec<DeliveryId> {
        for at in 0..self.lanes.len() {
            self.empty(at);
        }
        let (back, stay): (Vec<Post>, Vec<Post>) =
            self.waiting.drain(..).partition(|post| post.letter.delivery.occasion == *occasion);
        self.waiting.extend(stay);
        back.into_iter().map(|post| post.letter.delivery.id).collect()
    }

    /// Work for a connection of lane `at`; `now` by the clock that never turns back.
    pub(crate) fn next(&mut self, at: usize, generation: u64, now: i64) -> Next {
        if self.closing || generation != self.generation {
            return Next::Quit;
        }
        self.lanes.get_mut(at).map_or(Next::Quit, |lane| lane.take(now))
    }

    /// More work for a connection of lane `at` that leads to one destination only.
    pub(crate) fn next_for(&mut self, at: usize, generation: u64, key: &str, now: i64) -> Taken {
        if self.closing || generation != self.generation {
            return Taken::Nothing;
        }
        self.lanes.get_mut(at).map_or(Taken::Nothing, |lane| lane.take_for(key, now))
    }

    /// Notes that the relay of lane `at` cannot have had the message. Gives whether another one could carry it at `now`;
    /// if so, the row may be claimed again at once and goes there.
    pub(crate) fn another_than(&mut self, id: DeliveryId, at: usize, now: i64) -> bool {
        let tried = self.tried.get(&id).copied().unwrap_or_default() | bit(at);
        let open = |lane: &Lane| lane.relay.is_ok() && lane.breaker.closed_until(now).is_none();
        let another = self.lanes.iter().enumerate().any(|(at, lane)| tried & bit(at) == 0 && open(lane));
        if another && self.tried.len() < READY_MAX {
            self.tried.insert(id, tried);
        } else {
            self.tried.remove(&id);
        }
        another
    }
}

/// A lane as one bit of [`Floor::tried`].
fn bit(at: usize) -> u32 {
    1 << at.min(31)
}

pub(crate) fn micros(count: i64) -> Duration {
    Duration::from_micros(u64::try_from(count).unwrap_or(0))
}

#[cfg(test)]
mod tests;
