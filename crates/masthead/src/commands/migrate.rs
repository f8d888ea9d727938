//! `migrate`: brings the database up to this version.

use desk::Clock;
use serde_json::json;
use store::Store;

use crate::cli::{Cli, Json};
use crate::log;
use crate::open::{self, kept_in};
use crate::say::{self, Outcome};

pub(super) fn run(cli: &Cli, report: Json) -> Outcome {
    let config = open::settings(cli)?;
    log::start(&config.log);
    open::paper_is_there(&config)?;
    let store = Store::open(&kept_in(&config))?;
    let taken = store.migrate(Clock::machine().now())?;
    if report.json {
        return say::json(&json!({ "taken": taken, "engine": store.engine_name() }));
    }
    match taken {
        0 => say::line("The database is up to date."),
        1 => say::line("The database was brought up to date in 1 step."),
        steps => say::line(format!("The database was brought up to date in {steps} steps.")),
    }
}
