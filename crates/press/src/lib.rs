//! press
pub mod markdown;
pub mod message;
pub mod page;
