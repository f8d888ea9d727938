//! The words of IMAP (RFC 3501 and 9051) that fetching needs: nothing of a message is marked as seen.
//! Expunges only what we marked, and only where the server can do just that (UIDPLUS, RFC 4315).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::talk::{Fault, Talk};
use super::{MESSAGE_BYTES_MAX, Maildrop, MaildropError, Read, Step, WAITING_MAX, Waiting, failed};
use crate::smtp::Tls;

/// Most untagged responses to one command.
const RESPONSES_MAX: usize = 100_000;
/// Most literals in one response; ours has one.
const LITERALS_MAX: usize = 8;

pub struct Session {
    talk: Talk,
    /// Commands said so far; the last one's tag is made of it.
    said: u32,
    capabilities: Vec<String>,
    validity: u32,
    waiting: Vec<Waiting>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("waiting", &self.waiting.len()).finish_non_exhaustive()
    }
}

/// One response: its words, and the octets of its literals in order.
#[derive(Debug)]
struct Response {
    words: String,
    literals: Vec<Vec<u8>>,
}

impl Session {
    pub(super) async fn open(maildrop: &Maildrop, talk: Talk, near: bool) -> Result<Self, MaildropError> {
        let mut session = Self { talk, said: 0, capabilities: Vec::new(), validity: 0, waiting: Vec::new() };
        let greeting = session.response(Step::Greeting).await?.words;
        if !greeting.starts_with("* OK") {
            return Err(MaildropError::Refused { at: Step::Greeting, text: greeting });
        }
        session.ask_capabilities(Step::Greeting).await?;
        let mut encrypted = maildrop.settings.tls == Tls::Implicit;
        if maildrop.wants_tls(session.can("STARTTLS"))? {
            session.ask(Step::Tls, "STARTTLS").await?;
            session.talk = maildrop.encrypt(session.talk).await?;
            session.ask_capabilities(Step::Tls).await?;
            encrypted = true;
        }
        maildrop.may_log_in(encrypted, near)?;
        session.log_in(&maildrop.settings.username, maildrop.settings.password.reveal()).await?;
        // What a server can do may change with who asks (RFC 3501 §6.2.3).
        session.ask_capabilities(Step::Login).await?;
        let selected = session.ask(Step::List, &format!("SELECT {}", quoted(&maildrop.settings.folder))).await?;
        let validity = selected.iter().find_map(|line| line.words.split_once("[UIDVALIDITY ")?.1.split_once(']'));
        session.validity = validity
            .and_then(|(number, _)| number.trim().parse().ok())
            .ok_or(Fault::Garbled)
            .map_err(failed(Step::List))?;
        Ok(session)
    }

    async fn ask_capabilities(&mut self, at: Step) -> Result<(), MaildropError> {
        let said = self.ask(at, "CAPABILITY").await?;
        let lines = said.iter().filter_map(|line| line.words.strip_prefix("* CAPABILITY "));
        self.capabilities = lines.flat_map(str::split_ascii_whitespace).map(str::to_ascii_uppercase).collect();
        Ok(())
    }

