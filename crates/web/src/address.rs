//! What an address on the readers' side means: read once at the door, written in one canonical way.
//! The site map for readers is `Place::read`. Knows no store: whether something is there is another question.

use newsroom::language::Language;
use newsroom::publication::Publication;
use newsroom::slug::Slug;
use newsroom::time::Day;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// The file name of a card.
const CARD: &str = "card.png";
/// Path segments an address may have; ours have five with a language.
const SEGMENTS_MAX: usize = 6;
const TOKEN_BYTES_MAX: usize = 200;
/// First and last year of the archive's addresses.
const YEARS: std::ops::RangeInclusive<i16> = 1800..=2999;

/// What has to be written as `%XX` in a path segment (RFC 3986 §3.3).
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The kinds of feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeedKind {
    Rss,
    Atom,
    Json,
}

impl FeedKind {
    /// The last segment of its address.
    pub fn file(self) -> &'static str {
        let [rss, atom, json] = press::feed::FILES;
        match self {
            FeedKind::Rss => rss,
            FeedKind::Atom => atom,
            FeedKind::Json => json,
        }
    }

    fn read(segment: &str) -> Option<FeedKind> {
        [FeedKind::Rss, FeedKind::Atom, FeedKind::Json].into_iter().find(|kind| kind.file() == segment)
    }
}

/// Whose articles a feed holds, and whose page a card is beside.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FeedOf {
    Site,
    Section(Slug),
    Topic(Slug),
    Author(Slug),
    Corrections,
}

/// How much of the archive is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Span {
    All,
    Year(i16),
    Month(i16, i8),
    Day(Day),
}

/// One place of the readers' site.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    Front,
    Section(Slug),
    Article(Slug, Slug),
    /// The article as plain text.
    Text(Slug, Slug),
    Topic(Slug),
    Author(Slug),
    Archive(Span),
    Search,
    Corrections,
    /// What changed in an article, version by version.
    Changes(Slug, Slug),
    Policy(Policy),
    Feed(FeedOf, FeedKind),
    /// The picture that stands beside a link to the page.
    Card(FeedOf),
    Subscribe,
    Confirm(String),
    Preferences(String),
    /// Pause, resume, leave, export, erase.
    Doings(String),
    /// Another address for somebody's mails.
    NewAddress(String),
    Unsubscribe(String),
    Sitemap,
    /// One part of the sitemap; 0 holds the pages that are no articles.
    SitemapPart(u32),
    NewsSitemap,
    Robots,
    Trust,
    Security,
    /// Rights of text and data mining (TDMRep).
    Mining,
    /// What machines may do (RSL).
    License,
    /// The paper among a browser's programs.
    Manifest,
    /// The script that keeps pages for reading without a network.
    Keeper,
}

/// The pages on which the newsroom says how it works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Policy {
    About,
    Masthead,
    Corrections,
    Ethics,
    Privacy,
}

impl Policy {
    /// All of them, in the order of the footer.
    pub const ALL: [Policy; 5] =
        [Policy::About, Policy::Masthead, Policy::Corrections, Policy::Ethics, Policy::Privacy];

    /// Its address without the slash.
    pub fn word(self) -> &'static str {
        match self {
            Policy::About => "about",
            Policy::Masthead => "masthead",
            Policy::Corrections => "corrections-policy",
            Policy::Ethics => "ethics",
            Policy::Privacy => "privacy",
        }
    }
}

/// Why an address cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// Broken percent-encoding, not UTF-8, or control characters: 400.
    Garbled,
    /// Nothing of ours has this shape: 404.
    Unknown,
}

/// An address that was read: the language of the page, the place, and whether it was written canonically.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub language: Language,
    pub place: Place,
    /// Decoded; the key under which the printed page is kept.
    pub canonical: String,
    /// False where a slash, a capital or the main language's prefix was too much.
    pub is_canonical: bool,
}

impl Address {
    /// Reads a request's path. Also gives the language for the page that says no.
    pub fn read(path: &str, publication: &Publication) -> Result<Address, (Language, Unreadable)> {
        let main = publication.main_language();
        let garbled = || (main.clone(), Unreadable::Garbled);
        if !well_encoded(path) {
            return Err(garbled());
        }
        let decoded = percent_decode_str(path).decode_utf8().map_err(|_| garbled())?;
        if decoded.chars().any(char::is_control) {
            return Err(garbled());
        }
        // A `%2F` would make one segment look like two.
        let count = path.bytes().filter(|byte| *byte == b'/').count();
        let mut segments: Vec<&str> = decoded.split('/').filter(|segment| !segment.is_empty()).collect();
        let named = segments.first().and_then(|first| language_of(first, publication));
        if named.is_some() {
            segments.remove(0);
        }
        let language = named.unwrap_or(main);
        let unknown = Unreadable::Unknown;
        if decoded.bytes().filter(|byte| *byte == b'/').count() != count || segments.len() > SEGMENTS_MAX {
            return Err((language, unknown));
        }
        let Some(place) = Place::read(&segments) else { return Err((language, unknown)) };
        let canonical = place.path(&language, publication);
        let is_canonical = canonical == decoded;
        Ok(Address { language, place, canonical, is_canonical })
    }
}

