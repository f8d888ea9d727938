//! SQLite: one writing thread with group commit, reading threads that cannot write.
//! Owns files, pragmas and the words of SQLite's errors. Knows no noun.

use super::job::{Job, Kind, Outcome, Queue};
use super::{Row, Statement, Val, View};
use crate::Error;
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};
use std::cell::Cell;
use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tracing::error;

/// Most changes that share one commit.
const CHANGES_PER_COMMIT_MAX: usize = 256;
/// How long a change waits for another process to finish its own.
const BUSY: Duration = Duration::from_secs(10);
/// Threads that look things up: one for each core, within these.
const READER_THREADS: std::ops::RangeInclusive<usize> = 2..=8;
const STATEMENTS_CACHED: usize = 256;
/// Pages of the file that each connection keeps: the writer those that it will change, others little beside what the
/// system keeps of files anyway, for there are many of them.
const WRITER_CACHE_KIB: i64 = 16_000;
const READER_CACHE_KIB: i64 = 1_000;
const LOOK_CACHE_KIB: i64 = 250;
const JOURNAL_BYTES_MAX: i64 = 64 * 1024 * 1024;

/// One connection and the names of the UNIQUE indexes it may speak of.
pub(crate) struct Link {
    connection: Connection,
    constraints: Arc<Mutex<HashMap<String, String>>>,
    /// Rows changed by this job; a commit without any is cheap and no news.
    touched: Cell<u64>,
}

pub(crate) struct Engine {
    path: PathBuf,
    changes: Arc<Queue>,
    looks: Arc<Queue>,
    idle: Arc<Mutex<Vec<Link>>>,
    constraints: Arc<Mutex<HashMap<String, String>>>,
    serving: Mutex<Option<File>>,
    threads: Mutex<Vec<std::thread::JoinHandle<()>>>,
}

impl rusqlite::ToSql for Val {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Val::Null => ToSqlOutput::Owned(Value::Null),
            Val::Int(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            Val::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Val::Blob(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        })
    }
}

