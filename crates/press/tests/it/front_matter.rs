//! Front matter of ours and of other programs.

use press::front_matter::{Byline, FrontMatter, Moment, read, split};

const DAY: i64 = 86_400_000_000;

fn front(yaml: &str) -> FrontMatter {
    read(yaml).unwrap_or_else(|e| panic!("{e}: {yaml}")).0
}

#[test]
fn front_matter_is_split_from_the_body() {
    let check = |file: &str, yaml: Option<&str>, body: &str, lines: u32| {
        let parts = split(file);
        assert_eq!((parts.yaml, parts.body, parts.lines_before), (yaml, body, lines), "{file:?}");
    };
    check("---\na: b\n---\nBody", Some("a: b\n"), "Body", 3);
    check("\u{feff}---\r\na: b\r\n---\r\nBody", Some("a: b\r\n"), "Body", 3);
    check("---\n---\n", Some(""), "", 2);
    check("---\na: b\n...\n\nBody", Some("a: b\n"), "\nBody", 3);
    check("---\n\nA rule, then text", None, "---\n\nA rule, then text", 0);
    check("Body\n---\na\n---\n", None, "Body\n---\na\n---\n", 0);
    check("", None, "", 0);
}

#[test]
fn our_own_keys_are_read() {
    let read = front(
        "headline: Kenya may lose the lead\nkicker: Haiti\nstandfirst: >\n  A new force\n  may come.\nslug: kenya\nsection: international\n\
         topics: [haiti, kenya, haiti]\nlanguage: en\ntranslation: kenya-fr\nbylines:\n  - author: keziah\n    role: Reporter\n  - Odile Fanfan\n\
         dateline: Nairobi\npicture: {file: map.jpg, alt: Map, caption: Where, credit: GDU, focus: \"0.4,0.5\"}\n\
         short: {search: S, social: T, mail: M}\nstate: ready\npublished: 2025-08-22T18:40:00+03:00\nupdated: 2025-08-25 09:05:00 +0300\n\
         scheduled: 2025-08-22\nembargo: 2025-08-22T18:00:00Z\nauthor: keziah\ncorrections:\n  - at: 2025-08-23\n    text: \"An error: gone\"\n",
    );
    let at = 1_755_877_200_000_000;
    assert_eq!(read.headline.as_deref(), Some("Kenya may lose the lead"));
    assert_eq!(read.standfirst.as_deref(), Some("A new force may come."));
    assert_eq!(read.topics, ["haiti", "kenya"]);
    let byline = Byline { author: Some("keziah".into()), name: None, role: Some("Reporter".into()) };
    assert_eq!(read.bylines, [byline, Byline { name: Some("Odile Fanfan".into()), ..Byline::default() }]);
    let picture = read.picture.unwrap();
    assert_eq!((picture.file.as_str(), picture.focus), ("map.jpg", Some((400, 500))));
    assert_eq!(read.short.mail.as_deref(), Some("M"));
    assert_eq!(read.published, Some(Moment { at, day_only: false, no_zone: false }));
    assert_eq!(read.updated.unwrap().at, 1_756_101_900_000_000);
    assert_eq!(read.scheduled, Some(Moment { at: at / DAY * DAY, day_only: true, no_zone: true }));
    assert_eq!(read.corrections[0].text, "An error: gone");
    assert!(read.corrections[0].at.unwrap().day_only);
}

#[test]
fn other_programs_keys_are_understood() {
    let read = front(
        "title: 1984\ndescription: About\ndate: 2025-08-22T18:40\ntags: a, b\ncategories: [world, c]\ndraft: true\nlang: fr\n\
         image: /a.jpg\nauthors: [A, B]\nlastmod: 2025-08-23\n",
    );
    assert_eq!((read.headline.as_deref(), read.standfirst.as_deref()), (Some("1984"), Some("About")));
    assert_eq!((read.section.as_deref(), read.topics), (Some("world"), vec!["a".to_owned(), "b".into(), "c".into()]));
    assert_eq!((read.state.as_deref(), read.language.as_deref()), (Some("draft"), Some("fr")));
    assert_eq!(read.picture.unwrap().file, "/a.jpg");
    assert_eq!(read.bylines.len(), 2);
    let published = read.published.unwrap();
    assert!(published.no_zone && !published.day_only);
    assert_eq!(front("published: false").state.as_deref(), Some("draft"));
    assert_eq!(front("headline:\ntopics:\npicture:\n"), FrontMatter::default());
    assert_eq!(front(""), FrontMatter::default());
    assert_eq!(front("# only a comment\n"), FrontMatter::default());
}

#[test]
fn what_means_nothing_is_named_with_its_line() {
    let (_, notices) =
        read("headline: A\nlayout: post\npublished: soon\nsection: [a]\nshort: {print: x}\ndraft: maybe\n").unwrap();
    let seen: Vec<(u32, bool)> = notices.iter().map(|n| (n.line, n.sentence.contains('`'))).collect();
    assert_eq!(seen, [(3, true), (4, true), (5, true), (6, true), (7, true)], "{notices:?}");
    assert!(notices[0].sentence.contains("`layout`"));
}

#[test]
fn broken_yaml_and_bombs_are_refused_with_their_line() {
    let check = |yaml: &str, line: u32| {
        let error = read(yaml).expect_err(yaml);
        assert_eq!(error.line, line, "{error}");
        assert!(!error.sentence.contains('\n') && error.sentence.ends_with('.'), "{error}");
    };
    check("headline: A\nstandfirst: \"open\n", 3);
    check("a: b\na: c\n", 3);
    check("headline: A: B\n", 2);
    check("- a\n- b\n", 2);
    check("just words", 2);
    check("a: &x [1]\nb: *x\n", 2);
    check(&format!("a: {}{}", "[".repeat(5000), "]".repeat(5000)), 2);
    check(&format!("a: [{}]", "x,".repeat(10_000)), 2);
    check(&"a".repeat(70_000), 1);
}
