//! The relays that mail leaves by, and what each may be asked to do. They can change while mail leaves.

use crate::desk::Desk;
use std::sync::Arc;
use tracing::info;

/// One relay: how it is reached, and how much it gets.
#[derive(Debug, Clone)]
pub struct RelayPlan {
    /// What pages, books and logs call it.
    pub name: String,
    pub settings: mail::RelaySettings,
    pub limits: RelayLimits,
}

/// How much one relay gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayLimits {
    /// Its part of the messages beside the other relays' weights.
    pub weight: u32,
    /// Connections open at once.
    pub connections: usize,
    /// Messages a minute; `None` is as many as it takes.
    pub per_minute: Option<u32>,
    /// Messages a minute to one destination domain.
    pub domain_per_minute: Option<u32>,
    /// Messages on their way to one destination domain at once.
    pub domain_connections: Option<usize>,
}

impl Default for RelayLimits {
    fn default() -> Self {
        Self { weight: 1, connections: 4, per_minute: None, domain_per_minute: None, domain_connections: None }
    }
}

impl From<mail::RelaySettings> for RelayPlan {
    fn from(settings: mail::RelaySettings) -> Self {
        let name = format!("{}:{}", settings.host, settings.port);
        Self { name, settings, limits: RelayLimits::default() }
    }
}

impl Desk {
    /// The relays as of now. Empty: nothing can leave, and everybody is told so.
    pub fn relays(&self) -> Arc<Vec<RelayPlan>> {
        self.relay_plans().load_full()
    }

    /// Other relays, limits or passwords from now on. What is on its way finishes as it began; what waits goes by the
    /// new ones.
    pub fn set_relays(&self, plans: Vec<RelayPlan>) {
        info!(relays = plans.len(), "mail leaves by {} relays from now on", plans.len());
        self.relay_plans().store(Arc::new(plans));
        self.mailroom().ring();
    }
}
