//! `staff`: who works here, and their way in.

use desk::Desk;
use newsroom::id::StaffId;
use newsroom::subscriber::Address;
use serde_json::json;

use crate::cli::{Cli, Staff};
use crate::say::{self, Outcome, Stop};
use crate::{log, open};

pub(super) async fn run(cli: &Cli, staff: &Staff) -> Outcome {
    let config = open::settings(cli)?;
    log::start(&config.log);
    let desk = open::desk(&config).await?;
    match staff {
        Staff::Add { address, name, role, report } => {
            let id = desk.invite(None, name, address, (*role).into()).await?;
            let link = desk.make_sign_in_link(id).await?;
            if report.json {
                return say::json(&json!({ "id": id.to_string(), "link": link }));
            }
            say::line(format!("Added. This link signs them in once, within 24 hours:\n{link}"))
        }
        Staff::List(report) => list(&desk, report.json).await,
        Staff::Reset { address, report } => {
            let id = find(&desk, address).await?;
            let link = desk.reset_staff(id).await?;
            if report.json {
                return say::json(&json!({ "id": id.to_string(), "link": link }));
            }
            say::line(format!(
                "Every session of theirs has ended. This link signs them in once, within 24 hours:\n{link}"
            ))
        }
    }
}

async fn list(desk: &Desk, as_json: bool) -> Outcome {
    let everybody = desk.staff().await?;
    if as_json {
        let rows = everybody.iter().map(|member| {
            json!({
                "id": member.staff.id.to_string(),
                "name": member.staff.name,
                "address": member.address.as_str(),
                "role": member.staff.role.key(),
                "joined_at": member.joined_at.rfc3339(),
                "left_at": member.left_at.map(|at| at.rfc3339()),
            })
        });
        return say::json(&rows.collect::<Vec<_>>());
    }
    if everybody.is_empty() {
        return say::line("Nobody yet. Add somebody with “masthead staff add ADDRESS --role owner”.");
    }
    let width = everybody.iter().map(|member| member.staff.name.chars().count()).max().unwrap_or(0);
    for member in everybody {
        let left = if member.left_at.is_some() { "  (left)" } else { "" };
        let (name, role, address) = (member.staff.name, member.staff.role.key(), member.address);
        say::line(format!("{name:width$}  {role:16}  {}{left}", address.as_str()))?;
    }
    Ok(())
}

async fn find(desk: &Desk, address: &str) -> Result<StaffId, Stop> {
    let key = Address::parse(address).map_err(Stop::new)?.key();
    let everybody = desk.staff().await?;
    let found = everybody.iter().find(|member| member.address.key() == key && member.left_at.is_none());
    found
        .map(|member| member.staff.id)
        .ok_or_else(|| Stop::new("Nobody here has this address. “masthead staff list” shows everybody."))
}
