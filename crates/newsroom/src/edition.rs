//! Chooses what one reader gets this morning. Knows nothing of mail and nothing of storage.
//!
//! Candidates are the articles live since the last freeze, best first; each subscriber gets those
//! of the sections chosen, in the first language understood, that no mail has brought before.

use crate::id::{ArticleId, WorkId};
use crate::language::Language;
use crate::slug::Slug;
use crate::subscriber::Choices;
use crate::time::{DAY, Timestamp};
use std::collections::HashMap;

/// Most articles looked at for one edition.
pub const CANDIDATES_MAX: usize = 200;

/// How an edition stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EditionState {
    /// Fills itself.
    Assembling,
    /// An editor let it go.
    Approved,
    /// The first wave has left.
    Sending,
    /// Every wave has left.
    Sent,
    /// Nobody approved in time, or somebody stopped it.
    Held,
    /// Nothing worth a mail.
    Skipped,
}

impl EditionState {
    pub const ALL: [EditionState; 6] = [
        EditionState::Assembling,
        EditionState::Approved,
        EditionState::Sending,
        EditionState::Sent,
        EditionState::Held,
        EditionState::Skipped,
    ];

    pub fn key(self) -> &'static str {
        match self {
            EditionState::Assembling => "assembling",
            EditionState::Approved => "approved",
            EditionState::Sending => "sending",
            EditionState::Sent => "sent",
            EditionState::Held => "held",
            EditionState::Skipped => "skipped",
        }
    }

    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }

    /// Whether a wave of it may leave.
    pub fn may_leave(self) -> bool {
        match self {
            EditionState::Approved | EditionState::Sending => true,
            EditionState::Assembling | EditionState::Sent | EditionState::Held | EditionState::Skipped => false,
        }
    }
}

/// One article that could be in the edition, in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub article: ArticleId,
    pub work: WorkId,
    pub language: Language,
    pub section: Slug,
    pub published_at: Timestamp,
    /// An editor wants it first.
    pub pinned: bool,
}

/// A work with every language it can be read in.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Work {
    id: WorkId,
    section: Slug,
    newest_at: Timestamp,
    pinned: bool,
    versions: Vec<(Language, ArticleId)>,
}

/// All candidates of a morning, best first, one entry per work.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assembly {
    works: Vec<Work>,
}

/// What one subscriber gets.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Item {
    pub work: WorkId,
    pub article: ArticleId,
}

impl Assembly {
    /// Ranks pins first, then the newest; translations of one work become one entry.
    pub fn new(mut candidates: Vec<Candidate>) -> Self {
        candidates.sort_by(|a, b| (b.pinned, b.published_at, a.article).cmp(&(a.pinned, a.published_at, b.article)));
        let mut works: Vec<Work> = Vec::new();
        let mut places: HashMap<WorkId, usize> = HashMap::new();
        for candidate in candidates {
            let at = *places.entry(candidate.work).or_insert_with(|| {
                works.push(Work {
                    id: candidate.work,
                    section: candidate.section.clone(),
                    newest_at: candidate.published_at,
                    pinned: candidate.pinned,
                    versions: vec![],
                });
                works.len() - 1
            });
            works[at].versions.push((candidate.language, candidate.article));
        }
        works.truncate(CANDIDATES_MAX);
        Self { works }
    }

    pub fn is_empty(&self) -> bool {
        self.works.is_empty()
    }

    /// Every work on offer, best first.
    pub fn works(&self) -> impl Iterator<Item = WorkId> + '_ {
        self.works.iter().map(|work| work.id)
    }

    /// The items of one subscriber at `now`, best first, at most `max`. `had` tells which works any mail
    /// has brought before; a work counts in all its languages. Pins come whatever their section and age.
    pub fn for_choices(
        &self,
        choices: &Choices,
        had: &dyn Fn(WorkId) -> bool,
        now: Timestamp,
        max: usize,
    ) -> Vec<Item> {
        let since = now.plus(-choices.frequency.reach_days() * DAY);
        let fits = |work: &&Work| work.pinned || (choices.wants(&work.section) && work.newest_at >= since);
        let wanted = self.works.iter().filter(|work| !had(work.id)).filter(fits);
        wanted.filter_map(|work| work.in_first_of(&choices.languages)).take(max).collect()
    }
}

impl Work {
    fn in_first_of(&self, languages: &[Language]) -> Option<Item> {
        languages.iter().find_map(|wanted| {
            let version = self.versions.iter().find(|(language, _)| language.primary() == wanted.primary())?;
            Some(Item { work: self.id, article: version.1 })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subscriber::Frequency;
    use crate::time::Zone;

    fn language(tag: &str) -> Language {
        Language::parse(tag).unwrap()
    }

    /// `12en economy`: work 1, article 12.
    fn candidates(list: &str) -> Vec<Candidate> {
        list.split(", ")
            .map(|entry| {
                let (code, section) = entry.split_once(' ').unwrap();
                let number: i64 = code[..2].parse().unwrap();
                Candidate {
                    article: ArticleId(number),
                    work: WorkId(number / 10),
                    language: language(&code[2..4]),
                    section: Slug::parse(section.trim_end_matches('!')).unwrap(),
                    published_at: Timestamp(number),
                    pinned: section.ends_with('!'),
                }
            })
            .collect()
    }

    fn check(list: &str, languages: &str, sections: &str, had: &[i64], gets: &[i64]) {
        let choices = Choices {
            languages: languages.split(' ').map(language).collect(),
            sections: sections.split(' ').filter_map(Slug::parse).collect(),
            zone: Zone::utc(),
            hour: 7,
            frequency: Frequency::Daily,
        };
        let items =
            Assembly::new(candidates(list)).for_choices(&choices, &|work| had.contains(&work.0), Timestamp(99), 3);
        let got: Vec<i64> = items.iter().map(|item| item.article.0).collect();
        assert_eq!(got, gets, "{list} | {languages} | {sections}");
    }

    #[test]
    fn a_reader_gets_the_chosen_sections_newest_first_and_pins_before_all() {
        check("10en haiti, 20en economy, 30en haiti", "en", "", &[], &[30, 20, 10]);
        check("10en haiti, 20en economy, 30en haiti", "en", "haiti", &[], &[30, 10]);
        check("10en haiti!, 20en economy, 30en haiti", "en", "", &[], &[10, 30, 20]);
        check("10en a, 20en a, 30en a, 40en a", "en", "", &[], &[40, 30, 20]);
    }

    #[test]
    fn a_reader_never_gets_the_same_work_twice_in_any_language() {
        check("10en haiti, 11fr haiti, 20en economy", "fr en", "", &[], &[20, 11]);
        check("10en haiti, 11fr haiti, 20en economy", "fr en", "", &[1], &[20]);
    }

    #[test]
    fn a_reader_gets_the_first_language_understood_and_none_that_is_not() {
        check("10en haiti, 11fr haiti, 12ht haiti", "ht fr en", "", &[], &[12]);
        check("10en haiti, 11fr haiti", "sw fr", "", &[], &[11]);
        check("10en haiti", "sw", "", &[], &[]);
    }
}
