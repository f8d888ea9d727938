//! Moving an article to another address. Old links lead to the new one for good, in one step however often it moves.

use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use newsroom::id::ArticleId;
use newsroom::refusal::Refusal;
use newsroom::slug::Slug;
use newsroom::staff::Staff;

impl Desk {
    /// Readers find a live article under `section` and `slug` from now on; where it stood leads there.
    pub async fn readdress(&self, editor: &Staff, id: ArticleId, section: Slug, slug: Slug) -> Result<(), Error> {
        let (editor, now, desk) = (editor.clone(), self.now(), self.clone());
        self.change(move |change| {
            let mut article = change.article(id)?.ok_or(Error::Missing)?;
            article.may_move(&editor)?;
            if !change.sections()?.iter().any(|known| known.slug == section) {
                return Err(Refusal::UnknownSection(section.to_string()).into());
            }
            if article.section == section && article.slug == slug {
                return Ok(());
            }
            change.keep_former_address(&article.language, &article.section, &article.slug, id, now)?;
            article.section = section.clone();
            article.slug = slug.clone();
            change.save_article(&article, now).map_err(|error| crate::write::taken(error, &article))?;
            crate::publish::index_again(change, &article)?;
            change.note_in_sitemap(id, now)?;
            change.raise_content_version()?;
            desk.announce(change, id, now)?;
            let address = format!("/{}/{}", article.section, article.slug);
            desk.note(change, Who::Staff(&editor), Entry::new("moved", id, address))
        })
        .await
    }
}
