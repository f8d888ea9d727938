//! A relay that says exactly what a test wants, and nothing it should.

use std::collections::VecDeque;
use std::time::Duration;

use mail::smtp::{RelaySettings, Timeouts, Tls};
use mail::{Connection, Ended, Envelope, MailData, OpenError, Outcome, Parcel, Postbag, Relay};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

pub(crate) const MESSAGE: &[u8] = b"From: a@paper.example\r\nSubject: x\r\n\r\n.hello\r\n";

/// One thing the relay does.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Says this.
    Say(String),
    /// Says this octet by octet, a second apart.
    Drip(&'static str),
    /// Says this again and again until nobody listens.
    Flood(&'static str),
    /// Reads a line, which must start with this.
    Hear(&'static str),
    /// Reads up to the final dot.
    HearText,
    /// Reads up to here and stops in the middle of a text.
    HearSome,
    /// Says nothing more and keeps the line open.
    Hang,
}
pub(crate) use Step::{Drip, Flood, Hang, Hear, HearSome, HearText};

pub(crate) fn say(line: impl Into<String>) -> Step {
    Step::Say(line.into())
}

/// The usual words up to and without the reply named by the last one heard.
pub(crate) fn up_to(word: &str) -> Vec<Step> {
    let all = [
        ("", "220 relay.example\r\n"),
        ("EHLO", "250-relay.example\r\n250-SIZE 1000000\r\n250 8BITMIME\r\n"),
        ("MAIL", "250 2.1.0 Ok\r\n"),
        ("RCPT", "250 2.1.5 Ok\r\n"),
        ("DATA", "354 Go on\r\n"),
    ];
    let mut steps = Vec::new();
    for (heard, said) in all {
        if !heard.is_empty() {
            steps.push(Hear(heard));
        }
        if heard == word {
            return steps;
        }
        steps.push(say(said));
    }
    assert_eq!(word, "dot");
    steps.push(HearText);
    steps
}

/// Starts a relay with this script; it closes the line when the script ends.
pub(crate) fn relay(script: Vec<Step>) -> DuplexStream {
    let (ours, mut theirs) = tokio::io::duplex(64 * 1024);
    tokio::spawn(async move {
        let mut heard = Vec::new();
        for step in script {
            match step {
                Step::Say(text) => {
                    if theirs.write_all(text.as_bytes()).await.is_err() {
                        return;
                    }
                }
                Drip(text) => {
                    for octet in text.as_bytes() {
                        tokio::time::sleep(Duration::from_secs(1)).await;
                        if theirs.write_all(&[*octet]).await.is_err() {
                            return;
                        }
                    }
                }
                Flood(text) => while theirs.write_all(text.as_bytes()).await.is_ok() {},
                Hear(word) => {
                    let line = hear(&mut theirs, &mut heard, b"\r\n").await;
                    assert!(line.starts_with(word), "expected {word}, heard {line:?}");
                }
                HearText => {
                    hear(&mut theirs, &mut heard, b"\r\n.\r\n").await;
                }
                HearSome => {
                    hear(&mut theirs, &mut heard, b"\r\n").await;
                }
                Hang => std::future::pending().await,
            }
        }
    });
    ours
}

async fn hear(stream: &mut DuplexStream, heard: &mut Vec<u8>, until: &[u8]) -> String {
    loop {
        if let Some(at) = heard.windows(until.len()).position(|part| part == until) {
            return String::from_utf8(heard.drain(..at + until.len()).collect()).unwrap();
        }
        if stream.read_buf(heard).await.unwrap() == 0 {
            return String::from_utf8_lossy(&std::mem::take(heard)).into_owned();
        }
    }
}

pub(crate) fn settings(tls: Tls) -> RelaySettings {
    let timeouts = Timeouts { step: Duration::from_secs(30), dot: Duration::from_secs(120) };
    RelaySettings { tls, timeouts, ..RelaySettings::new("localhost", 25, "paper.example") }
}

pub(crate) async fn open(script: Vec<Step>) -> Result<Connection, OpenError> {
    Relay::new(settings(Tls::None)).unwrap().open_on(relay(script)).await
}

pub(crate) fn envelope() -> Envelope {
    Envelope::parse("b+x@bounce.paper.example", "rose@example.ht").unwrap()
}

/// Messages numbered from 1, and one line for each thing that was asked or told about them.
#[derive(Debug, Default)]
pub(crate) struct Bag {
    pub(crate) waiting: VecDeque<Parcel<usize>>,
    /// These may not leave.
    pub(crate) kept_back: Vec<usize>,
    /// Waits for ever instead of saying that there is no more.
    pub(crate) patient: bool,
    /// Dropped when the first message may leave.
    pub(crate) at_the_dot: Option<tokio::sync::oneshot::Sender<()>>,
    pub(crate) left: Vec<usize>,
    pub(crate) outcomes: Vec<(usize, Outcome)>,
}

impl Bag {
    pub(crate) fn of(messages: impl IntoIterator<Item = (Envelope, Vec<u8>)>) -> Self {
        let parcel = |(index, (envelope, message)): (usize, _)| Parcel {
            key: index + 1,
            envelope,
            message: MailData::check(message).unwrap(),
        };
        Self { waiting: messages.into_iter().enumerate().map(parcel).collect(), ..Self::default() }
    }

    pub(crate) fn with(count: usize) -> Self {
        Self::of((0..count).map(|_| (envelope(), MESSAGE.to_vec())))
    }

    pub(crate) fn brief(&self) -> Vec<String> {
        self.outcomes.iter().map(|(key, outcome)| format!("{key} {}", brief(outcome))).collect()
    }
}

impl Postbag for Bag {
    type Key = usize;

    async fn next(&mut self) -> Option<Parcel<usize>> {
        if self.waiting.is_empty() && self.patient {
            std::future::pending::<()>().await;
        }
        self.waiting.pop_front()
    }

    async fn may_leave(&mut self, key: &usize) -> bool {
        let may = !self.kept_back.contains(key);
        drop(self.at_the_dot.take());
        if may {
            self.left.push(*key);
        }
        may
    }

    async fn report(&mut self, key: usize, outcome: Outcome) {
        assert!(self.outcomes.iter().all(|(known, _)| *known != key), "{key} is reported twice");
        self.outcomes.push((key, outcome));
    }
}

pub(crate) async fn send(connection: &mut Connection) -> Outcome {
    send_this(connection, envelope(), MESSAGE.to_vec()).await
}

pub(crate) async fn send_this(connection: &mut Connection, envelope: Envelope, message: Vec<u8>) -> Outcome {
    let mut bag = Bag::of([(envelope, message)]);
    let ended = connection.carry(&mut bag).await;
    match (bag.outcomes.pop(), ended) {
        (Some((1, outcome)), _) => outcome,
        // Never given to the connection: the postbag still has it.
        (None, Ended::Failed(trouble)) if bag.waiting.len() == 1 => Outcome::NotTransmitted(trouble),
        (reported, ended) => panic!("{reported:?} was reported, and the connection ended as {ended:?}"),
    }
}

/// One line for one outcome, so that cases are data.
pub(crate) fn brief(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Sent { queue_id, .. } => format!("sent {}", queue_id.as_deref().unwrap_or("-")),
        Outcome::Deferred { stage, code, .. } => format!("deferred at {stage} {code}"),
        Outcome::Refused { stage, code, .. } => format!("refused at {stage} {code}"),
        Outcome::NotTransmitted(trouble) => format!("not transmitted: {trouble:?}"),
        Outcome::Uncertain(trouble) => format!("uncertain: {trouble:?}"),
    }
}
