//! Fenced containers: `::: figure {src=a.jpg}`. What is not understood keeps its contents as plain blocks.

use comrak::nodes::{Node, NodeValue};
use newsroom::document::{AsideKind, Block, BlockKind, Embed, Figure, PullQuote, Span, safe_link, spans_text};

use super::attributes::{self, Attributes};
use super::blocks::Reader;
use super::{TooMuch, reveal, spans, tidy};

/// Adds what a container becomes, and whatever inside it has no place there.
pub(super) fn push<'a>(
    reader: &mut Reader<'a>,
    node: Node<'a>,
    info: &str,
    level: usize,
    out: &mut Vec<Block>,
) -> Result<(), TooMuch> {
    let line = reader.line(node);
    let (name, attributes) = opening(reader, info, line);
    if !reader.is_closed(node) {
        reader.notice(line, format!("The container `{name}` is opened here and never closed with `:::`."));
        out.extend(reader.children(node, level + 1)?);
        return Ok(());
    }
    if name == "gallery" {
        return gallery(reader, node, &attributes, level, out);
    }
    let mut inner = reader.children(node, level + 1)?;
    let kind = match name.as_str() {
        "figure" => figure(reader, &attributes, &mut inner, line).map(BlockKind::Figure),
        "pull-quote" => pull_quote(&attributes, &mut inner),
        "box" => boxed(reader, &attributes, &mut inner, line),
        "embed" => embed(reader, &attributes, &mut inner, line),
        "table" => table(&attributes, &mut inner),
        _ => {
            reader.notice(line, format!("There is no container called `{name}`; its contents stand as plain text."));
            out.extend(inner);
            return Ok(());
        }
    };
    match kind {
        Some(kind) => {
            out.push(Block { place: reader.place(node), kind });
            if !inner.is_empty() {
                reader.notice(line, format!("Not everything inside `{name}` belongs there; the rest stands after it."));
            }
        }
        None => reader.notice(line, format!("The container `{name}` lacks what it needs{}.", needs(&name))),
    }
    out.extend(inner);
    Ok(())
}

fn needs(name: &str) -> &'static str {
    match name {
        "figure" => ": src",
        "pull-quote" => ": a sentence",
        "embed" => ": url",
        "table" => ": a table",
        "gallery" => ": pictures",
        _ => "",
    }
}

/// The name and the attributes of an opening line.
fn opening(reader: &mut Reader<'_>, info: &str, line: u32) -> (String, Attributes) {
    let name_end = info.find(|c: char| c.is_whitespace() || c == '{').unwrap_or(info.len());
    let (name, rest) = info.split_at(name_end);
    let rest = rest.trim();
    let read = attributes::read(rest).filter(|(_, used)| *used == rest.len());
    if read.is_none() && !rest.is_empty() {
        reader.notice(line, "What stands between the braces could not be read. Write key=\"value\".");
    }
    let name = match name.to_lowercase().as_str() {
        "pullquote" => "pull-quote".to_owned(),
        "aside" => "box".to_owned(),
        other => other.replace('`', ""),
    };
    (name, read.map(|(attributes, _)| attributes).unwrap_or_default())
}

/// Takes the paragraphs out of some blocks and joins them, a break between two.
fn take_text(blocks: &mut Vec<Block>) -> Vec<Span> {
    let mut text = Vec::new();
    blocks.retain_mut(|block| match &mut block.kind {
        BlockKind::Paragraph(spans) => {
            if !text.is_empty() {
                text.push(Span::Break);
            }
            text.append(spans);
            false
        }
        BlockKind::Heading { .. }
        | BlockKind::List { .. }
        | BlockKind::Quote(_)
        | BlockKind::PullQuote(_)
        | BlockKind::Figure(_)
        | BlockKind::Gallery { .. }
        | BlockKind::Table(_)
        | BlockKind::Code { .. }
        | BlockKind::Rule
        | BlockKind::Embed(_)
        | BlockKind::Aside { .. } => true,
    });
    tidy::spans(text)
}

/// The caption of a container: its attribute, else the paragraphs inside.
fn caption(attributes: &Attributes, inner: &mut Vec<Block>) -> Vec<Span> {
    match attributes.get("caption") {
        Some(caption) => tidy::spans(vec![Span::Text(caption.to_owned())]),
        None => take_text(inner),
    }
}

fn figure(reader: &mut Reader<'_>, attributes: &Attributes, inner: &mut Vec<Block>, line: u32) -> Option<Figure> {
    let mut figure = match attributes.get("src") {
        Some(source) => Figure {
            source: reader.source(source, line)?,
            alt: String::new(),
            caption: Vec::new(),
            credit: None,
            focus: None,
        },
        None => take_figure(inner)?,
    };
    if let Some(alt) = attributes.get("alt") {
        figure.alt = alt.to_owned();
    }
    figure.credit = attributes.get("credit").map(str::to_owned);
    figure.focus = attributes.get("focus").and_then(|focus| {
        let read = read_focus(focus);
        if read.is_none() {
            reader.notice(line, "The focus of a picture is two numbers between 0 and 1, such as focus=\"0.4,0.5\".");
        }
        read
    });
    let text = caption(attributes, inner);
    if !text.is_empty() {
        figure.caption = text;
    }
    Some(figure)
}

fn take_figure(inner: &mut Vec<Block>) -> Option<Figure> {
    let at = inner.iter().position(|block| matches!(block.kind, BlockKind::Figure(_)))?;
    match inner.remove(at).kind {
        BlockKind::Figure(figure) => Some(figure),
        _ => None,
    }
}

