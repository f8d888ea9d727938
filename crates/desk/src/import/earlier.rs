//! What readers saw of an imported article before: earlier versions, each in a file of its own beside the article.

use super::article::Plan;
use super::folder::Folder;
use crate::error::Error;
use newsroom::article::{Article, Copy};
use newsroom::refusal::Refusal;
use newsroom::time::Timestamp;
use press::front_matter;
use store::Change;

/// Most bytes of one earlier version.
const FILE_BYTES_MAX: u64 = 3 * 1024 * 1024;
/// Earlier versions of one article.
pub(crate) const EARLIER_MAX: usize = 200;

/// One version that readers saw before.
#[derive(Debug, Clone)]
pub(crate) struct Earlier {
    pub file: String,
    /// When readers first saw it.
    pub at: Timestamp,
    /// What changed in it, in the newsroom's words; empty for the first.
    pub changed: String,
    /// Its words, once the file was read.
    pub copy: Option<Copy>,
}

/// Reads the files of all earlier versions. What they do not say of headline and standfirst stays as it is now.
pub(crate) fn read(folder: &Folder, plan: &mut Plan) -> Result<(), Error> {
    for earlier in &mut plan.earlier {
        let no = |sentence: String| {
            Error::Refused(Refusal::Other(format!("The earlier version “{}”: {sentence}", earlier.file)))
        };
        let file = folder
            .resolve(&plan.name, &earlier.file)
            .ok_or_else(|| no("there is no such file beside the article.".into()))?;
        let bytes = folder.read(&file, FILE_BYTES_MAX).map_err(no)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| no("it is not UTF-8.".into()))?;
        let parts = front_matter::split(text);
        let front = parts.yaml.map(front_matter::read).transpose().map_err(|error| no(error.to_string()))?;
        let front = front.map(|(front, _)| front).unwrap_or_default();
        let now = &plan.draft.copy;
        earlier.copy = Some(Copy {
            headline: front.headline.unwrap_or_else(|| now.headline.clone()),
            standfirst: front.standfirst.unwrap_or_else(|| now.standfirst.clone()),
            body: parts.body.trim_start_matches('\n').to_owned(),
            ..now.clone()
        });
    }
    Ok(())
}

/// Keeps the earlier versions as the first revisions of a new article, oldest first. The article then stands at the
/// number that its words of now get.
pub(crate) fn keep(change: &mut Change<'_>, plan: &Plan, article: &mut Article) -> Result<(), Error> {
    for earlier in &plan.earlier {
        let Some(copy) = earlier.copy.clone() else { continue };
        let revision = crate::write::revision(article, copy, earlier.at, article.writer, &earlier.changed);
        change.add_revision(&revision)?;
        change.show_revision(article.id, revision.number, earlier.at)?;
        article.published_revision = Some(revision.number);
        article.revision += 1;
    }
    Ok(())
}
