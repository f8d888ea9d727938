//! What changed between two texts, paragraph by paragraph and word by word.
//! Bounded: the work never grows beyond [`CELLS_MAX`] comparisons for one pair of texts; beyond it a passage counts as
//! rewritten. Knows no revision and no page.

/// Comparisons for one table of a longest common subsequence (4 bytes each).
const CELLS_MAX: usize = 1_000_000;
/// Comparisons spent on words in one text; what comes after them is shown as rewritten.
const WORD_CELLS_MAX: usize = 4_000_000;

/// A piece of a text and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    /// True for words that stand on one side only.
    pub(crate) changed: bool,
    pub(crate) text: String,
}

/// One step through both texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// So many paragraphs stand in both.
    Same(usize),
    /// A passage before and after; one side is empty where paragraphs were added or taken out.
    Changed { was: Vec<Piece>, is: Vec<Piece> },
}

/// What changed, and how much.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Difference {
    pub(crate) steps: Vec<Step>,
    pub(crate) words_added: usize,
    pub(crate) words_removed: usize,
}

/// Compares two texts whose paragraphs are parted by empty lines.
pub(crate) fn compare(was: &str, is: &str) -> Difference {
    let (was, is) = (paragraphs(was), paragraphs(is));
    let mut difference = Difference::default();
    let mut cells_left = WORD_CELLS_MAX;
    let mut same = 0;
    for run in runs(&was, &is) {
        match run {
            Run::Same(count) => same += count,
            Run::Changed { was: gone, is: new } => {
                if same > 0 {
                    difference.steps.push(Step::Same(std::mem::take(&mut same)));
                }
                difference.passages(&was[gone], &is[new], &mut cells_left);
            }
        }
    }
    if same > 0 {
        difference.steps.push(Step::Same(same));
    }
    difference
}

impl Difference {
    /// True where both texts say the same.
    pub(crate) fn is_none(&self) -> bool {
        self.words_added == 0
            && self.words_removed == 0
            && !self.steps.iter().any(|s| matches!(s, Step::Changed { .. }))
    }

    /// Pairs the paragraphs of a changed run in their order; what is left over was added or taken out.
    fn passages(&mut self, was: &[&str], is: &[&str], cells_left: &mut usize) {
        for at in 0..was.len().max(is.len()) {
            let (before, after) = (was.get(at).copied().unwrap_or(""), is.get(at).copied().unwrap_or(""));
            let (was, is) = words(before, after, cells_left);
            self.words_removed += count(&was);
            self.words_added += count(&is);
            self.steps.push(Step::Changed { was, is });
        }
    }
}

fn count(pieces: &[Piece]) -> usize {
    pieces.iter().filter(|piece| piece.changed).map(|piece| piece.text.split_whitespace().count()).sum()
}

fn paragraphs(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut start = None;
    let mut end = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim().is_empty() {
            if let Some(start) = start.take() {
                all.push(text[start..end].trim_end());
            }
        } else {
            start.get_or_insert(at);
            end = at + line.len();
        }
        at += line.len();
    }
    if let Some(start) = start {
        all.push(text[start..end].trim_end());
    }
    all
}

/// Words with the space after them, so that pieces can be put together again.
fn tokens(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut start = 0;
    let mut spaced = false;
    for (at, letter) in text.char_indices() {
        if spaced && !letter.is_whitespace() {
            all.push(&text[start..at]);
            start = at;
        }
        spaced = letter.is_whitespace();
    }
    if start < text.len() {
        all.push(&text[start..]);
    }
    all
}

fn words(was: &str, is: &str, cells_left: &mut usize) -> (Vec<Piece>, Vec<Piece>) {
    let (before, after) = (tokens(was), tokens(is));
    let (bare_before, bare_after): (Vec<&str>, Vec<&str>) =
        (before.iter().map(|t| t.trim_end()).collect(), after.iter().map(|t| t.trim_end()).collect());
    let cells = before.len() * after.len();
    let affordable = cells <= *cells_left;
    *cells_left = cells_left.saturating_sub(cells);
    let mut out = (Vec::new(), Vec::new());
    if !affordable {
        push(&mut out.0, true, was);
        push(&mut out.1, true, is);
        return out;
    }
    let (mut at_was, mut at_is) = (0, 0);
    for run in runs(&bare_before, &bare_after) {
        match run {
            Run::Same(count) => {
                push(&mut out.0, false, &before[at_was..at_was + count].concat());
                push(&mut out.1, false, &after[at_is..at_is + count].concat());
                at_was += count;
                at_is += count;
            }
            Run::Changed { was, is } => {
                push(&mut out.0, true, &before[was.clone()].concat());
                push(&mut out.1, true, &after[is.clone()].concat());
                (at_was, at_is) = (was.end, is.end);
            }
        }
    }
    out
}

/// Adds a piece; the space at the end of a changed one stays outside its mark.
fn push(pieces: &mut Vec<Piece>, changed: bool, text: &str) {
    let bare = if changed { text.trim_end() } else { text };
    if !bare.is_empty() {
        pieces.push(Piece { changed, text: bare.to_owned() });
    }
    if bare.len() < text.len() {
        pieces.push(Piece { changed: false, text: text[bare.len()..].to_owned() });
    }
}

#[derive(Debug)]
enum Run {
    Same(usize),
    Changed { was: std::ops::Range<usize>, is: std::ops::Range<usize> },
}

