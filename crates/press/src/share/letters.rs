//! Sets a line of Latin or Arabic letters: direction (Unicode bidi), joining and kerning (OpenType), outlines.
//! Two bold faces are embedded, see `fonts/README.md`.

use std::sync::LazyLock;

use harfrust::{Buffer, Direction, Font, ShapeOptions, ShaperFont};
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider};
use tiny_skia::{Path, PathBuilder};
use unicode_bidi::{BidiInfo, Level};

static LATIN: &[u8] = include_bytes!("../../fonts/noto-serif-bold-latin.ttf");
static ARABIC: &[u8] = include_bytes!("../../fonts/noto-naskh-arabic-bold.ttf");

const EMBEDDED: &str = "an embedded font can be read";

struct Face {
    shapes: Font,
    outlines: FontRef<'static>,
    units_per_em: f32,
}

static FACES: LazyLock<[Face; 2]> = LazyLock::new(|| {
    [LATIN, ARABIC].map(|bytes| {
        let outlines = FontRef::new(bytes).expect(EMBEDDED);
        let shapes = Font::new(bytes, 0).expect(EMBEDDED);
        let units_per_em = f32::from(shapes.units_per_em());
        Face { shapes, outlines, units_per_em }
    })
});

/// How a text is set.
pub(super) struct Setting {
    /// Pixels per em.
    pub(super) size: f32,
    pub(super) is_right_to_left: bool,
}

/// A line with its letters in the order in which they stand, from the left.
pub(super) struct Line {
    /// Pixels.
    pub(super) width: f32,
    size: f32,
    letters: Vec<Letter>,
}

struct Letter {
    face: usize,
    glyph: GlyphId,
    x: f32,
    y: f32,
}

/// Whether every letter stands in one of the faces.
pub(super) fn cover(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_joiner(c) || face_of(c).is_some())
}

/// Signs that are not drawn and would turn the order of the others: overrides and isolates of direction, soft hyphens,
/// breaks of no width (Unicode, Default_Ignorable_Code_Point).
pub(super) fn is_unseen(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
        || (letter.is_control() && !letter.is_whitespace())
}

/// Says whether letters join, and is not drawn itself.
fn is_joiner(letter: char) -> bool {
    matches!(letter, '\u{200c}'..='\u{200f}')
}

/// The first face that has the letter.
fn face_of(letter: char) -> Option<usize> {
    FACES.iter().position(|face| face.outlines.charmap().map(letter).is_some())
}

/// The lines of a text within `measure` pixels, as even as they can be. A word that is wider is broken.
pub(super) fn set(text: &str, setting: &Setting, measure: f32) -> Vec<Line> {
    let lines = broken(text, setting, measure);
    if lines.len() < 2 {
        return lines.iter().map(|line| set_line(line, setting)).collect();
    }
    // The narrowest measure that needs no more lines.
    let (mut narrow, mut wide) = (measure / 2.0, measure);
    for _ in 0..6 {
        let middle = f32::midpoint(narrow, wide);
        if broken(text, setting, middle).len() > lines.len() { narrow = middle } else { wide = middle }
    }
    broken(text, setting, wide).iter().map(|line| set_line(line, setting)).collect()
}

/// Breaks at spaces, one word after the other.
fn broken(text: &str, setting: &Setting, measure: f32) -> Vec<String> {
    let wide = |text: &str| set_line(text, setting).width > measure;
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let longer = lines.last().map(|line| format!("{line} {word}")).filter(|longer| !wide(longer));
        match (longer, lines.last_mut()) {
            (Some(longer), Some(last)) => *last = longer,
            _ if wide(word) => lines.extend(pieces(word, &wide)),
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A word that is wider than a line, in pieces that are not.
fn pieces(word: &str, wide: &impl Fn(&str) -> bool) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for letter in word.chars() {
        let last = pieces.last_mut().expect("there is one from the beginning");
        let longer = format!("{last}{letter}");
        if last.is_empty() || !wide(&longer) { *last = longer } else { pieces.push(letter.to_string()) }
    }
    pieces
}

fn set_line(text: &str, setting: &Setting) -> Line {
    let base = if setting.is_right_to_left { Level::rtl() } else { Level::ltr() };
    let bidi = BidiInfo::new(text, Some(base));
    let mut line = Line { width: 0.0, size: setting.size, letters: Vec::new() };
    for paragraph in &bidi.paragraphs {
        let (levels, runs) = bidi.visual_runs(paragraph, paragraph.range.clone());
        for run in runs {
            let is_right_to_left = levels[run.start].is_rtl();
            let mut parts = by_face(&text[run]);
            if is_right_to_left {
                parts.reverse();
            }
            for (face, part) in parts {
                line.add(face, part, is_right_to_left);
            }
        }
    }
    line
}

/// A run cut where another face is needed; spaces and signs stay with what stands before them.
fn by_face(run: &str) -> Vec<(usize, &str)> {
    let mut parts: Vec<(usize, &str)> = Vec::new();
    let mut start = 0;
    let mut current: Option<usize> = None;
    for (at, letter) in run.char_indices() {
        let stays = current.is_some_and(|face| FACES[face].outlines.charmap().map(letter).is_some());
        let face = if stays { current } else { face_of(letter).or(current) };
        if let Some(before) = current.filter(|_| face != current) {
            parts.push((before, &run[start..at]));
            start = at;
        }
        current = face;
    }
    parts.push((current.unwrap_or(0), &run[start..]));
    parts
}

impl Line {
    fn add(&mut self, face: usize, text: &str, is_right_to_left: bool) {
        let mut buffer = Buffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        buffer.set_direction(if is_right_to_left { Direction::RightToLeft } else { Direction::LeftToRight });
        let shaper = ShaperFont::new(&FACES[face].shapes);
        if harfrust::shape(&shaper, &mut buffer, ShapeOptions::new()).is_err() {
            return;
        }
        let scale = self.size / FACES[face].units_per_em;
        for (info, position) in buffer.glyph_infos().iter().zip(buffer.glyph_positions()) {
            self.letters.push(Letter {
                face,
                glyph: GlyphId::new(info.glyph_id),
                x: self.width + position.x_offset as f32 * scale,
                y: position.y_offset as f32 * scale,
            });
            self.width += position.x_advance as f32 * scale;
        }
    }

    /// The outlines with the line's left end at `x` and its base line at `base`. `None` for a line of spaces.
    pub(super) fn path(&self, x: f32, base: f32) -> Option<Path> {
        let mut pen = Pen { path: PathBuilder::new(), x: 0.0, y: 0.0 };
        for letter in &self.letters {
            (pen.x, pen.y) = (x + letter.x, base - letter.y);
            if let Some(outline) = FACES[letter.face].outlines.outline_glyphs().get(letter.glyph) {
                let settings = DrawSettings::unhinted(Size::new(self.size), LocationRef::default());
                // A glyph that cannot be drawn is a blank, as in any reader of fonts.
                let _ = outline.draw(settings, &mut pen);
            }
        }
        pen.path.finish()
    }
}

/// Draws outlines, whose y grows upwards, at a place.
struct Pen {
    path: PathBuilder,
    x: f32,
    y: f32,
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.move_to(self.x + x, self.y - y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.path.line_to(self.x + x, self.y - y);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.path.quad_to(self.x + cx, self.y - cy, self.x + x, self.y - y);
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        self.path.cubic_to(self.x + ax, self.y - ay, self.x + bx, self.y - by, self.x + x, self.y - y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}
