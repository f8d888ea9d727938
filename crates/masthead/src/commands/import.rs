//! `import`: brings articles or subscribers in, and reports what was left out and why.

use std::path::Path;

use crate::cli::{Cli, Import};
use crate::config::reason;
use crate::say::{self, Outcome, Stop};
use crate::{log, open};
use desk::import::Report;
use desk::import::article::Options;
use desk::import::folder::Folder;
use desk::import::subscribers::LIST_BYTES_MAX;

pub(super) async fn run(cli: &Cli, import: &Import) -> Outcome {
    let config = open::settings(cli)?;
    log::start(&config.log);
    let desk = open::desk(&config).await?;
    let bar = say::bar("Importing");
    let progress = say::steps(&bar);
    let (report, as_json) = match import {
        Import::Markdown { dir, make_sections, report } => {
            let folder = Folder::on_disk(dir).map_err(Stop::new)?;
            let options = Options { make_sections: *make_sections };
            (desk.import_markdown(folder, options, &progress).await?, report.json)
        }
        Import::Subscribers { file, report } => {
            let bytes = read(file)?;
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            (desk.import_subscribers(&name, &bytes, &progress).await?, report.json)
        }
    };
    bar.finish_and_clear();
    tell(&report, as_json)?;
    let taken = report.added + report.changed + report.unchanged;
    if taken == 0 && !report.skipped.is_empty() {
        return Err(Stop::new("Nothing could be taken; the reasons stand above."));
    }
    Ok(())
}

fn read(file: &Path) -> Result<Vec<u8>, Stop> {
    let shown = file.display();
    let about =
        std::fs::metadata(file).map_err(|error| Stop::new(format!("{shown} cannot be read: {}.", reason(&error))))?;
    if about.len() > LIST_BYTES_MAX as u64 {
        return Err(Stop::new(format!(
            "{shown} has {} MB; split it into parts of {} MB.",
            about.len() >> 20,
            LIST_BYTES_MAX >> 20
        )));
    }
    std::fs::read(file).map_err(|error| Stop::new(format!("{shown} cannot be read: {}.", reason(&error))))
}

fn tell(report: &Report, as_json: bool) -> Outcome {
    if as_json {
        return say::json(report);
    }
    for notice in &report.notices {
        say::line(format!("{}: {}", notice.place, notice.sentence))?;
    }
    for skip in &report.skipped {
        say::line(format!("Left out {}: {}", skip.place, skip.sentence))?;
    }
    let Report { added, changed, unchanged, pictures, .. } = report;
    let pictures = if *pictures > 0 { format!(", {pictures} pictures") } else { String::new() };
    say::line(format!(
        "{added} added, {changed} changed, {unchanged} as before, {} left out{pictures}.",
        report.skipped.len()
    ))
}