    fn can(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|known| known == capability)
    }

    async fn log_in(&mut self, username: &str, password: &str) -> Result<(), MaildropError> {
        if self.can("AUTH=PLAIN") {
            let tag = self.say(Step::Login, "AUTHENTICATE PLAIN").await?;
            let response = self.response(Step::Login).await?;
            if !response.words.starts_with('+') {
                return ended(Step::Login, &tag, &response.words).and(Err(failed(Step::Login)(Fault::Garbled)));
            }
            let proof = BASE64.encode(format!("\0{username}\0{password}"));
            self.talk.say(&proof).await.map_err(failed(Step::Login))?;
            return self.answers(Step::Login, &tag).await.map(|_| ());
        }
        if self.can("LOGINDISABLED") {
            return Err(MaildropError::Refused { at: Step::Login, text: "LOGINDISABLED".into() });
        }
        if !(username.is_ascii() && password.is_ascii()) {
            return Err(MaildropError::Settings("this server takes plain ASCII passwords only".into()));
        }
        self.ask(Step::Login, &format!("LOGIN {} {}", quoted(username), quoted(password))).await.map(|_| ())
    }

    pub(super) async fn list(&mut self) -> Result<(), MaildropError> {
        let found = self.ask(Step::List, "UID SEARCH UNDELETED").await?;
        let lines = found.iter().filter_map(|line| line.words.strip_prefix("* SEARCH"));
        let mut numbers: Vec<u32> =
            lines.flat_map(str::split_ascii_whitespace).filter_map(|number| number.parse().ok()).collect();
        numbers.sort_unstable();
        numbers.truncate(WAITING_MAX);
        let validity = self.validity;
        let named = |number| Waiting { id: format!("{validity}:{number}"), number };
        self.waiting = numbers.into_iter().map(named).collect();
        Ok(())
    }

    pub(super) fn waiting(&self) -> &[Waiting] {
        &self.waiting
    }

    pub(super) async fn read(&mut self, message: &Waiting) -> Result<Read, MaildropError> {
        // One octet more than we take tells a message that is too large.
        let command = format!("UID FETCH {} (BODY.PEEK[]<0.{}>)", message.number, MESSAGE_BYTES_MAX + 1);
        let responses = self.ask(Step::Read, &command).await?;
        let body = responses.into_iter().find_map(|response| {
            let fetched = response.words.contains(" FETCH ") && response.words.contains("BODY[]");
            response.literals.into_iter().next().filter(|_| fetched)
        });
        Ok(match body {
            Some(text) if text.len() > MESSAGE_BYTES_MAX => Read::TooLarge,
            Some(text) => Read::Whole(text),
            None => Read::Gone,
        })
    }

    pub(super) async fn remove(&mut self, message: &Waiting) -> Result<(), MaildropError> {
        let command = format!("UID STORE {} +FLAGS.SILENT (\\Deleted)", message.number);
        self.ask(Step::Remove, &command).await?;
        // At once: what is only marked when a connection breaks would lie there for ever.
        if self.can("UIDPLUS") || self.can("IMAP4REV2") {
            self.ask(Step::Remove, &format!("UID EXPUNGE {}", message.number)).await?;
        }
        Ok(())
    }

    pub(super) async fn leave(mut self) -> Result<(), MaildropError> {
        // How the goodbye is answered changes nothing.
        let _ = self.ask(Step::Remove, "LOGOUT").await;
        Ok(())
    }

    async fn ask(&mut self, at: Step, command: &str) -> Result<Vec<Response>, MaildropError> {
        let tag = self.say(at, command).await?;
        self.answers(at, &tag).await
    }

    async fn say(&mut self, at: Step, command: &str) -> Result<String, MaildropError> {
        self.said += 1;
        let tag = format!("M{}", self.said);
        self.talk.say(&format!("{tag} {command}")).await.map_err(failed(at))?;
        Ok(tag)
    }

    /// Everything said up to the tagged answer, which must be OK.
    async fn answers(&mut self, at: Step, tag: &str) -> Result<Vec<Response>, MaildropError> {
        let mut said = Vec::new();
        loop {
            let response = self.response(at).await?;
            if response.words.starts_with("* ") {
                said.push(response);
                if said.len() > RESPONSES_MAX {
                    return Err(failed(at)(Fault::TooMuch));
                }
            } else {
                return ended(at, tag, &response.words).map(|()| said);
            }
        }
    }

    /// One response with its literals (RFC 3501 §4.3).
    async fn response(&mut self, at: Step) -> Result<Response, MaildropError> {
        let mut response = Response { words: String::new(), literals: Vec::new() };
        loop {
            let line = self.talk.line().await.map_err(failed(at))?;
            response.words.push_str(&String::from_utf8_lossy(&line));
            let Some(count) = literal(&response.words) else { return Ok(response) };
            if count > MESSAGE_BYTES_MAX + 1 || response.literals.len() == LITERALS_MAX {
                return Err(failed(at)(Fault::TooMuch));
            }
            response.literals.push(self.talk.octets(count).await.map_err(failed(at))?);
        }
    }
}

/// The octets announced at the end of a line: `{123}`.
fn literal(line: &str) -> Option<usize> {
    let (_, count) = line.strip_suffix('}')?.rsplit_once('{')?;
    count.parse().ok()
}

/// What a tagged answer means.
fn ended(at: Step, tag: &str, words: &str) -> Result<(), MaildropError> {
    let mut parts = words.splitn(3, ' ');
    if parts.next() != Some(tag) {
        return Err(failed(at)(Fault::Garbled));
    }
    let (state, text) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    match state.to_ascii_uppercase().as_str() {
        "OK" => Ok(()),
        "NO" | "BAD" => Err(MaildropError::Refused { at, text: text.to_owned() }),
        _ => Err(failed(at)(Fault::Garbled)),
    }
}

/// A quoted string (RFC 3501 §4.3); line breaks and NUL were refused with the settings.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
