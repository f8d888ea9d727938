//! What one line of a list of subscribers says, whatever program wrote the list: Mailchimp, listmonk, a spreadsheet.
//! Owns column names and layouts. Never decides whether somebody may be mailed.

use super::list_lines::Line;
use crate::network::network_of;
use newsroom::language::Language;
use newsroom::segment::TAGS_MAX;
use newsroom::slug::Slug;
use newsroom::subscriber::{Address, Choices, Frequency, HOUR_DEFAULT};
use newsroom::time::{Timestamp, Zone};
use std::collections::HashMap;

/// One line of the list, ready to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Line in the file, for the report.
    pub line: u64,
    pub address: Address,
    pub name: String,
    pub choices: Choices,
    /// When they asked, and from which network.
    pub asked: Option<(Timestamp, Option<String>)>,
    /// When they confirmed, and from which network.
    pub confirmed: Option<(Timestamp, Option<String>)>,
    pub tags: Vec<Slug>,
}

/// What stands in for a column that a list does not have.
#[derive(Debug, Clone)]
pub struct Defaults {
    pub language: Language,
    pub zone: Zone,
}

/// Which program wrote the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    Mailchimp,
    Listmonk,
    Other,
}

impl Layout {
    pub fn words(self) -> &'static str {
        match self {
            Layout::Mailchimp => "Mailchimp",
            Layout::Listmonk => "listmonk",
            Layout::Other => "a list of its own",
        }
    }
}

/// Column names that mean the same, lower case.
const COLUMNS: [(&str, &[&str]); 18] = [
    (
        "address",
        &["address", "email", "e-mail", "email address", "e-mail address", "mail", "adresse", "correo", "subscriber"],
    ),
    ("name", &["name", "full name", "nom", "nombre"]),
    ("first_name", &["first name", "firstname", "prénom"]),
    ("last_name", &["last name", "lastname"]),
    ("languages", &["languages", "language", "lang", "langue", "idioma"]),
    ("zone", &["zone", "time zone", "timezone", "tz"]),
    ("hour", &["hour", "send hour"]),
    ("sections", &["sections", "topics"]),
    ("frequency", &["frequency"]),
    ("asked_at", &["asked_at", "optin_time"]),
    ("asked_from", &["optin_ip"]),
    ("confirmed_at", &["confirmed_at", "confirm_time", "confirmed at", "created_at", "subscribed_at"]),
    ("confirmed_from", &["confirm_ip"]),
    ("tags", &["tags", "tag", "labels"]),
    ("status", &["status", "state"]),
    ("left_at", &["unsub_time", "unsubscribed_at"]),
    ("cleaned_at", &["clean_time"]),
    ("attributes", &["attributes"]),
];

/// What a status column says where mail must not go, and why.
const STAY_AWAY: [(&str, &[&str]); 3] = [
    ("They had left the earlier list.", &["unsubscribed", "disabled", "removed", "left", "inactive", "archived"]),
    (
        "Mail to this address came back from the earlier list.",
        &["cleaned", "bounced", "blocklisted", "blacklisted", "complained", "spam"],
    ),
    ("They never confirmed on the earlier list.", &["unconfirmed", "pending", "nonsubscribed", "non-subscribed"]),
];

/// The columns of one list.
#[derive(Debug)]
pub struct Columns {
    at: HashMap<&'static str, usize>,
    pub layout: Layout,
    separator: u8,
}

impl Columns {
    /// Reads the line that names them. Refused with a sentence if none holds addresses.
    pub(super) fn read(head: &Line, separator: u8) -> Result<Self, String> {
        let cells = cells(head, separator).ok_or("The first line cannot be read.")?;
        let names: Vec<String> =
            cells.iter().map(|name| name.trim_matches(['\u{feff}', ' ', '"']).to_lowercase()).collect();
        let has = |name: &str| names.iter().any(|known| known == name);
        let mut at = HashMap::new();
        for (column, words) in COLUMNS {
            if let Some(found) = words.iter().find_map(|word| names.iter().position(|name| name == word)) {
                at.insert(column, found);
            }
        }
        let layout = match () {
            () if has("leid") || has("euid") || has("member_rating") => Layout::Mailchimp,
            () if has("uuid") && has("attributes") => Layout::Listmonk,
            () => Layout::Other,
        };
        if at.contains_key("address") {
            return Ok(Self { at, layout, separator });
        }
        let shown = names.iter().take(12).map(|name| format!("“{}”", name.chars().take(40).collect::<String>()));
        Err(format!(
            "The first line names no column of addresses. Call one “address” or “email”; found: {}.",
            shown.collect::<Vec<_>>().join(", ")
        ))
    }

    /// Whether lines say themselves when their people agreed.
    pub fn tell_when(&self) -> bool {
        ["asked_at", "confirmed_at"].iter().any(|column| self.at.contains_key(column))
    }

