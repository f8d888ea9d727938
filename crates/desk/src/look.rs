//! Changing how the paper looks: name, drawing, colours, typefaces.

use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use newsroom::look::{Faces, drawing, faces};
use newsroom::publication::Publication;
use newsroom::refusal::Refusal;
use newsroom::staff::{May, Staff};
use press::page::{Colour, Colours};
use serde::{Deserialize, Serialize};

/// Characters of a publication's name, at most.
const NAME_CHARACTERS_MAX: usize = 80;

/// The look as it was typed; empty leaves a thing to the theme.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LookForm {
    #[serde(skip)]
    pub name: String,
    #[serde(skip)]
    pub logo: String,
    pub accent: String,
    pub accent_dark: String,
    pub mark: String,
    pub mark_dark: String,
    pub text: String,
    pub head: String,
    pub label: String,
    /// Pages may be kept for reading without a network.
    pub offline: bool,
}

impl LookForm {
    /// The look in force.
    pub fn of(publication: &Publication) -> LookForm {
        let own = |value: &Option<String>| value.clone().unwrap_or_default();
        let faces = &publication.faces;
        LookForm {
            name: publication.name.clone(),
            logo: own(&publication.logo),
            accent: own(&publication.accent),
            accent_dark: own(&publication.accent_dark),
            mark: own(&publication.mark),
            mark_dark: own(&publication.mark_dark),
            text: own(&faces.text),
            head: own(&faces.head),
            label: own(&faces.label),
            offline: publication.offline,
        }
    }

    /// Puts it into a publication. Errs with the first thing that no theme could use, with what to do about it.
    pub(crate) fn put_into(&self, publication: &mut Publication) -> Result<(), Refusal> {
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > NAME_CHARACTERS_MAX || name.chars().any(char::is_control) {
            let sentence = format!("The name of the paper has one to {NAME_CHARACTERS_MAX} characters.");
            return Err(Refusal::Other(sentence));
        }
        colours([&self.accent, &self.accent_dark, &self.mark, &self.mark_dark])?;
        let own = |text: &str| Some(text.trim().to_lowercase()).filter(|text| !text.is_empty());
        publication.name = name.to_owned();
        publication.logo = drawing(&self.logo)?;
        publication.accent = own(&self.accent);
        publication.accent_dark = own(&self.accent_dark);
        publication.mark = own(&self.mark);
        publication.mark_dark = own(&self.mark_dark);
        publication.offline = self.offline;
        publication.faces = Faces { text: faces(&self.text)?, head: faces(&self.head)?, label: faces(&self.label)? };
        Ok(())
    }
}

/// The colours typed, over the theme's for those that were not; accent, dark accent, mark, dark mark.
fn colours(typed: [&String; 4]) -> Result<Colours, Refusal> {
    let ours = Colours::default();
    let one = |text: &str, default: Colour| match text.trim() {
        "" => Ok(default),
        text => Colour::parse(text).map_err(|bad| Refusal::Other(bad.to_string())),
    };
    let [accent, accent_dark, mark, mark_dark] = typed;
    let colours = Colours {
        accent: one(accent, ours.accent)?,
        accent_dark: one(accent_dark, ours.accent_dark)?,
        mark: one(mark, ours.mark)?,
        mark_dark: one(mark_dark, ours.mark_dark)?,
    };
    colours.check().map_err(|bad| Refusal::Other(bad.to_string()))?;
    Ok(colours)
}

impl Desk {
    /// Every page is printed with this look from now on. Refuses what could not be read, with the contrast it reaches.
    pub async fn set_look(&self, staff: &Staff, form: LookForm) -> Result<(), Error> {
        staff.allowed(May::Administer)?;
        let (staff, desk, now) = (staff.clone(), self.clone(), self.now());
        self.change(move |change| {
            let mut publication = change.publication()?.ok_or(Error::Missing)?;
            form.put_into(&mut publication)?;
            change.save_publication(&publication)?;
            change.raise_content_version()?;
            desk.draw_shares_later(change, now)?;
            desk.note(change, Who::Staff(&staff), Entry::new("set the look", "publication", &publication.name))
        })
        .await
    }
}
