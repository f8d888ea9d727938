//! Starts the program: reads the command line, runs one command, says how it ended.

use std::process::ExitCode;

use clap::Parser;
use masthead::cli::{Cli, Command};
use masthead::commands;
use masthead::say::Stop;

fn main() -> ExitCode {
    let cli = Cli::parse();
    if matches!(cli.command, Command::Serve | Command::Demo(_)) {
        share_heaps();
    }
    let threads = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(threads) => threads,
        Err(error) => return say(&format!("The program could not start its threads: {error}.")),
    };
    match threads.block_on(commands::run(cli)) {
        Ok(()) | Err(Stop::PipeClosed) => ExitCode::SUCCESS,
        Err(Stop::Sentence(sentence)) => say(&sentence),
    }
}

/// The C library of Linux gives every thread a heap of its own and keeps what was once used in each: a server then holds
/// a quarter more memory for no gain. How many there may be is read before a program's first word, so a server starts
/// itself again, as the same process, with the number set; whoever set one already is left alone.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn share_heaps() {
    use std::os::unix::process::CommandExt;

    const HEAPS: (&str, &str) = ("MALLOC_ARENA_MAX", "2");
    if std::env::var_os(HEAPS.0).is_some() {
        return;
    }
    let mut words = std::env::args_os();
    let mut again = std::process::Command::new("/proc/self/exe");
    again.arg0(words.next().unwrap_or_default()).args(words).env(HEAPS.0, HEAPS.1);
    // Only comes back if the system does not let us; then there are more heaps.
    let _more_heaps = again.exec();
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn share_heaps() {}

fn say(sentence: &str) -> ExitCode {
    eprintln!("{sentence}");
    ExitCode::FAILURE
}
