//! The rounds of the clock: whatever is due is done, again and again. Any node may walk them.

use crate::chores::{Kind, Where};
use crate::desk::Desk;
use crate::error::Error;
use crate::mailroom::Until;
use newsroom::time::Timestamp;
use serde::Serialize;
use std::time::Duration;
use tracing::{error, info};

/// Between two rounds when there was nothing to do.
const PAUSE: Duration = Duration::from_millis(500);

/// How far the mailroom's threads stand back (setpriority(2)).
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// What one round did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Round {
    /// Scheduled articles that went live.
    pub published: u32,
    /// Deliveries frozen into waves.
    pub frozen: u64,
    /// Deliveries claimed, whatever came of them.
    pub delivered: u64,
    pub chores: u32,
    /// Questions of people who asked to subscribe or to move.
    pub answered: u32,
    /// Editions whose day is over everywhere and of which nothing waits.
    pub closed: u32,
}

impl Desk {
    /// One round, mail included: everything that is due leaves before it ends. Tests call it.
    pub async fn round(&self) -> Result<Round, Error> {
        self.content_version()?;
        self.reveal_due().await?;
        let (published, answered) = (self.publish_due().await?, self.answer_sign_ups().await?);
        let frozen = self.freeze_due().await?;
        let delivered = self.deliver_due().await?;
        self.note_purge().await?;
        Ok(Round {
            published,
            answered,
            frozen,
            delivered,
            chores: self.do_chores(&Kind::done(Where::AtHome)).await?
                + self.do_chores(&Kind::done(Where::Outside)).await?,
            closed: self.close_editions().await?,
        })
    }

    async fn round_without_mail(&self) -> Result<Round, Error> {
        self.content_version()?;
        self.reveal_due().await?;
        let round = Round {
            published: self.publish_due().await?,
            answered: self.answer_sign_ups().await?,
            frozen: self.freeze_due().await?,
            delivered: 0,
            chores: self.do_chores(&Kind::done(Where::AtHome)).await?,
            closed: self.close_editions().await?,
        };
        self.note_purge().await?;
        if round.frozen > 0 || round.answered > 0 {
            self.mailroom().ring();
        }
        Ok(round)
    }

    /// Rounds, and mail all the while, until `stop` is ready. A round that fails is logged and tried again; nothing due
    /// is forgotten, because what is due is in the database and not in this loop.
    pub async fn run(&self, stop: impl Future<Output = ()>) {
        let (switch, stopped) = tokio::sync::watch::channel(false);
        let mailroom = self.open_mailroom(stopped);
        let walk = |kind: Kind| {
            let (desk, mut stopped) = (self.clone(), switch.subscribe());
            tokio::spawn(async move {
                tokio::select! {
                    _ = stopped.wait_for(|stopped| *stopped) => {}
                    () = desk.walk_errands(kind) => {}
                }
            })
        };
        let errands: Vec<_> = Kind::done(Where::Outside).into_iter().map(walk).collect();
        self.walk_rounds(stop).await;
        switch.send_replace(true);
        for errand in errands {
            if let Err(fault) = errand.await {
                error!("errands did not end as they should: {fault}");
            }
        }
        // The mailroom finishes what is open; see `Desk::mail`.
        let ended = tokio::task::spawn_blocking(move || mailroom.map(std::thread::JoinHandle::join)).await;
        if !matches!(ended, Ok(Ok(Ok(())))) {
            error!("the mailroom did not end as it should");
        }
    }

    /// The mailroom on threads of its own, which give way to readers.
    fn open_mailroom(
        &self,
        mut stopped: tokio::sync::watch::Receiver<bool>,
    ) -> std::io::Result<std::thread::JoinHandle<()>> {
        let desk = self.clone();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(std::thread::available_parallelism().map_or(1, usize::from))
            .thread_name("mailroom")
            .on_thread_start(give_way)
            .enable_all()
            .build()?;
        std::thread::Builder::new().name("mailroom".into()).spawn(move || {
            let work = async move {
                desk.recover_alone().await;
                let stop = async move {
                    let _ = stopped.wait_for(|stopped| *stopped).await;
                };
                desk.mail(Until::Stopped, stop).await
            };
            // On the runtime's own thread, which gives way.
            if let Ok(Err(fault)) | Err(fault) =
                runtime.block_on(runtime.spawn(work)).map_err(|fault| Error::Broken(fault.to_string()))
            {
                error!("the mailroom stopped: {fault}");
            }
        })
    }

    /// A database that one process has for itself: whatever is claimed was claimed by one that is gone.
    async fn recover_alone(&self) {
        if self.store().is_shared() {
            return;
        }
        let now = self.now();
        let swept =
            self.store().change_guarded(move |change| Ok::<_, Error>(change.sweep_leases(now, Timestamp(0))?)).await;
        match swept {
            Ok(swept) if swept != store::Swept::default() => {
                let store::Swept { queued, again, uncertain } = swept;
                info!(
                    queued,
                    again,
                    uncertain,
                    "after the last stop: {queued} queued again, {again} sent again, {uncertain} uncertain"
                );
            }
            Ok(_) => {}
            Err(fault) => error!("what was under way at the last stop could not be looked at: {fault}"),
        }
    }

    /// What asks others, again and again, beside the rounds: who answers slowly is waited for by nothing else. An
    /// errand that is cut off is done again when its lease is over.
    async fn walk_errands(&self, kind: Kind) {
        loop {
            if let Err(fault) = self.do_chores(&[kind]).await {
                error!("errands failed: {fault}");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn walk_rounds(&self, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        let mut failures = 0_u32;
        loop {
            let round = tokio::select! {
                () = &mut stop => return,
                round = self.round_without_mail() => round,
            };
            let wait = match round {
                Ok(round) => {
                    failures = 0;
                    if round != Round::default() {
                        info!(published = round.published, frozen = round.frozen, "made a round");
                    }
                    PAUSE
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

/// Lets readers go first: mail can wait a moment. Where the system refuses, it does not matter.
#[cfg(target_os = "linux")]
fn give_way() {
    let _refused = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE);
}

#[cfg(not(target_os = "linux"))]
fn give_way() {}
