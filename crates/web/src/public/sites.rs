//! Masthead, menu and footer: made once per language, content version and hour.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use newsroom::language::Language;
use newsroom::publication::Publication;
use newsroom::time::HOUR;
use press::page::{Colour, Colours, Dir, Faces, Html, LanguageLink, Link, NavLink, SignUp, Site, When};

use super::sheet::{Sheet, civil};
use crate::address::{FeedKind, FeedOf, Place, Policy, Span};
use crate::printed::KEEPER;

/// How long a printed page may carry the stamp of its sign-up form; the desk takes stamps of two weeks.
pub(crate) const SITE_MICROS_MAX: i64 = 6 * HOUR;

/// The sites of all languages.
#[derive(Default)]
pub(crate) struct Sites(Mutex<BTreeMap<Language, (Key, Arc<Site>)>>);

/// What a site is true for: content version and hour.
type Key = (i64, i64);

impl Sites {
    /// The site for a sheet.
    pub(crate) fn of(&self, sheet: &Sheet) -> Arc<Site> {
        let key = (sheet.moment.version, sheet.now().0.div_euclid(HOUR));
        let mut sites = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match sites.get(&sheet.language) {
            Some((kept, site)) if *kept == key => site.clone(),
            _ => {
                let site = Arc::new(site(sheet));
                sites.insert(sheet.language.clone(), (key, site.clone()));
                site
            }
        }
    }
}

fn site(sheet: &Sheet) -> Site {
    let publication = &sheet.paper.publication;
    let (main, language) = (&sheet.main, &sheet.language);
    let local = sheet.local(sheet.now());
    let today = sheet.words.day_long(&civil(&local));
    let today = if publication.place.is_empty() {
        today
    } else {
        format!("{today}{}{}", sheet.words.separator(false), publication.place)
    };
    Site {
        name: publication.name.clone(),
        tdm_reserved: publication.machines.ai.reserves(),
        tagline: sheet.text(&publication.taglines).unwrap_or_default(),
        place: publication.place.clone(),
        language: language.code().to_owned(),
        dir: Dir::of(language.code()),
        name_language: (language != main).then(|| main.code().to_owned()),
        base_url: sheet.web.desk().public_url().to_owned(),
        home_href: sheet.href(&Place::Front),
        today: When::new(local.day.to_string(), today),
        sections: sections(sheet),
        languages: languages(sheet),
        search_href: sheet.href(&Place::Search),
        search_current: false,
        archive_href: sheet.href(&Place::Archive(Span::All)),
        feed_href: sheet.href(&Place::Feed(FeedOf::Site, FeedKind::Rss)),
        corrections_href: sheet.href(&Place::Corrections),
        stories_href: None,
        signup: sign_up(sheet),
        policies: policies(sheet),
        publisher: publication.postal_address.clone(),
        colours: colours(publication),
        faces: faces(&publication.faces),
        logo_svg: publication.logo_path().map(logo),
        icon_href: "/assets/icon.svg".into(),
        touch_icon_href: "/assets/icon-180.png".into(),
        manifest_href: super::offline::manifest_href(sheet),
        keeper: publication.offline.then(|| Html::vouched(KEEPER)),
    }
}

/// The publication's drawing in the ink of the page; `logo_path` let through digits and letters of paths only.
fn logo(path: &str) -> Html {
    Html::vouched(format!(
        "<svg viewBox=\"0 0 24 24\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"2.2\" aria-hidden=\"true\">\
         <path d=\"{path}\"/></svg>"
    ))
}

fn sections(sheet: &Sheet) -> Vec<NavLink> {
    let link = |section: &newsroom::publication::Section| NavLink {
        name: sheet.name(&section.names, &section.slug).to_owned(),
        href: sheet.href(&Place::Section(section.slug.clone())),
        current: false,
    };
    sheet.paper.sections.iter().map(link).collect()
}

fn languages(sheet: &Sheet) -> Vec<LanguageLink> {
    let link = |language: Language| LanguageLink {
        code: language.code().to_owned(),
        endonym: press::words::endonym(language.code()).to_owned(),
        href: sheet.href_in(&language, &Place::Front),
        current: language == sheet.language,
    };
    sheet.paper.publication.languages().into_iter().map(link).collect()
}

fn sign_up(sheet: &Sheet) -> Option<SignUp> {
    let first = sheet.paper.newsletters.first()?;
    Some(SignUp {
        newsletter: first.slug.to_string(),
        name: sheet.name(&first.names, &first.slug).to_owned(),
        promise: sheet.text(&first.descriptions).unwrap_or_default(),
        frequency: String::new(),
        action: sheet.href(&Place::Subscribe),
        choices_href: sheet.href(&Place::Subscribe),
        stamp: sheet.web.desk().stamp(),
    })
}

/// The policies that were written, under the titles they were given.
fn policies(sheet: &Sheet) -> Vec<Link> {
    let titles = super::policies::titles(sheet);
    titles.into_iter().map(|(policy, title): (Policy, String)| sheet.link(title, &Place::Policy(policy))).collect()
}

/// The publication's colours; those that cannot be read on their paper are not used.
pub(crate) fn colours(publication: &Publication) -> Option<Colours> {
    let read = |text: &Option<String>| text.as_deref().and_then(|text| Colour::parse(text).ok());
    let ours = Colours::default();
    let colours = Colours {
        accent: read(&publication.accent).unwrap_or(ours.accent),
        accent_dark: read(&publication.accent_dark).unwrap_or(ours.accent_dark),
        mark: read(&publication.mark).unwrap_or(ours.mark),
        mark_dark: read(&publication.mark_dark).unwrap_or(ours.mark_dark),
    };
    (colours != ours && colours.check().is_ok()).then_some(colours)
}

/// The publication's typefaces; a list that could carry more than names is not used.
fn faces(faces: &newsroom::look::Faces) -> Faces {
    let own = |list: &Option<String>| list.as_deref().and_then(|list| newsroom::look::faces(list).ok().flatten());
    Faces { text: own(&faces.text), head: own(&faces.head), label: own(&faces.label) }
}
