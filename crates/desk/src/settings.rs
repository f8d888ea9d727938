//! What the newsroom decided, as one value that every page and every mail reads.

use crate::error::Error;
use newsroom::language::Language;
use newsroom::publication::{Newsletter, Publication, Section, Topic, name_in};
use newsroom::slug::Slug;
use newsroom::time::Zone;
use store::View;

/// Settings, sections, topics and newsletters of one content version.
#[derive(Debug, Clone)]
pub struct Paper {
    /// The content version at which this was read.
    pub version: i64,
    pub publication: Publication,
    pub sections: Vec<Section>,
    pub topics: Vec<Topic>,
    pub newsletters: Vec<Newsletter>,
}

impl Paper {
    pub(crate) fn load(view: &View<'_>) -> Result<Self, Error> {
        let version = view.content_version()?;
        let publication = view.publication()?.unwrap_or_default();
        Ok(Self {
            version,
            publication,
            sections: view.sections()?,
            topics: view.topics()?,
            newsletters: view.newsletters()?,
        })
    }

    pub fn zone(&self) -> Zone {
        self.publication.zone()
    }

    pub fn section(&self, slug: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.slug.as_str() == slug)
    }

    pub fn topic(&self, slug: &str) -> Option<&Topic> {
        self.topics.iter().find(|topic| topic.slug.as_str() == slug)
    }

    pub fn newsletter(&self, slug: &str) -> Option<&Newsletter> {
        self.newsletters.iter().find(|newsletter| newsletter.slug.as_str() == slug)
    }

    /// What the section is called in `language`; its slug if it is unknown.
    pub fn section_name(&self, slug: &Slug, language: &Language) -> String {
        match self.section(slug.as_str()) {
            Some(section) => name_in(&section.names, language, &self.publication.main_language(), slug).to_owned(),
            None => slug.to_string(),
        }
    }
}
