//! Drives one connection: the text of one message, its final dot and the next envelope in one write (RFC 2920 §3.1),
//! never more than one message without its answer. Claims no more than the octets that came allow.

use tokio::time::{Instant, timeout};

use super::connection::{Condition, Connection};
use super::outcome::{Outcome, Stage, Trouble};
use super::postbag::{Ended, Parcel, Postbag};
use super::reply::{Reply, ReplyFault};
use super::words::Words;
use crate::mail_data::MailData;

/// Largest buffer kept between two messages.
const BUFFER_KEPT_BYTES_MAX: usize = 256 * 1024;

/// A parcel that this relay can take, with the words of its envelope.
struct Fitted<K> {
    parcel: Parcel<K>,
    words: Words,
}

impl Connection {
    /// Sends one message after another from `bag` until it is empty, the connection's limit is reached, nothing comes
    /// for a while, or the connection fails. Each parcel is reported once; at most one at a time is between its final
    /// dot and its reply. Does not say QUIT: see [`Connection::quit`]. Dropping the future half-way leaves the parcels
    /// under way unreported and the connection unusable.
    pub async fn carry<B: Postbag>(&mut self, bag: &mut B) -> Ended {
        Round { line: self, bag, drained: false, after_no: false }.run().await
    }
}

struct Round<'c, B: Postbag> {
    line: &'c mut Connection,
    bag: &'c mut B,
    /// The postbag gives no more.
    drained: bool,
    /// The last final dot was answered with a no, so that the envelope behind it may have met a confused relay.
    after_no: bool,
}

