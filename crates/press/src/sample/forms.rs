//! Pages with forms, filled in and refused.

use super::*;

pub fn choice(value: &str, label: &str, chosen: bool) -> Choice {
    Choice { value: value.into(), label: label.into(), chosen, language: None }
}

fn sections(chosen: &[&str]) -> Vec<Choice> {
    SECTIONS.iter().map(|(name, slug)| choice(slug, name, chosen.contains(slug))).collect()
}

fn languages() -> Vec<Vec<Choice>> {
    let words = Words::of("en");
    let rank = |chosen: &str, optional: bool| {
        let none = optional.then(|| choice("", &words.say("no_other", &[]), chosen.is_empty()));
        let known = crate::words::LANGUAGES
            .iter()
            .map(|code| Choice { language: Some((*code).into()), ..choice(code, endonym(code), *code == chosen) });
        none.into_iter().chain(known).collect()
    };
    vec![rank("en", false), rank("ht", true), rank("", true)]
}

fn hours() -> Vec<Choice> {
    (4..=21).map(|hour| choice(&format!("{hour:02}:00"), &format!("{hour:02}:00"), hour == 7)).collect()
}

fn zones() -> Vec<ZoneGroup> {
    let group = |name: &str, zones: &[(&str, &str)]| ZoneGroup {
        name: name.into(),
        zones: zones.iter().map(|(id, label)| choice(id, label, *id == "America/Port-au-Prince")).collect(),
    };
    vec![
        group("Caribbean", &[("America/Port-au-Prince", "Port-au-Prince"), ("America/Martinique", "Fort-de-France")]),
        group("Africa", &[("Africa/Nairobi", "Nairobi"), ("Africa/Kinshasa", "Kinshasa"), ("Africa/Cairo", "Cairo")]),
        group("Europe", &[("Europe/Paris", "Paris")]),
    ]
}

fn frequencies() -> Vec<Choice> {
    let words = Words::of("en");
    [("daily", "every_day"), ("weekdays", "weekdays_only"), ("weekly", "weekly")]
        .iter()
        .map(|(value, key)| choice(value, &words.say(key, &[]), *value == "daily"))
        .collect()
}

pub fn subscribe() -> Subscribe {
    Subscribe {
        meta: Meta { noindex: false, ..meta("The Morning Courier", "/subscribe") },
        action: "/subscribe".into(),
        stamp: "2026031209.b64signature".into(),
        title: "The Morning Courier".into(),
        promise: "What happened, what it means for you, and what is not known yet: one mail a day, at your breakfast."
            .into(),
        sample: Some(Link::new("See today’s", "/newsletter/morning/2026-03-12")),
        newsletters: vec![
            choice("morning", "The Morning Courier", true),
            choice("weekend", "The Long Read, on Saturdays", false),
        ],
        sections: sections(&["sea", "health"]),
        languages: languages(),
        hours: hours(),
        zones: zones(),
        frequencies: frequencies(),
        privacy_href: Some("/privacy".into()),
        ..Subscribe::default()
    }
}

pub fn subscribe_refused() -> Subscribe {
    let words = Words::of("en");
    Subscribe {
        email: Field { value: "rose@exampel".into(), error: Some(words.say("err_address", &[])) },
        newsletters: vec![
            choice("morning", "The Morning Courier", false),
            choice("weekend", "The Long Read, on Saturdays", false),
        ],
        newsletters_error: Some(words.say("err_newsletter", &[])),
        zone_error: Some(words.say("err_zone", &[])),
        error: Some("Not subscribed: three things are missing below.".into()),
        ..subscribe()
    }
}

pub fn preferences() -> Preferences {
    Preferences {
        meta: Meta::unlisted("Your choices"),
        action: "/preferences/q7Km2XvT".into(),
        masked_address: "r…@example.org".into(),
        since: "3 March 2025".into(),
        message: Some("Saved. It holds from the next edition on.".into()),
        newsletters: vec![
            choice("morning", "The Morning Courier", true),
            choice("weekend", "The Long Read, on Saturdays", false),
        ],
        sections: sections(&["sea", "health"]),
        languages: languages(),
        hours: hours(),
        zones: zones(),
        frequencies: frequencies(),
        now: "You get The Morning Courier every day at about 07:00 in Port-au-Prince.".into(),
        address_action: Some("/preferences/q7Km2XvT/address".into()),
        new_address: Field {
            value: "rose@exampel".into(),
            error: Some("Not changed: this address has no full domain, such as example.org.".into()),
        },
        doings_action: "/preferences/q7Km2XvT/doings".into(),
        hidden: vec![HiddenField { name: "key".into(), value: "b64".into() }],
        offers_data: true,
        ..Preferences::default()
    }
}

