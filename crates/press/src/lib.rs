//! press
pub mod markdown;
pub mod message;
pub mod page;
pub mod theme;
pub mod words;
