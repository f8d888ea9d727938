//! Telling machines what the newsroom decided they are told, and a WebSub hub that something changed.
//! The hub is asked by a chore, never in the transaction; it hears nothing that is not public anyway.

use crate::chores::Kind;
use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use crate::outgoing::Errand;
use http::HeaderValue;
use newsroom::article::Article;
use newsroom::id::{ArticleId, ChoreId};
use newsroom::machines::Machines;
use newsroom::refusal::Refusal;
use newsroom::staff::{May, Staff};
use newsroom::time::Timestamp;
use press::feed::FILES;
use store::Change;
use url::form_urlencoded::Serializer;

/// Tries of one ping; the next publication brings another.
pub(crate) const PINGS_MAX: u32 = 6;

impl Desk {
    /// Changes what machines are told. Pages, feeds and robots.txt say it at once.
    pub async fn set_machines(&self, by: &Staff, machines: Machines) -> Result<(), Error> {
        by.allowed(May::Administer)?;
        machines.fits()?;
        if !machines.hub.is_empty() {
            crate::outgoing::Outgoing::check(&machines.hub).map_err(|no| Refusal::Other(no.to_string()))?;
        }
        let (by, desk) = (by.clone(), self.clone());
        self.change(move |change| {
            let mut publication = change.publication()?.ok_or(Error::Missing)?;
            publication.machines = machines.clone();
            change.save_publication(&publication)?;
            change.raise_content_version()?;
            desk.note(change, Who::Staff(&by), Entry::new("changed", "what machines are told", ""))
        })
        .await?;
        self.content_version().map(drop)
    }

    /// Lets the hub be told, if there is one, that the feeds with this article have changed.
    pub(crate) fn announce(&self, change: &mut Change<'_>, article: ArticleId, now: Timestamp) -> Result<(), Error> {
        if self.paper().publication.machines.hub.is_empty() {
            return Ok(());
        }
        Ok(change.add_chore(ChoreId(self.id()), Kind::TellHub.key(), &article.to_string(), now)?)
    }

    /// The chore: one ping (WebSub §6) with every feed that could show the article.
    pub(crate) async fn tell_hub(&self, subject: &str) -> Result<(), Error> {
        let id: ArticleId = subject.parse().map_err(|()| Error::Broken(format!("“{subject}” is no article.")))?;
        let hub = self.paper().publication.machines.hub.clone();
        let (held, article) = self.look(move |view| Ok((view.held_at()?, view.article(id)?))).await?;
        // A restored copy tells nobody anything; feeds are polled as well, so nothing is lost.
        let Some(article) = article.filter(|_| held.is_none() && !hub.is_empty()) else { return Ok(()) };
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        let reply = self.outgoing().send(Errand::post(hub, form_type, self.ping(&article))).await?;
        if reply.is_success() {
            return Ok(());
        }
        Err(Error::Broken(format!("the hub answered {}", reply.status.as_u16())))
    }

    /// The form that names every feed with the article.
    fn ping(&self, article: &Article) -> String {
        let mut folders = vec![String::new(), format!("/{}", article.section)];
        folders.extend(article.topics.iter().map(|topic| format!("/topic/{topic}")));
        folders.extend(article.bylines.iter().map(|byline| format!("/author/{}", byline.author)));
        let publication = &self.paper().publication;
        let mut form = Serializer::new(String::new());
        form.append_pair("hub.mode", "publish");
        for feed in folders.iter().flat_map(|folder| FILES.iter().map(move |file| format!("{folder}/{file}"))) {
            let path = publication.path(&article.language, &feed);
            form.append_pair("hub.url", &format!("{}{path}", self.public_url()));
        }
        form.finish()
    }
}
