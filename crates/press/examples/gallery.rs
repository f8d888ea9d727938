//! Prints every kind of page and letter with sample contents into a folder, to be looked at:
//! `cargo run -p press --example gallery -- FOLDER`
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../tests/sample/mod.rs"]
mod sample;

use std::path::Path;
use std::time::Instant;

use press::page::{Broken, Meta, NotFound, Page, Site};
use press::theme::Theme;
use sample::{forms, pages};

fn all_pages() -> Vec<(&'static str, Site, Page)> {
    let en = || sample::site("en");
    let mut nameless = en();
    nameless.logo_svg = None;
    nameless.name = "The Independent Observer of the Outer Islands".into();
    nameless.signup = None;
    vec![
        ("front", en(), Page::Front(pages::front())),
        ("front-0", en(), Page::Front(pages::front_of(0, false))),
        ("front-1", en(), Page::Front(pages::front_of(1, false))),
        ("front-3", en(), Page::Front(pages::front_of(3, true))),
        ("front-30", nameless, Page::Front(pages::front_of_thirty())),
        ("front-fr", sample::site("fr"), Page::Front(pages::front())),
        ("front-ar", sample::arabic::site(), Page::Front(pages::front())),
        ("section", en().standing_at("/sea"), Page::Section(pages::section())),
        ("article", en().standing_at("/sea"), Page::Article(Box::new(pages::article()))),
        ("article-bare", en(), Page::Article(Box::new(pages::article_bare()))),
        ("article-ar", sample::arabic::site(), Page::Article(Box::new(sample::arabic::article()))),
        ("author", en(), Page::Author(pages::author())),
        ("topic", en(), Page::Topic(pages::topic())),
        ("archive-month", en(), Page::Archive(pages::archive_month())),
        ("archive-day", en(), Page::Archive(pages::archive_day())),
        ("archive-empty", en(), Page::Archive(pages::archive_empty())),
        ("search", en(), Page::Search(forms::search())),
        ("search-empty", en(), Page::Search(forms::search_empty())),
        ("search-blank", en(), Page::Search(forms::search_blank())),
        ("subscribe", en(), Page::Subscribe(forms::subscribe())),
        ("subscribe-refused", en(), Page::Subscribe(forms::subscribe_refused())),
        ("subscribe-ar", sample::arabic::site(), Page::Subscribe(forms::subscribe_refused())),
        ("notice-inbox", en(), Page::Notice(forms::inbox())),
        ("notice-left", en(), Page::Notice(forms::left())),
        ("confirm", en(), Page::Confirm(forms::confirm())),
        ("preferences", en(), Page::Preferences(Box::new(forms::preferences()))),
        ("preferences-paused", en(), Page::Preferences(Box::new(forms::preferences_paused()))),
        ("unsubscribe", en(), Page::Unsubscribe(forms::unsubscribe())),
        ("corrections", en(), Page::Corrections(pages::corrections())),
        ("policy", en(), Page::Policy(pages::policy())),
        (
            "not-found",
            en(),
            Page::NotFound(NotFound { meta: Meta::unlisted("Not found"), query: "night ferries".into() }),
        ),
        ("gone", en(), Page::Gone(pages::gone())),
        ("broken", en(), Page::Broken(Broken { meta: Meta::unlisted("Error"), reference: Some("4F2K-9".into()) })),
    ]
}

fn main() {
    let folder = std::env::args().nth(1).expect("name a folder");
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder).unwrap();
    let started = Instant::now();
    let theme = Theme::new().unwrap();
    println!("theme made in {:?}", started.elapsed());
    for (name, site, page) in all_pages() {
        let started = Instant::now();
        match theme.print(&site, &page) {
            Ok(html) => {
                println!("{name}: {} bytes in {:?}", html.len(), started.elapsed());
                std::fs::write(folder.join(format!("{name}.html")), html).unwrap();
            }
            Err(error) => println!("{name}: {error}"),
        }
    }
    for (name, letter) in sample::letters::all(&theme) {
        println!("{name}: {} bytes, “{}”", letter.html.len(), letter.subject);
        std::fs::write(folder.join(format!("{name}.html")), letter.html).unwrap();
        std::fs::write(folder.join(format!("{name}.txt")), letter.text).unwrap();
    }
    std::fs::write(folder.join("broken-bare.html"), theme.broken("sw", None)).unwrap();
}