/// `0.4,0.5`: two shares between 0 and 1, as thousandths.
pub(crate) fn read_focus(text: &str) -> Option<(u16, u16)> {
    let thousandths = |text: &str| {
        let share: f64 = text.trim().parse().ok()?;
        (0.0..=1.0).contains(&share).then(|| (share * 1000.0).round() as u16)
    };
    let (x, y) = text.split_once(',')?;
    Some((thousandths(x)?, thousandths(y)?))
}

fn pull_quote(attributes: &Attributes, inner: &mut Vec<Block>) -> Option<BlockKind> {
    let text = take_text(inner);
    let by = attributes.get("by").map(str::to_owned);
    (!text.is_empty()).then_some(BlockKind::PullQuote(PullQuote { text, by }))
}

fn boxed(reader: &mut Reader<'_>, attributes: &Attributes, inner: &mut Vec<Block>, line: u32) -> Option<BlockKind> {
    let kind = match attributes.get("kind") {
        None => AsideKind::Explainer,
        Some("how-we-know") => AsideKind::HowWeKnow,
        Some(other) => {
            reader.notice(
                line,
                format!("There is no box of the kind `{}`; there is how-we-know.", other.replace('`', "")),
            );
            AsideKind::Explainer
        }
    };
    let title = attributes.get("title").unwrap_or_default().to_owned();
    Some(BlockKind::Aside { kind, title, blocks: std::mem::take(inner) })
}

fn embed(reader: &mut Reader<'_>, attributes: &Attributes, inner: &mut Vec<Block>, line: u32) -> Option<BlockKind> {
    let url = attributes.get("url")?.to_owned();
    if !safe_link(&url) {
        reader.notice(line, "An embed was left out because its address may not stand on our pages.");
        return None;
    }
    let title = match attributes.get("title") {
        Some(title) => title.to_owned(),
        None => spans_text(&take_text(inner)).replace('\n', " "),
    };
    let title = if title.trim().is_empty() { url.clone() } else { title.trim().to_owned() };
    Some(BlockKind::Embed(Embed { url, title }))
}

fn table(attributes: &Attributes, inner: &mut Vec<Block>) -> Option<BlockKind> {
    let at = inner.iter().position(|block| matches!(block.kind, BlockKind::Table(_)))?;
    let BlockKind::Table(mut table) = inner.remove(at).kind else { return None };
    let text = caption(attributes, inner);
    if !text.is_empty() {
        table.caption = text;
    }
    Some(BlockKind::Table(table))
}

fn gallery<'a>(
    reader: &mut Reader<'a>,
    node: Node<'a>,
    attributes: &Attributes,
    level: usize,
    out: &mut Vec<Block>,
) -> Result<(), TooMuch> {
    let mut figures = Vec::new();
    let mut rest = Vec::new();
    for child in node.children() {
        if pictures(reader, child, &mut figures) {
            continue;
        }
        let from = rest.len();
        reader.push(child, level + 1, &mut rest)?;
        while let Some(at) = (from..rest.len()).find(|at| matches!(rest[*at].kind, BlockKind::Figure(_))) {
            if let BlockKind::Figure(figure) = rest.remove(at).kind {
                figures.push(figure);
            }
        }
    }
    let line = reader.line(node);
    if figures.is_empty() {
        reader.notice(line, format!("The container `gallery` lacks what it needs{}.", needs("gallery")));
        out.extend(rest);
        return Ok(());
    }
    let caption = caption(attributes, &mut rest);
    out.push(Block { place: reader.place(node), kind: BlockKind::Gallery { caption, figures } });
    if !rest.is_empty() {
        reader.notice(line, "Not everything inside `gallery` belongs there; the rest stands after it.");
    }
    out.extend(rest);
    Ok(())
}

/// Takes the pictures of a paragraph that holds nothing else.
fn pictures<'a>(reader: &mut Reader<'a>, node: Node<'a>, figures: &mut Vec<Figure>) -> bool {
    let only_pictures = matches!(node.data().value, NodeValue::Paragraph)
        && node.children().all(|child| match &child.data().value {
            NodeValue::Image(_) | NodeValue::SoftBreak | NodeValue::LineBreak => true,
            NodeValue::Text(text) => text.trim().is_empty(),
            _ => false,
        });
    if !only_pictures {
        return false;
    }
    for child in node.children() {
        let image = match &child.data().value {
            NodeValue::Image(image) => image.clone(),
            _ => continue,
        };
        let line = reader.line(child);
        if let Some(source) = reader.source(&reveal(&image.url), line) {
            let (caption, credit) = split_title(reveal(&image.title).trim());
            let caption = tidy::spans(vec![Span::Text(caption)]);
            let alt = spans::plain(child).trim().to_owned();
            figures.push(Figure { source, alt, caption, credit, focus: None });
        }
    }
    true
}

/// `caption. Credit`: what follows the last sentence end is the credit, unless it ends a sentence itself.
pub(super) fn split_title(title: &str) -> (String, Option<String>) {
    let whole = || (title.to_owned(), None);
    if title.ends_with(['.', '?', '!']) {
        return whole();
    }
    let ends: Vec<usize> = title.match_indices(". ").map(|(at, _)| at).collect();
    let is_word_end = |at: &usize| {
        let word = title[..*at].rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        word.chars().count() > 2 || word.chars().any(char::is_numeric)
    };
    match ends.into_iter().rfind(is_word_end) {
        Some(at) => (title[..=at].to_owned(), Some(title[at + 2..].trim().to_owned()).filter(|c| !c.is_empty())),
        None => whole(),
    }
}
