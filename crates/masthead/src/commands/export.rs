//! `export`: writes everything the paper holds into a folder.

use crate::cli::{Cli, Export};
use crate::say::{self, Outcome};
use crate::{log, open};

pub(super) async fn run(cli: &Cli, export: &Export) -> Outcome {
    let config = open::settings(cli)?;
    log::start(&config.log);
    let desk = open::desk(&config).await?;
    let bar = say::bar("Exporting");
    let exported = desk.export(&export.path, &say::steps(&bar)).await?;
    bar.finish_and_clear();
    if export.report.json {
        return say::json(&exported);
    }
    let path = export.path.display();
    let (articles, pictures, subscribers) = (exported.articles, exported.pictures, exported.subscribers);
    say::line(format!("{articles} articles, {pictures} pictures and {subscribers} subscribers are in {path}."))
}
