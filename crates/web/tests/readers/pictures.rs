//! Who sees a picture: everybody while a public article shows it, nobody before or after, under any of its names.

use crate::paper::Paper;
use desk::Draft;
use http::StatusCode;
use newsroom::article::{Byline, BylineRole, Copy};
use newsroom::language::Language;
use newsroom::slug::Slug;
use newsroom::staff::Role;
use newsroom::time::HOUR;

fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_seen_while_a_public_article_shows_it_and_never_before_or_after() {
    let paper = Paper::open().await;
    // One that no article of the sample shows: the same dots would have the same address.
    let bytes = include_bytes!("../../../../demo/pictures/sea-wall.png").to_vec();
    let id = paper.desk.add_picture(None, "quay.png", bytes).await.unwrap();
    let look =
        move |view: &store::View<'_>| Ok::<_, store::Error>((view.renditions(&[id])?, view.picture(id)?.unwrap().hash));
    let (renditions, original) = paper.desk.store().read(look).await.unwrap();
    let mut paths = Vec::new();
    for one in &renditions {
        // Under the name of the original, too, which is easily guessed by who has the picture.
        paths.extend([&one.hash, &original].map(|hash| format!("/media/{hash}-{}.jpg", one.width)));
        paths.extend([&one.hash, &original].map(|hash| format!("/media/{hash}-{}.webp", one.width)));
    }
    let are_seen = async || {
        let mut seen = 0;
        for path in &paths {
            seen += usize::from(paper.get(path).await.status == StatusCode::OK);
        }
        seen
    };
    let staff = paper.desk.staff().await.unwrap();
    let by_role = |role: Role| staff.iter().find(|member| member.staff.role == role).unwrap().staff.clone();
    let (editor, writer) = (by_role(Role::Editor), by_role(Role::Writer));
    let mut words = Draft {
        language: Language::parse("en").unwrap(),
        section: slug("international"),
        slug: Some(slug("the-quay")),
        work: None,
        copy: Copy {
            headline: "The quay".into(),
            standfirst: "What the quay looks like.".into(),
            body: format!("Look.\n\n![Two boats](picture:{id})\n"),
            ..Copy::default()
        },
        topics: Vec::new(),
        bylines: vec![Byline { author: slug("kalinda-oroko"), role: BylineRole::Writer }],
        embargo_until: None,
    };
    let now = paper.desk.now();
    let article = paper.desk.start(&writer, words.clone()).await.unwrap();
    assert_eq!(are_seen().await, 0, "a draft");
    paper.desk.schedule(&editor, article, now.plus(HOUR)).await.unwrap();
    assert_eq!(are_seen().await, 0, "scheduled");
    paper.desk.clock().turn_to(now.plus(HOUR));
    paper.desk.round().await.unwrap();
    let on_the_page =
        format!("/media/{}", paper.get("/international/the-quay").await.between("<img src=\"/media/", "\""));
    assert!(paths.contains(&on_the_page), "{on_the_page}");
    assert_eq!(paper.get(&on_the_page).await.status, StatusCode::OK);
    assert!(are_seen().await > 0, "published");
    words.embargo_until = Some(now.plus(2 * HOUR));
    paper.desk.save(&editor, article, 1, words).await.unwrap();
    assert_eq!(are_seen().await, 0, "under embargo");
    paper.desk.clock().turn_to(now.plus(2 * HOUR));
    assert!(are_seen().await > 0, "the embargo is over");
    paper.desk.withdraw(&editor, article, "The picture was staged.").await.unwrap();
    assert_eq!(are_seen().await, 0, "withdrawn");
}
