//! What is kept once: the publication's settings, counters, the secret, whether we are held.
//! Never interprets them.

use crate::db::value::{from_json, to_json};
use crate::db::{statements, vals};
use crate::{Change, Error, View};
use newsroom::publication::Publication;
use newsroom::time::Timestamp;

statements! {
    SETTING = "select value from meta where key = ?1";
    SETTINGS = "select key, value from meta order by key";
    SET = "insert into meta (key, value) values (?1, ?2) on conflict (key) do update set value = excluded.value";
    SET_ONCE = "insert into meta (key, value) values (?1, ?2) on conflict (key) do nothing";
    UNSET = "delete from meta where key = ?1";
}

const PUBLICATION: &str = "publication";
pub(crate) const HELD_AT: &str = "held_at";

impl View<'_> {
    /// A value kept under `key`.
    pub fn setting(&self, key: &str) -> Result<Option<String>, Error> {
        self.one(&SETTING, vals![key], |row| row.take())
    }

    /// Everything kept by key, in the order of keys.
    pub fn settings(&self) -> Result<Vec<(String, String)>, Error> {
        self.rows(&SETTINGS, &[], |row| Ok((row.take()?, row.take()?)))
    }

    /// What the newsroom decided about its paper. `None` before the first start.
    pub fn publication(&self) -> Result<Option<Publication>, Error> {
        self.setting(PUBLICATION)?.map(|text| from_json(&text)).transpose()
    }

    /// Since when nothing may leave this installation. `None` = mail may go.
    pub fn held_at(&self) -> Result<Option<Timestamp>, Error> {
        Ok(self.number(HELD_AT)?.map(Timestamp))
    }

    pub(crate) fn number(&self, key: &str) -> Result<Option<i64>, Error> {
        let text = self.setting(key)?;
        text.map(|text| text.parse().map_err(|_| Error::Broken(format!("The kept value {key} is no number."))))
            .transpose()
    }
}

impl Change<'_> {
    /// Keeps a value under `key` in place of the one before.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), Error> {
        self.run(&SET, vals![key, value]).map(drop)
    }

    /// Keeps a value unless there is one; gives the one that is kept. For secrets.
    pub fn set_once(&mut self, key: &str, value: &str) -> Result<String, Error> {
        self.run(&SET_ONCE, vals![key, value])?;
        Ok(self.setting(key)?.unwrap_or_else(|| value.to_owned()))
    }

    /// Forgets the value under `key`.
    pub fn unset(&mut self, key: &str) -> Result<(), Error> {
        self.run(&UNSET, vals![key]).map(drop)
    }

    /// Keeps the paper's settings.
    pub fn save_publication(&mut self, publication: &Publication) -> Result<(), Error> {
        self.set(PUBLICATION, &to_json(publication)?)
    }

    /// Nothing leaves this installation from now on: no delivery can be claimed.
    pub fn hold(&mut self, at: Timestamp) -> Result<(), Error> {
        self.set(HELD_AT, &at.0.to_string())
    }

    /// Mail may leave again.
    pub fn release(&mut self) -> Result<(), Error> {
        self.unset(HELD_AT)
    }
}