fn language_of(segment: &str, publication: &Publication) -> Option<Language> {
    let language = Language::parse(segment)?;
    publication.languages().into_iter().find(|ours| *ours == language)
}

fn well_encoded(path: &str) -> bool {
    let bytes = path.as_bytes();
    bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'%')
        .all(|(at, _)| bytes.get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)))
}

impl Place {
    /// The site map: which place the segments of a path name, without the language.
    pub fn read(segments: &[&str]) -> Option<Place> {
        let lower: Vec<String> = segments.iter().map(|segment| segment.to_lowercase()).collect();
        let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
        let place = match lower.as_slice() {
            // reading
            [] => Place::Front,
            ["topic", topic] => Place::Topic(slug(topic)?),
            ["author", author] => Place::Author(slug(author)?),
            ["archive"] => Place::Archive(Span::All),
            ["archive", rest @ ..] => Place::Archive(Span::read(rest)?),
            ["search"] => Place::Search,
            ["corrections"] => Place::Corrections,
            ["corrections", file] => Place::Feed(FeedOf::Corrections, FeedKind::read(file)?),
            // signing up and leaving
            ["subscribe"] => Place::Subscribe,
            ["subscribe", "confirm", _] => Place::Confirm(token(segments[2])?),
            ["preferences", _] => Place::Preferences(token(segments[1])?),
            ["preferences", _, "doings"] => Place::Doings(token(segments[1])?),
            ["preferences", _, "address"] => Place::NewAddress(token(segments[1])?),
            ["unsubscribe", _] => Place::Unsubscribe(token(segments[1])?),
            // for machines
            ["sitemap.xml"] => Place::Sitemap,
            ["sitemap-news.xml"] => Place::NewsSitemap,
            ["robots.txt"] => Place::Robots,
            ["trust.txt"] => Place::Trust,
            [".well-known", "security.txt"] => Place::Security,
            [".well-known", "trust.txt"] => Place::Trust,
            [".well-known", "tdmrep.json"] => Place::Mining,
            ["license.xml"] => Place::License,
            ["manifest.webmanifest"] => Place::Manifest,
            ["offline.js"] => Place::Keeper,
            // beside links
            [CARD] => Place::Card(FeedOf::Site),
            ["topic", topic, CARD] => Place::Card(FeedOf::Topic(slug(topic)?)),
            ["author", author, CARD] => Place::Card(FeedOf::Author(slug(author)?)),
            [section, CARD] => Place::Card(FeedOf::Section(slug(section)?)),
            ["topic", topic, file] => Place::Feed(FeedOf::Topic(slug(topic)?), FeedKind::read(file)?),
            ["author", author, file] => Place::Feed(FeedOf::Author(slug(author)?), FeedKind::read(file)?),
            [one] => Place::one_word(one)?,
            [section, article, "changes"] => Place::Changes(slug(section)?, slug(article)?),
            // sections and articles
            [section, file] => match FeedKind::read(file) {
                Some(kind) => Place::Feed(FeedOf::Section(slug(section)?), kind),
                None => match file.strip_suffix(".txt") {
                    Some(article) => Place::Text(slug(section)?, slug(article)?),
                    None => Place::Article(slug(section)?, slug(file)?),
                },
            },
            _ => return None,
        };
        Some(place)
    }

    fn one_word(word: &str) -> Option<Place> {
        if let Some(kind) = FeedKind::read(word) {
            return Some(Place::Feed(FeedOf::Site, kind));
        }
        if let Some(policy) = Policy::ALL.into_iter().find(|policy| policy.word() == word) {
            return Some(Place::Policy(policy));
        }
        if let Some(part) = word.strip_prefix("sitemap-").and_then(|rest| rest.strip_suffix(".xml")) {
            let part: u32 = part.parse().ok()?;
            return (0..=50_000).contains(&part).then_some(Place::SitemapPart(part));
        }
        if word.contains('.') {
            return None;
        }
        Some(Place::Section(slug(word)?))
    }

    /// Its canonical path, decoded.
    pub fn path(&self, language: &Language, publication: &Publication) -> String {
        let rest = self.rest();
        if self.is_for_all_languages() {
            return rest;
        }
        let path = publication.path(language, &rest);
        // The front page of another language is `/fr/`, that of the main one `/`.
        if rest == "/" && path.len() > 1 && !path.ends_with('/') { format!("{path}/") } else { path }
    }

