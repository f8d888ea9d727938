//! A folder of Markdown files becomes articles. All or nothing per article; importing again changes what
//! changed and leaves the rest.

use super::folder::Folder;
use super::{Progress, Report, Skip};
use crate::desk::Desk;
use crate::error::Error;
use crate::import::article::{Draft, Options, Plan, plan};
use crate::ledger::{Entry, Who};
use crate::printing;
use crate::publish::Prepared;
use crate::settings::Paper;
use newsroom::article::{Article, Correction, State};
use newsroom::id::{ArticleId, CorrectionId, PictureId, WorkId};
use newsroom::language::Language;
use newsroom::publication::{Author, Names, Section, Topic};
use newsroom::refusal::Refusal;
use newsroom::staff::Staff;
use std::collections::HashMap;
use std::sync::Arc;
use store::blobs;
use store::{Change, Vocabulary};
use tokio::task::JoinHandle;

/// Most bytes of one file: an article with its front matter.
const FILE_BYTES_MAX: u64 = 3 * 1024 * 1024;
/// Articles in the works at the same time; their transactions share the disk's waits.
const ARTICLES_AT_ONCE: usize = 64;
/// Files that are read before their articles are kept, while those before them are: memory holds twice as many.
const FILES_AT_ONCE: usize = 500;
/// The name under which the origins of this import are kept.
const SOURCE: &str = "markdown";
const WORKS: &str = "markdown-work";

/// What became of one file.
enum Outcome {
    Added,
    Changed,
    Unchanged,
}

impl Desk {
    /// Imports every `.md` and `.markdown` file of the folder.
    pub async fn import_markdown(
        &self,
        folder: Folder,
        options: Options,
        progress: &Progress,
    ) -> Result<Report, Error> {
        let folder = Arc::new(folder);
        let names: Vec<String> = folder.names().into_iter().filter(|name| is_article(name)).collect();
        let mut report = Report::default();
        let mut told = Told { done: 0, total: names.len() as u64, progress };
        let mut parts = names.chunks(FILES_AT_ONCE).map(|names| self.read_part(&folder, names, &options));
        let mut next = parts.next();
        while let Some(part) = next {
            let read = part.await.map_err(stopped)?;
            next = parts.next();
            let mut plans = Vec::with_capacity(read.len());
            for plan in read {
                match plan {
                    Ok(plan) => plans.push(plan),
                    Err(skip) => {
                        report.skipped.push(skip);
                        told.one_more();
                    }
                }
            }
            self.import_part(&folder, plans, &options, &mut report, &mut told).await?;
        }
        report.skipped.sort();
        report.notices.sort();
        if report.added + report.changed > 0 {
            let (desk, now) = (self.clone(), self.now());
            self.change(move |change| desk.draw_shares_later(change, now)).await?;
        }
        self.content_version()?;
        Ok(report)
    }

    /// Reads some files on a thread of its own, from now on.
    fn read_part(
        &self,
        folder: &Arc<Folder>,
        names: &[String],
        options: &Options,
    ) -> JoinHandle<Vec<Result<Plan, Skip>>> {
        let (folder, names, options, paper) = (folder.clone(), names.to_vec(), options.clone(), self.paper());
        let read = move |name: String| {
            let plan = read_plan(&folder, &name, &options, &paper);
            plan.map_err(|sentence| Skip { place: name, sentence })
        };
        tokio::task::spawn_blocking(move || names.into_iter().map(read).collect())
    }

    /// Keeps the articles of some files, with everything they name.
    async fn import_part(
        &self,
        folder: &Arc<Folder>,
        mut plans: Vec<Plan>,
        options: &Options,
        report: &mut Report,
        told: &mut Told<'_>,
    ) -> Result<(), Error> {
        self.keep_names(&plans, options.make_sections).await?;
        self.learn(&mut plans).await?;
        let works = self.works(&plans).await?;
        let mut waiting = plans.into_iter();
        let mut running = tokio::task::JoinSet::new();
        loop {
            while running.len() < ARTICLES_AT_ONCE
                && let Some(plan) = waiting.next()
            {
                let (desk, folder, work) = (self.clone(), folder.clone(), works.get(&plan.work_key).copied());
                running.spawn(async move { desk.import_one(&folder, plan, work).await });
            }
            let Some(finished) = running.join_next().await else { return Ok(()) };
            finished.map_err(stopped)?.tell(report)?;
            told.one_more();
        }
    }

