//! What to look at before publishing: what would be refused, what the text reader noticed, what looks repeated.
//! Pure; says, and forbids nothing.

use super::pages::article::Find;
use newsroom::article::{Article, Copy};
use newsroom::document::{BlockKind, Document, walk};

/// Words in a row that make a standfirst a repetition.
const REPEATED_WORDS_MIN: usize = 9;

/// Everything to look at, what blocks first.
pub(crate) fn finds(article: Option<&Article>, copy: &Copy) -> Vec<Find> {
    let mut all = Vec::new();
    if let Err(refusal) = copy.publishable() {
        all.push(blocks(None, refusal.to_string()));
    }
    if article.is_some_and(|article| article.bylines.is_empty()) {
        all.push(blocks(None, "Name at least one author before publishing."));
    }
    match press::markdown::parse(&copy.body) {
        Ok(parsed) => {
            undescribed(&parsed.document, &mut all);
            all.extend(parsed.notices.into_iter().map(|notice| remark(Some(notice.line), notice.sentence)));
            if repeats(&copy.standfirst, &parsed.document.plain_text()) {
                all.push(remark(None, "The standfirst stands in the text again, word for word. Readers see both."));
            }
        }
        Err(too_much) => all.push(blocks(None, too_much.to_string())),
    }
    if copy.lead.as_ref().is_some_and(|lead| lead.picture.is_some() && lead.credit.trim().is_empty()) {
        all.push(remark(None, "The lead picture has no credit."));
    }
    all
}

fn undescribed(document: &Document, all: &mut Vec<Find>) {
    walk(&document.blocks, &mut |block| {
        let bare = match &block.kind {
            BlockKind::Figure(figure) => figure.alt.trim().is_empty(),
            BlockKind::Gallery { figures, .. } => figures.iter().any(|figure| figure.alt.trim().is_empty()),
            BlockKind::Paragraph(_)
            | BlockKind::Heading { .. }
            | BlockKind::List { .. }
            | BlockKind::Quote(_)
            | BlockKind::PullQuote(_)
            | BlockKind::Table(_)
            | BlockKind::Code { .. }
            | BlockKind::Rule
            | BlockKind::Embed(_)
            | BlockKind::Aside { .. } => false,
        };
        if bare {
            all.push(blocks(Some(block.place.line), "Describe the picture: say what one would see."));
        }
    });
}

fn repeats(standfirst: &str, text: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.split(|letter: char| !letter.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect()
    };
    let (standfirst, text) = (words(standfirst), words(text));
    standfirst
        .windows(REPEATED_WORDS_MIN)
        .any(|run| text.windows(REPEATED_WORDS_MIN).take(2_000).any(|other| run == other))
}

fn blocks(line: Option<u32>, sentence: impl Into<String>) -> Find {
    Find { blocks: true, line, sentence: sentence.into() }
}

fn remark(line: Option<u32>, sentence: impl Into<String>) -> Find {
    Find { blocks: false, line, sentence: sentence.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, standfirst: &str, lines: &[(bool, Option<u32>)]) {
        let copy = Copy { headline: "A".into(), body: body.into(), standfirst: standfirst.into(), ..Copy::default() };
        let got: Vec<(bool, Option<u32>)> = finds(None, &copy).iter().map(|find| (find.blocks, find.line)).collect();
        assert_eq!(got, lines, "{body}");
    }

    #[test]
    fn a_find_names_its_line_and_whether_it_blocks() {
        check("Fine.", "", &[]);
        check("One.\n\n::: figure {src=picture:0000000000001}\n:::\n", "", &[(true, Some(3))]);
        check("One.\n\n![](picture:0000000000001)\n", "", &[(true, Some(3))]);
        check("![A boat](picture:0000000000001 \"At dawn.\")", "", &[]);
        check("", "", &[(true, None)]);
        let words = "The ferries of Port Halewyn sail again after eleven long days";
        check(&format!("{words}."), words, &[(false, None)]);
        check("The ferries sail.", words, &[]);
    }
}