    /// What a line says, or why it is left out.
    pub(super) fn row(&self, line: &Line, defaults: &Defaults) -> Result<Row, String> {
        if line.too_long {
            return Err("The line is too long; a quotation mark may be missing.".into());
        }
        let cells = cells(line, self.separator).ok_or("The line is not CSV.")?;
        let cell = |name: &str| self.at.get(name).and_then(|at| cells.get(*at)).map_or("", |cell| cell.trim());
        self.stays_away(&cell)?;
        if cell("address").is_empty() {
            return Err("There is no address in this line.".into());
        }
        let address = Address::parse(cell("address")).map_err(|_| "This is not an email address.".to_owned())?;
        let own = attributes(cell("attributes"));
        let or_own =
            |name: &str| if cell(name).is_empty() { own.get(name).map_or("", String::as_str) } else { cell(name) };
        let choices = choices(&or_own, defaults, self.layout)?;
        let moment = |at: &str, from: &str| Some((time(cell(at))?, network(cell(from))));
        let name = match cell("name") {
            "" => format!("{} {}", cell("first_name"), cell("last_name")),
            name => name.to_owned(),
        };
        Ok(Row {
            line: line.number,
            address,
            name: short(name.trim()),
            choices,
            asked: moment("asked_at", "asked_from"),
            confirmed: moment("confirmed_at", "confirmed_from"),
            tags: tags(or_own("tags")),
        })
    }

    fn stays_away<'a>(&self, cell: &impl Fn(&str) -> &'a str) -> Result<(), String> {
        let [left, cleaned, _] = STAY_AWAY.map(|(sentence, _)| sentence);
        if !cell("left_at").is_empty() {
            return Err(left.into());
        }
        if !cell("cleaned_at").is_empty() {
            return Err(cleaned.into());
        }
        let status = cell("status").to_lowercase();
        match STAY_AWAY.iter().find(|(_, words)| words.contains(&status.as_str())) {
            Some((sentence, _)) => Err((*sentence).into()),
            None => Ok(()),
        }
    }
}

/// The cells of a line; None if it is no CSV at all.
fn cells(line: &Line, separator: u8) -> Option<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new();
    reader.delimiter(separator).flexible(true).has_headers(false).trim(csv::Trim::All);
    let mut reader = reader.quoting(line.quoted).buffer_capacity(1024).from_reader(line.text.as_bytes());
    let mut record = csv::StringRecord::new();
    match reader.read_record(&mut record) {
        Ok(true) => {
            let stray = |cell: &str| if line.quoted { cell.to_owned() } else { cell.trim_matches('"').to_owned() };
            Some(record.iter().map(stray).collect())
        }
        Ok(false) => Some(Vec::new()),
        Err(_) => None,
    }
}

fn choices<'a>(cell: &impl Fn(&str) -> &'a str, defaults: &Defaults, layout: Layout) -> Result<Choices, String> {
    let zone = match cell("zone") {
        "" => defaults.zone.clone(),
        name => match (Zone::parse(name), layout) {
            (Some(zone), _) => zone,
            // Guessed there from an address; not worth losing a person for.
            (None, Layout::Mailchimp) => defaults.zone.clone(),
            (None, Layout::Listmonk | Layout::Other) => return Err(format!("“{}” is not a time zone.", short(name))),
        },
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
    Ok(choices)
}

/// What listmonk's JSON says of those things that are columns elsewhere.
fn attributes(json: &str) -> HashMap<&'static str, String> {
    let Ok(serde_json::Value::Object(kept)) = serde_json::from_str(json) else { return HashMap::new() };
    let mut found = HashMap::new();
    for (column, words) in COLUMNS.iter().filter(|(column, _)| ["languages", "zone", "hour", "tags"].contains(column)) {
        let value = words.iter().find_map(|word| kept.get(*word));
        let text = match value {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(serde_json::Value::Number(number)) => number.to_string(),
            Some(serde_json::Value::Array(list)) => {
                list.iter().filter_map(serde_json::Value::as_str).collect::<Vec<_>>().join(",")
            }
            _ => continue,
        };
        found.insert(*column, text);
    }
    found
}

/// As Mailchimp writes them, `"Early readers","Kisumu"`; or parted by commas or semicolons.
fn tags(cell: &str) -> Vec<Slug> {
    let mut tags: Vec<Slug> =
        cell.split([',', ';', '|']).filter_map(|tag| Slug::from_words(tag.trim().trim_matches('"'))).collect();
    tags.sort();
    tags.dedup();
    tags.truncate(TAGS_MAX);
    tags
}

/// RFC 3339, or a date and time without a zone, which is taken as UTC, as these programs write it.
fn time(cell: &str) -> Option<Timestamp> {
    let cell = cell.replacen(' ', "T", 1);
    Timestamp::parse(&format!("{cell}Z")).or_else(|| Timestamp::parse(&cell))
}

/// The network of an address: all that is kept.
fn network(cell: &str) -> Option<String> {
    cell.parse().ok().map(network_of)
}

