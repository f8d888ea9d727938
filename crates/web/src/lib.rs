//! web

pub mod server;
