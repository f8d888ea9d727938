//! Sets up the log: lines for people or for programs, on stderr, so that stdout holds only answers.
//! What is logged is decided where it happens; addresses, tokens and bodies never are.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Log, LogFormat};

/// Starts logging for the whole process; a second call changes nothing.
pub fn start(log: &Log) {
    let filter = EnvFilter::try_new(&log.level).unwrap_or_else(|_| EnvFilter::new("info"));
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
