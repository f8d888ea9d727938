//! The program: its settings, its command line, and what runs beside the paper.

pub mod config;
pub mod tray;
