//! `hold` and `release`: whether anything may leave this installation.

use serde_json::json;

use crate::cli::{Cli, Json};
use crate::say::{self, Outcome};
use crate::{log, open};

pub(super) async fn hold(cli: &Cli, report: Json) -> Outcome {
    let config = open::settings(cli)?;
    log::start(&config.log);
    open::desk(&config).await?.hold().await?;
    if report.json {
        return say::json(&json!({ "held": true }));
    }
    say::line("Held. Letters are made and wait; “masthead release” lets them go.")
}

pub(super) async fn release(cli: &Cli, report: Json) -> Outcome {
    let config = open::settings(cli)?;
    log::start(&config.log);
    open::desk(&config).await?.release().await?;
    let still = config.letters.hold;
    if report.json {
        return say::json(&json!({ "held": still }));
    }
    if still {
        return say::line(
            "Released here, but mail.hold = true in the settings still holds. Remove it to let letters go.",
        );
    }
    say::line("Released. Letters leave again.")
}
