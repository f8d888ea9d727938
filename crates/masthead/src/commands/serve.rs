//! `serve`: runs the paper until it is told to stop.

use mail::maildrop::Maildrop;
use mail::server::Protocol;
use tracing::{info, warn};

use crate::cli::Cli;
use crate::demo::Mark;
use crate::say::{Outcome, Stop};
use crate::{log, open, reload, run};

pub(super) async fn run(cli: &Cli) -> Outcome {
    let config = open::settings(cli)?;
    log::start(&config.log);
    if Mark::is_in(&config.data) {
        let data = config.data.display();
        return Err(Stop::new(format!("{data} holds the demo. Start it with “masthead demo --data {data}”.")));
    }
    let stop = run::stop_by_signal()?;
    let listener = run::bind(config.listen, "listen in masthead.toml").await?;
    let mut returns = Vec::new();
    for (address, protocol, setting) in [
        (config.bounces.smtp, Protocol::Smtp, "bounces.smtp in masthead.toml"),
        (config.bounces.lmtp, Protocol::Lmtp, "bounces.lmtp in masthead.toml"),
    ] {
        if let Some(address) = address {
            returns.push((run::bind(address, setting).await?, protocol));
        }
    }
    let store = open::served_store(&config)?;
    store.claim_serving()?;
    let desk = open::desk_over(&config, store, None).await?;
    desk.make_keys().await?;
    if config.letters.hold {
        desk.hold().await?;
    }
    for remark in &config.remarks {
        warn!("{remark}");
    }
    let site = run::site(&desk, &config.trusted_proxies);
    info!(engine = desk.store().engine_name(), "serving {} on {}", desk.public_url(), config.listen);
    let maildrop = match config.bounces.maildrop.clone() {
        Some(settings) => Some(Maildrop::new(settings).map_err(|error| Stop::new(format!("{error}.")))?),
        None => None,
    };
    let doors = run::Doors { site: listener, returns, maildrop, name: config.host().to_owned() };
    let settings = reload::follow(desk.clone(), open::sources(cli), config.relays, stop.clone());
    tokio::join!(settings, run::paper(doors, site, desk, stop));
    Ok(())
}
