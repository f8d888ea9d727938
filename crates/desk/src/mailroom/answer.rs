//! What a relay's answer means for the row, for the relay and for the whole edition. Pure.

use mail::Outcome;
use mail::refusal::{RefusalClass, asks_to_slow_down, classify_refusal};
use mail::retry::{NextTry, next_try};
use mail::smtp::Stage;
use newsroom::delivery::{Delivery, Promise};
use newsroom::time::{MINUTE, Timestamp};
use store::Settled;

/// Most characters kept of a relay's words.
const REPLY_CHARACTERS_MAX: usize = 500;

/// What follows from one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) settled: Settled,
    pub(crate) relay: RelaySign,
    pub(crate) blame: Blame,
}

/// What the answer says about the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RelaySign {
    Works,
    /// It has too much.
    SlowDown,
    /// The connection broke; it says nothing about the message.
    Broke,
}

/// Whose fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blame {
    Nobody,
    /// Our sending or the message was refused: the same would be said of every other one.
    Us,
    /// Our sending was refused, but perhaps by this destination alone.
    PerhapsUs,
}

/// Reads an answer to a row's `attempt`th try at `now`.
pub(crate) fn verdict(delivery: &Delivery, promise: Promise, relay: &str, outcome: Outcome, now: Timestamp) -> Verdict {
    let plain = |settled, relay| Verdict { settled, relay, blame: Blame::Nobody };
    match outcome {
        Outcome::Sent { reply, .. } => {
            plain(Settled::Sent { relay: relay.into(), reply: short(&reply.text()) }, RelaySign::Works)
        }
        // The relay has too much; the recipient has nothing to do with it, and it is no try.
        Outcome::Deferred { code, enhanced, text, .. } if asks_to_slow_down(code, enhanced, &text) => {
            plain(Settled::Returned { next_at: now.plus(MINUTE) }, RelaySign::SlowDown)
        }
        Outcome::Deferred { code, text, .. } => {
            plain(later(delivery, relay, &code.to_string(), &text, now), RelaySign::Works)
        }
        Outcome::Refused { stage, code, enhanced, text } => {
            let class = classify_refusal(stage, code, enhanced, &text);
            let blame = match (class, stage) {
                (RefusalClass::Policy, Stage::Rcpt) => Blame::PerhapsUs,
                (RefusalClass::Policy, _) => Blame::Us,
                (RefusalClass::Address | RefusalClass::MailboxFull | RefusalClass::Other, _) => Blame::Nobody,
            };
            let class = match class {
                RefusalClass::Address => "address",
                RefusalClass::MailboxFull => "mailbox-full",
                RefusalClass::Policy => "policy",
                RefusalClass::Other => "other",
            };
            let reply = short(&format!("{code} {text}"));
            let settled = Settled::Refused { relay: relay.into(), code: class.into(), reply };
            Verdict { settled, relay: RelaySign::Works, blame }
        }
        Outcome::NotTransmitted(trouble) => {
            plain(later(delivery, relay, "connection", &trouble.to_string(), now), RelaySign::Broke)
        }
        Outcome::Uncertain(trouble) => {
            let settled = match promise {
                Promise::NeverTwice => Settled::Uncertain { relay: relay.into(), reply: short(&trouble.to_string()) },
                Promise::NeverLose => later(delivery, relay, "unanswered", &trouble.to_string(), now),
            };
            plain(settled, RelaySign::Broke)
        }
    }
}

/// Put off, or given up when it is too old by then.
pub(crate) fn later(delivery: &Delivery, relay: &str, code: &str, reply: &str, now: Timestamp) -> Settled {
    match next_try(delivery.attempt, delivery.due_at.0, now.0) {
        NextTry::At(at) => {
            Settled::Deferred { relay: relay.into(), code: code.into(), reply: short(reply), next_at: Timestamp(at) }
        }
        NextTry::Expired => Settled::Expired,
    }
}

