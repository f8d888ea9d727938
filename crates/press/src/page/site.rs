//! What all pages of one language share (masthead, menu, footer), and the head that each page brings.

use serde::Serialize;

use super::{Colours, Html};

/// Writing direction, printed as `ltr` or `rtl`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Dir {
    #[default]
    Ltr,
    Rtl,
}

impl Dir {
    /// The direction of a language by its BCP 47 tag: the right-to-left scripts' main languages, everything else left to right.
    pub fn of(language: &str) -> Dir {
        match language.split('-').next().unwrap_or_default() {
            "ar" | "arc" | "ckb" | "dv" | "fa" | "he" | "ps" | "sd" | "ug" | "ur" | "yi" => Dir::Rtl,
            _ => Dir::Ltr,
        }
    }
}

/// A text that leads somewhere. `href` is a path on this site or a whole address, ready to print.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Link {
    pub text: String,
    pub href: String,
}

impl Link {
    /// A link from its words and its address.
    pub fn new(text: impl Into<String>, href: impl Into<String>) -> Link {
        Link { text: text.into(), href: href.into() }
    }
}

/// A moment as people read it, and as machines do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct When {
    /// RFC 3339 with offset (`2025-08-22T18:40+03:00`), or a date alone.
    pub datetime: String,
    /// The words, zone included where it could be mistaken: `Words::date_long` makes them.
    pub text: String,
}

impl When {
    /// A moment from its machine form and its words.
    pub fn new(datetime: impl Into<String>, text: impl Into<String>) -> When {
        When { datetime: datetime.into(), text: text.into() }
    }
}

/// A section in the menu.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NavLink {
    pub name: String,
    pub href: String,
    /// True on the pages of this section; drawn as an underline and said by `aria-current`.
    pub current: bool,
}

/// A language of the publication, named by itself (`words::endonym`).
#[derive(Debug, Clone, Default, Serialize)]
pub struct LanguageLink {
    pub code: String,
    pub endonym: String,
    pub href: String,
    pub current: bool,
}

/// The sign-up box. Its form posts `email`, `newsletter`, `stamp` and the trap field `url` to `action`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SignUp {
    /// The newsletter's slug, sent along as `newsletter`.
    pub newsletter: String,
    pub name: String,
    /// What one gets, one sentence.
    pub promise: String,
    /// How often, one sentence; may be empty.
    pub frequency: String,
    /// Where the form goes, normally `/subscribe`.
    pub action: String,
    /// The whole form with sections, languages and hour.
    pub choices_href: String,
    /// Signed time of printing; opaque here. Coarse enough that pages can be kept.
    pub stamp: String,
}

/// Lists of typefaces, checked by whoever fills them (`newsroom::look::faces`): they stand in the style as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Faces {
    pub text: Option<String>,
    pub head: Option<String>,
    pub label: Option<String>,
}

/// What every page of one language carries around its contents.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Site {
    pub name: String,
    pub tagline: String,
    pub place: String,
    /// BCP 47 tag of the page's language; the interface's words follow it.
    pub language: String,
    pub dir: Dir,
    /// The language the name itself is written in, where it differs from the page's.
    pub name_language: Option<String>,
    /// `https://paper.example`, no slash at the end.
    pub base_url: String,
    pub home_href: String,
    /// Day and place under the front page's name: "Monday 25 August 2025, Nairobi".
    pub today: When,
    pub sections: Vec<NavLink>,
    pub languages: Vec<LanguageLink>,
    pub search_href: String,
    pub search_current: bool,
    pub archive_href: String,
    pub feed_href: String,
    pub corrections_href: String,
    /// The list of living stories, once there is one.
    pub stories_href: Option<String>,
    /// None where nobody can subscribe; the box and its links then go away.
    pub signup: Option<SignUp>,
    /// "Who we are", "How we work", "Privacy": what the footer lists under "About us".
    pub policies: Vec<Link>,
    /// Who publishes and answers for it, one line in the footer.
    pub publisher: String,
    /// The publication's own colours; None prints the theme's.
    pub colours: Option<Colours>,
    /// The publication's own typefaces.
    pub faces: Faces,
    /// Inline SVG drawn in `currentColor`.
    pub logo_svg: Option<Html>,
    /// Whether rights of text and data mining are reserved (TDMRep).
    pub tdm_reserved: bool,
    pub icon_href: String,
    pub touch_icon_href: String,
    /// Set where pages may be kept for reading without a network.
    pub manifest_href: Option<String>,
    /// The script that begins to keep them; the content security policy knows it by its hash.
    pub keeper: Option<Html>,
}

impl Site {
    /// The same site seen from one of its places: the section with this address is marked as current.
    pub fn standing_at(&self, section_href: &str) -> Site {
        let mut site = self.clone();
        for section in &mut site.sections {
            section.current = section.href == section_href;
        }
        site
    }

    /// The same site around a page that stands in other languages, too: their links lead to it there.
    pub(crate) fn speaking(&self, alternates: &[Alternate]) -> Site {
        let mut site = self.clone();
        for language in &mut site.languages {
            if let Some(there) = alternates.iter().find(|there| there.language == language.code) {
                language.href.clone_from(&there.href);
            }
        }
        site
    }
}

/// A translation of the page, for search engines: `hreflang` and whole address.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Alternate {
    pub language: String,
    pub href: String,
}

/// A feed of the page's own contents.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FeedLink {
    pub title: String,
    pub href: String,
    /// `application/rss+xml`, `application/atom+xml` or `application/feed+json`.
    pub media_type: String,
}

/// What messengers show when somebody passes the page on (ogp.me).
#[derive(Debug, Clone, Default, Serialize)]
pub struct OpenGraph {
    /// `article` or `website`.
    pub kind: String,
    pub title: String,
    pub description: String,
    /// Whole address of a picture.
    pub image: Option<String>,
    pub image_alt: Option<String>,
    /// Pixels.
    pub image_width: Option<u32>,
    pub image_height: Option<u32>,
}

/// The head of one page.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Meta {
    /// The page's own title; the theme adds the publication's name except on front page and articles.
    pub title: String,
    pub description: String,
    /// Whole address of this page; None for pages that stand nowhere (errors).
    pub canonical: Option<String>,
    /// Forms, errors and searches ask not to be listed.
    pub noindex: bool,
    pub alternates: Vec<Alternate>,
    pub feeds: Vec<FeedLink>,
    pub og: Option<OpenGraph>,
    /// JSON-LD as one JSON text; the theme makes it safe inside a script element.
    pub json_ld: Option<String>,
}

impl Meta {
    /// A head for a page that should not be listed anywhere.
    pub fn unlisted(title: impl Into<String>) -> Meta {
        Meta { title: title.into(), noindex: true, ..Meta::default() }
    }
}

/// A picture as a page shows it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Picture {
    pub src: String,
    /// Candidates with widths (`/media/a-480.webp 480w, …`); the theme adds `sizes` by place.
    pub srcset: Option<String>,
    /// The same as WebP, for browsers that know it.
    pub webp_srcset: Option<String>,
    pub width: u32,
    pub height: u32,
    /// `c-0a5866`: the class of its main colour, drawn until it has come. The theme writes its rule into the style.
    pub tint: Option<String>,
    /// What the picture shows. Cards print it empty, because their headline is the link beside it.
    pub alt: String,
    pub caption: Option<String>,
    /// Who made it, label included: "Photo: Ilse Marrow".
    pub credit: Option<String>,
}