impl Link {
    pub(crate) fn each(
        &self,
        statement: &'static Statement,
        parameters: &[Val],
        read: &mut dyn FnMut(&mut Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let told = |cause| self.told(statement.name, &cause);
        let mut prepared = self.connection.prepare_cached(statement.sqlite()).map_err(told)?;
        let columns = prepared.column_count();
        let mut rows = prepared.query(rusqlite::params_from_iter(parameters)).map_err(told)?;
        while let Some(row) = rows.next().map_err(told)? {
            let mut cells = Vec::with_capacity(columns);
            for column in 0..columns {
                cells.push(match row.get_ref(column).map_err(told)? {
                    ValueRef::Null => Val::Null,
                    ValueRef::Integer(number) => Val::Int(number),
                    ValueRef::Text(text) => Val::Text(String::from_utf8_lossy(text).into_owned()),
                    ValueRef::Blob(bytes) => Val::Blob(bytes.to_vec()),
                    ValueRef::Real(_) => {
                        return Err(Error::Broken(format!("{} answered with a fraction.", statement.name)));
                    }
                });
            }
            read(&mut Row::new(statement.name, cells))?;
        }
        Ok(())
    }

    pub(crate) fn run(&self, statement: &'static Statement, parameters: &[Val]) -> Result<u64, Error> {
        let told = |cause| self.told(statement.name, &cause);
        let mut prepared = self.connection.prepare_cached(statement.sqlite()).map_err(told)?;
        let touched = prepared.execute(rusqlite::params_from_iter(parameters)).map_err(told)? as u64;
        self.touched.set(self.touched.get() + touched);
        Ok(touched)
    }

    fn plain(&self, sql: &str) -> Result<(), Error> {
        let told = |cause| self.told(sql, &cause);
        self.connection.prepare_cached(sql).map_err(told)?.execute([]).map_err(told)?;
        Ok(())
    }

    pub(crate) fn script(&self, sql: &str) -> Result<(), Error> {
        self.connection.execute_batch(sql).map_err(|cause| self.told("a script", &cause))
    }

    pub(crate) fn prepare(&self, statement: &'static Statement) -> Result<(), Error> {
        self.connection.prepare_cached(statement.sqlite()).map_err(|cause| self.told(statement.name, &cause))?;
        Ok(())
    }

    fn told(&self, what: &str, cause: &rusqlite::Error) -> Error {
        let rusqlite::Error::SqliteFailure(code, words) = cause else {
            return Error::Broken(format!("{what}: {cause}"));
        };
        let words = words.as_deref().unwrap_or_default();
        match (code.code, code.extended_code) {
            (_, ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID) => {
                Error::Taken { constraint: self.constraint(words) }
            }
            (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => {
                Error::Conflict("another process keeps the database for itself".into())
            }
            (ErrorCode::DiskFull, _) => Error::Broken(format!("The disk is full; nothing was saved ({what}).")),
            (ErrorCode::ReadOnly, _) => Error::Broken(format!("The database may not be written: {words} ({what}).")),
            _ => Error::Broken(format!("{what}: {words} ({code})")),
        }
    }

    /// `UNIQUE constraint failed: articles.language, articles.slug` as the name of the index.
    fn constraint(&self, words: &str) -> String {
        let columns = words.split_once(": ").map_or(words, |(_, columns)| columns);
        if let Some(name) = columns.strip_prefix("index '") {
            return name.trim_end_matches('\'').to_owned();
        }
        let mut known = self.constraints.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.contains_key(columns) {
            *known = constraint_names(&self.connection).unwrap_or_default();
        }
        known.get(columns).cloned().unwrap_or_else(|| columns.to_owned())
    }
}

/// Columns of every UNIQUE index, as SQLite's errors list them → the name of the index.
fn constraint_names(connection: &Connection) -> rusqlite::Result<HashMap<String, String>> {
    let mut names = HashMap::new();
    let sql = "select m.name, l.name, l.origin, i.name from sqlite_master m, pragma_index_list(m.name) l, \
               pragma_index_info(l.name) i where m.type = 'table' and l.\"unique\" = 1 order by m.name, l.name, i.seqno";
    let mut columns: HashMap<(String, String, String), Vec<String>> = HashMap::new();
    let mut prepared = connection.prepare(sql)?;
    let mut rows = prepared.query([])?;
    while let Some(row) = rows.next()? {
        let (table, index, origin): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let column: Option<String> = row.get(3)?;
        let column = format!("{table}.{}", column.unwrap_or_default());
        columns.entry((table, index, origin)).or_default().push(column);
    }
    for ((table, index, origin), list) in columns {
        names.insert(list.join(", "), if origin == "pk" { format!("{table}_pkey") } else { index });
    }
    let sql = "select m.name, t.name from sqlite_master m, pragma_table_info(m.name) t \
               where m.type = 'table' and t.pk = 1 and not exists \
               (select 1 from pragma_table_info(m.name) o where o.pk = 2)";
    let mut prepared = connection.prepare(sql)?;
    let mut rows = prepared.query([])?;
    while let Some(row) = rows.next()? {
        let (table, column): (String, String) = (row.get(0)?, row.get(1)?);
        names.entry(format!("{table}.{column}")).or_insert_with(|| format!("{table}_pkey"));
    }
    Ok(names)
}

impl Engine {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        readable(path)?;
        let constraints = Arc::new(Mutex::new(HashMap::new()));
        let engine = Self {
            path: path.to_owned(),
            changes: Arc::new(Queue::new()),
            looks: Arc::new(Queue::new()),
            idle: Arc::new(Mutex::new(Vec::new())),
            constraints,
            serving: Mutex::new(None),
            threads: Mutex::new(Vec::new()),
        };
        let writer = engine.connect(false, WRITER_CACHE_KIB)?;
        let mut threads = vec![spawn("store-write", Arc::clone(&engine.changes), move |queue| write(&writer, queue))?];
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        for number in 0..cores.clamp(*READER_THREADS.start(), *READER_THREADS.end()) {
            let reader = engine.connect(true, READER_CACHE_KIB)?;
            threads.push(spawn(&format!("store-read-{number}"), Arc::clone(&engine.looks), move |queue| {
                while let Some(job) = queue.next() {
                    look(&reader, job);
                }
            })?);
        }
        *engine.threads.lock().unwrap_or_else(PoisonError::into_inner) = threads;
        Ok(engine)
    }

    fn connect(&self, query_only: bool, cache_kib: i64) -> Result<Link, Error> {
        let cause = |cause: rusqlite::Error| {
            Error::Broken(format!("The database {} cannot be opened: {cause}.", self.path.display()))
        };
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags).map_err(cause)?;
        connection.busy_timeout(BUSY).map_err(cause)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
        let mode: String = connection.query_row("pragma journal_mode = wal", [], |row| row.get(0)).map_err(cause)?;
        if mode != "wal" {
            return Err(Error::Broken(format!(
                "The database {} cannot keep a write-ahead log here; is it on a network drive?",
                self.path.display()
            )));
        }
        for (pragma, value) in [
            ("synchronous", 2),
            ("foreign_keys", 1),
            ("temp_store", 2),
            ("journal_size_limit", JOURNAL_BYTES_MAX),
            ("cache_size", -cache_kib),
            ("query_only", i64::from(query_only)),
        ] {
            connection.pragma_update(None, pragma, value).map_err(cause)?;
        }
        if !query_only {
            // Or a statement is compiled again each time it gets other parameters: claims and marks always do.
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(cause)?;
        }
        Ok(Link { connection, constraints: Arc::clone(&self.constraints), touched: Cell::new(0) })
    }

    pub(crate) fn push(&self, job: Box<dyn Job>) {
        match job.kind() {
            Kind::Read => self.looks.push(job),
            Kind::Change | Kind::Guarded => self.changes.push(job),
        }
    }