    fn rest(&self) -> String {
        match self {
            Place::Front => "/".into(),
            Place::Section(section) => format!("/{section}"),
            Place::Article(section, article) => format!("/{section}/{article}"),
            Place::Text(section, article) => format!("/{section}/{article}.txt"),
            Place::Topic(topic) => format!("/topic/{topic}"),
            Place::Author(author) => format!("/author/{author}"),
            Place::Archive(span) => span.path(),
            Place::Search => "/search".into(),
            Place::Corrections => "/corrections".into(),
            Place::Changes(section, article) => format!("/{section}/{article}/changes"),
            Place::Policy(policy) => format!("/{}", policy.word()),
            Place::Feed(FeedOf::Site, kind) => format!("/{}", kind.file()),
            Place::Feed(FeedOf::Section(section), kind) => format!("/{section}/{}", kind.file()),
            Place::Feed(FeedOf::Topic(topic), kind) => format!("/topic/{topic}/{}", kind.file()),
            Place::Feed(FeedOf::Author(author), kind) => format!("/author/{author}/{}", kind.file()),
            Place::Feed(FeedOf::Corrections, kind) => format!("/corrections/{}", kind.file()),
            Place::Card(FeedOf::Site | FeedOf::Corrections) => format!("/{CARD}"),
            Place::Card(FeedOf::Section(section)) => format!("/{section}/{CARD}"),
            Place::Card(FeedOf::Topic(topic)) => format!("/topic/{topic}/{CARD}"),
            Place::Card(FeedOf::Author(author)) => format!("/author/{author}/{CARD}"),
            Place::Subscribe => "/subscribe".into(),
            Place::Confirm(token) => format!("/subscribe/confirm/{token}"),
            Place::Preferences(token) => format!("/preferences/{token}"),
            Place::Doings(token) => format!("/preferences/{token}/doings"),
            Place::NewAddress(token) => format!("/preferences/{token}/address"),
            Place::Unsubscribe(token) => format!("/unsubscribe/{token}"),
            Place::Sitemap => "/sitemap.xml".into(),
            Place::SitemapPart(part) => format!("/sitemap-{part}.xml"),
            Place::NewsSitemap => "/sitemap-news.xml".into(),
            Place::Robots => "/robots.txt".into(),
            Place::Trust => "/trust.txt".into(),
            Place::Security => "/.well-known/security.txt".into(),
            Place::Mining => "/.well-known/tdmrep.json".into(),
            Place::License => "/license.xml".into(),
            Place::Manifest => "/manifest.webmanifest".into(),
            Place::Keeper => "/offline.js".into(),
        }
    }

    /// Whether there is only one of it, at the root.
    fn is_for_all_languages(&self) -> bool {
        matches!(
            self,
            Place::Sitemap
                | Place::SitemapPart(_)
                | Place::NewsSitemap
                | Place::Robots
                | Place::Trust
                | Place::Security
                | Place::Mining
                | Place::License
                | Place::Keeper
        )
    }

    /// Whether its pages are about one person: never kept, never listed.
    pub fn is_private(&self) -> bool {
        matches!(
            self,
            Place::Confirm(_) | Place::Preferences(_) | Place::Doings(_) | Place::NewAddress(_) | Place::Unsubscribe(_)
        )
    }

    /// Whether forms are sent here.
    pub fn takes_forms(&self) -> bool {
        self.is_private() || *self == Place::Subscribe
    }

    /// Whether it can be looked at.
    pub fn can_be_read(&self) -> bool {
        !matches!(self, Place::Doings(_) | Place::NewAddress(_))
    }
}

impl Span {
    fn read(segments: &[&str]) -> Option<Span> {
        let digits = |text: &str, count: usize| {
            (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse::<i16>().ok())?
        };
        let year = digits(segments.first()?, 4).filter(|year| YEARS.contains(year))?;
        let Some(month) = segments.get(1) else { return Some(Span::Year(year)) };
        let month = i8::try_from(digits(month, 2)?).ok().filter(|month| (1..=12).contains(month))?;
        let Some(day) = segments.get(2) else { return Some(Span::Month(year, month)) };
        let day = Day::new(year, month, i8::try_from(digits(day, 2)?).ok()?)?;
        (segments.len() == 3).then_some(Span::Day(day))
    }

    /// Its path without a language.
    pub fn path(self) -> String {
        match self {
            Span::All => "/archive".into(),
            Span::Year(year) => format!("/archive/{year:04}"),
            Span::Month(year, month) => format!("/archive/{year:04}/{month:02}"),
            Span::Day(day) => format!("/archive/{:04}/{:02}/{:02}", day.year(), day.month(), day.day()),
        }
    }
}

/// A slug as it was meant: capitals and accents of Latin letters are forgiven, other signs are not.
fn slug(segment: &str) -> Option<Slug> {
    let plain = segment.chars().all(|letter| letter.is_alphanumeric() || !letter.is_ascii() || "-_' ".contains(letter));
    if plain { Slug::from_words(segment) } else { None }
}

fn token(segment: &str) -> Option<String> {
    let fits = segment.len() <= TOKEN_BYTES_MAX && segment.bytes().all(|byte| byte.is_ascii_alphanumeric());
    fits.then(|| segment.to_owned())
}

/// A decoded path as it stands in a link or a `Location`.
pub fn encode(path: &str) -> String {
    path.split('/').map(|segment| utf8_percent_encode(segment, SEGMENT).to_string()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests;
