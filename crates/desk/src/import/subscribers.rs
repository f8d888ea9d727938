//! Reads a list of subscribers from CSV, whatever program wrote it.
//! Owns encodings, separators and column names. Never decides whether somebody may be mailed.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use newsroom::language::Language;
use newsroom::slug::Slug;
use newsroom::subscriber::{Address, Choices, Frequency, HOUR_DEFAULT};
use newsroom::time::{Timestamp, Zone};
use std::collections::HashMap;

/// Most bytes of a list: about ten million lines.
pub const LIST_BYTES_MAX: usize = 1024 * 1024 * 1024;
/// Most bytes of one line, quoted newlines included.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// One line of the list, ready to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Line in the file, for the report.
    pub line: u64,
    pub address: Address,
    pub name: String,
    pub choices: Choices,
    pub confirmed_at: Option<Timestamp>,
}

/// A line that was not taken, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    pub line: u64,
    pub reason: String,
}

/// What stands in for a column that a list does not have.
#[derive(Debug, Clone)]
pub struct Defaults {
    pub language: Language,
    pub zone: Zone,
}

/// Column names that mean the same, lower case.
const COLUMNS: [(&str, &[&str]); 8] = [
    ("address", &["address", "email", "e-mail", "email address", "mail", "adresse", "correo", "subscriber"]),
    ("name", &["name", "full name", "nom", "nombre"]),
    ("languages", &["languages", "language", "lang", "langue", "idioma"]),
    ("zone", &["zone", "time zone", "timezone", "tz"]),
    ("hour", &["hour", "send hour"]),
    ("sections", &["sections", "topics", "lists"]),
    ("confirmed_at", &["confirmed_at", "confirm_time", "confirmed at", "created_at", "subscribed_at"]),
    ("frequency", &["frequency"]),
];

/// Decodes and reads the whole list. An unreadable line is skipped with its reason; a file without an
/// address column is refused with a sentence.
pub fn read(bytes: &[u8], defaults: &Defaults) -> Result<(Vec<Row>, Vec<Skipped>), String> {
    if bytes.len() > LIST_BYTES_MAX {
        return Err(format!(
            "The list has {} MB; split it into files of at most {} MB.",
            bytes.len() >> 20,
            LIST_BYTES_MAX >> 20
        ));
    }
    let text = decode(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator(&text))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let columns = columns(reader.headers().map_err(|error| format!("The first line cannot be read: {error}."))?)?;
    let (mut rows, mut skipped) = (Vec::new(), Vec::new());
    let mut seen = HashMap::new();
    for record in reader.records() {
        let line = |position: Option<&csv::Position>| position.map_or(0, csv::Position::line);
        match record {
            Err(error) => skipped.push(Skipped { line: line(error.position()), reason: "The line is not CSV.".into() }),
            Ok(record) => {
                let at = line(record.position());
                match row(at, &record, &columns, defaults).and_then(|row| once(row, &mut seen)) {
                    Ok(row) => rows.push(row),
                    Err(reason) => skipped.push(Skipped { line: at, reason }),
                }
            }
        }
    }
    Ok((rows, skipped))
}

fn once(row: Row, seen: &mut HashMap<String, u64>) -> Result<Row, String> {
    match seen.insert(row.address.key(), row.line) {
        None => Ok(row),
        Some(first) => Err(format!("The address stands in line {first} already.")),
    }
}

/// UTF-8, UTF-16 by its mark, else Windows-1252: what spreadsheets write.
fn decode(bytes: &[u8]) -> String {
    let encoding: &Encoding = match bytes {
        [0xff, 0xfe, ..] => UTF_16LE,
        [0xfe, 0xff, ..] => UTF_16BE,
        _ if std::str::from_utf8(bytes).is_ok() => UTF_8,
        _ => WINDOWS_1252,
    };
    encoding.decode(bytes).0.into_owned()
}

/// The most frequent of `,` `;` tab `|` in the first line.
fn separator(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let count = |byte: u8| first.bytes().filter(|b| *b == byte).count();
    [b',', b';', b'\t', b'|'].into_iter().rev().max_by_key(|byte| count(*byte)).unwrap_or(b',')
}

