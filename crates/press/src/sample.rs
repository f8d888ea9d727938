//! A publication that does not exist, with everything it could print: what the golden papers, the gallery and
//! `masthead theme check` are printed from. Nothing of it is ever shown to a reader.
#![allow(missing_docs)]

pub mod arabic;
pub mod forms;
pub mod letters;
pub mod pages;

use crate::page::*;
use crate::words::{Civil, Words, endonym};

pub const LOGO: &str = r#"<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.2" aria-hidden="true"><path d="M2 20h20M4 15.5c3-3 5-3 8 0s5 3 8 0M12 2v9M12 3.5 19 9h-7"/></svg>"#;

/// One page of every kind: the golden papers.
pub fn papers() -> Vec<(&'static str, Site, Page)> {
    let en = || site("en");
    let lost = NotFound {
        meta: Meta::unlisted("Not found"),
        query: "night ferries".into(),
        perhaps: vec![Link::new("Night ferries stop after a second engine fails", "/sea/night-ferries-stop")],
        newest: vec![Link::new("The harbour’s smallest office", "/sea/the-smallest-office")],
    };
    let broken = Broken { meta: Meta::unlisted("Error"), reference: Some("4F2K-9".into()) };
    vec![
        ("front", en(), Page::Front(pages::front())),
        ("section", en().standing_at("/sea"), Page::Section(pages::section())),
        ("article", en().standing_at("/sea"), Page::Article(Box::new(pages::article()))),
        ("article-ar", arabic::site(), Page::Article(Box::new(arabic::article()))),
        ("author", en(), Page::Author(pages::author())),
        ("topic", en(), Page::Topic(pages::topic())),
        ("archive", en(), Page::Archive(pages::archive_month())),
        ("search", en(), Page::Search(forms::search())),
        ("subscribe", en(), Page::Subscribe(forms::subscribe_refused())),
        ("notice", en(), Page::Notice(forms::left())),
        ("confirm", en(), Page::Confirm(forms::confirm())),
        ("preferences", en(), Page::Preferences(Box::new(forms::preferences()))),
        ("unsubscribe", en(), Page::Unsubscribe(forms::unsubscribe())),
        ("corrections", en(), Page::Corrections(pages::corrections())),
        ("changes", en().standing_at("/sea"), Page::Changes(pages::changes())),
        ("policy", en(), Page::Policy(pages::policy())),
        ("not-found", en(), Page::NotFound(lost)),
        ("gone", en(), Page::Gone(pages::gone())),
        ("broken", en(), Page::Broken(broken)),
    ]
}

/// The same kinds with nothing, too little, too much and other alphabets in them.
pub fn extremes() -> Vec<(&'static str, Site, Page)> {
    let en = || site("en");
    let mut nameless = en();
    nameless.logo_svg = None;
    nameless.name = "The Independent Observer of the Outer Islands".into();
    nameless.signup = None;
    vec![
        ("front-0", en(), Page::Front(pages::front_of(0, false))),
        ("front-1", en(), Page::Front(pages::front_of(1, false))),
        ("front-3", en(), Page::Front(pages::front_of(3, true))),
        ("front-30", nameless, Page::Front(pages::front_of_thirty())),
        ("front-fr", site("fr"), Page::Front(pages::front())),
        ("front-ar", arabic::site(), Page::Front(pages::front())),
        ("article-bare", en(), Page::Article(Box::new(pages::article_bare()))),
        ("archive-day", en(), Page::Archive(pages::archive_day())),
        ("archive-empty", en(), Page::Archive(pages::archive_empty())),
        ("search-empty", en(), Page::Search(forms::search_empty())),
        ("search-blank", en(), Page::Search(forms::search_blank())),
        ("subscribe-blank", en(), Page::Subscribe(forms::subscribe())),
        ("subscribe-ar", arabic::site(), Page::Subscribe(forms::subscribe_refused())),
        ("notice-inbox", en(), Page::Notice(forms::inbox())),
        ("preferences-paused", en(), Page::Preferences(Box::new(forms::preferences_paused()))),
    ]
}

