//! The client as `bench/mail` times it: one message again and again into a sink, over a line as long as told.
//! `line PORT CONNECTIONS MESSAGES FILE ROUND_TRIP_MS pipelined|lock-step|lock-step-rset` prints messages per second.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use mail::smtp::{Order, RelaySettings, Tls};
use mail::testing::Delay;
use mail::{Envelope, MailData, Outcome, Parcel, Postbag, Relay};

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// What all connections take from.
struct Pile {
    envelope: Envelope,
    message: MailData,
    given: AtomicUsize,
    messages: usize,
}

struct Bag {
    pile: Arc<Pile>,
    sent: usize,
}

impl Postbag for Bag {
    type Key = ();

    async fn next(&mut self) -> Option<Parcel<()>> {
        let taken = self.pile.given.fetch_add(1, Ordering::Relaxed) < self.pile.messages;
        let Pile { envelope, message, .. } = &*self.pile;
        taken.then(|| Parcel { key: (), envelope: envelope.clone(), message: message.clone() })
    }

    async fn may_leave(&mut self, (): &()) -> bool {
        true
    }

    async fn report(&mut self, (): (), outcome: Outcome) {
        match outcome {
            Outcome::Sent { .. } => self.sent += 1,
            other => eprintln!("{other:?}"),
        }
    }
}

async fn carry(relay: Relay, pile: Arc<Pile>) -> Result<usize, Fault> {
    let mut bag = Bag { pile, sent: 0 };
    let mut connection = relay.open().await?;
    connection.carry(&mut bag).await;
    connection.quit().await;
    Ok(bag.sent)
}

/// One command at a time with RSET before each message, as clients do that keep a pool of connections; ours never does.
async fn with_rset(port: u16, pile: Arc<Pile>) -> Result<usize, Fault> {
    let mut line = BufReader::new(TcpStream::connect(("127.0.0.1", port)).await?);
    let mut text = Vec::new();
    pile.message.dot_stuff_into(&mut text);
    text.extend_from_slice(b".\r\n");
    let sender = pile.envelope.sender.as_ref().map_or("", |sender| sender.as_str());
    let mail = format!("MAIL FROM:<{sender}>\r\n").into_bytes();
    let rcpt = format!("RCPT TO:<{}>\r\n", pile.envelope.recipient.as_str()).into_bytes();
    let commands = [b"RSET\r\n".to_vec(), mail, rcpt, b"DATA\r\n".to_vec(), text];
    heard(&mut line).await?;
    line.write_all(b"EHLO paper.example\r\n").await?;
    heard(&mut line).await?;
    let mut sent = 0;
    while pile.given.fetch_add(1, Ordering::Relaxed) < pile.messages {
        for command in &commands {
            line.write_all(command).await?;
            heard(&mut line).await?;
        }
        sent += 1;
    }
    line.write_all(b"QUIT\r\n").await?;
    Ok(sent)
}

/// Reads one reply; errs unless it is a yes.
async fn heard(line: &mut BufReader<TcpStream>) -> Result<(), Fault> {
    loop {
        let mut reply = String::new();
        line.read_line(&mut reply).await?;
        match reply.as_bytes() {
            [b'2' | b'3', _, _, b'-', ..] => {}
            [b'2' | b'3', ..] => return Ok(()),
            _ => return Err(format!("the sink said {reply:?}").into()),
        }
    }
}

async fn time(words: &[String]) -> Result<f64, Fault> {
    let [port, connections, messages, file, round_trip_ms, order] = words else {
        return Err("line PORT CONNECTIONS MESSAGES FILE ROUND_TRIP_MS pipelined|lock-step|lock-step-rset".into());
    };
    let (mut port, connections, messages): (u16, usize, usize) =
        (port.parse()?, connections.parse()?, messages.parse()?);
    let round_trip = Duration::from_millis(round_trip_ms.parse()?);
    let delay = if round_trip.is_zero() { None } else { Some(Delay::start(port, round_trip).await?) };
    if let Some(delay) = &delay {
        port = delay.port();
    }
    let (order, rset) = match order.as_str() {
        "pipelined" => (Order::PipelinedIfOffered, false),
        "lock-step" => (Order::LockStep, false),
        "lock-step-rset" => (Order::LockStep, true),
        other => return Err(format!("{other} is neither pipelined nor lock-step").into()),
    };
    let settings = RelaySettings { tls: Tls::None, order, ..RelaySettings::new("127.0.0.1", port, "paper.example") };
    let relay = Relay::new(settings)?;
    let envelope = Envelope::parse("b+x@bounce.paper.example", "reader@list.example")?;
    let message = MailData::check(std::fs::read(file)?)?;
    let pile = Arc::new(Pile { envelope, message, given: AtomicUsize::new(0), messages });
    let began = Instant::now();
    let carriers: Vec<_> = (0..connections)
        .map(|_| match rset {
            true => tokio::spawn(with_rset(port, pile.clone())),
            false => tokio::spawn(carry(relay.clone(), pile.clone())),
        })
        .collect();
    let mut sent = 0;
    for carrier in carriers {
        sent += carrier.await??;
    }
    if sent != messages {
        return Err(format!("{sent} of {messages} were sent").into());
    }
    Ok(messages as f64 / began.elapsed().as_secs_f64())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match time(&words).await {
        Ok(rate) => {
            println!("{rate:.0}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
