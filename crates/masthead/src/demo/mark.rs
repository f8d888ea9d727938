//! `demo.json` in a data folder: says that the folder holds the demo, what its calendar shows and where its tray is,
//! so that every command on this folder lives in the demo's day and nothing of it can leave the machine.

use std::io;
use std::net::SocketAddr;
use std::path::Path;

use desk::{Clock, MailSettings, RelayLimits, RelayPlan};
use mail::RelaySettings;
use mail::smtp::Tls;
use newsroom::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::open;
use crate::say::Stop;

const FILE_NAME: &str = "demo.json";
/// The sample publication stands at the morning of Monday 25 August 2025, half past nine in Nairobi.
const BEGINS: Timestamp = Timestamp(1_756_103_400_000_000);
/// Who its letters are from; `.example` reaches nobody.
const FROM: &str = "daily@globaldaily.example";
/// The tray is on this machine; more connections would gain nothing.
const CONNECTIONS: usize = 2;

/// The demo's mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Microseconds from the machine's clock to the demo's.
    pub calendar: i64,
    /// The site's address, without a slash at the end.
    pub site: String,
    /// Where its letters go.
    pub smtp: SocketAddr,
    /// Whether everything of the sample publication is in.
    pub whole: bool,
}

impl Mark {
    /// A new demo whose calendar begins now.
    pub fn new(site: String, smtp: SocketAddr) -> Self {
        let calendar = BEGINS.0 - Clock::machine().now().0;
        Self { calendar, site, smtp, whole: false }
    }

    /// Whether the folder holds a demo.
    pub fn is_in(folder: &Path) -> bool {
        folder.join(FILE_NAME).exists()
    }

    /// The folder's mark; `None` when it does not hold a demo. Errs when the mark cannot be read.
    pub fn read(folder: &Path) -> Result<Option<Self>, Stop> {
        let path = folder.join(FILE_NAME);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Stop::new(format!("{} cannot be read: {error}.", path.display()))),
        };
        serde_json::from_str(&text).map(Some).map_err(|_| {
            Stop::new(format!("{} is damaged. Begin a new demo in another folder with --data.", path.display()))
        })
    }

    /// Marks the folder. Errs when it cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), Stop> {
        let path = folder.join(FILE_NAME);
        let text = serde_json::to_string_pretty(self).map_err(Stop::new)?;
        open::write_private(&path, &text)
            .map_err(|error| Stop::new(format!("{} cannot be written: {error}.", path.display())))
    }

    /// The demo's clock: it runs like the machine's, on another day.
    pub fn clock(&self) -> Clock {
        Clock::Machine { offset: self.calendar }
    }

    /// Who the demo's letters are from.
    pub fn mail_settings(&self) -> MailSettings {
        let domain = FROM.rsplit('@').next().unwrap_or_default();
        MailSettings { from: FROM.into(), bounce_domain: domain.into(), unsigned: false }
    }

    /// To the tray and nowhere else.
    pub fn relays(&self) -> Vec<RelayPlan> {
        let mut tray = RelaySettings::new(self.smtp.ip().to_string(), self.smtp.port(), "demo.localhost");
        tray.tls = Tls::None;
        let limits = RelayLimits { connections: CONNECTIONS, ..RelayLimits::default() };
        vec![RelayPlan { direct: false, name: "tray".into(), settings: tray, limits }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Mark::read(folder.path()).map_err(|_| ()), Ok(None));
        let mark = Mark::new("http://127.0.0.1:8080".into(), "127.0.0.1:2525".parse().unwrap());
        mark.write(folder.path()).unwrap();
        assert_eq!(Mark::read(folder.path()).map_err(|_| ()), Ok(Some(mark)));
        std::fs::write(folder.path().join(FILE_NAME), "{").unwrap();
        assert!(Mark::read(folder.path()).is_err());
    }

    #[test]
    fn the_demo_begins_on_its_own_morning() {
        let mark = Mark::new(String::new(), "127.0.0.1:2525".parse().unwrap());
        assert!(mark.clock().now().rfc3339().starts_with("2025-08-25T06:3"), "{}", mark.clock().now().rfc3339());
    }
}
