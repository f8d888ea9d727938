//! Prints every kind of page and letter with sample contents into a folder, to be looked at:
//! `cargo run -p press --example gallery -- FOLDER`
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::Path;
use std::time::Instant;

use press::sample;
use press::theme::Theme;

fn main() {
    let folder = std::env::args().nth(1).expect("name a folder");
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder).unwrap();
    let started = Instant::now();
    let theme = Theme::new().unwrap();
    println!("theme made in {:?}", started.elapsed());
    for (name, site, page) in sample::papers().into_iter().chain(sample::extremes()) {
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
        let letter = letter.unwrap();
        println!("{name}: {} bytes, “{}”", letter.html.len(), letter.subject);
        std::fs::write(folder.join(format!("{name}.html")), letter.html).unwrap();
        std::fs::write(folder.join(format!("{name}.txt")), letter.text).unwrap();
    }
    std::fs::write(folder.join("broken-bare.html"), theme.broken("sw", None)).unwrap();
}
