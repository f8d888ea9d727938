//! Runs a paper: binds its addresses, answers readers, walks the rounds, and stops in order when told to.

use std::future::Future;
use std::net::SocketAddr;

use desk::{Desk, Network};
use mail::maildrop::Maildrop;
use mail::server::Protocol;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing::info;
use web::WebSettings;
use web::server::{Limits, Site};

use crate::receiver;
use crate::say::Stop;

/// Takes `address`, or says who may have it. `setting` names where another one can be chosen.
pub async fn bind(address: SocketAddr, setting: &str) -> Result<TcpListener, Stop> {
    TcpListener::bind(address).await.map_err(|error| {
        Stop::new(match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                format!(
                    "{address} is taken by another program. Stop that one, or choose another address with {setting}."
                )
            }
            std::io::ErrorKind::PermissionDenied => {
                format!("This account may not listen on {address}. Choose a port from 1024 on with {setting}.")
            }
            std::io::ErrorKind::AddrNotAvailable => {
                format!("This machine does not have the address {address}. Choose another with {setting}.")
            }
            _ => format!("Cannot listen on {address}: {error}. Choose another address with {setting}."),
        })
    })
}

/// The whole site over `desk`. `trusted_proxies` were checked when the settings were read.
pub fn site(desk: &Desk, trusted_proxies: &[String]) -> Site {
    let settings = WebSettings {
        trusted_proxies: trusted_proxies.iter().filter_map(|text| Network::parse(text)).collect(),
        secure_cookie: desk.public_url().starts_with("https://"),
        ..WebSettings::default()
    };
    web::site(desk.clone(), settings)
}

/// What a paper answers on.
pub struct Doors {
    pub site: TcpListener,
    /// Where reports come back, if the settings name a place.
    pub returns: Vec<(TcpListener, Protocol)>,
    /// The mailbox from which they are fetched, if the settings name one.
    pub maildrop: Option<Maildrop>,
    /// Our host name towards other mail systems.
    pub name: String,
}

/// Answers readers, takes what comes back and walks the rounds until `stop` turns; then finishes what is open.
pub async fn paper(doors: Doors, site: Site, desk: Desk, stop: watch::Receiver<bool>) {
    let mut receivers = tokio::task::JoinSet::new();
    for (listener, protocol) in doors.returns {
        let (name, desk, stop) = (doors.name.clone(), desk.clone(), stop.clone());
        receivers.spawn(async move { receiver::run(listener, protocol, &name, desk, stop).await });
    }
    let until = turned(stop.clone());
    let fetching = async {
        if let Some(maildrop) = doors.maildrop {
            desk.watch_maildrop(maildrop, until).await;
        }
    };
    let rounds = desk.run(turned(stop.clone()));
    let theme = desk.watch_theme(turned(stop.clone()));
    let pages = web::server::serve(doors.site, site, Limits::default(), turned(stop));
    tokio::join!(rounds, theme, pages, fetching, async { while receivers.join_next().await.is_some() {} });
    desk.store().close();
    info!("stopped");
}

/// Done when `stop` turned true, or when nobody is left who could turn it.
pub async fn turned(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// A switch that the operator's signals turn: Ctrl-C, or SIGTERM of a service manager.
pub fn stop_by_signal() -> Result<watch::Receiver<bool>, Stop> {
    let (switch, stop) = watch::channel(false);
    let signals = signals()?;
    tokio::spawn(async move {
        signals.await;
        info!("told to stop; finishing what is open");
        switch.send_replace(true);
        // Keeps the switch alive: a dropped one would look turned as well.
        switch.closed().await;
    });
    Ok(stop)
}

#[cfg(unix)]
fn signals() -> Result<impl Future<Output = ()>, Stop> {
    use tokio::signal::unix::{SignalKind, signal};
    let heard = |kind| signal(kind).map_err(|error| Stop::new(format!("Signals cannot be heard: {error}.")));
    let (mut end, mut interrupt) = (heard(SignalKind::terminate())?, heard(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = end.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn signals() -> Result<impl Future<Output = ()>, Stop> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
