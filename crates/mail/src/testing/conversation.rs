//! One conversation of the wild relay: SMTP as it should be, with an act at every moment.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use super::book::id_of;
use super::conduct::{Act, Moment};
use super::relay::Shared;
use crate::server::{Arrival, Unstuffer};
use crate::smtp::{Duplex, Stage};

const READ_CHUNK_BYTES: usize = 64 * 1024;

/// What the relay has said, as far as it matters for what follows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    /// A reply with this code.
    Code(u16),
    /// 354, and the text is to be cut after so many octets.
    CutText(usize),
    /// Nothing; the conversation is over.
    Gone,
}

pub(super) struct Talk {
    stream: Box<dyn Duplex>,
    shared: Arc<Shared>,
    input: Vec<u8>,
    output: Vec<u8>,
    late: Vec<u8>,
    connection: u64,
    message: u64,
    before: u32,
    in_mail: bool,
    arrival: Arrival,
}

impl Talk {
    /// From the greeting to the end.
    pub(super) async fn hold(stream: Box<dyn Duplex>, shared: Arc<Shared>) {
        let connection = {
            let mut book = shared.book();
            book.connections += 1;
            book.open += 1;
            book.connections_at_once_max = book.connections_at_once_max.max(book.open);
            book.connections
        };
        let mut talk = Self {
            stream,
            shared: shared.clone(),
            input: Vec::new(),
            output: Vec::new(),
            late: Vec::new(),
            connection,
            message: 0,
            before: 0,
            in_mail: false,
            arrival: Arrival::default(),
        };
        // However it ends, it ends: what matters is in the book.
        let _ended = talk.run().await;
        shared.book().open -= 1;
    }

    async fn run(&mut self) -> io::Result<()> {
        let crowded = self.shared.conduct().bounds.connections_max.is_some_and(|max| self.shared.book().open > max);
        let greeting = if crowded { "421 4.7.0 too many connections" } else { "220 relay.example ESMTP" };
        if self.answer(Stage::Greeting, greeting, "").await? == Said::Gone || crowded {
            return self.flush().await;
        }
        while let Some(line) = self.line().await? {
            if self.shared.conduct().offers.forgets_early_words {
                self.input.clear();
            }
            if !self.obey(&line).await? {
                break;
            }
        }
        self.flush().await
    }

