//! The colours a publication may set, checked against the paper they stand on.

use std::fmt;

use serde::{Serialize, Serializer};

/// An sRGB colour. Can only be made from `#rrggbb`, so it is safe inside a style element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour([u8; 3]);

/// Why a colour cannot be used; the sentence is for the person who chose it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadColour(String);

impl fmt::Display for BadColour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadColour {}

pub(crate) const PAPER_LIGHT: Colour = Colour([0xfd, 0xfd, 0xfc]);
const PAPER_DARK: Colour = Colour([0x12, 0x16, 0x18]);
pub(crate) const INK_LIGHT: Colour = Colour([0x14, 0x18, 0x1a]);
const INK_DARK: Colour = Colour([0xe6, 0xe7, 0xe4]);
/// WCAG 2.2, 1.4.3, for text of any size.
const CONTRAST_MIN: f64 = 4.5;

impl Colour {
    /// Reads `#rrggbb`.
    pub fn parse(text: &str) -> Result<Colour, BadColour> {
        let bad = || BadColour(format!("Write the colour as # and six digits, like #0a5866, not “{text}”."));
        let digits = text.strip_prefix('#').filter(|d| d.len() == 6 && d.bytes().all(|b| b.is_ascii_hexdigit()));
        let value = u32::from_str_radix(digits.ok_or_else(bad)?, 16).map_err(|_| bad())?;
        let [_, r, g, b] = value.to_be_bytes();
        Ok(Colour([r, g, b]))
    }

    /// Red, green, blue.
    pub(crate) fn rgb(self) -> [u8; 3] {
        self.0
    }

    /// Contrast between two colours, 1 to 21 (WCAG 2.2, "contrast ratio").
    pub fn contrast(self, other: Colour) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn luminance(self) -> f64 {
        let [r, g, b] = self.0.map(|channel| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

impl Serialize for Colour {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Accent and marker, for light and dark paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Colours {
    pub accent: Colour,
    pub accent_dark: Colour,
    pub mark: Colour,
    pub mark_dark: Colour,
}

impl Default for Colours {
    fn default() -> Colours {
        Colours {
            accent: Colour([0x0a, 0x58, 0x66]),
            accent_dark: Colour([0x7c, 0xc4, 0xd1]),
            mark: Colour([0xff, 0xe7, 0x9a]),
            mark_dark: Colour([0x48, 0x3d, 0x13]),
        }
    }
}

impl Colours {
    /// Refuses an accent that cannot be read on its paper and a marker on which ink cannot be read (4.5:1).
    pub fn check(&self) -> Result<(), BadColour> {
        let pairs = [
            ("accent", self.accent, "paper", PAPER_LIGHT),
            ("dark accent", self.accent_dark, "dark paper", PAPER_DARK),
            ("mark", self.mark, "ink", INK_LIGHT),
            ("dark mark", self.mark_dark, "light ink", INK_DARK),
        ];
        for (name, colour, ground_name, ground) in pairs {
            let contrast = colour.contrast(ground);
            if contrast < CONTRAST_MIN {
                return Err(BadColour(format!(
                    "The {name} colour {colour} reaches only {contrast:.1}:1 against {ground_name}; choose one with at least 4.5:1."
                )));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_colours_can_be_read() {
        Colours::default().check().unwrap();
    }

    #[test]
    fn a_pale_accent_is_refused_with_its_contrast() {
        let pale = Colours { accent: Colour::parse("#7cc4d1").unwrap(), ..Colours::default() };
        assert!(pale.check().unwrap_err().to_string().contains(":1 against paper"));
    }

    #[test]
    fn a_colour_cannot_carry_css() {
        for bad in ["red", "#12345", "#1234567", "#12345g", "#fff;}body{", "#+12345"] {
            assert!(Colour::parse(bad).is_err(), "{bad}");
        }
    }
}
