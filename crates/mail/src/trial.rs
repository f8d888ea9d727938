//! Gives one message to one relay, step by step, and says in words what came back at each. For a person who wants to know
//! why mail does not leave; the queue never comes here. Shows neither password nor address.

use std::fmt;

use crate::address::Envelope;
use crate::mail_data::MailData;
use crate::smtp::{OpenError, Outcome, Parcel, Postbag, Relay, RelaySettings, Stage, Tls, Trouble};

/// One step of the way, as far as it was gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub part: Part,
    /// What is so, or why it went no further and what to do.
    pub words: String,
    /// The relay's own words, where it said something: may repeat an address.
    pub reply: String,
    pub went: bool,
}

/// The steps in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Settings,
    Name,
    Connection,
    Greeting,
    Encryption,
    SignIn,
    Sender,
    Recipient,
    Text,
    Dot,
}

impl Part {
    /// For people and programs.
    pub fn words(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Name => "name",
            Self::Connection => "connection",
            Self::Greeting => "greeting",
            Self::Encryption => "encryption",
            Self::SignIn => "sign-in",
            Self::Sender => "sender",
            Self::Recipient => "recipient",
            Self::Text => "text",
            Self::Dot => "last word",
        }
    }

    fn of(stage: Stage) -> Self {
        match stage {
            Stage::Connect => Self::Connection,
            Stage::Greeting | Stage::Ehlo => Self::Greeting,
            Stage::Tls => Self::Encryption,
            Stage::Auth => Self::SignIn,
            Stage::Mail => Self::Sender,
            Stage::Rcpt => Self::Recipient,
            Stage::Data => Self::Text,
            Stage::Dot => Self::Dot,
        }
    }
}

/// The steps gone so far.
#[derive(Default)]
struct Way(Vec<Step>);

impl Way {
    fn well(&mut self, part: Part, words: impl Into<String>) {
        self.0.push(Step { part, words: words.into(), reply: String::new(), went: true });
    }

    fn ends(&mut self, part: Part, words: impl Into<String>, reply: impl Into<String>) {
        self.0.push(Step { part, words: words.into(), reply: reply.into(), went: false });
    }
}

/// Sends `message` to a relay and says how far it came. The last step went well exactly when the relay took it. Takes no
/// longer than the relay's timeouts.
pub async fn try_out(settings: RelaySettings, envelope: &Envelope, message: &[u8]) -> Vec<Step> {
    let mut way = Way::default();
    walk(&settings, envelope, message, &mut way).await;
    way.0
}

async fn walk(settings: &RelaySettings, envelope: &Envelope, message: &[u8], way: &mut Way) {
    let relay = match Relay::new(settings.clone()) {
        Ok(relay) => relay,
        Err(fault) => return end_of_opening(&fault, settings, way),
    };
    let mut connection = match relay.open().await {
        Ok(connection) => {
            before(Part::Sender, settings, Some(connection.is_encrypted()), way);
            connection
        }
        Err(fault) => return end_of_opening(&fault, settings, way),
    };
    let message = match MailData::check(message.to_vec()) {
        Ok(message) => message,
        Err(fault) => return way.ends(Part::Text, format!("The letter cannot be said in SMTP: {fault}."), ""),
    };
    let mut bag = OneLetter { parcel: Some(Parcel { key: (), envelope: envelope.clone(), message }), came: None };
    connection.carry(&mut bag).await;
    // Every parcel given is reported; one that was not given met a connection that was gone.
    end_of_message(bag.came.unwrap_or(Outcome::NotTransmitted(Trouble::Closed)), way);
    connection.quit().await;
}

/// A postbag with one letter, and what became of it.
struct OneLetter {
    parcel: Option<Parcel<()>>,
    came: Option<Outcome>,
}

impl Postbag for OneLetter {
    type Key = ();

    async fn next(&mut self) -> Option<Parcel<()>> {
        self.parcel.take()
    }

