//! What a subscriber can choose, as the forms show it.

use newsroom::language::Language;
use newsroom::slug::Slug;
use newsroom::subscriber::{BREAKING, Choices, Frequency};
use newsroom::time::{Timestamp, Zone};
use press::page::{Choice, ZoneGroup};

use super::super::sheet::{Sheet, civil};

/// Languages one can rank in a form.
const RANKS_MAX: usize = 3;
/// The day of the weekly edition: Sunday.
const WEEKLY: Frequency = Frequency::Weekly(7);

/// Zones of the list, by the region their names begin with. People elsewhere find one with the same clock.
const ZONES: [(&str, &str); 6] = [
    (
        "Africa",
        "Abidjan Accra Addis_Ababa Algiers Bamako Brazzaville Bujumbura Cairo Casablanca Conakry Dakar Dar_es_Salaam \
         Djibouti Douala Freetown Harare Johannesburg Juba Kampala Khartoum Kigali Kinshasa Lagos Libreville Luanda \
         Lubumbashi Lusaka Maputo Mogadishu Monrovia Nairobi Ndjamena Niamey Nouakchott Ouagadougou Tripoli Tunis Windhoek",
    ),
    (
        "America",
        "Anchorage Argentina/Buenos_Aires Asuncion Bogota Caracas Cayenne Chicago Costa_Rica Denver El_Salvador \
         Guadeloupe Guatemala Guayaquil Halifax Havana Jamaica La_Paz Lima Los_Angeles Managua Martinique Mexico_City \
         Montevideo New_York Panama Paramaribo Phoenix Port-au-Prince Port_of_Spain Puerto_Rico Santiago Santo_Domingo \
         Sao_Paulo St_Johns Tegucigalpa Toronto Vancouver",
    ),
    (
        "Asia",
        "Almaty Amman Baghdad Baku Bangkok Beirut Colombo Damascus Dhaka Dubai Gaza Hong_Kong Jakarta Jerusalem Kabul \
         Karachi Kathmandu Kolkata Kuala_Lumpur Kuwait Manila Muscat Qatar Riyadh Seoul Shanghai Singapore Taipei Tashkent \
         Tbilisi Tehran Tokyo Yangon Yerevan",
    ),
    ("Atlantic", "Azores Canary Cape_Verde Reykjavik"),
    (
        "Europe",
        "Amsterdam Athens Berlin Brussels Bucharest Dublin Helsinki Istanbul Kyiv Lisbon London Madrid Moscow Oslo Paris \
         Prague Rome Stockholm Vienna Warsaw Zurich",
    ),
    ("Pacific", "Auckland Fiji Guam Honolulu Noumea Port_Moresby Tahiti"),
];

/// Sections with a tick box each.
pub(crate) fn sections(sheet: &Sheet, chosen: &[String]) -> Vec<Choice> {
    let one = |section: &newsroom::publication::Section| Choice {
        label: sheet.name(&section.names, &section.slug).to_owned(),
        chosen: chosen.iter().any(|slug| slug == section.slug.as_str()),
        value: section.slug.to_string(),
        language: None,
    };
    sheet.paper.sections.iter().map(one).collect()
}

/// Newsletters with a tick box each, breaking news at the end; the first is ticked where nothing was.
pub(crate) fn newsletters(sheet: &Sheet, chosen: &[String]) -> Vec<Choice> {
    let ticked = |at: usize, slug: &str| if chosen.is_empty() { at == 0 } else { chosen.iter().any(|one| one == slug) };
    let one = |(at, newsletter): (usize, &newsroom::publication::Newsletter)| Choice {
        label: sheet.name(&newsletter.names, &newsletter.slug).to_owned(),
        chosen: ticked(at, newsletter.slug.as_str()),
        value: newsletter.slug.to_string(),
        language: None,
    };
    let breaking = Choice {
        label: sheet.say("b_choice", &[]),
        chosen: chosen.iter().any(|one| one == BREAKING),
        value: BREAKING.to_owned(),
        language: None,
    };
    sheet.paper.newsletters.iter().enumerate().map(one).chain([breaking]).collect()
}

/// What a newsletter is called, or breaking news.
pub(crate) fn newsletter_name(sheet: &Sheet, slug: &Slug) -> String {
    match sheet.paper.newsletter(slug.as_str()) {
        Some(newsletter) => sheet.name(&newsletter.names, slug).to_owned(),
        None if slug.as_str() == BREAKING => sheet.say("b_choice", &[]),
        None => slug.to_string(),
    }
}

