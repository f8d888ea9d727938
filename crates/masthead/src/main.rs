//! Starts the program: reads the command line, runs one command, says how it ended.

use std::process::ExitCode;

use clap::Parser;
use masthead::cli::Cli;
use masthead::commands;
use masthead::say::Stop;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let threads = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(threads) => threads,
        Err(error) => return say(&format!("The program could not start its threads: {error}.")),
    };
    match threads.block_on(commands::run(cli)) {
        Ok(()) | Err(Stop::PipeClosed) => ExitCode::SUCCESS,
        Err(Stop::Sentence(sentence)) => say(&sentence),
    }
}

fn say(sentence: &str) -> ExitCode {
    eprintln!("{sentence}");
    ExitCode::FAILURE
}
