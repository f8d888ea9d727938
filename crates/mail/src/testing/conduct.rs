//! How a relay behaves: what it offers, how much it bears, and what it does at each moment of a conversation.

use std::sync::Arc;
use std::time::Duration;

use crate::smtp::Stage;

/// One point at which the relay answers.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'m> {
    /// What is answered. [`Stage::Dot`] is the end of a text, by dot or by BDAT.
    pub stage: Stage,
    /// Which connection, from 1.
    pub connection: u64,
    /// Which message of the connection, from 1; 0 before the first MAIL.
    pub message: u64,
    /// The recipient, from RCPT on.
    pub recipient: &'m str,
    /// How often this recipient was named before, on any connection.
    pub before: u32,
    /// The id the message is booked under, at its end only.
    pub id: &'m str,
}

/// What the relay does at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// The right reply.
    Obey,
    /// These lines, each with its end, instead of the right reply. A text is kept when they begin with 2.
    Say(String),
    /// The right reply, and behind it these lines, which answer nothing.
    SayMore(String),
    /// The right reply up to this octet, then hangs up.
    SayPart(usize),
    /// The right reply, one octet at a time with this pause before each.
    Drip(Duration),
    /// The right reply after this time.
    Wait(Duration),
    /// The right reply after the next one: wrong order.
    Late,
    /// These lines for ever.
    Flood(String),
    /// Nothing more, with the line kept open.
    Silence,
    /// Hangs up. A text is not kept.
    HangUp,
    /// Keeps the text, then hangs up. Elsewhere like [`Act::HangUp`].
    KeepAndHangUp,
    /// The right reply to DATA; then hears this many octets of the text and hangs up. Elsewhere like [`Act::HangUp`].
    CutText(usize),
}

/// What EHLO offers.
#[derive(Clone)]
pub struct Offers {
    /// RFC 2920.
    pub pipelining: bool,
    /// RFC 3030.
    pub chunking: bool,
    /// Offers and forgets: words that come before the reply to the last one are lost.
    pub forgets_early_words: bool,
    /// Further lines, such as `SIZE 1000` or `AUTH PLAIN`; AUTH is always believed.
    pub more: Vec<String>,
    /// STARTTLS with this certificate.
    pub tls: Option<Arc<rustls::ServerConfig>>,
}

impl Default for Offers {
    /// PIPELINING, 8BITMIME, SMTPUTF8, DSN and ENHANCEDSTATUSCODES.
    fn default() -> Self {
        let more = ["8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES"].map(str::to_owned).into();
        Self { pipelining: true, chunking: false, forgets_early_words: false, more, tls: None }
    }
}

/// How much the relay bears. Beyond a limit it says so as relays do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bounds {
    /// Connections at one time; one more hears 421 as its greeting.
    pub connections_max: Option<usize>,
    /// Messages of one connection; one more hears 421 at MAIL.
    pub messages_per_connection_max: Option<u64>,
    /// Messages kept in any second; one more hears 451 at MAIL.
    pub messages_per_second_max: Option<u32>,
}

type Acting = Arc<dyn Fn(&Moment<'_>) -> Act + Send + Sync>;

/// All of it. Cheap to clone.
#[derive(Clone)]
pub struct Conduct {
    /// What EHLO offers.
    pub offers: Offers,
    /// How much the relay bears.
    pub bounds: Bounds,
    /// Whether whole messages are kept in the book.
    pub keeps_texts: bool,
    acting: Acting,
}

impl Default for Conduct {
    /// Obeys at every moment.
    fn default() -> Self {
        Self::acting(|_| Act::Obey)
    }
}

impl Conduct {
    /// Does at each moment what `acting` says.
    pub fn acting(acting: impl Fn(&Moment<'_>) -> Act + Send + Sync + 'static) -> Self {
        let (offers, bounds) = (Offers::default(), Bounds::default());
        Self { offers, bounds, keeps_texts: false, acting: Arc::new(acting) }
    }

    /// Says this at this stage, always.
    pub fn saying(stage: Stage, reply: &str) -> Self {
        let reply = format!("{reply}\r\n");
        Self::acting(move |moment| if moment.stage == stage { Act::Say(reply.clone()) } else { Act::Obey })
    }

    /// Takes a recipient at the second try only.
    pub fn greylisting() -> Self {
        Self::acting(|moment| match (moment.stage, moment.before) {
            (Stage::Rcpt, 0) => Act::Say("451 4.7.1 Greylisted, please come back\r\n".into()),
            _ => Act::Obey,
        })
    }

    /// Hangs up in so many of a thousand moments, at its end having kept the text or not; the same for one seed.
    pub fn dropping(seed: u64, per_mille: u64) -> Self {
        Self::acting(move |moment| {
            let place = [moment.connection, moment.message, moment.stage as u64];
            let dice = place.iter().fold(seed, |dice, part| mix(dice ^ part));
            match (dice % 1000 < per_mille, dice >> 32 & 1, moment.stage) {
                (false, _, _) => Act::Obey,
                (true, 0, Stage::Data) => Act::CutText((dice >> 40) as usize % 4096),
                (true, 0, Stage::Dot) => Act::KeepAndHangUp,
                (true, _, _) => Act::HangUp,
            }
        })
    }

    /// With these offers.
    pub fn offering(self, offers: Offers) -> Self {
        Self { offers, ..self }
    }

    /// With these bounds.
    pub fn bearing(self, bounds: Bounds) -> Self {
        Self { bounds, ..self }
    }

    /// With whole messages in the book.
    pub fn keeping_texts(self) -> Self {
        Self { keeps_texts: true, ..self }
    }

    pub(super) fn at(&self, moment: &Moment<'_>) -> Act {
        (self.acting)(moment)
    }
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
fn mix(from: u64) -> u64 {
    let mut z = from.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
