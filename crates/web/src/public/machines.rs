//! What only machines read: JSON-LD, robots.txt, licences, trust.txt, security.txt.

use http::{HeaderName, HeaderValue};
use newsroom::article::BylineRole;
use newsroom::publication::Publication;
use newsroom::time::DAY;
use press::json_ld::{self, ArticleKind, CorrectionNote, Crumb, NewsArticle, Organization, Person, Version};
use press::license;
use store::Published;

use super::body::Shown;
use super::card::Preview;
use super::fault::Fault;
use super::sheet::Sheet;
use crate::address::{Place, Policy};
use crate::cache::Kept;
use crate::printed::{Printed, TEXT};

/// How long security.txt promises to be right (RFC 9116 §2.5.5 recommends less than a year).
const SECURITY_DAYS: i64 = 180;
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const RSL: HeaderValue = HeaderValue::from_static("application/rsl+xml; charset=utf-8");

fn publisher(sheet: &Sheet) -> Organization {
    let written = super::policies::titles(sheet);
    let policy =
        |wanted: Policy| written.iter().any(|(policy, _)| *policy == wanted).then(|| sheet.url(&Place::Policy(wanted)));
    Organization {
        name: sheet.site.name.clone(),
        url: sheet.url(&Place::Front),
        logo: Some(sheet.whole("/assets/icon-180.png")),
        publishing_principles: policy(Policy::Ethics).or_else(|| policy(Policy::About)),
        corrections_policy: policy(Policy::Corrections),
        ethics_policy: policy(Policy::Ethics),
        masthead: policy(Policy::Masthead),
        ownership: policy(Policy::About),
        actionable_feedback_policy: policy(Policy::Corrections),
        same_as: sheet.paper.publication.machines.social.clone(),
        ..Organization::default()
    }
}

/// The publication itself, on its front page.
pub(super) fn organisation(sheet: &Sheet) -> Option<String> {
    Some(json_ld::print_organization(&publisher(sheet)))
}

/// The way to a page that lists articles; `author` is who it is about.
pub(super) fn list_json_ld(sheet: &Sheet, place: &Place, name: &str, author: Option<&str>) -> Option<String> {
    let url = sheet.url(place);
    let about = author.map(|role| Person {
        name: name.to_owned(),
        url: Some(url.clone()),
        role: super::present::cards::filled(role),
    });
    Some(json_ld::print_list(&[home(sheet), Crumb { name: name.to_owned(), url }], about.as_ref()))
}

fn home(sheet: &Sheet) -> Crumb {
    Crumb { name: sheet.site.name.clone(), url: sheet.url(&Place::Front) }
}

/// Opinion where its section is; reportage where a byline names a reporter; else news.
fn kind_of(sheet: &Sheet, published: &Published) -> ArticleKind {
    let article = &published.article;
    if sheet.paper.publication.machines.opinion.contains(&article.section) {
        ArticleKind::Opinion
    } else if article.bylines.iter().any(|byline| byline.role == BylineRole::Reporter) {
        ArticleKind::Reportage
    } else {
        ArticleKind::News
    }
}

/// The version in the paper's main language counts as the original, as it does for `x-default`; where there is none,
/// nobody can say which one is.
fn versions(sheet: &Sheet, published: &Published) -> (Option<Version>, Vec<Version>) {
    let version = |other: &store::Translation| {
        let place = Place::Article(other.section.clone(), other.slug.clone());
        Version {
            url: sheet.whole(&sheet.href_in(&other.language, &place)),
            language: other.language.code().to_owned(),
        }
    };
    if published.article.language == sheet.main {
        return (None, published.translations.iter().map(version).collect());
    }
    (published.translations.iter().find(|other| other.language == sheet.main).map(version), Vec::new())
}

/// What search engines read about an article.
pub(super) fn article_json_ld(
    sheet: &Sheet,
    published: &Published,
    shown: &Shown,
    preview: Option<&Preview>,
) -> Option<String> {
    let (article, copy) = (&published.article, &published.revision.copy);
    let url = sheet.url(&Place::Article(article.section.clone(), article.slug.clone()));
    let person = |author: &newsroom::publication::Author| Person {
        name: author.name.clone(),
        url: Some(sheet.url(&Place::Author(author.slug.clone()))),
        role: super::present::cards::filled(&author.title),
    };
    let correction = |correction: &newsroom::article::Correction| CorrectionNote {
        at: correction.at.0,
        text: correction.text.clone(),
        url: Some(format!("{url}#corrections")),
    };
    let wide = copy.lead.as_ref().and_then(|lead| shown.widest(lead.picture?));
    let image = wide.map(|wide| sheet.whole(&wide.path)).or_else(|| preview.map(|preview| preview.url.clone()));
    let length = published.revision.length;
    let (original, translations) = versions(sheet, published);
    let section =
        Crumb { name: sheet.section_name(&article.section), url: sheet.url(&Place::Section(article.section.clone())) };
    let own = Crumb { name: copy.headline.clone(), url: url.clone() };
    Some(json_ld::print(&NewsArticle {
        kind: kind_of(sheet, published),
        headline: copy.headline.clone(),
        description: copy.standfirst.clone(),
        published: article.published_at.unwrap_or(published.revision.at).0,
        updated: article.updated_at.map(|at| at.0),
        authors: super::present::article::writers(published).into_iter().map(person).collect(),
        publisher: publisher(sheet),
        images: image.into_iter().collect(),
        section: Some(section.name.clone()),
        language: article.language.code().to_owned(),
        corrections: published.corrections.iter().map(correction).collect(),
        words: (length.words + length.characters) as usize,
        original,
        translations,
        crumbs: vec![home(sheet), section, own],
        url,
    }))
}

