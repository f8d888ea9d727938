//! Markdown read and written again: what one says the other understands.

use newsroom::document::{Attribution, Block, BlockKind, Document, Place, Span, spans_text};
use press::markdown::{BLOCKS_MAX, BODY_BYTES_MAX, Notice, TooMuch, parse, parse_after, write};
use proptest::prelude::*;

/// The document without places.
pub(crate) fn bare(mut document: Document) -> Document {
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

/// Pieces of lines that together reach every rule of the dialect.
#[rustfmt::skip]
pub(crate) const FRAGMENTS: &[&str] = &[
    "a", "Ti bato a", " ", "  ", "\n", "\n", "\n\n", "\n\n", "\\\n", "  \n", "\t", "*", "**", "***", "_", "__", "~",
    "~~", "^", "`", "``", "[", "]", "(", ")", "{", "}", "<", ">", "!", "![", "](", "](a.jpg)", "](/a \"title\")",
    "[^1]", "[^1]: ", "[^b]", "\n[^b]: note", "]{.event}", "]{.event on=2025-08-19 of=\"a b\"}", "\n::: ", "\n:::\n",
    "\n::::\n", "\n:::: ", "figure", " {src=a.jpg alt=\"b\"}", "gallery", " {caption=\"c. D\"}", "box",
    " {title=\"a: b\"}", "table", "embed", " {url=https://e.org/x}", "pull-quote", " {by=\"A, b\"}", "\n> ", ">",
    "\n- ", "\n* ", "\n1. ", "\n2) ", "\n   ", "\n    ", "\n# ", "\n### ", "#", "\n---\n", "\n===\n", "\n***\n",
    "\n```\n", "\n```rust\n", "|", "\n| a | b |\n|---|:-:|\n| c | d |\n", "— ", "-- ", "— ?", ", ", "19 May 2025",
    "<br>", "<em>", "</em>", "<strong>", "</strong>", "<sub>", "</sub>", "<script>", "<!-- c -->", "&amp;", "&#32;",
    "&#10;", "&#42;", "&", "\\", "\\*", "\\[", "\"", "'", ":", "https://e.org", "<https://e.org>", "javascript:x",
    "é", "字", "、", "مرحبا", "\u{a0}", "\u{200b}", "👩‍👩‍👧", "1", "1.", "=", "+", "-", "%", "\u{FDD0}",
];

pub(crate) fn fragment() -> impl Strategy<Value = String> {
    prop_oneof![9 => prop::sample::select(FRAGMENTS).prop_map(str::to_owned), 1 => "\\PC{1,3}"]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_the_same(parts in prop::collection::vec(fragment(), 0..24)) {
        same_again(&parts.concat())?;
    }

    #[test]
    fn any_text_reads_the_same_once_written(text in "(\\PC|\\n){0,200}") {
        same_again(&text)?;
    }
}

#[test]
fn what_was_not_understood_is_named_with_its_line() {
    let check = |text: &str, line: u32, words: &str| {
        let notices = parse_after(text, 10).unwrap().notices;
        let found = notices.iter().any(|notice| notice.line == line && notice.sentence.contains(words));
        assert!(found, "{text:?} gave {notices:?}");
    };
    check("a\n\n<script>x</script>", 13, "HTML was left out: `<script>");
    check("a <i onclick=x>b</i>", 11, "HTML was left out");
    check("a\n[b](javascript:x)", 12, "A link was left out");
    check("![b](javascript:x)", 11, "A picture was left out");
    check("\n::: weird {a=b}\nx\n:::", 12, "no container called `weird`");
    check("::: box\nx", 11, "never closed");
    check("::: figure\nx\n:::", 11, "lacks what it needs: src");
    check("::: figure {src=a.jpg focus=\"2,x\"}\n:::", 11, "two numbers between 0 and 1");
    check("::: box {title=}\nx\n:::", 11, "could not be read");
    check("[^a]: nobody asks", 11, "No text mentions the footnote `a`");
}

#[test]
fn only_limits_refuse_a_text() {
    assert_eq!(parse(&"a".repeat(BODY_BYTES_MAX + 1)).unwrap_err(), TooMuch::Bytes(BODY_BYTES_MAX + 1));
    assert_eq!(parse(&"> ".repeat(40)).map(|p| p.notices), Err(TooMuch::Levels { line: 1 }));
    assert!(parse(&format!("{}a", "> ".repeat(30))).is_ok());
    assert!(matches!(parse(&"a\n\n".repeat(BLOCKS_MAX + 1)).unwrap_err(), TooMuch::Blocks { .. }));
    // Each repeated over 100 KB: a hang would be seen here.
    for deep in [
        "*",
        "[",
        "![",
        "<em>",
        "~",
        "^",
        "`",
        "> ",
        "- ",
        "[^1]",
        "&",
        "<",
        "|",
        "::: box\n",
        "(",
        "**a ",
        "]{a=\"",
        "\n> — , ",
        "[a](",
        "*a_ ",
        "\n- ",
        "\n\n[^a]: x",
        "a\n|-|\n",
        "<a ",
        "~~a~",
        "\n> a",
        "![a](b)",
        "<br>",
        "- + ",
        "::: ",
        "\n1. ",
        "[a]",
        "[x]: y\n",
        "&amp;",
        "\\",
        "**",
        "<a",
        "[a]{.b}",
        "\n> — a",
        "[^a]\n\n[^a]: ",
        "a\\\n— , ",
        "<!--",
        "<?",
        "> a\n>> ",
        "*a **b ",
    ] {
        if let Ok(parsed) = parse(&deep.repeat(100_000 / deep.len())) {
            write(&parsed.document);
        }
    }
}

#[test]
fn places_count_characters_and_lines_of_the_file() {
    let parsed = parse_after("é é\n\n> “字”\n", 4).unwrap();
    let places: Vec<Place> = parsed.document.blocks.iter().map(|block| block.place).collect();
    assert_eq!(places[0], Place { line: 5, column: 1, end_line: 5, end_column: 3 });
    assert_eq!(places[1], Place { line: 7, column: 1, end_line: 7, end_column: 5 });
    assert_eq!(parsed.notices, Vec::<Notice>::new());
}

#[test]
fn marks_keep_their_keys_and_unclosed_ones_stay_text() {
    let spans = |text: &str| match read(text).blocks.swap_remove(0).kind {
        BlockKind::Paragraph(spans) => spans,
        other => panic!("{other:?}"),
    };
    let mark = spans("[The force *may* come]{.event on=2025-08-19 issue=\"UN support office\"}, he said");
    let Span::Mark { class, pairs, text } = &mark[0] else { panic!("{mark:?}") };
    assert_eq!((class.as_str(), pairs.len(), spans_text(text).as_str()), ("event", 2, "The force may come"));
    assert_eq!(pairs[1], ("issue".to_owned(), "UN support office".to_owned()));
    for text in ["[open {.event}", "[a] {.event}", "[a]{event}", "a]{.event}", "\\[a]{.event}", "[*a]{.event}*"] {
        let spans = spans(text);
        assert!(!spans.iter().any(|span| matches!(span, Span::Mark { .. })), "{text}: {spans:?}");
    }
}

#[test]
fn a_quote_knows_who_said_it() {
    let said = |text: &str| match read(text).blocks.swap_remove(0).kind {
        BlockKind::Quote(quote) => quote.attribution,
        other => panic!("{other:?}"),
    };
    assert_eq!(said("> a\n> — ?"), Attribution::NotStated);
    assert_eq!(said("> a"), Attribution::None);
    assert_eq!(said("> — only a dash"), Attribution::None);
    assert!(matches!(said("> a\n> -- B, c"), Attribution::Speaker { name, .. } if name == "B"));
    assert!(matches!(said("> a\n>\n> – B"), Attribution::Speaker { name, .. } if name == "B"));
}