impl<B: Postbag> Round<'_, B> {
    async fn run(mut self) -> Ended {
        if self.line.condition == Condition::InMessage {
            self.line.break_off(Trouble::Abandoned);
        }
        let mut said = None;
        loop {
            match &self.line.condition {
                Condition::Ready | Condition::ResetDue | Condition::InMessage => {}
                Condition::Dismissed => return Ended::Dismissed,
                Condition::Broken(trouble) => return Ended::Failed(trouble.clone()),
            }
            let (fitted, already_said) = match said.take() {
                Some(fitted) => (fitted, true),
                None => match self.next().await {
                    Ok(fitted) => (fitted, false),
                    Err(ended) => return ended,
                },
            };
            said = self.one(fitted, already_said).await;
        }
    }

    /// Waits for a parcel this relay can take, and listens meanwhile: a relay may say goodbye at any time.
    async fn next(&mut self) -> Result<Fitted<B::Key>, Ended> {
        loop {
            if self.drained {
                return Err(Ended::Empty);
            }
            if self.line.is_full() {
                return Err(Ended::Full);
            }
            let idle = self.line.idle;
            let parcel = tokio::select! {
                biased;
                parcel = self.bag.next() => parcel,
                trouble = self.line.wire.disturbance() => {
                    return Err(match self.line.disturbed(trouble) {
                        Condition::Dismissed => Ended::Dismissed,
                        Condition::Broken(trouble) => Ended::Failed(trouble),
                        Condition::Ready | Condition::ResetDue | Condition::InMessage => Ended::Idle,
                    });
                }
                () = tokio::time::sleep(idle) => return Err(Ended::Idle),
            };
            if let Some(fitted) = self.fit(parcel).await {
                return Ok(fitted);
            }
        }
    }

    /// The next parcel if there is one already, so that its envelope can travel with the text before it.
    async fn next_if_there(&mut self) -> Option<Fitted<B::Key>> {
        while self.may_look_ahead() {
            let Ok(parcel) = timeout(std::time::Duration::ZERO, self.bag.next()).await else { return None };
            if let Some(fitted) = self.fit(parcel).await {
                return Some(fitted);
            }
        }
        None
    }

    fn may_look_ahead(&self) -> bool {
        !self.drained && self.line.pipelines() && !self.line.is_full()
    }

    async fn fit(&mut self, parcel: Option<Parcel<B::Key>>) -> Option<Fitted<B::Key>> {
        let Some(parcel) = parcel else {
            self.drained = true;
            return None;
        };
        match Words::of(self.line.capabilities(), &parcel.envelope, &parcel.message) {
            Ok(words) => Some(Fitted { parcel, words }),
            Err(refused) => {
                self.bag.report(parcel.key, refused).await;
                None
            }
        }
    }

    /// One message from its envelope to its report. Gives back the one whose envelope has been said behind it.
    async fn one(&mut self, fitted: Fitted<B::Key>, already_said: bool) -> Option<Fitted<B::Key>> {
        let Fitted { parcel: Parcel { key, message, .. }, words } = fitted;
        let opened = match self.line.say_envelope(&words, already_said).await {
            // The relay did not clear the table after its no (RFC 5321 §4.1.1.4): once more, after a RSET.
            Err(Outcome::Refused { stage: Stage::Mail, code: 503, .. })
                if already_said && self.after_no && self.line.is_usable() =>
            {
                self.line.say_envelope(&words, false).await
            }
            opened => opened,
        };
        self.after_no = false;
        if let Err(outcome) = opened {
            self.bag.report(key, outcome).await;
            return None;
        }
        if !self.bag.may_leave(&key).await {
            self.line.keep_the_dot();
            self.bag.report(key, Outcome::NotTransmitted(Trouble::Abandoned)).await;
            return None;
        }
        let mut ahead = self.next_if_there().await;
        let outcome = match self.line.write_text(&message, ahead.as_ref().map(|fitted| &fitted.words)).await {
            Ok(()) => self.hear_the_dot(&mut ahead).await,
            Err(outcome) => outcome,
        };
        self.after_no = matches!(outcome, Outcome::Deferred { .. } | Outcome::Refused { .. });
        self.bag.report(key, outcome).await;
        let trouble = match &self.line.condition {
            Condition::Broken(trouble) => trouble.clone(),
            Condition::Dismissed => Trouble::Closed,
            Condition::Ready | Condition::ResetDue | Condition::InMessage => return ahead,
        };
        if let Some(Fitted { parcel, .. }) = ahead {
            self.bag.report(parcel.key, Outcome::NotTransmitted(trouble)).await;
        }
        None
    }

    /// The reply to the final dot. An envelope that comes meanwhile is said at once.
    async fn hear_the_dot(&mut self, ahead: &mut Option<Fitted<B::Key>>) -> Outcome {
        let deadline = Instant::now() + self.line.timeouts.dot;
        let mut cut = None;
        let answered = loop {
            let looking = ahead.is_none() && cut.is_none() && self.may_look_ahead();
            let parcel = tokio::select! {
                biased;
                answered = self.line.wire.reply_by(deadline) => break answered,
                parcel = self.bag.next(), if looking => parcel,
            };
            if let Some(fitted) = self.fit(parcel).await {
                cut = self.line.write_ahead(&fitted.words).await.err();
                *ahead = Some(fitted);
            }
        };
        let reset_due = ahead.is_none();
        let outcome = self.line.read_the_dot(answered, reset_due);
        if let Some(trouble) = cut {
            self.line.break_off(trouble);
        }
        outcome
    }
}

/// What one command of an envelope is, and the reply it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Rset,
    Mail,
    Rcpt,
    Data,
}

impl Verb {
    fn stage(self) -> Stage {
        match self {
            Self::Rset | Self::Mail => Stage::Mail,
            Self::Rcpt => Stage::Rcpt,
            Self::Data => Stage::Data,
        }
    }

    fn is_answered_by(self, code: u16) -> bool {
        match self {
            Self::Rset | Self::Mail => code == 250,
            Self::Rcpt => matches!(code, 250..=252),
            Self::Data => code == 354,
        }
    }

