//! One file per command: it asks the desk and reports. Decides nothing itself.

mod check;
mod demo;
mod dkim;
mod edition;
mod export;
mod hold;
mod import;
mod init;
mod mail;
mod migrate;
mod serve;
mod staff;
mod theme;

use crate::cli::{Cli, Command, Theme};
use crate::say::Outcome;

/// Runs the command that was typed.
pub async fn run(cli: Cli) -> Outcome {
    match &cli.command {
        Command::Demo(demo) => demo::run(&cli, demo).await,
        Command::Serve => serve::run(&cli).await,
        Command::Init(init) => init::run(&cli, init).await,
        Command::Check(report) => check::run(&cli, *report).await,
        Command::Migrate(report) => migrate::run(&cli, *report),
        Command::Staff(staff) => staff::run(&cli, staff).await,
        Command::Import(import) => import::run(&cli, import).await,
        Command::Export(export) => export::run(&cli, export).await,
        Command::Edition(edition) => edition::run(&cli, edition).await,
        Command::Theme(Theme::Check(check)) => theme::check(check),
        Command::Dkim(dkim) => dkim::run(&cli, dkim).await,
        Command::Mail(words) => mail::run(&cli, words).await,
        Command::Hold(report) => hold::hold(&cli, *report).await,
        Command::Release(report) => hold::release(&cli, *report).await,
    }
}
