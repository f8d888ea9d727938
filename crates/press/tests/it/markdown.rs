//! Markdown read and written again: what one says the other understands.

use newsroom::document::{Attribution, Block, BlockKind, Document, Place, Span, spans_text};
use press::markdown::{BLOCKS_MAX, BODY_BYTES_MAX, Notice, TooMuch, parse, parse_after, write};
use proptest::prelude::*;

/// The document without places.
fn bare(mut document: Document) -> Document {
    fn clear(blocks: &mut [Block]) {
        for block in blocks {
            block.place = Place::default();
            match &mut block.kind {
                BlockKind::List { items, .. } => items.iter_mut().for_each(|item| clear(item)),
                BlockKind::Quote(quote) => clear(&mut quote.blocks),
                BlockKind::Aside { blocks, .. } => clear(blocks),
                BlockKind::Paragraph(_)
                | BlockKind::Heading { .. }
                | BlockKind::PullQuote(_)
                | BlockKind::Figure(_)
                | BlockKind::Gallery { .. }
                | BlockKind::Table(_)
                | BlockKind::Code { .. }
                | BlockKind::Rule
                | BlockKind::Embed(_) => {}
            }
        }
    }
    clear(&mut document.blocks);
    document.notes.iter_mut().for_each(|note| clear(&mut note.blocks));
    document
}

fn read(text: &str) -> Document {
    bare(parse(text).unwrap().document)
}

fn same_again(text: &str) -> Result<(), TestCaseError> {
    let Ok(parsed) = parse(text) else { return Ok(()) };
    let first = bare(parsed.document);
    let written = write(&first);
    let second = read(&written);
    prop_assert_eq!(&second, &first, "read from {:?}\nwritten as {:?}", text, written);
    prop_assert_eq!(write(&second), written);
    Ok(())
}

/// Lines that together reach every rule of the dialect.
fn fragment() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "a", "Ti bato a", " ", "  ", "\n", "\n", "\n\n", "\n\n", "\\\n", "  \n", "\t", "*", "**", "***", "_", "__", "~", "~~", "^", "`", "``", "[",
        "]", "(", ")", "{", "}", "<", ">", "!", "![", "](", "](a.jpg)", "](/a \"title\")", "[^1]", "[^1]: ", "[^b]", "\n[^b]: note", "]{.event}",
        "]{.event on=2025-08-19 of=\"a b\"}", "\n::: ", "\n:::\n", "\n::::\n", "\n:::: ", "figure", " {src=a.jpg alt=\"b\"}", "gallery", " {caption=\"c. D\"}", "box", " {title=\"a: b\"}",
        "table", "embed", " {url=https://e.org/x}", "pull-quote", " {by=\"A, b\"}", "\n> ", ">", "\n- ", "\n* ", "\n1. ", "\n2) ", "\n   ", "\n    ", "\n# ",
        "\n### ", "#", "\n---\n", "\n===\n", "\n***\n", "\n```\n", "\n```rust\n", "|", "\n| a | b |\n|---|:-:|\n| c | d |\n", "— ", "-- ", "— ?", ", ", "19 May 2025", "<br>",
        "<em>", "</em>", "<strong>", "</strong>", "<sub>", "</sub>", "<script>", "<!-- c -->", "&amp;", "&#32;", "&#10;", "&#42;", "&", "\\", "\\*", "\\[", "\"", "'", ":", "https://e.org",
        "<https://e.org>", "javascript:x", "é", "字", "、", "مرحبا", "\u{a0}", "\u{200b}", "👩‍👩‍👧", "1", "1.", "=", "+", "-", "%", "\u{FDD0}",
    ]);
    prop_oneof![9 => known.prop_map(str::to_owned), 1 => "\\PC{1,3}"]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_the_same(parts in prop::collection::vec(fragment(), 0..24)) {
        same_again(&parts.concat())?;
    }

    #[test]
    fn any_text_reads_the_same_once_written(text in "(\\PC|\\n){0,200}") {
        same_again(&text)?;
    }
}

/// `PRESS_CASES=100000` searches longer.
fn cases() -> u32 {
    std::env::var("PRESS_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(256)
}
