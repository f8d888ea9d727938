//! Takes what comes back over SMTP or LMTP: only mail for our own bounce and leaving addresses, nothing is relayed.
//! Each mail is on the disk before the other side hears that it is.

use std::sync::Arc;

use desk::{Desk, Error};
use mail::server::{Answer, Arrival, Limits, Protocol, Settings};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing::warn;

use crate::run::turned;

/// Most octets of a report; with [`CONNECTIONS_MAX`] it bounds what the receiver can hold.
const MESSAGE_BYTES_MAX: usize = 5 * 1024 * 1024;
const CONNECTIONS_MAX: usize = 16;
/// Reports of old systems have longer lines than mail allows.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// Takes mail until `stop` turns. `name` is our host name.
pub async fn run(listener: TcpListener, protocol: Protocol, name: &str, desk: Desk, stop: watch::Receiver<bool>) {
    let limits = Limits {
        message_bytes_max: MESSAGE_BYTES_MAX,
        connections_max: CONNECTIONS_MAX,
        text_line_bytes_max: LINE_BYTES_MAX,
        ..Limits::default()
    };
    let known = desk.clone();
    let settings = Settings {
        limits,
        protocol,
        accepts: Some(Arc::new(move |recipient: &str| known.takes_mail_for(recipient))),
        ..Settings::new(name)
    };
    let source = match protocol {
        Protocol::Smtp => "smtp",
        Protocol::Lmtp => "lmtp",
    };
    mail::server::serve(listener, settings, move |arrival| take(desk.clone(), source, arrival), turned(stop)).await;
}

async fn take(desk: Desk, source: &'static str, arrival: Arrival) -> Answer {
    match desk.take_mail(source, &arrival.recipients, arrival.message).await {
        Ok(took) => Answer::Kept(took.key().to_owned()),
        Err(Error::Refused(_) | Error::Missing) => Answer::Refused("this address is no longer in use".into()),
        Err(Error::Broken(cause)) => {
            warn!(source, "a mail that came in could not be kept: {cause}");
            Answer::Later
        }
    }
}
