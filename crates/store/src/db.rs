//! Our own small door to SQLite and PostgreSQL: values, statements, a look and a change.
//! A transaction is a closure with no await in it. Owns threads and connections, knows no noun.

pub(crate) mod job;
pub(crate) mod migrate;
pub(crate) mod postgres;
pub(crate) mod sqlite;
pub(crate) mod statement;
pub(crate) mod value;

pub(crate) use statement::{Statement, statements};
pub(crate) use value::{Row, Val};

use crate::Error;
use std::cell::RefCell;

/// A connection that is ours for the moment.
#[derive(Clone, Copy)]
pub(crate) enum Link<'c> {
    Sqlite(&'c sqlite::Link),
    Postgres(&'c postgres::Link),
}

/// A look at what is kept. On SQLite all statements of one look see the same moment; on
/// PostgreSQL each statement sees its own.
pub struct View<'c> {
    link: Link<'c>,
    fault: RefCell<Option<Error>>,
}

/// One transaction: everything in it is kept, or nothing. Can look at its own work.
///
/// A statement that fails spoils the change on both engines: nothing of it is kept, whatever the
/// closure answers.
pub struct Change<'c> {
    view: View<'c>,
}

impl<'c> std::ops::Deref for Change<'c> {
    type Target = View<'c>;
    fn deref(&self) -> &View<'c> {
        &self.view
    }
}

impl<'c> View<'c> {
    pub(crate) fn new(link: Link<'c>) -> Self {
        Self { link, fault: RefCell::new(None) }
    }

    /// Every row of the answer, read by `read`.
    pub(crate) fn rows<T>(
        &self,
        statement: &'static Statement,
        parameters: &[Val],
        mut read: impl FnMut(&mut Row) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut out = Vec::new();
        self.each(statement, parameters, &mut |row| {
            out.push(read(row)?);
            Ok(())
        })?;
        Ok(out)
    }

    /// The first row of the answer, if there is one.
    pub(crate) fn one<T>(
        &self,
        statement: &'static Statement,
        parameters: &[Val],
        mut read: impl FnMut(&mut Row) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let mut out = None;
        self.each(statement, parameters, &mut |row| {
            if out.is_none() {
                out = Some(read(row)?);
            }
            Ok(())
        })?;
        Ok(out)
    }

    /// Whether the answer has a row.
    pub(crate) fn any(&self, statement: &'static Statement, parameters: &[Val]) -> Result<bool, Error> {
        Ok(self.one(statement, parameters, |_| Ok(()))?.is_some())
    }

    fn each(
        &self,
        statement: &'static Statement,
        parameters: &[Val],
        read: &mut dyn FnMut(&mut Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.sound()?;
        self.noted(match self.link {
            Link::Sqlite(link) => link.each(statement, parameters, read),
            Link::Postgres(link) => link.each(statement, parameters, read),
        })
    }

    /// For the few texts that the engines read differently: searches.
    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self.link, Link::Sqlite(_))
    }

    fn sound(&self) -> Result<(), Error> {
        self.fault.borrow().clone().map_or(Ok(()), Err)
    }

    fn noted<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        if let Err(error) = &result {
            self.fault.borrow_mut().get_or_insert_with(|| error.clone());
        }
        result
    }
}

impl Change<'_> {
    /// Runs a statement that answers nothing; gives how many rows it touched.
    pub(crate) fn run(&mut self, statement: &'static Statement, parameters: &[Val]) -> Result<u64, Error> {
        self.view.sound()?;
        self.view.noted(match self.view.link {
            Link::Sqlite(link) => link.run(statement, parameters),
            Link::Postgres(link) => link.run(statement, parameters),
        })
    }
}

/// A list of parameters: `vals![id, &slug, None::<i64>]`.
macro_rules! vals {
    ($($value:expr),* $(,)?) => { &[$($crate::db::Val::from($value)),*] };
}
pub(crate) use vals;
