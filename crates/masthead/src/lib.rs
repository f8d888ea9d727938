//! The program: its settings, its command line, and what runs beside the paper.

pub mod cli;
pub mod config;
pub mod log;
pub mod tray;
