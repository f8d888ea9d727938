//! Pages and letters as readers get them: golden papers, weight, safety.
//! `UPDATE_PAPERS=1 cargo nextest run -p press` writes the papers anew; look at the difference before committing it.
#![allow(clippy::unwrap_used, missing_docs)]

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::LazyLock;

use press::message::{HTML_BYTES_MAX, Item, Letter};
use press::page::{Colour, Colours, Link, Page, Site};
use press::sample::{self, forms, letters, pages, papers};
use press::theme::{Kind, PressError, Theme};

static THEME: LazyLock<Theme> = LazyLock::new(|| Theme::new().unwrap());

fn print(site: &Site, page: &Page) -> String {
    THEME.print(site, page).unwrap()
}

fn every_letter() -> impl Iterator<Item = (&'static str, Letter)> {
    letters::all(&THEME).into_iter().map(|(name, letter)| (name, letter.unwrap()))
}

/// Every letter in every language we speak.
fn everywhere() -> impl Iterator<Item = (String, Letter)> {
    letters::everywhere(&THEME).into_iter().map(|(name, letter)| (name, letter.unwrap()))
}

fn check_paper(name: &str, printed: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/papers-pages").join(name);
    if std::env::var_os("UPDATE_PAPERS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, printed).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let first = kept.lines().zip(printed.lines()).find(|(a, b)| a != b);
    assert!(kept == printed, "{name} is printed differently; first difference: {first:#?}");
}

#[test]
fn every_kind_of_page_is_printed_as_it_was() {
    for (name, site, page) in papers() {
        // The style is the same for all pages of a kind; the papers show what stands in the page.
        let html = print(&site, &page).replace(&THEME.style(Kind::of(&page), &site), "…");
        check_paper(&format!("{name}.html"), &html);
    }
}

#[test]
fn every_letter_is_printed_as_it_was() {
    for (name, letter) in every_letter() {
        check_paper(&format!("{name}.html"), &letter.html);
        check_paper(
            &format!("{name}.txt"),
            &format!("Subject: {}\nPreheader: {}\n\n{}", letter.subject, letter.preheader, letter.text),
        );
    }
}

#[test]
fn a_first_view_weighs_at_most_14_kilobytes() {
    let mut sites = papers();
    sites.push(("front of thirty", sample::site("en"), Page::Front(pages::front_of_thirty())));
    for (name, site, page) in sites {
        let html = print(&site, &page);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(html.as_bytes()).unwrap();
        let bytes = gzip.finish().unwrap().len();
        println!("{name}: {} bytes, {bytes} compressed", html.len());
        assert!(bytes <= 14_336, "{name} weighs {bytes} bytes");
    }
}

#[test]
fn a_page_needs_one_style_and_no_script() {
    for (name, site, page) in papers() {
        let html = print(&site, &page);
        assert_eq!(html.matches("<style>").count(), 1, "{name}");
        assert!(html.contains(&format!("<style>{}", THEME.style(Kind::of(&page), &site))), "{name}");
        assert!(!html.contains(" style=") && !html.contains(" onclick"), "{name}");
        assert_eq!(
            html.matches("<script").count(),
            html.matches("<script type=\"application/ld+json\">").count(),
            "{name}"
        );
        assert_eq!(html.matches("<h1").count(), 1, "{name}");
        assert_eq!(html.matches("<main id=\"main\"").count(), 1, "{name}");
        assert!(
            !html.contains(">none<") && !html.replace("fill=\"none\"", "").contains("\"none\""),
            "{name} prints a missing value"
        );
    }
}

#[test]
fn every_id_stands_once_and_every_label_finds_its_field() {
    for (name, site, page) in papers() {
        let html = print(&site, &page);
        let values = |attribute: &str| -> Vec<String> {
            let open = format!(" {attribute}=\"");
            html.split(&open)
                .skip(1)
                .filter_map(|part| part.split_once('"'))
                .map(|(value, _)| value.to_string())
                .collect()
        };
        let ids = values("id");
        for id in &ids {
            assert_eq!(ids.iter().filter(|other| *other == id).count(), 1, "{name}: {id}");
        }
        let pointers = [values("for"), values("aria-labelledby"), values("aria-describedby")].concat();
        for pointer in pointers.iter().flat_map(|value| value.split(' ')) {
            assert!(ids.iter().any(|id| id == pointer), "{name}: nothing is called {pointer}");
        }
    }
}

#[test]
fn what_people_write_cannot_become_markup() {
    let evil = r#""><script>alert('x')</script>{{ 7 * 7 }}{{ site.name }}"#;
    let mut site = sample::site("en");
    site.name = evil.into();
    site.publisher = evil.into();
    let mut article = pages::article();
    article.headline = evil.into();
    article.standfirst = Some(evil.into());
    article.bylines[0].name = evil.into();
    article.place = Some(evil.into());
    article.topics = vec![Link::new(evil, evil)];
    article.meta.json_ld = Some(r#"{"headline":"</script><script>alert(1)</script>"}"#.into());
    let mut search = forms::search();
    search.query = evil.into();
    search.hits[0].snippet[1].text = evil.into();
    for page in [Page::Article(Box::new(article)), Page::Search(search)] {
        let html = print(&site, &page);
        assert!(!html.contains("<script>") && !html.contains("</script><script"), "{html}");
        assert!(html.contains("{{ 7 * 7 }}"), "a value must not be run as a template");
    }
}

#[test]
fn no_template_prints_without_escaping() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("themes/default");
    for kind in ["page", "message"] {
        for file in std::fs::read_dir(folder.join(kind)).unwrap() {
            let path = file.unwrap().path();
            let source = std::fs::read_to_string(&path).unwrap();
            assert!(!source.contains("autoescape") && !source.contains("safe"), "{path:?}");
        }
    }
}

#[test]
fn a_page_without_end_is_stopped() {
    let mut front = pages::front();
    let card = front.grid[0].clone();
    front.grid = vec![card; 40_000];
    match THEME.print(&sample::site("en"), &Page::Front(front)) {
        Err(PressError::TooLong { .. } | PressError::TooMuchWork { .. }) => {}
        other => panic!("{:?}", other.map(|html| html.len())),
    }
}

#[test]
fn the_page_for_a_failure_needs_nothing() {
    for language in ["en", "fr", "ht", "sw", "es", "ar", "xx", ""] {
        let html = THEME.broken(language, None);
        assert!(html.starts_with("<!doctype html>") && html.contains("<style>"), "{language}");
    }
    assert!(THEME.broken("ar", Some("4F2K")).contains("dir=\"rtl\""));
    assert!(THEME.broken("en", Some("4F2K")).contains("4F2K"));
}

#[test]
fn a_publication_changes_its_colours_and_nothing_else() {
    let mut site = sample::site("en");
    let plain = THEME.style(Kind::Article, &site);
    site.colours = Some(Colours { accent: Colour::parse("#8a1c1c").unwrap(), ..Colours::default() });
    let own = THEME.style(Kind::Article, &site);
    assert!(own.starts_with(&plain) && own.contains("--accent:#8a1c1c"));
}

#[test]
fn a_page_in_every_language_has_all_its_words() {
    for language in press::words::LANGUAGES {
        for (name, _, page) in papers() {
            let html = print(&sample::site(language), &page);
            assert!(html.contains(&format!("<html lang=\"{language}\"")), "{name}");
        }
    }
}

#[test]
fn a_letter_is_whole_when_styles_and_pictures_are_gone() {
    for (name, letter) in everywhere() {
        assert_eq!(letter.html.matches("<h1").count(), 1, "{name}");
        assert!(letter.html.len() < 30 * 1024 && !letter.is_heavy(), "{name}: {}", letter.html.len());
        assert!(!letter.html.contains(" height="), "{name}: a blocked picture must not keep a hole open");
        for cell in letter.html.split("<td").skip(1) {
            assert!(cell.contains("style=\""), "{name}: {cell}");
            let rtl = letter.html.contains("dir=\"rtl\">\n<head>");
            let attributes = cell.split('>').next().unwrap();
            assert!(
                !rtl || attributes.contains("align=\"right\"")
                    || attributes.contains("class=\"u\"")
                    || attributes.is_empty(),
                "{name}: {attributes}"
            );
        }
        assert!(
            !letter.text.contains('\u{a0}') && !letter.text.contains('<') && !letter.text.contains("\n\n\n\n"),
            "{name}"
        );
        assert!(!letter.subject.contains('\n') && !letter.preheader.contains("482913"), "{name}");
    }
}

#[test]
fn every_link_of_a_letter_stands_in_its_text() {
    for (name, letter) in everywhere() {
        for part in letter.html.split(" href=\"").skip(1) {
            let href = part.split('"').next().unwrap().replace("&amp;", "&");
            let known = letter.text.contains(&href)
                || href.starts_with("mailto:")
                || href.ends_with("courier.example/")
                || letter.text.contains(href.trim_start_matches("https://"));
            let home =
                press::words::LANGUAGES.iter().any(|language| href.ends_with(&format!("courier.example/{language}/")));
            assert!(known || home, "{name}: {href}");
        }
    }
}

/// Written out for `tests/browser/letters.mjs`, which holds them against what mail programs know.
#[test]
fn a_letter_says_language_and_direction_where_programs_drop_the_outer_tags() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("letters");
    std::fs::create_dir_all(&folder).unwrap();
    let all: Vec<_> = everywhere().collect();
    assert!(all.len() > 60);
    for (name, letter) in all {
        let head = letter.html.split("<table").next().unwrap();
        let language = head.split("lang=\"").nth(1).unwrap().split('"').next().unwrap();
        let dir = if language == "ar" { "rtl" } else { "ltr" };
        assert_eq!(head.matches(&format!(" lang=\"{language}\" dir=\"{dir}\"")).count(), 2, "{name}");
        assert!(!letter.html.contains("<script") && !letter.html.contains("http://"), "{name}");
        for image in letter.html.split("<img").skip(1) {
            assert!(image.contains("width=\"560\""), "{name}: a picture nobody sees reports back");
        }
        let rest = letter.text.split("\n").filter(|line| line.contains("https://"));
        for line in rest {
            assert!(line.starts_with("https://") && !line.contains(' '), "{name}: an address stands alone: {line}");
        }
        std::fs::write(folder.join(format!("{name}.html")), &letter.html).unwrap();
        std::fs::write(folder.join(format!("{name}.txt")), &letter.text).unwrap();
    }
}