/// The longest common subsequence as runs, common ends first. Beyond [`CELLS_MAX`] the middle is one change.
fn runs(was: &[&str], is: &[&str]) -> Vec<Run> {
    let head = was.iter().zip(is).take_while(|(a, b)| a == b).count();
    let tail = was[head..].iter().rev().zip(is[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (mid_was, mid_is) = (&was[head..was.len() - tail], &is[head..is.len() - tail]);
    let mut all = Vec::new();
    same(&mut all, head);
    if mid_was.len().saturating_mul(mid_is.len()) <= CELLS_MAX {
        middle(&mut all, mid_was, mid_is, head);
    } else {
        changed(&mut all, head..head + mid_was.len(), head..head + mid_is.len());
    }
    same(&mut all, tail);
    all
}

fn middle(all: &mut Vec<Run>, was: &[&str], is: &[&str], head: usize) {
    let width = is.len() + 1;
    let mut table = vec![0_u32; (was.len() + 1) * width];
    for a in (0..was.len()).rev() {
        for b in (0..is.len()).rev() {
            table[a * width + b] = if was[a] == is[b] {
                table[(a + 1) * width + b + 1] + 1
            } else {
                table[(a + 1) * width + b].max(table[a * width + b + 1])
            };
        }
    }
    let (mut a, mut b, mut from_a, mut from_b) = (0, 0, 0, 0);
    while a < was.len() && b < is.len() {
        if was[a] == is[b] {
            changed(all, head + from_a..head + a, head + from_b..head + b);
            same(all, 1);
            (a, b) = (a + 1, b + 1);
            (from_a, from_b) = (a, b);
        } else if table[(a + 1) * width + b] >= table[a * width + b + 1] {
            a += 1;
        } else {
            b += 1;
        }
    }
    changed(all, head + from_a..head + was.len(), head + from_b..head + is.len());
}

fn same(all: &mut Vec<Run>, more: usize) {
    match all.last_mut() {
        Some(Run::Same(count)) => *count += more,
        Some(Run::Changed { .. }) | None if more > 0 => all.push(Run::Same(more)),
        Some(Run::Changed { .. }) | None => {}
    }
}

fn changed(all: &mut Vec<Run>, was: std::ops::Range<usize>, is: std::ops::Range<usize>) {
    if !was.is_empty() || !is.is_empty() {
        all.push(Run::Changed { was, is });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `-gone-` and `+new+` stand for marked pieces.
    fn shown(pieces: &[Piece], mark: &str) -> String {
        pieces.iter().map(|p| if p.changed { format!("{mark}{}{mark}", p.text) } else { p.text.clone() }).collect()
    }

    fn check(was: &str, is: &str, rows: &[(&str, &str)], added: usize, removed: usize) {
        let difference = compare(was, is);
        let got: Vec<(String, String)> = difference
            .steps
            .iter()
            .map(|step| match step {
                Step::Same(count) => (format!("={count}"), String::new()),
                Step::Changed { was, is } => (shown(was, "-"), shown(is, "+")),
            })
            .collect();
        let want: Vec<(String, String)> = rows.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
        assert_eq!(got, want, "{was:?} | {is:?}");
        assert_eq!((difference.words_added, difference.words_removed), (added, removed), "{was:?} | {is:?}");
    }

    #[test]
    fn a_changed_word_is_marked_on_both_sides_and_nothing_else() {
        check("Kenya will leave.", "Kenya may leave.", &[("Kenya -will- leave.", "Kenya +may+ leave.")], 1, 1);
        check("a b c", "a b c", &[("=1", "")], 0, 0);
        check("a b", "a b c", &[("a b", "a b +c+")], 1, 0);
        check("one two  three", "one two three", &[("=1", "")].map(|_| ("one two  three", "one two three")), 0, 0);
        check("", "", &[], 0, 0);
    }

    #[test]
    fn paragraphs_that_stayed_are_counted_and_not_shown() {
        check("a\n\nb\n\nc", "a\n\nx\n\nc", &[("=1", ""), ("-b-", "+x+"), ("=1", "")], 1, 1);
        check("a\n\nc", "a\n\nnew one\n\nc", &[("=1", ""), ("", "+new one+"), ("=1", "")], 2, 0);
        check("a\r\n\r\nc\r\n", "a\n\nc", &[("=2", "")], 0, 0);
        check("سد نهارا", "سد تشكا", &[("سد -نهارا-", "سد +تشكا+")], 1, 1);
    }

    #[test]
    fn two_long_and_different_texts_are_compared_in_bounded_work() {
        let was: String = (0..30_000).map(|n| format!("a{n} ")).collect();
        let is: String = (0..30_000).map(|n| format!("b{n} ")).collect();
        let difference = compare(&was, &is);
        assert_eq!((difference.words_added, difference.words_removed), (30_000, 30_000));
        let was = was.replace(' ', "\n\n");
        let is = is.replace(' ', "\n\n");
        assert_eq!(compare(&was, &is).words_added, 30_000);
    }

    #[test]
    fn both_sides_can_be_put_together_again() {
        let (was, is) = ("one two three, four five", "zero two three four six seven");
        let Step::Changed { was: before, is: after } = &compare(was, is).steps[0] else { panic!("one passage") };
        let whole = |pieces: &[Piece]| pieces.iter().map(|piece| piece.text.as_str()).collect::<String>();
        assert_eq!((whole(before).as_str(), whole(after).as_str()), (was, is));
    }
}