    async fn may_leave(&mut self, (): &()) -> bool {
        true
    }

    async fn report(&mut self, (): (), outcome: Outcome) {
        self.came = Some(outcome);
    }
}

/// The steps that must have gone well for the conversation to have come to `part`.
fn before(part: Part, settings: &RelaySettings, encrypted: Option<bool>, way: &mut Way) {
    if part > Part::Name {
        let address =
            settings.address.map_or_else(|| "an address".to_owned(), |address| format!("the address {address}"));
        way.well(Part::Name, format!("{} has {address}.", settings.host));
    }
    if part > Part::Connection {
        way.well(Part::Connection, format!("Port {} takes a connection.", settings.port));
    }
    // With TLS from the first word on, the greeting comes behind it.
    let implicit = settings.tls == Tls::Implicit;
    let encrypted = encrypted.unwrap_or(part > Part::Encryption && settings.tls != Tls::None);
    let secure = |way: &mut Way| match encrypted {
        true => way.well(Part::Encryption, format!("Encrypted, with a certificate for {}.", settings.host)),
        false => way.well(Part::Encryption, "Not encrypted."),
    };
    if implicit && part >= Part::Greeting && part != Part::Encryption {
        secure(way);
    }
    if part > Part::Greeting && !(implicit && part == Part::Encryption) {
        way.well(Part::Greeting, "It greets us.");
    }
    if !implicit && part > Part::Encryption {
        secure(way);
    }
    if part > Part::SignIn && settings.credentials.is_some() {
        way.well(Part::SignIn, "It takes user name and password.");
    }
}

fn end_of_opening(fault: &OpenError, settings: &RelaySettings, way: &mut Way) {
    let (part, words, reply) = match fault {
        OpenError::Settings(sentence) => (Part::Settings, format!("This cannot work: {sentence}."), String::new()),
        OpenError::TlsNotOffered => {
            let words = "It offers no encryption (STARTTLS). Try tls = \"implicit\" with port 465; none only inside your own network.";
            (Part::Encryption, words.to_owned(), String::new())
        }
        OpenError::AuthNotOffered => {
            let words = "It offers no way to sign in that we know. Some relays offer one only after encryption: set tls = \"required\".";
            (Part::SignIn, words.to_owned(), String::new())
        }
        OpenError::AuthUnsafe => {
            let words = "Your password would travel open, so it was not sent. Set tls = \"required\".";
            (Part::SignIn, words.to_owned(), String::new())
        }
        OpenError::Deferred { stage, reply } | OpenError::Refused { stage, reply } => {
            (Part::of(*stage), advice(*stage, reply.code).to_owned(), reply.to_string())
        }
        OpenError::Failed { trouble: Trouble::NoSuchHost, .. } => {
            let host = &settings.host;
            let words = format!("No address is known for {host}. Look at “host” and at the machine’s name servers.");
            (Part::Name, words, String::new())
        }
        OpenError::Failed { stage, trouble } => (Part::of(*stage), broke(*stage, trouble, settings), String::new()),
    };
    before(part, settings, None, way);
    way.ends(part, words, reply);
}

fn end_of_message(came: Outcome, way: &mut Way) {
    let reached = |way: &mut Way, part: Part| {
        for (step, words) in [
            (Part::Sender, "It takes mail from our envelope’s sender."),
            (Part::Recipient, "It takes mail for the recipient."),
            (Part::Text, "It takes the text."),
        ] {
            if part > step {
                way.well(step, words);
            }
        }
    };
    match came {
        Outcome::Sent { reply, .. } => {
            reached(way, Part::Dot);
            way.0.push(Step {
                part: Part::Dot,
                words: "It took the letter.".into(),
                reply: reply.to_string(),
                went: true,
            });
        }
        Outcome::Deferred { stage, code, enhanced, text } | Outcome::Refused { stage, code, enhanced, text } => {
            reached(way, Part::of(stage));
            let enhanced = enhanced.map(|status| format!(" {status}")).unwrap_or_default();
            way.ends(Part::of(stage), advice(stage, code), format!("{code}{enhanced} {text}"));
        }
        Outcome::NotTransmitted(trouble) => {
            way.ends(Part::Sender, format!("The conversation broke off before the letter was given: {trouble}."), "");
        }
        Outcome::Uncertain(trouble) => {
            reached(way, Part::Dot);
            way.ends(
                Part::Dot,
                format!("It broke off before its last answer: {trouble}. The letter may arrive or not."),
                "",
            );
        }
    }
}

