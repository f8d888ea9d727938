//! What is said about those whose names stand above articles: name, title, place, a few sentences, a portrait.

use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use newsroom::publication::Author;
use newsroom::refusal::Refusal;
use newsroom::staff::{May, Staff};

/// Characters of a name, a title or a place, and of what is said about somebody in one language.
const LINE_CHARACTERS_MAX: usize = 120;
const BIO_CHARACTERS_MAX: usize = 2_000;

impl Desk {
    /// Changes what is said about an author, under every article and on their page. Missing if nobody has this slug.
    pub async fn set_author(&self, by: &Staff, author: Author) -> Result<(), Error> {
        by.allowed(May::Edit)?;
        let lines = [&author.name, &author.title, &author.place];
        if lines.iter().any(|line| line.chars().count() > LINE_CHARACTERS_MAX || line.chars().any(char::is_control)) {
            return Err(
                Refusal::Limit { what: "characters in a line about an author", max: LINE_CHARACTERS_MAX }.into()
            );
        }
        if author.bios.values().any(|bio| bio.chars().count() > BIO_CHARACTERS_MAX) {
            return Err(Refusal::Limit { what: "characters about an author", max: BIO_CHARACTERS_MAX }.into());
        }
        if author.name.trim().is_empty() {
            return Err(Refusal::Other("Write the name as it stands above articles.".into()).into());
        }
        let (by, desk) = (by.clone(), self.clone());
        self.change(move |change| {
            change.author(&author.slug)?.ok_or(Error::Missing)?;
            if let Some(picture) = author.picture {
                change.picture(picture)?.ok_or(Error::Missing)?;
            }
            change.save_author(&author)?;
            change.raise_content_version()?;
            desk.note(change, Who::Staff(&by), Entry::new("changed", "author", &author.slug))
        })
        .await
    }
}
