//! What the mailroom of each node says about itself every few seconds, for people to read on any node.

use super::Mailroom;
use crate::desk::Desk;
use crate::error::Error;
use newsroom::time::{DAY, SECOND, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};
use tracing::warn;

/// How often a node tells while something changes.
const TELL: Duration = Duration::from_secs(2);
/// A node that has not told for so long is not there.
const HEARD_WITHIN: i64 = 15 * SECOND;

/// What one node says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MailroomReport {
    #[serde(default)]
    pub node: String,
    /// Messages a minute, over the last seconds and all relays.
    pub per_minute: u32,
    /// Rows claimed and not settled yet.
    pub in_hand: usize,
    pub relays: Vec<RelayReport>,
}

/// How one relay fares, seen from one node.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RelayReport {
    pub name: String,
    pub connections: usize,
    /// Messages that stand ready for it.
    pub ready: usize,
    pub per_minute: u32,
    /// The limit in force, in messages a minute: the operator's, or what its complaints have made of it.
    pub limit: Option<u32>,
    /// It is left alone until then.
    pub left_alone_until: Option<Timestamp>,
    /// What went wrong last, until something goes right.
    pub trouble: Option<String>,
}

/// Remembers what was told last.
#[derive(Default)]
pub(super) struct Reporter {
    told: Option<(Instant, MailroomReport)>,
}

impl Reporter {
    pub(super) async fn tell(&mut self, desk: &Desk) {
        let Some((at, last)) = &self.told else {
            self.told = Some((Instant::now(), MailroomReport::default()));
            return;
        };
        if at.elapsed() < TELL {
            return;
        }
        let report = desk.mailroom().report_now(desk);
        let quiet = report == *last && report.in_hand == 0;
        if !quiet && let Err(fault) = desk.tell(&report).await {
            warn!("how the mailroom fares could not be told: {fault}");
        }
        self.told = Some((Instant::now(), report));
    }
}

impl Mailroom {
    fn report_now(&self, desk: &Desk) -> MailroomReport {
        let (ticks, now) = (self.ticks(), desk.now().0);
        let mut floor = self.floor();
        let in_hand = floor.in_hand;
        let relays: Vec<RelayReport> = floor
            .lanes
            .iter_mut()
            .map(|lane| RelayReport {
                name: lane.plan.name.clone(),
                connections: lane.connections,
                ready: lane.ready(),
                per_minute: lane.pace.per_minute(ticks),
                limit: lane.pace.limit(ticks).map(|limit| limit.round() as u32),
                left_alone_until: lane.breaker.closed_until(now).map(Timestamp),
                trouble: lane.relay.as_ref().err().cloned().or_else(|| lane.trouble.clone()),
            })
            .collect();
        let per_minute = relays.iter().map(|relay| relay.per_minute).sum();
        MailroomReport { node: desk.node().to_owned(), per_minute, in_hand, relays }
    }
}

impl Desk {
    async fn tell(&self, report: &MailroomReport) -> Result<(), Error> {
        let (node, now) = (self.node().to_owned(), self.now());
        let text = serde_json::to_string(report).map_err(|error| Error::Broken(error.to_string()))?;
        self.store()
            .change_guarded(move |change| Ok::<_, Error>(change.report_mailroom(&node, now, &text, now.plus(-DAY))?))
            .await
    }

    /// What every node that is there says about its mail.
    pub async fn mailrooms(&self) -> Result<Vec<MailroomReport>, Error> {
        let since = self.now().plus(-HEARD_WITHIN);
        let told = self.look(move |view| Ok(view.mailrooms(since)?)).await?;
        Ok(told
            .into_iter()
            .filter_map(|(node, _, text)| {
                let report: MailroomReport = serde_json::from_str(&text).ok()?;
                Some(MailroomReport { node, ..report })
            })
            .collect())
    }
}
