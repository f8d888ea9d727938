//! Turns an uploaded file into pictures for the web: upright, small, without metadata. Bytes in, bytes out.
//! Decides about size before it decodes anything.

use std::fmt;
use std::io::Cursor;

use fast_image_resize::images::Image;
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage};

/// Most bytes in an uploaded picture.
pub const PICTURE_BYTES_MAX: usize = 25 * 1024 * 1024;
/// Most pixels in an uploaded picture.
pub const PICTURE_PIXELS_MAX: u64 = 40_000_000;
/// Longest side of an uploaded picture, in pixels.
pub const PICTURE_SIDE_MAX: u32 = 12_000;
/// Widths pictures are printed in, in pixels.
pub const WIDTHS: [u32; 4] = [360, 720, 1120, 1600];

const DECODER_BYTES_MAX: u64 = 400 * 1024 * 1024;
/// From the best to the least; beyond the first only where a picture would be too heavy for a phone.
const JPEG_QUALITIES: [u8; 4] = [80, 65, 50, 35];
const WEBP_QUALITIES: [f32; 4] = [75.0, 58.0, 42.0, 28.0];
/// What a phone gets first weighs at most this, at widths up to [`PHONE_WIDTH_MAX`]; dense drawings lose some sharpness.
const PHONE_BYTES_MAX: usize = 60 * 1024;
const PHONE_WIDTH_MAX: u32 = 720;
const WEBP_METHOD: i32 = 4;

/// A picture ready to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Of the original, upright, in pixels.
    pub width: u32,
    /// Of the original, upright, in pixels.
    pub height: u32,
    /// The colour most of it has, `#rrggbb`.
    pub colour: String,
    /// Narrowest first; of each width the WebP before the JPEG.
    pub renditions: Vec<Rendition>,
}

/// One size and format of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    pub width: u32,
    pub height: u32,
    pub format: PictureFormat,
    pub bytes: Vec<u8>,
}

/// What renditions are encoded as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PictureFormat {
    WebP,
    Jpeg,
}

impl PictureFormat {
    /// `image/webp`, `image/jpeg`
    pub fn mime(self) -> &'static str {
        match self {
            PictureFormat::WebP => "image/webp",
            PictureFormat::Jpeg => "image/jpeg",
        }
    }

    /// `webp`, `jpg`
    pub fn extension(self) -> &'static str {
        match self {
            PictureFormat::WebP => "webp",
            PictureFormat::Jpeg => "jpg",
        }
    }
}

/// Why a file was not taken. `Display` is a sentence that says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureRefusal {
    Empty,
    /// More than [`PICTURE_BYTES_MAX`].
    TooManyBytes(usize),
    /// More than [`PICTURE_PIXELS_MAX`] or a side over [`PICTURE_SIDE_MAX`].
    TooManyPixels {
        width: u32,
        height: u32,
    },
    /// A format that is known and not taken: `AVIF`, `HEIC`, `SVG`, `PDF` …
    OtherFormat(&'static str),
    Text,
    Unknown,
    /// The file ends before the picture does.
    Truncated,
    Damaged,
}

impl fmt::Display for PictureRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PictureRefusal::Empty => f.write_str("This file is empty. Choose the picture again."),
            PictureRefusal::TooManyBytes(bytes) => {
                let (is, may) = (bytes.div_ceil(1024 * 1024), PICTURE_BYTES_MAX / (1024 * 1024));
                write!(f, "This picture has {is} MB; {may} are taken. Save it as a JPEG or make it smaller.")
            }
            PictureRefusal::TooManyPixels { width, height } => {
                let millions = PICTURE_PIXELS_MAX / 1_000_000;
                write!(
                    f,
                    "This picture is {width} by {height} pixels; {millions} million pixels and {PICTURE_SIDE_MAX} a side \
                     are taken. Make it smaller."
                )
            }
            PictureRefusal::OtherFormat(name) => {
                write!(f, "This is a {name} file. Save the picture as JPEG, PNG or WebP and upload that.")
            }
            PictureRefusal::Text => f.write_str("This is a text, not a picture. Choose a JPEG, PNG, WebP or GIF."),
            PictureRefusal::Unknown => {
                f.write_str("We do not know this kind of file. Choose a JPEG, PNG, WebP or GIF.")
            }
            PictureRefusal::Truncated => {
                f.write_str("This file ends before the picture does; the upload may have been cut off. Try it again.")
            }
            PictureRefusal::Damaged => {
                f.write_str("This picture is damaged. Open it on your device, save it anew and upload that.")
            }
        }
    }
}

impl std::error::Error for PictureRefusal {}

