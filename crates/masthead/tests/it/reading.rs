//! What readers are promised about the pages: light, true to their history, and printed whatever a theme does.

use crate::paper::{Paper, draft};
use http::StatusCode;
use newsroom::id::ArticleId;

/// Ben changes the body of the article and publishes it with a line.
async fn change(paper: &Paper, id: ArticleId, revision: u32, body: &str, line: &str) {
    let ben = paper.staff("Ben").await;
    let mut words = draft("en", "world", "The harbour opens again");
    words.copy.body = body.into();
    paper.desk.save(&ben, id, revision, words).await.unwrap();
    paper.desk.publish(&ben, id, line).await.unwrap();
}

const ADDRESS: &str = "/world/the-harbour-opens-again";
const CHANGES: &str = "/world/the-harbour-opens-again/changes";

crate::on_both! {
    async fn an_author_with_a_portrait_is_seen_and_one_without_has_a_letter(paper) {
        paper.publish("The harbour opens again").await;
        let (page, author) = (paper.get(ADDRESS).await, paper.get("/author/rose-jean").await);
        page.says("aria-hidden=\"true\">R</span>");
        author.says("aria-hidden=\"true\">R</span>");
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../press/themes/default/asset/apple-touch-icon.png");
        let picture = paper.desk.add_picture(None, "rose.png", std::fs::read(file).unwrap()).await.unwrap();
        let hash = store::blobs::hash(&std::fs::read(file).unwrap());
        let number = picture.to_string();
        let form = [("name", "Rose Jean"), ("title", "Reporter"), ("bio-fr", "Elle écrit sur le port."), ("picture", &number)];
        let (writer, editor) = (paper.signed_in("Rose").await, paper.signed_in("Ben").await);
        assert_eq!(writer.post("/newsroom/authors/rose-jean", &form).await.status, StatusCode::FORBIDDEN);
        paper.get(ADDRESS).await.hides(&hash);
        editor.get("/newsroom/authors").await.says("Rose Jean").says("no portrait");
        assert_eq!(editor.post("/newsroom/authors/rose-jean", &form).await.status, StatusCode::SEE_OTHER);
        for path in [ADDRESS, "/author/rose-jean", "/fr/author/rose-jean"] {
            let page = paper.get(path).await;
            let address = format!("/media/{hash}-");
            let at = page.body.find(&address).unwrap_or_else(|| panic!("{path} shows no portrait"));
            let address = page.body[at..].split('"').next().unwrap().to_owned();
            assert_eq!(paper.get(&address).await.status, StatusCode::OK, "{address}");
        }
        paper.get("/fr/author/rose-jean").await.says("Elle écrit sur le port.").says("Reporter");
        editor.get("/newsroom/authors/rose-jean").await.says(&format!("value=\"{picture}\" checked"));
        let nobody = [("name", " "), ("picture", "")];
        assert_eq!(editor.post("/newsroom/authors/rose-jean", &nobody).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let unseen = [("name", "Rose Jean"), ("picture", "")];
        editor.post("/newsroom/authors/rose-jean", &unseen).await;
        paper.get(ADDRESS).await.hides(&hash);
    }

    async fn every_version_that_readers_saw_can_be_compared_in_words(paper) {
        let ben = paper.staff("Ben").await;
        let id = paper.publish("The harbour opens again").await;
        paper.get(ADDRESS).await.hides(CHANGES);
        paper.at("2025-08-22T15:00:00+03:00");
        change(&paper, id, 1, "Three berths will open.\n\nNobody told us.", "The number of berths is added").await;
        // Saved and never published: no reader saw it, and none does now.
        let mut secret = draft("en", "world", "The harbour opens again");
        secret.copy.body = "Three berths will open, says a source we promised not to name.".into();
        paper.desk.save(&ben, id, 3, secret).await.unwrap();
        paper.at("2025-08-22T16:00:00+03:00");
        change(&paper, id, 4, "Three berths may open.\n\nNobody told us.", "“Will” is “may”: the port has not decided").await;
        paper.get(ADDRESS).await.says(CHANGES).says("Compare every version");
        let page = paper.get(CHANGES).await;
        page.says("The number of berths is added").says("the port has not decided").says("15:00").says("16:00");
        page.says("taken out: </span>will</del>").says("added: </span>may</ins>").says("1 word added");
        page.hides("promised not to name").says("noindex");
        paper.get("/feed.xml").await.hides("/changes");
    }

    async fn a_change_that_readers_see_needs_a_line_that_says_why(paper) {
        let ben = paper.staff("Ben").await;
        let id = paper.publish("The harbour opens again").await;
        paper.desk.publish(&ben, id, "").await.unwrap();
        let mut words = draft("en", "world", "The harbour opens again");
        words.copy.body = "Something else.".into();
        paper.desk.save(&ben, id, 1, words).await.unwrap();
        let no = paper.desk.publish(&ben, id, " ").await.unwrap_err();
        assert!(no.to_string().contains("what changed"), "{no}");
        paper.get(ADDRESS).await.hides("Something else");
    }

    async fn words_that_the_law_forbids_are_taken_out_of_the_comparison_for_good(paper) {
        let (rose, ben) = (paper.staff("Rose").await, paper.staff("Ben").await);
        let id = paper.publish("The harbour opens again").await;
        change(&paper, id, 1, "The child is Amina’s.", "A name is added").await;
        change(&paper, id, 3, "The child is hers.", "A name is taken out").await;
        paper.get(CHANGES).await.says("Amina’s");
        assert!(paper.desk.hide_earlier_words(&rose, id, "a court order").await.is_err());
        assert!(paper.desk.hide_earlier_words(&ben, id, "").await.is_err());
        paper.desk.hide_earlier_words(&ben, id, "a court order").await.unwrap();
        let page = paper.get(CHANGES).await;
        page.hides("Amina’s").hides("court order").says("no longer shown").says("A name is taken out");
        change(&paper, id, 5, "The child is hers, and well.", "How the child is").await;
        paper.get(CHANGES).await.hides("Amina’s").says("added: </span>hers, and well.</ins>");
    }

    async fn the_history_of_an_article_is_as_public_as_the_article(paper) {
        let ben = paper.staff("Ben").await;
        assert_eq!(paper.get(CHANGES).await.status, StatusCode::NOT_FOUND);
        let id = paper.draft("The harbour opens again").await;
        assert_eq!(paper.get(CHANGES).await.status, StatusCode::NOT_FOUND);
        paper.desk.publish(&ben, id, "").await.unwrap();
        assert_eq!(paper.get(CHANGES).await.status, StatusCode::OK);
        change(&paper, id, 1, "Other words.", "Other words").await;
        paper.desk.withdraw(&ben, id, "The report was forged.").await.unwrap();
        let gone = paper.get(CHANGES).await;
        assert_eq!(gone.status, StatusCode::GONE);
        gone.says("The report was forged.").hides("Other words");
    }

    async fn a_history_stays_light_however_long_it_is(paper) {
        let id = paper.publish("The harbour opens again").await;
        let text = |version: u32| -> String {
            (0..40).map(|n| format!("Paragraph {n} of version {version} tells {} words.\n\n", n * version)).collect()
        };
        for version in 1..=14 {
            change(&paper, id, 2 * version - 1, &text(version), &format!("Version {version} of many")).await;
        }
        let page = paper.get(CHANGES).await;
        page.says("Version 14 of many").hides("Version 4 of many").says("?before=").says("More was changed");
        let bytes = compressed(&page.body);
        assert!(bytes <= 14_336, "{bytes}");
        let older = page.body.split(&format!("href=\"{CHANGES}?before=")).nth(1).unwrap().split('"').next().unwrap();
        paper.get(&format!("{CHANGES}?before={older}")).await.says("Version 4 of many").says("Published").hides("Version 14 ");
        for odd in ["?before=0", "?before=x", "?before=99999999999", "?before=-1"] {
            let page = paper.get(&format!("{CHANGES}{odd}")).await;
            assert!([StatusCode::OK, StatusCode::NOT_FOUND].contains(&page.status), "{odd}: {}", page.status);
        }
    }

    async fn corrections_and_withdrawals_have_a_feed_of_their_own(paper) {
        let ben = paper.staff("Ben").await;
        let (harbour, rails) = (paper.publish("The harbour opens again").await, paper.publish("The rails are laid").await);
        paper.at("2025-08-22T13:00:00+03:00").desk.correct(&ben, harbour, "It opened on Thursday.").await.unwrap();
        paper.at("2025-08-22T14:00:00+03:00").desk.withdraw(&ben, rails, "The report was forged.").await.unwrap();
        for (path, kind) in [("feed.xml", "rss"), ("feed.atom", "atom"), ("feed.json", "feed+json")] {
            let feed = paper.get(&format!("/corrections/{path}")).await;
            assert!(feed.header("content-type").contains(kind), "{}", feed.header("content-type"));
            feed.says("It opened on Thursday.").says("The report was forged.").says("/world/the-harbour-opens-again#corrections");
            feed.hides("/world/the-rails-are-laid").hides("The first paragraph");
        }
        paper.get("/corrections").await.says("/corrections/feed.xml");
        paper.get(ADDRESS).await.says("id=\"corrections\"");
    }

    async fn a_box_on_how_we_know_is_named_in_the_language_of_the_article(paper) {
        let (rose, ben) = (paper.staff("Rose").await, paper.staff("Ben").await);
        for (language, title) in [("en", "How we know"), ("fr", "D’où nous le tenons")] {
            let mut words = draft(language, "world", "A harbour and its sources");
            words.copy.body = "It opened.\n\n::: box {kind=how-we-know}\nWe saw it.\n:::\n".into();
            let id = paper.desk.start(&rose, words).await.unwrap();
            paper.desk.publish(&ben, id, "").await.unwrap();
            let prefix = if language == "en" { "" } else { "/fr" };
            let page = paper.get(&format!("{prefix}/world/a-harbour-and-its-sources")).await;
            page.says("<aside class=\"know\"").says(title).says("We saw it.");
        }
    }

    async fn a_theme_folder_changes_pages_at_once_and_a_broken_one_changes_none(paper) {
        let folder = paper.folder().join("theme");
        paper.publish("Another harbour").await;
        paper.publish("The harbour opens again").await;
        paper.desk.use_theme(folder.clone()).await.unwrap();
        paper.get(ADDRESS).await.says("More on this").hides("Read on here");
        std::fs::create_dir_all(folder.join("words")).unwrap();
        std::fs::create_dir_all(folder.join("page")).unwrap();
        std::fs::write(folder.join("words/en.json"), "{\"say\": {\"related\": \"Read on here\"}}").unwrap();
        assert!(paper.desk.look_at_theme().await.unwrap(), "readers see another theme");
        paper.get(ADDRESS).await.says("Read on here");
        std::fs::write(folder.join("page/article.html"), "{% extends \"page/base.html\" %}{% block main %}{{ page.nothing }}").unwrap();
        assert!(!paper.desk.look_at_theme().await.unwrap());
        paper.get(ADDRESS).await.says("Read on here").says("The first paragraph");
        let report = paper.desk.theme_report();
        assert!(!report.in_use && report.findings.iter().any(|it| it.file == "page/article.html" && it.line == Some(1)), "{report:?}");
        // A command that opens the paper prints with the theme and changes nothing.
        std::fs::remove_file(folder.join("page/article.html")).unwrap();
        let before = paper.desk.content_version().unwrap();
        paper.desk.use_theme(folder.clone()).await.unwrap();
        assert_eq!((paper.desk.content_version().unwrap(), paper.desk.theme_report().files), (before, 1));
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(paper.desk.look_at_theme().await.unwrap(), "our own again");
        paper.get(ADDRESS).await.says("More on this");
    }

    async fn the_look_is_set_on_a_page_and_refused_where_it_could_not_be_read(paper) {
        let owner = newsroom::staff::Staff { role: newsroom::staff::Role::Owner, ..paper.staff("Ben").await };
        let look = |accent: &str, text: &str| {
            let form = desk::LookForm::of(&paper.desk.paper().publication);
            desk::LookForm { name: "The Evening".into(), accent: accent.into(), text: text.into(), ..form }
        };
        let no = paper.desk.set_look(&owner, look("#9cc", "")).await.unwrap_err();
        assert!(no.to_string().contains("#"), "{no}");
        let no = paper.desk.set_look(&owner, look("#99cccc", "")).await.unwrap_err();
        assert!(no.to_string().contains(":1 against paper"), "{no}");
        let no = paper.desk.set_look(&owner, look("", "Charter")).await.unwrap_err();
        assert!(no.to_string().contains("serif"), "{no}");
        assert!(paper.desk.set_look(&paper.staff("Ben").await, look("", "")).await.is_err(), "editors do not");
        paper.get("/").await.says("<title>The Morning");
        paper.desk.set_look(&owner, look("#8a1c1c", "Literata, serif")).await.unwrap();
        let front = paper.get("/").await;
        let out = paper.folder().join("out");
        paper.desk.export(&out, &|_, _| {}).await.unwrap();
        let setup = desk::setup::Setup::parse(&std::fs::read_to_string(out.join("publication.toml")).unwrap()).unwrap();
        assert_eq!((setup.look.accent.as_str(), setup.look.text.as_str()), ("#8a1c1c", "Literata, serif"));
        front.says("The Evening").says("--accent:#8a1c1c").says("--serif:Literata, serif").hides("<title>The Morning");
    }
}

fn compressed(body: &str) -> usize {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut gzip, body.as_bytes()).unwrap();
    gzip.finish().unwrap().len()
}

