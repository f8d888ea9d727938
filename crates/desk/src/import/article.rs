//! What one Markdown file asks for: read and checked before anything is kept.

use super::earlier::{EARLIER_MAX, Earlier};
use crate::publish::Prepared;
use crate::settings::Paper;
pub(crate) use crate::write::Draft;
use newsroom::article::{Article, BODY_BYTES_MAX, Byline, BylineRole, Copy, LeadPicture, State};
use newsroom::document::Document;
use newsroom::id::{ArticleId, WorkId};
use newsroom::language::Language;
use newsroom::refusal::Refusal;
use newsroom::slug::Slug;
use newsroom::staff::Staff;
use newsroom::time::{Timestamp, Zone};
use press::front_matter::{self, FrontMatter, Moment};
use press::markdown::{self, Notice};

/// How an import behaves.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Sections that the files name and the paper does not have are added.
    pub make_sections: bool,
}

/// A slug and the name it was made of.
pub(crate) type Known = (Slug, String);

/// One file, read.
pub(crate) struct Plan {
    pub name: String,
    pub draft: Draft,
    pub document: Document,
    pub notices: Vec<Notice>,
    /// Names of picture files, each once.
    pub pictures: Vec<String>,
    pub lead_file: Option<String>,
    /// Slug and name of everybody in the byline.
    pub authors: Vec<Known>,
    pub topics: Vec<Known>,
    pub author: Option<String>,
    /// What translations of one article have in common.
    pub work_key: String,
    pub corrections: Vec<(Option<Timestamp>, String)>,
    /// What changed in these words against the earlier version.
    pub changed: String,
    pub earlier: Vec<Earlier>,
    /// What is read in the text before it is published, if it was.
    pub prepared: Option<Prepared>,
    state: State,
    published: Option<Timestamp>,
    updated: Option<Timestamp>,
    scheduled: Option<Timestamp>,
    whole: String,
}

/// Reads a file; the error is a sentence with the line where there is one.
pub(crate) fn plan(name: &str, text: &str, paper: &Paper, options: &Options) -> Result<Plan, String> {
    let zone = paper.zone();
    let at = |moment: &Moment| at(moment, &zone);
    let parts = front_matter::split(text);
    let (front, mut notices) = match parts.yaml {
        Some(yaml) => front_matter::read(yaml).map_err(|error| error.to_string())?,
        None => (FrontMatter::default(), Vec::new()),
    };
    if parts.body.len() > BODY_BYTES_MAX {
        return Err(Refusal::BodyTooLong { bytes: parts.body.len(), max: BODY_BYTES_MAX }.to_string());
    }
    let parsed = markdown::parse_after(parts.body, parts.lines_before).map_err(|error| error.to_string())?;
    notices.extend(parsed.notices);
    let language = language(name, &front, paper)?;
    let section = section(name, &front, paper, options)?;
    let headline = front
        .headline
        .clone()
        .or_else(|| first_heading(parts.body))
        .ok_or("There is no headline. Write “headline: …” above the text, between two lines of three hyphens.")?;
    let slug = slug(name, &front, &headline)?;
    let (bylines, authors) = bylines(&front)?;
    let topics: Vec<(Slug, String)> =
        front.topics.iter().filter_map(|topic| Some((Slug::from_words(topic)?, topic.clone()))).collect();
    let lead_file = front.picture.as_ref().map(|picture| picture.file.clone());
    let mut pictures: Vec<String> = lead_file.iter().cloned().collect();
    parsed.document.each_figure(&mut |figure| pictures.push(figure.source.clone()));
    pictures.retain(|source| !source.contains("://") && !source.starts_with("picture:"));
    pictures.sort();
    pictures.dedup();
    Ok(Plan {
        name: name.to_owned(),
        work_key: front.translation.clone().unwrap_or_else(|| format!("{section}/{slug}")),
        draft: Draft {
            language,
            section,
            slug: Some(slug),
            work: None,
            copy: copy(&front, headline, parts.body),
            topics: topics.iter().map(|(slug, _)| slug.clone()).collect(),
            bylines,
            embargo_until: front.embargo.as_ref().map(&at),
        },
        document: parsed.document,
        notices,
        pictures,
        lead_file,
        authors,
        topics,
        author: front.author.clone(),
        corrections: front.corrections.iter().map(|c| (c.at.as_ref().map(&at), c.text.clone())).collect(),
        changed: front.changed.clone().unwrap_or_default(),
        earlier: earlier(&front, &at)?,
        prepared: None,
        state: state(&front)?,
        published: front.published.as_ref().map(&at),
        updated: front.updated.as_ref().map(&at),
        scheduled: front.scheduled.as_ref().map(&at),
        whole: text.to_owned(),
    })
}