/// One list per rank; none where the publication has one language.
pub(crate) fn languages(sheet: &Sheet, chosen: &[String]) -> Vec<Vec<Choice>> {
    let all = sheet.paper.publication.languages();
    if all.len() < 2 {
        return Vec::new();
    }
    let own = [sheet.language.code().to_owned()];
    let chosen = if chosen.is_empty() { &own[..] } else { chosen };
    let rank = |at: usize| {
        let wanted = chosen.get(at).map_or("", String::as_str);
        let none = Choice { label: sheet.say("no_other", &[]), chosen: wanted.is_empty(), ..Choice::default() };
        let one = |language: &Language| Choice {
            value: language.code().to_owned(),
            label: press::words::endonym(language.code()).to_owned(),
            chosen: language.code() == wanted,
            language: (language != &sheet.language).then(|| language.code().to_owned()),
        };
        (at > 0).then_some(none).into_iter().chain(all.iter().map(one)).collect()
    };
    (0..all.len().min(RANKS_MAX)).map(rank).collect()
}

/// The hours of a day.
pub(crate) fn hours(chosen: &str) -> Vec<Choice> {
    let chosen = chosen.parse().unwrap_or(newsroom::subscriber::HOUR_DEFAULT);
    let one = |hour: i8| Choice {
        value: hour.to_string(),
        label: format!("{hour:02}:00"),
        chosen: hour == chosen,
        language: None,
    };
    (0..24).map(one).collect()
}

/// The zones by region, the newsroom's own first.
pub(crate) fn zones(sheet: &Sheet, chosen: &str) -> Vec<ZoneGroup> {
    let own = Choice { label: sheet.say("not_named_zone", &[]), chosen: chosen.is_empty(), ..Choice::default() };
    let mut groups = vec![ZoneGroup { name: String::new(), zones: vec![own] }];
    let mut found = chosen.is_empty();
    for (region, cities) in ZONES {
        let one = |city: &str| {
            let value = format!("{region}/{city}");
            let label = city.rsplit('/').next().unwrap_or(city).replace('_', " ");
            Choice { label, chosen: value == chosen, value, language: None }
        };
        let mut zones: Vec<Choice> = cities.split_whitespace().map(one).collect();
        zones.sort_by(|one, other| one.label.cmp(&other.label));
        found = found || zones.iter().any(|zone| zone.chosen);
        groups.push(ZoneGroup { name: region.to_owned(), zones });
    }
    if !found && Zone::parse(chosen).is_some() {
        let kept = Choice { value: chosen.to_owned(), label: city(chosen), chosen: true, language: None };
        groups[0].zones.push(kept);
    }
    groups
}

/// How often.
pub(crate) fn frequencies(sheet: &Sheet, chosen: &str) -> Vec<Choice> {
    let chosen = Frequency::parse(chosen).unwrap_or(Frequency::Daily);
    let mut all = vec![Frequency::Daily, Frequency::Weekdays, WEEKLY];
    if !all.contains(&chosen) {
        all.push(chosen);
    }
    let one = |frequency: Frequency| Choice {
        value: frequency.key(),
        label: frequency_words(sheet, frequency),
        chosen: frequency == chosen,
        language: None,
    };
    all.into_iter().map(one).collect()
}

fn frequency_words(sheet: &Sheet, frequency: Frequency) -> String {
    match frequency {
        Frequency::Daily => sheet.say("every_day", &[]),
        Frequency::Weekdays => sheet.say("weekdays_only", &[]),
        Frequency::Weekly(7) => sheet.say("weekly", &[]),
        Frequency::Weekly(day) => sheet.words.weekday(u8::try_from(day).unwrap_or(1)).to_owned(),
    }
}

/// All choices in one line: "International and Health, every day, 07:00 Nairobi, English".
pub(crate) fn sentence(sheet: &Sheet, choices: &Choices) -> String {
    let sections: Vec<String> = choices.sections.iter().map(|slug| sheet.section_name(slug)).collect();
    let sections = if sections.is_empty() { sheet.say("all_sections", &[]) } else { sheet.words.list(&sections) };
    let languages: Vec<&str> = choices.languages.iter().map(|one| press::words::endonym(one.code())).collect();
    let parts = [
        sections,
        lower_first(&frequency_words(sheet, choices.frequency)),
        format!("{:02}:00 {}", choices.hour, city(choices.zone.name())),
        sheet.words.list(&languages),
    ];
    parts.join(sheet.words.separator(false))
}

/// When the next edition is due to somebody, as they read it.
pub(crate) fn next_edition(sheet: &Sheet, choices: &Choices, now: Timestamp) -> Option<String> {
    let today = choices.zone.day(now);
    let due =
        (0..9).map(|days| today.plus(days)).filter(|day| choices.frequency.includes(*day)).map(|day| choices.due(day));
    let at = due.into_iter().find(|at| *at > now)?;
    let local = choices.zone.local(at);
    Some(sheet.words.date_recent(&civil(&local), &local.abbreviation))
}

fn city(zone: &str) -> String {
    zone.rsplit('/').next().unwrap_or(zone).replace('_', " ")
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_zone_of_the_list_is_one_we_know() {
        for (region, cities) in ZONES {
            for city in cities.split_whitespace() {
                assert!(Zone::parse(&format!("{region}/{city}")).is_some(), "{region}/{city}");
            }
        }
    }
}
