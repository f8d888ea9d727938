//! The words of POP3 (RFC 1939), with CAPA (RFC 2449) and STLS (RFC 2595).
//! A message is gone only after QUIT was answered; a server that cannot name its messages for good is not used.

use std::collections::HashMap;

use super::talk::{Fault, Talk};
use super::{MESSAGE_BYTES_MAX, Maildrop, MaildropError, Read, Step, WAITING_MAX, Waiting, failed};
use crate::smtp::Tls;

/// Longest identifier (RFC 1939 §7).
const ID_CHARS_MAX: usize = 70;
/// Most lines of a listing: messages that are not looked at are listed as well.
const LISTED_MAX: usize = 1_000_000;

pub struct Session {
    talk: Talk,
    waiting: Vec<Waiting>,
    octets: HashMap<u32, u64>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("waiting", &self.waiting.len()).finish_non_exhaustive()
    }
}

impl Session {
    pub(super) async fn open(maildrop: &Maildrop, talk: Talk, near: bool) -> Result<Self, MaildropError> {
        let mut session = Self { talk, waiting: Vec::new(), octets: HashMap::new() };
        session.answer(Step::Greeting).await?;
        let mut encrypted = maildrop.settings.tls == Tls::Implicit;
        if maildrop.wants_tls(session.offers_stls().await?)? {
            session.ask(Step::Tls, "STLS").await?;
            session.talk = maildrop.encrypt(session.talk).await?;
            encrypted = true;
        }
        maildrop.may_log_in(encrypted, near)?;
        session.ask(Step::Login, &format!("USER {}", maildrop.settings.username)).await?;
        session.ask(Step::Login, &format!("PASS {}", maildrop.settings.password.reveal())).await?;
        Ok(session)
    }

    async fn offers_stls(&mut self) -> Result<bool, MaildropError> {
        match self.ask(Step::Greeting, "CAPA").await {
            Ok(()) => {}
            // An old server knows no CAPA, and no STLS either.
            Err(MaildropError::Refused { .. }) => return Ok(false),
            Err(error) => return Err(error),
        }
        let mut offered = false;
        while let Some(line) = self.listed(Step::Greeting).await? {
            offered |= line.eq_ignore_ascii_case(b"STLS");
        }
        Ok(offered)
    }

    pub(super) async fn list(&mut self) -> Result<(), MaildropError> {
        self.ask(Step::List, "UIDL").await?;
        let mut lines = 0;
        while let Some(line) = self.listed(Step::List).await? {
            lines += 1;
            let (number, id) = two(&line).ok_or(Fault::Garbled).map_err(failed(Step::List))?;
            if lines > LISTED_MAX || id.len() > ID_CHARS_MAX {
                return Err(failed(Step::List)(Fault::TooMuch));
            }
            if self.waiting.len() < WAITING_MAX {
                self.waiting.push(Waiting { id: id.to_owned(), number });
            }
        }
        self.ask(Step::List, "LIST").await?;
        while let Some(line) = self.listed(Step::List).await? {
            let listed = two(&line).and_then(|(number, octets)| Some((number, octets.parse().ok()?)));
            let (number, octets) = listed.ok_or(Fault::Garbled).map_err(failed(Step::List))?;
            if self.octets.len() < self.waiting.len() {
                self.octets.insert(number, octets);
            }
        }
        Ok(())
    }

    pub(super) fn waiting(&self) -> &[Waiting] {
        &self.waiting
    }

    pub(super) async fn read(&mut self, message: &Waiting) -> Result<Read, MaildropError> {
        if self.octets.get(&message.number).is_some_and(|octets| *octets > MESSAGE_BYTES_MAX as u64) {
            return Ok(Read::TooLarge);
        }
        match self.ask(Step::Read, &format!("RETR {}", message.number)).await {
            Ok(()) => {}
            Err(MaildropError::Refused { .. }) => return Ok(Read::Gone),
            Err(error) => return Err(error),
        }
        let (mut text, mut too_large) = (Vec::new(), false);
        // The size was the server's word: what is larger is read to its end and kept no further.
        while let Some(line) = self.listed(Step::Read).await? {
            too_large |= text.len() + line.len() + 2 > MESSAGE_BYTES_MAX;
            if !too_large {
                text.extend_from_slice(&line);
                text.extend_from_slice(b"\r\n");
            }
        }
        Ok(if too_large { Read::TooLarge } else { Read::Whole(text) })
    }

    pub(super) async fn remove(&mut self, message: &Waiting) -> Result<(), MaildropError> {
        self.ask(Step::Remove, &format!("DELE {}", message.number)).await
    }

    pub(super) async fn leave(mut self) -> Result<(), MaildropError> {
        self.ask(Step::Remove, "QUIT").await
    }

    async fn ask(&mut self, at: Step, line: &str) -> Result<(), MaildropError> {
        self.talk.say(line).await.map_err(failed(at))?;
        self.answer(at).await
    }

    async fn answer(&mut self, at: Step) -> Result<(), MaildropError> {
        let line = self.talk.line().await.map_err(failed(at))?;
        let line = String::from_utf8_lossy(&line);
        match line.strip_prefix("+OK") {
            Some(_) => Ok(()),
            None => match line.strip_prefix("-ERR") {
                Some(text) => Err(MaildropError::Refused { at, text: text.trim().to_owned() }),
                None => Err(failed(at)(Fault::Garbled)),
            },
        }
    }

    /// The next line of a listing or message, its stuffed dot taken off; None at its end (RFC 1939 §3).
    async fn listed(&mut self, at: Step) -> Result<Option<Vec<u8>>, MaildropError> {
        let mut line = self.talk.line().await.map_err(failed(at))?;
        if line.first() == Some(&b'.') {
            line.remove(0);
            if line.is_empty() {
                return Ok(None);
            }
        }
        Ok(Some(line))
    }
}

/// A number and a word, as listings have them.
fn two(line: &[u8]) -> Option<(u32, &str)> {
    let mut words = std::str::from_utf8(line).ok()?.split_ascii_whitespace();
    Some((words.next()?.parse().ok()?, words.next()?))
}
