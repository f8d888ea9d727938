//! Puts the writing page together: one look at the store, then only words.
//! Shows what was typed before what is saved; changes nothing.

use super::checks;
use super::pages::article::{
    BylineRow, Comparison, Conflict, EditorPage, Faults, Find, Lead, RevisionBrief, ShelfPicture, Typed,
};
use super::pages::{Alarm, Choice, Frame, Here, Sign, counted};
use super::session::Room;
use super::steps::{self, Offer, PREVIEW};
use super::trouble::Trouble;
use super::typed;
use super::when::When;
use newsroom::article::{Article, BylineRole, Copy, Revision, State};
use newsroom::id::{ArticleId, PictureId, StaffId};
use newsroom::language::{Language, Length};
use newsroom::publication::{Author, name_in};
use newsroom::slug::Slug;
use newsroom::staff::May;
use store::{Picture, Rendition, RevisionLine, View};

/// Pictures offered beside the text.
const SHELF_MAX: usize = 11;
/// Width of the lead picture on the sheet (pixels).
const SHEET_PICTURE_WIDTH: u32 = 900;
/// Revisions listed beside the text.
const REVISIONS_SHOWN: usize = 6;

/// Everything about one article that the page is made of.
#[derive(Debug, Clone)]
pub(crate) struct Desktop {
    pub(crate) article: Option<Article>,
    pub(crate) revision: Option<Revision>,
    revisions: Vec<RevisionLine>,
    authors: Vec<Author>,
    /// The author that the person at the desk is.
    own_author: Option<Slug>,
    pictures: Vec<Picture>,
    renditions: Vec<Rendition>,
    versions: Vec<Article>,
}

/// What the page says beside what was looked up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Remarks {
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) faults: Faults,
    /// What was typed, where it is not what is saved.
    pub(crate) typed: Option<Typed>,
    pub(crate) conflict: Option<(Copy, String)>,
    pub(crate) panel: &'static str,
}

impl Desktop {
    /// Looks everything up; `Missing` where there is no such article.
    pub(crate) async fn look(room: &Room, id: Option<ArticleId>) -> Result<Self, Trouble> {
        let me = room.me.id;
        room.desk().store().read(move |view| Self::read(view, id, me)).await
    }

    fn read(view: &View<'_>, id: Option<ArticleId>, me: StaffId) -> Result<Self, Trouble> {
        let article = match id {
            Some(id) => Some(view.article_as_saved(id)?.ok_or(Trouble::Missing)?),
            None => None,
        };
        let revision = match &article {
            Some(article) => view.revision(article.id, article.revision)?,
            None => None,
        };
        let mut pictures = view.pictures(None, SHELF_MAX)?;
        let lead = revision.as_ref().and_then(|revision| revision.copy.lead.as_ref()?.picture);
        if let Some(lead) = lead.filter(|lead| pictures.iter().all(|picture| picture.id != *lead)) {
            pictures.extend(view.picture(lead)?);
        }
        let ids: Vec<PictureId> = pictures.iter().map(|picture| picture.id).collect();
        Ok(Self {
            revisions: match &article {
                Some(article) => view.revisions(article.id, REVISIONS_SHOWN)?,
                None => Vec::new(),
            },
            versions: match &article {
                Some(article) => view.articles_of_work(article.work)?,
                None => Vec::new(),
            },
            own_author: view.member(me)?.and_then(|member| member.author),
            authors: view.authors()?,
            renditions: view.renditions(&ids)?,
            pictures,
            revision,
            article,
        })
    }

    /// The words that are saved; empty for a new article.
    pub(crate) fn copy(&self) -> Copy {
        self.revision.as_ref().map(|revision| revision.copy.clone()).unwrap_or_default()
    }

    /// Who stands above it, by name.
    pub(crate) fn author_names(&self, article: &Article) -> Vec<&str> {
        let name =
            |slug: &Slug| self.authors.iter().find(|author| author.slug == *slug).map(|author| author.name.as_str());
        article.bylines.iter().filter_map(|byline| name(&byline.author)).collect()
    }

