//! Reads the settings again while the paper is served: a relay's password, limits and the relays themselves take effect
//! at once. Everything else waits for the next start.

use std::time::Duration;

use desk::Desk;
use tokio::sync::watch;
use tracing::warn;

use crate::config::{Config, Relay, Sources};
use crate::{open, run};

/// How often the file and the secrets it names are looked at; SIGHUP looks at once.
const LOOK: Duration = Duration::from_secs(10);

/// Follows the settings until `stop` turns. Settings that cannot be read are named once and change nothing.
pub async fn follow(desk: Desk, sources: Sources, mut relays: Vec<Relay>, stop: watch::Receiver<bool>) {
    let mut named = String::new();
    let mut called = called();
    loop {
        tokio::select! {
            () = run::turned(stop.clone()) => return,
            () = tokio::time::sleep(LOOK) => {}
            () = called.again() => {}
        }
        let again = sources.clone();
        let Ok(read) = tokio::task::spawn_blocking(move || Config::load(&again)).await else { continue };
        match read {
            Ok(config) => {
                named.clear();
                if config.relays != relays {
                    desk.set_relays(open::relays(&config));
                    relays = config.relays;
                }
            }
            Err(faults) if named != faults.to_string() => {
                named = faults.to_string();
                warn!("the settings were changed and cannot be read; the relays stay as they are: {named}");
            }
            Err(_) => {}
        }
    }
}

/// SIGHUP, where there is such a thing.
struct Called {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

fn called() -> Called {
    Called {
        #[cfg(unix)]
        signal: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok(),
    }
}

impl Called {
    async fn again(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal {
            signal.recv().await;
            return;
        }
        std::future::pending::<()>().await;
    }
}
