//! What every handler has at hand: the desk, the printed pages, and what the machine was told about its listeners.

use std::net::IpAddr;
use std::sync::Arc;

use desk::{Desk, Network};
use http::{Extensions, HeaderMap};

use crate::brake::Brake;
use crate::cache::{CACHE_BYTES_MAX, Cache, Moment};
use crate::server::Peer;
use crate::visitor;

/// Sign-ups one network may send at once, and seconds until it may send one more: a school or a mobile carrier
/// shares one network, a machine that floods us has no such patience.
const SIGN_UPS_AT_ONCE: u32 = 20;
const SIGN_UP_SECONDS: u32 = 30;

/// Touched keys that are read at once; who missed more prints everything anew.
const KEYS_AT_ONCE_MAX: usize = store::ROWS_PER_PAGE_MAX;

/// What the operator decided about the site.
#[derive(Debug, Clone)]
pub struct WebSettings {
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Whether cookies are only sent over HTTPS. False only where the public address is `http://`.
    pub secure_cookie: bool,
    /// Bytes of printed pages kept in memory.
    pub cache_bytes_max: u64,
}

impl Default for WebSettings {
    fn default() -> WebSettings {
        WebSettings { trusted_proxies: Vec::new(), secure_cookie: true, cache_bytes_max: CACHE_BYTES_MAX }
    }
}

/// The state of the site. Clones share everything.
#[derive(Clone)]
pub struct Web(Arc<Inner>);

struct Inner {
    desk: Desk,
    cache: Cache,
    sites: crate::public::Sites,
    settings: WebSettings,
    sign_ups: Brake,
}

impl Web {
    /// A site over a desk.
    pub fn new(desk: Desk, settings: WebSettings) -> Web {
        let cache = Cache::new(settings.cache_bytes_max, desk.caches().label);
        let sign_ups = Brake::new(SIGN_UPS_AT_ONCE, SIGN_UP_SECONDS);
        Web(Arc::new(Inner { desk, cache, sites: crate::public::Sites::default(), settings, sign_ups }))
    }

    /// The verbs, and the store to look at.
    pub fn desk(&self) -> &Desk {
        &self.0.desk
    }

    /// What the operator decided.
    pub fn settings(&self) -> &WebSettings {
        &self.0.settings
    }

    /// What is true now; learns first what was touched since the last time. Costs readers next to nothing.
    pub(crate) fn moment(&self) -> Result<Moment, desk::Error> {
        let moment = Moment { version: self.0.desk.content_version()?, now: self.0.desk.now() };
        let touched = self.0.cache.touched();
        if touched.version() < moment.version {
            let since = touched.version();
            let (version, rows) = self.0.desk.store().read_now(move |view| {
                let version = view.content_version()?;
                Ok::<_, store::Error>((version, view.touched_since(since, KEYS_AT_ONCE_MAX)?))
            })?;
            // The first look of a process knows of no page that could be out of date.
            touched.learn(version, rows.clone(), since == 0 || rows.len() == KEYS_AT_ONCE_MAX);
        }
        Ok(moment)
    }

    /// The printed pages.
    pub(crate) fn cache(&self) -> &Cache {
        &self.0.cache
    }

    /// Masthead, menu and footer per language.
    pub(crate) fn sites(&self) -> &crate::public::Sites {
        &self.0.sites
    }

    /// The brake on sign-ups.
    pub(crate) fn sign_ups(&self) -> &Brake {
        &self.0.sign_ups
    }

    /// The network of who asks, /24 or /48; None where nobody told us the peer.
    pub fn network(&self, extensions: &Extensions, headers: &HeaderMap) -> Option<String> {
        let peer: IpAddr = extensions.get::<Peer>()?.0.ip();
        Some(desk::network_of(visitor::address_of(peer, headers, &self.0.settings.trusted_proxies)))
    }
}
