//! The store as everybody else holds it: open it, look, change.
//! Owns which engine is behind; the closures never know.

use crate::Error;
use crate::db::job::{self, Kind, Task};
use crate::db::{Change, Link, Statement, View, migrate, postgres, sqlite};
use newsroom::time::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where things are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreSettings {
    /// One file and its companions; the folder is made if it is not there.
    Sqlite { path: PathBuf },
    /// A libpq URL or key–value string. Without TLS in this version: a unix socket, a private
    /// network or a tunnel.
    Postgres { url: String },
}

/// Everything the paper keeps, behind SQLite or PostgreSQL. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    engine: Arc<Engine>,
}

enum Engine {
    Sqlite(sqlite::Engine),
    Postgres(Box<postgres::Engine>),
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.close();
    }
}

impl Engine {
    fn close(&self) {
        match self {
            Engine::Sqlite(engine) => engine.close(),
            Engine::Postgres(engine) => engine.close(),
        }
    }
}

impl Store {
    /// Opens the store. Errs with a sentence if it cannot be read and written, if its schema is
    /// newer than this program, or if a released migration was changed. Takes no migration; see
    /// [`Store::migrate`].
    pub fn open(settings: &StoreSettings) -> Result<Self, Error> {
        let engine = match settings {
            StoreSettings::Sqlite { path } => Engine::Sqlite(sqlite::Engine::open(path)?),
            StoreSettings::Postgres { url } => Engine::Postgres(Box::new(postgres::Engine::open(url)?)),
        };
        let store = Self { engine: Arc::new(engine) };
        store.with_own_link(|link| migrate::pending(link, migrate::MIGRATIONS))?;
        Ok(store)
    }

    /// How many migrations are still to be taken.
    pub fn migrations_pending(&self) -> Result<usize, Error> {
        self.with_own_link(|link| migrate::pending(link, migrate::MIGRATIONS))
    }

    /// Brings the schema up to date and prepares every statement once, so that a mistake shows now
    /// and not at six in the morning. Doing it again changes nothing. Gives how many steps were taken.
    pub fn migrate(&self, now: Timestamp) -> Result<usize, Error> {
        self.with_own_link(move |link| {
            let taken = migrate::migrate(link, migrate::MIGRATIONS, now)?;
            prepare_all(link)?;
            Ok(taken)
        })
    }

    /// Makes this process the one that serves from this SQLite file, until it ends; errs with a
    /// sentence if another one does. On PostgreSQL several nodes may serve, so it always succeeds.
    pub fn claim_serving(&self) -> Result<(), Error> {
        match self.engine.as_ref() {
            Engine::Sqlite(engine) => engine.claim_serving(),
            Engine::Postgres(_) => Ok(()),
        }
    }

    /// Whether several processes may serve from it at once.
    pub fn is_shared(&self) -> bool {
        match self.engine.as_ref() {
            Engine::Sqlite(_) => false,
            Engine::Postgres(_) => true,
        }
    }