fn words(cell: &str) -> impl Iterator<Item = &str> {
    cell.split([' ', ',', ';', '|', '/']).filter(|word| !word.is_empty())
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::super::list_lines::{Lines, survey};
    use super::*;

    type Read = (Columns, Vec<Row>, Vec<(u64, String)>);

    fn read(bytes: &[u8]) -> Result<Read, String> {
        let defaults = Defaults { language: Language::english(), zone: Zone::utc() };
        let mut list = std::io::Cursor::new(bytes);
        let survey = survey(&mut list).unwrap();
        let mut lines = Lines::new(list, survey);
        let columns = Columns::read(&lines.head().unwrap().unwrap(), lines.separator())?;
        let (mut rows, mut out) = (Vec::new(), Vec::new());
        while let Some(line) = lines.next().unwrap() {
            match columns.row(&line, &defaults) {
                Ok(row) => rows.push(row),
                Err(sentence) => out.push((line.number, sentence)),
            }
        }
        Ok((columns, rows, out))
    }

    fn check(bytes: &[u8], addresses: &[&str], left_out: &[u64]) {
        let (_, rows, out) = read(bytes).unwrap();
        assert_eq!(rows.iter().map(|row| row.address.as_str()).collect::<Vec<_>>(), addresses);
        assert_eq!(out.iter().map(|(line, _)| *line).collect::<Vec<_>>(), left_out, "{out:?}");
    }

    #[test]
    fn a_list_is_read_whatever_program_wrote_it() {
        check(b"address,name\nrose@example.ht,Rose\n", &["rose@example.ht"], &[]);
        check(b"\xef\xbb\xbfEmail;Name\r\nrose@example.ht;\"Rose; of Jacmel\"\r\n", &["rose@example.ht"], &[]);
        check(b"name\temail\nJos\xe9\tjose@example.org\n", &["jose@example.org"], &[]);
        check(b"email,name\na@example.org,\"two\nlines\"\nb@example.org,x\n", &["a@example.org", "b@example.org"], &[]);
        check(b"email,name\na@example.org,\"never closed\nb@example.org,x\n", &["a@example.org", "b@example.org"], &[]);
    }

    #[test]
    fn a_line_that_cannot_be_taken_is_named_and_the_others_are_kept() {
        let list = b"email,zone,hour\na@example.org,,\nnobody,,\nb@example.org,Mars/Base,\nc@example.org,,25\n,,\nd@example.org,Asia/Kathmandu,6\n";
        check(list, &["a@example.org", "d@example.org"], &[3, 4, 5, 6]);
        let hostile = "email\na@example.org\u{0}\nrose@example.ht\\r\\nBcc: x@y.example\n=cmd|' /C calc'!A0\n<script>@x.example\n\"a@b.example\",\"\"\"\n";
        check(hostile.as_bytes(), &["a@b.example"], &[2, 3, 4, 5]);
    }

    #[test]
    fn a_list_without_addresses_is_refused_with_its_column_names() {
        let no = read(b"first,last\nRose,Jean\n").unwrap_err();
        assert!(no.contains("“first”"), "{no}");
    }

    #[test]
    fn a_mailchimp_list_brings_its_consent_and_leaves_those_who_left() {
        let list = br#""Email Address","First Name","Last Name",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,TIMEZONE,LEID,UNSUB_TIME,TAGS
rose@example.ht,Rose,Jean,4,"2021-05-04 12:00:00",203.0.113.77,"2021-05-04 12:34:56",203.0.113.77,America/Port-au-Prince,1,,"""Early readers"",""Kisumu"""
left@example.ht,,,2,"2021-05-04 12:00:00",,,,,2,"2022-01-01 00:00:00",
guess@example.ht,,,2,,,"2021-05-04 12:34:56",,EST5EDTX,3,,
"#;
        let (columns, rows, out) = read(list).unwrap();
        assert_eq!((columns.layout, columns.tell_when()), (Layout::Mailchimp, true));
        assert_eq!((rows.len(), out.len()), (2, 1), "{out:?}");
        let rose = &rows[0];
        assert_eq!((rose.name.as_str(), rose.choices.zone.name()), ("Rose Jean", "America/Port-au-Prince"));
        let (at, network) = rose.confirmed.clone().unwrap();
        assert_eq!((at.rfc3339().as_str(), network.as_deref()), ("2021-05-04T12:34:56Z", Some("203.0.113.0/24")));
        assert_eq!(rose.tags.iter().map(Slug::as_str).collect::<Vec<_>>(), ["early-readers", "kisumu"]);
    }

    #[test]
    fn a_listmonk_list_brings_its_attributes_and_leaves_the_blocked() {
        let list = br#"uuid,email,name,attributes,status,created_at,updated_at
u1,rose@example.ht,Rose,"{""lang"": ""ht"", ""timezone"": ""America/Port-au-Prince"", ""tags"": [""Jacmel""]}",enabled,2023-05-01T10:00:00.123456Z,2023-05-01T10:00:00Z
u2,b@example.ht,B,{},blocklisted,2023-05-01T10:00:00Z,2023-05-01T10:00:00Z
"#;
        let (columns, rows, out) = read(list).unwrap();
        assert_eq!((columns.layout, rows.len(), out.len()), (Layout::Listmonk, 1, 1));
        assert_eq!(rows[0].choices.languages[0].code(), "ht");
        assert_eq!((rows[0].choices.zone.name(), rows[0].tags[0].as_str()), ("America/Port-au-Prince", "jacmel"));
    }
}
