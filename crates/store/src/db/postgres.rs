//! PostgreSQL: a few threads with a connection each, retries, and coming back after the server did.
//! Owns connections and the words of PostgreSQL's errors. Knows no noun.

use super::job::{Job, Kind, Outcome, Queue};
use super::{Row, Statement, Val};
use crate::Error;
use bytes::BytesMut;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type};
use tokio_postgres::{Client, Config, NoTls};
use tracing::{error, warn};

/// Connections of one process: each serves one look or change at a time.
const CONNECTIONS: usize = 8;
/// Tries of one change that others keep getting in the way of.
const TRIES_MAX: u32 = 12;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Said to each new connection: news is small, so a statement that takes long is a fault.
const GREETING: &str = "set statement_timeout = '60s'; set idle_in_transaction_session_timeout = '60s'; \
                        set lock_timeout = '20s'; set client_min_messages = warning";

/// One connection, its own little runtime, and the statements prepared on it.
pub(crate) struct Link {
    runtime: Runtime,
    client: Client,
    prepared: RefCell<HashMap<usize, tokio_postgres::Statement>>,
    /// The `begin` that travels with the first statement.
    begin: Cell<Option<&'static str>>,
}

pub(crate) struct Engine {
    config: Config,
    jobs: Arc<Queue>,
    threads: Mutex<Vec<std::thread::JoinHandle<()>>>,
}

