//! A paper's first day: its names, sections, people and policies, from one file.
//! Doing it again with the same file changes nothing that the newsroom has changed since.

use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use crate::look::LookForm;
use newsroom::delivery::Promise;
use newsroom::id::StaffId;
use newsroom::machines::Machines;
use newsroom::publication::{Author, Names, Newsletter, Publication, Section, Topic};
use newsroom::refusal::Refusal;
use newsroom::slug::Slug;
use newsroom::staff::{Role, Staff};
use newsroom::subscriber::Address;
use serde::Deserialize;

/// The pages every paper has about itself, in the order of the footer.
pub const POLICIES: [&str; 5] = ["about", "masthead", "corrections", "ethics", "privacy"];

/// `publication.toml`: what a publication is made of.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    pub name: String,
    #[serde(default)]
    pub place: String,
    #[serde(default)]
    pub zone: String,
    #[serde(default)]
    pub language: String,
    #[serde(default)]
    pub languages: Vec<String>,
    #[serde(default)]
    pub contact: String,
    #[serde(default)]
    pub postal_address: String,
    /// SVG path data in a box of 24 by 24.
    #[serde(default)]
    pub logo: Option<String>,
    /// Colours and typefaces as the settings page takes them; empty leaves the theme's.
    #[serde(default)]
    pub look: LookForm,
    #[serde(default)]
    pub tagline: Names,
    #[serde(default)]
    pub description: Names,
    /// What machines are told (`newsroom::machines`).
    #[serde(default)]
    pub machines: Machines,
    #[serde(default)]
    pub sections: Vec<Named>,
    #[serde(default)]
    pub topics: Vec<Named>,
    #[serde(default)]
    pub newsletters: Vec<Named>,
    #[serde(default)]
    pub authors: Vec<AuthorSetup>,
    #[serde(default)]
    pub staff: Vec<StaffSetup>,
    /// Policy pages: name, language, Markdown with front matter.
    #[serde(skip)]
    pub policies: Vec<(String, String, String)>,
}

/// Something with a slug and a name per language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    pub slug: String,
    pub name: Names,
    #[serde(default)]
    pub description: Names,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorSetup {
    pub slug: String,
    pub name: String,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub place: String,
    #[serde(default)]
    pub zone: String,
    #[serde(default)]
    pub bio: Names,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaffSetup {
    /// The slug of the same person as an author, if any.
    pub slug: String,
    pub name: String,
    pub address: String,
    pub role: String,
}

impl Setup {
    /// Reads `publication.toml`; the error names the line.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())
    }

    /// A paper with nothing but a name: four sections, one daily newsletter.
    pub fn plain(name: &str, language: &str, zone: &str) -> Self {
        let named = |slug: &str, name: &str| Named {
            slug: slug.into(),
            name: Names::from([(language.to_owned(), name.to_owned())]),
            description: Names::new(),
        };
        Self {
            name: name.into(),
            zone: zone.into(),
            language: language.into(),
            languages: vec![language.into()],
            sections: ["news", "politics", "economy", "culture"].map(|slug| named(slug, &capital(slug))).into(),
            newsletters: vec![named("daily-updates", "Daily Updates")],
            ..Self::default()
        }
    }

    fn publication(&self) -> Result<Publication, Refusal> {
        let mut languages = self.languages.clone();
        if !self.language.is_empty() {
            languages.retain(|language| *language != self.language);
            languages.insert(0, self.language.clone());
        }
        let mut publication = Publication {
            name: self.name.clone(),
            place: self.place.clone(),
            zone: if self.zone.is_empty() { "UTC".into() } else { self.zone.clone() },
            languages,
            logo: self.logo.clone(),
            taglines: self.tagline.clone(),
            descriptions: self.description.clone(),
            contact: self.contact.clone(),
            postal_address: self.postal_address.clone(),
            machines: self.machines.clone(),
            ..Publication::default()
        };
        if self.look != LookForm::default() {
            let logo = self.logo.clone().unwrap_or_default();
            LookForm { name: self.name.clone(), logo, ..self.look.clone() }.put_into(&mut publication)?;
        }
        Ok(publication)
    }
}

impl Desk {
    /// Sets the paper up unless that was done before; says whether it did.
    pub async fn set_up(&self, setup: Setup) -> Result<bool, Error> {
        let (now, desk) = (self.now(), self.clone());
        let staff: Vec<(Staff, Address, Option<Slug>)> =
            setup.staff.iter().map(|line| self.person(line)).collect::<Result<_, _>>()?;
        let done = self
            .change(move |change| {
                if change.publication()?.is_some() {
                    return Ok(false);
                }
                change.save_publication(&setup.publication()?)?;
                for (at, section) in setup.sections.iter().enumerate() {
                    let section = Section { slug: slug(&section.slug)?, names: section.name.clone() };
                    change.save_section(&section, u32::try_from(at).unwrap_or(u32::MAX))?;
                }
                for topic in &setup.topics {
                    change.save_topic(&Topic { slug: slug(&topic.slug)?, names: topic.name.clone() })?;
                }
                for (at, newsletter) in setup.newsletters.iter().enumerate() {
                    let newsletter = Newsletter {
                        slug: slug(&newsletter.slug)?,
                        names: newsletter.name.clone(),
                        descriptions: newsletter.description.clone(),
                        promise: Promise::default(),
                    };
                    change.save_newsletter(&newsletter, u32::try_from(at).unwrap_or(u32::MAX))?;
                }
                for author in &setup.authors {
                    change.save_author(&Author {
                        slug: slug(&author.slug)?,
                        name: author.name.clone(),
                        title: author.title.clone(),
                        place: author.place.clone(),
                        bios: author.bio.clone(),
                        picture: None,
                    })?;
                }
                for (staff, address, author) in &staff {
                    change.add_member(&store::Member {
                        staff: staff.clone(),
                        address: address.clone(),
                        author: author.clone(),
                        joined_at: now,
                        left_at: None,
                    })?;
                }
                for (name, language, text) in &setup.policies {
                    change.set(&policy_key(name, language), text)?;
                }
                change.raise_content_version()?;
                desk.note(change, Who::Operator, Entry::new("set up", "publication", &setup.name))?;
                Ok(true)
            })
            .await?;
        self.content_version()?;
        Ok(done)
    }

    fn person(&self, line: &StaffSetup) -> Result<(Staff, Address, Option<Slug>), Error> {
        let role = Role::parse(&line.role).ok_or_else(|| Error::Broken(format!("“{}” is not a role.", line.role)))?;
        let staff = Staff { id: StaffId(self.id()), name: line.name.clone(), role };
        Ok((staff, Address::parse(&line.address)?, Slug::parse(&line.slug)))
    }
}

/// Where a policy page is kept.
pub fn policy_key(name: &str, language: &str) -> String {
    format!("policy/{name}/{language}")
}

fn slug(text: &str) -> Result<Slug, Error> {
    Slug::parse(text)
        .ok_or_else(|| Error::Broken(format!("“{text}” is not a slug; write lower-case letters, digits and hyphens.")))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
