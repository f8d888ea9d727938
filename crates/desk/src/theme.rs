//! The publisher's theme folder: read when the paper is opened and whenever a file in it changes.
//! A theme that breaks pages is never put to use: what was in use stays, and the operator is told.

use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use press::theme::{FILES_MAX, Files, Finding, Theme};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tracing::{error, info, warn};

/// How often the folder is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// Folders below the theme's own that are read: `asset/css/` is the deepest.
const DEPTH_MAX: usize = 2;
/// Files that are looked at before giving up on a folder that is no theme.
const SEEN_MAX: usize = 10 * FILES_MAX;

/// What became of the theme folder.
#[derive(Debug, Clone, Default)]
pub struct ThemeReport {
    /// The folder; None where the paper was opened without one.
    pub folder: Option<PathBuf>,
    /// Files of it that replace ours in what readers see now.
    pub files: usize,
    /// What is wrong with the folder as it is now.
    pub findings: Vec<Finding>,
    /// Whether readers see the folder as it is now.
    pub in_use: bool,
    seen: Vec<Seen>,
}

/// A file as the folder lists it: when one of these changes, everything is read again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    path: String,
    bytes: u64,
    changed: Option<SystemTime>,
}

/// Reads a theme's folder. What cannot be part of a theme is found wrong and left out; files whose names begin with a
/// dot, and README, LICENSE and theme.toml beside the folders, are passed over.
pub fn read_theme(folder: &Path) -> (Files, Vec<Finding>) {
    let (mut files, mut findings) = (Files::default(), Vec::new());
    for seen in listing(folder) {
        let wrong = match std::fs::read(folder.join(&seen.path)) {
            Ok(bytes) => files.take(&seen.path, bytes).err(),
            Err(error) => Some(Finding {
                file: seen.path,
                line: None,
                says: format!("This file cannot be read: {error}."),
                breaks: true,
            }),
        };
        findings.extend(wrong);
    }
    (files, findings)
}

fn listing(folder: &Path) -> Vec<Seen> {
    let mut all = Vec::new();
    list(folder, "", 0, &mut all);
    all.sort();
    all
}

fn list(folder: &Path, prefix: &str, depth: usize, all: &mut Vec<Seen>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let word = name.split('.').next().unwrap_or_default();
        let beside = depth == 0 && (["README", "LICENSE"].contains(&word) || name == "theme.toml");
        if name.starts_with('.') || name.ends_with('~') || beside || all.len() >= SEEN_MAX {
            continue;
        }
        let Ok(metadata) = std::fs::metadata(entry.path()) else { continue };
        let path = format!("{prefix}{name}");
        if metadata.is_file() {
            all.push(Seen { path, bytes: metadata.len(), changed: metadata.modified().ok() });
        } else if metadata.is_dir() && depth < DEPTH_MAX {
            list(&entry.path(), &format!("{path}/"), depth + 1, all);
        }
    }
}

impl Desk {
    /// What readers' pages and letters are printed with.
    pub fn theme(&self) -> Arc<Theme> {
        self.theme_in_use().load_full()
    }

    /// What became of the theme folder.
    pub fn theme_report(&self) -> Arc<ThemeReport> {
        self.theme_seen().load_full()
    }

    /// Prints with the files of `folder` from now on, wherever they can be used. A folder that is not there is as good
    /// as an empty one, and may come later.
    pub async fn use_theme(&self, folder: PathBuf) -> Result<(), Error> {
        self.theme_seen().store(Arc::new(ThemeReport { folder: Some(folder), in_use: true, ..ThemeReport::default() }));
        self.read_again().await.map(drop)
    }

    /// Reads the theme folder again if something in it changed; gives whether readers see other pages now. What was
    /// printed before is then shown no more.
    pub async fn look_at_theme(&self) -> Result<bool, Error> {
        let is_news = self.read_again().await?;
        if is_news {
            self.announce_theme().await?;
        }
        Ok(is_news)
    }

    async fn read_again(&self) -> Result<bool, Error> {
        let known = self.theme_report();
        let Some(folder) = known.folder.clone() else { return Ok(false) };
        let before = known.seen.clone();
        let look = move || {
            let seen = listing(&folder);
            (seen != before).then(|| (seen, made(&folder)))
        };
        let looked = tokio::task::spawn_blocking(look).await;
        let looked = looked.map_err(|error| Error::Broken(format!("Reading the theme broke off: {error}")))?;
        let Some((seen, (theme, findings))) = looked else { return Ok(false) };
        for finding in &findings {
            warn!("theme: {finding}");
        }
        let mut report = ThemeReport { seen, findings, in_use: theme.is_some(), ..(*known).clone() };
        let Some(theme) = theme else {
            error!("the theme breaks pages and is not used; what was in use before stays");
            self.theme_seen().store(Arc::new(report));
            return Ok(false);
        };
        report.files = theme.files().len();
        let is_news = *theme.files() != *self.theme().files();
        self.theme_in_use().store(Arc::new(theme));
        self.theme_seen().store(Arc::new(report));
        Ok(is_news)
    }

    /// Nothing that was printed before is shown any more.
    async fn announce_theme(&self) -> Result<(), Error> {
        let (desk, files) = (self.clone(), self.theme_report().files);
        self.change(move |change| {
            change.raise_content_version()?;
            desk.note(change, Who::Clock, Entry::new("changed the theme", "theme", format!("{files} files")))
        })
        .await?;
        info!(files, "readers see another theme");
        Ok(())
    }

    /// Looks at the theme folder again and again until `stop` is ready, and says what our own theme had to print in
    /// its stead.
    pub async fn watch_theme(&self, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => return,
                () = tokio::time::sleep(LOOK) => {}
            }
            for failure in self.theme().take_failures() {
                error!("theme: our own page stood in: {failure}");
            }
            if let Err(error) = self.look_at_theme().await {
                error!("the theme folder could not be looked at: {error}");
            }
        }
    }
}

/// The theme of a folder, if its pages can be printed, and everything wrong with it.
fn made(folder: &Path) -> (Option<Theme>, Vec<Finding>) {
    let (files, mut findings) = read_theme(folder);
    if files.is_empty() {
        return (Theme::new().ok(), findings);
    }
    let report = press::theme::check(&files);
    let theme = if report.breaks() { None } else { Theme::of(files).ok() };
    findings.extend(report.findings);
    (theme, findings)
}
