//! Draws the picture that stands beside a link when somebody passes it on: headline, name, the publication's colours.
//! Words in, PNG out; the same words give the same bytes. Knows no article.

mod letters;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use letters::{Line, Setting};
use tiny_skia::{Color, FillRule, Paint, Path, Pixmap, Rect, Transform};

use crate::page::{Colour, INK_LIGHT, PAPER_LIGHT};

/// Pixels; what messengers and networks ask for (ogp.me, 1.91 : 1).
pub const WIDTH: u32 = 1_200;
pub const HEIGHT: u32 = 630;

const MARGIN: f32 = 72.0;
const MEASURE: f32 = WIDTH as f32 - 2.0 * MARGIN;
/// The band at the top, in the accent.
const BAND: f32 = 14.0;
/// Sizes of a headline with the most lines each may fill, largest first.
const HEADLINE_SIZES: [(f32, usize); 6] = [(84.0, 3), (70.0, 4), (58.0, 5), (48.0, 6), (40.0, 7), (34.0, 8)];
const LABEL_SIZE: f32 = 30.0;
const NAME_SIZE: f32 = 38.0;
/// Between two base lines, in sizes.
const LEADING: f32 = 1.22;
/// Arabic letters reach further up and down.
const LEADING_RTL: f32 = 1.5;
/// Characters of a headline that are looked at.
const HEADLINE_CHARACTERS_MAX: usize = 300;

/// What a share picture says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharePicture {
    pub headline: String,
    /// The section, above the headline; may be empty.
    pub label: String,
    /// The publication, below it.
    pub name: String,
    pub is_right_to_left: bool,
    /// Of the band and the label.
    pub accent: Colour,
}

/// Whether every letter of `text` can be drawn: those of Latin and Arabic scripts. Others would need fonts larger than
/// the whole program; pages in them are passed on with the publication's card.
pub fn has_letters_for(text: &str) -> bool {
    letters::cover(&plain(text))
}

/// Whether `text` can stand at the foot of a picture: on one line, letter by letter.
pub fn fits_the_foot(text: &str) -> bool {
    let setting = Setting { size: NAME_SIZE, is_right_to_left: false };
    has_letters_for(text) && letters::set(&plain(text), &setting, MEASURE).len() <= 1
}

/// What is drawn of a text: no signs that nobody sees, one space between words.
fn plain(text: &str) -> String {
    let seen: String = text.chars().filter(|c| !letters::is_unseen(*c)).take(HEADLINE_CHARACTERS_MAX).collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The picture as PNG, [`WIDTH`] × [`HEIGHT`], well below the 300 KB that WhatsApp still shows. A headline with letters
/// we have not got is left out, and the name stands large in its place.
pub fn draw(share: &SharePicture) -> Vec<u8> {
    let mut sheet = Sheet::new(share);
    sheet.fill(Rect::from_xywh(0.0, 0.0, WIDTH as f32, BAND), share.accent);
    let headline = plain(&share.headline);
    if headline.is_empty() || !has_letters_for(&headline) {
        if has_letters_for(&share.name) {
            sheet.headline(&share.name, MARGIN, HEIGHT as f32 - MARGIN, true);
        }
        return sheet.png();
    }
    let mut top = MARGIN + BAND;
    if !share.label.is_empty() && has_letters_for(&share.label) {
        sheet.line(&share.label, LABEL_SIZE, top + LABEL_SIZE, share.accent);
        top += LABEL_SIZE * 2.0;
    }
    let mut bottom = HEIGHT as f32 - MARGIN;
    if !share.name.is_empty() && has_letters_for(&share.name) {
        sheet.line(&share.name, NAME_SIZE, bottom, INK_LIGHT);
        bottom -= NAME_SIZE * 1.6;
        sheet.fill(Rect::from_xywh(MARGIN, bottom, MEASURE, 3.0), INK_LIGHT);
        bottom -= NAME_SIZE * 0.6;
    }
    sheet.headline(&headline, top, bottom, share.label.is_empty());
    sheet.png()
}

/// The picture while it is being drawn.
struct Sheet {
    pixels: Pixmap,
    is_right_to_left: bool,
}

impl Sheet {
    fn new(share: &SharePicture) -> Self {
        let mut pixels = Pixmap::new(WIDTH, HEIGHT).expect("the sides are not zero");
        let [red, green, blue] = PAPER_LIGHT.rgb();
        pixels.fill(Color::from_rgba8(red, green, blue, 255));
        Self { pixels, is_right_to_left: share.is_right_to_left }
    }

    fn setting(&self, size: f32) -> Setting {
        Setting { size, is_right_to_left: self.is_right_to_left }
    }

    /// In the largest size in which it fits between `top` and `bottom`, from the top or in the middle; the smallest is
    /// cut where it ends.
    fn headline(&mut self, text: &str, top: f32, bottom: f32, is_in_the_middle: bool) {
        let leading = if self.is_right_to_left { LEADING_RTL } else { LEADING };
        let fits = |lines: &[Line], size: f32, most: usize| {
            lines.len() <= most
                && lines.len() as f32 * size * leading <= bottom - top
                && lines.iter().all(|line| line.width <= MEASURE)
        };
        let mut set = (Vec::new(), LABEL_SIZE);
        for (size, most) in HEADLINE_SIZES {
            let lines = letters::set(text, &self.setting(size), MEASURE);
            let done = fits(&lines, size, most);
            set = (lines, size);
            if done {
                break;
            }
        }
        let (lines, size) = set;
        let room = ((bottom - top) / (size * leading)).max(1.0) as usize;
        let left = bottom - top - lines.len().min(room) as f32 * size * leading;
        let top = if is_in_the_middle { top + left.max(0.0) / 2.0 } else { top };
        for (at, line) in lines.iter().take(room).enumerate() {
            let base = top + size * (leading * at as f32 + (leading + 0.6) / 2.0);
            self.print(line, base, INK_LIGHT);
        }
    }

    /// One line, cut where the margin begins.
    fn line(&mut self, text: &str, size: f32, base: f32, colour: Colour) {
        let lines = letters::set(text, &self.setting(size), MEASURE);
        if let Some(first) = lines.first() {
            self.print(first, base, colour);
        }
    }

    fn print(&mut self, line: &Line, base: f32, colour: Colour) {
        let start = if self.is_right_to_left { WIDTH as f32 - MARGIN - line.width } else { MARGIN };
        if let Some(path) = line.path(start, base) {
            self.ink(&path, colour);
        }
    }

    fn fill(&mut self, rect: Option<Rect>, colour: Colour) {
        if let Some(rect) = rect {
            self.pixels.fill_rect(rect, &paint(colour), Transform::identity(), None);
        }
    }

    fn ink(&mut self, path: &Path, colour: Colour) {
        self.pixels.fill_path(path, &paint(colour), FillRule::Winding, Transform::identity(), None);
    }

    fn png(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let opaque: Vec<u8> = self.pixels.data().chunks_exact(4).flat_map(|pixel| pixel[..3].to_vec()).collect();
        PngEncoder::new_with_quality(&mut out, CompressionType::Best, FilterType::Sub)
            .write_image(&opaque, WIDTH, HEIGHT, ExtendedColorType::Rgb8)
            .expect("writing to memory cannot fail");
        out
    }
}

fn paint(colour: Colour) -> Paint<'static> {
    let [red, green, blue] = colour.rgb();
    let mut paint = Paint::default();
    paint.set_color_rgba8(red, green, blue, 255);
    paint
}

#[cfg(test)]
mod tests;
