//! Everything the paper has, as files that people and other programs can read.
//! What `import markdown` and `import subscribers` read back: a paper can always leave.

use crate::desk::Desk;
use crate::error::Error;
use crate::import::Progress;
use crate::printing;
use newsroom::article::{Article, Revision, State};
use newsroom::id::{ArticleId, PictureId};
use newsroom::subscriber::Subscriber;
use newsroom::time::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use store::DeskList;

/// Articles and subscribers read in one look.
const PAGE: usize = 500;

/// What an export wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Exported {
    pub articles: u64,
    pub pictures: u64,
    pub subscribers: u64,
}

impl Desk {
    /// Writes `publication.toml`, `articles/`, `pictures/`, `policies/` and `subscribers.csv` into an empty or new
    /// folder. Holds one page of articles in memory at a time.
    pub async fn export(&self, folder: &Path, progress: &Progress) -> Result<Exported, Error> {
        empty_folder(folder)?;
        let mut exported = Exported::default();
        self.export_publication(folder).await?;
        let mut pictures = BTreeSet::new();
        let ids = self.all_articles().await?;
        let total = ids.len() as u64;
        for id in ids {
            pictures.extend(self.export_article(folder, id).await?);
            exported.articles += 1;
            progress(exported.articles, total);
        }
        for picture in pictures {
            exported.pictures += u64::from(self.export_picture(folder, picture).await?);
        }
        exported.subscribers = self.export_subscribers(folder).await?;
        Ok(exported)
    }

    async fn all_articles(&self) -> Result<Vec<ArticleId>, Error> {
        self.look(|view| {
            let (mut ids, mut after) = (Vec::new(), None);
            loop {
                let page = view.desk_articles(DeskList::All, after.as_ref(), PAGE)?;
                ids.extend(page.iter().map(|line| line.id));
                match page.into_iter().last() {
                    Some(last) => after = Some(last),
                    None => return Ok(ids),
                }
            }
        })
        .await
    }

    async fn export_article(&self, folder: &Path, id: ArticleId) -> Result<Vec<PictureId>, Error> {
        let (article, revision, corrections, names) = self
            .look(move |view| {
                let article = view.article_as_saved(id)?.ok_or(Error::Missing)?;
                let revision = view.revision(id, article.revision)?.ok_or(Error::Missing)?;
                let mut names = BTreeMap::new();
                for byline in &article.bylines {
                    if let Some(author) = view.author(&byline.author)? {
                        names.insert(author.slug.to_string(), author.name);
                    }
                }
                Ok((article, revision, view.corrections(id)?, names))
            })
            .await?;
        let path = folder.join("articles").join(article.section.as_str());
        make(&path)?;
        let mut parsed = printing::parse(&revision.copy.body)?;
        let mut pictures: Vec<PictureId> = revision.copy.lead.iter().filter_map(|lead| lead.picture).collect();
        parsed.document.each_figure(&mut |figure| pictures.extend(printing::picture_id(&figure.source)));
        let files = self.picture_files(&pictures).await?;
        printing::rename_pictures(&mut parsed.document, &|source| {
            printing::picture_id(source).and_then(|id| files.get(&id).cloned())
        });
        let mut text = front_matter(&article, &revision, &names, &files);
        if !corrections.is_empty() {
            text.push_str("corrections:\n");
            for correction in &corrections {
                let _ = writeln!(
                    text,
                    "  - {{at: {}, text: {}}}",
                    quoted(&correction.at.rfc3339()),
                    quoted(&correction.text)
                );
            }
        }
        text.push_str(&self.export_earlier(&path, &article).await?);
        if !revision.note.is_empty() {
            let _ = writeln!(text, "changed: {}", quoted(&revision.note));
        }
        let body = press::markdown::write(&parsed.document);
        let name = format!("{}.{}.md", article.slug, article.language);
        write(&path.join(name), format!("---\n{text}---\n\n{body}").as_bytes())?;
        Ok(pictures)
    }

    /// What readers saw before, a file for each version beside the article. Gives the lines of its front matter.
    async fn export_earlier(&self, path: &Path, article: &Article) -> Result<String, Error> {
        let (id, published) = (article.id, article.published_revision.unwrap_or_default());
        let earlier = self.look(move |view| Ok(view.shown_before(id, published)?)).await?;
        let mut lines = String::new();
        for shown in earlier.iter().filter(|shown| shown.hidden_at.is_none()) {
            let (copy, number) = (&shown.revision.copy, shown.revision.number);
            let file = format!("{}.{}.{number}.txt", article.slug, article.language);
            let head = format!("headline: {}\nstandfirst: {}\n", quoted(&copy.headline), quoted(&copy.standfirst));
            write(&path.join(&file), format!("---\n{head}---\n\n{}", copy.body).as_bytes())?;
            if lines.is_empty() {
                lines.push_str("earlier:\n");
            }
            let (at, changed) = (quoted(&shown.shown_at.rfc3339()), quoted(&shown.revision.note));
            let _ = writeln!(lines, "  - {{file: {}, at: {at}, changed: {changed}}}", quoted(&file));
        }
        Ok(lines)
    }

