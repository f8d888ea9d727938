//! Uploads of every kind: what is taken, what is refused, and with which words.

use std::io::Cursor;

use image::{DynamicImage, ExtendedColorType, ImageEncoder, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use press::picture::{PICTURE_BYTES_MAX, PictureFormat, PictureRefusal, prepare};

/// Red on the left, blue on the right.
fn halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { Rgb([200, 30, 30]) } else { Rgb([30, 30, 200]) })
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// An EXIF block with only an orientation.
fn exif(orientation: u8) -> Vec<u8> {
    let mut out = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    out.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    out
}

fn jpeg_with_exif(picture: &RgbImage, orientation: u8) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut out, 90);
    encoder.set_exif_metadata(exif(orientation)).unwrap();
    encoder.write_image(picture, picture.width(), picture.height(), ExtendedColorType::Rgb8).unwrap();
    out
}

fn png_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = u32::MAX;
    for byte in kind.iter().chain(data) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    let mut out = u32::try_from(data.len()).unwrap().to_be_bytes().to_vec();
    out.extend(kind);
    out.extend(data);
    out.extend((!crc).to_be_bytes());
    out
}

fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut header = width.to_be_bytes().to_vec();
    header.extend(height.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    out.extend(png_chunk(b"IHDR", &header));
    out
}

#[test]
fn every_format_becomes_webp_and_jpeg_in_the_widths_it_has() {
    let check = |width: u32, want: &[u32]| {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif] {
            let picture = prepare(&encoded(&halves(width, 90).into(), format)).unwrap();
            assert_eq!((picture.width, picture.height), (width, 90), "{format:?}");
            let widths: Vec<u32> = picture.renditions.iter().map(|r| r.width).collect();
            let twice: Vec<u32> = want.iter().flat_map(|w| [*w, *w]).collect();
            assert_eq!(widths, twice, "{format:?} {width}");
            for rendition in &picture.renditions {
                let format = match rendition.format {
                    PictureFormat::WebP => ImageFormat::WebP,
                    PictureFormat::Jpeg => ImageFormat::Jpeg,
                };
                let read = image::load_from_memory_with_format(&rendition.bytes, format).unwrap();
                assert_eq!((read.width(), read.height()), (rendition.width, rendition.height));
            }
        }
    };
    check(120, &[120]);
    check(380, &[360]);
    check(900, &[360, 720, 900]);
    check(1700, &[360, 720, 1120, 1600]);
}

#[test]
fn a_picture_stands_upright_and_forgets_its_metadata() {
    for (orientation, size, red_first) in
        [(1, (400, 300), true), (3, (400, 300), false), (6, (300, 400), true), (8, (300, 400), false)]
    {
        let picture = prepare(&jpeg_with_exif(&halves(400, 300), orientation)).unwrap();
        assert_eq!((picture.width, picture.height), size, "orientation {orientation}");
        for rendition in &picture.renditions {
            let read = image::load_from_memory(&rendition.bytes).unwrap().into_rgb8();
            let first = read.get_pixel(3, 3).0;
            assert_eq!(first[0] > first[2], red_first, "orientation {orientation}: {first:?}");
            assert!(
                !rendition.bytes.windows(4).any(|w| w == b"Exif" || w == b"EXIF"),
                "{:?} kept EXIF",
                rendition.format
            );
        }
    }
}

#[test]
fn what_shines_through_becomes_white_and_the_main_colour_is_named() {
    let clear = RgbaImage::from_pixel(100, 100, Rgba([0, 0, 0, 0]));
    assert_eq!(prepare(&encoded(&clear.into(), ImageFormat::Png)).unwrap().colour, "#ffffff");
    let mostly = RgbImage::from_fn(100, 100, |x, _| if x < 70 { Rgb([16, 64, 96]) } else { Rgb([250, 250, 0]) });
    assert_eq!(prepare(&encoded(&mostly.into(), ImageFormat::Png)).unwrap().colour, "#104060");
}

#[test]
fn what_is_not_a_picture_of_ours_is_named() {
    let check = |bytes: &[u8], want: PictureRefusal| assert_eq!(prepare(bytes).unwrap_err(), want);
    check(b"", PictureRefusal::Empty);
    check(b"Dear editor, please find attached", PictureRefusal::Text);
    check(b"\0\x01\x02\x03binary", PictureRefusal::Unknown);
    check(b"\0\0\0\x20ftypavif\0\0\0\0avifmif1", PictureRefusal::OtherFormat("AVIF"));
    check(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", PictureRefusal::OtherFormat("HEIC"));
    check(b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", PictureRefusal::OtherFormat("video"));
    check(b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>", PictureRefusal::OtherFormat("SVG"));
    check(b"%PDF-1.7", PictureRefusal::OtherFormat("PDF"));
    check(b"PK\x03\x04 zip", PictureRefusal::OtherFormat("ZIP"));
    check(&vec![b'a'; PICTURE_BYTES_MAX + 1], PictureRefusal::TooManyBytes(PICTURE_BYTES_MAX + 1));
    for refusal in
        [PictureRefusal::OtherFormat("HEIC"), PictureRefusal::TooManyBytes(30 << 20), PictureRefusal::Truncated]
    {
        assert!(refusal.to_string().ends_with('.'), "{refusal}");
    }
}

#[test]
fn a_bomb_is_refused_by_its_header() {
    for (width, height) in [(50_000, 50_000), (12_001, 1), (1, 12_001), (10_000, 5_000), (u32::MAX >> 1, 7)] {
        let mut bomb = png_header(width, height);
        bomb.extend(png_chunk(b"IDAT", b"\x78\x9c\x03\0\0\0\0\x01"));
        bomb.extend(png_chunk(b"IEND", b""));
        let refusal = prepare(&bomb).unwrap_err();
        assert!(matches!(refusal, PictureRefusal::TooManyPixels { .. } | PictureRefusal::Damaged), "{refusal:?}");
    }
    // Small dimensions, but pixels that are not there.
    let mut empty = png_header(4000, 4000);
    empty.extend(png_chunk(b"IDAT", b"\x78\x9c\x03\0\0\0\0\x01"));
    empty.extend(png_chunk(b"IEND", b""));
    assert!(matches!(prepare(&empty), Err(PictureRefusal::Truncated | PictureRefusal::Damaged)));
}

#[test]
fn a_file_that_was_cut_off_is_refused_and_nothing_panics() {
    let noisy = RgbImage::from_fn(300, 200, |x, y| Rgb([(x * 7 + y * 13) as u8, (x * y) as u8, (x ^ y) as u8]));
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif] {
        let whole = encoded(&noisy.clone().into(), format);
        for share in [5, 30, 60, 90] {
            let cut = &whole[..whole.len() * share / 100];
            let refusal = prepare(cut).expect_err(&format!("{format:?} cut at {share} % was taken"));
            assert!(
                matches!(refusal, PictureRefusal::Truncated | PictureRefusal::Damaged),
                "{format:?} {share}: {refusal:?}"
            );
        }
        for at in (0..whole.len()).step_by(whole.len() / 40 + 1) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0xff;
            let _ = prepare(&damaged);
        }
    }
}