impl ToSql for Val {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Val::Null => return Ok(IsNull::Yes),
            Val::Int(number) if *kind == Type::INT4 => return i32::try_from(*number)?.to_sql(kind, out),
            Val::Int(number) if *kind == Type::INT8 => return number.to_sql(kind, out),
            Val::Text(text) if [Type::TEXT, Type::VARCHAR, Type::JSON, Type::UNKNOWN, Type::NAME].contains(kind) => {
                out.extend_from_slice(text.as_bytes());
            }
            Val::Blob(bytes) if *kind == Type::BYTEA => out.extend_from_slice(bytes),
            Val::Int(_) | Val::Text(_) | Val::Blob(_) => return Err(format!("a value does not fit into {kind}").into()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    tokio_postgres::types::to_sql_checked!();
}

impl<'a> FromSql<'a> for Val {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(match *kind {
            Type::INT8 => Val::Int(i64::from_sql(kind, raw)?),
            Type::INT4 => Val::Int(i64::from(i32::from_sql(kind, raw)?)),
            Type::BOOL => Val::Int(i64::from(bool::from_sql(kind, raw)?)),
            Type::TEXT | Type::VARCHAR | Type::NAME | Type::JSON | Type::UNKNOWN => {
                Val::Text(String::from_utf8(raw.to_vec())?)
            }
            Type::BYTEA => Val::Blob(raw.to_vec()),
            _ => return Err(format!("{kind} is no type of ours; cast it").into()),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Val::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

impl Link {
    fn connect(config: &Config) -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|cause| Error::Broken(format!("The system gave us no event loop: {cause}.")))?;
        let client = runtime.block_on(async {
            let (client, connection) = config.connect(NoTls).await.map_err(|cause| refused(&cause))?;
            tokio::spawn(async move {
                // Whoever speaks next on this connection learns why it ended.
                let _ = connection.await;
            });
            client.batch_execute(GREETING).await.map_err(|cause| told("the greeting", &cause))?;
            Ok::<_, Error>(client)
        })?;
        Ok(Self { runtime, client, prepared: RefCell::default(), begin: Cell::new(None) })
    }

    pub(crate) fn prepare(&self, statement: &'static Statement) -> Result<tokio_postgres::Statement, Error> {
        let key = std::ptr::from_ref(statement) as usize;
        if let Some(known) = self.prepared.borrow().get(&key) {
            return Ok(known.clone());
        }
        // A failed `parse` would spoil the transaction, so `begin` goes first here.
        self.begin_now()?;
        let fresh = self
            .runtime
            .block_on(self.client.prepare(statement.postgres()))
            .map_err(|cause| told(statement.name, &cause))?;
        self.prepared.borrow_mut().insert(key, fresh.clone());
        Ok(fresh)
    }

    pub(crate) fn each(
        &self,
        statement: &'static Statement,
        parameters: &[Val],
        read: &mut dyn FnMut(&mut Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let prepared = self.prepare(statement)?;
        let parameters: Vec<&(dyn ToSql + Sync)> = parameters.iter().map(|val| val as _).collect();
        let query = self.client.query(&prepared, &parameters);
        let rows = self.after_begin(query).map_err(|cause| told(statement.name, &cause))?;
        for row in rows {
            let cells: Result<Vec<Val>, _> = (0..row.len()).map(|column| row.try_get(column)).collect();
            read(&mut Row::new(statement.name, cells.map_err(|cause| told(statement.name, &cause))?))?;
        }
        Ok(())
    }

    pub(crate) fn run(&self, statement: &'static Statement, parameters: &[Val]) -> Result<u64, Error> {
        let prepared = self.prepare(statement)?;
        let parameters: Vec<&(dyn ToSql + Sync)> = parameters.iter().map(|val| val as _).collect();
        let query = self.client.execute(&prepared, &parameters);
        self.after_begin(query).map_err(|cause| told(statement.name, &cause))
    }

    /// Sends `begin`, if it has not gone yet, and `query` in one packet.
    fn after_begin<T>(
        &self,
        query: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, tokio_postgres::Error> {
        match self.begin.take() {
            None => self.runtime.block_on(query),
            Some(begin) => self.runtime.block_on(async {
                let (begun, answer) = tokio::join!(biased; self.client.batch_execute(begin), query);
                begun?;
                answer
            }),
        }
    }

    fn begin_now(&self) -> Result<(), Error> {
        self.begin.take().map_or(Ok(()), |begin| self.script(begin))
    }

    pub(crate) fn script(&self, sql: &str) -> Result<(), Error> {
        self.runtime.block_on(self.client.batch_execute(sql)).map_err(|cause| told("a script", &cause))
    }
}

/// Why no connection came about, for the operator.
fn refused(cause: &tokio_postgres::Error) -> Error {
    match cause.as_db_error() {
        Some(said) => Error::Broken(format!("PostgreSQL does not let us in: {}.", said.message())),
        None => Error::Gone(chain(cause)),
    }
}

fn told(what: &str, cause: &tokio_postgres::Error) -> Error {
    let Some(said) = cause.as_db_error() else {
        return if cause.is_closed() || cause.code().is_none() && lost(cause) {
            Error::Gone(chain(cause))
        } else {
            Error::Broken(format!("{what}: {}", chain(cause)))
        };
    };
    match said.code() {
        &SqlState::UNIQUE_VIOLATION => Error::Taken { constraint: said.constraint().unwrap_or_default().to_owned() },
        &(SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED) => {
            Error::Conflict(said.message().to_owned())
        }
        &(SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN | SqlState::CANNOT_CONNECT_NOW) => {
            Error::Gone(said.message().to_owned())
        }
        &SqlState::DISK_FULL => Error::Broken(format!("The disk of the database server is full ({what}).")),
        code => Error::Broken(format!("{what}: {} ({})", said.message(), code.code())),
    }
}

fn lost(cause: &tokio_postgres::Error) -> bool {
    std::error::Error::source(cause).is_some_and(|source| source.downcast_ref::<std::io::Error>().is_some())
}

fn chain(cause: &dyn std::error::Error) -> String {
    let mut words = cause.to_string();
    let mut next = cause.source();
    while let Some(source) = next {
        words = format!("{words}: {source}");
        next = source.source();
    }
    words
}

impl Engine {
    pub(crate) fn open(url: &str) -> Result<Self, Error> {
        let mut config: Config =
            url.parse().map_err(|cause| Error::Broken(format!("The database URL is not right: {}.", chain(&cause))))?;
        if config.get_ssl_mode() == SslMode::Require {
            return Err(Error::Broken(
                "The database URL asks for TLS (sslmode=require), which this version does not speak to PostgreSQL. \
                 Use a unix socket, a private network or a tunnel, and sslmode=disable."
                    .into(),
            ));
        }
        config.ssl_mode(SslMode::Disable).connect_timeout(CONNECT_TIMEOUT).application_name("masthead");
        let engine = Self { config, jobs: Arc::new(Queue::new()), threads: Mutex::new(Vec::new()) };
        let first = engine.own_link()?;
        let mut first = Some(first);
        let (mut threads, turn) = (Vec::new(), Arc::new(RwLock::new(())));
        for number in 0..CONNECTIONS {
            let (config, jobs, mut link) = (engine.config.clone(), Arc::clone(&engine.jobs), first.take());
            let turn = Arc::clone(&turn);
            let thread = std::thread::Builder::new().name(format!("store-{number}")).spawn(move || {
                while let Some(job) = jobs.next() {
                    work(&config, &mut link, &turn, job);
                }
            });
            threads.push(thread.map_err(|cause| Error::Broken(format!("The system gave us no thread: {cause}.")))?);
        }
        *engine.threads.lock().unwrap_or_else(PoisonError::into_inner) = threads;
        Ok(engine)
    }

    /// A connection of one's own, for migrations. Never call it from an async task: it waits.
    pub(crate) fn own_link(&self) -> Result<Link, Error> {
        let config = self.config.clone();
        // A thread of its own, because a runtime cannot be waited for inside another one.
        std::thread::spawn(move || Link::connect(&config))
            .join()
            .map_err(|panic| Error::Panicked(super::job::panic_words(panic.as_ref())))?
    }

    pub(crate) fn push(&self, job: Box<dyn Job>) {
        self.jobs.push(job);
    }

    pub(crate) fn close(&self) {
        self.jobs.close();
        for thread in self.threads.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            if thread.thread().id() != std::thread::current().id() && thread.join().is_err() {
                error!("a database thread ended with a panic");
            }
        }
    }
}

/// Does one job, again if others were in the way or the connection was lost before it was kept. A change that met
/// another is tried again alone: of many that raise the same counter, each would otherwise meet the next one.
fn work(config: &Config, link: &mut Option<Link>, turn: &RwLock<()>, mut job: Box<dyn Job>) {
    let mut tries = 0;
    loop {
        tries += 1;
        let outcome = match (job.kind(), tries) {
            (Kind::Read | Kind::Guarded, _) => attempt(config, link, job.as_mut()),
            (Kind::Change, 1) => {
                let _beside_others = turn.read().unwrap_or_else(PoisonError::into_inner);
                attempt(config, link, job.as_mut())
            }
            (Kind::Change, _) => {
                let _alone = turn.write().unwrap_or_else(PoisonError::into_inner);
                attempt(config, link, job.as_mut())
            }
        };
        let Err(fault) = outcome else { return job.answer(None) };
        if matches!(fault, Error::Gone(_) | Error::Doubtful(_)) {
            *link = None;
        }
        let again = match fault {
            Error::Conflict(_) => tries < TRIES_MAX,
            Error::Gone(_) => tries < 3,
            _ => false,
        };
        if !again {
            return job.answer(Some(fault));
        }
        if tries > 1 {
            // Only other nodes can be in the way of a change that is alone here.
            warn!(tries, "a change is tried again: {fault}");
            std::thread::sleep(pause(tries));
        }
    }
}

/// Longer each time, and not the same for two threads that met.
fn pause(tries: u32) -> Duration {
    let chance = std::hash::BuildHasher::hash_one(&std::collections::hash_map::RandomState::new(), tries);
    Duration::from_micros((1_u64 << tries.min(8)) * (500 + chance % 1_000))
}

fn attempt(config: &Config, link: &mut Option<Link>, job: &mut dyn Job) -> Result<(), Error> {
    let link = match link {
        Some(link) if !link.client.is_closed() => link,
        _ => link.insert(Link::connect(config)?),
    };
    link.begin.set(match job.kind() {
        Kind::Read => None,
        Kind::Change => Some("begin isolation level serializable"),
        Kind::Guarded => Some("begin isolation level read committed"),
    });
    let outcome = job.attempt(super::Link::Postgres(link));
    // Without a statement nothing was begun, and nothing needs an end.
    let begun = link.begin.take().is_none() && job.kind() != Kind::Read;
    let ended = match (&outcome, begun) {
        (_, false) => Ok(()),
        (Outcome::Keep, true) => link.script("commit").map_err(|fault| match fault {
            Error::Gone(cause) => Error::Doubtful(cause),
            fault => fault,
        }),
        (Outcome::Undo | Outcome::Again(_), true) => link.script("rollback"),
    };
    match outcome {
        Outcome::Again(fault) => Err(fault),
        Outcome::Keep | Outcome::Undo => ended,
    }
}
