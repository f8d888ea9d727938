//! Keeps caught letters: one file each in the tray's folder, the newest 2,000, and a list of them in memory.
//! A letter survives a restart; a power cut may take the last ones.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use mail::read::{Letter, read};
use mail::server::Arrival;
use newsroom::time::{Timestamp, Zone};

use super::caught::Caught;

/// Most letters kept; the oldest go first.
pub const CAUGHT_MAX: usize = 2000;

/// The headers a mailbox writes on top of a letter (RFC 5321 §4.4, and what every mailbox calls its owner).
const RETURN_PATH: &str = "Return-Path";
const DELIVERED_TO: &str = "Delivered-To";

/// The letters of one folder.
#[derive(Debug)]
pub struct Kept {
    folder: PathBuf,
    /// Oldest first.
    list: Mutex<VecDeque<Caught>>,
}

impl Kept {
    /// Opens the folder, making it if needed, and lists what is there. Errs when the folder cannot be made or read.
    pub fn open(folder: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        let mut ids = Vec::new();
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            match path.extension().and_then(|ending| ending.to_str()) {
                Some("eml") => ids.extend(path.file_stem().and_then(|stem| stem.to_str()).and_then(number)),
                // Half a letter of a process that died while writing it; the sender was never told that we have it.
                Some("part") => fs::remove_file(&path)?,
                Some(_) | None => {}
            }
        }
        ids.sort_unstable();
        let kept = Self { folder, list: Mutex::default() };
        for id in ids {
            let name = name(id);
            let Ok(message) = fs::read(kept.path(&name)) else { continue };
            let letter = read(&message).unwrap_or_default();
            let caught = Caught::new(name, recipients(&letter), Timestamp(id), &letter);
            kept.list().push_back(caught);
        }
        kept.forget_oldest();
        Ok(kept)
    }

    /// Keeps one letter; gives its id.
    pub fn catch(&self, arrival: &Arrival, now: Timestamp) -> io::Result<String> {
        let letter = read(&arrival.message).unwrap_or_default();
        let mut list = self.list();
        let last = list.back().and_then(|last| number(&last.id)).unwrap_or(0);
        let id = now.0.max(last + 1);
        let name = name(id);
        let part = self.folder.join(format!("{name}.part"));
        fs::write(&part, stamped(arrival, Timestamp(id)))?;
        fs::rename(&part, self.path(&name))?;
        list.push_back(Caught::new(name.clone(), arrival.recipients.clone(), Timestamp(id), &letter));
        drop(list);
        self.forget_oldest();
        Ok(name)
    }

    /// At most `rows_max` letters older than `before`, newest first; only those to somebody whose address holds `to`.
    pub fn newest(&self, to: &str, before: Option<&str>, rows_max: usize) -> Vec<Caught> {
        let list = self.list();
        let older = list.iter().rev().skip_while(|caught| before.is_some_and(|before| caught.id.as_str() >= before));
        older.filter(|caught| caught.is_to(to)).take(rows_max).cloned().collect()
    }

    /// How many letters there are.
    pub fn count(&self) -> usize {
        self.list().len()
    }

    /// One letter with every octet of it; `None` when it is not, or no longer, here.
    pub fn one(&self, id: &str) -> Option<(Caught, Vec<u8>)> {
        let caught = self.list().iter().find(|caught| caught.id == id)?.clone();
        let message = fs::read(self.path(&caught.id)).ok()?;
        Some((caught, message))
    }

    /// Deletes all letters. Errs when a file cannot be removed; what could be removed is.
    pub fn clear(&self) -> io::Result<()> {
        let mut list = self.list();
        while let Some(caught) = list.pop_front() {
            gone(fs::remove_file(self.path(&caught.id)))?;
        }
        Ok(())
    }

    fn forget_oldest(&self) {
        let mut list = self.list();
        while list.len() > CAUGHT_MAX {
            if let Some(oldest) = list.pop_front()
                && let Err(error) = gone(fs::remove_file(self.path(&oldest.id)))
            {
                tracing::warn!(%error, "could not remove letter `{}` from the tray", oldest.id);
            }
        }
    }

    fn list(&self) -> MutexGuard<'_, VecDeque<Caught>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, name: &str) -> PathBuf {
        Path::new(&self.folder).join(format!("{name}.eml"))
    }
}

/// The letter as a mailbox would hold it: who it was really from and to, how it came, then every octet as it came.
fn stamped(arrival: &Arrival, at: Timestamp) -> Vec<u8> {
    let clean = |text: &str| text.replace(|c: char| c.is_control(), "");
    let mut message = format!("{RETURN_PATH}: <{}>\r\n", clean(&arrival.sender)).into_bytes();
    for recipient in &arrival.recipients {
        message.extend(format!("{DELIVERED_TO}: {}\r\n", clean(recipient)).into_bytes());
    }
    // It also ends our stamps: a letter that begins with a Delivered-To of its own has it below this line.
    let received = format!("Received: from {} by tray.localhost with ESMTP; {}\r\n", clean(&arrival.helo), dated(at));
    message.extend(received.into_bytes());
    message.extend(&arrival.message);
    message
}

/// RFC 5322 §3.3, in UTC.
fn dated(at: Timestamp) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let local = Zone::utc().local(at);
    let (day, month) = (local.day, usize::from(local.day.month().unsigned_abs()) - 1);
    let time = format!("{:02}:{:02}:{:02}", local.hour, local.minute, local.second);
    format!("{} {} {:04} {time} +0000", day.day(), MONTHS[month], day.year())
}

/// Only the stamps on top count: further down a letter can write what it likes.
fn recipients(letter: &Letter) -> Vec<String> {
    let stamps = letter.headers.iter().skip(1).take_while(|(name, _)| name == DELIVERED_TO);
    stamps.map(|(_, value)| value.clone()).collect()
}

/// Names sort like the numbers they are.
fn name(id: i64) -> String {
    format!("{id:017}")
}

fn number(name: &str) -> Option<i64> {
    (name.len() == 17 && name.bytes().all(|byte| byte.is_ascii_digit())).then(|| name.parse().ok())?
}

fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
