//! Migrations: numbered, embedded, checksummed, only adding. A released file never changes.
//! Owns the tokens in which the engines' table definitions differ.

use super::{Link, Row, Statement, statements, vals};
use crate::Error;
use crate::db::{Change, View};
use newsroom::time::Timestamp;

/// One step of the schema.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Migration {
    pub(crate) number: u32,
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

pub(crate) static MIGRATIONS: &[Migration] = &[
    Migration { number: 1, name: "the paper", text: include_str!("../../migrations/0001_the_paper.sql") },
    Migration { number: 2, name: "what readers saw", text: include_str!("../../migrations/0002_what_readers_saw.sql") },
    Migration { number: 3, name: "subscribing", text: include_str!("../../migrations/0003_subscribing.sql") },
    Migration { number: 4, name: "finding", text: include_str!("../../migrations/0004_finding.sql") },
    Migration { number: 5, name: "sitemap parts", text: include_str!("../../migrations/0005_sitemap_parts.sql") },
    Migration { number: 6, name: "what comes back", text: include_str!("../../migrations/0006_what_comes_back.sql") },
    Migration { number: 7, name: "lists and keys", text: include_str!("../../migrations/0007_lists_and_keys.sql") },
    Migration { number: 8, name: "promises", text: include_str!("../../migrations/0008_promises.sql") },
    Migration { number: 9, name: "letters left", text: include_str!("../../migrations/0009_letters_left.sql") },
    Migration { number: 10, name: "credits", text: include_str!("../../migrations/0010_credits.sql") },
    Migration { number: 11, name: "share pictures", text: include_str!("../../migrations/0011_share_pictures.sql") },
    Migration { number: 12, name: "portraits", text: include_str!("../../migrations/0012_portraits.sql") },
    Migration { number: 13, name: "item sets", text: include_str!("../../migrations/0013_item_sets.sql") },
    Migration { number: 14, name: "portraits found", text: include_str!("../../migrations/0014_portraits_found.sql") },
];

const TABLE: &str = "create table if not exists migrations \
     (number {{id}}, name {{text}} not null, checksum {{text}} not null, applied_at {{int}} not null) {{strict}}";

statements! {
    APPLIED = "select number, name, checksum from migrations order by number";
    APPLY = "insert into migrations (number, name, checksum, applied_at) values (?1, ?2, ?3, ?4)";
}

static SQLITE_TABLE: Statement =
    Statement::new("SQLITE_TABLE", "select name from sqlite_master where type = 'table' and name = 'migrations'", None);
static POSTGRES_TABLE: Statement = Statement::new(
    "POSTGRES_TABLE",
    "select cast(tablename as text) from pg_tables where tablename = 'migrations' and schemaname = any (current_schemas(false))",
    None,
);

/// Brings the schema up to date inside one transaction per step; doing it again does nothing.
/// Gives how many steps were taken.
pub(crate) fn migrate(link: Link<'_>, steps: &[Migration], now: Timestamp) -> Result<usize, Error> {
    let mut taken = 0;
    let mut tries = 0;
    loop {
        script(link, begin(link))?;
        match step(link, steps, now).and_then(|more| script(link, "commit").map(|()| more)) {
            Ok(false) => return Ok(taken),
            Ok(true) => taken += 1,
            // Another node takes the same step at the same moment; then it is done, and we look again.
            Err(Error::Taken { .. } | Error::Conflict(_)) if tries < 20 => {
                tries += 1;
                script(link, "rollback")?;
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            Err(fault) => {
                script(link, "rollback")?;
                return Err(fault);
            }
        }
    }
}

fn step(link: Link<'_>, steps: &[Migration], now: Timestamp) -> Result<bool, Error> {
    script(link, &for_engine(link, TABLE))?;
    let mut change = Change { view: View::new(link) };
    let done = applied(&change)?;
    check(&done, steps)?;
    let Some(next) = steps.iter().find(|step| done.iter().all(|(number, ..)| *number != step.number)) else {
        return Ok(false);
    };
    // The row first: where two nodes meet, the primary key lets one wait for the other.
    change.run(&APPLY, vals![next.number, next.name, checksum(next.text), now])?;
    script(link, &for_engine(link, next.text))?;
    Ok(true)
}

/// Errs with a sentence if the schema is newer than this program or a released step was changed.
/// Gives how many steps are still to be taken.
pub(crate) fn pending(link: Link<'_>, steps: &[Migration]) -> Result<usize, Error> {
    let view = View::new(link);
    let table = match link {
        Link::Sqlite(_) => &SQLITE_TABLE,
        Link::Postgres(_) => &POSTGRES_TABLE,
    };
    if !view.any(table, &[])? {
        return Ok(steps.len());
    }
    let done = applied(&view)?;
    check(&done, steps)?;
    Ok(steps.len() - done.len())
}

fn applied(view: &View<'_>) -> Result<Vec<(u32, String, String)>, Error> {
    view.rows(&APPLIED, &[], |row: &mut Row| Ok((row.take()?, row.take()?, row.take()?)))
}

fn check(done: &[(u32, String, String)], steps: &[Migration]) -> Result<(), Error> {
    for (number, name, sum) in done {
        let Some(step) = steps.iter().find(|step| step.number == *number) else {
            return Err(Error::Broken(format!(
                "The database has step {number} (“{name}”), which this version of Masthead does not know. \
                 Run the newer version that made it."
            )));
        };
        if *sum != checksum(step.text) {
            return Err(Error::Broken(format!(
                "Step {number} (“{name}”) of the database is not the one this version of Masthead has. \
                 A released step never changes; run a released version."
            )));
        }
    }
    Ok(())
}

fn checksum(text: &str) -> String {
    crate::blobs::hash(text.as_bytes())
}

fn begin(link: Link<'_>) -> &'static str {
    match link {
        Link::Sqlite(_) => "begin immediate",
        Link::Postgres(_) => "begin",
    }
}

fn script(link: Link<'_>, sql: &str) -> Result<(), Error> {
    match link {
        Link::Sqlite(link) => link.script(sql),
        Link::Postgres(link) => link.script(sql),
    }
}

/// Fills the tokens in and leaves out the other engine's blocks (`-- only sqlite`, `-- only postgres`,
/// `-- both`).
fn for_engine(link: Link<'_>, text: &str) -> String {
    let (engine, tokens): (_, [(&str, &str); 6]) = match link {
        Link::Sqlite(_) => (
            "sqlite",
            [
                ("{{id}}", "integer primary key"),
                ("{{int}}", "integer"),
                ("{{text}}", "text"),
                ("{{blob}}", "blob"),
                ("{{strict}}", "strict"),
                ("{{clustered}}", "strict, without rowid"),
            ],
        ),
        Link::Postgres(_) => (
            "postgres",
            [
                ("{{id}}", "bigint primary key"),
                ("{{int}}", "bigint"),
                ("{{text}}", "text collate \"C\""),
                ("{{blob}}", "bytea"),
                ("{{strict}}", ""),
                ("{{clustered}}", ""),
            ],
        ),
    };
    let mut out = String::new();
    let mut only = "both".to_owned();
    for line in text.lines() {
        match line.strip_prefix("-- only ").or_else(|| line.strip_prefix("-- ").filter(|rest| *rest == "both")) {
            Some(word) => only = word.trim().to_owned(),
            None if only == "both" || only == engine => {
                out.push_str(line);
                out.push('\n');
            }
            None => {}
        }
    }
    for (token, words) in tokens {
        out = out.replace(token, words);
    }
    out
}