    /// The words of all of them at once: most are in most.
    async fn learn(&self, plans: &mut [Plan]) -> Result<(), Error> {
        let mut words: HashMap<Language, Vocabulary> = HashMap::new();
        for prepared in plans.iter_mut().filter_map(|plan| plan.prepared.as_mut()) {
            let (language, fresh) = prepared.text.take_vocabulary();
            words.entry(language).or_default().extend(fresh);
        }
        self.change(move |change| words.iter().try_for_each(|(language, words)| Ok(change.learn(language, words)?)))
            .await
    }

    /// Authors and topics that the files name and the paper does not know yet; sections only if asked for.
    async fn keep_names(&self, plans: &[Plan], make_sections: bool) -> Result<(), Error> {
        let (mut authors, mut topics, mut sections) = (HashMap::new(), HashMap::new(), HashMap::new());
        for plan in plans {
            authors.extend(plan.authors.iter().cloned());
            topics.extend(plan.topics.iter().cloned());
            sections.insert(plan.draft.section.clone(), plan.language().clone());
        }
        let desk = self.clone();
        self.change(move |change| {
            for (slug, name) in &authors {
                if change.author(slug)?.is_none() {
                    let author = Author {
                        slug: slug.clone(),
                        name: name.clone(),
                        title: String::new(),
                        place: String::new(),
                        bios: Names::new(),
                        picture: None,
                    };
                    change.save_author(&author)?;
                }
            }
            for (slug, name) in &topics {
                if change.topic(slug)?.is_none() {
                    let names = Names::from([("en".to_owned(), name.clone())]);
                    change.save_topic(&Topic { slug: slug.clone(), names })?;
                }
            }
            if make_sections && desk.make_sections(change, &sections)? {
                change.raise_content_version()?;
            }
            Ok(())
        })
        .await
    }

    /// Says whether there were any.
    fn make_sections(
        &self,
        change: &mut Change<'_>,
        wanted: &HashMap<newsroom::slug::Slug, newsroom::language::Language>,
    ) -> Result<bool, Error> {
        let known = change.sections()?;
        let mut fresh: Vec<_> =
            wanted.iter().filter(|(slug, _)| known.iter().all(|section| section.slug != **slug)).collect();
        fresh.sort();
        let made = !fresh.is_empty();
        for (at, (slug, language)) in fresh.into_iter().enumerate() {
            let names = Names::from([(language.to_string(), slug.as_str().replace('-', " "))]);
            let position = u32::try_from(known.len() + at).unwrap_or(u32::MAX);
            change.save_section(&Section { slug: slug.clone(), names }, position)?;
            self.note(change, Who::Operator, Entry::new("added a section", slug, "by import"))?;
        }
        Ok(made)
    }

    /// The work of every translation group: the one of an earlier import, or a new one.
    async fn works(&self, plans: &[Plan]) -> Result<HashMap<String, WorkId>, Error> {
        let mut keys: Vec<String> = plans.iter().map(|plan| plan.work_key.clone()).collect();
        keys.sort();
        keys.dedup();
        let fresh: Vec<(String, i64)> = keys.into_iter().map(|key| (key, self.id())).collect();
        self.change(move |change| {
            let mut works = HashMap::new();
            for (key, fresh) in &fresh {
                let work = match change.origin(WORKS, key)? {
                    Some(known) => known,
                    None => {
                        change.keep_origin(WORKS, key, *fresh)?;
                        *fresh
                    }
                };
                works.insert(key.clone(), WorkId(work));
            }
            Ok(works)
        })
        .await
    }

