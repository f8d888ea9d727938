//! One message over an open connection, in two steps: everything before the final dot, and the dot.
//! Between the two the caller writes down that the message is on its way.

use super::capabilities::{Capabilities, Size};
use super::connection::{Condition, Connection};
use super::dot::{dot_stuff, line_fault};
use super::outcome::{Outcome, Stage, Trouble};
use super::reply::{Enhanced, Reply, ReplyFault};
use crate::address::{Address, Envelope};

/// A message whose text the relay has and whose final dot it has not. Dropping it gives the message up and makes the
/// connection unusable, because there is no way to take back what follows DATA.
#[must_use = "without `transmit` the relay never takes the message"]
#[derive(Debug)]
pub struct Offered<'c> {
    connection: &'c mut Connection,
}

impl<'c> Offered<'c> {
    pub(crate) fn new(connection: &'c mut Connection) -> Self {
        Self { connection }
    }

    /// Second of two steps: the final dot and its reply (RFC 5321 §4.1.1.4). From here on a failure of the connection
    /// is `Uncertain`, unless the dot cannot have left: then it is `NotTransmitted`.
    pub async fn transmit(self) -> Outcome {
        let connection = self.connection;
        if let Err(outcome) = hear_out(connection).await {
            return outcome;
        }
        if let Err(trouble) = connection.wire.write(b".\r\n", connection.timeouts.step).await {
            return Outcome::Uncertain(connection.break_off(trouble));
        }
        let reply = match connection.wire.reply(connection.timeouts.dot).await {
            Ok(reply) => reply,
            Err(trouble) => return Outcome::Uncertain(connection.break_off(trouble)),
        };
        match reply.code {
            200..=299 => {
                connection.condition = Condition::Ready;
                connection.count_sent();
                Outcome::Sent { queue_id: reply.queue_id(), reply }
            }
            400..=599 => no(connection, Stage::Dot, reply),
            code => Outcome::Uncertain(connection.break_off(Trouble::OutOfOrder { code })),
        }
    }
}

/// Everything before the final dot.
pub(crate) async fn offer(connection: &mut Connection, envelope: &Envelope, message: &[u8]) -> Result<(), Outcome> {
    match &connection.condition {
        Condition::Ready | Condition::ResetDue => {}
        Condition::InMessage => return Err(Outcome::NotTransmitted(connection.break_off(Trouble::Abandoned))),
        Condition::Dismissed => return Err(Outcome::NotTransmitted(Trouble::Closed)),
        Condition::Broken(trouble) => return Err(Outcome::NotTransmitted(trouble.clone())),
    }
    let mail = mail_command(connection.capabilities(), envelope, message)?;
    // Set before the first word, so that a caller who stops waiting half-way leaves no connection that looks ready.
    let before = std::mem::replace(&mut connection.condition, Condition::InMessage);
    if before == Condition::ResetDue {
        let reply = ask(connection, "RSET").await?;
        if !reply.is_positive() {
            let trouble = Trouble::OutOfOrder { code: reply.code };
            return Err(Outcome::NotTransmitted(connection.break_off(trouble)));
        }
    }
    let reply = ask(connection, &mail).await?;
    accept(connection, Stage::Mail, reply, |code| code == 250)?;
    let reply = ask(connection, &format!("RCPT TO:<{}>", envelope.recipient.as_str())).await?;
    accept(connection, Stage::Rcpt, reply, |code| matches!(code, 250..=252))?;
    let reply = ask(connection, "DATA").await?;
    accept(connection, Stage::Data, reply, |code| code == 354)?;
    let step = connection.timeouts.step;
    match connection.wire.write(&dot_stuff(message), step).await {
        Ok(()) => Ok(()),
        // A relay that has had enough says so and closes; what it said is worth more than the broken pipe.
        Err(trouble) => {
            hear_out(connection).await?;
            Err(Outcome::NotTransmitted(connection.break_off(trouble)))
        }
    }
}

