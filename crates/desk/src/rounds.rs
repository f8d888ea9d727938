//! The rounds of the clock: whatever is due is done, again and again. Any node may walk them.

use crate::desk::Desk;
use crate::error::Error;
use serde::Serialize;
use std::time::Duration;
use tracing::{error, info};

/// Between two rounds when there was nothing to do.
const PAUSE: Duration = Duration::from_millis(500);

/// What one round did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Round {
    /// Scheduled articles that went live.
    pub published: u32,
    /// Deliveries frozen into waves.
    pub frozen: u64,
    /// Deliveries handed to a relay, whatever it said.
    pub delivered: u64,
    pub chores: u32,
    /// Questions of people who asked to subscribe or to move.
    pub answered: u32,
    /// Editions whose day is over everywhere and of which nothing waits.
    pub closed: u32,
}

impl Desk {
    /// One round. Tests call it; [`Desk::run`] repeats it.
    pub async fn round(&self) -> Result<Round, Error> {
        self.content_version()?;
        self.reveal_due().await?;
        Ok(Round {
            published: self.publish_due().await?,
            answered: self.answer_sign_ups().await?,
            frozen: self.freeze_due().await?,
            delivered: self.deliver_due().await?,
            chores: self.do_chores().await?,
            closed: self.close_editions().await?,
        })
    }

    /// Rounds until `stop` is ready. A round that fails is logged and tried again; nothing due is forgotten,
    /// because what is due is in the database and not in this loop.
    pub async fn run(&self, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        let mut failures = 0_u32;
        loop {
            let round = tokio::select! {
                () = &mut stop => return,
                round = self.round() => round,
            };
            let wait = match round {
                Ok(round) => {
                    failures = 0;
                    if round != Round::default() {
                        info!(
                            published = round.published,
                            frozen = round.frozen,
                            delivered = round.delivered,
                            "made a round"
                        );
                    }
                    if round.delivered > 0 { Duration::ZERO } else { PAUSE }
                }
                Err(error) => {
                    failures = failures.saturating_add(1);
                    error!(failures, "a round failed: {error}");
                    PAUSE * failures.min(60)
                }
            };
            tokio::select! {
                () = &mut stop => return,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }
}
