//! The interface's own words in six languages: sentences, plurals, dates, numbers.
//! Catalogues are `themes/default/words/*.json`; nothing here reads a clock or a time zone.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use icu_locale_core::Locale;
use icu_plurals::{PluralCategory, PluralRuleType, PluralRules};
use serde::Deserialize;

use crate::page::Dir;

/// The languages the interface speaks, in the order of the menus.
pub const LANGUAGES: [&str; 6] = ["en", "fr", "ht", "sw", "es", "ar"];

/// A moment as a calendar and a wall clock show it; made by whoever knows the time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Civil {
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 1 is Monday, 7 is Sunday (ISO 8601).
    pub weekday: u8,
}

#[derive(Debug, Deserialize)]
struct Catalogue {
    endonym: String,
    months: Vec<String>,
    weekdays: Vec<String>,
    weekdays_short: Vec<String>,
    /// What the first of a month is called, where it is not "1" (French "1er").
    day_one: Option<String>,
    /// First day of the week, 1 is Monday (CLDR supplemental data: Saturday in most Arabic-speaking countries).
    week_begins: u8,
    dates: BTreeMap<String, String>,
    group: String,
    decimal: String,
    comma: String,
    and: String,
    semicolon: String,
    languages: BTreeMap<String, String>,
    in_languages: BTreeMap<String, String>,
    say: BTreeMap<String, String>,
    count: BTreeMap<String, BTreeMap<String, String>>,
}

/// The words of one language.
pub struct Words {
    language: &'static str,
    catalogue: Catalogue,
    /// The rules themselves cannot be shared by threads; making them from built-in data costs less than a microsecond.
    locale: Locale,
}

static ALL: LazyLock<Vec<Arc<Words>>> = LazyLock::new(|| {
    let read = |language: &'static str| {
        let words = Words::read(language, crate::theme::ours(&format!("words/{language}.json")))
            .expect("catalogues are embedded and tested");
        Arc::new(words)
    };
    LANGUAGES.into_iter().map(read).collect()
});

/// What a language calls itself ("Kreyòl ayisyen"); the tag itself for languages the interface does not speak.
pub fn endonym(language: &str) -> &str {
    ALL.iter().find(|words| words.language == base(language)).map_or(language, |words| &words.catalogue.endonym)
}

fn base(language: &str) -> &str {
    language.split('-').next().unwrap_or_default()
}

