//! A mailbox server on a port of this machine, POP3 or IMAP, that knows what fetching needs and breaks off when told.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::maildrop::Protocol;

/// Who may log in.
pub const USERNAME: &str = "bounces@paper.example";
/// With what.
pub const PASSWORD: &str = "open \"sesame\" \\o/";

#[derive(Debug, Default)]
struct Kept {
    messages: Vec<Message>,
    /// Messages handed out before the connection is cut in the middle of one.
    cut_after: Option<usize>,
    read: usize,
}

#[derive(Clone, Debug)]
struct Message {
    number: u32,
    text: Vec<u8>,
    marked: bool,
}

/// The server; it goes when it is dropped.
pub struct MailboxServer {
    kept: Arc<Mutex<Kept>>,
    port: u16,
    listening: JoinHandle<()>,
}

impl Drop for MailboxServer {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl MailboxServer {
    /// Listens on a free port of 127.0.0.1, with an empty mailbox.
    pub async fn start(protocol: Protocol) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let kept = Arc::new(Mutex::new(Kept::default()));
        let shared = kept.clone();
        let listening = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = shared.clone();
                tokio::spawn(async move {
                    match protocol {
                        Protocol::Pop3 => pop3(stream, &shared).await,
                        Protocol::Imap => imap(stream, &shared).await,
                    }
                });
            }
        });
        Ok(Self { kept, port, listening })
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// A message arrives.
    pub fn put(&self, text: impl Into<Vec<u8>>) {
        let mut kept = lock(&self.kept);
        let number = kept.messages.iter().map(|message| message.number).max().unwrap_or_default() + 1;
        kept.messages.push(Message { number, text: text.into(), marked: false });
    }

    /// What lies in the mailbox.
    pub fn holds(&self) -> Vec<Vec<u8>> {
        lock(&self.kept).messages.iter().map(|message| message.text.clone()).collect()
    }

    /// How many messages were handed out so far, whole or not.
    pub fn handed_out(&self) -> usize {
        lock(&self.kept).read
    }

    /// Cuts the connection in the middle of the message after the next `messages`; `None` for never again.
    pub fn cut_after(&self, messages: Option<usize>) {
        let mut kept = lock(&self.kept);
        kept.cut_after = messages.map(|more| kept.read + more);
    }
}

fn lock(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts a message that is handed out, and says how much of it.
fn hand_out(kept: &Mutex<Kept>, text: &[u8]) -> (Vec<u8>, bool) {
    let mut kept = lock(kept);
    kept.read += 1;
    let cut = kept.cut_after.is_some_and(|after| kept.read > after);
    (if cut { text[..text.len() / 2].to_vec() } else { text.to_vec() }, cut)
}

/// A listing of everything: number from 1, and what `line` says of it.
fn listing(here: &[Message], line: impl Fn(usize, &Message) -> String) -> Vec<u8> {
    let lines: String = here.iter().enumerate().map(|(n, message)| line(n + 1, message)).collect();
    format!("+OK\r\n{lines}.\r\n").into_bytes()
}

async fn pop3(stream: TcpStream, kept: &Mutex<Kept>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"+OK here\r\n").await.ok()?;
    let mut here = lock(kept).messages.clone();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok().filter(|count| *count > 0)?;
        let (word, rest) = line.trim_end().split_once(' ').unwrap_or((line.trim_end(), ""));
        let nth = rest.parse::<usize>().ok().and_then(|n| n.checked_sub(1)).filter(|n| *n < here.len());
        let answer = match (word, nth) {
            ("PASS", _) if rest != PASSWORD => b"-ERR no\r\n".to_vec(),
            ("UIDL", _) => listing(&here, |n, message| format!("{n} id{}\r\n", message.number)),
            ("LIST", _) => listing(&here, |n, message| format!("{n} {}\r\n", message.text.len())),
            ("RETR", Some(n)) => {
                let mut stuffed = Vec::new();
                crate::mail_data::dot_stuff(&here[n].text, &mut stuffed);
                if !stuffed.ends_with(b"\r\n") {
                    stuffed.extend_from_slice(b"\r\n");
                }
                let (text, cut) = hand_out(kept, &stuffed);
                stream.write_all(b"+OK\r\n").await.ok()?;
                stream.write_all(&text).await.ok()?;
                if cut {
                    return None;
                }
                b".\r\n".to_vec()
            }
            ("DELE", Some(n)) => {
                here[n].marked = true;
                b"+OK\r\n".to_vec()
            }
            ("QUIT", _) => {
                let gone: Vec<u32> = here.iter().filter(|it| it.marked).map(|it| it.number).collect();
                lock(kept).messages.retain(|message| !gone.contains(&message.number));
                stream.write_all(b"+OK bye\r\n").await.ok()?;
                return None;
            }
            ("USER" | "PASS", _) => b"+OK\r\n".to_vec(),
            (_, _) => b"-ERR what\r\n".to_vec(),
        };
        stream.write_all(&answer).await.ok()?;
    }
}

