//! Catalogues have the same keys and placeholders, and say what they should.
use std::collections::BTreeSet;

use super::*;

fn placeholders(text: &str) -> BTreeSet<String> {
    text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name.to_string()).collect()
}

fn at(year: i32, month: u8, day: u8, hour: u8, minute: u8, weekday: u8) -> Civil {
    Civil { year, month, day, hour, minute, weekday }
}

#[test]
fn every_language_says_everything_with_the_same_placeholders() {
    let english = &Words::of("en").catalogue;
    for words in ALL.iter() {
        let other = &words.catalogue;
        let language = words.language;
        assert_eq!(english.say.keys().collect::<Vec<_>>(), other.say.keys().collect::<Vec<_>>(), "{language}");
        assert_eq!(english.count.keys().collect::<Vec<_>>(), other.count.keys().collect::<Vec<_>>(), "{language}");
        assert_eq!(english.dates.keys().collect::<Vec<_>>(), other.dates.keys().collect::<Vec<_>>(), "{language}");
        for (key, sentence) in &english.say {
            assert_eq!(placeholders(sentence), placeholders(&other.say[key]), "{language}: {key}");
            assert!(!other.say[key].trim().is_empty(), "{language}: {key}");
        }
        assert_eq!((other.months.len(), other.weekdays.len(), other.weekdays_short.len()), (12, 7, 7), "{language}");
        for known in LANGUAGES {
            assert!(other.languages.contains_key(known) && other.in_languages.contains_key(known), "{language}");
        }
    }
}

#[test]
fn every_plural_form_a_language_needs_is_there() {
    for words in ALL.iter() {
        let needed: BTreeSet<&str> = words
            .plurals()
            .categories()
            .map(|c| match c {
                PluralCategory::Zero => "zero",
                PluralCategory::One => "one",
                PluralCategory::Two => "two",
                PluralCategory::Few => "few",
                // French and Spanish use "many" for whole millions only; "other" reads the same there.
                PluralCategory::Many if ["fr", "es"].contains(&words.language) => "other",
                PluralCategory::Many => "many",
                PluralCategory::Other => "other",
            })
            .collect();
        for (key, forms) in &words.catalogue.count {
            let have: BTreeSet<&str> = forms.keys().map(String::as_str).collect();
            assert_eq!(needed, have, "{}: {key}", words.language);
        }
    }
}

#[test]
fn no_sentence_is_left_in_english() {
    // Names and loan words that are spelled alike.
    let alike = ["kilobytes", "share_whatsapp", "share_telegram", "share_sms"];
    let english = &Words::of("en").catalogue.say;
    for words in ALL.iter().filter(|w| w.language != "en") {
        for (key, sentence) in &words.catalogue.say {
            let same = sentence == &english[key] && sentence.split(' ').count() > 2;
            assert!(!same || alike.contains(&key.as_str()), "{}: {key}", words.language);
        }
    }
}

#[test]
fn dates_are_said_as_each_language_says_them() {
    let check = |language: &str, want: &str| {
        assert_eq!(Words::of(language).date_long(&at(2025, 8, 25, 18, 40, 1), "EAT"), want);
    };
    check("en", "Monday 25\u{a0}August 2025, 18:40\u{a0}EAT");
    check("fr", "lundi 25\u{a0}août 2025, 18:40\u{a0}EAT");
    check("es", "lunes 25\u{a0}de agosto de 2025, 18:40\u{a0}EAT");
    check("ht", "lendi 25\u{a0}out 2025, 18:40\u{a0}EAT");
    check("sw", "Jumatatu 25\u{a0}Agosti 2025, 18:40\u{a0}EAT");
    check("ar", "الاثنين 25\u{a0}أغسطس 2025، 18:40\u{a0}EAT");
    assert_eq!(Words::of("fr").day(&at(2026, 5, 1, 0, 0, 5)), "1er\u{a0}mai 2026");
}

#[test]
fn a_moment_without_zone_ends_with_its_time() {
    assert!(Words::of("en").date_long(&at(2025, 8, 25, 7, 5, 1), "").ends_with("07:05"));
}

#[test]
fn numbers_take_the_plural_and_the_separators_of_the_language() {
    let check = |language: &str, n: u64, want: &str| assert_eq!(Words::of(language).count("articles", n), want);
    check("en", 1, "1\u{a0}article");
    check("en", 12_345, "12,345\u{a0}articles");
    check("fr", 0, "0\u{a0}article");
    check("fr", 12_345, "12\u{202f}345\u{a0}articles");
    check("ar", 2, "مقالان");
    check("ar", 3, "3\u{a0}مقالات");
    check("ar", 11, "11\u{a0}مقالًا");
    check("ar", 100, "100\u{a0}مقال");
}

#[test]
fn a_value_cannot_bring_a_placeholder_along() {
    assert_eq!(fill("{a} and {b}", &[("a", "{b}"), ("b", "x")]), "{b} and x");
}

#[test]
fn an_unknown_language_speaks_english_and_a_region_is_ignored() {
    assert_eq!(Words::of("xx").language(), "en");
    assert_eq!(Words::of("fr-CD").language(), "fr");
    assert_eq!(endonym("ht"), "Kreyòl ayisyen");
}
