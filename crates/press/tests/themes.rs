//! A publisher's theme: what it may replace, what it may not, and what the check says about it.
#![allow(clippy::unwrap_used, missing_docs)]

use press::page::{Html, Page};
use press::sample::{self, pages};
use press::theme::{Files, Finding, Kind, Theme, check};

fn files(all: &[(&str, &str)]) -> Files {
    let mut files = Files::default();
    for (path, text) in all {
        files.take(path, text.as_bytes().to_vec()).unwrap();
    }
    files
}

/// What the check says about one file, as lines.
fn says(path: &str, text: &str) -> Vec<String> {
    check(&files(&[(path, text)])).findings.iter().map(Finding::to_string).collect()
}

fn default(path: &str) -> String {
    std::fs::read_to_string(format!("{}/themes/default/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn article(theme: &Theme) -> String {
    theme.print(&sample::site("en"), &Page::Article(Box::new(pages::article()))).unwrap()
}

#[test]
fn our_own_theme_is_in_order_and_every_page_light() {
    let report = check(&Files::default());
    assert_eq!(report.findings, []);
    assert!(report.pages.len() > 30 && report.letters > 8);
    for page in &report.pages {
        println!("{}: {} bytes", page.name, page.bytes);
    }
}

#[test]
fn a_publisher_replaces_one_file_and_keeps_the_rest() {
    let gone = "{% extends \"page/base.html\" %}{% block main %}<main id=\"main\"><h1>Away</h1></main>{% endblock %}";
    let own = files(&[
        ("page/gone.html", gone),
        ("asset/css/sign.css", ".sign { color: var(--ink) }"),
        ("words/en.json", "{\"say\": {\"related\": \"Read on\"}}"),
        ("asset/icon.svg", "<svg/>"),
    ]);
    assert_eq!(check(&own).findings, []);
    let theme = Theme::of(own).unwrap();
    let (site, ours) = (sample::site("en"), Theme::new().unwrap());
    assert!(theme.print(&site, &Page::Gone(pages::gone())).unwrap().contains("<h1>Away</h1>"));
    assert!(article(&theme).contains("Read on") && !article(&ours).contains("Read on"));
    assert!(theme.style(Kind::Front, &site).contains(".sign{color:var(--ink)}"));
    assert_eq!(theme.asset("icon.svg").unwrap().1, b"<svg/>");
    assert_eq!(theme.asset("apple-touch-icon.png"), ours.asset("apple-touch-icon.png"));
    assert_eq!(theme.words("fr").say("related", &[]), ours.words("fr").say("related", &[]));
}

#[test]
fn a_broken_theme_never_takes_a_page_down() {
    // Compiles, and fails only where a name is missing that this page does not have.
    let broken = default("page/article.html").replace("{{ page.body_html }}", "{{ page.body }}");
    let theme = Theme::of(files(&[("page/article.html", &broken)])).unwrap();
    assert_eq!(article(&theme), article(&Theme::new().unwrap()), "ours stands in");
    let failures = theme.take_failures();
    assert_eq!(failures.len(), 1);
    assert!(failures[0].to_string().contains("page/article.html"), "{}", failures[0]);
    assert!(theme.take_failures().is_empty(), "it is told once");
}

#[test]
fn the_check_names_file_and_line() {
    let check = |path: &str, was: &str, is: &str, part: &str| {
        let source = default(path);
        assert!(source.contains(was), "{path} has {was}");
        let line = source[..source.find(was).unwrap()].matches('\n').count() + 1;
        let found = says(path, &source.replacen(was, is, 1));
        let wanted = format!("{path}:{line}: ");
        let hit = found.iter().any(|said| said.starts_with(&wanted) && said.contains(part));
        assert!(hit, "{wanted}…{part}… is not in {found:#?}");
    };
    let article = "page/article.html";
    check(article, "{{ page.body_html }}", "{{ page.body }}", "undefined");
    check(article, "{{ page.body_html }}", "{{ page.headline|safe }}", "escaping");
    check(article, "{% if page.standfirst %}", "{% if page.standfirst }", "expected end of block");
    check(article, "say(\"related\")", "say(\"relatives\")", "missing in en, fr, ht, sw, es, ar");
    check(article, "<p class=\"stand\">", "<p class=\"stand\" style=\"color:red\">", "security policy");
    check(article, "<div class=\"body\">", "<div class=\"body\" onclick=\"x()\">", "security policy");
    check(article, "<div class=\"body\">", "<script>1</script><div class=\"body\">", "security policy");
    check(
        article,
        "<div class=\"body\">",
        "<img src=\"https://x.example/a.png\" alt=\"\"><div class=\"body\">",
        "elsewhere",
    );
    check("asset/css/tokens.css", "--accent: #0a5866", "--accent: #9cc", "light scheme");
    check("asset/css/tokens.css", "--accent: #7cc4d1", "--accent: #123", "dark scheme");
    check("asset/css/top.css", ".top {", "@import 'x.css'; .top {", "elsewhere");
    check("asset/css/top.css", ".top {", "</style> .top {", "<");
}

#[test]
fn the_check_sees_what_only_a_printed_page_shows() {
    let has = |path: &str, was: &str, is: &str, part: &str| {
        let found = says(path, &default(path).replace(was, is));
        assert!(found.iter().any(|said| said.starts_with(path) && said.contains(part)), "{part}: {found:#?}");
    };
    has("page/article.html", "<h1", "<h2", "has 0 <h1>");
    has("page/topic.html", "<main ", "<div ", "has 0 <main>");
    // What the frame does wrong is said of the pages that stand in it.
    let found = says("page/base.html", &default("page/base.html").replace(" lang=\"{{ site.language }}\"", ""));
    assert!(found.iter().any(|said| said.contains("page/front.html") && said.contains("language")), "{found:#?}");
    let noise: String = (0_u32..9_000).map(|n| format!("{:x} ", n.wrapping_mul(2_654_435_761))).collect();
    let found = says("page/topic.html", &default("page/topic.html").replace("<h1>", &format!("<p>{noise}</p><h1>")));
    assert!(found.iter().any(|said| said.contains("may have 14336")), "{found:#?}");
}

#[test]
fn a_file_that_replaces_nothing_is_named_with_what_was_meant() {
    let mut all = Files::default();
    let refused = |all: &mut Files, path: &str| all.take(path, b"x".to_vec()).unwrap_err().to_string();
    assert!(refused(&mut all, "front.html").contains("Did you mean page/front.html?"));
    assert!(refused(&mut all, "asset/evil.js").contains("Only svg"));
    assert!(refused(&mut all, "asset/../x.png").contains("Only svg"));
    assert!(all.take("words/de.json", b"{}".to_vec()).is_err(), "the interface speaks six languages");
    assert!(all.take("page/front.html", vec![0xff]).unwrap_err().to_string().contains("UTF-8"));
    assert!(all.take("asset/big.png", vec![0; 600 * 1024]).unwrap_err().to_string().contains("600 KB"));
    assert!(all.is_empty());
    assert!(all.take("asset/paper-2.webp", vec![0]).is_ok());
}

#[test]
fn a_theme_can_work_and_print_only_so_much() {
    let endless = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
    let found = says("page/gone.html", endless);
    assert!(found.iter().any(|said| said.starts_with("page/gone.html") && said.contains("stopped")), "{found:#?}");
}

#[test]
fn what_people_write_stays_text_in_every_theme() {
    let evil = "<b onclick=x>";
    let mut model = pages::article();
    model.headline = evil.into();
    model.body_html = Html::vouched("<p>printed</p>");
    let own = default("page/article.html").replace("{{ page.body_html }}", "{{ page.headline }}{{ page.body_html }}");
    let theme = Theme::of(files(&[("page/article.html", &own)])).unwrap();
    let html = theme.print(&sample::site("en"), &Page::Article(Box::new(model))).unwrap();
    assert!(!html.contains(evil) && html.contains("<p>printed</p>"));
}