    /// `SQLite` or `PostgreSQL`, for status pages.
    pub fn engine_name(&self) -> &'static str {
        match self.engine.as_ref() {
            Engine::Sqlite(_) => "SQLite",
            Engine::Postgres(_) => "PostgreSQL",
        }
    }

    /// Looks on a reading thread. The closure may run again if the line to the server was lost.
    pub async fn read<T, E, F>(&self, look: F) -> Result<T, E>
    where
        F: FnMut(&View<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (reply, answer) = tokio::sync::oneshot::channel();
        self.push_look(look, Box::new(move |result| drop(reply.send(result))));
        answered(answer.await)
    }

    /// Looks at once: on SQLite on the caller's own thread (microseconds), on PostgreSQL by
    /// waiting for a database thread. For tiny hot reads and the command line.
    pub fn read_now<T, E, F>(&self, look: F) -> Result<T, E>
    where
        F: FnMut(&View<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match self.engine.as_ref() {
            Engine::Sqlite(engine) => engine.look_here(look),
            Engine::Postgres(_) => {
                let (reply, answer) = std::sync::mpsc::channel();
                self.push_look(look, Box::new(move |result| drop(reply.send(result))));
                answered(answer.recv())
            }
        }
    }

    /// Changes, in one transaction: answered once it is on the disk. Nothing is kept if the closure
    /// errs or panics, or if any statement in it failed. What it has read is still true when it
    /// commits; on PostgreSQL it may therefore run several times, so it must do nothing else.
    pub async fn change<T, E, F>(&self, change: F) -> Result<T, E>
    where
        F: FnMut(&mut Change<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.change_as(Kind::Change, change).await
    }

    /// As [`Store::change`], for statements that carry their own guard and trust nothing read
    /// before: claims and marks of deliveries and chores. On PostgreSQL these are not in each
    /// other's way; on SQLite there is no difference.
    pub async fn change_guarded<T, E, F>(&self, change: F) -> Result<T, E>
    where
        F: FnMut(&mut Change<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.change_as(Kind::Guarded, change).await
    }

    async fn change_as<T, E, F>(&self, kind: Kind, change: F) -> Result<T, E>
    where
        F: FnMut(&mut Change<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (reply, answer) = tokio::sync::oneshot::channel();
        let reply = Box::new(move |result| drop(reply.send(result)));
        let job = Box::new(Task { kind, run: change, result: None, reply });
        match self.engine.as_ref() {
            Engine::Sqlite(engine) => engine.push(job),
            Engine::Postgres(engine) => engine.push(job),
        }
        answered(answer.await)
    }

    fn push_look<T, E, F>(&self, look: F, reply: Box<dyn FnOnce(Result<T, E>) + Send>)
    where
        F: FnMut(&View<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let job = job::looking(look, reply);
        match self.engine.as_ref() {
            Engine::Sqlite(engine) => engine.push(job),
            Engine::Postgres(engine) => engine.push(job),
        }
    }

    /// Copies the SQLite database as it is at one moment, while others go on. Errs if `path` is
    /// there already, and on PostgreSQL, which has `pg_dump`.
    pub async fn backup_sqlite(&self, path: &Path) -> Result<(), Error> {
        let (store, path) = (self.clone(), path.to_owned());
        let copy = tokio::task::spawn_blocking(move || match store.engine.as_ref() {
            Engine::Sqlite(engine) => engine.backup(&path),
            Engine::Postgres(_) => Err(Error::Broken("This paper is kept in PostgreSQL; copy it with pg_dump.".into())),
        });
        copy.await.map_err(|cause| Error::Panicked(cause.to_string()))?
    }

    /// Finishes what waits and lets the files go. Later calls err; dropping the last clone does the same.
    pub fn close(&self) {
        self.engine.close();
    }

    /// Runs `act` on a connection of its own and a thread of its own: it may wait.
    pub(crate) fn with_own_link<T: Send>(
        &self,
        act: impl FnOnce(Link<'_>) -> Result<T, Error> + Send,
    ) -> Result<T, Error> {
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| match self.engine.as_ref() {
                Engine::Sqlite(engine) => act(Link::Sqlite(&engine.own_link()?)),
                Engine::Postgres(engine) => act(Link::Postgres(&engine.own_link()?)),
            });
            thread.join().map_err(|panic| Error::Panicked(job::panic_words(panic.as_ref())))?
        })
    }
}

fn answered<T, E: From<Error>, X>(answer: Result<Result<T, E>, X>) -> Result<T, E> {
    answer.unwrap_or_else(|_| Err(Error::Gone("the store was closed".into()).into()))
}

fn prepare_all(link: Link<'_>) -> Result<(), Error> {
    for statement in statements() {
        match link {
            Link::Sqlite(link) => link.prepare(statement)?,
            Link::Postgres(link) => drop(link.prepare(statement)?),
        }
    }
    Ok(())
}

/// Every statement of every noun.
pub(crate) fn statements() -> impl Iterator<Item = &'static Statement> {
    crate::ALL.iter().flat_map(|file| file.iter().copied())
}