/// What a refusal at this point means, and what to do.
fn advice(stage: Stage, code: u16) -> &'static str {
    let later = (400..500).contains(&code);
    match stage {
        Stage::Connect | Stage::Greeting | Stage::Ehlo if later => {
            "It has no time for us now. Try again in some minutes."
        }
        Stage::Connect | Stage::Greeting | Stage::Ehlo => {
            "It does not speak with this machine. Ask whoever runs it to let this machine’s address in."
        }
        Stage::Tls if later => "It cannot encrypt just now. Try again in some minutes.",
        Stage::Tls => "It offers encryption and then refuses it. Try tls = \"implicit\" with port 465.",
        Stage::Auth if later => "It cannot look at user name and password just now. Try again in some minutes.",
        Stage::Auth => "It does not take this user name and password. Look at “username” and “password_file”.",
        Stage::Mail if later => "It takes nothing from us now. If this lasts, we may be sending too much.",
        Stage::Mail => {
            "It does not send for our envelope’s sender. Most providers want the domain of mail.from and mail.bounce_domain \
             to be proven first."
        }
        Stage::Rcpt if later => "It asks to come back later with mail for this recipient.",
        Stage::Rcpt => {
            "It does not take mail for this recipient. If it speaks of relaying, it wants us to sign in: set “username” and \
             “password_file”."
        }
        Stage::Data | Stage::Dot if later => "It cannot take the letter now. Try again in some minutes.",
        Stage::Data | Stage::Dot => "It does not take this letter, for what it is or for who we are.",
    }
}

