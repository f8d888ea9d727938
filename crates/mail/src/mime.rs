//! Prints the headers of a checked message, and puts its body under them.
//! Decides nothing about what a message says.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use mail_builder::headers::address::Address as BuilderAddress;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::text::Text;
use mail_builder::headers::{Header as _, HeaderType};

use crate::message::{HEADER_WORD_BYTES_MAX, Mailbox, Message};

/// So that an encoded word stays within its 75 characters (RFC 2047 §2).
const ENCODED_WORD_OCTETS: usize = 45;
/// Room for the headers of a letter and of its signature.
const HEADER_OCTETS: usize = 2_048;

/// Prints a message that [`Message::build`] has checked.
pub(crate) fn print(message: &Message<'_>) -> Vec<u8> {
    let body = message.body;
    let mut out = Vec::with_capacity(HEADER_OCTETS + body.octets().len());
    plain_header(&mut out, "Date", &date(message.date));
    header(&mut out, "From", &mailbox(message.from));
    header(&mut out, "To", &mailbox(message.to));
    header(&mut out, "Subject", &unstructured(&plain(message.subject)));
    plain_header(&mut out, "Message-ID", &format!("<{}>", message.message_id));
    if let Some(reply_to) = message.reply_to {
        header(&mut out, "Reply-To", &mailbox(reply_to));
    }
    for extra in message.headers {
        header(&mut out, extra.name(), &unstructured(extra.value()));
    }
    if let Some(language) = message.language {
        plain_header(&mut out, "Content-Language", language);
    }
    out.extend_from_slice(body.headers().as_bytes());
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(body.octets());
    out
}

/// Folded where it is long.
fn header(out: &mut Vec<u8>, name: &str, value: &HeaderType<'_>) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    value.write_header(out, name.len() + 2);
}

/// One short line.
fn plain_header(out: &mut Vec<u8>, name: &str, value: &str) {
    for part in [name, ": ", value, "\r\n"] {
        out.extend_from_slice(part.as_bytes());
    }
}

fn mailbox(mailbox: Mailbox<'_>) -> HeaderType<'static> {
    let name = plain(mailbox.name);
    let name = (!name.trim().is_empty()).then(|| name.trim().to_owned());
    BuilderAddress::new_address(name, mailbox.address.as_str().to_owned()).into()
}

/// ASCII stays readable and is folded at spaces; everything else becomes encoded words (RFC 2047).
fn unstructured(value: &str) -> HeaderType<'static> {
    let value = value.trim();
    if !value.is_ascii() || value.split(' ').any(|word| word.len() > HEADER_WORD_BYTES_MAX) {
        return Text::new(value.to_owned()).into();
    }
    if value.contains("=?") {
        // Would be taken for an encoded word; mail-builder leaves it as it is.
        let words: Vec<String> = value.as_bytes().chunks(ENCODED_WORD_OCTETS).map(encoded_word).collect();
        return Raw::new(words.join(" ")).into();
    }
    Raw::new(value.to_owned()).into()
}

fn encoded_word(ascii: &[u8]) -> String {
    format!("=?utf-8?B?{}?=", BASE64.encode(ascii))
}

fn plain(value: &str) -> Cow<'_, str> {
    if value.chars().any(char::is_control) {
        Cow::Owned(value.replace(char::is_control, " "))
    } else {
        Cow::Borrowed(value)
    }
}

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// RFC 5322 §3.3 date and time, always in +0000, from microseconds UTC.
fn date(microseconds: i64) -> String {
    let seconds = microseconds.div_euclid(1_000_000);
    let days = seconds.div_euclid(86_400);
    let (hour, minute, second) =
        (seconds.rem_euclid(86_400) / 3600, seconds.rem_euclid(3600) / 60, seconds.rem_euclid(60));
    let (year, month, day) = civil(days);
    let weekday = DAYS[days.rem_euclid(7) as usize];
    let month = MONTHS[month as usize - 1];
    format!("{weekday}, {day} {month} {year:04} {hour:02}:{minute:02}:{second:02} +0000")
}

/// Year, month and day of a count of days since 1970-01-01, by Howard Hinnant's `civil_from_days`.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}