    /// The page for somebody, with what there is to say.
    pub(crate) fn page(&self, room: &Room, remarks: Remarks) -> EditorPage {
        let unsaved = remarks.typed.is_some() && !remarks.alarms.is_empty() || remarks.conflict.is_some();
        let typed = remarks.typed.unwrap_or_else(|| self.saved_typed(room));
        let conflict = remarks.conflict.map(|(theirs, who)| conflict(&theirs, &typed, &who));
        let locked = self.article.as_ref().and_then(|article| article.may_change(&room.me).err());
        let may_write = locked.is_none();
        let offer = self.article.as_ref().map(|article| Offer::new(article, &room.me)).unwrap_or_default();
        let frame = room.frame(Here::Articles);
        let id = self.article.as_ref().map(|article| article.id);
        let at =
            |rest: &str| id.map_or_else(|| "/newsroom/articles".into(), |id| format!("/newsroom/articles/{id}{rest}"));
        let mut others = offer.others;
        if id.is_some() {
            others.insert(0, PREVIEW);
        }
        EditorPage {
            title: if typed.headline.is_empty() { "New article".into() } else { typed.headline.clone() },
            action: id.map_or_else(|| "/newsroom/articles".into(), |_| at("/revisions")),
            kept_as: id.map_or_else(|| "new".into(), |id| id.to_string()),
            based_on: self.article.as_ref().map_or(0, |article| article.revision),
            sign: self.sign(room),
            saved: if unsaved { "Not saved".into() } else { self.saved_words(room) },
            unsaved,
            may_save: may_write,
            next: offer.next,
            others,
            links: self.links(room),
            locked: locked.zip(self.article.as_ref()).map(|(refusal, article)| steps::lock_words(article, &refusal)),
            hint: self.article.as_ref().filter(|_| may_write).and_then(|article| steps::why_not(article, &room.me)),
            section_name: section_name(room, &typed),
            byline: byline(&typed, &self.authors),
            facts: facts(&typed),
            address: address(room, &typed),
            panel: if remarks.panel.is_empty() { "none" } else { remarks.panel },
            sections: sections(room, &typed.section),
            languages: languages(room, &typed.language),
            topics: topics(room, &typed),
            bylines: byline_rows(&typed, &self.authors),
            no_authors: self.authors.is_empty(),
            has_shorts: !(typed.short_search.is_empty()
                && typed.short_social.is_empty()
                && typed.short_mail.is_empty()),
            lead: typed.lead_picture.parse().ok().and_then(|id| self.picture(id, SHEET_PICTURE_WIDTH)),
            shelf: self.shelf(&typed),
            finds: self.finds(&typed),
            revisions: self.revision_briefs(room),
            revisions_href: at("/revisions"),
            alarms: remarks.alarms,
            faults: remarks.faults,
            conflict,
            typed,
            frame,
        }
    }

    fn saved_typed(&self, room: &Room) -> Typed {
        match (&self.article, &self.revision) {
            (Some(article), Some(revision)) => typed::fill(article, &revision.copy, &room.zone),
            _ => Typed {
                language: room.main_language().to_string(),
                section: room.paper.sections.first().map(|section| section.slug.to_string()).unwrap_or_default(),
                bylines: self.own_byline(room),
                ..Typed::default()
            },
        }
    }

    /// Whom a new article most likely names: the author that this person is, or has the name of.
    fn own_byline(&self, room: &Room) -> Vec<(String, String)> {
        let is_own = |author: &&Author| Some(&author.slug) == self.own_author.as_ref() || author.name == room.me.name;
        let own = self.authors.iter().find(is_own);
        own.map(|author| (author.slug.to_string(), BylineRole::Writer.key().to_owned())).into_iter().collect()
    }

