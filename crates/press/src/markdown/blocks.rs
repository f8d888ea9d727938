//! Walks comrak's tree and builds blocks. Keeps the limits, the notices and the footnote definitions.

use std::collections::HashMap;

use comrak::nodes::{ListType, Node, NodeCodeBlock, NodeTable, NodeValue, TableAlignment};
use newsroom::document::{
    Alignment, Attribution, Block, BlockKind, Document, Figure, Place, Quote, Span, Table, safe_link,
};

use super::{BLOCKS_MAX, LEVELS_MAX, Notice, TooMuch, containers, quote, reveal, reveal_code, spans, tidy};

/// The state of one reading.
pub(super) struct Reader<'a> {
    pub(super) notices: Vec<Notice>,
    /// The source, line by line, to see whether a container was closed.
    lines: &'a [&'a str],
    lines_before: u32,
    blocks: usize,
    definitions: Vec<Node<'a>>,
    names: HashMap<String, u32>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(root: Node<'a>, lines: &'a [&'a str], lines_before: u32) -> Self {
        let mut reader = Reader {
            notices: Vec::new(),
            lines,
            lines_before,
            blocks: 0,
            definitions: Vec::new(),
            names: HashMap::new(),
        };
        let mut stack = vec![root];
        while let Some(node) = stack.pop() {
            if let NodeValue::FootnoteDefinition(definition) = &node.data().value {
                let at = u32::try_from(reader.definitions.len()).unwrap_or(u32::MAX);
                reader.names.insert(definition.name.to_lowercase(), at);
                reader.definitions.push(node);
            } else {
                stack.extend(node.reverse_children());
            }
        }
        reader
    }

    pub(super) fn document(&mut self, root: Node<'a>) -> Result<Document, TooMuch> {
        Ok(Document { blocks: self.children(root, 0)?, notes: Vec::new() })
    }

    /// The name and the blocks of one footnote definition.
    pub(super) fn definition(&mut self, at: u32) -> Result<(String, Vec<Block>), TooMuch> {
        let Some(node) = self.definitions.get(at as usize).copied() else { return Ok(Default::default()) };
        let name = match &node.data().value {
            NodeValue::FootnoteDefinition(definition) => reveal(&definition.name),
            _ => String::new(),
        };
        Ok((name, self.children(node, 1)?))
    }

    /// Where a footnote of this name is defined.
    pub(super) fn note(&self, name: &str) -> Option<u32> {
        self.names.get(&name.to_lowercase()).copied()
    }

    pub(super) fn notice(&mut self, line: u32, sentence: impl Into<String>) {
        self.notices.push(Notice { line, sentence: sentence.into() });
    }

    pub(super) fn notice_html(&mut self, html: &str, line: u32) {
        let start: String = html.trim().chars().take(30).collect();
        self.notice(line, format!("HTML was left out: `{}`. Write it in Markdown.", start.replace(['\n', '`'], " ")));
    }

    pub(super) fn notice_unmentioned(&mut self, mentioned: impl Fn(u32) -> bool) {
        for at in 0..self.definitions.len() {
            if u32::try_from(at).is_ok_and(&mentioned) {
                continue;
            }
            let node = self.definitions[at];
            if let NodeValue::FootnoteDefinition(definition) = &node.data().value {
                let sentence =
                    format!("No text mentions the footnote `{}`; it was left out.", reveal(&definition.name));
                self.notice(self.line(node), sentence);
            }
        }
    }

    /// The address of a picture if it may stand on our pages.
    pub(super) fn source(&mut self, source: &str, line: u32) -> Option<String> {
        let source = source.trim();
        if source.is_empty() || !(safe_link(source) || source.starts_with("picture:")) {
            self.notice(line, "A picture was left out because its address may not stand on our pages.");
            return None;
        }
        Some(source.to_owned())
    }

    pub(super) fn line(&self, node: Node<'a>) -> u32 {
        u32::try_from(node.data().sourcepos.start.line).unwrap_or(u32::MAX).saturating_add(self.lines_before)
    }

    pub(super) fn place(&self, node: Node<'a>) -> Place {
        let at = node.data().sourcepos;
        let line = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).saturating_add(self.lines_before);
        // comrak counts bytes; its own counting of characters takes the square of a line's length.
        let column = |at: comrak::nodes::LineColumn| {
            let line = self.lines.get(at.line.wrapping_sub(1)).copied().unwrap_or_default();
            let characters = line.char_indices().take_while(|(byte, _)| *byte < at.column).count();
            u32::try_from(characters + at.column.saturating_sub(line.len())).unwrap_or(u32::MAX)
        };
        Place {
            line: line(at.start.line),
            column: column(at.start),
            end_line: line(at.end.line),
            end_column: column(at.end),
        }
    }

    /// Whether the last line of a container is a fence.
    pub(super) fn is_closed(&self, node: Node<'a>) -> bool {
        let at = node.data().sourcepos;
        let last = self.lines.get(at.end.line.wrapping_sub(1)).copied().unwrap_or_default();
        let fence = last.trim_start_matches(['>', ' ', '\t']).trim_end();
        at.end.line > at.start.line && fence.len() >= 3 && fence.chars().all(|c| c == ':')
    }

    pub(super) fn children(&mut self, parent: Node<'a>, level: usize) -> Result<Vec<Block>, TooMuch> {
        let mut out = Vec::new();
        for node in parent.children() {
            self.push(node, level, &mut out)?;
        }
        Ok(out)
    }

    /// Adds what a node becomes: one block, several (an unknown container) or none (raw HTML).
    pub(super) fn push(&mut self, node: Node<'a>, level: usize, out: &mut Vec<Block>) -> Result<(), TooMuch> {
        let place = self.place(node);
        if level > LEVELS_MAX {
            return Err(TooMuch::Levels { line: place.line });
        }
        self.blocks += 1;
        if self.blocks > BLOCKS_MAX {
            return Err(TooMuch::Blocks { line: place.line });
        }
        let value = node.data().value.clone();
        let kind = match value {
            NodeValue::Paragraph => self.paragraph(node),
            NodeValue::Heading(heading) => {
                let text = tidy::spans(spans::read(self, node));
                (!text.is_empty()).then_some(BlockKind::Heading { level: heading.level.clamp(2, 4), text })
            }
            NodeValue::List(list) => {
                let start = (list.list_type == ListType::Ordered).then(|| u32::try_from(list.start).unwrap_or(1));
                Some(BlockKind::List { start, items: self.items(node, level + 1)? })
            }
            NodeValue::BlockQuote => self.quote(node, level + 1)?,
            NodeValue::CodeBlock(code) => Some(code_block(&code)),
            NodeValue::ThematicBreak => Some(BlockKind::Rule),
            NodeValue::Table(table) => Some(BlockKind::Table(self.table(node, &table))),
            NodeValue::BlockDirective(directive) => {
                return containers::push(self, node, &reveal(&directive.info), level, out);
            }
            NodeValue::HtmlBlock(html) => {
                self.notice_html(&reveal(&html.literal), place.line);
                None
            }
            NodeValue::FootnoteDefinition(_) => None,
            // Nothing else is switched on in the parser; should comrak ever hand it out, its blocks stay.
            _ => {
                out.extend(self.children(node, level + 1)?);
                None
            }
        };
        out.extend(kind.map(|kind| Block { place, kind }));
        Ok(())
    }

    fn items(&mut self, list: Node<'a>, level: usize) -> Result<Vec<Vec<Block>>, TooMuch> {
        list.children().map(|item| self.children(item, level)).collect()
    }

    /// A paragraph, or the figure that an image alone in its paragraph is.
    fn paragraph(&mut self, node: Node<'a>) -> Option<BlockKind> {
        let raw = spans::read(self, node);
        paragraph_kind(node, tidy::spans(raw))
    }

    fn quote(&mut self, node: Node<'a>, level: usize) -> Result<Option<BlockKind>, TooMuch> {
        let last = node.last_child().filter(|last| matches!(last.data().value, NodeValue::Paragraph));
        let Some(last) = last else {
            let blocks = self.children(node, level)?;
            return Ok(kept(blocks, Attribution::None));
        };
        let mut blocks = Vec::new();
        for child in node.children().take_while(|child| !child.same_node(last)) {
            self.push(child, level, &mut blocks)?;
        }
        let raw = spans::read(self, last);
        let place = self.place(last);
        if let Some((before, attribution)) = quote::split_last_line(&tidy_keeping_lines(raw.clone())) {
            let before = tidy::spans(before);
            if !blocks.is_empty() || !before.is_empty() {
                blocks.extend(paragraph_kind(last, before).map(|kind| Block { place, kind }));
                return Ok(kept(blocks, attribution));
            }
        }
        blocks.extend(paragraph_kind(last, tidy::spans(raw)).map(|kind| Block { place, kind }));
        Ok(kept(blocks, Attribution::None))
    }

    fn table(&mut self, node: Node<'a>, table: &NodeTable) -> Table {
        let columns = table.alignments.iter().map(|a| match a {
            TableAlignment::None => Alignment::None,
            TableAlignment::Left => Alignment::Start,
            TableAlignment::Center => Alignment::Center,
            TableAlignment::Right => Alignment::End,
        });
        let columns: Vec<Alignment> = columns.collect();
        let mut rows: Vec<Vec<Vec<Span>>> = Vec::new();
        for row in node.children() {
            let mut cells: Vec<Vec<Span>> = row.children().map(|cell| tidy::spans(spans::read(self, cell))).collect();
            cells.resize(columns.len(), Vec::new());
            rows.push(cells);
        }
        let head = if rows.is_empty() { Vec::new() } else { rows.remove(0) };
        Table { caption: Vec::new(), columns, head, rows }
    }
}

