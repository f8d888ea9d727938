//! The lines of a list, whatever program wrote it: encodings, line ends, quoted line breaks, and quotation marks that
//! were never closed. Holds a few lines in memory, however long the list is.

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::collections::VecDeque;
use std::io::{self, Read, Seek, SeekFrom};

/// Most bytes of one line, quoted line breaks included; the rest of a longer one is dropped.
pub(super) const LINE_BYTES_MAX: usize = 64 * 1024;
/// Lines that one pair of quotation marks may span; beyond it the mark was a slip.
const LINES_QUOTED_MAX: usize = 50;
const CHUNK_BYTES: usize = 64 * 1024;

/// What a first look through a list found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Survey {
    encoding: &'static Encoding,
    /// Line ends: what a progress bar counts to.
    pub(super) lines: u64,
}

/// One line: a record of the list, cut into cells by its caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// In the file, from 1.
    pub(super) number: u64,
    pub(super) text: String,
    /// Whether quotation marks in it mean anything.
    pub(super) quoted: bool,
    pub(super) too_long: bool,
}

/// Looks through the whole list once and goes back to its beginning.
pub(super) fn survey(list: &mut (impl Read + Seek)) -> io::Result<Survey> {
    let (mut chunk, mut carried) = (vec![0; CHUNK_BYTES], Vec::new());
    let (mut lines, mut good, mut bad, mut first) = (0_u64, 0_u64, 0_u64, Vec::new());
    loop {
        let count = list.read(&mut chunk)?;
        if count == 0 {
            break;
        }
        if first.is_empty() {
            first = chunk[..count.min(4096)].to_vec();
        }
        lines += chunk[..count].iter().filter(|byte| **byte == b'\n').count() as u64;
        carried.extend_from_slice(&chunk[..count]);
        carried = letters(&carried, &mut good, &mut bad);
    }
    bad += u64::from(!carried.is_empty());
    list.seek(SeekFrom::Start(0))?;
    Ok(Survey { encoding: encoding(&first, good, bad), lines: lines.max(1) })
}

/// Counts letters beyond ASCII that are UTF-8 and bytes that are not; gives back a letter that is cut at the end.
fn letters(bytes: &[u8], good: &mut u64, bad: &mut u64) -> Vec<u8> {
    let mut rest = bytes;
    loop {
        match std::str::from_utf8(rest) {
            Ok(text) => {
                *good += text.chars().filter(|letter| !letter.is_ascii()).count() as u64;
                return Vec::new();
            }
            Err(error) => {
                let (fine, after) = rest.split_at(error.valid_up_to());
                *good += String::from_utf8_lossy(fine).chars().filter(|letter| !letter.is_ascii()).count() as u64;
                match error.error_len() {
                    None => return after.to_vec(),
                    Some(length) => {
                        *bad += 1;
                        rest = &after[length..];
                    }
                }
            }
        }
    }
}

/// UTF-16 by its mark or its many zeros; else UTF-8 unless most of it is not, then Windows-1252, as spreadsheets write.
fn encoding(first: &[u8], good: u64, bad: u64) -> &'static Encoding {
    let zeros = |odd: usize| first.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count() * 5 > first.len();
    match first {
        [0xff, 0xfe, ..] => UTF_16LE,
        [0xfe, 0xff, ..] => UTF_16BE,
        _ if zeros(1) => UTF_16LE,
        _ if zeros(0) => UTF_16BE,
        _ if bad == 0 || good > bad * 10 => UTF_8,
        _ => WINDOWS_1252,
    }
}

/// Reads line by line.
pub(super) struct Lines<R> {
    list: R,
    decoder: Decoder,
    chunk: Vec<u8>,
    /// Decoded and not yet cut into lines.
    text: String,
    /// Where in it the next line begins.
    at: usize,
    ended: bool,
    /// Lines that were looked at in advance: number, text, too long.
    ahead: VecDeque<(u64, String, bool)>,
    number: u64,
    separator: u8,
    columns: usize,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(list: R, survey: Survey) -> Self {
        Self {
            list,
            decoder: survey.encoding.new_decoder_with_bom_removal(),
            chunk: vec![0; CHUNK_BYTES],
            text: String::new(),
            at: 0,
            ended: false,
            ahead: VecDeque::new(),
            number: 0,
            separator: b',',
            columns: 1,
        }
    }