    async fn picture_files(&self, pictures: &[PictureId]) -> Result<BTreeMap<PictureId, String>, Error> {
        let ids = pictures.to_vec();
        let kept = self.look(move |view| Ok(view.pictures_among(&ids)?)).await?;
        Ok(kept.into_iter().map(|picture| (picture.id, file_name(&picture))).collect())
    }

    async fn export_picture(&self, folder: &Path, id: PictureId) -> Result<bool, Error> {
        let Some(picture) = self.look(move |view| Ok(view.picture(id)?)).await? else { return Ok(false) };
        let Some(bytes) = self.blobs().read(&picture.hash)? else { return Ok(false) };
        make(&folder.join("pictures"))?;
        write(&folder.join("pictures").join(file_name(&picture)), &bytes)?;
        Ok(true)
    }

    async fn export_publication(&self, folder: &Path) -> Result<(), Error> {
        let paper = self.paper();
        let (authors, policies) = self
            .look(|view| {
                let policies: Vec<(String, String)> =
                    view.settings()?.into_iter().filter(|(key, _)| key.starts_with("policy/")).collect();
                Ok((view.authors()?, policies))
            })
            .await?;
        let setup = serde_json::json!({
            "name": paper.publication.name, "place": paper.publication.place, "zone": paper.publication.zone,
            "language": paper.publication.main_language(), "languages": paper.publication.languages,
            "contact": paper.publication.contact, "logo": paper.publication.logo.clone().unwrap_or_default(), "postal_address": paper.publication.postal_address,
            "look": crate::look::LookForm::of(&paper.publication),
            "tagline": paper.publication.taglines, "description": paper.publication.descriptions,
            "sections": paper.sections.iter().map(|s| serde_json::json!({"slug": s.slug, "name": s.names})).collect::<Vec<_>>(),
            "topics": paper.topics.iter().map(|t| serde_json::json!({"slug": t.slug, "name": t.names})).collect::<Vec<_>>(),
            "newsletters": paper.newsletters.iter()
                .map(|n| serde_json::json!({"slug": n.slug, "name": n.names, "description": n.descriptions})).collect::<Vec<_>>(),
            "authors": authors.iter().map(|a| serde_json::json!({
                "slug": a.slug, "name": a.name, "title": a.title, "place": a.place, "bio": a.bios})).collect::<Vec<_>>(),
        });
        let text = toml::to_string(&setup)
            .map_err(|error| Error::Broken(format!("The settings cannot be written: {error}.")))?;
        write(&folder.join("publication.toml"), text.as_bytes())?;
        for (key, text) in policies {
            let Some((name, language)) = key.trim_start_matches("policy/").split_once('/') else { continue };
            make(&folder.join("policies"))?;
            write(&folder.join("policies").join(format!("{name}.{language}.md")), text.as_bytes())?;
        }
        Ok(())
    }

    /// Confirmed subscribers who have not left; the others' addresses stay here.
    async fn export_subscribers(&self, folder: &Path) -> Result<u64, Error> {
        let (mut after, mut count) = (None, 0);
        let mut out = csv::Writer::from_writer(Vec::new());
        let cannot = |error: csv::Error| Error::Broken(format!("The list of subscribers cannot be written: {error}."));
        out.write_record(COLUMNS).map_err(cannot)?;
        loop {
            let page = self.look(move |view| Ok(view.subscribers(after, PAGE)?)).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for subscriber in page.iter().filter(|s| s.confirmed_at.is_some() && s.unsubscribed_at.is_none()) {
                out.write_record(record(subscriber)).map_err(cannot)?;
                count += 1;
            }
        }
        let bytes = out.into_inner().map_err(|error| Error::Broken(error.to_string()))?;
        write(&folder.join("subscribers.csv"), &bytes)?;
        Ok(count)
    }
}

const COLUMNS: [&str; 8] = ["address", "name", "languages", "zone", "hour", "sections", "frequency", "confirmed_at"];

/// A page of subscribers as CSV (RFC 4180), with the line of column names where `head`.
pub fn csv_page(page: &[Subscriber], head: bool) -> Result<Vec<u8>, Error> {
    let mut out = csv::Writer::from_writer(Vec::new());
    let cannot = |error: csv::Error| Error::Broken(format!("The list of subscribers cannot be written: {error}."));
    if head {
        out.write_record(COLUMNS).map_err(cannot)?;
    }
    for subscriber in page {
        out.write_record(record(subscriber)).map_err(cannot)?;
    }
    out.into_inner().map_err(|error| Error::Broken(error.to_string()))
}

