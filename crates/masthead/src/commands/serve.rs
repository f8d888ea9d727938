//! `serve`: runs the paper until it is told to stop.

use tracing::{info, warn};

use crate::cli::Cli;
use crate::demo::Mark;
use crate::say::{Outcome, Stop};
use crate::{log, open, run};

pub(super) async fn run(cli: &Cli) -> Outcome {
    let config = open::settings(cli)?;
    log::start(&config.log);
    if Mark::is_in(&config.data) {
        let data = config.data.display();
        return Err(Stop::new(format!("{data} holds the demo. Start it with “masthead demo --data {data}”.")));
    }
    let stop = run::stop_by_signal()?;
    let listener = run::bind(config.listen, "listen in masthead.toml").await?;
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
    run::paper(listener, site, desk, stop).await;
    Ok(())
}
