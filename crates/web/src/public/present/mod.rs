//! From rows of the store to what a page says. Pure: everything was looked up before.

pub(crate) mod article;
pub(crate) mod cards;
pub(crate) mod choices;
