//! Documents nobody wrote: made at random, written as Markdown, read again.

use newsroom::document::*;
use press::markdown::{parse, write};
use proptest::prelude::*;

use crate::markdown::{FRAGMENTS, bare};

fn words() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(FRAGMENTS).prop_map(|text| text.replace(['\n', '\t'], " "));
    prop_oneof![4 => "[a-zé]{1,6}( [a-z]{1,4})?", 2 => odd, 1 => "\\PC{1,6}"]
        .prop_map(|text| if text.contains(char::is_alphanumeric) { text } else { format!("{text}x") })
}

fn span() -> impl Strategy<Value = Span> {
    let leaf = prop_oneof![
        6 => words().prop_map(Span::Text),
        1 => words().prop_map(Span::Code),
        1 => Just(Span::Break),
        1 => words().prop_map(|alt| Span::Picture { source: "a (1).jpg".into(), alt }),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let many = prop::collection::vec(inner, 1..4);
        prop_oneof![
            many.clone().prop_map(Span::Emphasis),
            many.clone().prop_map(Span::Strong),
            many.clone().prop_map(Span::Struck),
            many.clone().prop_map(Span::Subscript),
            many.clone().prop_map(Span::Superscript),
            (many.clone(), words()).prop_map(|(mut text, title)| Span::Link {
                url: "https://e.org/?a=1&b=<c>".into(),
                text: {
                    text.push(Span::Text(title.clone()));
                    text
                },
                title: Some(title)
            }),
            (many, words()).prop_map(|(text, value)| Span::Mark {
                class: "event".into(),
                pairs: vec![("on".into(), value)],
                text
            }),
        ]
    })
}

fn spans() -> impl Strategy<Value = Vec<Span>> {
    prop::collection::vec(span(), 1..5)
}

fn figure() -> impl Strategy<Value = Figure> {
    (words(), spans(), prop::option::of(words()), prop::option::of((0u16..=1000, 0u16..=1000)))
        .prop_map(|(alt, caption, credit, focus)| Figure { source: "picture:abc".into(), alt, caption, credit, focus })
}

fn attribution() -> impl Strategy<Value = Attribution> {
    let name = prop::collection::vec("[a-zé]{1,6}", 4);
    prop_oneof![
        Just(Attribution::None),
        Just(Attribution::NotStated),
        name.prop_map(|mut parts| Attribution::Speaker {
            when: Some(format!("{} 2025", parts.remove(0))),
            occasion: Some(parts.remove(0)),
            role: Some(parts.remove(0)),
            name: parts.remove(0),
        }),
    ]
}

fn kind() -> impl Strategy<Value = BlockKind> {
    let table = prop::collection::vec(prop::collection::vec(spans(), 2), 1..4).prop_map(|mut rows| {
        let columns = vec![Alignment::None, Alignment::End];
        BlockKind::Table(Table { caption: rows[0][0].clone(), columns, head: rows.remove(0), rows })
    });
    let leaf = prop_oneof![
        4 => spans().prop_map(BlockKind::Paragraph),
        1 => (2u8..=4, spans()).prop_map(|(level, text)| BlockKind::Heading { level, text }),
        1 => figure().prop_map(BlockKind::Figure),
        1 => (spans(), prop::collection::vec(figure(), 1..3))
            .prop_map(|(caption, figures)| BlockKind::Gallery { caption, figures }),
        1 => table,
        1 => (spans(), prop::option::of(words())).prop_map(|(text, by)| BlockKind::PullQuote(PullQuote { text, by })),
        1 => words().prop_map(|text| BlockKind::Code { language: Some("rust".into()), text: format!("```\n  {text}\n\n:::") }),
        1 => Just(BlockKind::Rule),
        1 => words().prop_map(|title| BlockKind::Embed(Embed { url: "https://e.org/a:b".into(), title })),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let blocks = prop::collection::vec(inner.prop_map(block), 1..4);
        prop_oneof![
            (prop::option::of(0u32..20), prop::collection::vec(blocks.clone(), 1..3))
                .prop_map(|(start, items)| BlockKind::List { start, items }),
            (blocks.clone(), attribution())
                .prop_map(|(blocks, attribution)| BlockKind::Quote(Quote { blocks, attribution })),
            (words(), blocks).prop_map(|(title, blocks)| BlockKind::Aside {
                kind: if title.len() % 2 == 0 { AsideKind::Explainer } else { AsideKind::HowWeKnow },
                title,
                blocks,
            }),
        ]
    })
}

fn block(kind: BlockKind) -> Block {
    Block { place: Place::default(), kind }
}

/// Letters and digits only: white space and empty things may go.
fn letters(document: &Document) -> String {
    document.plain_text().chars().filter(|c| c.is_alphanumeric()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_document_keeps_its_words_and_settles_at_once(kinds in prop::collection::vec(kind(), 1..5)) {
        let made = Document { blocks: kinds.into_iter().map(block).collect(), notes: Vec::new() };
        let written = write(&made);
        let settled = bare(parse(&written).unwrap().document);
        prop_assert_eq!(letters(&settled), letters(&made), "written as {}", written);
        let again = write(&settled);
        prop_assert_eq!(bare(parse(&again).unwrap().document), settled, "first {:?}\nthen {:?}", written, again);
    }
}