    fn sign(&self, room: &Room) -> Sign {
        let Some(article) = &self.article else { return Sign::new("", "Draft") };
        let when = |at| When::new(at, room.now, &room.zone);
        let embargo = article.embargo_until.filter(|until| *until > room.now).map(when);
        Sign::of(article.state, article.scheduled_for.map(when).as_ref(), embargo.as_ref())
    }

    fn saved_words(&self, room: &Room) -> String {
        let (Some(article), Some(revision)) = (&self.article, &self.revision) else { return "Not saved yet".into() };
        let saved = When::new(revision.at, room.now, &room.zone).words;
        if steps::has_changes(article) && article.state == State::Live {
            return format!("Saved {saved}, not what readers see");
        }
        format!("Saved {saved}")
    }

    /// Where else one can go from here.
    fn links(&self, room: &Room) -> Vec<(String, &'static str)> {
        let Some(article) = &self.article else { return Vec::new() };
        let at = |rest: &str| format!("/newsroom/articles/{}{rest}", article.id);
        let mut all = vec![(at("/revisions"), "Revisions")];
        if article.state == State::Live {
            let path = format!("/{}/{}", article.section, article.slug);
            all.push((room.paper.publication.path(&article.language, &path), "As readers see it"));
            if room.me.role.may(May::Publish) {
                all.push((at("/breaking"), "Breaking news…"));
                all.push((at("/correction"), "Correct…"));
                all.push((at("/address"), "Move…"));
                all.push((at("/withdrawal"), "Withdraw…"));
            }
        }
        if room.me.role.may(May::Write) && self.missing_language(room).is_some() {
            all.push((format!("/newsroom/articles/new?of={}", article.id), "Translate"));
        }
        all
    }

    /// A language of the publication that this work has no version in.
    pub(crate) fn missing_language(&self, room: &Room) -> Option<Language> {
        let has = |language: &Language| self.versions.iter().any(|version| version.language == *language);
        room.paper.publication.languages().into_iter().find(|language| !has(language))
    }

    fn picture(&self, id: PictureId, width: u32) -> Option<Lead> {
        let picture = self.pictures.iter().find(|picture| picture.id == id)?;
        let src = src_of(picture, &self.renditions, width);
        Some(Lead { src, width: picture.width, height: picture.height })
    }

    fn shelf(&self, typed: &Typed) -> Vec<ShelfPicture> {
        let card = |picture: &Picture| {
            let id = picture.id.to_string();
            let chosen = id == typed.lead_picture;
            ShelfPicture { src: src_of(picture, &self.renditions, 240), name: picture.name.clone(), chosen, id }
        };
        self.pictures.iter().map(card).collect()
    }

    fn finds(&self, typed: &Typed) -> Vec<Find> {
        if self.article.is_none() && typed.body.is_empty() {
            return Vec::new();
        }
        let mut copy = self.copy();
        copy.body.clone_from(&typed.body);
        checks::finds(self.article.as_ref(), &copy)
    }

    fn revision_briefs(&self, room: &Room) -> Vec<RevisionBrief> {
        let Some(article) = &self.article else { return Vec::new() };
        let brief = |line: &RevisionLine| RevisionBrief {
            href: format!(
                "/newsroom/articles/{}/comparison?before={}&after={}",
                article.id,
                line.number.saturating_sub(1).max(1),
                line.number
            ),
            words: format!("{}, {}", line.number, When::new(line.at, room.now, &room.zone).words),
            by: line.by_name.clone().unwrap_or_else(|| "imported".into()),
        };
        self.revisions.iter().map(brief).collect()
    }
}

fn conflict(theirs: &Copy, typed: &Typed, who: &str) -> Conflict {
    let all = Comparison::new(&[
        ("Headline", &theirs.headline, &typed.headline),
        ("Standfirst", &theirs.standfirst, &typed.standfirst),
        ("Text", &theirs.body, &typed.body),
    ]);
    Conflict { what: format!("{who} saved this article after you opened it."), summary: all.summary(), rows: all.rows }
}

