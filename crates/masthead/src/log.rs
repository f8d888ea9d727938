//! Sets up the log: lines for people or for programs, on stderr, so that stdout holds only answers.
//! What is logged is decided where it happens; addresses, tokens and bodies never are.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Log, LogFormat};

/// What is let through at a level. The HTTP libraries write whole addresses of pages, tokens included, at their finer
/// levels; they stay at warnings whatever the operator asks for.
pub fn filter(level: &str) -> EnvFilter {
    let ours = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    ["tower_http=warn", "axum=warn", "hyper=warn", "h2=warn"]
        .into_iter()
        .filter_map(|quiet| quiet.parse().ok())
        .fold(ours, EnvFilter::add_directive)
}

/// Starts logging for the whole process; a second call changes nothing.
pub fn start(log: &Log) {
    let filter = filter(&log.level);
    let lines = tracing_subscriber::registry().with(filter);
    let begun = match log.format {
        LogFormat::Text => {
            let colours = io::stderr().is_terminal();
            lines.with(tracing_subscriber::fmt::layer().with_ansi(colours).with_writer(io::stderr)).try_init()
        }
        LogFormat::Json => {
            let json = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(io::stderr);
            lines.with(json).try_init()
        }
    };
    // Tests start several papers in one process; the first one's log serves all.
    drop(begun);
}
