//! DMARC (RFC 7489): reads a policy, and knows at which names one may stand. Pure.

use crate::dkim::tags;

/// Names above a domain that are asked for a policy, that domain included.
const NAMES_MAX: usize = 5;

/// What a domain asks receivers to do with mail that only pretends to be its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    Nothing,
    Quarantine,
    Reject,
}

/// A policy that could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Policy {
    pub(super) request: Request,
    /// What it asks for domains below its own; None for the same.
    pub(super) below: Option<Request>,
    /// The envelope's domain must be the very domain of `From`.
    pub(super) strict_spf: bool,
    /// Somebody gets the reports.
    pub(super) reports: bool,
}

/// Whether a text means to be a policy (§6.6.3).
pub(super) fn is_policy(text: &str) -> bool {
    let first = text.split(';').next().unwrap_or_default();
    first.split_once('=').is_some_and(|(name, value)| name.trim() == "v" && value.trim() == "DMARC1")
}

impl Policy {
    /// None for a text that is no policy receivers could use.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let tags = tags(text).filter(|_| is_policy(text))?;
        let get = |name: &str| tags.iter().find(|(tag, _)| tag == name).map(|(_, value)| value.as_str());
        let request = |value: &str| match value.to_ascii_lowercase().as_str() {
            "none" => Some(Request::Nothing),
            "quarantine" => Some(Request::Quarantine),
            "reject" => Some(Request::Reject),
            _ => None,
        };
        let reports = get("rua").is_some_and(|value| value.contains("mailto:"));
        let request_here = match get("p") {
            Some(value) => request(value)?,
            // A policy without a request counts as “none” where somebody gets its reports (§6.6.3).
            None if reports => Request::Nothing,
            None => return None,
        };
        let below = match get("sp") {
            Some(value) => Some(request(value)?),
            None => None,
        };
        Some(Self { request: request_here, below, strict_spf: get("aspf") == Some("s"), reports })
    }
}

/// The names at which the policy of `domain` may stand, the nearest first: the domain itself and those above it, without
/// the last label alone.
pub(super) fn names(domain: &str) -> Vec<String> {
    let above = std::iter::successors(Some(domain), |name| name.split_once('.').map(|(_, above)| above));
    above.filter(|name| name.contains('.')).take(NAMES_MAX).map(|name| format!("_dmarc.{name}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_read_as_receivers_read_it() {
        fn check(text: &str, read: Option<(Request, bool, bool)>) {
            let policy = Policy::parse(text).map(|policy| (policy.request, policy.strict_spf, policy.reports));
            assert_eq!(policy, read, "{text}");
        }
        check("v=DMARC1; p=none", Some((Request::Nothing, false, false)));
        check("v=DMARC1;p=REJECT;aspf=s;rua=mailto:d@a.example", Some((Request::Reject, true, true)));
        check("v=DMARC1; p=quarantine; pct=50; x=y;", Some((Request::Quarantine, false, false)));
        check("v=DMARC1; rua=mailto:d@a.example", Some((Request::Nothing, false, true)));
        check("v=DMARC1", None);
        check("v=DMARC1; p=maybe", None);
        check("p=none; v=DMARC1", None);
        check("v=DMARC1; p=none; p=reject", None);
        check("v=spf1 -all", None);
        check("", None);
    }

    #[test]
    fn a_policy_may_stand_above_a_domain_and_never_at_the_top() {
        assert_eq!(names("news.paper.example"), ["_dmarc.news.paper.example", "_dmarc.paper.example"]);
        assert_eq!(names("example"), Vec::<String>::new());
        assert_eq!(names("a.b.c.d.e.f.g.h").len(), NAMES_MAX);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "(v=DMARC1;)?\\PC{0,60}") {
            let _read = (Policy::parse(&text), names(&text));
        }
    }
}