    /// The first line, which names the columns and shows what parts them: the most frequent of `,` `;` tab `|`.
    pub(super) fn head(&mut self) -> io::Result<Option<Line>> {
        let Some((number, text, too_long)) = self.physical()? else { return Ok(None) };
        let count = |byte: u8| text.bytes().filter(|b| *b == byte).count();
        let separators = [b',', b';', b'\t', b'|'];
        self.separator = separators.into_iter().rev().max_by_key(|byte| count(*byte)).unwrap_or(b',');
        self.columns = count(self.separator) + 1;
        self.ahead.push_front((number, text, too_long));
        self.next()
    }

    pub(super) fn separator(&self) -> u8 {
        self.separator
    }

    /// The next line; one that a quotation mark leaves open takes the lines after it along, if it is closed there.
    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        let Some((number, first, too_long)) = self.physical()? else { return Ok(None) };
        if too_long || opened_at(&first, self.separator).is_none() {
            return Ok(Some(Line { number, text: first, quoted: true, too_long }));
        }
        let (mut text, mut taken) = (first.clone(), Vec::new());
        while taken.len() < LINES_QUOTED_MAX {
            let Some(more) = self.physical()? else { break };
            if self.stands_alone(&more.1) {
                taken.push(more);
                break;
            }
            let fits = !more.2 && text.len() + more.1.len() < LINE_BYTES_MAX;
            text.push('\n');
            text.push_str(&more.1);
            taken.push(more);
            if !fits {
                break;
            }
            if opened_at(&text, self.separator).is_none() {
                return Ok(Some(Line { number, text, quoted: true, too_long: false }));
            }
        }
        for line in taken.into_iter().rev() {
            self.ahead.push_front(line);
        }
        Ok(Some(Line { number, text: first, quoted: false, too_long: false }))
    }

    /// Whether a line is somebody of its own: as many cells as there are columns and an address among them, or an
    /// address before a cell that goes on in the next line. The quotation mark above it was a slip, and nobody is
    /// swallowed by it.
    fn stands_alone(&self, line: &str) -> bool {
        let cells = line.bytes().filter(|byte| *byte == self.separator).count() + 1;
        let whole = cells >= self.columns && line.contains('@');
        whole || opened_at(line, self.separator).is_some_and(|at| line[..at].contains('@'))
    }

    fn physical(&mut self) -> io::Result<Option<(u64, String, bool)>> {
        if let Some(line) = self.ahead.pop_front() {
            return Ok(Some(line));
        }
        let mut too_long = false;
        loop {
            let open = &self.text[self.at..];
            // A carriage return at the very end may be half of a line end.
            let end = open.find(['\n', '\r']).filter(|end| self.ended || *end + 1 < open.len());
            if let Some(end) = end.or((self.ended && !open.is_empty()).then_some(open.len())) {
                let mut line = open[..end].to_owned();
                self.at += end + if open[end..].starts_with("\r\n") { 2 } else { usize::from(end < open.len()) };
                self.number += 1;
                too_long |= line.len() > LINE_BYTES_MAX;
                if too_long {
                    cut(&mut line);
                }
                return Ok(Some((self.number, line, too_long)));
            }
            if self.ended {
                return Ok(None);
            }
            self.text.drain(..self.at);
            self.at = 0;
            if self.text.len() > LINE_BYTES_MAX {
                // Nobody's address: its beginning is kept, the rest goes until the line ends.
                too_long = true;
                cut(&mut self.text);
            }
            self.fill()?;
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        let count = self.list.read(&mut self.chunk)?;
        self.ended = count == 0;
        let mut bytes = &self.chunk[..count];
        loop {
            self.text.reserve(bytes.len() * 3 + 16);
            let (result, read, _) = self.decoder.decode_to_string(bytes, &mut self.text, self.ended);
            bytes = &bytes[read..];
            if result == CoderResult::InputEmpty {
                return Ok(());
            }
        }
    }
}

fn cut(text: &mut String) {
    let mut end = text.len().min(LINE_BYTES_MAX / 2);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
}

