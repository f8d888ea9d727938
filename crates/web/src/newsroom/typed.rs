//! The writing form between what people type and what the desk keeps.
//! Reads and refills; decides nothing that a rule of the newsroom decides.

use super::fields::Fields;
use super::pages::article::{Faults, Typed};
use super::when;
use desk::Draft;
use newsroom::article::{Article, Byline, BylineRole, Copy, LeadPicture};
use newsroom::id::WorkId;
use newsroom::language::Language;
use newsroom::refusal::Refusal;
use newsroom::slug::Slug;
use newsroom::time::{Day, Timestamp, Zone};

/// What the form sent, untouched.
pub(crate) fn read(fields: &Fields) -> Typed {
    let text = |name: &str| fields.first(name).to_owned();
    // A headline is one line; whoever presses Enter in it means a space.
    let line = |name: &str| fields.first(name).split_whitespace().collect::<Vec<_>>().join(" ");
    let roles = fields.all("byline_role");
    let role = |at: usize| roles.get(at).cloned().unwrap_or_default();
    let authors = fields.all("byline_author").into_iter().enumerate();
    Typed {
        kicker: line("kicker"),
        headline: line("headline"),
        short_search: line("short_search"),
        short_social: line("short_social"),
        short_mail: line("short_mail"),
        standfirst: line("standfirst"),
        dateline: line("dateline"),
        body: fields.raw("body").trim_end().to_owned(),
        slug: text("slug"),
        section: text("section"),
        language: text("language"),
        work: text("work"),
        topics: fields.all("topic"),
        bylines: authors.map(|(at, author)| (author, role(at))).filter(|(author, _)| !author.is_empty()).collect(),
        embargo_day: text("embargo_day"),
        embargo_time: text("embargo_time"),
        lead_picture: text("lead_picture"),
        lead_alt: line("lead_alt"),
        lead_caption: line("lead_caption"),
        lead_credit: line("lead_credit"),
        focus_x: text("focus_x"),
        focus_y: text("focus_y"),
    }
}

/// What the form shows of a saved article.
pub(crate) fn fill(article: &Article, copy: &Copy, zone: &Zone) -> Typed {
    let embargo = article.embargo_until.map(|until| zone.local(until));
    let lead = copy.lead.clone().unwrap_or_default();
    let per_cent = |thousandths: u16| (f64::from(thousandths) / 10.0).to_string();
    Typed {
        kicker: copy.kicker.clone(),
        headline: copy.headline.clone(),
        short_search: copy.short_search.clone(),
        short_social: copy.short_social.clone(),
        short_mail: copy.short_mail.clone(),
        standfirst: copy.standfirst.clone(),
        dateline: copy.dateline.clone(),
        body: copy.body.clone(),
        slug: article.slug.to_string(),
        section: article.section.to_string(),
        language: article.language.to_string(),
        work: String::new(),
        topics: article.topics.iter().map(Slug::to_string).collect(),
        bylines: article.bylines.iter().map(|line| (line.author.to_string(), line.role.key().to_owned())).collect(),
        embargo_day: embargo.as_ref().map(|at| at.day.to_string()).unwrap_or_default(),
        embargo_time: embargo.map(|at| format!("{:02}:{:02}", at.hour, at.minute)).unwrap_or_default(),
        lead_picture: lead.picture.map(|id| id.to_string()).unwrap_or_default(),
        lead_alt: lead.alt,
        lead_caption: lead.caption,
        lead_credit: lead.credit,
        focus_x: lead.focus.map(|(x, _)| per_cent(x)).unwrap_or_default(),
        focus_y: lead.focus.map(|(_, y)| per_cent(y)).unwrap_or_default(),
    }
}

