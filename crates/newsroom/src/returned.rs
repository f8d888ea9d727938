//! What can come back for a letter, and what follows from it for the person, the editor and the operator.
//! Owns classes and consequences. Knows no mail format and no database.

use crate::time::{DAY, HOUR};

/// Mailbox-full reports within [`FULL_DAYS`] after which an address gets no more mail.
pub const FULL_REPORTS_MAX: u64 = 3;
/// The span in which full mailboxes are counted.
pub const FULL_DAYS: i64 = 30;
/// Reports about a dead address, that came back by mail, after which it gets no more mail.
pub const ADDRESS_REPORTS_MAX: u64 = 2;
/// Different people for whom our sending was refused, within [`SENDER_SPAN`], after which everything is held.
/// One report alone never does: whoever has a letter of ours can write one.
pub const SENDER_PEOPLE_MAX: u64 = 20;
/// The span in which refusals of the sender are counted, in microseconds.
pub const SENDER_SPAN: i64 = HOUR;
/// The span over which complaint and bounce rates are taken, in microseconds.
pub const RATE_SPAN: i64 = 7 * DAY;
/// Letters handed over within the span below which a rate says nothing.
pub const RATE_LETTERS_MIN: u64 = 1_000;

/// What a report says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// There is no such mailbox, and there will not be one.
    Address,
    /// The mailbox exists and takes no more for now.
    MailboxFull,
    /// Later, or not this time: greylisting, a server that is down, a delay.
    Temporary,
    /// This message was refused for what it is: its size, its form, its attachments.
    Message,
    /// Our sending was refused: reputation, policy, authentication, block lists.
    Sender,
    /// A person called it unwanted.
    Complaint,
    /// A holiday note, a challenge, a receipt: written by a program for a person.
    AutoReply,
    /// It arrived.
    Delivered,
    /// A failure that points at nobody with certainty.
    Unclear,
    /// Not a report at all: somebody wrote to us, or nobody can say what this is.
    Letter,
}

impl Class {
    pub const ALL: [Class; 10] = [
        Class::Address,
        Class::MailboxFull,
        Class::Temporary,
        Class::Message,
        Class::Sender,
        Class::Complaint,
        Class::AutoReply,
        Class::Delivered,
        Class::Unclear,
        Class::Letter,
    ];

    /// As kept and as reported to programs.
    pub fn key(self) -> &'static str {
        match self {
            Class::Address => "address",
            Class::MailboxFull => "mailbox-full",
            Class::Temporary => "temporary",
            Class::Message => "message",
            Class::Sender => "sender",
            Class::Complaint => "complaint",
            Class::AutoReply => "auto-reply",
            Class::Delivered => "delivered",
            Class::Unclear => "unclear",
            Class::Letter => "letter",
        }
    }

    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.key() == key)
    }

    /// For people: what came back.
    pub fn words(self) -> &'static str {
        match self {
            Class::Address => "the address does not exist",
            Class::MailboxFull => "the mailbox is full",
            Class::Temporary => "put off for now",
            Class::Message => "this message was refused",
            Class::Sender => "our sending was refused",
            Class::Complaint => "called unwanted",
            Class::AutoReply => "an automatic answer",
            Class::Delivered => "arrived",
            Class::Unclear => "came back without a clear reason",
            Class::Letter => "not a report",
        }
    }

    /// Whether a report of this class is worth keeping: the others change nothing and say nothing later.
    pub fn is_kept(self) -> bool {
        match self {
            Class::Address
            | Class::MailboxFull
            | Class::Temporary
            | Class::Message
            | Class::Sender
            | Class::Complaint
            | Class::Unclear => true,
            Class::AutoReply | Class::Delivered | Class::Letter => false,
        }
    }

    /// Whether the letter did not arrive, for the bounce rate.
    pub fn is_bounce(self) -> bool {
        match self {
            Class::Address | Class::MailboxFull | Class::Message | Class::Sender | Class::Unclear => true,
            Class::Temporary | Class::Complaint | Class::AutoReply | Class::Delivered | Class::Letter => false,
        }
    }
}

/// How it came to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A relay's own answer while we spoke to it: nobody else can have said it.
    Refused,
    /// A mail or a provider's call, later.
    Reported,
}

/// What was known before, this report included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct History {
    /// Reports of class *address* for this person since the address was confirmed.
    pub address_reports: u64,
    /// Reports of class *mailbox full* for this person within [`FULL_DAYS`].
    pub full_reports: u64,
    /// Different people with a report of class *sender* within [`SENDER_SPAN`].
    pub sender_people: u64,
}

/// What a report brings about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    /// Nothing, or nothing yet.
    Nothing,
    /// No more mail to this address.
    Suppress,
    /// They leave every newsletter, and no more mail to this address.
    LeaveAndSuppress,
    /// The newsroom is told; nobody loses anything.
    TellEditor,
    /// The operator is told; nobody loses anything.
    TellOperator,
    /// Nothing more leaves until the operator has looked.
    Pause,
}

impl Consequence {
    /// As reported to programs.
    pub fn key(self) -> &'static str {
        match self {
            Consequence::Nothing => "nothing",
            Consequence::Suppress => "suppress",
            Consequence::LeaveAndSuppress => "leave-and-suppress",
            Consequence::TellEditor => "tell-editor",
            Consequence::TellOperator => "tell-operator",
            Consequence::Pause => "pause",
        }
    }

    /// For people: what follows.
    pub fn words(self) -> &'static str {
        match self {
            Consequence::Nothing => "nothing follows for now",
            Consequence::Suppress => "the address gets no more mail",
            Consequence::LeaveAndSuppress => "the person leaves every newsletter, and the address gets no more mail",
            Consequence::TellEditor => "the newsroom is told; the person keeps the newsletter",
            Consequence::TellOperator => "the operator is told; the person keeps the newsletter",
            Consequence::Pause => "nothing more leaves until the operator has looked; the person keeps the newsletter",
        }
    }
}

