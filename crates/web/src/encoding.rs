//! Which compression a visitor takes (RFC 9110 §12.5.3), and doing it. Knows no page.

use std::io::{Read, Write};

/// Brotli's window: 1 MB, more than any page.
const BROTLI_WINDOW: u32 = 20;
/// Below this a page in one packet is not made faster by being smaller.
const COMPRESSED_BYTES_MIN: usize = 512;

/// How long a compressor may try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// Somebody waits: 1.4 ms (Brotli) and 1.9 ms (gzip) for 40 KB.
    Quick,
    /// Nobody waits and many will read it: about 45 ms and 3 ms for 40 KB, a tenth smaller in Brotli.
    Best,
}

impl Effort {
    fn brotli_quality(self) -> u32 {
        match self {
            Effort::Quick => 5,
            Effort::Best => 11,
        }
    }

    fn gzip_level(self) -> u32 {
        match self {
            Effort::Quick => 6,
            Effort::Best => 9,
        }
    }

    /// What tells the bytes of one encoding and effort from those of another in a tag; nothing for plain bytes.
    pub fn mark(self, encoding: Encoding) -> &'static str {
        match (encoding, self) {
            (Encoding::Plain, _) => "",
            (Encoding::Gzip, Effort::Quick) => "-g6",
            (Encoding::Gzip, Effort::Best) => "-g9",
            (Encoding::Brotli, Effort::Quick) => "-b5",
            (Encoding::Brotli, Effort::Best) => "-b11",
        }
    }
}

/// Every mark a tag may end with; none for plain bytes.
pub const MARKS: [&str; 5] = ["", "-g6", "-g9", "-b5", "-b11"];

/// Encodings of one `Accept-Encoding` that are looked at.
const ACCEPTED_MAX: usize = 16;

/// How the bytes of an answer are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    #[default]
    Plain,
    Gzip,
    Brotli,
}

impl Encoding {
    /// The token of `Content-Encoding`; None for plain bytes.
    pub fn token(self) -> Option<&'static str> {
        match self {
            Encoding::Plain => None,
            Encoding::Gzip => Some("gzip"),
            Encoding::Brotli => Some("br"),
        }
    }

    /// The best of ours that an `Accept-Encoding` takes: highest weight, then Brotli, gzip, plain. Whoever
    /// names nothing or forbids everything gets plain bytes.
    pub fn chosen_by(accept: Option<&str>) -> Encoding {
        let Some(accept) = accept else { return Encoding::Plain };
        let weights = Weights::read(accept);
        let (brotli, gzip) = (weights.of("br"), weights.of("gzip").max(weights.named("x-gzip").unwrap_or(0)));
        let plain = weights.named("identity").unwrap_or(0);
        if brotli > 0 && brotli >= gzip && brotli >= plain {
            Encoding::Brotli
        } else if gzip > 0 && gzip >= plain {
            Encoding::Gzip
        } else {
            Encoding::Plain
        }
    }
}

/// The weights of one `Accept-Encoding`, in thousandths.
struct Weights<'a>([(&'a str, u16); ACCEPTED_MAX]);

impl<'a> Weights<'a> {
    fn read(accept: &'a str) -> Weights<'a> {
        let one = |part: &'a str| {
            let (name, rest) = part.split_once(';').unwrap_or((part, ""));
            (name.trim(), weight(rest))
        };
        let mut all = [("", 0); ACCEPTED_MAX];
        all.iter_mut().zip(accept.split(',')).for_each(|(place, part)| *place = one(part));
        Weights(all)
    }

    fn named(&self, token: &str) -> Option<u16> {
        self.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(token)).map(|(_, weight)| *weight)
    }

    fn of(&self, token: &str) -> u16 {
        self.named(token).or_else(|| self.named("*")).unwrap_or(0)
    }
}

/// `q=0.8` in thousandths; 1 where nothing is said, 0 for what cannot be read.
fn weight(parameters: &str) -> u16 {
    let q = parameters.split(';').map(str::trim).find_map(|p| p.strip_prefix("q=").or_else(|| p.strip_prefix("Q=")));
    let Some(q) = q else { return 1000 };
    match q.trim().parse::<f32>() {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1000")]
        Ok(value) if (0.0..=1.0).contains(&value) => (value * 1000.0) as u16,
        _ => 0,
    }
}

/// The bytes in Brotli; None where it gains nothing.
pub fn brotli(plain: &[u8], effort: Effort) -> Option<Vec<u8>> {
    if plain.len() < COMPRESSED_BYTES_MIN {
        return None;
    }
    let mut out = Vec::with_capacity(plain.len() / 3);
    let mut writer = brotli::CompressorWriter::new(&mut out, 16 * 1024, effort.brotli_quality(), BROTLI_WINDOW);
    writer.write_all(plain).ok()?;
    drop(writer);
    (out.len() < plain.len()).then_some(out)
}

/// The bytes in gzip; None where it gains nothing.
pub fn gzip(plain: &[u8], effort: Effort) -> Option<Vec<u8>> {
    if plain.len() < COMPRESSED_BYTES_MIN {
        return None;
    }
    let level = flate2::Compression::new(effort.gzip_level());
    let mut writer = flate2::write::GzEncoder::new(Vec::with_capacity(plain.len() / 3), level);
    writer.write_all(plain).ok()?;
    writer.finish().ok().filter(|out| out.len() < plain.len())
}

/// What [`gzip`] packed.
pub fn gunzip(packed: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(packed.len() * 4);
    flate2::read::GzDecoder::new(packed).read_to_end(&mut plain).expect("we packed it");
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn a_visitor_gets_the_best_encoding_it_takes() {
        for (accept, chosen) in [
            ("gzip, deflate, br", Encoding::Brotli),
            ("gzip;q=1.0, br;q=0.5", Encoding::Gzip),
            ("br;q=0, gzip", Encoding::Gzip),
            ("BR", Encoding::Brotli),
            ("*", Encoding::Brotli),
            ("*;q=0", Encoding::Plain),
            ("br;q=0, *", Encoding::Gzip),
            ("identity, gzip;q=0.5", Encoding::Plain),
            ("identity;q=0.2, gzip;q=0.5", Encoding::Gzip),
            ("x-gzip", Encoding::Gzip),
            ("gzip;q=banana", Encoding::Plain),
            ("gzip;q=NaN", Encoding::Plain),
            ("gzip;q=2", Encoding::Plain),
            ("deflate", Encoding::Plain),
            ("", Encoding::Plain),
            (",,;;,q=1", Encoding::Plain),
        ] {
            assert_eq!(Encoding::chosen_by(Some(accept)), chosen, "{accept}");
        }
        assert_eq!(Encoding::chosen_by(None), Encoding::Plain);
    }

    #[test]
    fn what_was_compressed_is_read_back() {
        let page = "Who will lead the mission? ".repeat(400);
        for effort in [Effort::Quick, Effort::Best] {
            let (small, smaller) = (gzip(page.as_bytes(), effort).unwrap(), brotli(page.as_bytes(), effort).unwrap());
            let mut back = String::new();
            brotli::Decompressor::new(&smaller[..], 4096).read_to_string(&mut back).unwrap();
            assert_eq!(back, page);
            back.clear();
            flate2::read::GzDecoder::new(&small[..]).read_to_string(&mut back).unwrap();
            assert_eq!(back, page);
            assert!(brotli(b"ok\n", effort).is_none());
        }
    }
}
