//! `import`: brings articles or subscribers in, and reports what was left out and why.

use std::fs::File;
use std::path::Path;

use crate::cli::{Cli, Import, List};
use crate::config::reason;
use crate::say::{self, Outcome, Stop};
use crate::{log, open};
use desk::import::article::Options;
use desk::import::folder::Folder;
use desk::import::{Agreed, Report};
use newsroom::time::Day;

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
        Import::Subscribers(list) | Import::Mailchimp(list) | Import::Listmonk(list) => {
            let name = list.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            (desk.import_subscribers(&name, open_list(&list.file)?, &agreed(list)?, &progress).await?, list.report.json)
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

fn open_list(file: &Path) -> Result<File, Stop> {
    let shown = file.display();
    let list = File::open(file).map_err(|error| Stop::new(format!("{shown} cannot be read: {}.", reason(&error))))?;
    if list.metadata().is_ok_and(|about| about.is_dir()) {
        return Err(Stop::new(format!("{shown} is a folder; name the list in it.")));
    }
    Ok(list)
}

fn agreed(list: &List) -> Result<Agreed, Stop> {
    let on = match &list.agreed {
        None => None,
        Some(day) => Some(Day::parse(day).ok_or_else(|| Stop::new(format!("“{day}” is no day; write 2024-05-31.")))?),
    };
    Ok(Agreed { source: list.source.clone(), method: list.method.clone(), on, newsletter: list.newsletter.clone() })
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
    let more = report.left_out() - report.skipped.len() as u64;
    if more > 0 {
        say::line(format!("{more} more were left out. By reason:"))?;
        for (sentence, count) in &report.reasons {
            say::line(format!("{count:>9}  {sentence}"))?;
        }
    }
    if let Some(layout) = report.layout {
        say::line(format!("Read as {layout}. Nobody was mailed."))?;
    }
    let Report { added, changed, unchanged, pictures, .. } = report;
    let pictures = if *pictures > 0 { format!(", {pictures} pictures") } else { String::new() };
    say::line(format!(
        "{added} added, {changed} changed, {unchanged} as before, {} left out{pictures}.",
        report.left_out()
    ))
}
