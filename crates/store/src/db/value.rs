//! What a cell of a row can hold, and how the newsroom's words go in and come out.
//! Knows no statement.

use crate::Error;
use newsroom::id::{
    AlertId, ArticleId, ChoreId, CorrectionId, DeliveryId, EditionId, LedgerId, OneOffId, PictureId, SegmentId,
    StaffId, SubscriberId, WorkId,
};
use newsroom::language::Language;
use newsroom::slug::Slug;
use newsroom::time::{Day, Timestamp};

/// A parameter of a statement or a cell of a row: everything both engines know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Val {
    Null,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
}

impl From<i64> for Val {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u32> for Val {
    fn from(number: u32) -> Self {
        Self::Int(i64::from(number))
    }
}

impl From<usize> for Val {
    /// Saturates: only limits and lengths are given this way.
    fn from(number: usize) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<&str> for Val {
    /// NUL is dropped: it is no character of any text, and PostgreSQL cannot keep it.
    fn from(text: &str) -> Self {
        if text.contains('\0') { Self::Text(text.replace('\0', "")) } else { Self::Text(text.to_owned()) }
    }
}

impl From<String> for Val {
    fn from(text: String) -> Self {
        if text.contains('\0') { Self::Text(text.replace('\0', "")) } else { Self::Text(text) }
    }
}

impl From<&String> for Val {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<Vec<u8>> for Val {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Blob(bytes)
    }
}

impl<T: Into<Val>> From<Option<T>> for Val {
    fn from(option: Option<T>) -> Self {
        option.map_or(Self::Null, Into::into)
    }
}

/// What a cell can be read as.
pub(crate) trait FromVal: Sized {
    /// `None` if the cell holds something else.
    fn from_val(val: Val) -> Option<Self>;
}

impl FromVal for i64 {
    fn from_val(val: Val) -> Option<Self> {
        if let Val::Int(number) = val { Some(number) } else { None }
    }
}

impl FromVal for u32 {
    fn from_val(val: Val) -> Option<Self> {
        i64::from_val(val)?.try_into().ok()
    }
}

impl FromVal for u64 {
    fn from_val(val: Val) -> Option<Self> {
        i64::from_val(val)?.try_into().ok()
    }
}

impl FromVal for usize {
    fn from_val(val: Val) -> Option<Self> {
        i64::from_val(val)?.try_into().ok()
    }
}

impl FromVal for bool {
    fn from_val(val: Val) -> Option<Self> {
        i64::from_val(val).map(|number| number != 0)
    }
}

impl FromVal for String {
    fn from_val(val: Val) -> Option<Self> {
        if let Val::Text(text) = val { Some(text) } else { None }
    }
}

impl FromVal for Vec<u8> {
    fn from_val(val: Val) -> Option<Self> {
        if let Val::Blob(bytes) = val { Some(bytes) } else { None }
    }
}

impl<T: FromVal> FromVal for Option<T> {
    fn from_val(val: Val) -> Option<Self> {
        if val == Val::Null { Some(None) } else { T::from_val(val).map(Some) }
    }
}

macro_rules! numbers {
    ($($name:ident),*) => {$(
        impl From<$name> for Val {
            fn from(id: $name) -> Self {
                Self::Int(id.0)
            }
        }
        impl FromVal for $name {
            fn from_val(val: Val) -> Option<Self> {
                i64::from_val(val).map(Self)
            }
        }
    )*};
}
numbers!(
    ArticleId,
    WorkId,
    StaffId,
    SubscriberId,
    PictureId,
    EditionId,
    DeliveryId,
    ChoreId,
    CorrectionId,
    LedgerId,
    SegmentId,
    AlertId,
    OneOffId,
    Timestamp
);

macro_rules! texts {
    ($($name:ident: $show:ident, $parse:ident);* $(;)?) => {$(
        impl From<&$name> for Val {
            fn from(word: &$name) -> Self {
                Self::from(word.$show())
            }
        }
        impl FromVal for $name {
            fn from_val(val: Val) -> Option<Self> {
                $name::$parse(&String::from_val(val)?)
            }
        }
    )*};
}
texts! {
    Slug: as_str, parse;
    Language: code, parse;
    Day: to_string, parse;
}

/// The cells of one row, taken from left to right.
#[derive(Debug)]
pub(crate) struct Row {
    statement: &'static str,
    cells: std::iter::Enumerate<std::vec::IntoIter<Val>>,
}

impl Row {
    pub(crate) fn new(statement: &'static str, cells: Vec<Val>) -> Self {
        Self { statement, cells: cells.into_iter().enumerate() }
    }

    /// The next cell. Errs if it holds something else than `T`, or if there is none left.
    pub(crate) fn take<T: FromVal>(&mut self) -> Result<T, Error> {
        let (column, val) = self
            .cells
            .next()
            .ok_or_else(|| Error::Broken(format!("{} answered with too few columns.", self.statement)))?;
        let shape = shape(&val);
        T::from_val(val).ok_or_else(|| {
            Error::Broken(format!(
                "{} answered column {} with {shape} where {} was expected.",
                self.statement,
                column + 1,
                std::any::type_name::<T>()
            ))
        })
    }

    /// The next cell, read by `read` from its text: an enum's `parse`.
    pub(crate) fn parse<T>(&mut self, read: impl Fn(&str) -> Option<T>) -> Result<T, Error> {
        let text: String = self.take()?;
        read(&text).ok_or_else(|| Error::Broken(format!("{} answered with the unknown word “{text}”.", self.statement)))
    }

    /// The next cell, a text of JSON.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&mut self) -> Result<T, Error> {
        let text: String = self.take()?;
        from_json(&text)
    }
}

fn shape(val: &Val) -> &'static str {
    match val {
        Val::Null => "nothing",
        Val::Int(_) => "a number",
        Val::Text(_) => "a text",
        Val::Blob(_) => "bytes",
    }
}

/// Reads what [`to_json`] wrote.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|cause| Error::Broken(format!("A kept text is not the JSON we wrote: {cause}.")))
}

/// As a text for a column; fails only for maps whose keys are no texts, which we do not have.
pub(crate) fn to_json(value: &(impl serde::Serialize + ?Sized)) -> Result<String, Error> {
    serde_json::to_string(value).map_err(Error::broken)
}