fn kept(blocks: Vec<Block>, attribution: Attribution) -> Option<BlockKind> {
    (!blocks.is_empty()).then_some(BlockKind::Quote(Quote { blocks, attribution }))
}

/// Texts merged, line ends kept: what the search for an attribution line needs.
fn tidy_keeping_lines(spans: Vec<Span>) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::new();
    for span in spans {
        match (out.last_mut(), span) {
            (Some(Span::Text(merged)), Span::Text(text)) => merged.push_str(&text),
            (_, span) => out.push(span),
        }
    }
    out
}

fn paragraph_kind<'a>(node: Node<'a>, mut spans: Vec<Span>) -> Option<BlockKind> {
    match spans.as_mut_slice() {
        [] => None,
        [Span::Picture { source, alt }] => {
            let title = node.descendants().find_map(|child| match &child.data().value {
                NodeValue::Image(image) => Some(reveal(&image.title)),
                _ => None,
            });
            let title = title.unwrap_or_default();
            let caption = tidy::spans(vec![Span::Text(title)]);
            let (source, alt) = (std::mem::take(source), std::mem::take(alt));
            Some(BlockKind::Figure(Figure { source, alt, caption, credit: None, focus: None }))
        }
        _ => Some(BlockKind::Paragraph(spans)),
    }
}

fn code_block(code: &NodeCodeBlock) -> BlockKind {
    let language = reveal(&code.info);
    let language = language.split_whitespace().next().unwrap_or_default();
    let is_name = !language.is_empty() && language.chars().all(|c| c.is_alphanumeric() || "+-_.#".contains(c));
    let text = reveal_code(&code.literal);
    let text = text.strip_suffix('\n').unwrap_or(&text).to_owned();
    BlockKind::Code { language: is_name.then(|| language.to_owned()), text }
}