/// The demo, as a reader with a cheap phone gets it.
#[tokio::test]
async fn every_page_of_the_demo_is_light_and_so_is_its_first_picture() {
    let paper = Paper::on_demo().await;
    let mut kinds = std::collections::BTreeSet::new();
    let mut waiting = vec!["/".to_owned()];
    let mut seen: std::collections::HashSet<String> = waiting.iter().cloned().collect();
    while let Some(path) = waiting.pop() {
        let page = paper.get(&path).await;
        if page.status != StatusCode::OK || !page.header("content-type").starts_with("text/html") {
            assert!(page.status.is_success() || page.status.is_redirection(), "{path}: {}", page.status);
            continue;
        }
        let bytes = compressed(&page.body);
        assert!(bytes <= 14_336, "{path} weighs {bytes} bytes");
        assert!(!page.body.contains("<script src") && !page.body.contains(" style=\""), "{path}");
        kinds.insert(path.split('/').filter(|part| part.len() > 2).count());
        first_picture(&paper, &path, &page.body).await;
        let links = page.body.split("href=\"/").skip(1).filter_map(|rest| rest.split('"').next());
        for link in links.map(|link| format!("/{}", link.replace("&amp;", "&"))) {
            let bare = link.split('#').next().unwrap_or_default().to_owned();
            let leads_out = ["/media/", "/assets/", "/newsroom", "/archive/", "/search?", ".txt", "/feed."]
                .iter()
                .any(|p| bare.contains(p));
            if !leads_out && seen.insert(bare.clone()) {
                waiting.push(bare);
            }
        }
    }
    assert!(seen.len() > 80 && kinds.len() > 2, "{} pages", seen.len());
}

