//! The publication's card: what stands beside a link to a page that is no article, or to an article whose headline we
//! have no letters for. Drawn when it is asked for, and kept like any page.

use http::HeaderValue;
use press::page::{Dir, OpenGraph};
use press::share::{self, SharePicture};

use super::fault::Fault;
use super::sheet::Sheet;
use super::{feeds, sites};
use crate::address::{FeedOf, Place};
use crate::cache::Kept;
use crate::printed::{Printed, tag};

/// What messengers show beside a link.
pub(crate) struct Preview {
    /// Whole address.
    pub(crate) url: String,
    pub(crate) alt: String,
    /// Pixels.
    pub(crate) size: (u32, u32),
}

impl Preview {
    /// As the head of a page names it.
    pub(crate) fn put_into(self, og: &mut OpenGraph) {
        og.image = Some(self.url);
        og.image_alt = Some(self.alt);
        (og.image_width, og.image_height) = (Some(self.size.0), Some(self.size.1));
    }
}

/// The card beside links to a page with this title. Its address is another one whenever it says something else, for
/// messengers keep what they once fetched. None where we have no letters for the publication's name.
pub(crate) fn beside(sheet: &Sheet, of: &FeedOf, title: &str) -> Option<Preview> {
    let card = words(sheet, of, title)?;
    let said = format!("{}|{}|{}|{}", card.headline, card.label, card.name, card.accent);
    let alt = if card.headline == sheet.site.name { card.headline } else { format!("{title} – {}", sheet.site.name) };
    Some(Preview {
        url: format!("{}?{}", sheet.url(&Place::Card(of.clone())), &tag(said.as_bytes())[..8]),
        alt,
        size: (share::WIDTH, share::HEIGHT),
    })
}

/// The card as PNG.
pub(super) async fn page(sheet: &Sheet, of: &FeedOf) -> Result<Kept, Fault> {
    let (title, _) = feeds::subject(sheet, of).await?;
    let words = words(sheet, of, &title).ok_or(Fault::NotFound)?;
    let png = tokio::task::spawn_blocking(move || share::draw(&words)).await.map_err(Fault::broken)?;
    // Names and colours are of what everything is made of; no article changes it.
    Ok(Kept::new(Printed::picture(HeaderValue::from_static("image/png"), png), sheet.moment.version).of([]))
}

/// The name of the page above that of the publication; on the front page's card its name above its motto.
fn words(sheet: &Sheet, of: &FeedOf, title: &str) -> Option<SharePicture> {
    let (name, tagline) = (sheet.site.name.clone(), &sheet.site.tagline);
    if !share::has_letters_for(&name) {
        return None;
    }
    // Set on trial only where it is wanted: every page that is printed asks for these words.
    let motto = || if share::fits_the_foot(tagline) { tagline.clone() } else { String::new() };
    let (headline, name) = match of {
        FeedOf::Section(_) | FeedOf::Topic(_) | FeedOf::Author(_) if share::has_letters_for(title) => {
            (title.into(), name)
        }
        FeedOf::Section(_) | FeedOf::Topic(_) | FeedOf::Author(_) | FeedOf::Site | FeedOf::Corrections => {
            (name, motto())
        }
    };
    let colours = sites::colours(&sheet.paper.publication).unwrap_or_default();
    let is_right_to_left = sheet.site.dir == Dir::Rtl;
    Some(SharePicture { headline, label: String::new(), name, is_right_to_left, accent: colours.accent })
}
