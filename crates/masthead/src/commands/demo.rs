//! `demo`: the sample paper with everything running, and a tray that catches its letters.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use desk::Desk;
use newsroom::staff::Role;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::cli::{Cli, Demo};
use crate::config::Config;
use crate::demo::{Mark, fill};
use crate::open::{self, DATABASE};
use crate::say::{self, Outcome, Stop};
use crate::{log, run, tray};

/// The tray's folder in the data folder.
const TRAY: &str = "tray";

pub(super) async fn run(cli: &Cli, demo: &Demo) -> Outcome {
    let config = open::settings(cli)?;
    log::start(&config.log);
    let known = Mark::read(&config.data)?;
    if known.is_none() && config.data.join(DATABASE).exists() {
        let data = config.data.display();
        return Err(Stop::new(format!("{data} holds a real paper. Choose an empty folder for the demo with --data.")));
    }
    let stop = run::stop_by_signal()?;
    let doors = Doors::open(demo).await?;
    let mut mark = known.unwrap_or_else(|| Mark::new(String::new(), doors.smtp_at));
    (mark.site, mark.smtp) = (address(doors.site_at), doors.smtp_at);
    let desk = paper(&config, &mut mark).await?;
    // As the demo itself was called: a newcomer has installed nothing yet.
    let program = std::env::args().next().unwrap_or_else(|| "masthead".into());
    let send = format!("{program} edition send --data {}", config.data.display());
    greet(&desk, &doors, &send, demo.json).await?;

    let site = run::site(&desk, &[]);
    let (tray_stop, tray_stopped) = watch::channel(false);
    let clock = desk.clock().clone();
    let tray = tray::run(
        tray::Opening {
            smtp: doors.smtp,
            web: doors.tray,
            folder: config.data.join(TRAY),
            site: mark.site.clone(),
            send,
            now: Arc::new(move || clock.now()),
        },
        run::turned(tray_stopped),
    );
    // The tray stops last: the desk may still hand over what it has begun.
    let paper = async move {
        let doors = run::Doors { site: doors.site, returns: Vec::new(), maildrop: None, name: String::new() };
        run::paper(doors, site, desk, stop).await;
        tray_stop.send_replace(true);
    };
    let (caught, ()) = tokio::join!(tray, paper);
    caught.map_err(|error| Stop::new(format!("The mail tray cannot use its folder: {error}.")))
}

/// Opens the paper, marks its folder as the demo's before anything is in it, and fills it once.
async fn paper(config: &Config, mark: &mut Mark) -> Result<Desk, Stop> {
    open::folder(&config.data)?;
    mark.write(&config.data)?;
    let store = open::fresh_store(config, &mark.clock())?;
    store.claim_serving()?;
    let desk = open::desk_over(config, store, Some(mark)).await?;
    if !mark.whole {
        fill(&desk).await?;
        mark.whole = true;
        mark.write(&config.data)?;
    }
    Ok(desk)
}

async fn greet(desk: &Desk, doors: &Doors, send: &str, as_json: bool) -> Outcome {
    let everybody = desk.staff().await?;
    let owner = everybody.iter().find(|member| member.staff.role == Role::Owner && member.left_at.is_none());
    let owner = owner
        .ok_or_else(|| Stop::new("The demo has lost its owner. Begin a new one in another folder with --data."))?;
    let newsroom = desk.make_sign_in_link(owner.staff.id).await?;
    let (site, tray, smtp) = (desk.public_url(), address(doors.tray_at), doors.smtp_at.to_string());
    if as_json {
        return say::json(&json!({ "site": site, "newsroom": newsroom, "tray": tray, "smtp": smtp, "send": send }));
    }
    say::line(format!(
        "Global Daily Update, on Monday 25 August 2025. Nothing leaves this machine.\n\nSite      {site}"
    ))?;
    say::line(format!("Newsroom  {newsroom}\n          (signs you in once, as {})", owner.staff.name))?;
    say::line(format!(
        "Letters   {tray}\nSMTP      {smtp}\n\nSend this morning's edition now:\n  {send}\n\nStop with Ctrl-C."
    ))
}

/// The three addresses, all taken before anything is made.
struct Doors {
    site: TcpListener,
    smtp: TcpListener,
    tray: TcpListener,
    site_at: SocketAddr,
    smtp_at: SocketAddr,
    tray_at: SocketAddr,
}

impl Doors {
    async fn open(demo: &Demo) -> Result<Self, Stop> {
        for (wanted, flag) in [(demo.smtp, "--smtp"), (demo.tray, "--tray")] {
            if !wanted.ip().is_loopback() {
                return Err(Stop::new(format!(
                    "The tray's letters sign people in, so {flag} must be an address of this machine alone, such as 127.0.0.1:{}.",
                    wanted.port()
                )));
            }
        }
        let site = run::bind(demo.listen, "--listen").await?;
        let smtp = run::bind(demo.smtp, "--smtp").await?;
        let tray = run::bind(demo.tray, "--tray").await?;
        let at =
            |door: &TcpListener| door.local_addr().map_err(|error| Stop::new(format!("An address was lost: {error}.")));
        Ok(Self { site_at: at(&site)?, smtp_at: at(&smtp)?, tray_at: at(&tray)?, site, smtp, tray })
    }
}

/// The address of a door as a browser on this machine writes it.
fn address(at: SocketAddr) -> String {
    let ip = if at.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { at.ip() };
    format!("http://{}", SocketAddr::new(ip, at.port()))
}
