//! Speaks HTTP: the readers' pages, the newsroom's pages, feeds and files for machines.
//! Looks through `store::View`, changes only through verbs of `desk`, prints with `press`. Decides nothing about news.

pub mod address;
mod asset;
pub mod brake;
pub mod cache;
mod diff;
pub mod encoding;
pub mod form;
mod lane;
mod newsroom;
pub mod printed;
mod public;
mod routes;
pub mod server;
mod site;
pub mod visitor;
mod webhooks;

pub use public::article_preview;
pub use routes::{app, site};
pub use site::{Web, WebSettings};