impl Words {
    /// Our own words of a language by its BCP 47 tag; regions are ignored, an unknown language speaks English.
    /// What a publisher's theme says instead is in `Theme::words`.
    pub fn of(language: &str) -> &'static Words {
        ALL.iter().find(|words| words.language == base(language)).unwrap_or(&ALL[0])
    }

    /// Our own words, to be kept by a theme that changes none of them.
    pub(crate) fn ours(language: &str) -> Arc<Words> {
        ALL.iter().find(|words| words.language == base(language)).unwrap_or(&ALL[0]).clone()
    }

    /// A catalogue as it stands in a file. Errs with what is wrong in it and where.
    pub(crate) fn read(language: &'static str, json: &str) -> Result<Words, String> {
        let catalogue: Catalogue = serde_json::from_str(json).map_err(|e| e.to_string())?;
        let locale: Locale = language.parse().map_err(|e| format!("{language}: {e:?}"))?;
        Ok(Words { language, catalogue, locale })
    }

    fn plurals(&self) -> PluralRules {
        let options = PluralRuleType::Cardinal.into();
        PluralRules::try_new((&self.locale).into(), options).expect("every built-in language has plural rules")
    }

    /// Whether there are words for this key, as a sentence or as a number with its noun.
    pub(crate) fn knows(&self, key: &str) -> bool {
        self.catalogue.say.contains_key(key) || self.catalogue.count.contains_key(key)
    }

    /// The tag of these words' language.
    pub fn language(&self) -> &'static str {
        self.language
    }

    /// The direction they are written in.
    pub fn dir(&self) -> Dir {
        Dir::of(self.language)
    }

    /// A sentence with its placeholders filled: `say("by_in", &[("names", "Rose"), ("place", "Jacmel")])`.
    /// An unknown key is printed as itself in brackets; a test keeps that from happening.
    pub fn say(&self, key: &str, with: &[(&str, &str)]) -> String {
        match self.sentence(key) {
            Some(sentence) => fill(sentence, with),
            None => format!("[{key}]"),
        }
    }

    /// The sentence as it stands in the catalogue, placeholders and all.
    pub fn sentence(&self, key: &str) -> Option<&str> {
        self.catalogue.say.get(key).map(String::as_str)
    }

    /// A number with its noun in the right plural form: `count("articles", 2)`. `{n}` is printed with separators.
    pub fn count(&self, key: &str, n: u64) -> String {
        let Some(forms) = self.catalogue.count.get(key) else { return format!("[{key}]") };
        let name = match self.plurals().category_for(n) {
            PluralCategory::Zero => "zero",
            PluralCategory::One => "one",
            PluralCategory::Two => "two",
            PluralCategory::Few => "few",
            PluralCategory::Many => "many",
            PluralCategory::Other => "other",
        };
        let form = forms.get(name).or_else(|| forms.get("other")).map_or("{n}", String::as_str);
        fill(form, &[("n", &self.number(n))])
    }

    /// A whole number with the language's separator of thousands.
    pub fn number(&self, n: u64) -> String {
        let digits = n.to_string();
        // Five digits and more are grouped; four are read at a glance, and may be a year.
        if digits.len() < 5 {
            return digits;
        }
        let head = digits.len() % 3;
        let mut out = digits[..head].to_string();
        for group in digits.as_bytes()[head..].chunks(3) {
            if !out.is_empty() {
                out.push_str(&self.catalogue.group);
            }
            out.extend(group.iter().copied().map(char::from));
        }
        out
    }

    /// A size in kilobytes, at least 1: "5 KB".
    pub fn size(&self, bytes: u64) -> String {
        self.say("kilobytes", &[("n", &self.number(bytes.div_ceil(1024).max(1)))])
    }

    /// A decimal number with one digit: "2.5", "2,5".
    pub fn tenths(&self, tenths: u64) -> String {
        format!("{}{}{}", self.number(tenths / 10), self.catalogue.decimal, tenths % 10)
    }

    /// "Monday 25 August 2025, 18:40 EAT".
    pub fn date_long(&self, civil: &Civil, zone: &str) -> String {
        self.date("moment", civil, zone)
    }

    /// "Monday 25 August, 09:05 EAT": without the year, for what is recent.
    pub fn date_recent(&self, civil: &Civil, zone: &str) -> String {
        self.date("recent", civil, zone)
    }

    /// "Mon 25 August, 09:05": a line of a list.
    pub fn date_line(&self, civil: &Civil) -> String {
        self.date("line", civil, "")
    }

    /// "Monday 25 August 2025".
    pub fn day_long(&self, civil: &Civil) -> String {
        self.date("day_long", civil, "")
    }

    /// "Monday 25 August".
    pub fn day_of_week(&self, civil: &Civil) -> String {
        self.date("day_of_week", civil, "")
    }

    /// "25 August 2025".
    pub fn day(&self, civil: &Civil) -> String {
        self.date("day", civil, "")
    }

    /// "25 August".
    pub fn day_short(&self, civil: &Civil) -> String {
        self.date("day_short", civil, "")
    }

    /// "August 2025".
    pub fn month(&self, civil: &Civil) -> String {
        self.date("month", civil, "")
    }

    /// "18:40".
    pub fn time(&self, civil: &Civil) -> String {
        self.date("time", civil, "")
    }

    /// "Monday", from 1 (Monday) to 7.
    pub fn weekday(&self, weekday: u8) -> &str {
        nth(&self.catalogue.weekdays, weekday)
    }

    /// "Mon", from 1 (Monday) to 7.
    pub fn weekday_short(&self, weekday: u8) -> &str {
        nth(&self.catalogue.weekdays_short, weekday)
    }

    /// The day with which a calendar's week begins, from 1 (Monday) to 7.
    pub fn week_begins(&self) -> u8 {
        self.catalogue.week_begins
    }

    fn date(&self, pattern: &str, civil: &Civil, zone: &str) -> String {
        let day = match &self.catalogue.day_one {
            Some(first) if civil.day == 1 => first.clone(),
            _ => civil.day.to_string(),
        };
        let text = fill(
            self.catalogue.dates.get(pattern).map_or("", String::as_str),
            &[
                ("weekday", self.weekday(civil.weekday)),
                ("wd", self.weekday_short(civil.weekday)),
                ("day", &day),
                ("month", nth(&self.catalogue.months, civil.month)),
                ("year", &civil.year.to_string()),
                ("time", &format!("{:02}:{:02}", civil.hour, civil.minute)),
                ("zone", zone),
            ],
        );
        text.trim_end().to_string()
    }

    /// "A, B and C".
    pub fn list<T: AsRef<str>>(&self, names: &[T]) -> String {
        match names {
            [] => String::new(),
            [one] => one.as_ref().to_string(),
            [init @ .., last] => {
                let init: Vec<&str> = init.iter().map(AsRef::as_ref).collect();
                format!("{}{}{}", init.join(&self.catalogue.comma), self.catalogue.and, last.as_ref())
            }
        }
    }

    /// What stands between the names of a list, before the last or not.
    pub fn separator(&self, before_last: bool) -> &str {
        if before_last { &self.catalogue.and } else { &self.catalogue.comma }
    }

    /// What stands between two clauses: "; ", in French with its own space, in Arabic its own sign.
    pub fn semicolon(&self) -> &str {
        &self.catalogue.semicolon
    }

    /// "In French", said in this language; the tag for languages the interface does not speak.
    pub fn in_language(&self, language: &str) -> String {
        self.catalogue.in_languages.get(base(language)).cloned().unwrap_or_else(|| language.to_string())
    }

    /// "French", said in this language.
    pub fn language_name(&self, language: &str) -> String {
        self.catalogue.languages.get(base(language)).cloned().unwrap_or_else(|| language.to_string())
    }
}

fn nth(names: &[String], one_based: u8) -> &str {
    usize::from(one_based).checked_sub(1).and_then(|i| names.get(i)).map_or("", String::as_str)
}

/// Fills `{name}` placeholders in one pass, so that a value cannot bring a placeholder along.
pub(crate) fn fill(text: &str, with: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let Some(len) = rest[open..].find('}') else { break };
        let name = &rest[open + 1..open + len];
        out.push_str(&rest[..open]);
        match with.iter().find(|(key, _)| *key == name) {
            Some((_, value)) => out.push_str(value),
            None => out.push_str(&rest[open..=open + len]),
        }
        rest = &rest[open + len + 1..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests;
