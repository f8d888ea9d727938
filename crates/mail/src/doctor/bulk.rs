//! What the large mailbox providers ask of everybody who sends them more than 5,000 letters a day: Gmail and Yahoo since
//! February 2024, Microsoft (outlook.com, hotmail.com, live.com) since May 2025.

use super::{About, Finding, Verdict};

const GMAIL: [About; 9] = [
    About::Spf,
    About::Dkim,
    About::Dmarc,
    About::Alignment,
    About::Ptr,
    About::Mx,
    About::Relay,
    About::Unsubscribe,
    About::Complaints,
];
const YAHOO: [About; 8] = [
    About::Spf,
    About::Dkim,
    About::Dmarc,
    About::Alignment,
    About::Ptr,
    About::Mx,
    About::Unsubscribe,
    About::Complaints,
];
const MICROSOFT: [About; 6] = [About::Spf, About::Dkim, About::Dmarc, About::Alignment, About::Mx, About::Unsubscribe];

pub(super) fn providers(found: &[Finding]) -> Vec<Finding> {
    [(About::Gmail, &GMAIL[..]), (About::Yahoo, &YAHOO), (About::Microsoft, &MICROSOFT)]
        .into_iter()
        .map(|(provider, asks)| of_provider(provider, asks, found))
        .collect()
}

fn of_provider(provider: About, asks: &[About], found: &[Finding]) -> Finding {
    let broken = |about: &&About| found.iter().any(|one| one.about == **about && one.verdict == Verdict::Mend);
    let words = |list: Vec<&About>| list.into_iter().map(|about| about.words()).collect::<Vec<_>>().join(", ");
    let missing: Vec<&About> = asks.iter().filter(broken).collect();
    let name = provider.words();
    if missing.is_empty() {
        let judged = asks.iter().filter(|about| found.iter().any(|one| one.about == **about)).collect();
        return Finding::pass(
            provider,
            format!("What {name} asks of those who send much is there: {}.", words(judged)),
        );
    }
    Finding::mend(
        provider,
        format!("{name} asks those who send more than 5,000 letters a day for {}; see there.", words(missing)),
    )
}