/// The first picture at 360 px, on a screen with two and with three dots for a pixel.
async fn first_picture(paper: &Paper, path: &str, html: &str) {
    let Some(picture) = html.split("<picture>").nth(1).map(|rest| rest.split("</picture>").next().unwrap_or(rest))
    else {
        return;
    };
    let attribute = |name: &str| picture.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap();
    let wide = attribute("sizes").rsplit(' ').next().unwrap();
    let pixels: f64 = match (wide.strip_suffix("vw"), wide.strip_suffix("rem")) {
        (Some(share), _) => share.parse::<f64>().unwrap() / 100.0 * 360.0,
        (None, Some(rem)) => rem.parse::<f64>().unwrap() * 16.0,
        (None, None) => panic!("{path}: {wide}"),
    };
    let candidates: Vec<(&str, f64)> = attribute("srcset")
        .split(", ")
        .map(|one| one.split_once(' ').unwrap())
        .map(|(address, width)| (address, width.trim_end_matches('w').parse().unwrap()))
        .collect();
    assert!(picture.contains("type=\"image/webp\"") && picture.contains(".jpg"), "{path}");
    for dots in [1.0, 2.0, 3.0] {
        let needed = pixels * dots;
        let chosen = candidates.iter().find(|(_, width)| *width >= needed).or(candidates.last()).unwrap();
        let bytes = paper.bytes(chosen.0).await;
        assert!(bytes <= 60 * 1024, "{path}: {} has {bytes} bytes", chosen.0);
    }
}