fn columns(head: &csv::StringRecord) -> Result<HashMap<&'static str, usize>, String> {
    let names: Vec<String> = head.iter().map(|name| name.trim_matches(['\u{feff}', ' ', '"']).to_lowercase()).collect();
    let mut found = HashMap::new();
    for (column, words) in COLUMNS {
        if let Some(at) = words.iter().find_map(|word| names.iter().position(|name| name == word)) {
            found.insert(column, at);
        }
    }
    if found.contains_key("address") {
        return Ok(found);
    }
    Err(format!(
        "The first line names no column of addresses. Call one “address” or “email”; found: {}.",
        names
            .iter()
            .take(12)
            .map(|name| format!("“{}”", name.chars().take(40).collect::<String>()))
            .collect::<Vec<_>>()
            .join(", ")
    ))
}

fn row(
    line: u64,
    record: &csv::StringRecord,
    columns: &HashMap<&str, usize>,
    defaults: &Defaults,
) -> Result<Row, String> {
    let cell = |name: &str| columns.get(name).and_then(|at| record.get(*at)).unwrap_or_default();
    if record.iter().map(str::len).sum::<usize>() > LINE_BYTES_MAX {
        return Err("The line is too long; a quotation mark may be missing.".into());
    }
    if cell("address").is_empty() {
        return Err("There is no address in this line.".into());
    }
    let address = Address::parse(cell("address")).map_err(|_| "This is not an email address.".to_owned())?;
    let zone = match cell("zone") {
        "" => defaults.zone.clone(),
        name => Zone::parse(name).ok_or_else(|| format!("“{}” is not a time zone.", short(name)))?,
    };
    let hour = match cell("hour") {
        "" => HOUR_DEFAULT,
        text => text
            .parse()
            .ok()
            .filter(|hour| (0..=23).contains(hour))
            .ok_or_else(|| format!("“{}” is not an hour.", short(text)))?,
    };
    let mut languages = words(cell("languages"))
        .map(|tag| Language::parse(tag).ok_or_else(|| format!("“{}” is not a language code.", short(tag))))
        .collect::<Result<Vec<_>, _>>()?;
    if languages.is_empty() {
        languages.push(defaults.language.clone());
    }
    let choices = Choices {
        languages,
        sections: words(cell("sections")).filter_map(Slug::from_words).collect(),
        zone,
        hour,
        frequency: Frequency::parse(cell("frequency")).unwrap_or(Frequency::Daily),
    };
    choices.check().map_err(|refusal| refusal.to_string())?;
    Ok(Row {
        line,
        address,
        name: short(cell("name")),
        choices,
        confirmed_at: Timestamp::parse(&cell("confirmed_at").replacen(' ', "T", 1)),
    })
}

fn words(cell: &str) -> impl Iterator<Item = &str> {
    cell.split([' ', ',', ';', '|', '/']).filter(|word| !word.is_empty())
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defaults() -> Defaults {
        Defaults { language: Language::english(), zone: Zone::utc() }
    }

    fn check(bytes: &[u8], addresses: &[&str], skipped: &[u64]) {
        let (rows, out) = read(bytes, &defaults()).unwrap();
        let got: Vec<&str> = rows.iter().map(|row| row.address.as_str()).collect();
        assert_eq!(got, addresses);
        assert_eq!(out.iter().map(|line| line.line).collect::<Vec<_>>(), skipped);
    }

    #[test]
    fn a_list_is_read_whatever_program_wrote_it() {
        check(b"address,name\nrose@example.ht,Rose\n", &["rose@example.ht"], &[]);
        check(b"\xef\xbb\xbfEmail;Name\r\nrose@example.ht;\"Rose; of Jacmel\"\r\n", &["rose@example.ht"], &[]);
        check(b"name\temail\nJos\xe9\tjose@example.org\n", &["jose@example.org"], &[]);
        let utf16: Vec<u8> = "\u{feff}email\na@example.org\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        check(&utf16, &["a@example.org"], &[]);
        check(b"email,name\na@example.org,\"two\nlines\"\nb@example.org,x\n", &["a@example.org", "b@example.org"], &[]);
    }

    #[test]
    fn a_line_that_cannot_be_taken_is_named_and_the_others_are_kept() {
        let list = b"email,zone,hour\na@example.org,,\nnobody,,\nA@example.org,,\nb@example.org,Mars/Base,\nc@example.org,,25\n,,\nd@example.org,Asia/Kathmandu,6\n";
        check(list, &["a@example.org", "d@example.org"], &[3, 4, 5, 6, 7]);
    }

    #[test]
    fn a_list_without_addresses_is_refused_with_its_column_names() {
        let no = read(b"first,last\nRose,Jean\n", &defaults()).unwrap_err();
        assert!(no.contains("“first”"), "{no}");
    }
}