/// Where the quoted cell begins inside which the text ends, if it does (RFC 4180 §2.5–2.7; spaces before a quotation mark
/// are forgiven).
fn opened_at(text: &str, separator: u8) -> Option<usize> {
    let (mut opened, mut fresh, mut bytes) = (None, true, text.bytes().enumerate().peekable());
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' if opened.is_some() && bytes.peek().is_some_and(|(_, next)| *next == b'"') => {
                bytes.next();
            }
            b'"' if opened.is_some() => (opened, fresh) = (None, false),
            b'"' if fresh => opened = Some(at),
            b' ' if fresh && opened.is_none() => {}
            byte if byte == separator && opened.is_none() => fresh = true,
            _ => fresh = false,
        }
    }
    opened
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(bytes: &[u8]) -> Vec<Line> {
        let mut list = io::Cursor::new(bytes);
        let survey = survey(&mut list).unwrap();
        let mut lines = Lines::new(list, survey);
        let (mut all, mut next) = (Vec::new(), lines.head().unwrap());
        while let Some(line) = next {
            all.push(line);
            next = lines.next().unwrap();
        }
        all
    }

    fn check(bytes: &[u8], texts: &[&str]) {
        let all: Vec<String> = lines(bytes).into_iter().map(|line| line.text).collect();
        assert_eq!(all, texts);
    }

    #[test]
    fn lines_end_as_programs_end_them() {
        check(b"a,b\nc,d", &["a,b", "c,d"]);
        check(b"a,b\r\nc,d\r\n", &["a,b", "c,d"]);
        check(b"a,b\rc,d\r", &["a,b", "c,d"]);
        check(b"a,\"b\nc\"\nd,e\n", &["a,\"b\nc\"", "d,e"]);
        check(b"", &[]);
    }

    #[test]
    fn letters_are_read_in_the_encoding_of_the_list() {
        check("\u{feff}é,b\n".as_bytes(), &["é,b"]);
        check(b"\xe9,b\n", &["é,b"]);
        for mark in ["\u{feff}", ""] {
            let text = format!("{mark}email,name\na@b.example,Zoé\n");
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            check(&little, &["email,name", "a@b.example,Zoé"]);
            check(&big, &["email,name", "a@b.example,Zoé"]);
        }
        let mostly = format!("{}\nJos\u{fffd}", "é".repeat(30)).replace('\u{fffd}', "X").into_bytes();
        let broken: Vec<u8> = mostly.iter().map(|byte| if *byte == b'X' { 0xe9 } else { *byte }).collect();
        assert!(lines(&broken)[0].text.starts_with('é'), "one broken letter does not garble the others");
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_spoils_its_own_line_only() {
        let list = format!("email,name\na@b.example,\"5 inch\n{}", "b@b.example,x\n".repeat(80));
        let all = lines(list.as_bytes());
        assert_eq!((all.len(), all[1].quoted, all[1].text.as_str()), (82, false, "a@b.example,\"5 inch"));
        assert_eq!((all[2].number, all[81].number), (3, 82));
        check(b"a,5\" pipe\nb,6\" pipe\n", &["a,5\" pipe", "b,6\" pipe"]);
        let all = lines(b"email,name\na@b.example,\"5 inch\nb@b.example,x\nc@b.example,\"said \"\"yes\"\"\"\n");
        assert_eq!(all.len(), 4, "a mark that is closed by somebody else's swallows nobody: {all:?}");
        let two = "b@b.example,\"two\nlines\",fr";
        check(
            format!("email,name,lang\na@b.example,\"never closed,en\n{two}\nc@b.example,x,en\n").as_bytes(),
            &["email,name,lang", "a@b.example,\"never closed,en", two, "c@b.example,x,en"],
        );
        let long = "a@b.example,\"see\nb@b.example, \"\"x\"\" and\nmore\",en";
        check(format!("email,name,lang\n{long}\n").as_bytes(), &["email,name,lang", long]);
    }

    #[test]
    fn a_line_without_end_is_cut_and_the_next_one_is_whole() {
        let list = format!("email\n{}\nb@b.example\n", "x".repeat(3 * LINE_BYTES_MAX));
        let all = lines(list.as_bytes());
        assert_eq!(all.len(), 3);
        assert!(all[1].too_long && all[1].text.len() <= LINE_BYTES_MAX);
        assert_eq!((all[2].text.as_str(), all[2].number), ("b@b.example", 3));
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_odd_and_no_line_is_larger_than_a_line(
            bytes in proptest::collection::vec(proptest::sample::select(&b"a,;\"\n\r\xe9\xff\x00@ "[..]), 0..400)
        ) {
            let all = lines(&bytes);
            prop_assert!(all.iter().all(|line| line.text.len() <= LINE_BYTES_MAX));
            prop_assert!(all.windows(2).all(|pair| pair[0].number < pair[1].number));
        }
    }
}