fn filled(edition: press::message::DailyEdition) -> Letter {
    edition.print_shared(&THEME).unwrap().personal(&letters::personal("en"))
}

#[test]
fn an_article_cannot_forge_the_way_out() {
    let mut edition = letters::daily();
    let forged = "\u{fdd0}4\u{fdd0} \u{fdd1}4\u{fdd1} {{ personal.unsubscribe_href }} {since}";
    edition.items.push(Item { headline: forged.into(), ..edition.items[0].clone() });
    let letter = filled(edition);
    let leave = "https://courier.example/unsubscribe/q7Km2XvTn4Rb8NcEw5Hy9L";
    assert_eq!(letter.html.matches(leave).count(), 1);
    assert_eq!(letter.text.matches(leave).count(), 1);
}

#[test]
fn a_readers_choices_are_escaped_in_the_html_and_plain_in_the_text() {
    let letter = filled(letters::daily());
    assert!(letter.html.contains("Sea, Health &amp; Schools;") && letter.text.contains("Sea, Health & Schools;"));
    assert!(letter.html.contains("?n=1&amp;w=2\"") && letter.text.contains("?n=1&w=2\n"));
    assert!(!letter.html.contains('\u{fdd0}') && !letter.text.contains('\u{fdd0}'));
}

#[test]
fn a_letter_over_60_kilobytes_is_refused() {
    let mut edition = letters::daily();
    edition.items = vec![edition.items[0].clone(); HTML_BYTES_MAX / 700];
    let refusal = edition.print_shared(&THEME).unwrap_err().to_string();
    assert!(refusal.contains("at most 60"), "{refusal}");
}
