//! press
pub mod message;
pub mod page;
