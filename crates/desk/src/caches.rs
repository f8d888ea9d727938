//! Telling the cache in front of us which pages to drop. A chore asks it, after the change is on the disk; what it was
//! told last is kept, so that nothing is forgotten when it, or we, are away.

use crate::chores::Kind;
use crate::desk::Desk;
use crate::error::Error;
use crate::outgoing::Errand;
use http::{HeaderName, HeaderValue};
use newsroom::id::ChoreId;
use newsroom::surrogate::{Key, Label};
use serde_json::json;

/// The key of the content version up to which the cache was told.
const PURGED: &str = "purged_version";
/// Keys of one call: caches take 30 to 256.
const KEYS_PER_CALL_MAX: usize = 30;

/// A cache in front of us that drops pages by the keys they were made of.
#[derive(Debug, Clone, Default)]
pub struct Caches {
    /// How pages say what they are made of; without it they do not.
    pub label: Option<Label>,
    /// Who is told what to drop.
    pub purge: Option<Purge>,
}

/// The address that drops pages.
#[derive(Debug, Clone)]
pub struct Purge {
    pub url: String,
    /// What shows that it is us: `Authorization: Bearer …`, `Fastly-Key: …`. The value is a secret.
    pub proof: Option<(HeaderName, HeaderValue)>,
}

impl Desk {
    /// Lets the cache be told, if there is one and something has changed since this process looked last.
    pub(crate) async fn note_purge(&self) -> Result<(), Error> {
        if self.caches().purge.is_none() {
            return Ok(());
        }
        let version = self.content_version()?;
        if version != self.purge_noted() {
            let (chore, now) = (ChoreId(self.id()), self.now());
            self.change(move |change| Ok(change.add_chore(chore, Kind::PurgeCache.key(), "", now)?)).await?;
            self.set_purge_noted(version);
        }
        Ok(())
    }

    /// The chore: everything that was touched since the cache was told last.
    pub(crate) async fn purge_cache(&self) -> Result<(), Error> {
        let Some(purge) = self.caches().purge.clone() else { return Ok(()) };
        let label = self.caches().label.unwrap_or_default();
        let look = self.look(move |view| {
            let told: i64 = view.setting(PURGED)?.and_then(|text| text.parse().ok()).unwrap_or_default();
            let version = view.content_version()?;
            let rows = view.touched_since(told, store::ROWS_PER_PAGE_MAX)?;
            Ok((view.held_at()?.is_some(), told, version, rows))
        });
        let (is_held, told, version, rows) = look.await?;
        // A restored copy tells nobody anything: the cache belongs to the paper it was copied from.
        if is_held || told == version {
            return Ok(());
        }
        let mut keys: Vec<String> = rows.into_iter().map(|(key, _)| key).collect();
        if told == 0 || keys.len() == store::ROWS_PER_PAGE_MAX {
            keys = vec![Key::everything().as_str().to_owned()];
        }
        for some in keys.chunks(KEYS_PER_CALL_MAX) {
            let body = match label {
                Label::SurrogateKey => json!({ "surrogate_keys": some }),
                Label::CacheTag => json!({ "tags": some }),
            };
            let json = HeaderValue::from_static("application/json");
            let mut errand = Errand::post(purge.url.clone(), json, body.to_string());
            if let Some((name, value)) = &purge.proof {
                errand = errand.with(name.clone(), value.clone());
            }
            let reply = self.outgoing().send(errand).await?;
            if !reply.is_success() {
                return Err(Error::Broken(format!("the cache answered {}", reply.status.as_u16())));
            }
        }
        self.change(move |change| Ok(change.set(PURGED, &version.to_string())?)).await
    }
}