fn record(subscriber: &Subscriber) -> [String; 8] {
    let choices = &subscriber.choices;
    let join = |words: Vec<String>| words.join(" ");
    [
        subscriber.address.as_str().to_owned(),
        // A spreadsheet takes these for a formula.
        match subscriber.name.starts_with(['=', '+', '-', '@']) {
            true => format!("'{}", subscriber.name),
            false => subscriber.name.clone(),
        },
        join(choices.languages.iter().map(ToString::to_string).collect()),
        choices.zone.name().to_owned(),
        choices.hour.to_string(),
        join(choices.sections.iter().map(ToString::to_string).collect()),
        choices.frequency.key(),
        subscriber.confirmed_at.map(Timestamp::rfc3339).unwrap_or_default(),
    ]
}

fn front_matter(
    article: &Article,
    revision: &Revision,
    names: &BTreeMap<String, String>,
    files: &BTreeMap<PictureId, String>,
) -> String {
    let copy = &revision.copy;
    let mut out = String::new();
    let mut line = |key: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(out, "{key}: {value}");
        }
    };
    let text = |value: &str| if value.is_empty() { String::new() } else { quoted(value) };
    let time = |at: Option<Timestamp>| at.map(Timestamp::rfc3339).unwrap_or_default();
    line("headline", &text(&copy.headline));
    line("kicker", &text(&copy.kicker));
    line("standfirst", &text(&copy.standfirst));
    line("slug", &quoted(article.slug.as_str()));
    line("section", &quoted(article.section.as_str()));
    let topics: Vec<String> = article.topics.iter().map(|topic| quoted(topic.as_str())).collect();
    line("topics", &if topics.is_empty() { String::new() } else { format!("[{}]", topics.join(", ")) });
    line("language", article.language.code());
    line("translation", &quoted(&article.work.to_string()));
    line("dateline", &text(&copy.dateline));
    line("state", article.state.key());
    line("published", &time(article.published_at));
    line("updated", &time(article.updated_at));
    line("scheduled", &time(article.scheduled_for.filter(|_| article.state == State::Scheduled)));
    line("embargo", &time(article.embargo_until));
    let short = [("search", &copy.short_search), ("social", &copy.short_social), ("mail", &copy.short_mail)];
    let short: Vec<String> = short
        .iter()
        .filter(|(_, words)| !words.is_empty())
        .map(|(key, words)| format!("{key}: {}", quoted(words)))
        .collect();
    line("short", &if short.is_empty() { String::new() } else { format!("{{{}}}", short.join(", ")) });
    if let Some((lead, file)) = copy.lead.as_ref().and_then(|lead| Some((lead, files.get(&lead.picture?)?))) {
        let focus = lead.focus.map_or_else(String::new, |(x, y)| {
            format!(", focus: \"{:.3},{:.3}\"", f64::from(x) / 1000.0, f64::from(y) / 1000.0)
        });
        let words =
            format!("alt: {}, caption: {}, credit: {}", quoted(&lead.alt), quoted(&lead.caption), quoted(&lead.credit));
        line("picture", &format!("{{file: {}, {words}{focus}}}", quoted(file)));
    }
    if !article.bylines.is_empty() {
        out.push_str("bylines:\n");
        for byline in &article.bylines {
            let name =
                names.get(byline.author.as_str()).map_or_else(String::new, |name| format!(", name: {}", quoted(name)));
            let _ =
                writeln!(out, "  - {{author: {}, role: {}{name}}}", quoted(byline.author.as_str()), byline.role.key());
        }
    }
    out
}

/// A YAML double-quoted scalar; JSON's strings are such.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn file_name(picture: &store::Picture) -> String {
    let end = if picture.format == "jpeg" { "jpg" } else { picture.format.as_str() };
    format!("{}.{end}", picture.id)
}

fn empty_folder(folder: &Path) -> Result<(), Error> {
    make(folder)?;
    let mut entries = fs::read_dir(folder).map_err(|error| cannot(folder, &error))?;
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(newsroom::refusal::Refusal::Other(format!(
            "The folder {} is not empty. Name a new one, so that nothing is written over.",
            folder.display()
        ))
        .into()),
    }
}

fn make(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|error| cannot(folder, &error))
}

fn write(path: &PathBuf, bytes: &[u8]) -> Result<(), Error> {
    fs::write(path, bytes).map_err(|error| cannot(path, &error))
}

fn cannot(path: &Path, error: &std::io::Error) -> Error {
    Error::Broken(format!("{} cannot be written: {error}.", path.display()))
}