pub const SECTIONS: [(&str, &str); 6] = [
    ("Region", "region"),
    ("Sea", "sea"),
    ("Money", "money"),
    ("Health", "health"),
    ("Schools", "schools"),
    ("Music", "music"),
];

/// Thursday 12 March 2026.
pub fn at(day: u8, hour: u8, minute: u8) -> Civil {
    // The first of March 2026 is a Sunday.
    Civil { year: 2026, month: 3, day, hour, minute, weekday: (day + 5) % 7 + 1 }
}

pub fn when(language: &str, day: u8, hour: u8, minute: u8) -> When {
    When::new(
        format!("2026-03-{day:02}T{hour:02}:{minute:02}-04:00"),
        Words::of(language).date_long(&at(day, hour, minute), "AST"),
    )
}

pub fn site(language: &str) -> Site {
    let words = Words::of(language);
    let home = if language == "en" { "/".to_string() } else { format!("/{language}/") };
    Site {
        name: "The Lune Courier".into(),
        tagline: "News from Port Lune and the islands".into(),
        place: "Port Lune".into(),
        language: language.into(),
        dir: words.dir(),
        name_language: (language != "en").then(|| "en".into()),
        base_url: "https://courier.example".into(),
        home_href: home.clone(),
        today: When::new("2026-03-12T09:20-04:00", format!("{}, Port Lune", words.day_long(&at(12, 9, 20)))),
        sections: SECTIONS
            .iter()
            .map(|(name, slug)| NavLink { name: (*name).into(), href: format!("{home}{slug}"), current: false })
            .collect(),
        languages: crate::words::LANGUAGES
            .iter()
            .map(|code| LanguageLink {
                code: (*code).into(),
                endonym: endonym(code).into(),
                href: if *code == "en" { "/".into() } else { format!("/{code}/") },
                current: *code == language,
            })
            .collect(),
        search_href: format!("{home}search"),
        archive_href: format!("{home}archive/2026/03"),
        feed_href: format!("{home}feed.xml"),
        corrections_href: format!("{home}corrections"),
        signup: Some(SignUp {
            newsletter: "morning".into(),
            name: "The Morning Courier".into(),
            promise: "What happened, what it means for you, and what is not known yet.".into(),
            frequency: "One mail a day, at your breakfast.".into(),
            action: "/subscribe".into(),
            choices_href: format!("{home}subscribe"),
            stamp: "2026031209.b64signature".into(),
        }),
        policies: vec![
            Link::new("Who we are", "/about"),
            Link::new("How we work", "/how-we-work"),
            Link::new("Write to the desk", "/contact"),
            Link::new("Privacy: no tracking", "/privacy"),
        ],
        publisher: "The Lune Courier is published in Port Lune by the Courier Readers’ Co-operative. Responsible: Adaeze Marchetti.".into(),
        logo_svg: Some(Html::vouched(LOGO)),
        icon_href: "/icon.svg".into(),
        touch_icon_href: "/apple-touch-icon.png".into(),
        ..Site::default()
    }
}

pub fn meta(title: &str, path: &str) -> Meta {
    Meta {
        title: title.into(),
        description: format!("{title}. From The Lune Courier, Port Lune."),
        canonical: Some(format!("https://courier.example{path}")),
        feeds: vec![FeedLink {
            title: "The Lune Courier".into(),
            href: "/feed.xml".into(),
            media_type: "application/rss+xml".into(),
        }],
        ..Meta::default()
    }
}

pub fn picture(name: &str, alt: &str, credit: &str) -> Picture {
    Picture {
        src: format!("/media/{name}-960.webp"),
        srcset: Some(format!(
            "/media/{name}-480.webp 480w, /media/{name}-960.webp 960w, /media/{name}-1440.webp 1440w"
        )),
        webp_srcset: None,
        width: 960,
        height: 640,
        tint: Some("c-3d5a5c".into()),
        alt: alt.into(),
        caption: None,
        credit: Some(credit.into()),
    }
}

pub const LONG_HEADLINE: &str = "The harbour board, the pilots, the two unions and the ministry that pays for all of them agree on one sentence about the night ferry, and each of the five reads it aloud in a different way before noon";
pub const LONG_WORD: &str = "Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrikantenverband meets";
