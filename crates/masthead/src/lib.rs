//! The program: its settings, its command line, and what runs beside the paper.

pub mod cli;
pub mod commands;
pub mod config;
pub mod demo;
pub mod log;
pub mod open;
pub mod receiver;
pub mod reload;
pub mod run;
pub mod say;
pub mod tray;