/// The draft that was typed, or what is wrong with which field.
pub(crate) fn draft(typed: &Typed, zone: &Zone) -> Result<Draft, Faults> {
    let mut faults = Faults::default();
    let section = Slug::parse(&typed.section);
    if section.is_none() {
        faults.add("section", "Choose a section.");
    }
    let language = Language::parse(&typed.language);
    if language.is_none() {
        faults.add("section", "Choose a language.");
    }
    if typed.headline.is_empty() && typed.slug.is_empty() {
        faults.add("headline", "Write a headline first. It can be a working one; readers see only the last.");
    }
    let slug = Slug::from_words(&typed.slug);
    if slug.is_none() && !typed.slug.is_empty() {
        faults.add("slug", "An address needs letters or digits.");
    }
    let embargo_until = match moment(&typed.embargo_day, &typed.embargo_time, zone) {
        Ok(until) => until,
        Err(sentence) => {
            faults.add("embargo", sentence);
            None
        }
    };
    let copy = Copy {
        kicker: typed.kicker.clone(),
        headline: typed.headline.clone(),
        short_search: typed.short_search.clone(),
        short_social: typed.short_social.clone(),
        short_mail: typed.short_mail.clone(),
        standfirst: typed.standfirst.clone(),
        dateline: typed.dateline.clone(),
        body: typed.body.clone(),
        lead: lead(typed),
    };
    let (Some(section), Some(language), true) = (section, language, faults.0.is_empty()) else { return Err(faults) };
    let topics = typed.topics.iter().filter_map(|topic| Slug::parse(topic)).collect();
    let work: Option<WorkId> = typed.work.parse().ok();
    Ok(Draft { language, section, slug, work, copy, topics, bylines: bylines(typed), embargo_until })
}

fn bylines(typed: &Typed) -> Vec<Byline> {
    let one = |(author, role): &(String, String)| {
        let role = BylineRole::parse(role).unwrap_or(BylineRole::Writer);
        Some(Byline { author: Slug::parse(author)?, role })
    };
    let mut all: Vec<Byline> = Vec::new();
    for byline in typed.bylines.iter().filter_map(one) {
        if !all.contains(&byline) {
            all.push(byline);
        }
    }
    all
}

/// Words without a picture are kept: somebody may describe it before it arrives.
fn lead(typed: &Typed) -> Option<LeadPicture> {
    let per_cent = |text: &str| {
        let number: f64 = text.replace(',', ".").parse().ok()?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0 to 1000 before")]
        (0.0..=100.0).contains(&number).then(|| (number * 10.0).round() as u16)
    };
    let lead = LeadPicture {
        picture: typed.lead_picture.parse().ok(),
        alt: typed.lead_alt.clone(),
        caption: typed.lead_caption.clone(),
        credit: typed.lead_credit.clone(),
        focus: per_cent(&typed.focus_x).zip(per_cent(&typed.focus_y)),
    };
    (lead != LeadPicture::default()).then_some(lead)
}

/// A day and a time of the newsroom's zone. Nothing typed is `None`; half of it is a sentence.
pub(crate) fn moment(day: &str, time: &str, zone: &Zone) -> Result<Option<Timestamp>, &'static str> {
    match (day.is_empty(), time.is_empty()) {
        (true, true) => return Ok(None),
        (true, false) => return Err("Choose a day, too."),
        (false, true) => return Err("Write a time, too, such as 18:00."),
        (false, false) => {}
    }
    let day = Day::parse(day).ok_or("This is not a day of the calendar. Write it like 2025-08-22.")?;
    let (hour, minute) = when::parse_clock(time).ok_or("This is not a time. Write it like 18:30, 18.30 or 6 pm.")?;
    Ok(Some(zone.at(day, hour, minute)))
}

/// Whether saving would change anything.
pub(crate) fn changes(draft: &Draft, article: &Article, copy: &Copy) -> bool {
    let placed = article.published_at.is_none()
        && (draft.language != article.language
            || draft.section != article.section
            || draft.slug.as_ref().is_some_and(|slug| *slug != article.slug));
    placed
        || draft.copy != *copy
        || draft.topics != article.topics
        || draft.bylines != article.bylines
        || draft.embargo_until != article.embargo_until
}