fn earlier(front: &FrontMatter, at: &impl Fn(&Moment) -> Timestamp) -> Result<Vec<Earlier>, String> {
    if front.earlier.len() > EARLIER_MAX {
        return Err(format!("At most {EARLIER_MAX} earlier versions of an article are taken."));
    }
    let one = |it: &front_matter::EarlierVersion| Earlier {
        file: it.file.clone(),
        at: at(&it.at),
        changed: it.changed.clone().unwrap_or_default(),
        copy: None,
    };
    let mut all: Vec<Earlier> = front.earlier.iter().map(one).collect();
    all.sort_by_key(|earlier| earlier.at);
    Ok(all)
}

fn copy(front: &FrontMatter, headline: String, body: &str) -> Copy {
    let lead = front.picture.as_ref().map(|picture| LeadPicture {
        picture: None,
        alt: picture.alt.clone().unwrap_or_default(),
        caption: picture.caption.clone().unwrap_or_default(),
        credit: picture.credit.clone().unwrap_or_default(),
        focus: picture.focus,
    });
    Copy {
        kicker: front.kicker.clone().unwrap_or_default(),
        headline,
        short_search: front.short.search.clone().unwrap_or_default(),
        short_social: front.short.social.clone().unwrap_or_default(),
        short_mail: front.short.mail.clone().unwrap_or_default(),
        standfirst: front.standfirst.clone().unwrap_or_default(),
        dateline: front.dateline.clone().unwrap_or_default(),
        body: body.trim_start_matches('\n').to_owned(),
        lead,
    }
}

impl Plan {
    /// The same with its text read for publication, if it is for readers and no picture in it gets another name first.
    /// Whatever is wrong with it is said when it is kept.
    pub(crate) fn prepared(mut self) -> Self {
        if self.state == State::Live && self.pictures.is_empty() {
            self.prepared = Prepared::of(&self.draft.copy, &self.draft.language).ok();
        }
        self
    }

    pub(crate) fn language(&self) -> &Language {
        &self.draft.language
    }

    /// What must differ for the file to count as changed.
    pub(crate) fn fingerprint(&self) -> &str {
        &self.whole
    }

    /// When the words were written, as far as the file says.
    pub(crate) fn written_at(&self, now: Timestamp) -> Timestamp {
        self.updated.or(self.published).filter(|at| *at <= now).unwrap_or(now)
    }

    /// Where the article stands: a new one, or the known one with this file's places and people.
    pub(crate) fn article(
        &self,
        known: Option<&Article>,
        fresh: ArticleId,
        work: WorkId,
        writer: Option<&Staff>,
        now: Timestamp,
    ) -> Result<Article, Refusal> {
        let (state, scheduled_for) = self.state_at(now)?;
        let mut article = Article {
            id: fresh,
            work,
            language: self.draft.language.clone(),
            section: self.draft.section.clone(),
            slug: self.draft.slug()?,
            state,
            writer: writer.map(|staff| staff.id),
            topics: self.draft.topics.clone(),
            bylines: self.draft.bylines.clone(),
            created_at: self.published.filter(|at| *at <= now).unwrap_or(now),
            scheduled_for,
            embargo_until: self.draft.embargo_until,
            published_at: (state == State::Live).then(|| self.published.unwrap_or(now)),
            updated_at: self.updated.filter(|_| state == State::Live),
            withdrawn_at: None,
            withdrawal_reason: None,
            revision: 1,
            published_revision: None,
        };
        if let Some(known) = known {
            article.id = known.id;
            article.work = known.work;
            article.created_at = known.created_at;
            article.revision = known.revision;
            article.published_revision = known.published_revision;
            article.published_at = known.published_at.or(article.published_at);
            if known.state == State::Live {
                article.state = State::Live;
                article.scheduled_for = None;
                article.updated_at = known.updated_at.or(article.updated_at);
            }
        }
        Ok(article)
    }

    /// A time to come makes a live article a scheduled one; so does an embargo that has not ended.
    fn state_at(&self, now: Timestamp) -> Result<(State, Option<Timestamp>), Refusal> {
        let embargo = self.draft.embargo_until.filter(|until| *until > now);
        match self.state {
            State::Live => {
                let later = self.published.into_iter().chain(embargo).filter(|at| *at > now).max();
                Ok(later.map_or((State::Live, None), |at| (State::Scheduled, Some(at))))
            }
            State::Scheduled => match self.scheduled.or(self.published).max(embargo) {
                Some(at) if at > now => Ok((State::Scheduled, Some(at))),
                Some(_) => Ok((State::Live, None)),
                None => Err(Refusal::Other(
                    "It is scheduled, but for no time. Write “scheduled: 2026-01-31T06:00:00+03:00”.".into(),
                )),
            },
            State::Withdrawn => Err(Refusal::Other("It is withdrawn; withdrawn articles are not imported.".into())),
            State::Draft | State::Review | State::LegalHold | State::Ready => Ok((self.state, None)),
        }
    }
}

