//! Draws the picture that stands beside a link to an article without a picture of its own: by a chore, after it was
//! published. Older articles, and headlines in letters we have not got, are passed on with their section's card.

use crate::chores::Kind;
use crate::desk::Desk;
use crate::error::Error;
use newsroom::article::State;
use newsroom::id::{ArticleId, ChoreId};
use newsroom::time::{DAY, Timestamp};
use press::page::{Colour, Dir};
use press::share::SharePicture;
use store::Change;

/// What is older is rarely passed on, and a picture costs some 20 KB and a twentieth of a second.
const SHARED_DAYS_MAX: i64 = 30;
/// Pictures drawn after an import or in another colour, at most.
const SHARES_DRAWN_MAX: usize = 500;

impl Desk {
    /// Lets the picture of an article be drawn.
    pub(crate) fn draw_share_later(
        &self,
        change: &mut Change<'_>,
        article: ArticleId,
        now: Timestamp,
    ) -> Result<(), Error> {
        Ok(change.add_chore(ChoreId(self.id()), Kind::DrawShare.key(), &article.to_string(), now)?)
    }

    /// Lets the pictures of the newest articles be drawn.
    pub(crate) fn draw_shares_later(&self, change: &mut Change<'_>, now: Timestamp) -> Result<(), Error> {
        Ok(change.add_chore(ChoreId(self.id()), Kind::DrawShares.key(), "", now)?)
    }

    /// The chore: one chore for each of the newest articles.
    pub(crate) async fn draw_shares(&self, now: Timestamp) -> Result<(), Error> {
        let desk = self.clone();
        self.change(move |change| {
            for article in change.newest_since(now.plus(-SHARED_DAYS_MAX * DAY), now, SHARES_DRAWN_MAX)? {
                desk.draw_share_later(change, article, now)?;
            }
            Ok(())
        })
        .await
    }

    /// The chore: the headline readers see now, in the publication's colours of now.
    pub(crate) async fn draw_share(&self, subject: &str, now: Timestamp) -> Result<(), Error> {
        let id: ArticleId = subject.parse().map_err(|()| Error::Broken(format!("“{subject}” is no article.")))?;
        let desk = self.clone();
        let words = self.look(move |view| {
            let Some(article) = view.article(id)?.filter(|article| article.state == State::Live) else {
                return Ok(None);
            };
            let number = article.published_revision.ok_or(Error::Missing)?;
            let copy = view.revision(id, number)?.ok_or(Error::Missing)?.copy;
            if copy.lead.is_some_and(|lead| lead.picture.is_some()) {
                return Ok(None);
            }
            let headline = if copy.short_social.is_empty() { copy.headline } else { copy.short_social };
            if !press::share::has_letters_for(&headline) {
                return Ok(None);
            }
            let paper = desk.paper();
            let colour = paper.publication.accent.as_deref().and_then(|text| Colour::parse(text).ok());
            Ok(Some(SharePicture {
                headline,
                label: paper.section_name(&article.section, &article.language),
                name: paper.publication.name.clone(),
                is_right_to_left: Dir::of(article.language.code()) == Dir::Rtl,
                accent: colour.unwrap_or(press::page::Colours::default().accent),
            }))
        });
        let Some(words) = words.await? else {
            return self.change(move |change| Ok(change.keep_share_picture(id, None, now)?)).await;
        };
        let disk = self.blobs().clone();
        let drawn = tokio::task::spawn_blocking(move || {
            let png = press::share::draw(&words);
            Ok::<_, Error>((disk.keep(&png)?, png.len() as u64))
        });
        let (hash, bytes) =
            drawn.await.map_err(|error| Error::Broken(format!("Drawing a picture stopped: {error}.")))??;
        self.change(move |change| Ok(change.keep_share_picture(id, Some((&hash, bytes)), now)?)).await
    }
}