pub fn preferences_paused() -> Preferences {
    Preferences {
        message: None,
        paused: Some("Paused until 11 April 2026.".into()),
        new_address: Field::default(),
        ..preferences()
    }
}

pub fn confirm() -> Confirm {
    let words = Words::of("en");
    Confirm {
        meta: Meta::unlisted("Shall we write to you?"),
        title: words.say("confirm_title", &[]),
        sentence: "The Morning Courier to r…@example.org, every day at about 07:00 in Port-au-Prince: Sea and Health, in English or Kreyòl.".into(),
        action: "/subscribe/confirm/8hTq3ZpWm5xR".into(),
        button: words.say("confirm_button", &[]),
        hidden: vec![],
        code: None,
        not_you: Some(words.say("confirm_not_you", &[])),
    }
}

pub fn unsubscribe() -> Unsubscribe {
    let words = Words::of("en");
    Unsubscribe {
        meta: Meta::unlisted("Unsubscribe"),
        title: words.say("leave_title", &[("newsletter", "The Morning Courier")]),
        sentence: words.say("leave_sentence", &[("address", "r…@example.org")]),
        action: "/unsubscribe/q7Km2XvT".into(),
        button: words.say("leave_button", &[]),
        hidden: vec![],
        everything: Some(words.say("leave_all", &[])),
        instead: vec![
            Link::new("Pause for 30 days", "/preferences/q7Km2XvT#pause"),
            Link::new("Once a week, or fewer sections", "/preferences/q7Km2XvT"),
        ],
    }
}

pub fn inbox() -> Notice {
    let words = Words::of("en");
    Notice {
        meta: Meta::unlisted("Look in your inbox"),
        title: words.say("inbox_title", &[]),
        paragraphs: vec![words.say("inbox_sent", &[("address", "rose@example.org")]), words.say("inbox_missing", &[])],
        button: None,
        links: vec![Link::new("Today’s front page", "/")],
    }
}

pub fn left() -> Notice {
    let words = Words::of("en");
    Notice {
        meta: Meta::unlisted("You are unsubscribed"),
        title: words.say("left_title", &[]),
        paragraphs: vec![words.say("left_note", &[("address", "r…@example.org")])],
        button: Some(Button {
            action: "/subscribe/again/q7Km2XvT".into(),
            label: words.say("left_back", &[]),
            hidden: vec![],
            second: true,
        }),
        links: vec![],
    }
}

pub fn search() -> Search {
    let span = |text: &str, mark| Span { text: text.into(), mark };
    let hit = |headline: &str, before: &str, marked: &str, after: &str| SearchHit {
        headline: vec![span(headline, false)],
        href: "/sea/two-maps".into(),
        snippet: vec![span(before, false), span(marked, true), span(after, false)],
        section: Some("Sea".into()),
        byline: Some("Ada Brink".into()),
        when: Some(When::new("2026-03-10", "10 March 2026")),
        ..SearchHit::default()
    };
    Search {
        meta: Meta::unlisted("“harbour master”"),
        action: "/search".into(),
        query: "\"harbour master\"".into(),
        sections: std::iter::once(choice("", "All sections", true)).chain(sections(&[])).collect(),
        languages: vec![choice("en", "English", true), choice("fr", "Français", false)],
        order: vec![choice("newest", "Newest first", true), choice("best", "Best fit first", false)],
        count: Some(Words::of("en").count("results", 3)),
        hits: vec![
            hit(
                "Night ferries stop after a second engine fails within sight of the quay",
                "… The ",
                "harbour master",
                " says he has seen no papers for it. …",
            ),
            hit(
                "Fishers and surveyors draw the same reef and get two maps",
                "… and the ",
                "harbour master",
                " keeps both of them in one drawer. …",
            ),
            hit(
                "The harbour’s smallest office",
                "… “A ",
                "harbour master",
                " without a boat”, he calls himself, and then rows away. …",
            ),
        ],
        authors: vec!["Ada Brink".into(), "Tom O’Hara".into()],
        ..Search::default()
    }
}

pub fn search_empty() -> Search {
    let words = Words::of("en");
    Search {
        query: "submarine".into(),
        count: None,
        hits: vec![],
        empty: Some(words.say("search_empty", &[("query", "“submarine”")])),
        suggestion: Some(Link::new("submarines", "/search?q=submarines")),
        elsewhere: vec![Link::new("In French: 2 results", "/search?q=submarine&language=fr")],
        ..search()
    }
}

pub fn search_blank() -> Search {
    Search {
        meta: Meta { title: "Search".into(), ..Meta::default() },
        query: String::new(),
        empty: None,
        suggestion: None,
        elsewhere: vec![],
        ..search_empty()
    }
}