/// A time without a zone is the newsroom's.
fn at(moment: &Moment, zone: &Zone) -> Timestamp {
    let at = Timestamp(moment.at);
    if !moment.no_zone {
        return at;
    }
    let written = Zone::utc().local(at);
    zone.at(written.day, written.hour, written.minute)
}

/// `state:`, or live if there is a date of publication, or a draft.
fn state(front: &FrontMatter) -> Result<State, String> {
    match front.state.as_deref().map(str::to_lowercase).as_deref() {
        Some("published" | "publish") => Ok(State::Live),
        Some("pending" | "in review") => Ok(State::Review),
        Some(key) => State::parse(key)
            .ok_or_else(|| format!("“{key}” is not a state. Write draft, review, ready, scheduled or live.")),
        None if front.published.is_some() => Ok(State::Live),
        None => Ok(State::Draft),
    }
}

/// `language:`, or the ending `name.fr.md`, or the paper's own.
fn language(name: &str, front: &FrontMatter, paper: &Paper) -> Result<Language, String> {
    if let Some(tag) = &front.language {
        return Language::parse(tag).ok_or_else(|| Refusal::LanguageNotValid(tag.clone()).to_string());
    }
    let ending = stem(name).rsplit_once('.').and_then(|(_, tag)| Language::parse(tag));
    let known = paper.publication.languages();
    Ok(ending.filter(|language| known.contains(language)).unwrap_or_else(|| paper.publication.main_language()))
}

/// `section:`, or the folder the file stands in, or the only section there is.
fn section(name: &str, front: &FrontMatter, paper: &Paper, options: &Options) -> Result<Slug, String> {
    let folder = name.rsplit('/').nth(1).filter(|folder| !["articles", "posts", "content"].contains(folder));
    let wanted = front.section.as_deref().or(folder);
    let Some(wanted) = wanted else {
        return match paper.sections.first() {
            Some(first) => Ok(first.slug.clone()),
            None => {
                Err("The paper has no sections yet. Write “section: …” above the text and import with --make-sections."
                    .into())
            }
        };
    };
    let slug = Slug::from_words(wanted).ok_or_else(|| format!("“{wanted}” is no name for a section."))?;
    if paper.section(slug.as_str()).is_some() || options.make_sections {
        return Ok(slug);
    }
    let known: Vec<&str> = paper.sections.iter().map(|section| section.slug.as_str()).collect();
    Err(format!(
        "There is no section “{slug}”; there is: {}. Correct “section:” in the file, or import with --make-sections.",
        known.join(", ")
    ))
}

fn slug(name: &str, front: &FrontMatter, headline: &str) -> Result<Slug, String> {
    if let Some(text) = &front.slug {
        return Slug::from_words(text)
            .ok_or_else(|| format!("“{text}” cannot be an address. Use letters, digits and hyphens."));
    }
    let stem = stem(name);
    let stem = stem.split('.').next().unwrap_or(stem);
    let dateless =
        stem.get(..11).filter(|head| head.ends_with('-') && head.starts_with("20")).map_or(stem, |_| &stem[11..]);
    Slug::from_words(dateless).or_else(|| Slug::from_words(headline)).ok_or_else(|| Refusal::SlugEmpty.to_string())
}

fn stem(name: &str) -> &str {
    let file = name.rsplit('/').next().unwrap_or(name);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

/// People by slug or name; a name nobody knows becomes an author.
fn bylines(front: &FrontMatter) -> Result<(Vec<Byline>, Vec<Known>), String> {
    let (mut bylines, mut authors) = (Vec::new(), Vec::new());
    for line in &front.bylines {
        let words = line.author.as_deref().or(line.name.as_deref()).unwrap_or_default();
        let slug = Slug::from_words(words).ok_or_else(|| format!("“{words}” in the byline is no name."))?;
        let role = match line.role.as_deref() {
            None => BylineRole::Writer,
            Some(key) => BylineRole::parse(&key.to_lowercase()).ok_or_else(|| {
                let known: Vec<&str> = BylineRole::ALL.iter().map(|role| role.key()).collect();
                format!("“{key}” is not a role in a byline. Write one of: {}.", known.join(", "))
            })?,
        };
        authors.push((slug.clone(), line.name.clone().unwrap_or_else(|| words.to_owned())));
        bylines.push(Byline { author: slug, role });
    }
    if bylines.is_empty()
        && let Some(author) = &front.author
        && let Some(slug) = Slug::from_words(author)
    {
        authors.push((slug.clone(), author.clone()));
        bylines.push(Byline { author: slug, role: BylineRole::Writer });
    }
    Ok((bylines, authors))
}

/// A `# headline` in the first line of a body without front matter.
fn first_heading(body: &str) -> Option<String> {
    let first = body.lines().find(|line| !line.trim().is_empty())?;
    first.strip_prefix("# ").map(|words| words.trim().to_owned())
}