/// What crawlers should leave alone, what they may do, and where the sitemaps are.
pub(super) fn robots(sheet: &Sheet) -> Kept {
    let machines = &sheet.paper.publication.machines;
    // RSL's line stands where there is something to say.
    let license = machines.ai.reserves().then(|| format!("License: {}\n", sheet.url(&Place::License)));
    let text = format!(
        "{}User-agent: *\nDisallow: /newsroom\nDisallow: /preferences/\nDisallow: /unsubscribe/\nDisallow: /subscribe/confirm/\n\
         Disallow: /search?\n\n{}Sitemap: {}\nSitemap: {}\n",
        license::robots(machines.ai),
        license.unwrap_or_default(),
        sheet.url(&Place::Sitemap),
        sheet.url(&Place::NewsSitemap),
    );
    file(sheet, TEXT, text, None)
}

/// Where a licence can be asked for, if the newsroom has said so.
fn terms(publication: &Publication) -> Option<&str> {
    Some(publication.machines.terms.as_str()).filter(|terms| !terms.is_empty())
}

/// Header lines of every text and picture whose mining is reserved (TDM Reservation Protocol, HTTP header fields).
pub(super) fn reservation(publication: &Publication) -> Vec<(HeaderName, HeaderValue)> {
    if !publication.machines.ai.reserves() {
        return Vec::new();
    }
    let policy = terms(publication).and_then(|terms| HeaderValue::from_str(terms).ok());
    let policy = policy.map(|policy| (HeaderName::from_static("tdm-policy"), policy));
    [(HeaderName::from_static("tdm-reservation"), HeaderValue::from_static("1"))].into_iter().chain(policy).collect()
}

/// Whether rights of text and data mining are reserved.
pub(super) fn mining(sheet: &Sheet) -> Kept {
    file(sheet, JSON, license::mining(sheet.paper.publication.machines.ai, terms(&sheet.paper.publication)), None)
}

/// What machines may do with the texts.
pub(super) fn license(sheet: &Sheet) -> Kept {
    let publication = &sheet.paper.publication;
    let contact = Some(publication.contact.as_str()).filter(|contact| contact.contains('@'));
    let text = license::rsl(publication.machines.ai, &sheet.site.name, contact, terms(publication));
    file(sheet, RSL, text, None)
}

/// Who we are, for machines that judge sources (JournalList trust.txt).
pub(super) fn trust(sheet: &Sheet) -> Kept {
    let mut text = format!("# {}\n", one_line(&sheet.site.name));
    let contact = &sheet.paper.publication.contact;
    if contact.contains('@') {
        text.push_str(&format!("contact=mailto:{}\n", one_line(contact)));
    }
    for (policy, _) in super::policies::titles(sheet) {
        text.push_str(&format!("disclosure={}\n", sheet.url(&Place::Policy(policy))));
    }
    text.push_str(&format!("disclosure={}\n", sheet.url(&Place::Corrections)));
    let machines = &sheet.paper.publication.machines;
    text.extend(machines.belongs_to.iter().map(|address| format!("belongto={address}\n")));
    text.extend(machines.social.iter().map(|address| format!("social={address}\n")));
    if machines.ai.reserves() {
        text.push_str("datatrainingallowed=no\n");
    }
    file(sheet, TEXT, text, None)
}

/// Where to report a hole (RFC 9116). Not there while the publication has no address to write to.
pub(super) fn security(sheet: &Sheet) -> Result<Kept, Fault> {
    let contact = one_line(&sheet.paper.publication.contact);
    if !contact.contains('@') {
        return Err(Fault::NotFound);
    }
    let expires = sheet.midnight().plus(SECURITY_DAYS * DAY).rfc3339();
    let languages: Vec<String> = sheet.paper.publication.languages().iter().map(ToString::to_string).collect();
    let text = format!(
        "Contact: mailto:{contact}\nExpires: {expires}\nPreferred-Languages: {}\nCanonical: {}\n",
        languages.join(", "),
        sheet.url(&Place::Security),
    );
    Ok(file(sheet, TEXT, text, Some(DAY)))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A file for machines, true for so many microseconds; None: until something changes.
pub(super) fn file(sheet: &Sheet, content_type: HeaderValue, text: String, micros: Option<i64>) -> Kept {
    let until = micros.map(|micros| sheet.now().plus(micros));
    let kept = Kept::new(Printed::new(content_type, text), sheet.moment.version);
    if let Some(until) = until { kept.until(until) } else { kept }
}