/// What the log says of it; the relay's own words may hold the address and stay in the database.
pub(crate) fn worth_a_line(settled: &Settled) -> Option<&'static str> {
    match settled {
        Settled::Sent { .. } | Settled::Suppressed { .. } | Settled::Returned { .. } => None,
        Settled::Deferred { .. } => Some("was put off by the relay"),
        Settled::Refused { .. } => Some("was refused by the relay"),
        Settled::Uncertain { .. } => Some("is uncertain: the relay went away after the final dot"),
        Settled::Expired => Some("is expired: it was not delivered within a day"),
    }
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(REPLY_CHARACTERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mail::smtp::{Enhanced, Trouble};
    use newsroom::delivery::{DeliveryState, Occasion, Recipient};
    use newsroom::id::{DeliveryId, SubscriberId};
    use newsroom::time::DAY;

    fn delivery() -> Delivery {
        Delivery {
            id: DeliveryId(1),
            occasion: Occasion::Welcome(Timestamp(1)),
            recipient: Recipient::Subscriber(SubscriberId(1)),
            state: DeliveryState::Claimed,
            dated: Timestamp(0),
            due_at: Timestamp(0),
            attempt: 1,
            payload: String::new(),
        }
    }

    fn no(stage: Stage, reply: &str) -> Outcome {
        let (code, text) = reply.split_once(' ').unwrap();
        let (code, text, enhanced) = (code.parse().unwrap(), text.to_owned(), Enhanced::parse(text));
        match code {
            400..=499 => Outcome::Deferred { stage, code, enhanced, text },
            _ => Outcome::Refused { stage, code, enhanced, text },
        }
    }

    fn check(outcome: Outcome, state: &str, relay: RelaySign, blame: Blame) {
        let shown = format!("{outcome:?}");
        let verdict = verdict(&delivery(), Promise::NeverTwice, "main", outcome, Timestamp(0));
        let name = match verdict.settled {
            Settled::Sent { .. } => "sent",
            Settled::Deferred { .. } => "deferred",
            Settled::Refused { .. } => "refused",
            Settled::Uncertain { .. } => "uncertain",
            Settled::Suppressed { .. } => "suppressed",
            Settled::Expired => "expired",
            Settled::Returned { .. } => "returned",
        };
        assert_eq!((name, verdict.relay, verdict.blame), (state, relay, blame), "{shown}");
    }

    #[test]
    fn each_answer_is_laid_at_the_right_door() {
        use Blame::{Nobody, PerhapsUs, Us};
        use RelaySign::{Broke, SlowDown, Works};
        check(no(Stage::Rcpt, "450 4.2.0 Greylisted, come back later"), "deferred", Works, Nobody);
        check(no(Stage::Mail, "421 4.3.2 Too many connections"), "returned", SlowDown, Nobody);
        check(no(Stage::Dot, "454 4.7.0 Throttling failure"), "returned", SlowDown, Nobody);
        check(no(Stage::Rcpt, "550 5.1.1 User unknown"), "refused", Works, Nobody);
        check(no(Stage::Rcpt, "550 5.7.1 blocked using zen.spamhaus.org"), "refused", Works, PerhapsUs);
        check(no(Stage::Mail, "550 5.7.1 Sender denied"), "refused", Works, Us);
        check(no(Stage::Dot, "554 5.7.1 This looks like spam"), "refused", Works, Us);
        check(Outcome::NotTransmitted(Trouble::Closed), "deferred", Broke, Nobody);
        check(Outcome::Uncertain(Trouble::TimedOut), "uncertain", Broke, Nobody);
    }

    #[test]
    fn a_doubt_is_tried_again_only_where_nothing_may_be_lost() {
        let doubt = || Outcome::Uncertain(Trouble::Closed);
        let settled = verdict(&delivery(), Promise::NeverLose, "main", doubt(), Timestamp(0)).settled;
        assert!(matches!(settled, Settled::Deferred { next_at: Timestamp(MINUTE), .. }), "{settled:?}");
        let late = verdict(&delivery(), Promise::NeverLose, "main", doubt(), Timestamp(DAY)).settled;
        assert_eq!(late, Settled::Expired, "news that is a day old is no news");
    }
}