async fn imap(stream: TcpStream, kept: &Mutex<Kept>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"* OK here\r\n").await.ok()?;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok().filter(|count| *count > 0)?;
        let (tag, command) = line.trim_end().split_once(' ')?;
        let mut ok = true;
        let words: Vec<&str> = command.split(' ').collect();
        let named = words.get(2).map(|list| list.split(',').filter_map(|n| n.parse().ok()).collect::<Vec<u32>>());
        let named = named.unwrap_or_default();
        match (words.first().copied()?, words.get(1).copied().unwrap_or_default()) {
            ("CAPABILITY", _) => stream.write_all(b"* CAPABILITY IMAP4rev1 UIDPLUS\r\n").await.ok()?,
            ("LOGIN", _) => ok = command == format!("LOGIN {} {}", quoted(USERNAME), quoted(PASSWORD)),
            ("SELECT", _) => stream.write_all(b"* 3 EXISTS\r\n* OK [UIDVALIDITY 77] fine\r\n").await.ok()?,
            ("UID", "SEARCH") => {
                let here = lock(kept)
                    .messages
                    .iter()
                    .filter(|it| !it.marked)
                    .map(|it| format!(" {}", it.number))
                    .collect::<String>();
                stream.write_all(format!("* SEARCH{here}\r\n").as_bytes()).await.ok()?;
            }
            ("UID", "FETCH") => {
                let message = lock(kept).messages.iter().find(|it| named.contains(&it.number)).cloned();
                if let Some(Message { text, number, .. }) = message {
                    let most = crate::maildrop::MESSAGE_BYTES_MAX + 1;
                    let text = &text[..text.len().min(most)];
                    let head = format!("* 1 FETCH (UID {number} BODY[]<0> {{{}}}\r\n", text.len());
                    stream.write_all(head.as_bytes()).await.ok()?;
                    let (text, cut) = hand_out(kept, text);
                    stream.write_all(&text).await.ok()?;
                    if cut {
                        return None;
                    }
                    stream.write_all(b")\r\n").await.ok()?;
                }
            }
            ("UID", "STORE") => mark(kept, &named),
            ("UID", "EXPUNGE") => {
                lock(kept).messages.retain(|message| !(message.marked && named.contains(&message.number)));
            }
            ("LOGOUT", _) => {
                stream.write_all(format!("* BYE\r\n{tag} OK\r\n").as_bytes()).await.ok()?;
                return None;
            }
            (_, _) => ok = false,
        }
        stream.write_all(format!("{tag} {} done\r\n", if ok { "OK" } else { "NO" }).as_bytes()).await.ok()?;
    }
}

fn mark(kept: &Mutex<Kept>, named: &[u32]) {
    for message in &mut lock(kept).messages {
        message.marked |= named.contains(&message.number);
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
