//! Speaks HTTP: the readers' pages, the newsroom's pages, feeds and files for machines.
//! Looks through `store::View`, changes only through verbs of `desk`, prints with `press`. Decides nothing about news.

pub mod address;
pub mod brake;
pub mod cache;
pub mod encoding;
pub mod form;
pub mod printed;
pub mod server;
pub mod visitor;
