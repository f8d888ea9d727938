//! Opens the paper that a data folder holds: its settings, its store, its desk.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use desk::{Clock, Desk, MailSettings, Network, Opening, Outgoing, RelayPlan, Returns};
use store::{Store, StoreSettings};

use crate::cli::Cli;
use crate::config::{self, Config, Database, Sources};
use crate::demo::Mark;
use crate::say::Stop;

/// The database's name in the data folder.
pub const DATABASE: &str = "paper.sqlite";
/// The folder of pictures in the data folder.
pub const PICTURES: &str = "pictures";

/// The settings of this start, from the file, the environment and the command line.
pub fn settings(cli: &Cli) -> Result<Config, Stop> {
    Config::load(&sources(cli)).map_err(Stop::new)
}

/// Where the settings of this start come from.
pub fn sources(cli: &Cli) -> Sources {
    Sources { data: cli.data.clone(), file: cli.config.clone(), environment: config::environment() }
}

/// Where everything is kept.
pub fn kept_in(config: &Config) -> StoreSettings {
    match &config.database {
        Database::Embedded => StoreSettings::Sqlite { path: config.data.join(DATABASE) },
        Database::Postgres(url) => StoreSettings::Postgres { url: url.reveal().to_owned() },
    }
}

/// Errs with what to run first when the data folder holds no paper.
pub fn paper_is_there(config: &Config) -> Result<(), Stop> {
    if config.database == Database::Embedded && !config.data.join(DATABASE).is_file() {
        return Err(no_paper(config));
    }
    Ok(())
}

fn no_paper(config: &Config) -> Stop {
    let data = config.data.display();
    Stop::new(format!("There is no paper in {data} yet. Begin one with “masthead init --data {data}”."))
}

/// Opens the store of a paper that is there, at this program's version. Errs with what to run first.
pub fn store(config: &Config) -> Result<Store, Stop> {
    paper_is_there(config)?;
    let store = Store::open(&kept_in(config))?;
    if store.migrations_pending()? > 0 {
        let data = config.data.display();
        return Err(Stop::new(format!(
            "The database is older than this program. Bring it up to date with “masthead migrate --data {data}”."
        )));
    }
    Ok(store)
}

/// Opens the store of a paper that is there and brings it up to date, for serving.
pub fn served_store(config: &Config) -> Result<Store, Stop> {
    paper_is_there(config)?;
    let store = fresh_store(config, &Clock::machine())?;
    match store.read_now(|view| Ok::<_, store::Error>(view.publication()?.is_some()))? {
        true => Ok(store),
        false => Err(no_paper(config)),
    }
}

/// Opens the store, making it or bringing it up to date.
pub fn fresh_store(config: &Config, clock: &Clock) -> Result<Store, Stop> {
    folder(&config.data)?;
    let store = Store::open(&kept_in(config))?;
    store.migrate(clock.now())?;
    Ok(store)
}

/// The desk of the paper in the data folder, for one command.
pub async fn desk(config: &Config) -> Result<Desk, Stop> {
    let mark = Mark::read(&config.data)?;
    let store = store(config)?;
    desk_over(config, store, mark.as_ref()).await
}

/// A desk over an open store; a demo's folder brings its own calendar and its tray.
pub async fn desk_over(config: &Config, store: Store, mark: Option<&Mark>) -> Result<Desk, Stop> {
    let public_url = mark.map_or(&config.public_url, |mark| &mark.site).clone();
    let opening = Opening {
        store,
        pictures: config.data.join(PICTURES),
        clock: mark.map_or_else(Clock::machine, Mark::clock),
        outgoing: outgoing(config, &public_url),
        public_url,
        caches: config.front.caches().map_err(Stop::new)?,
        mail: mark.map_or_else(|| mail_settings(config), Mark::mail_settings),
        returns: Returns {
            receives: config.bounces.receives(),
            keys: config.bounces.keys.clone(),
            maildrop: config.bounces.maildrop.clone(),
        },
        relays: mark.map_or_else(|| relays(config), Mark::relays),
        node: node(),
    };
    let desk = Desk::open(opening).await?;
    desk.use_theme(config.theme.clone()).await?;
    Ok(desk)
}

/// The door to the world, with the name servers that were named.
fn outgoing(config: &Config, public_url: &str) -> Outgoing {
    let allowed = config.outgoing_allow.iter().filter_map(|it| Network::parse(it)).collect();
    match config.name_servers.as_slice() {
        [] => Outgoing::new(public_url, allowed),
        servers => Outgoing::asking(public_url, allowed, mail::Names::asking(servers)),
    }
}

/// Who a real paper's mail is from.
pub fn mail_settings(config: &Config) -> MailSettings {
    let letters = &config.letters;
    let from = letters.from.clone().unwrap_or_else(|| format!("news@{}", config.host()));
    let domain = from.rsplit('@').next().unwrap_or_default().to_owned();
    let bounce_domain = letters.bounce_domain.clone().unwrap_or(domain);
    MailSettings { bounce_domain, from, unsigned: letters.unsigned }
}

/// The relays of a real paper: those that take mail from its domain.
pub fn relays(config: &Config) -> Vec<RelayPlan> {
    let from = mail_settings(config).from;
    let domain = from.rsplit('@').next().unwrap_or_default();
    let fits = |relay: &&config::Relay| relay.from_domain.as_deref().is_none_or(|own| own.eq_ignore_ascii_case(domain));
    config.relays.iter().filter(fits).map(|relay| relay.plan(config.host())).collect()
}

/// Makes the data folder, for this account alone: it holds addresses and keys.
pub fn folder(path: &Path) -> Result<(), Stop> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| Stop::new(format!("The folder {} cannot be made: {error}.", path.display())))
}

/// Writes a file that only this account may read.
pub fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let part: PathBuf = path.with_extension("part");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    io::Write::write_all(&mut options.open(&part)?, text.as_bytes())?;
    fs::rename(part, path)
}

fn node() -> String {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("{}-{}", host.trim(), std::process::id())
}