/// The field a refusal is about.
pub(crate) fn field_of(refusal: &Refusal) -> Option<&'static str> {
    match refusal {
        Refusal::NoHeadline | Refusal::HeadlineTooLong { .. } => Some("headline"),
        Refusal::AddressTaken { .. } | Refusal::SlugEmpty => Some("slug"),
        Refusal::PictureWithoutAlt { line: None } | Refusal::AltRepeatsHeadline => Some("lead_alt"),
        Refusal::NoByline | Refusal::UnknownAuthor(_) => Some("bylines"),
        Refusal::UnknownSection(_) | Refusal::TranslationTaken { .. } => Some("section"),
        Refusal::UnderEmbargo => Some("embargo"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use newsroom::id::PictureId;

    fn form() -> Vec<(&'static str, &'static str)> {
        vec![
            ("headline", " Who will\r\nlead? "),
            ("body", "One.\r\n\r\nTwo.\r\n"),
            ("section", "international"),
            ("language", "en"),
            ("slug", "Who Leads"),
            ("byline_author", "rose"),
            ("byline_role", "writer"),
            ("byline_author", ""),
            ("byline_role", "editor"),
            ("byline_author", "teo"),
            ("byline_role", "photographer"),
            ("embargo_day", "2025-08-22"),
            ("embargo_time", "6 pm"),
            ("lead_picture", "0000000000001"),
            ("lead_alt", "A boat"),
            ("focus_x", "42,5"),
            ("focus_y", "50"),
        ]
    }

    fn nairobi() -> Zone {
        Zone::parse("Africa/Nairobi").unwrap()
    }

    #[test]
    fn what_was_typed_becomes_a_draft() {
        let draft = draft(&read(&Fields::of(&form())), &nairobi()).unwrap();
        assert_eq!(draft.copy.headline, "Who will lead?");
        assert_eq!(draft.copy.body, "One.\n\nTwo.");
        assert_eq!(draft.slug.unwrap().as_str(), "who-leads");
        let names: Vec<(&str, BylineRole)> =
            draft.bylines.iter().map(|line| (line.author.as_str(), line.role)).collect();
        assert_eq!(names, [("rose", BylineRole::Writer), ("teo", BylineRole::Photographer)]);
        assert_eq!(draft.embargo_until.unwrap().rfc3339(), "2025-08-22T15:00:00Z");
        let lead = draft.copy.lead.unwrap();
        assert_eq!((lead.picture, lead.focus), (Some(PictureId(1)), Some((425, 500))));
    }

    #[test]
    fn a_field_that_cannot_be_read_is_named_and_nothing_else() {
        for (name, value, field) in [
            ("section", "", "section"),
            ("slug", "?!", "slug"),
            ("embargo_time", "soon", "embargo"),
            ("embargo_time", "", "embargo"),
            ("embargo_day", "2025-02-30", "embargo"),
        ] {
            let mut pairs = form();
            pairs.iter_mut().filter(|(key, _)| *key == name).for_each(|(_, old)| *old = value);
            let faults = draft(&read(&Fields::of(&pairs)), &nairobi()).unwrap_err();
            assert_eq!(faults.0.len(), 1, "{name}={value}");
            assert!(faults.has(field), "{name}={value}");
        }
    }

    #[test]
    fn a_new_article_needs_no_more_than_a_headline_a_section_and_a_language() {
        let bare = [("section", "economy"), ("language", "fr")];
        assert!(draft(&read(&Fields::of(&bare)), &nairobi()).unwrap_err().has("headline"));
        let typed = read(&Fields::of(&[("section", "economy"), ("language", "fr"), ("headline", "Sel")]));
        let draft = draft(&typed, &nairobi()).unwrap();
        assert_eq!((draft.slug, draft.embargo_until, draft.copy.lead), (None, None, None));
        assert!(draft.bylines.is_empty());
    }
}