    async fn import_one(&self, folder: &Folder, mut plan: Plan, work: Option<WorkId>) -> Finished {
        let mut finished = Finished::of(&plan);
        match self.take_pictures(folder, &mut plan).await {
            Ok(pictures) => finished.pictures = pictures,
            Err(Error::Broken(cause)) => {
                finished.result = Some(Err(Error::Broken(cause)));
                return finished;
            }
            Err(error) => {
                finished.result = Some(Err(error));
                return finished;
            }
        }
        finished.result = Some(match super::earlier::read(folder, &mut plan) {
            Ok(()) => self.keep_plan(plan, work).await,
            Err(error) => Err(error),
        });
        finished
    }

    /// Every picture the article names comes into the library; its names in the text become the library's.
    async fn take_pictures(&self, folder: &Folder, plan: &mut Plan) -> Result<u64, Error> {
        let mut taken: HashMap<String, PictureId> = HashMap::new();
        for wanted in plan.pictures.clone() {
            let no = |sentence: String| Error::Refused(Refusal::Other(format!("The picture “{wanted}”: {sentence}")));
            let file = folder
                .resolve(&plan.name, &wanted)
                .ok_or_else(|| no("there is no such file beside the article or in a folder “pictures”.".into()))?;
            let bytes = folder.read(&file, press::picture::PICTURE_BYTES_MAX as u64).map_err(no)?.into_owned();
            let id =
                self.add_picture(None, file.rsplit('/').next().unwrap_or(&file), bytes).await.map_err(|error| {
                    match error {
                        Error::Refused(refusal) => no(refusal.to_string()),
                        Error::Missing | Error::Broken(_) => error,
                    }
                })?;
            taken.insert(wanted, id);
        }
        if !taken.is_empty() {
            plan.name_pictures(&taken);
        }
        Ok(taken.len() as u64)
    }

    async fn keep_plan(&self, plan: Plan, work: Option<WorkId>) -> Result<Outcome, Error> {
        let (fresh, fresh_work, now, desk) = (ArticleId(self.id()), WorkId(self.id()), self.now(), self.clone());
        let fingerprint = blobs::hash(plan.fingerprint().as_bytes());
        self.change(move |change| {
            let staff = plan.writer_of(&change.staff()?);
            let draft = &plan.draft;
            draft.check(change)?;
            let known = change.origin(SOURCE, &plan.name)?.map(ArticleId);
            let known = known.map(|id| change.article(id)).transpose()?.flatten();
            if let Some(known) = &known {
                if change.setting(&mark(known.id))?.as_deref() == Some(&fingerprint) {
                    return Ok(Outcome::Unchanged);
                }
                if known.state == State::Withdrawn {
                    return Err(Refusal::WrongState {
                        state: known.state,
                        wanted: "an article that was not withdrawn",
                    }
                    .into());
                }
            }
            let outcome = if known.is_some() { Outcome::Changed } else { Outcome::Added };
            let mut article = plan.article(known.as_ref(), fresh, work.unwrap_or(fresh_work), staff.as_ref(), now)?;
            desk.keep_imported(change, &plan, draft, &mut article, known.is_some())?;
            change.keep_origin(SOURCE, &plan.name, article.id.0)?;
            change.set(&mark(article.id), &fingerprint)?;
            desk.note(change, Who::Operator, Entry::new("imported", article.id, &plan.name))?;
            Ok(outcome)
        })
        .await
    }

    fn keep_imported(
        &self,
        change: &mut Change<'_>,
        plan: &Plan,
        draft: &Draft,
        article: &mut Article,
        again: bool,
    ) -> Result<(), Error> {
        let now = self.now();
        let at = plan.written_at(now);
        if again {
            article.revision += 1;
            change.save_article(article, now).map_err(|error| crate::write::taken(error, article))?;
            let newest = crate::write::revision(article, draft.copy.clone(), now, article.writer, &plan.changed);
            change.add_revision(&newest)?;
        } else {
            change.add_article(article).map_err(|error| crate::write::taken(error, article))?;
            if article.state == State::Live {
                super::earlier::keep(change, plan, article)?;
            }
            let newest = crate::write::revision(article, draft.copy.clone(), at, article.writer, &plan.changed);
            change.add_revision(&newest)?;
        }
        if !again {
            for correction in &plan.corrections {
                change.add_correction(&Correction {
                    id: CorrectionId(self.id()),
                    article: article.id,
                    at: correction.0.unwrap_or(at),
                    text: correction.1.clone(),
                    by: None,
                })?;
            }
        }
        if article.state == State::Live {
            draft.copy.publishable()?;
            let now_prepared;
            let prepared = match &plan.prepared {
                Some(prepared) => prepared,
                None => {
                    now_prepared = Prepared::of(&draft.copy, &article.language)?;
                    &now_prepared
                }
            };
            if article.bylines.is_empty() {
                return Err(Refusal::NoByline.into());
            }
            let publication = newsroom::article::Publication {
                article: article.id,
                revision: article.revision,
                first_at: article.published_at.unwrap_or(at),
                updated_at: if again { Some(now) } else { article.updated_at },
            };
            crate::publish::go_live(change, article, prepared, publication, now)?;
        }
        Ok(())
    }
}

