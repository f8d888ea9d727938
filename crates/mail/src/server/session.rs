//! One conversation with a peer that brings mail.
//! Holds one message at a time; forgets it when the sink has answered.

use std::future::Future;
use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::command::{self, Command};
use super::data::Unstuffer;
use super::{Answer, Arrival, Protocol, Settings};
use crate::smtp::Duplex;

/// A message that is refused is still read to its end, but not for ever.
const OVERRUN_TIMES_MAX: usize = 4;
const READ_CHUNK_BYTES: usize = 16 * 1024;

/// Talks to one peer on any stream until it leaves, is sent away, or the stream fails (the error).
/// For [`super::serve`] and for tests without a network.
pub async fn converse<D, S, F>(stream: D, settings: &Settings, sink: &S) -> io::Result<()>
where
    D: AsyncRead + AsyncWrite + Unpin + Send,
    S: Fn(Arrival) -> F,
    F: Future<Output = Answer>,
{
    let (_keep, stopping) = watch::channel(false);
    Session::new(Box::new(stream), settings, sink, stopping).run().await
}

/// Like [`converse`] for a TCP peer, or only a 421 when there is no room.
pub(super) async fn answer<S, F>(
    mut stream: TcpStream,
    settings: &Settings,
    sink: &S,
    stopping: watch::Receiver<bool>,
    crowded: bool,
) -> io::Result<()>
where
    S: Fn(Arrival) -> F,
    F: Future<Output = Answer>,
{
    stream.set_nodelay(true)?;
    if crowded {
        let line = format!("421 4.3.2 {} has too many visitors, please come back\r\n", settings.name);
        return timeout(settings.limits.idle, stream.write_all(line.as_bytes())).await?;
    }
    Session::new(Box::new(stream), settings, sink, stopping).run().await
}

struct Session<'s, S> {
    stream: Box<dyn Duplex + 's>,
    settings: &'s Settings,
    sink: &'s S,
    stopping: watch::Receiver<bool>,
    input: Vec<u8>,
    output: Vec<u8>,
    arrival: Arrival,
    in_mail: bool,
    encrypted: bool,
    mistakes: usize,
}

/// What came instead of a command line.
enum Line {
    Command(String),
    TooLong,
    NotCrlf,
    Gone,
    Idle,
    Stopping,
}

