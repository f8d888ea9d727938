//! Who said it: reads the attribution line of a block quote. Never guesses from a name nearby.

use crate::ink::comma;
use newsroom::document::{Attribution, Span, spans_text};

/// A longer line names nobody.
const ATTRIBUTION_BYTES_MAX: usize = 2000;

/// Latin, Arabic and full-width commas, and the enumeration comma.
const COMMAS: [char; 4] = [',', '،', '，', '、'];

/// Splits `Name, role, occasion, when` (the dash already gone). `None` if there is no name.
pub(super) fn attribution(line: &str) -> Option<Attribution> {
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    if line == "?" {
        return Some(Attribution::NotStated);
    }
    let mut parts = line.split(COMMAS).map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty())?.to_owned();
    let mut rest: Vec<String> = parts.filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let when = take_when(&mut rest, comma(&line));
    let role = (!rest.is_empty()).then(|| rest.remove(0));
    let occasion = (!rest.is_empty()).then(|| rest.join(comma(&line)));
    Some(Attribution::Speaker { name, role, occasion, when })
}

/// The attribution text of a line that begins with an em dash, an en dash or two hyphens.
pub(super) fn after_dash(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let rest = line.strip_prefix('—').or_else(|| line.strip_prefix('–')).or_else(|| line.strip_prefix("--"))?;
    Some(rest.trim_start_matches(['-', '—', '–']).trim())
}

/// Takes the attribution off the end of a quote's last paragraph: from the last line that begins with a dash.
/// Answers what remains of the paragraph, perhaps nothing. Soft breaks are still `\n` here.
pub(super) fn split_last_line(spans: &[Span]) -> Option<(Vec<Span>, Attribution)> {
    for at in (0..spans.len()).rev() {
        let after = &spans[at + 1..];
        match &spans[at] {
            Span::Text(text) => {
                for (end, _) in text.rmatch_indices('\n') {
                    if let Some(attribution) = spoken(&text[end + 1..], after) {
                        let mut before = spans[..at].to_vec();
                        before.push(Span::Text(text[..end].to_owned()));
                        return Some((before, attribution));
                    }
                }
            }
            Span::Break => {
                if let Some(attribution) = spoken("", after) {
                    return Some((spans[..at].to_vec(), attribution));
                }
            }
            Span::Emphasis(_)
            | Span::Strong(_)
            | Span::Struck(_)
            | Span::Link { .. }
            | Span::Code(_)
            | Span::Subscript(_)
            | Span::Superscript(_)
            | Span::Picture { .. }
            | Span::Mark { .. }
            | Span::Note { .. } => {}
        }
    }
    Some((Vec::new(), spoken("", spans)?))
}

fn spoken(start: &str, rest: &[Span]) -> Option<Attribution> {
    if !start.trim_start().is_empty() {
        after_dash(start)?;
    }
    if start.len() > ATTRIBUTION_BYTES_MAX {
        return None;
    }
    let mut line = start.to_owned();
    for span in rest {
        if line.len() > ATTRIBUTION_BYTES_MAX {
            return None;
        }
        line.push_str(&spans_text(std::slice::from_ref(span)));
    }
    if line.len() > ATTRIBUTION_BYTES_MAX {
        return None;
    }
    attribution(after_dash(&line)?)
}

fn take_when(parts: &mut Vec<String>, comma: &str) -> Option<String> {
    let last = parts.last()?;
    if !looks_like_time(last) {
        return None;
    }
    let mut when = parts.pop()?;
    let is_year = when.chars().count() == 4 && when.chars().all(char::is_numeric);
    while let Some(before) = parts.last() {
        let belongs = has_weekday(before) && before.split(' ').count() <= 2
            || is_year && has_month(before) && before.split(' ').count() <= 3 && before.chars().any(char::is_numeric);
        if !belongs {
            break;
        }
        when = format!("{}{comma}{when}", parts.pop()?);
    }
    Some(when)
}

/// A year, a month or weekday by name, `19.8.`, `12:30`, `8月`.
fn looks_like_time(part: &str) -> bool {
    let chars: Vec<char> = part.chars().collect();
    let digits_between =
        |marks: &[char]| chars.windows(3).any(|w| w[0].is_numeric() && marks.contains(&w[1]) && w[2].is_numeric());
    let year = chars.split(|c| !c.is_numeric()).any(|run| run.len() == 4);
    let east_asian = chars.windows(2).any(|w| w[0].is_numeric() && ['年', '月', '日'].contains(&w[1]));
    year || east_asian
        || digits_between(&['.', '/', ':', '-'])
        || has_weekday(part)
        || has_month(part) && (part.chars().any(char::is_numeric) || part.split(' ').count() <= 2)
}

fn has_month(part: &str) -> bool {
    has_word(part, MONTHS)
}

fn has_weekday(part: &str) -> bool {
    has_word(part, WEEKDAYS)
}

fn has_word(part: &str, words: &[&str]) -> bool {
    let part = part.to_lowercase();
    part.split(|c: char| !c.is_alphanumeric()).any(|word| words.contains(&word))
}

#[rustfmt::skip]
const MONTHS: &[&str] = &[
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
    "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sept", "sep", "oct", "nov", "dec",
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
    "janvye", "fevriye", "mas", "avril", "me", "jen", "jiyè", "out", "septanm", "oktòb", "novanm", "desanm",
    "januari", "februari", "machi", "aprili", "mei", "juni", "julai", "agosti", "septemba", "oktoba", "novemba", "desemba",
    "يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر",
];

#[rustfmt::skip]
const WEEKDAYS: &[&str] = &[
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
    "lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo",
    "lendi", "madi", "mèkredi", "jedi", "vandredi", "samdi", "dimanch",
    "jumatatu", "jumanne", "jumatano", "alhamisi", "ijumaa", "jumamosi", "jumapili",
    "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribution_line_has_name_role_occasion_and_time() {
        let check = |line: &str, want: [Option<&str>; 4]| {
            let Some(Attribution::Speaker { name, role, occasion, when }) = attribution(line) else {
                panic!("{line} names nobody")
            };
            assert_eq!([Some(name), role, occasion, when], want.map(|w| w.map(str::to_owned)), "{line}");
        };
        check("Marco Rubio", [Some("Marco Rubio"), None, None, None]);
        check("Marco Rubio, US Secretary of State", [Some("Marco Rubio"), Some("US Secretary of State"), None, None]);
        check("A, b, c, d, May 2025", [Some("A"), Some("b"), Some("c, d"), Some("May 2025")]);
        check("A, Tuesday", [Some("A"), None, None, Some("Tuesday")]);
        check("A, b, June 26, 1945", [Some("A"), Some("b"), None, Some("June 26, 1945")]);
        check("A, b, Tuesday, 19 August 2025", [Some("A"), Some("b"), None, Some("Tuesday, 19 August 2025")]);
        check(
            "Charter, treaty, Articles 52 and 53",
            [Some("Charter"), Some("treaty"), Some("Articles 52 and 53"), None],
        );
        check("روبيو، وزير الخارجية، مايو 2025", [Some("روبيو"), Some("وزير الخارجية"), None, Some("مايو 2025")]);
        assert_eq!(attribution("?"), Some(Attribution::NotStated));
        assert_eq!(attribution(", role"), None);
        assert_eq!(attribution(""), None);
    }
}