/// Reads an upload and prints it in [`WIDTHS`] up to its own, each as WebP and JPEG.
///
/// A picture narrower than 1600 pixels is printed in its own width as well, unless that is within a tenth of another.
/// EXIF orientation is applied, all metadata and transparency (onto white) are gone, of an animation the first frame
/// stays. Takes tenths of a second per picture and at most about 500 MB: call it where it may block.
/// Errs with a sentence for whoever uploaded it; limits are checked before anything is decoded.
pub fn prepare(bytes: &[u8]) -> Result<Picture, PictureRefusal> {
    if bytes.len() > PICTURE_BYTES_MAX {
        return Err(PictureRefusal::TooManyBytes(bytes.len()));
    }
    let format = sniff(bytes)?;
    let picture = decode(bytes, format)?;
    let (width, height) = picture.dimensions();
    let source =
        Image::from_vec_u8(width, height, picture.into_raw(), PixelType::U8x3).map_err(|_| PictureRefusal::Damaged)?;
    let mut resizer = Resizer::new();
    let mut renditions = Vec::new();
    for width in widths(source.width()) {
        let height = scaled(source.height(), width, source.width());
        let small = resize(&mut resizer, &source, width, height, FilterType::Lanczos3)?;
        let webp = webp(&small, width, height)?;
        renditions.push(Rendition { width, height, format: PictureFormat::WebP, bytes: webp });
        renditions.push(Rendition { width, height, format: PictureFormat::Jpeg, bytes: jpeg(&small, width, height)? });
    }
    let tiny = resize(&mut resizer, &source, 16, 16, FilterType::Box)?;
    Ok(Picture { width, height, colour: main_colour(&tiny), renditions })
}

/// What kind of picture the first bytes promise.
fn sniff(bytes: &[u8]) -> Result<ImageFormat, PictureRefusal> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    if bytes.is_empty() {
        return Err(PictureRefusal::Empty);
    }
    if starts(b"\xff\xd8\xff") {
        return Ok(ImageFormat::Jpeg);
    }
    if starts(b"\x89PNG\r\n\x1a\n") {
        return Ok(ImageFormat::Png);
    }
    if starts(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Ok(ImageFormat::WebP);
    }
    if starts(b"GIF87a") || starts(b"GIF89a") {
        return Ok(ImageFormat::Gif);
    }
    Err(refusal_for(bytes))
}

fn refusal_for(bytes: &[u8]) -> PictureRefusal {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    if bytes.get(4..8) == Some(b"ftyp") {
        let brands = &bytes[8..bytes.len().min(64)];
        let has = |brand: &[u8]| brands.windows(4).any(|window| window == brand);
        return PictureRefusal::OtherFormat(if has(b"avif") || has(b"avis") {
            "AVIF"
        } else if has(b"heic") || has(b"heix") || has(b"hevc") || has(b"mif1") || has(b"msf1") {
            "HEIC"
        } else {
            "video"
        });
    }
    for (magic, name) in [
        (b"%PDF".as_slice(), "PDF"),
        (b"II*\0", "TIFF"),
        (b"MM\0*", "TIFF"),
        (b"BM", "BMP"),
        (b"PK\x03\x04", "ZIP"),
        (b"\xff\x0a", "JPEG XL"),
        (b"\0\0\0\x0cJXL ", "JPEG XL"),
        (b"8BPS", "Photoshop"),
    ] {
        if starts(magic) {
            return PictureRefusal::OtherFormat(name);
        }
    }
    let start = &bytes[..bytes.len().min(1024)];
    let text = String::from_utf8_lossy(start).to_lowercase();
    if text.contains("<svg") {
        return PictureRefusal::OtherFormat("SVG");
    }
    if start.iter().any(|b| *b < 9) || text.matches('\u{FFFD}').count() > 1 {
        return PictureRefusal::Unknown;
    }
    PictureRefusal::Text
}

/// Decodes to upright RGB on white, after the header has passed the limits.
fn decode(bytes: &[u8], format: ImageFormat) -> Result<RgbImage, PictureRefusal> {
    if format == ImageFormat::Jpeg && !jpeg_is_whole(bytes) {
        return Err(PictureRefusal::Truncated);
    }
    let mut limits = Limits::default();
    limits.max_image_width = None;
    limits.max_image_height = None;
    limits.max_alloc = Some(DECODER_BYTES_MAX);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(|error| refusal(&error))?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > PICTURE_PIXELS_MAX || width > PICTURE_SIDE_MAX || height > PICTURE_SIDE_MAX {
        return Err(PictureRefusal::TooManyPixels { width, height });
    }
    decoder.set_limits(limits).map_err(|error| refusal(&error))?;
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| refusal(&error))?;
    picture.apply_orientation(orientation);
    Ok(on_white(picture))
}

