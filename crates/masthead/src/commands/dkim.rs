//! `dkim`: the keys that sign letters, and the way from one to the next.

use desk::{DKIM_RETIRED_DAYS, DkimKey, DkimKeyState};
use serde_json::{Value, json};

use crate::cli::{Cli, Dkim};
use crate::say::{self, Outcome, Stop};
use crate::{log, open};

pub(super) async fn run(cli: &Cli, dkim: &Dkim) -> Outcome {
    let config = open::settings(cli)?;
    log::start(&config.log);
    let desk = open::desk(&config).await?;
    match dkim {
        Dkim::Show(report) => {
            let keys = desk.dkim_keys().await?;
            if report.json {
                return say::json(&keys.iter().map(as_json).collect::<Vec<_>>());
            }
            if keys.is_empty() {
                return say::line("There is no key yet; it is made when the paper is first served.");
            }
            keys.iter().try_for_each(tell)
        }
        Dkim::Rotate { ed25519, report } => {
            let key = desk.rotate_dkim(*ed25519).await?;
            if report.json {
                return say::json(&as_json(&key));
            }
            tell(&key)?;
            say::line("Publish this at your name server. When it answers with it, run: masthead dkim use")
        }
        Dkim::Use(report) => {
            let Some(key) = desk.use_prepared_dkim_key().await? else {
                return Err(Stop::new("No key is prepared. Prepare one with “masthead dkim rotate”."));
            };
            if report.json {
                return say::json(&as_json(&key));
            }
            tell(&key)?;
            say::line(format!("Leave the record of the key before it in place for {DKIM_RETIRED_DAYS} more days."))
        }
    }
}

fn tell(key: &DkimKey) -> Outcome {
    let state = match key.state {
        DkimKeyState::Prepared => "prepared; it signs nothing yet".to_owned(),
        DkimKeyState::InUse { from } if from.0 == 0 => "in use".to_owned(),
        DkimKeyState::InUse { from } => format!("in use since {}", from.rfc3339()),
        DkimKeyState::Retired { record_until } => {
            format!("retired; its record must stay until {}", record_until.rfc3339())
        }
    };
    say::line(format!("{}: {state}", key.selector))?;
    for (name, record) in &key.records {
        let strings: Vec<String> = record.strings().iter().map(|piece| format!("\"{piece}\"")).collect();
        say::line(format!("  {name}. IN TXT ( {} )", strings.join(" ")))?;
    }
    Ok(())
}

fn as_json(key: &DkimKey) -> Value {
    let (state, from, record_until) = match key.state {
        DkimKeyState::Prepared => ("prepared", None, None),
        DkimKeyState::InUse { from } => ("in-use", Some(from.rfc3339()), None),
        DkimKeyState::Retired { record_until } => ("retired", None, Some(record_until.rfc3339())),
    };
    let record = |(name, record): &(String, mail::dkim::KeyRecord)| json!({ "name": name, "txt": record.text() });
    json!({
        "selector": key.selector,
        "state": state,
        "used_from": from,
        "record_until": record_until,
        "records": key.records.iter().map(record).collect::<Vec<_>>(),
    })
}
