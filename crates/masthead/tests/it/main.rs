//! The whole paper, asked at the doors people use: pages, mail, the desk's verbs, files. On both databases.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]

mod audience;
mod deciding;
mod disasters;
mod doctor;
mod finding;
mod killed;
mod machines;
mod morning;
mod nodes;
mod offline;
mod paper;
mod program;
mod publishing;
mod reading;
mod returning;
mod sharing;
mod signing;
mod straight;
mod subscribing;
mod tidy;
mod travelling;
