//! The house rules of the edition and of breaking news. Decides nothing about them: see `newsroom::publication::House`.

use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use newsroom::publication::House;
use newsroom::staff::{May, Staff};

impl Desk {
    /// Keeps to these rules from now on, on every node. Refuses what no edition could keep to.
    pub async fn set_house(&self, by: &Staff, house: House) -> Result<(), Error> {
        by.allowed(May::Administer)?;
        house.fits()?;
        let (by, desk) = (by.clone(), self.clone());
        self.change(move |change| {
            let mut publication = change.publication()?.ok_or(Error::Missing)?;
            let before = std::mem::replace(&mut publication.house, house.clone());
            change.save_publication(&publication)?;
            change.raise_content_version()?;
            let what = if before.breaking_by_two == house.breaking_by_two { "" } else { by_two(&house) };
            desk.note(change, Who::Staff(&by), Entry::new("changed", "the house rules", what))
        })
        .await?;
        self.content_version().map(drop)
    }
}

/// The rule that keeps one person from mailing everybody stands in the ledger in words.
fn by_two(house: &House) -> &'static str {
    if house.breaking_by_two {
        "breaking news is sent by a second editor"
    } else {
        "breaking news is sent by who wrote it"
    }
}
