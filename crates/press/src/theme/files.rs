//! The files a theme is made of: ours, embedded, and those of a publisher that replace them one by one.
//! Knows every name; takes bytes and reads no folder.

use std::collections::BTreeMap;

use super::Finding;

/// Bytes one file of a theme may have.
pub const FILE_BYTES_MAX: usize = 512 * 1024;
/// Files one theme may have.
pub const FILES_MAX: usize = 200;

macro_rules! ours {
    ($($name:literal),* $(,)?) => { [$(($name, include_str!(concat!("../../themes/default/", $name)))),*] };
}

/// Every text of the default theme by its path in the theme's folder.
const OURS: &[(&str, &str)] = &ours![
    "page/parts.html",
    "page/fields.html",
    "page/base.html",
    "page/front.html",
    "page/section.html",
    "page/article.html",
    "page/author.html",
    "page/topic.html",
    "page/archive.html",
    "page/search.html",
    "page/subscribe.html",
    "page/notice.html",
    "page/confirm.html",
    "page/preferences.html",
    "page/unsubscribe.html",
    "page/corrections.html",
    "page/changes.html",
    "page/policy.html",
    "page/not_found.html",
    "page/gone.html",
    "page/broken.html",
    "message/frame.html",
    "message/parts.html",
    "message/daily.html",
    "message/confirm.html",
    "message/welcome.html",
    "message/sign_in.html",
    "message/code.html",
    "message/move.html",
    "message/moved.html",
    "message/breaking.html",
    "message/one_off.html",
    "message/note.html",
    "asset/css/tokens.css",
    "asset/css/chrome.css",
    "asset/css/mast.css",
    "asset/css/top.css",
    "asset/css/fields.css",
    "asset/css/sign.css",
    "asset/css/cards.css",
    "asset/css/list.css",
    "asset/css/month.css",
    "asset/css/article.css",
    "asset/css/body.css",
    "asset/css/form.css",
    "asset/css/changes.css",
    "asset/css/print.css",
    "asset/icon.svg",
    "words/en.json",
    "words/fr.json",
    "words/ht.json",
    "words/sw.json",
    "words/es.json",
    "words/ar.json",
];

const TOUCH_ICON: &[u8] = include_bytes!("../../themes/default/asset/apple-touch-icon.png");

/// What a picture or drawing of a theme is sent as.
const ASSET_TYPES: [(&str, &str); 5] = [
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("webp", "image/webp"),
    ("ico", "image/x-icon"),
];

/// A publisher's files by their path in the folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    /// Takes one file. Errs with what to do when no theme can have it: a name that replaces nothing, too many bytes.
    pub fn take(&mut self, path: &str, bytes: Vec<u8>) -> Result<(), Finding> {
        if !is_ours(path) && asset_type(path).is_none() {
            return Err(Finding::at(path, None, unknown(path)));
        }
        if bytes.len() > FILE_BYTES_MAX {
            let says =
                format!("This file has {} KB; a theme's may have {}.", bytes.len() / 1024, FILE_BYTES_MAX / 1024);
            return Err(Finding::at(path, None, says));
        }
        if is_text(path) && std::str::from_utf8(&bytes).is_err() {
            return Err(Finding::at(path, None, "This file is not UTF-8. Save it as UTF-8."));
        }
        if self.0.len() >= FILES_MAX {
            return Err(Finding::at(path, None, format!("A theme may have {FILES_MAX} files; this is one more.")));
        }
        self.0.insert(path.to_owned(), bytes);
        Ok(())
    }

    /// Whether the publisher brought a file of this name.
    pub fn has(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    /// How many files replace something or come along.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether everything is ours.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The publisher's own text of a name, if there is one.
    pub(super) fn own(&self, path: &str) -> Option<&str> {
        self.0.get(path).and_then(|bytes| std::str::from_utf8(bytes).ok())
    }

    /// The publisher's text of a name, else ours.
    pub(super) fn text(&self, path: &str) -> &str {
        self.own(path).unwrap_or_else(|| ours(path))
    }

    /// A picture of the theme with its media type: an icon, or whatever lies under `asset/`.
    pub(super) fn asset(&self, name: &str) -> Option<(&'static str, &[u8])> {
        let path = format!("asset/{name}");
        let media_type = asset_type(&path)?;
        match (self.0.get(&path), name) {
            (Some(bytes), _) => Some((media_type, bytes)),
            (None, "apple-touch-icon.png") => Some((media_type, TOUCH_ICON)),
            (None, "icon.svg") => Some((media_type, ours(&path).as_bytes())),
            (None, _) => None,
        }
    }

    /// The publisher's own texts with this beginning and ending.
    pub(super) fn texts(&self, folder: &str, ending: &str) -> impl Iterator<Item = (&str, &str)> {
        let named = self.0.iter().filter(move |(path, _)| path.starts_with(folder) && path.ends_with(ending));
        named.filter_map(|(path, bytes)| Some((path.as_str(), std::str::from_utf8(bytes).ok()?)))
    }
}

/// The templates, by name.
pub(super) fn templates() -> impl Iterator<Item = &'static str> {
    OURS.iter().map(|(path, _)| *path).filter(|path| path.ends_with(".html"))
}

/// Our own text of a name; empty for names that are not ours.
pub(crate) fn ours(path: &str) -> &'static str {
    OURS.iter().find(|(name, _)| *name == path).map_or("", |(_, text)| text)
}

fn is_ours(path: &str) -> bool {
    OURS.iter().any(|(name, _)| *name == path)
}

fn is_text(path: &str) -> bool {
    !path.starts_with("asset/") || path.ends_with(".css") || path.ends_with(".svg")
}

/// The media type of a file under `asset/`, if browsers are given it. Its name is letters, digits, `-`, `_` and `.`.
fn asset_type(path: &str) -> Option<&'static str> {
    let name = path.strip_prefix("asset/")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.starts_with('.') || !name.chars().all(plain) {
        return None;
    }
    let (_, ending) = name.rsplit_once('.')?;
    ASSET_TYPES.iter().find(|(known, _)| *known == ending).map(|(_, media_type)| *media_type)
}

/// What to say about a name that replaces nothing.
fn unknown(path: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    let near = OURS.iter().map(|(name, _)| *name).find(|name| name.rsplit('/').next() == Some(file));
    match near {
        Some(name) => format!("Nothing is called this here. Did you mean {name}?"),
        None if path.starts_with("asset/") => {
            "Only svg, png, jpg, webp and ico files are sent to readers, and styles lie in asset/css under our names."
                .into()
        }
        None => {
            "Nothing is called this here. Templates lie in page/ and message/, styles in asset/css/, words in words/."
                .into()
        }
    }
}
