//! From kept Markdown to a document, and from a document's picture names to kept pictures.

use crate::error::Error;
use newsroom::document::{Block, BlockKind, Document, Figure};
use newsroom::id::PictureId;
use newsroom::refusal::Refusal;
use press::markdown::{self, Parsed};
use store::Rendition;

/// How a kept body names a picture of the library.
const PICTURE: &str = "picture:";

/// Reads a body; one that is too much is refused with its sentence.
pub fn parse(body: &str) -> Result<Parsed, Error> {
    markdown::parse(body).map_err(|too_much| Refusal::Other(too_much.to_string()).into())
}

/// The picture that `picture:ID` names.
pub fn picture_id(source: &str) -> Option<PictureId> {
    source.strip_prefix(PICTURE)?.parse().ok()
}

/// How to name `picture` in a body.
pub fn picture_source(picture: PictureId) -> String {
    format!("{PICTURE}{picture}")
}

/// Address of the smallest rendition that is at least `width` wide, or the widest there is.
/// `format`: `jpeg` or `webp`.
pub fn rendition_href(renditions: &[Rendition], width: u32, format: &str) -> Option<String> {
    let of_format = || renditions.iter().filter(|rendition| rendition.format == format);
    let wide_enough = of_format().filter(|rendition| rendition.width >= width).min_by_key(|rendition| rendition.width);
    wide_enough.or_else(|| of_format().max_by_key(|rendition| rendition.width)).map(media_href)
}

/// Where readers get a rendition: named by its content, so that it can be kept for ever.
pub fn media_href(rendition: &Rendition) -> String {
    let end = if rendition.format == "jpeg" { "jpg" } else { rendition.format.as_str() };
    format!("/media/{}-{}.{end}", rendition.hash, rendition.width)
}

/// Gives every picture of `document` the name that `library` knows for it.
pub fn rename_pictures(document: &mut Document, library: &impl Fn(&str) -> Option<String>) {
    rename(&mut document.blocks, library);
    for note in &mut document.notes {
        rename(&mut note.blocks, library);
    }
}

fn rename(blocks: &mut [Block], library: &impl Fn(&str) -> Option<String>) {
    let one = |figure: &mut Figure| {
        if let Some(name) = library(&figure.source) {
            figure.source = name;
        }
    };
    for block in blocks {
        match &mut block.kind {
            BlockKind::Figure(figure) => one(figure),
            BlockKind::Gallery { figures, .. } => figures.iter_mut().for_each(one),
            BlockKind::List { items, .. } => items.iter_mut().for_each(|item| rename(item, library)),
            BlockKind::Quote(quote) => rename(&mut quote.blocks, library),
            BlockKind::Aside { blocks, .. } => rename(blocks, library),
            BlockKind::Paragraph(_)
            | BlockKind::Heading { .. }
            | BlockKind::PullQuote(_)
            | BlockKind::Table(_)
            | BlockKind::Code { .. }
            | BlockKind::Rule
            | BlockKind::Embed(_) => {}
        }
    }
}