/// What follows from a report that is proven to be somebody's.
pub fn follows(class: Class, way: Way, history: History) -> Consequence {
    match class {
        Class::Address if way == Way::Refused || history.address_reports >= ADDRESS_REPORTS_MAX => {
            Consequence::Suppress
        }
        Class::MailboxFull if history.full_reports >= FULL_REPORTS_MAX => Consequence::Suppress,
        Class::Complaint => Consequence::LeaveAndSuppress,
        Class::Message => Consequence::TellEditor,
        Class::Sender if history.sender_people >= SENDER_PEOPLE_MAX => Consequence::Pause,
        Class::Sender => Consequence::TellOperator,
        Class::Address
        | Class::MailboxFull
        | Class::Temporary
        | Class::AutoReply
        | Class::Delivered
        | Class::Unclear
        | Class::Letter => Consequence::Nothing,
    }
}

/// How loud a rate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alarm {
    Quiet,
    /// Look before it gets worse.
    Warning,
    /// Providers act on this.
    Alarm,
}

/// What came back against what was handed over, both within [`RATE_SPAN`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rates {
    /// Letters that relays took.
    pub letters: u64,
    pub complaints: u64,
    pub bounces: u64,
}

impl Rates {
    /// Gmail asks senders to stay below 0.1 % and acts at 0.3 % (its sender guidelines of 2024); we warn at half of
    /// the first and sound the alarm at the first. Below [`RATE_LETTERS_MIN`] letters a rate says nothing, but three
    /// complaints are worth a look.
    pub fn complaint_alarm(self) -> Alarm {
        if !self.is_enough() {
            return if self.complaints >= 3 { Alarm::Warning } else { Alarm::Quiet };
        }
        match self.complaints * 100_000 / self.letters {
            0..50 => Alarm::Quiet,
            50..100 => Alarm::Warning,
            100.. => Alarm::Alarm,
        }
    }

    /// Providers of relays look at 2 % and suspend at 5 % (Amazon SES reviews at 5 %, stops at 10 %).
    pub fn bounce_alarm(self) -> Alarm {
        if !self.is_enough() {
            return Alarm::Quiet;
        }
        match self.bounces * 100_000 / self.letters {
            0..2_000 => Alarm::Quiet,
            2_000..5_000 => Alarm::Warning,
            5_000.. => Alarm::Alarm,
        }
    }

    /// Whether there are enough letters for a rate to say something.
    pub fn is_enough(self) -> bool {
        self.letters >= RATE_LETTERS_MIN
    }

    /// `0.12 %`: complaints in a hundred letters, rounded up so that a little is never shown as nothing.
    pub fn complaint_percent(self) -> String {
        percent(self.complaints, self.letters)
    }

    /// `1.20 %`: letters that came back in a hundred.
    pub fn bounce_percent(self) -> String {
        percent(self.bounces, self.letters)
    }
}

fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".into();
    }
    let hundredths = (part * 10_000).div_ceil(whole);
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Class::{Address, AutoReply, Complaint, MailboxFull, Message, Sender, Temporary, Unclear};

    #[test]
    fn what_follows_is_what_the_page_on_mail_says() {
        fn check(class: Class, way: Way, history: History, follows_: Consequence) {
            assert_eq!(follows(class, way, history), follows_, "{class:?} {way:?} {history:?}");
        }
        let of =
            |address_reports, full_reports, sender_people| History { address_reports, full_reports, sender_people };
        check(Address, Way::Refused, of(1, 0, 0), Consequence::Suppress);
        check(Address, Way::Reported, of(1, 0, 0), Consequence::Nothing);
        check(Address, Way::Reported, of(2, 0, 0), Consequence::Suppress);
        check(MailboxFull, Way::Refused, of(0, 2, 0), Consequence::Nothing);
        check(MailboxFull, Way::Reported, of(0, 3, 0), Consequence::Suppress);
        check(Temporary, Way::Reported, of(9, 9, 9), Consequence::Nothing);
        check(Message, Way::Refused, of(9, 9, 9), Consequence::TellEditor);
        check(Sender, Way::Reported, of(9, 9, 1), Consequence::TellOperator);
        check(Sender, Way::Reported, of(9, 9, SENDER_PEOPLE_MAX), Consequence::Pause);
        check(Complaint, Way::Reported, of(0, 0, 0), Consequence::LeaveAndSuppress);
        check(AutoReply, Way::Reported, of(9, 9, 9), Consequence::Nothing);
        check(Unclear, Way::Reported, of(9, 9, 9), Consequence::Nothing);
    }

    #[test]
    fn the_alarm_sounds_before_gmail_acts() {
        fn check(letters: u64, complaints: u64, alarm: Alarm, words: &str) {
            let rates = Rates { letters, complaints, bounces: 0 };
            assert_eq!((rates.complaint_alarm(), rates.complaint_percent().as_str()), (alarm, words));
        }
        check(0, 0, Alarm::Quiet, "–");
        check(100, 1, Alarm::Quiet, "1.00 %");
        check(100, 3, Alarm::Warning, "3.00 %");
        check(10_000, 4, Alarm::Quiet, "0.04 %");
        check(10_000, 5, Alarm::Warning, "0.05 %");
        check(10_000, 10, Alarm::Alarm, "0.10 %");
        check(1_000_000, 1, Alarm::Quiet, "0.01 %");
    }

    #[test]
    fn a_class_is_read_back_as_it_was_kept() {
        for class in Class::ALL {
            assert_eq!(Class::parse(class.key()), Some(class));
        }
        assert_eq!(Class::parse("hard"), None);
    }
}
