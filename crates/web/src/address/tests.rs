//! Which address is which place, and which is none.
use super::*;

fn paper() -> Publication {
    Publication { languages: vec!["en".into(), "fr".into(), "ar".into()], ..Publication::default() }
}

fn check(path: &str, canonical: &str) {
    let address = Address::read(path, &paper()).unwrap_or_else(|no| panic!("{path}: {no:?}"));
    assert_eq!(encode(&address.canonical), canonical, "{path}");
    let again = Address::read(canonical, &paper()).unwrap();
    assert!(again.is_canonical, "{canonical}");
    assert_eq!(again.place, address.place, "{path}");
}

#[test]
fn every_place_has_one_address_and_other_spellings_lead_to_it() {
    for (path, canonical) in [
        ("/", "/"),
        ("", "/"),
        ("//", "/"),
        ("/en", "/"),
        ("/fr", "/fr/"),
        ("/fr/", "/fr/"),
        ("/FR/International/", "/fr/international"),
        ("/en/international/who", "/international/who"),
        ("/international//who/", "/international/who"),
        ("/International/Who-Will-Lead", "/international/who-will-lead"),
        ("/international/who.TXT", "/international/who.txt"),
        ("/international/feed.xml", "/international/feed.xml"),
        ("/feed.xml/", "/feed.xml"),
        ("/fr/feed.atom", "/fr/feed.atom"),
        ("/topic/haiti", "/topic/haiti"),
        ("/topic/haiti/feed.json", "/topic/haiti/feed.json"),
        ("/author/keziah-baraka", "/author/keziah-baraka"),
        ("/archive", "/archive"),
        ("/archive/2025", "/archive/2025"),
        ("/archive/2025/08/", "/archive/2025/08"),
        ("/ar/archive/2025/08/22", "/ar/archive/2025/08/22"),
        ("/ar/%d8%a3%d8%ae%d8%a8%d8%a7%d8%b1", "/ar/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1"),
        ("/en/Card.png", "/card.png"),
        ("/international/card.png", "/international/card.png"),
        ("/fr/topic/haiti/card.png", "/fr/topic/haiti/card.png"),
        ("/author/keziah-baraka/card.png/", "/author/keziah-baraka/card.png"),
        ("/SEARCH", "/search"),
        ("/about/", "/about"),
        ("/corrections-policy", "/corrections-policy"),
        ("/sitemap-12.xml", "/sitemap-12.xml"),
        ("/sitemap-0.xml", "/sitemap-0.xml"),
        ("/.well-known/tdmrep.json", "/.well-known/tdmrep.json"),
        ("/fr/robots.txt", "/robots.txt"),
        ("/.well-known/security.txt", "/.well-known/security.txt"),
        ("/subscribe/confirm/aBc", "/subscribe/confirm/aBc"),
        ("/fr/preferences/k3y/doings", "/fr/preferences/k3y/doings"),
    ] {
        check(path, canonical);
    }
}

#[test]
fn odd_addresses_are_told_apart_from_garbled_ones() {
    let garbled = ["/%", "/%4", "/%zz", "/%ff", "/a%00b", "/a%0d%0aSet-Cookie:x", "/%c0%ae", "/%ed%a0%80"];
    for path in garbled {
        assert_eq!(Address::read(path, &paper()).unwrap_err().1, Unreadable::Garbled, "{path}");
    }
    let unknown = [
        "/..",
        "/../etc/passwd",
        "/a/../b",
        "/a%2fb",
        "/a%2Fb/c",
        "/a/b/c",
        "/wp-login.php",
        "/.env",
        "/.git/config",
        "/archive/25",
        "/archive/2025/8",
        "/archive/2025/13",
        "/archive/2025/02/30",
        "/archive/9999/01/01",
        "/archive/2025/01/01/01",
        "/sitemap-50001.xml",
        "/sitemap-99999999999.xml",
        "/preferences/a.b",
        "/topic/",
        "/a/b;c",
        "/a/b&c",
        "/<script>",
        "/fr/fr/fr/fr/fr/fr/fr/fr",
    ];
    for path in unknown.iter().filter(|path| **path != "/topic/") {
        assert_eq!(Address::read(path, &paper()).map_err(|no| no.1), Err(Unreadable::Unknown), "{path}");
    }
}

#[test]
fn a_page_that_says_no_speaks_the_language_of_its_address() {
    assert_eq!(Address::read("/fr/a/b/c", &paper()).unwrap_err().0.code(), "fr");
    assert_eq!(Address::read("/xx/a/b/c", &paper()).unwrap_err().0.code(), "en");
}

#[test]
fn a_redirect_never_leaves_the_site() {
    for path in ["//evil.example", "///evil.example/x", "/\\evil.example", "/%5cevil.example"] {
        if let Ok(address) = Address::read(path, &paper()) {
            assert!(
                encode(&address.canonical).starts_with('/') && !encode(&address.canonical).starts_with("//"),
                "{path}"
            );
        }
    }
}
