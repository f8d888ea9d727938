//! Bringing a paper in and taking it out again.

use desk::import::Agreed;
use desk::import::article::Options;
use desk::import::folder::Folder;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Cursor;

/// What an operator vouches for.
pub fn agreed() -> Agreed {
    let on = newsroom::time::Day::parse("2025-08-01");
    Agreed { source: "the old list".into(), method: "double opt-in".into(), on, newsletter: None }
}

fn folder(files: &[(&str, &[u8])]) -> Folder {
    Folder::Memory(
        files.iter().map(|(name, bytes)| ((*name).to_owned(), Cow::Owned(bytes.to_vec()))).collect::<BTreeMap<_, _>>(),
    )
}

const GOOD: &str = "---\nheadline: \"The harbour opens again\"\nstandfirst: After eleven days.\nauthor: Rose Jean\nsection: world\nlanguage: en\ntopics: [ports]\npublished: 2025-08-21T09:00:00+03:00\n---\n\nIt opened.\n\n> At last.\n> — Amina Said, harbour master\n";

crate::on_both! {
    async fn good_files_come_in_and_each_bad_one_is_named_with_its_reason(paper) {
        let large = vec![b'x'; 4 * 1024 * 1024];
        let report = paper.desk.import_markdown(folder(&[
            ("world/good.md", GOOD.as_bytes()),
            ("world/broken.md", b"---\nheadline: [unclosed\n---\n\ntext\n"),
            ("nowhere/unknown.md", b"---\nheadline: Lost\n---\n\ntext\n"),
            ("world/twice.md", GOOD.replace("language: en", "language: en\nslug: good").as_bytes()),
            ("world/latin.md", b"---\nheadline: Caf\xe9\n---\n\ntext\n"),
            ("world/huge.md", &large),
            ("world/silent.md", b"no headline at all\n"),
            ("world/picture.md", b"---\nheadline: With a picture\n---\n\n![A quay](missing.jpg)\n"),
            ("world/bomb.md", b"---\nheadline: With a text for a picture\n---\n\n![A quay](text.jpg)\n"),
            ("world/text.jpg", b"this is no picture"),
        ]), Options::default(), &|_, _| {}).await.unwrap();
        assert_eq!(report.added, 1, "{report:#?}");
        let reason = |name: &str| {
            report.skipped.iter().find(|skip| skip.place.contains(name)).unwrap_or_else(|| panic!("{name}: {report:#?}")).sentence.clone()
        };
        assert!(reason("broken.md").contains("ine "), "{}", reason("broken.md"));
        assert!(reason("unknown.md").contains("“nowhere”"), "{}", reason("unknown.md"));
        assert!(reason("latin.md").contains("Line 2 is not UTF-8"), "{}", reason("latin.md"));
        assert!(reason("huge.md").contains("KB"), "{}", reason("huge.md"));
        assert!(reason("silent.md").contains("headline"), "{}", reason("silent.md"));
        assert!(reason("picture.md").contains("missing.jpg"), "{}", reason("picture.md"));
        assert!(reason("bomb.md").contains("text.jpg"), "{}", reason("bomb.md"));
        assert_eq!(report.skipped.len(), 8, "{report:#?}");
        paper.get("/world/good").await.says("The harbour opens again").says("Rose Jean").says("Amina Said");
    }

    async fn importing_again_changes_only_what_changed(paper) {
        let files = |text: &str| folder(&[("world/good.md", text.as_bytes())]);
        let import = async |text: &str| paper.desk.import_markdown(files(text), Options::default(), &|_, _| {}).await.unwrap();
        assert_eq!(import(GOOD).await.added, 1);
        assert_eq!(import(GOOD).await.unchanged, 1);
        let report = import(&GOOD.replace("It opened.", "It opened at six.")).await;
        assert_eq!((report.changed, report.added), (1, 0), "{report:#?}");
        paper.get("/world/good").await.says("It opened at six.");
    }

    async fn a_time_to_come_makes_an_imported_article_a_scheduled_one(paper) {
        let later = GOOD.replace("2025-08-21T09", "2025-08-25T09");
        paper.desk.import_markdown(folder(&[("world/good.md", later.as_bytes())]), Options::default(), &|_, _| {}).await.unwrap();
        paper.get("/").await.hides("The harbour opens again");
        paper.at("2025-08-25T09:00:00+03:00").round().await;
        paper.get("/").await.says("The harbour opens again");
    }

    async fn a_time_without_a_zone_is_the_newsrooms(paper) {
        let local = GOOD.replace("2025-08-21T09:00:00+03:00", "2025-08-22 12:00");
        paper.desk.import_markdown(folder(&[("world/good.md", local.as_bytes())]), Options::default(), &|_, _| {}).await.unwrap();
        paper.get("/world/good").await.says("12:00").says("2025-08-22T12:00");
    }

    async fn what_is_exported_can_be_imported_into_another_paper(paper) {
        paper.desk.import_markdown(folder(&[("world/good.md", GOOD.as_bytes())]), Options::default(), &|_, _| {}).await.unwrap();
        paper.desk.import_subscribers("list.csv", Cursor::new(b"address,languages\nrose@example.ht,ht fr\n"), &agreed(), &|_, _| {}).await.unwrap();
        let out = paper.folder().join("export");
        let exported = paper.desk.export(&out, &|_, _| {}).await.unwrap();
        assert_eq!((exported.articles, exported.subscribers), (1, 1));
        let other = crate::paper::Paper::on(crate::paper::Engine::Sqlite).await;
        let report = other.desk.import_markdown(Folder::on_disk(&out).unwrap(), Options::default(), &|_, _| {}).await.unwrap();
        assert_eq!(report.added, 1, "{report:#?}");
        let (here, there) = (paper.get("/world/good.txt").await, other.get("/world/good.txt").await);
        assert_eq!(here.body, there.body);
        let list = std::fs::read(out.join("subscribers.csv")).unwrap();
        assert_eq!(other.desk.import_subscribers("again.csv", Cursor::new(list), &agreed(), &|_, _| {}).await.unwrap().added, 1);
        assert!(paper.desk.export(&out, &|_, _| {}).await.is_err(), "nothing is written over");
    }

    async fn who_left_does_not_come_back_by_import(paper) {
        paper.desk.import_subscribers("a.csv", Cursor::new(b"email\nrose@example.ht\n"), &agreed(), &|_, _| {}).await.unwrap();
        let address = newsroom::subscriber::Address::parse("rose@example.ht").unwrap();
        let rose = paper.desk.store().read(move |view| view.subscriber_at(&address)).await.unwrap().unwrap();
        paper.desk.leave(&paper.desk.preferences_token(rose.id)).await.unwrap();
        let report = paper.desk.import_subscribers("b.csv", Cursor::new(b"email\nROSE@example.ht\nnobody\n"), &agreed(), &|_, _| {}).await.unwrap();
        assert_eq!((report.added, report.skipped.len()), (0, 2), "{report:#?}");
    }

    async fn the_sample_publication_comes_in_whole(paper) {
        let demo = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo");
        paper.at("2025-08-25T08:00:00+03:00");
        let setup = desk::setup::Setup::parse(&std::fs::read_to_string(demo.join("publication.toml")).unwrap()).unwrap();
        assert!(setup.sections.len() >= 5 && setup.authors.len() >= 5);
        let report = paper.desk.import_markdown(Folder::on_disk(&demo.join("articles")).unwrap(), Options { make_sections: true }, &|_, _| {}).await;
        let report = report.unwrap();
        let without_pictures: Vec<_> = report.skipped.iter().filter(|skip| !skip.sentence.contains("picture")).collect();
        assert!(without_pictures.is_empty(), "{without_pictures:#?}");
        let list = std::fs::read(demo.join("subscribers.csv")).unwrap();
        let report = paper.desk.import_subscribers("subscribers.csv", Cursor::new(list), &agreed(), &|_, _| {}).await.unwrap();
        assert_eq!((report.added, report.skipped.len()), (40, 0), "{report:#?}");
    }
}
