//! Lists brought in from elsewhere, a piece at a time: who is known, who must not be written to, and all that is
//! kept of the new ones in a few statements.

use crate::db::value::to_json;
use crate::db::{statements, vals};
use crate::{Change, Error, View};
use newsroom::id::SubscriberId;
use newsroom::slug::Slug;
use newsroom::subscriber::Consent;
use newsroom::time::Timestamp;
use std::collections::{HashMap, HashSet};

/// Where a list came from and how its people agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportLine {
    pub id: i64,
    /// The file's name.
    pub name: String,
    pub source: String,
    /// How they agreed: `double opt-in`, `on paper` …
    pub method: String,
    /// A date, or empty where every line has its own.
    pub agreed_on: String,
    pub at: Timestamp,
}

statements! {
    KNOWN = "select address_key, unsubscribed_at from subscribers where address_key in {{texts ?1}}";
    SUPPRESSED_AMONG = "select address_hash from suppressions where address_hash in {{texts ?1}}";
    SUBSCRIBE_ALL = "insert into subscriptions (subscriber, newsletter, since) select cast(value->>0 as bigint), ?2, \
        cast(value->>1 as bigint) from {{rows ?1}} where true on conflict (subscriber, newsletter) do nothing";
    CONSENT_ALL = "insert into consents (subscriber, at, act, text_version, network, method) select cast(value->>0 as bigint), \
        cast(value->>1 as bigint), value->>2, value->>3, value->>4, value->>5 from {{rows ?1}}";
    ADD_IMPORT = "insert into imports (id, name, source, method, agreed_on, at) values (?1, ?2, ?3, ?4, ?5, ?6)";
    IMPORTS = "select id, name, source, method, agreed_on, at from imports order by id desc limit ?1";
}

impl View<'_> {
    /// Which of these address keys are there, and when each left.
    pub fn known_addresses(&self, keys: &[String]) -> Result<HashMap<String, Option<Timestamp>>, Error> {
        let known = self.rows(&KNOWN, vals![to_json(keys)?], |row| Ok((row.take()?, row.take()?)))?;
        Ok(known.into_iter().collect())
    }

    /// Which of these addresses we no longer write to.
    pub fn suppressed_among(&self, hashes: &[String]) -> Result<HashSet<String>, Error> {
        Ok(self.rows(&SUPPRESSED_AMONG, vals![to_json(hashes)?], |row| row.take())?.into_iter().collect())
    }

    /// Lists that were brought in, newest first.
    pub fn imports(&self, limit: usize) -> Result<Vec<ImportLine>, Error> {
        self.rows(&IMPORTS, vals![limit.min(crate::ROWS_PER_PAGE_MAX)], |row| {
            Ok(ImportLine {
                id: row.take()?,
                name: row.take()?,
                source: row.take()?,
                method: row.take()?,
                agreed_on: row.take()?,
                at: row.take()?,
            })
        })
    }
}

impl Change<'_> {
    /// These people get a newsletter, each since a time.
    pub fn subscribe_all(&mut self, newsletter: &Slug, list: &[(SubscriberId, Timestamp)]) -> Result<(), Error> {
        self.run(&SUBSCRIBE_ALL, vals![to_json(list)?, newsletter]).map(drop)
    }

    /// Writes lines of the consent ledger.
    pub fn record_consents(&mut self, list: &[Consent]) -> Result<(), Error> {
        let rows: Vec<_> = list
            .iter()
            .map(|c| {
                (c.subscriber, c.at, c.act.key(), c.text_version.as_str(), c.network.as_deref(), c.method.as_str())
            })
            .collect();
        self.run(&CONSENT_ALL, vals![to_json(&rows)?]).map(drop)
    }

    /// Notes where a list came from.
    pub fn add_import(&mut self, line: &ImportLine) -> Result<(), Error> {
        let ImportLine { id, name, source, method, agreed_on, at } = line;
        self.run(&ADD_IMPORT, vals![*id, name, source, method, agreed_on, *at]).map(drop)
    }
}