impl<'s, S, F> Session<'s, S>
where
    S: Fn(Arrival) -> F,
    F: Future<Output = Answer>,
{
    fn new(stream: Box<dyn Duplex + 's>, settings: &'s Settings, sink: &'s S, stopping: watch::Receiver<bool>) -> Self {
        Self {
            stream,
            settings,
            sink,
            stopping,
            input: Vec::new(),
            output: Vec::new(),
            arrival: Arrival::default(),
            in_mail: false,
            encrypted: false,
            mistakes: 0,
        }
    }

    async fn run(mut self) -> io::Result<()> {
        let protocol = match self.settings.protocol {
            Protocol::Smtp => "ESMTP",
            Protocol::Lmtp => "LMTP",
        };
        self.say(&format!("220 {} {protocol}", self.settings.name));
        loop {
            let goes_on = match self.line().await? {
                Line::Command(line) => self.obey(command::parse(&line)).await?,
                Line::TooLong => self.dismiss("500 5.5.2 that line is too long"),
                Line::NotCrlf => self.dismiss("500 5.5.2 lines end in CRLF"),
                Line::Idle => self.dismiss("421 4.4.2 nothing was said for too long"),
                Line::Stopping => self.dismiss("421 4.3.2 closing, please come back"),
                Line::Gone => return Ok(()),
            };
            if !goes_on {
                return self.flush().await;
            }
        }
    }

    /// Whether the conversation goes on.
    async fn obey(&mut self, command: Command) -> io::Result<bool> {
        match (self.settings.protocol, command) {
            (Protocol::Smtp, Command::Ehlo(name)) | (Protocol::Lmtp, Command::Lhlo(name)) => self.greet(name, true),
            (Protocol::Smtp, Command::Helo(name)) => self.greet(name, false),
            (_, Command::Ehlo(_) | Command::Helo(_) | Command::Lhlo(_)) => {
                return Ok(self.mistake("500 5.5.1 this port speaks the other protocol"));
            }
            (_, command) => return self.obey_greeted(command).await,
        }
        Ok(true)
    }

    async fn obey_greeted(&mut self, command: Command) -> io::Result<bool> {
        match command {
            Command::Ehlo(_) | Command::Helo(_) | Command::Lhlo(_) => {}
            Command::Mail { sender, size } => return Ok(self.mail(sender, size)),
            Command::Rcpt(recipient) => return Ok(self.rcpt(recipient)),
            Command::Data => return self.data().await,
            Command::Rset => {
                self.forget();
                self.say("250 2.0.0 Ok");
            }
            Command::Noop => self.say("250 2.0.0 Ok"),
            Command::Vrfy => self.say("252 2.0.0 Send some mail, and see"),
            Command::StartTls => return self.start_tls().await,
            Command::Quit => return Ok(self.dismiss("221 2.0.0 Goodbye")),
            Command::Malformed => return Ok(self.mistake("501 5.5.4 that command needs other arguments")),
            Command::UnknownParameter => return Ok(self.mistake("555 5.5.4 that parameter was not offered")),
            Command::Unknown => return Ok(self.mistake("500 5.5.1 that command is not known here")),
        }
        Ok(true)
    }

    fn greet(&mut self, name: String, extended: bool) {
        self.forget();
        self.arrival.helo = name;
        let name = &self.settings.name;
        if !extended {
            return self.say(&format!("250 {name}"));
        }
        let size = self.settings.limits.message_bytes_max;
        let mut words = vec![name.clone(), "PIPELINING".into(), "8BITMIME".into(), "SMTPUTF8".into()];
        words.extend([format!("SIZE {size}"), "ENHANCEDSTATUSCODES".into()]);
        if self.settings.tls.is_some() && !self.encrypted {
            words.push("STARTTLS".into());
        }
        let last = words.len() - 1;
        for (index, word) in words.iter().enumerate() {
            self.say(&format!("250{}{word}", if index == last { ' ' } else { '-' }));
        }
    }

    fn mail(&mut self, sender: String, size: Option<u64>) -> bool {
        if self.arrival.helo.is_empty() {
            return self.mistake("503 5.5.1 say EHLO first");
        }
        if self.in_mail {
            return self.mistake("503 5.5.1 one sender is enough");
        }
        if size.is_some_and(|octets| octets > self.settings.limits.message_bytes_max as u64) {
            self.say("552 5.3.4 that message is too large");
            return true;
        }
        self.in_mail = true;
        self.arrival.sender = sender;
        self.say("250 2.1.0 Ok");
        true
    }

    fn rcpt(&mut self, recipient: String) -> bool {
        if !self.in_mail {
            return self.mistake("503 5.5.1 say MAIL first");
        }
        if self.arrival.recipients.len() >= self.settings.limits.recipients_max {
            self.say("452 4.5.3 too many recipients");
            return true;
        }
        if self.settings.accepts.as_ref().is_some_and(|accepts| !accepts(&recipient)) {
            return self.mistake("550 5.1.1 there is no such address here");
        }
        self.arrival.recipients.push(recipient);
        self.say("250 2.1.5 Ok");
        true
    }

    async fn data(&mut self) -> io::Result<bool> {
        if !self.in_mail || self.arrival.recipients.is_empty() {
            return Ok(self.mistake("503 5.5.1 say MAIL and RCPT first"));
        }
        self.say("354 End with CRLF . CRLF");
        self.flush().await?;
        let limits = &self.settings.limits;
        let (mut unstuffer, mut message, mut octets) = (Unstuffer::default(), Vec::new(), 0usize);
        let mut too_large = false;
        loop {
            let end = unstuffer.push(&self.input, &mut message);
            octets = octets.saturating_add(end.unwrap_or(self.input.len()));
            self.input.drain(..end.unwrap_or(self.input.len()));
            too_large |= message.len() > limits.message_bytes_max;
            if too_large {
                message = Vec::new();
            }
            if end.is_some() {
                break;
            }
            if octets > limits.message_bytes_max.saturating_mul(OVERRUN_TIMES_MAX) {
                return Ok(self.dismiss("421 4.3.4 that message does not end"));
            }
            let Ok(read) = timeout(limits.idle, self.read_more()).await else {
                return Ok(self.dismiss("421 4.4.2 nothing was said for too long"));
            };
            if read? == 0 {
                return Ok(false);
            }
        }
        self.arrival.message = message;
        let replies = match self.settings.protocol {
            Protocol::Smtp => 1,
            Protocol::Lmtp => self.arrival.recipients.len(),
        };
        let line_too_long = unstuffer.longest_line() > limits.text_line_bytes_max;
        let reply = match (too_large, line_too_long) {
            (true, _) => "552 5.3.4 that message is too large".to_owned(),
            (_, true) => "554 5.6.0 a line of that message is too long".to_owned(),
            (false, false) => self.hand_over().await,
        };
        self.forget();
        (0..replies).for_each(|_| self.say(&reply));
        Ok(true)
    }

    async fn hand_over(&mut self) -> String {
        let helo = self.arrival.helo.clone();
        let arrival = std::mem::replace(&mut self.arrival, Arrival { helo, ..Arrival::default() });
        match (self.sink)(Arrival { encrypted: self.encrypted, ..arrival }).await {
            Answer::Kept(id) => format!("250 2.0.0 Ok: queued as {}", printable(&id)),
            Answer::Later => "452 4.3.1 not now, please come back".into(),
            Answer::Refused(sentence) => format!("554 5.6.0 {}", printable(&sentence)),
        }
    }

    async fn start_tls(&mut self) -> io::Result<bool> {
        let Some(tls) = self.settings.tls.clone().filter(|_| !self.encrypted) else {
            return Ok(self.mistake("503 5.5.1 STARTTLS was not offered"));
        };
        // What was pipelined behind STARTTLS was not said by whoever is behind the certificate (RFC 3207 §6).
        if !self.input.is_empty() {
            return Ok(self.dismiss("501 5.5.4 nothing may follow STARTTLS before the handshake"));
        }
        self.say("220 2.0.0 Go ahead");
        self.flush().await?;
        let plain = std::mem::replace(&mut self.stream, Box::new(tokio::io::empty()));
        let handshake = TlsAcceptor::from(tls).accept(plain);
        self.stream = Box::new(timeout(self.settings.limits.idle, handshake).await??);
        self.encrypted = true;
        self.arrival = Arrival::default();
        self.in_mail = false;
        Ok(true)
    }

    fn forget(&mut self) {
        let helo = std::mem::take(&mut self.arrival.helo);
        self.arrival = Arrival { helo, ..Arrival::default() };
        self.in_mail = false;
    }

    fn say(&mut self, line: &str) {
        self.output.extend_from_slice(line.as_bytes());
        self.output.extend_from_slice(b"\r\n");
    }

    /// A last word: the conversation does not go on.
    fn dismiss(&mut self, line: &str) -> bool {
        self.say(line);
        false
    }

    /// Whether there is patience left.
    fn mistake(&mut self, line: &str) -> bool {
        self.mistakes += 1;
        if self.mistakes > self.settings.limits.mistakes_max {
            return self.dismiss("421 4.7.0 too many mistakes");
        }
        self.say(line);
        true
    }

    /// The next command line; replies go out only when nothing is left to read (RFC 2920 §3.2).
    async fn line(&mut self) -> io::Result<Line> {
        let bytes_max = self.settings.limits.command_bytes_max;
        loop {
            if let Some(end) = self.input.iter().take(bytes_max).position(|&b| b == b'\n') {
                let line: Vec<u8> = self.input.drain(..=end).collect();
                let Some(line) = line.strip_suffix(b"\r\n") else { return Ok(Line::NotCrlf) };
                return Ok(if line.contains(&b'\r') {
                    Line::NotCrlf
                } else {
                    Line::Command(String::from_utf8_lossy(line).into_owned())
                });
            }
            if self.input.len() >= bytes_max {
                return Ok(Line::TooLong);
            }
            self.flush().await?;
            let mut stopping = self.stopping.clone();
            let read = tokio::select! {
                biased;
                Ok(_) = stopping.wait_for(|stop| *stop) => return Ok(Line::Stopping),
                read = timeout(self.settings.limits.idle, self.read_more()) => read,
            };
            let Ok(read) = read else { return Ok(Line::Idle) };
            if read? == 0 {
                return Ok(Line::Gone);
            }
        }
    }

    async fn read_more(&mut self) -> io::Result<usize> {
        self.input.reserve(READ_CHUNK_BYTES);
        self.stream.read_buf(&mut self.input).await
    }

    async fn flush(&mut self) -> io::Result<()> {
        let output = std::mem::take(&mut self.output);
        let write = async {
            self.stream.write_all(&output).await?;
            self.stream.flush().await
        };
        timeout(self.settings.limits.idle, write).await?
    }
}

/// A sink's words must not become replies of their own.
fn printable(text: &str) -> String {
    text.chars().take(400).map(|c| if c == ' ' || c.is_ascii_graphic() { c } else { '?' }).collect()
}
