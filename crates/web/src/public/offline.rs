//! Reading without a network, where the newsroom offers it: the manifest and the script that keeps what was read.
//! The pages are the same without them.

use http::HeaderValue;
use press::page::Html;
use serde_json::{Value, json};

use super::fault::Fault;
use super::machines::file;
use super::sheet::Sheet;
use crate::address::Place;
use crate::cache::Kept;

const SCRIPT: HeaderValue = HeaderValue::from_static("text/javascript; charset=utf-8");
const MANIFEST: HeaderValue = HeaderValue::from_static("application/manifest+json");
/// The ground behind the paper while it opens, as the theme has it.
const PAPER: &str = "#fdfdfc";

/// What a browser needs to put the paper among its programs (W3C Web App Manifest). Missing where nothing is kept.
pub(super) fn manifest(sheet: &Sheet) -> Result<Kept, Fault> {
    if !sheet.paper.publication.offline {
        return Err(Fault::NotFound);
    }
    let site = &sheet.site;
    let icon = |src: &str, sizes: &str, kind: &str| json!({ "src": src, "sizes": sizes, "type": kind });
    let manifest = json!({
        "id": site.home_href,
        "name": site.name,
        "description": site.tagline,
        "lang": site.language,
        "dir": site.dir,
        "start_url": site.home_href,
        "scope": "/",
        "display": "minimal-ui",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": [icon(&site.touch_icon_href, "180x180", "image/png"), icon(&site.icon_href, "any", "image/svg+xml")],
    });
    Ok(file(sheet, MANIFEST, format!("{manifest}\n"), None))
}

/// The script that keeps pages; where nothing is to be kept, one that forgets what an earlier one kept.
pub(super) fn worker(sheet: &Sheet) -> Kept {
    if !sheet.paper.publication.offline {
        return file(sheet, SCRIPT, include_str!("offline/farewell.js").to_owned(), None);
    }
    let theme = sheet.web.desk().theme();
    let words = |language: newsroom::language::Language| {
        let words = theme.words(language.code());
        let say = |key: &str, with: &[(&str, &str)]| Html::text(&words.say(key, with)).into_string();
        let said = json!({
            "dir": words.dir(),
            "kept": say("offline_kept", &[("when", "{when}")]),
            "missing": say("offline_missing", &[]),
            "missing_note": say("offline_missing_note", &[]),
        });
        (language.code().to_owned(), said)
    };
    let words: serde_json::Map<String, Value> = sheet.paper.publication.languages().into_iter().map(words).collect();
    let head = format!("const WORDS = {};\nconst MAIN = {};\n", Value::from(words), json!(sheet.main.code()));
    file(sheet, SCRIPT, head + include_str!("offline/worker.js"), None)
}

/// Where it is asked for; the page's own script names it.
pub(super) fn manifest_href(sheet: &Sheet) -> Option<String> {
    sheet.paper.publication.offline.then(|| sheet.href(&Place::Manifest))
}
