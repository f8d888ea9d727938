//! Reads reports that are plain text: for whom, and what was said about each. No machine-readable part is needed.

use super::verdict::{self, When};
use super::words;

/// Most recipients read out of one report.
pub(super) const RECIPIENTS_MAX: usize = 100;
/// Longest text that is searched, in octets.
const NOTICE_BYTES_MAX: usize = 32 * 1024;

/// What a report says about one recipient.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) recipient: Option<String>,
    pub(super) text: String,
}

/// A text up to where the returned message begins, and the returned message's beginning.
pub(super) fn until_copy(text: &str) -> (&str, &str) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let lower = line.trim().to_lowercase();
        let header = start > 0
            && ["received:", "return-path:", "dkim-signature:", "x-apparently-to:"]
                .iter()
                .any(|name| lower.starts_with(name));
        if header || words::COPY_BEGINS.iter().any(|words| lower.contains(words)) {
            return (cut(&text[..start], NOTICE_BYTES_MAX), &text[start..]);
        }
        start += line.len();
    }
    (cut(text, NOTICE_BYTES_MAX), "")
}

/// Splits a report by recipient. `named` are those its headers name; `ours` are addresses that are never the failed one.
pub(super) fn by_recipient(notice: &str, named: &[String], ours: &[String]) -> Vec<Said> {
    let mut starts: Vec<(usize, String)> = Vec::new();
    let mut at = 0;
    for line in notice.split_inclusive('\n') {
        if let Some(address) = leading_address(line, named)
            && (named.contains(&address) || !ours.contains(&address))
            && !starts.iter().any(|(_, known)| *known == address)
            && starts.len() < RECIPIENTS_MAX
        {
            starts.push((at, address));
        }
        at += line.len();
    }
    if starts.is_empty() {
        let anywhere = || addresses(notice).find(|address| !ours.contains(address));
        let recipient = named.first().cloned().or_else(anywhere);
        return vec![Said { recipient, text: notice.to_owned() }];
    }
    let ends = starts.iter().skip(1).map(|(at, _)| *at).chain([notice.len()]);
    let said = starts
        .iter()
        .zip(ends)
        .map(|((start, address), end)| Said { recipient: Some(address.clone()), text: notice[*start..end].to_owned() });
    said.collect()
}

/// The address with which a line begins, as reports list failed recipients: `<a@b>:`, `a@b: 550 …`, `"a@b":`, or the
/// line is nothing else. Addresses that headers named may stand after a few words.
fn leading_address(line: &str, named: &[String]) -> Option<String> {
    // Transcripts put the reply's code first: `550 <a@b>... User unknown`.
    let line = line.trim();
    let line = line.get(..4).filter(|code| verdict::reply_in(code).is_some()).map_or(line, |_| &line[4..]);
    let begins = line.trim_start_matches(['<', '"', '\'', '(', '*', ' ', '-']);
    let word = begins.split(|c: char| c.is_whitespace()).next()?.trim_end_matches('.');
    let address = address_in(word)?;
    let alone = begins.len() == word.len();
    let follows = &begins[word.len()..];
    let listed = alone
        || word.ends_with([':', '>', '"', ','])
        || [" on ", " [", "...", " ...", " invalid", " :"].iter().any(|next| follows.to_lowercase().starts_with(next))
        || named.contains(&address);
    listed.then_some(address)
}

/// Every address in running text, lower case.
pub(super) fn addresses(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '(' | ')' | ',' | ';' | ':' | '[' | ']'))
        .filter_map(address_in)
}

/// The address a word is, without brackets and punctuation around it.
pub(super) fn address_in(word: &str) -> Option<String> {
    let bare = word
        .trim_matches(|c: char| matches!(c, '<' | '>' | '"' | '\'' | ',' | ';' | ':' | '.' | '(' | ')' | '[' | ']'));
    let bare = bare.strip_prefix("mailto:").unwrap_or(bare);
    let (local, domain) = bare.rsplit_once('@')?;
    let fits = !local.is_empty() && bare.len() <= crate::address::ADDRESS_BYTES_MAX && domain.contains('.');
    (fits && !bare.contains(['<', '>', '"', '/'])).then(|| bare.to_lowercase())
}

/// At which command it was refused: by what is said about the recipient, else by the whole transcript.
pub(super) fn when(said: &str, transcript: &str) -> When {
    match verdict::when_in(said) {
        When::Unknown => verdict::when_in(transcript),
        known => known,
    }
}

pub(super) fn cut(text: &str, bytes_max: usize) -> &str {
    let mut end = bytes_max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