    fn add(self, words: &Words, out: &mut Vec<u8>) {
        let line = match self {
            Self::Rset => "RSET",
            Self::Mail => &words.mail,
            Self::Rcpt => &words.rcpt,
            Self::Data => "DATA",
        };
        out.extend_from_slice(line.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
}

impl Connection {
    /// The verbs of the next envelope.
    fn verbs(&self, already_said: bool) -> impl Iterator<Item = Verb> + use<> {
        let reset = (!already_said && self.condition == Condition::ResetDue).then_some(Verb::Rset);
        let data = (!self.chunks()).then_some(Verb::Data);
        reset.into_iter().chain([Verb::Mail, Verb::Rcpt]).chain(data)
    }

    /// MAIL, RCPT and, without CHUNKING, DATA, with RSET before them when it is due. When this is `Ok` the relay waits
    /// for the text. Whatever goes wrong here, the relay has not taken the message.
    async fn say_envelope(&mut self, words: &Words, already_said: bool) -> Result<(), Outcome> {
        let pipelined = self.pipelines() || already_said;
        let mut line = Vec::new();
        let verbs: Vec<Verb> = self.verbs(already_said).collect();
        self.condition = Condition::InMessage;
        if !already_said {
            self.count_envelope();
            if pipelined {
                verbs.iter().for_each(|verb| verb.add(words, &mut line));
                self.say(&line).await?;
            }
        }
        let mut no: Option<(Stage, Reply)> = None;
        let mut data_is_open = false;
        let deadline = Instant::now() + self.timeouts.step;
        for verb in verbs {
            if !pipelined {
                if no.is_some() {
                    break;
                }
                line.clear();
                verb.add(words, &mut line);
                self.say(&line).await?;
            }
            let reply = match self.wire.reply_by(deadline).await {
                Ok(reply) => reply,
                Err(trouble) => return Err(self.lost_envelope(no, trouble, pipelined && verb != Verb::Mail)),
            };
            match reply.code {
                421 => {
                    self.condition = Condition::Dismissed;
                    let (stage, reply) = no.unwrap_or((verb.stage(), reply));
                    return Err(Outcome::from_no(stage, reply));
                }
                code if verb.is_answered_by(code) => data_is_open |= verb == Verb::Data,
                400..=599 if pipelined && refuses_pipelining(&reply) => {
                    return Err(self.lost_envelope(None, Trouble::NoPipelining, true));
                }
                400..=599 if verb != Verb::Rset => no = no.or(Some((verb.stage(), reply))),
                code => return Err(self.lost_envelope(no, Trouble::OutOfOrder { code }, pipelined)),
            }
        }
        let Some((stage, reply)) = no else { return Ok(()) };
        self.condition = Condition::ResetDue;
        if data_is_open {
            self.end_empty_text().await;
        }
        Err(Outcome::from_no(stage, reply))
    }

    async fn say(&mut self, line: &[u8]) -> Result<(), Outcome> {
        let step = self.timeouts.step;
        let said = match self.wire.expect_silence().await {
            Ok(()) => self.wire.write(line, step).await,
            Err(trouble) => Err(trouble),
        };
        said.map_err(|trouble| {
            Outcome::NotTransmitted(match self.disturbed(trouble) {
                Condition::Broken(trouble) => trouble,
                Condition::Ready | Condition::ResetDue | Condition::InMessage | Condition::Dismissed => Trouble::Closed,
            })
        })
    }

    /// The connection fails within an envelope. A no that was heard before stays a no.
    fn lost_envelope(&mut self, no: Option<(Stage, Reply)>, trouble: Trouble, pipelining_is_to_blame: bool) -> Outcome {
        if pipelining_is_to_blame && !matches!(trouble, Trouble::Closed | Trouble::Io(_)) {
            self.habits.avoid_pipelining();
        }
        let trouble = self.break_off(trouble);
        no.map_or(Outcome::NotTransmitted(trouble), |(stage, reply)| Outcome::from_no(stage, reply))
    }

    /// RFC 2920 §3.1: a relay that refused the recipient and yet answered DATA with 354 gets a lone dot, to which it
    /// must say no.
    async fn end_empty_text(&mut self) {
        let step = self.timeouts.step;
        let answered = match self.wire.write(b".\r\n", step).await {
            Ok(()) => self.wire.reply(step).await,
            Err(trouble) => Err(trouble),
        };
        match answered {
            Ok(reply) if reply.code == 421 => self.condition = Condition::Dismissed,
            Ok(reply) if (400..600).contains(&reply.code) => {}
            Ok(reply) => drop(self.break_off(Trouble::OutOfOrder { code: reply.code })),
            Err(trouble) => drop(self.break_off(trouble)),
        }
    }

    /// The message may not leave although the relay waits for it. After DATA nothing but a text can be said, so the
    /// connection ends; before BDAT a RSET will do.
    fn keep_the_dot(&mut self) {
        if self.chunks() {
            self.condition = Condition::ResetDue;
        } else {
            self.break_off(Trouble::Abandoned);
        }
    }

    /// The text and its end, with the next envelope in the same write. `Ok` when the end may have left.
    async fn write_text(&mut self, message: &MailData, ahead: Option<&Words>) -> Result<(), Outcome> {
        self.hear_out().await?;
        let mut out = std::mem::take(&mut self.buffer);
        out.clear();
        let quiet_until = if self.chunks() {
            out.extend_from_slice(format!("BDAT {} LAST\r\n", message.len()).as_bytes());
            out.extend_from_slice(message.as_bytes());
            out.len()
        } else {
            message.dot_stuff_into(&mut out);
            // Before its dot has left, no relay can take the text for whole.
            out.extend_from_slice(b".\r\n");
            out.len() - b".\r\n".len() + 1
        };
        if let Some(words) = ahead {
            self.count_envelope();
            self.verbs(true).for_each(|verb| verb.add(words, &mut out));
        }
        let sent = self.wire.send(&out, quiet_until, self.timeouts.step).await;
        if out.capacity() <= BUFFER_KEPT_BYTES_MAX {
            self.buffer = out;
        }
        match sent {
            Ok(()) => Ok(()),
            // A relay that has had enough says so and closes; what it said is worth more than the broken pipe.
            Err(cut) if cut.left < quiet_until => {
                self.hear_out().await?;
                Err(Outcome::NotTransmitted(self.break_off(cut.trouble)))
            }
            Err(cut) => {
                // The end may have left: the reply may still come, the next envelope is lost.
                let deadline = Instant::now() + self.timeouts.dot;
                let answered = self.wire.reply_by(deadline).await.map_err(|_| cut.trouble.clone());
                let outcome = self.read_the_dot(answered, true);
                self.break_off(cut.trouble);
                Err(outcome)
            }
        }
    }

    /// One envelope behind a text whose reply has not come yet.
    async fn write_ahead(&mut self, words: &Words) -> Result<(), Trouble> {
        let mut line = Vec::new();
        self.count_envelope();
        self.verbs(true).for_each(|verb| verb.add(words, &mut line));
        self.wire.write(&line, self.timeouts.step).await
    }

    /// What the reply to the final dot means. `reset_due`: nothing has been said behind it.
    fn read_the_dot(&mut self, answered: Result<Reply, Trouble>, reset_due: bool) -> Outcome {
        let reply = match answered {
            Ok(reply) => reply,
            Err(trouble) => return Outcome::Uncertain(self.break_off(trouble)),
        };
        match reply.code {
            // 220, 221, 235 … answer other commands than a text.
            200 | 250..=259 => {
                self.condition = Condition::Ready;
                self.count_sent();
                Outcome::Sent { queue_id: reply.queue_id(), reply }
            }
            421 => {
                self.condition = Condition::Dismissed;
                Outcome::from_no(Stage::Dot, reply)
            }
            500..=502 if self.chunks() => {
                self.habits.avoid_chunking();
                Outcome::NotTransmitted(self.break_off(Trouble::OutOfOrder { code: reply.code }))
            }
            400..=599 => {
                self.condition = if reset_due { Condition::ResetDue } else { Condition::Ready };
                Outcome::from_no(Stage::Dot, reply)
            }
            code => Outcome::Uncertain(self.break_off(Trouble::OutOfOrder { code })),
        }
    }

    /// Whether the relay has already said no, or has gone, while it was to listen. Either way it has not taken the
    /// message, because its end has not been sent.
    async fn hear_out(&mut self) -> Result<(), Outcome> {
        match self.wire.unasked().await {
            Ok(None) if self.wire.is_silent() => Ok(()),
            Ok(Some(reply)) if (400..600).contains(&reply.code) => {
                self.condition =
                    if reply.code == 421 { Condition::Dismissed } else { Condition::Broken(Trouble::Closed) };
                Err(Outcome::from_no(Stage::Data, reply))
            }
            Ok(None | Some(_)) => Err(Outcome::NotTransmitted(self.break_off(ReplyFault::Unasked.into()))),
            Err(trouble) => Err(Outcome::NotTransmitted(self.break_off(trouble))),
        }
    }
}

/// Some relays answer early words with a no about pipelining, which is not about the message.
fn refuses_pipelining(reply: &Reply) -> bool {
    reply.lines.iter().any(|line| line.to_ascii_lowercase().contains("pipelining"))
}