/// Reads one file; the error is a sentence.
fn read_plan(folder: &Folder, name: &str, options: &Options, paper: &Paper) -> Result<Plan, String> {
    let bytes = folder.read(name, FILE_BYTES_MAX)?;
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        format!("Line {line} is not UTF-8. Save the file as UTF-8 and import it again.")
    })?;
    plan(name, text, paper, options).map(Plan::prepared)
}

fn stopped(error: tokio::task::JoinError) -> Error {
    Error::Broken(format!("The import stopped: {error}."))
}

/// How far the import is, for who looks on.
struct Told<'a> {
    done: u64,
    total: u64,
    progress: &'a Progress,
}

impl Told<'_> {
    fn one_more(&mut self) {
        self.done += 1;
        (self.progress)(self.done, self.total);
    }
}

/// Where the fingerprint of an imported article is kept.
fn mark(id: ArticleId) -> String {
    format!("imported/{id}")
}

fn is_article(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name).to_lowercase();
    (file.ends_with(".md") || file.ends_with(".markdown")) && file != "readme.md"
}

/// One file, done.
struct Finished {
    name: String,
    notices: Vec<press::markdown::Notice>,
    pictures: u64,
    result: Option<Result<Outcome, Error>>,
}

impl Finished {
    fn of(plan: &Plan) -> Self {
        Self { name: plan.name.clone(), notices: plan.notices.clone(), pictures: 0, result: None }
    }

    /// Into the report; only a fault of the machine stops the whole import.
    fn tell(self, report: &mut Report) -> Result<(), Error> {
        report.pictures += self.pictures;
        let name = self.name;
        let notice = |notice: press::markdown::Notice| Skip {
            place: format!("{name}:{}", notice.line),
            sentence: notice.sentence,
        };
        match self.result {
            Some(Ok(outcome)) => {
                report.notices.extend(self.notices.into_iter().map(notice));
                *match outcome {
                    Outcome::Added => &mut report.added,
                    Outcome::Changed => &mut report.changed,
                    Outcome::Unchanged => &mut report.unchanged,
                } += 1;
            }
            Some(Err(Error::Broken(cause))) => return Err(Error::Broken(cause)),
            Some(Err(error)) => report.skipped.push(Skip { place: name.clone(), sentence: error.to_string() }),
            None => {}
        }
        Ok(())
    }
}

impl Plan {
    /// The member of staff whose author's slug or name the file gives.
    fn writer_of(&self, staff: &[store::Member]) -> Option<Staff> {
        let wanted = self.author.as_deref()?;
        let fits = |member: &&store::Member| {
            member.author.as_ref().is_some_and(|slug| slug.as_str() == wanted) || member.staff.name == wanted
        };
        staff.iter().find(fits).map(|member| member.staff.clone())
    }

    fn name_pictures(&mut self, taken: &HashMap<String, PictureId>) {
        let library = |source: &str| taken.get(source).map(|id| printing::picture_source(*id));
        if let Some(lead) = self.draft.copy.lead.as_mut()
            && let Some(file) = &self.lead_file
        {
            lead.picture = taken.get(file).copied();
        }
        printing::rename_pictures(&mut self.document, &library);
        self.draft.copy.body = press::markdown::write(&self.document);
    }
}
