//! An article's Markdown on its way to paper: parsed once, pictures resolved from what was looked up beforehand.

use std::collections::HashMap;

use newsroom::document::Document;
use newsroom::id::PictureId;
use press::html::WebPaper;
use press::ink::{Labels, PrintedPicture};
use press::page::{Html, Picture};
use store::{Picture as Kept, Rendition};

use super::fault::Fault;
use super::sheet::Sheet;

/// Width of the picture that every program can show (pixels), if there is one so wide.
const PLAIN_WIDTH: u32 = 800;
/// Bytes of a picture beside a link in a messenger.
const PREVIEW_BYTES_MAX: u64 = 300_000;

/// Pictures by id, with their renditions: what one look brought.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shown {
    pictures: HashMap<PictureId, (Kept, Vec<Rendition>)>,
    is_for_staff: bool,
}

/// The widest rendition of a picture.
pub(crate) struct Wide {
    pub(crate) path: String,
    pub(crate) bytes: u64,
    /// Pixels.
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Shown {
    /// Pictures and renditions as the store gives them.
    pub(crate) fn new(pictures: Vec<Kept>, renditions: Vec<Rendition>) -> Shown {
        let mut shown: HashMap<PictureId, (Kept, Vec<Rendition>)> =
            pictures.into_iter().map(|picture| (picture.id, (picture, Vec::new()))).collect();
        for rendition in renditions {
            if let Some((_, all)) = shown.get_mut(&rendition.picture) {
                all.push(rendition);
            }
        }
        Shown { pictures: shown, is_for_staff: false }
    }

    /// Looks up pictures and their renditions.
    pub(crate) fn look(view: &store::View<'_>, ids: &[PictureId]) -> Result<Shown, store::Error> {
        if ids.is_empty() {
            return Ok(Shown::default());
        }
        Ok(Shown::new(view.pictures_among(ids)?, view.renditions(ids)?))
    }

    /// The same pictures at the newsroom's own address.
    #[must_use]
    pub(crate) fn for_staff(mut self) -> Shown {
        self.is_for_staff = true;
        self
    }

    /// Where a rendition is served: under the hash of its original, so that the addresses of one picture differ in
    /// their last letters only and a page compresses well.
    fn address(&self, original: &str, rendition: &Rendition) -> String {
        if self.is_for_staff {
            return format!("/newsroom/media/{}", rendition.hash);
        }
        let ending = if rendition.format == "jpeg" { "jpg" } else { &rendition.format };
        format!("/media/{original}-{}.{ending}", rendition.width)
    }

    /// Addresses and sizes of a picture. None while it has no rendition.
    pub(crate) fn printed(&self, id: PictureId) -> Option<PrintedPicture> {
        let (picture, renditions) = self.pictures.get(&id)?;
        let of = |format: &str| renditions.iter().filter(|one| one.format == format).collect::<Vec<_>>();
        let (jpeg, webp) = (of("jpeg"), of("webp"));
        let srcset = |all: &[&Rendition]| {
            all.iter()
                .map(|one| format!("{} {}w", self.address(&picture.hash, one), one.width))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let all = if jpeg.is_empty() { &webp } else { &jpeg };
        let plain = all.iter().filter(|one| one.width <= PLAIN_WIDTH).max_by_key(|one| one.width).or(all.first())?;
        Some(PrintedPicture {
            src: self.address(&picture.hash, plain),
            width: picture.width,
            height: picture.height,
            webp_srcset: srcset(&webp),
            jpeg_srcset: srcset(&jpeg),
            colour: picture.colour.clone(),
        })
    }

    /// A picture of a page's head or a card.
    pub(crate) fn page_picture(&self, id: PictureId) -> Option<Picture> {
        let printed = self.printed(id)?;
        let some = |srcset: String| Some(srcset).filter(|srcset| !srcset.is_empty());
        Some(Picture {
            tint: printed.tint(),
            src: printed.src,
            srcset: some(printed.jpeg_srcset),
            webp_srcset: some(printed.webp_srcset),
            width: printed.width,
            height: printed.height,
            ..Picture::default()
        })
    }

    /// The widest JPEG, for messengers and machines.
    pub(crate) fn widest(&self, id: PictureId) -> Option<Wide> {
        self.widest_of(id, |_| true)
    }

    /// The narrowest WebP, for a portrait of a finger's width.
    pub(crate) fn narrowest(&self, id: PictureId) -> Option<String> {
        let (picture, renditions) = self.pictures.get(&id)?;
        let narrowest = renditions.iter().filter(|one| one.format == "webp").min_by_key(|one| one.width)?;
        Some(self.address(&picture.hash, narrowest))
    }

    /// The widest JPEG that messengers still show (WhatsApp leaves out what has more than 300 KB).
    pub(crate) fn preview(&self, id: PictureId) -> Option<Wide> {
        self.widest_of(id, |one| one.bytes < PREVIEW_BYTES_MAX)
    }

    fn widest_of(&self, id: PictureId, fits: impl Fn(&Rendition) -> bool) -> Option<Wide> {
        let (picture, renditions) = self.pictures.get(&id)?;
        let widest = renditions.iter().filter(|one| one.format == "jpeg" && fits(one)).max_by_key(|one| one.width)?;
        let (path, bytes) = (self.address(&picture.hash, widest), widest.bytes);
        Some(Wide { path, bytes, width: widest.width, height: widest.height })
    }

    /// What a body's `picture:ID` stands for.
    pub(crate) fn of_source(&self, source: &str) -> Option<PrintedPicture> {
        self.printed(desk::printing::picture_id(source)?)
    }
}

/// Reads a body.
pub(crate) fn parse(markdown: &str) -> Result<Document, Fault> {
    press::markdown::parse(markdown).map(|parsed| parsed.document).map_err(Fault::broken)
}

/// The pictures a document shows.
pub(crate) fn pictures_of(document: &Document) -> Vec<PictureId> {
    let mut ids = Vec::new();
    document.each_figure(&mut |figure| ids.extend(desk::printing::picture_id(&figure.source)));
    ids
}

/// A body as the HTML of a page.
pub(crate) fn html(sheet: &Sheet, markdown: &str, shown: &Shown) -> Result<Html, Fault> {
    Ok(document_html(sheet, &parse(markdown)?, shown))
}

/// A document as the HTML of a page.
pub(crate) fn document_html(sheet: &Sheet, document: &Document, shown: &Shown) -> Html {
    let labels = labels(sheet);
    press::html::print(document, &WebPaper { labels: &labels, pictures: &|source| shown.of_source(source) })
}

/// The printer's words in the sheet's language.
pub(crate) fn labels(sheet: &Sheet) -> Labels {
    Labels::of(&sheet.words)
}

/// A document as plain text; addresses in it are made whole from `url`.
pub(crate) fn text(sheet: &Sheet, document: &Document, url: &str) -> String {
    press::text::print(document, &press::text::TextPaper { labels: &labels(sheet), base: url })
}