    /// Whether the conversation goes on.
    async fn obey(&mut self, line: &str) -> io::Result<bool> {
        let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let path = || line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(path, _)| path);
        let said = match word.as_str() {
            "EHLO" | "HELO" => {
                let hello = self.hello(&word);
                self.answer(Stage::Ehlo, &hello, "").await?
            }
            "STARTTLS" => return self.start_tls().await,
            "AUTH" => self.answer(Stage::Auth, "235 2.7.0 welcome", "").await?,
            "MAIL" => self.mail(path()).await?,
            "RCPT" if !self.in_mail => self.say("503 5.5.1 say MAIL first"),
            "RCPT" => {
                self.before = self.shared.book().envelope(path());
                self.arrival.recipients.push(path().to_owned());
                let said = self.answer(Stage::Rcpt, "250 2.1.5 Ok", "").await?;
                if !matches!(said, Said::Code(200..=299)) {
                    self.arrival.recipients.pop();
                }
                said
            }
            "DATA" if self.arrival.recipients.is_empty() => self.say("503 5.5.1 no recipients"),
            "DATA" => match self.answer(Stage::Data, "354 go on", "").await? {
                Said::Code(354) => self.text(usize::MAX).await?,
                Said::CutText(octets) => self.text(octets).await?,
                said => said,
            },
            "BDAT" => self.chunk(line).await?,
            "RSET" => {
                self.forget();
                self.say("250 2.0.0 Ok")
            }
            "NOOP" => self.say("250 2.0.0 Ok"),
            "QUIT" => {
                self.say("221 2.0.0 bye");
                Said::Gone
            }
            _ => self.say("500 5.5.2 what?"),
        };
        // 421 is a goodbye (RFC 5321 §3.8).
        Ok(!matches!(said, Said::Gone | Said::Code(421)))
    }

    fn hello(&self, word: &str) -> String {
        let offers = self.shared.conduct().offers;
        let mut lines = vec!["relay.example".to_owned()];
        if word == "EHLO" {
            lines.extend(offers.pipelining.then(|| "PIPELINING".to_owned()));
            lines.extend(offers.chunking.then(|| "CHUNKING".to_owned()));
            lines.extend((offers.tls.is_some() && !self.arrival.encrypted).then(|| "STARTTLS".to_owned()));
            lines.extend(offers.more);
        }
        let last = lines.len() - 1;
        let coded =
            lines.iter().enumerate().map(|(at, line)| format!("250{}{line}", if at == last { ' ' } else { '-' }));
        coded.collect::<Vec<_>>().join("\r\n")
    }

    async fn start_tls(&mut self) -> io::Result<bool> {
        let Some(tls) = self.shared.conduct().offers.tls else {
            self.say("502 5.5.1 not here");
            return Ok(true);
        };
        match self.answer(Stage::Tls, "220 2.0.0 go ahead", "").await? {
            Said::Code(220) => {}
            said => return Ok(said != Said::Gone),
        }
        self.flush().await?;
        let plain = std::mem::replace(&mut self.stream, Box::new(tokio::io::empty()));
        self.stream = Box::new(TlsAcceptor::from(tls).accept(plain).await?);
        self.arrival.encrypted = true;
        Ok(true)
    }

    async fn mail(&mut self, sender: &str) -> io::Result<Said> {
        if self.in_mail {
            return Ok(self.say("503 5.5.1 nested MAIL"));
        }
        self.message += 1;
        let bounds = self.shared.conduct().bounds;
        if bounds.messages_per_connection_max.is_some_and(|max| self.message > max) {
            return Ok(self.say("421 4.7.0 too many messages in this session"));
        }
        if !self.shared.has_room_this_second(bounds.messages_per_second_max) {
            return Ok(self.say("451 4.7.1 too many messages, slow down"));
        }
        let said = self.answer(Stage::Mail, "250 2.1.0 Ok", "").await?;
        if matches!(said, Said::Code(200..=299)) {
            self.in_mail = true;
            self.arrival.sender = sender.to_owned();
        }
        Ok(said)
    }

    /// The text up to its final dot, or up to where it is to be cut.
    async fn text(&mut self, octets_max: usize) -> io::Result<Said> {
        let (mut unstuffer, mut text) = (Unstuffer::default(), Vec::new());
        self.flush().await?;
        loop {
            let end = unstuffer.push(&self.input, &mut text);
            self.input.drain(..end.unwrap_or(self.input.len()));
            if text.len() >= octets_max {
                return Ok(Said::Gone);
            }
            if end.is_some() {
                self.arrival.message = text;
                return self.end_of_text().await;
            }
            if !self.read_more().await? {
                return Ok(Said::Gone);
            }
        }
    }

    async fn chunk(&mut self, line: &str) -> io::Result<Said> {
        let mut words = line.split_ascii_whitespace().skip(1);
        let Some(octets) = words.next().and_then(|digits| digits.parse::<usize>().ok()) else {
            return Ok(self.say("501 5.5.4 BDAT how many?"));
        };
        while self.input.len() < octets {
            if !self.read_more().await? {
                return Ok(Said::Gone);
            }
        }
        let chunk: Vec<u8> = self.input.drain(..octets).collect();
        if !self.shared.conduct().offers.chunking || self.arrival.recipients.is_empty() {
            return Ok(self.say("503 5.5.1 not now"));
        }
        self.arrival.message.extend(chunk);
        match words.next() {
            Some(last) if last.eq_ignore_ascii_case("LAST") => self.end_of_text().await,
            _ => Ok(self.say("250 2.0.0 Ok")),
        }
    }

    async fn end_of_text(&mut self) -> io::Result<Said> {
        let id = id_of(&self.arrival.message);
        self.shared.book().hear(&id, &self.arrival);
        let right = format!("250 2.0.0 Ok: queued as W{}.{}", self.connection, self.message);
        let said = self.answer(Stage::Dot, &right, &id).await;
        if let Ok(Said::Code(code)) = said {
            self.shared.book().answer(&id, code);
        }
        self.forget();
        said
    }

    fn forget(&mut self) {
        self.in_mail = false;
        self.arrival = Arrival { encrypted: self.arrival.encrypted, ..Arrival::default() };
    }

    /// Does what the conduct says at this moment.
    async fn answer(&mut self, stage: Stage, right: &str, id: &str) -> io::Result<Said> {
        let conduct = self.shared.conduct();
        let recipient = self.arrival.recipients.last().map_or("", String::as_str);
        let (connection, message, before) = (self.connection, self.message, self.before);
        let act = conduct.at(&Moment { stage, connection, message, recipient, before, id });
        self.book_what_is_kept(&act, stage, right, id, conduct.keeps_texts);
        match act {
            Act::Obey => return Ok(self.say(right)),
            Act::Say(lines) => {
                self.output.extend_from_slice(lines.as_bytes());
                return Ok(Said::Code(code(&lines)));
            }
            Act::SayMore(lines) => {
                let said = self.say(right);
                self.output.extend_from_slice(lines.as_bytes());
                return Ok(said);
            }
            Act::SayPart(octets) => self.output.extend(format!("{right}\r\n").bytes().take(octets)),
            Act::Drip(pause) => {
                self.flush().await?;
                for octet in format!("{right}\r\n").bytes() {
                    tokio::time::sleep(pause).await;
                    self.output.push(octet);
                    self.flush().await?;
                }
                return Ok(Said::Code(code(right)));
            }
            Act::Wait(time) => {
                self.flush().await?;
                tokio::time::sleep(time).await;
                return Ok(self.say(right));
            }
            Act::Late => {
                self.late.extend_from_slice(format!("{right}\r\n").as_bytes());
                return Ok(Said::Code(code(right)));
            }
            Act::Flood(lines) => loop {
                self.output.extend_from_slice(lines.as_bytes());
                self.flush().await?;
            },
            Act::Silence => {
                self.flush().await?;
                while self.read_more().await? {
                    self.input.clear();
                }
            }
            Act::CutText(octets) if stage == Stage::Data => {
                self.say(right);
                return Ok(Said::CutText(octets));
            }
            Act::HangUp | Act::KeepAndHangUp | Act::CutText(_) => {}
        }
        Ok(Said::Gone)
    }

    fn book_what_is_kept(&mut self, act: &Act, stage: Stage, right: &str, id: &str, keeps_texts: bool) {
        let kept = match act {
            Act::Obey | Act::SayMore(_) | Act::SayPart(_) | Act::Drip(_) | Act::Wait(_) | Act::Late => {
                right.starts_with('2')
            }
            Act::Say(lines) => lines.starts_with('2'),
            Act::KeepAndHangUp => true,
            Act::Flood(_) | Act::Silence | Act::HangUp | Act::CutText(_) => false,
        };
        if stage == Stage::Dot && kept {
            let mut book = self.shared.book();
            book.keep(id);
            if keeps_texts {
                book.arrivals.push(self.arrival.clone());
            }
        }
    }

    fn say(&mut self, reply: &str) -> Said {
        self.output.extend_from_slice(reply.as_bytes());
        self.output.extend_from_slice(b"\r\n");
        self.output.append(&mut self.late);
        Said::Code(code(reply))
    }

    /// The next command line; replies go out only when nothing is left to read (RFC 2920 §3.2).
    async fn line(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(end) = self.input.iter().position(|&b| b == b'\n') {
                let line: Vec<u8> = self.input.drain(..=end).collect();
                return Ok(Some(String::from_utf8_lossy(&line).trim_end().to_owned()));
            }
            self.flush().await?;
            if !self.read_more().await? {
                return Ok(None);
            }
        }
    }

    async fn read_more(&mut self) -> io::Result<bool> {
        self.input.reserve(READ_CHUNK_BYTES);
        Ok(self.stream.read_buf(&mut self.input).await? > 0)
    }

    async fn flush(&mut self) -> io::Result<()> {
        if self.output.is_empty() {
            return Ok(());
        }
        self.stream.write_all(&self.output).await?;
        self.output.clear();
        self.stream.flush().await
    }
}

fn code(reply: &str) -> u16 {
    reply.get(..3).and_then(|digits| digits.parse().ok()).unwrap_or(0)
}