fn broke(stage: Stage, trouble: &Trouble, settings: &RelaySettings) -> String {
    let port = settings.port;
    match (stage, trouble) {
        (Stage::Connect, Trouble::TimedOut) => {
            format!("Nothing answers at port {port}. A firewall may stand between; many networks close port 25, so try 587.")
        }
        (Stage::Connect, _) => format!("No connection to port {port}: {trouble}. Look at “host” and “port”."),
        (Stage::Tls, Trouble::Tls(cause)) => format!(
            "The encryption cannot be trusted: {cause}. “host” must be the name that stands in its certificate."
        ),
        (Stage::Greeting, Trouble::TimedOut) => {
            "It says nothing. If this port wants encryption from the first word on, set tls = \"implicit\".".to_owned()
        }
        (Stage::Greeting, Trouble::Reply(_)) => {
            "It does not speak as relays do. If this port wants encryption from the first word on, set tls = \"implicit\"."
                .to_owned()
        }
        (_, trouble) => format!("It went no further: {trouble}."),
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;
    use crate::smtp::{Credentials, Proof};
    use crate::testing::{Act, Conduct, Offers, WildRelay};
    use std::time::Duration;

    const MESSAGE: &[u8] = b"From: news@paper.example\r\nSubject: A test\r\n\r\nIt works.\r\n";

    async fn tried(conduct: Conduct, change: impl FnOnce(&mut RelaySettings)) -> Vec<Step> {
        let relay = WildRelay::start(conduct).await.unwrap();
        let mut settings = RelaySettings::new("127.0.0.1", relay.port(), "paper.example");
        settings.tls = Tls::None;
        settings.timeouts.step = Duration::from_millis(500);
        change(&mut settings);
        let envelope = Envelope::parse("b@bounce.paper.example", "ann@paper.example").unwrap();
        try_out(settings, &envelope, MESSAGE).await
    }

    fn login(settings: &mut RelaySettings) {
        let (username, password) = ("paper".to_owned(), Secret::new("hush-hush"));
        settings.credentials = Some(Credentials { username, password, proof: Proof::Password });
    }

    #[tokio::test]
    async fn a_relay_that_takes_the_letter_is_told_step_by_step() {
        let offers = Offers { more: vec!["AUTH PLAIN".into()], ..Offers::default() };
        let steps = tried(Conduct::default().offering(offers), login).await;
        let parts: Vec<&str> = steps.iter().map(|step| step.part.words()).collect();
        let all =
            ["name", "connection", "greeting", "encryption", "sign-in", "sender", "recipient", "text", "last word"];
        assert_eq!(parts, all, "{steps:#?}");
        assert!(steps.iter().all(|step| step.went) && steps.last().unwrap().reply.starts_with("250"), "{steps:#?}");
        assert!(!format!("{steps:?}").contains("hush"), "{steps:#?}");
    }

    #[tokio::test]
    async fn each_refusal_stands_at_its_step_with_what_to_do() {
        async fn check(stage: Stage, reply: &str, part: Part, words: &str, before: usize) {
            let offers = Offers { more: vec!["AUTH PLAIN".into()], ..Offers::default() };
            let steps = tried(Conduct::saying(stage, reply).offering(offers), login).await;
            let last = steps.last().unwrap();
            assert!(!last.went && last.part == part && last.words.contains(words), "{stage}: {steps:#?}");
            assert!(last.reply.starts_with(reply), "{stage}: {steps:#?}");
            assert_eq!(steps.len() - 1, before, "{stage}: {steps:#?}");
            assert!(steps[..before].iter().all(|step| step.went), "{stage}: {steps:#?}");
        }
        check(Stage::Greeting, "554 5.7.1 no service", Part::Greeting, "let this machine’s address in", 2).await;
        check(Stage::Greeting, "421 4.3.2 busy", Part::Greeting, "Try again", 2).await;
        check(Stage::Auth, "535 5.7.8 wrong", Part::SignIn, "“password_file”", 4).await;
        check(Stage::Mail, "550 5.7.1 not verified", Part::Sender, "proven first", 5).await;
        check(Stage::Rcpt, "554 5.7.1 relay access denied", Part::Recipient, "wants us to sign in", 6).await;
        check(Stage::Rcpt, "450 4.2.0 greylisted", Part::Recipient, "later", 6).await;
        check(Stage::Dot, "554 5.6.0 spam", Part::Dot, "does not take this letter", 8).await;
    }

    #[tokio::test]
    async fn what_never_came_to_a_reply_is_explained() {
        let gone = tried(Conduct::default(), |settings| settings.port = 1).await;
        assert!(gone[1].part == Part::Connection && gone[1].words.contains("“port”"), "{gone:#?}");
        let nameless = tried(Conduct::default(), |settings| settings.host = "no..such".into()).await;
        assert!(nameless[0].part == Part::Name && !nameless[0].went, "{nameless:#?}");
        let bare = tried(Conduct::default(), |settings| settings.tls = Tls::Required).await;
        assert!(bare.last().unwrap().words.contains("implicit"), "{bare:#?}");
        let silent = tried(Conduct::acting(|_| Act::Silence), |_| {}).await;
        assert!(silent.last().unwrap().words.contains("says nothing"), "{silent:#?}");
        let shut =
            |moment: &crate::testing::Moment<'_>| if moment.stage == Stage::Dot { Act::HangUp } else { Act::Obey };
        let doubt = tried(Conduct::acting(shut), |_| {}).await;
        assert!(doubt.last().unwrap().words.contains("may arrive or not"), "{doubt:#?}");
        let unsigned = tried(Conduct::default(), login).await;
        assert!(unsigned.last().unwrap().words.contains("no way to sign in"), "{unsigned:#?}");
    }
}