/// The smallest rendition at least `width` wide that every browser shows, else the original.
pub(crate) fn src_of(picture: &Picture, renditions: &[Rendition], width: u32) -> String {
    let own = renditions.iter().filter(|rendition| rendition.picture == picture.id && rendition.width >= width);
    let hash = own
        .min_by_key(|rendition| (rendition.width, rendition.bytes))
        .map_or(&picture.hash, |rendition| &rendition.hash);
    format!("/newsroom/media/{hash}")
}

fn section_name(room: &Room, typed: &Typed) -> String {
    match Slug::parse(&typed.section) {
        Some(slug) => {
            room.paper.section_name(&slug, &Language::parse(&typed.language).unwrap_or_else(|| room.main_language()))
        }
        None => String::new(),
    }
}

fn byline(typed: &Typed, authors: &[Author]) -> String {
    let name =
        |slug: &String| authors.iter().find(|author| author.slug.as_str() == slug).map(|author| author.name.as_str());
    let names: Vec<&str> = typed.bylines.iter().filter_map(|(author, _)| name(author)).collect();
    if names.is_empty() { "No author yet".into() } else { format!("By {}", names.join(", ")) }
}

fn facts(typed: &Typed) -> Vec<String> {
    let length = Length::of(&typed.body);
    let size = if length.characters > length.words {
        counted(u64::from(length.characters), "character", "characters")
    } else {
        counted(u64::from(length.words), "word", "words")
    };
    let dateline = Some(typed.dateline.clone()).filter(|dateline| !dateline.is_empty());
    dateline.into_iter().chain([size, format!("{} min read", length.minutes())]).collect()
}

fn address(room: &Room, typed: &Typed) -> String {
    let language = Language::parse(&typed.language).unwrap_or_else(|| room.main_language());
    let slug = Slug::from_words(&typed.slug).or_else(|| Slug::from_words(&typed.headline));
    let slug = slug.map_or_else(|| "…".into(), |slug| slug.to_string());
    let path = room.paper.publication.path(&language, &format!("/{}/{slug}", typed.section));
    format!("{}{path}", room.desk().public_url())
}

pub(crate) fn sections(room: &Room, chosen: &str) -> Vec<Choice> {
    let main = room.main_language();
    let choice = |section: &newsroom::publication::Section| {
        Choice::new(section.slug.to_string(), name_in(&section.names, &main, &main, &section.slug), chosen)
    };
    room.paper.sections.iter().map(choice).collect()
}

fn languages(room: &Room, chosen: &str) -> Vec<Choice> {
    let all = room.paper.publication.languages();
    all.iter().map(|language| Choice::new(language.to_string(), language.endonym(), chosen)).collect()
}

fn topics(room: &Room, typed: &Typed) -> Vec<Choice> {
    let main = room.main_language();
    let choice = |topic: &newsroom::publication::Topic| {
        let value = topic.slug.to_string();
        let chosen = typed.topics.contains(&value);
        Choice { value, words: name_in(&topic.names, &main, &main, &topic.slug).to_owned(), chosen }
    };
    room.paper.topics.iter().map(choice).collect()
}

fn byline_rows(typed: &Typed, authors: &[Author]) -> Vec<BylineRow> {
    let empty = (String::new(), BylineRole::Writer.key().to_owned());
    let rows = typed.bylines.iter().cloned().chain([empty.clone(), empty]);
    rows.map(|(author, role)| BylineRow {
        authors: std::iter::once(Choice::new("", "Nobody", &author))
            .chain(authors.iter().map(|known| Choice::new(known.slug.to_string(), known.name.clone(), &author)))
            .collect(),
        roles: BylineRole::ALL.iter().map(|known| Choice::new(known.key(), capital(known.key()), &role)).collect(),
    })
    .collect()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The frame is used by pages about one article as well.
pub(crate) fn frame(room: &Room) -> Frame {
    room.frame(Here::Articles)
}