/// Whether the end of the picture follows its last scan: the decoder would fill what is missing with grey.
fn jpeg_is_whole(bytes: &[u8]) -> bool {
    let last = |marker: &[u8; 2]| bytes.windows(2).rposition(|window| window == marker);
    match (last(b"\xff\xda"), last(b"\xff\xd9")) {
        (Some(scan), Some(end)) => end > scan,
        (None, _) | (Some(_), None) => false,
    }
}

fn refusal(error: &ImageError) -> PictureRefusal {
    match error {
        ImageError::IoError(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof => PictureRefusal::Truncated,
        ImageError::Decoding(cause) => {
            let cause = cause.to_string().to_lowercase();
            let is_cut = ["unexpected end", "eof", "truncated", "exhausted"].iter().any(|word| cause.contains(word));
            if is_cut { PictureRefusal::Truncated } else { PictureRefusal::Damaged }
        }
        _ => PictureRefusal::Damaged,
    }
}

fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    let mut out = RgbImage::new(picture.width(), picture.height());
    for (to, from) in out.pixels_mut().zip(picture.pixels()) {
        let [r, g, b, a] = from.0.map(u32::from);
        let over = |c: u32| ((c * a + 255 * (255 - a) + 127) / 255) as u8;
        to.0 = [over(r), over(g), over(b)];
    }
    out
}

/// The widths a picture is printed in, narrowest first.
fn widths(own: u32) -> Vec<u32> {
    let mut out: Vec<u32> = WIDTHS.into_iter().filter(|width| *width <= own).collect();
    let widest = out.last().copied().unwrap_or(0);
    let is_much_wider = own > widest + widest / 10;
    if own < 1600 && is_much_wider {
        out.push(own);
    }
    out
}

fn scaled(height: u32, width: u32, own_width: u32) -> u32 {
    let exact = f64::from(height) * f64::from(width) / f64::from(own_width.max(1));
    (exact.round() as u32).max(1)
}

fn resize(
    resizer: &mut Resizer,
    source: &Image<'_>,
    width: u32,
    height: u32,
    filter: FilterType,
) -> Result<Vec<u8>, PictureRefusal> {
    if (width, height) == (source.width(), source.height()) {
        return Ok(source.buffer().to_vec());
    }
    let mut small = Image::new(width, height, PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter));
    resizer.resize(source, &mut small, &options).map_err(|_| PictureRefusal::Damaged)?;
    Ok(small.into_vec())
}

fn webp(rgb: &[u8], width: u32, height: u32) -> Result<Vec<u8>, PictureRefusal> {
    light_enough(width, &WEBP_QUALITIES, |quality| {
        let mut config = webp::WebPConfig::new().map_err(|()| PictureRefusal::Damaged)?;
        config.quality = quality;
        config.method = WEBP_METHOD;
        let encoded = webp::Encoder::from_rgb(rgb, width, height).encode_advanced(&config);
        encoded.map(|bytes| bytes.to_vec()).map_err(|_| PictureRefusal::Damaged)
    })
}

fn jpeg(rgb: &[u8], width: u32, height: u32) -> Result<Vec<u8>, PictureRefusal> {
    light_enough(width, &JPEG_QUALITIES, |quality| {
        let mut out = Vec::new();
        JpegEncoder::new_with_quality(&mut out, quality)
            .encode(rgb, width, height, image::ExtendedColorType::Rgb8)
            .map_err(|_| PictureRefusal::Damaged)?;
        Ok(out)
    })
}

/// The best quality that a phone can be given first; wide renditions take the best there is.
fn light_enough<Q: Copy>(
    width: u32,
    qualities: &[Q],
    encode: impl Fn(Q) -> Result<Vec<u8>, PictureRefusal>,
) -> Result<Vec<u8>, PictureRefusal> {
    let mut out = Vec::new();
    for quality in qualities {
        out = encode(*quality)?;
        if width > PHONE_WIDTH_MAX || out.len() <= PHONE_BYTES_MAX {
            break;
        }
    }
    Ok(out)
}

/// The mean of the most common of 512 colours.
fn main_colour(rgb: &[u8]) -> String {
    let mut buckets = vec![[0u32; 4]; 512];
    for pixel in rgb.chunks_exact(3) {
        let at = pixel.iter().fold(0usize, |at, c| at << 3 | usize::from(c >> 5));
        let bucket = &mut buckets[at];
        bucket[0] += 1;
        for (sum, c) in bucket[1..].iter_mut().zip(pixel) {
            *sum += u32::from(*c);
        }
    }
    let most = buckets.iter().max_by_key(|bucket| bucket[0]).copied().unwrap_or_default();
    let mean = |sum: u32| sum / most[0].max(1);
    format!("#{:02x}{:02x}{:02x}", mean(most[1]), mean(most[2]), mean(most[3]))
}
