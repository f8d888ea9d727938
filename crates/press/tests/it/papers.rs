//! Golden papers: each Markdown file beside its four prints, byte for byte. `UPDATE_PAPERS=1` writes them anew.

use std::path::{Path, PathBuf};

use press::feed_html::{self, FeedPaper};
use press::html::{self, WebPaper};
use press::ink::{Labels, PrintedPicture};
use press::mail_html::{self, MailPaper};
use press::markdown::parse;
use press::text::{self, TextPaper};
use proptest::prelude::*;

use crate::markdown::fragment;
use crate::well_formed::faults;

const BASE: &str = "https://paper.example/international/kenya";

fn picture(source: &str) -> Option<PrintedPicture> {
    if source.starts_with("missing") {
        return None;
    }
    let name = source.replace("picture:", "").replace(['.', ':', '/'], "-");
    Some(PrintedPicture {
        src: format!("/media/{name}-720.jpg"),
        width: 1600,
        height: 900,
        webp_srcset: format!("/media/{name}-360.webp 360w, /media/{name}-720.webp 720w"),
        jpeg_srcset: format!("/media/{name}-360.jpg 360w, /media/{name}-720.jpg 720w"),
        colour: "#334455".into(),
    })
}

/// The four prints of a text and the endings of their files.
fn prints(markdown: &str, language: &str) -> [(&'static str, String); 4] {
    let document = parse(markdown).unwrap().document;
    let labels = Labels::english();
    [
        ("html", html::print(&document, &WebPaper { labels: &labels, pictures: &picture }).into_string()),
        (
            "mail.html",
            mail_html::print(&document, &MailPaper { labels: &labels, pictures: &picture, base: BASE, language }),
        ),
        ("txt", text::print(&document, &TextPaper { labels: &labels, base: BASE })),
        ("feed.html", feed_html::print(&document, &FeedPaper { labels: &labels, pictures: &picture, base: BASE })),
    ]
}

fn papers() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/papers");
    let mut papers: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    papers.retain(|path| path.extension().is_some_and(|e| e == "md"));
    papers.sort();
    papers
}

#[test]
fn every_paper_prints_as_it_was_approved() {
    let mut wrong = Vec::new();
    for path in papers() {
        let markdown = std::fs::read_to_string(&path).unwrap();
        let language = if path.ends_with("arabic.md") { "ar" } else { "en" };
        for (ending, print) in prints(&markdown, language) {
            let golden = path.with_extension(ending);
            if std::env::var_os("UPDATE_PAPERS").is_some() {
                std::fs::write(&golden, &print).unwrap();
            }
            let approved = std::fs::read_to_string(&golden).unwrap_or_default();
            if approved != print {
                let at = approved.lines().zip(print.lines()).position(|(a, b)| a != b).unwrap_or(0);
                let lines = (approved.lines().nth(at).unwrap_or(""), print.lines().nth(at).unwrap_or(""));
                wrong.push(format!("{} line {}: {:#?}", golden.display(), at + 1, lines));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\nRead the differences, then run with UPDATE_PAPERS=1.", wrong.join("\n"));
}

#[test]
fn every_paper_is_harmless_and_balanced() {
    for path in papers() {
        let markdown = std::fs::read_to_string(&path).unwrap();
        for (ending, print) in prints(&markdown, "en") {
            if ending != "txt" {
                assert_eq!(faults(&print), Vec::<String>::new(), "{} as {ending}\n{print}", path.display());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_prints_script_or_unbalanced_tags(parts in prop::collection::vec(fragment(), 0..24)) {
        for (ending, print) in prints(&parts.concat(), "ar") {
            if ending != "txt" {
                prop_assert_eq!(faults(&print), Vec::<String>::new(), "{} as {}", parts.concat(), print);
            }
        }
    }
}