    /// Looks on the caller's own thread.
    pub(crate) fn look_here<T, E: From<Error>>(&self, mut see: impl FnMut(&View<'_>) -> Result<T, E>) -> Result<T, E> {
        let taken = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let link = match taken {
            Some(link) => link,
            None => self.connect(true, LOOK_CACHE_KIB)?,
        };
        link.plain("begin")?;
        let result = see(&View::new(super::Link::Sqlite(&link)));
        link.plain("commit")?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(link);
        result
    }

    /// A connection of one's own, for migrations and copies.
    pub(crate) fn own_link(&self) -> Result<Link, Error> {
        self.connect(false, WRITER_CACHE_KIB)
    }

    /// Errs with a sentence if another process serves from this folder.
    pub(crate) fn claim_serving(&self) -> Result<(), Error> {
        let mut held = self.serving.lock().unwrap_or_else(PoisonError::into_inner);
        if held.is_some() {
            return Ok(());
        }
        let path = self.path.with_extension("serving");
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(|cause| Error::Broken(format!("{} cannot be written: {cause}.", path.display())))?;
        match file.try_lock() {
            Ok(()) => {
                *held = Some(file);
                Ok(())
            }
            Err(std::fs::TryLockError::WouldBlock) => Err(Error::Broken(format!(
                "Another Masthead serves from {} already. Stop it first, or give this one a folder of its own.",
                path.parent().unwrap_or(Path::new(".")).display()
            ))),
            Err(std::fs::TryLockError::Error(cause)) => {
                Err(Error::Broken(format!("{} cannot be locked: {cause}.", path.display())))
            }
        }
    }

    /// Copies the whole database, as it is at one moment, while others go on.
    pub(crate) fn backup(&self, to: &Path) -> Result<(), Error> {
        let failed =
            |cause: rusqlite::Error| Error::Broken(format!("The copy to {} did not succeed: {cause}.", to.display()));
        if to.exists() {
            return Err(Error::Broken(format!("{} is there already; choose another name.", to.display())));
        }
        let from = self.connect(true, READER_CACHE_KIB)?;
        let mut into = Connection::open(to).map_err(failed)?;
        let copy = rusqlite::backup::Backup::new(&from.connection, &mut into).map_err(failed)?;
        copy.run_to_completion(1_000, Duration::ZERO, None).map_err(failed)?;
        drop(copy);
        into.close().map_err(|(_, cause)| failed(cause))
    }

    /// Lets the waiting work be done, then ends the threads.
    pub(crate) fn close(&self) {
        self.changes.close();
        self.looks.close();
        for thread in self.threads.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            if thread.thread().id() != std::thread::current().id() && thread.join().is_err() {
                error!("a database thread ended with a panic");
            }
        }
    }
}

fn spawn(
    name: &str,
    queue: Arc<Queue>,
    run: impl FnOnce(&Queue) + Send + 'static,
) -> Result<std::thread::JoinHandle<()>, Error> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || run(&queue))
        .map_err(|cause| Error::Broken(format!("The system gave us no thread: {cause}.")))
}

fn readable(path: &Path) -> Result<(), Error> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .map_err(|cause| Error::Broken(format!("The folder {} cannot be made: {cause}.", folder.display())))?;
    }
    File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(path)
        .map(drop)
        .map_err(|cause| Error::Broken(format!("The database {} cannot be read and written: {cause}.", path.display())))
}

fn look(link: &Link, mut job: Box<dyn Job>) {
    let begun = link.plain("begin");
    if begun.is_ok() {
        job.attempt(super::Link::Sqlite(link));
    }
    let ended = if begun.is_ok() && !link.connection.is_autocommit() { link.plain("commit") } else { Ok(()) };
    job.answer(begun.and(ended).err());
}

/// The writing thread: jobs that wait share one commit, each with a savepoint of its own, and are
/// answered after it.
fn write(link: &Link, queue: &Queue) {
    while let Some(first) = queue.next() {
        if let Err(fault) = link.plain("begin immediate") {
            first.answer(Some(fault));
            continue;
        }
        link.touched.set(0);
        let mut done = vec![first];
        let mut fault = one(link, done[0].as_mut());
        while fault.is_none() && done.len() < CHANGES_PER_COMMIT_MAX {
            let Some(mut job) = queue.next_now() else { break };
            fault = one(link, job.as_mut());
            done.push(job);
        }
        let fault = fault.or_else(|| link.plain("commit").err());
        if fault.is_some() && !link.connection.is_autocommit() && link.plain("rollback").is_err() {
            error!("a transaction could neither be kept nor undone");
        }
        for job in done {
            job.answer(fault.clone());
        }
    }
}

/// Runs one job inside the open transaction. A fault means that the whole transaction is lost.
fn one(link: &Link, job: &mut dyn Job) -> Option<Error> {
    if let Err(fault) = link.plain("savepoint job") {
        return Some(fault);
    }
    let outcome = job.attempt(super::Link::Sqlite(link));
    if link.connection.is_autocommit() {
        return Some(Error::Broken("SQLite gave the transaction up; is the disk full?".into()));
    }
    let undone = match outcome {
        Outcome::Keep => Ok(()),
        Outcome::Undo | Outcome::Again(_) => link.plain("rollback to job"),
    };
    undone.and_then(|()| link.plain("release job")).err()
}