/// Whether the relay has already said no, or has gone, while it was to listen. Either way it has not taken the message,
/// because its final dot has not been sent.
async fn hear_out(connection: &mut Connection) -> Result<(), Outcome> {
    match connection.wire.unasked().await {
        Ok(None) if connection.wire.is_silent() => Ok(()),
        Ok(Some(reply)) if (400..600).contains(&reply.code) => {
            connection.break_off(Trouble::Closed);
            Err(Outcome::from_no(Stage::Data, reply))
        }
        Ok(None | Some(_)) => Err(Outcome::NotTransmitted(connection.break_off(ReplyFault::Unasked.into()))),
        Err(trouble) => Err(Outcome::NotTransmitted(connection.break_off(trouble))),
    }
}

/// The MAIL command with the parameters this message needs (RFC 1870, RFC 6152, RFC 6531), or the refusal we give in
/// the relay's place when it cannot take the message.
fn mail_command(can: &Capabilities, envelope: &Envelope, message: &[u8]) -> Result<String, Outcome> {
    if let Some(fault) = line_fault(message) {
        return Err(refuse(Stage::Data, 554, (6, 0), fault));
    }
    if message.is_empty() {
        return Err(refuse(Stage::Data, 554, (6, 0), "the message is empty"));
    }
    let mut command = format!("MAIL FROM:<{}>", envelope.sender.as_ref().map_or("", Address::as_str));
    match can.size {
        Some(Size::Max(max)) if message.len() as u64 > max => {
            return Err(refuse(Stage::Mail, 552, (3, 4), "the message is larger than this relay takes"));
        }
        Some(_) => command.push_str(&format!(" SIZE={}", message.len())),
        None => {}
    }
    if !message.is_ascii() {
        if !can.eight_bit_mime {
            return Err(refuse(Stage::Mail, 554, (6, 3), "the message is 8-bit and this relay takes 7-bit only"));
        }
        command.push_str(" BODY=8BITMIME");
    }
    if envelope.needs_smtputf8() || has_utf8_header(message) {
        if !can.smtputf8 {
            return Err(refuse(
                Stage::Mail,
                553,
                (6, 7),
                "the address is not ASCII and this relay does not offer SMTPUTF8",
            ));
        }
        command.push_str(" SMTPUTF8");
    }
    Ok(command)
}

fn has_utf8_header(message: &[u8]) -> bool {
    let end = message.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(message.len());
    !message[..end].is_ascii()
}

/// A permanent refusal in our own words, with the status a relay would have used (RFC 3463).
fn refuse(stage: Stage, code: u16, (subject, detail): (u16, u16), text: &str) -> Outcome {
    Outcome::Refused { stage, code, enhanced: Some(Enhanced { class: 5, subject, detail }), text: text.to_owned() }
}

async fn ask(connection: &mut Connection, line: &str) -> Result<Reply, Outcome> {
    let step = connection.timeouts.step;
    let answered = match connection.wire.command(line, step).await {
        Ok(()) => connection.wire.reply(step).await,
        Err(trouble) => Err(trouble),
    };
    answered.map_err(|trouble| Outcome::NotTransmitted(connection.break_off(trouble)))
}

fn accept(
    connection: &mut Connection,
    stage: Stage,
    reply: Reply,
    is_expected: impl Fn(u16) -> bool,
) -> Result<(), Outcome> {
    match reply.code {
        code if is_expected(code) => Ok(()),
        400..=599 => Err(no(connection, stage, reply)),
        code => Err(Outcome::NotTransmitted(connection.break_off(Trouble::OutOfOrder { code }))),
    }
}

/// 421 closes the connection (RFC 5321 §3.8); after any other no the relay must forget what it heard.
fn no(connection: &mut Connection, stage: Stage, reply: Reply) -> Outcome {
    connection.condition = match reply.code {
        421 => Condition::Broken(Trouble::Closed),
        _ => Condition::ResetDue,
    };
    Outcome::from_no(stage, reply)
}
