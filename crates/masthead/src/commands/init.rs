//! `init`: begins a paper in the data folder.

use desk::Clock;
use desk::setup::Setup;
use newsroom::staff::Role;
use newsroom::subscriber::Address;
use serde_json::json;

use crate::cli::{Cli, Init};
use crate::config::{Config, Database, FILE_NAME};
use crate::log;
use crate::open::{self, DATABASE};
use crate::say::{self, Outcome, Stop};

/// What a paper is called until somebody names it.
const UNNAMED: &str = "New Publication";
/// Every setting, explained and commented out.
const SETTINGS: &str = include_str!("../../masthead.toml");

pub(super) async fn run(cli: &Cli, init: &Init) -> Outcome {
    let config = open::settings(cli)?;
    log::start(&config.log);
    let data = config.data.display();
    if config.database == Database::Embedded && config.data.join(DATABASE).exists() {
        return Err(Stop::new(format!("There is already a paper in {data}. Choose another folder with --data.")));
    }
    // Before anything is made: a paper without its owner would be half a paper.
    init.owner.as_deref().map(Address::parse).transpose().map_err(Stop::new)?;
    let store = open::fresh_store(&config, &Clock::machine())?;
    settings_file(&config)?;
    let desk = open::desk_over(&config, store, None).await?;
    let name = init.name.as_deref().map(str::trim).filter(|name| !name.is_empty()).unwrap_or(UNNAMED);
    if !desk.set_up(Setup::plain(name, init.language.code(), &init.zone)).await? {
        return Err(Stop::new("There is already a paper in this database. Choose another with database.url."));
    }
    desk.make_keys().await?;
    let link = match &init.owner {
        Some(owner) => {
            let id = desk.invite(None, "", owner, Role::Owner).await?;
            Some(desk.make_sign_in_link(id).await?)
        }
        None => None,
    };
    if init.json {
        return say::json(&json!({ "name": name, "data": config.data, "site": desk.public_url(), "sign_in": link }));
    }
    say::line(format!("“{name}” begins in {data}."))?;
    say::line(format!("Its settings are in {}.", config.data.join(FILE_NAME).display()))?;
    say::line(format!("Start it:  masthead serve --data {data}"))?;
    match link {
        Some(link) => say::line(format!("Then sign in, once, within 24 hours:\n{link}")),
        None => say::line(format!("Add its owner:  masthead staff add ADDRESS --role owner --data {data}")),
    }
}

/// A file that is there already is the operator's; it stays as it is.
fn settings_file(config: &Config) -> Outcome {
    let path = config.data.join(FILE_NAME);
    if path.exists() {
        return Ok(());
    }
    open::write_private(&path, SETTINGS)
        .map_err(|error| Stop::new(format!("The settings file {} cannot be written: {error}.", path.display())))
}
