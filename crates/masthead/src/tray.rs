//! The demo's mail tray: a real SMTP server on this machine that keeps every letter and shows it on a page.
//! Relays nothing; trusts nothing that a letter says.

mod caught;
mod kept;
mod page;
mod show;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use mail::server::{Answer, Arrival, Settings};
use newsroom::time::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::watch;

pub use caught::{Caught, LINKS_MAX};
pub use kept::{CAUGHT_MAX, Kept};

/// What the tray needs to know.
pub struct Opening {
    /// Where letters arrive.
    pub smtp: TcpListener,
    /// Where people look at them.
    pub web: TcpListener,
    /// Where they are kept, one file each.
    pub folder: PathBuf,
    /// The paper's own address, for the words of an empty tray and for pictures in letters.
    pub site: String,
    /// The command that sends this morning's edition, for the words of an empty tray.
    pub send: String,
    /// What time it is for the paper.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

/// Catches and shows letters until `shutdown` ends. Errs when the folder cannot be used.
pub async fn run(opening: Opening, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let kept = Arc::new(Kept::open(opening.folder)?);
    let app = page::routes(page::Tray {
        kept: kept.clone(),
        site: opening.site,
        send: opening.send,
        smtp: opening.smtp.local_addr()?,
    });
    let sink = move |arrival: Arrival| catch(kept.clone(), arrival, (opening.now)());
    let (stop, stopping) = watch::channel(());
    let wait = |mut stopping: watch::Receiver<()>| async move {
        let _ = stopping.changed().await;
    };
    let stopping_web = wait(stopping.clone());
    let limits = web::server::Limits { connections_max: 128, ..web::server::Limits::default() };
    tokio::join!(
        mail::server::serve(opening.smtp, Settings::new("tray.localhost"), sink, wait(stopping)),
        web::server::serve(opening.web, app, limits, stopping_web),
        async move {
            shutdown.await;
            drop(stop);
        },
    );
    Ok(())
}

async fn catch(kept: Arc<Kept>, arrival: Arrival, now: Timestamp) -> Answer {
    match tokio::task::spawn_blocking(move || kept.catch(&arrival, now)).await {
        Ok(Ok(id)) => Answer::Kept(id),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the mail tray could not keep a letter: {error}");
            Answer::Later
        }
        Err(_) => Answer::Later,
    }
}

/// Whether a listener is one that only this machine reaches.
pub fn is_loopback(address: SocketAddr) -> bool {
    address.ip().is_loopback()
}

#[cfg(test)]
mod tests;
