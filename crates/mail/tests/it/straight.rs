//! Straight to the servers of a domain: the best that takes a connection, encrypted where it can be, and never a machine
//! that may not be reached.

use std::time::Duration;

use crate::conversation::certificate;
use mail::mx::{Route, open};
use mail::smtp::{RelaySettings, Stage};
use mail::testing::{Act, Conduct, NameServer, Offers, WildRelay};
use mail::{Connection, OpenError};
use tokio::net::TcpListener;

/// Opens a connection for a domain whose best host is shut and whose second behaves like this.
async fn opened(conduct: Conduct, may: bool) -> (Result<Connection, OpenError>, WildRelay) {
    let listener = TcpListener::bind("127.0.0.3:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let relay = WildRelay::start_on(listener, conduct).unwrap();
    let names = NameServer::start("mx1.host.example A 127.0.0.2\nmx2.host.example A 127.0.0.3\n").await.unwrap();
    let route = Route {
        provider: "host.example".into(),
        hosts: ["mx0.host.example", "mx1.host.example", "mx2.host.example"].map(str::to_owned).into(),
    };
    let mut like = RelaySettings::new("", port, "paper.example");
    like.timeouts.step = Duration::from_secs(5);
    (open(&names.names(), &route, &like, |_| may).await, relay)
}

fn offering_tls() -> Offers {
    Offers { tls: Some(certificate().0), ..Offers::default() }
}

#[tokio::test]
async fn the_next_host_is_asked_where_the_best_is_shut() {
    let (connection, relay) = opened(Conduct::default(), true).await;
    assert!(!connection.unwrap().is_encrypted());
    assert_eq!(relay.book().connections, 1);
}

#[tokio::test]
async fn encryption_is_taken_whoevers_certificate_it_is() {
    let (connection, _relay) = opened(Conduct::default().offering(offering_tls()), true).await;
    assert!(connection.unwrap().is_encrypted());
}

#[tokio::test]
async fn a_host_that_cannot_encrypt_after_all_gets_the_letter_open() {
    let shut = |moment: &mail::testing::Moment<'_>| match moment.stage {
        Stage::Tls => Act::Say("454 4.7.0 no certificate today\r\n".into()),
        _ => Act::Obey,
    };
    let (connection, relay) = opened(Conduct::acting(shut).offering(offering_tls()), true).await;
    assert!(!connection.unwrap().is_encrypted());
    assert_eq!(relay.book().connections, 2);
}

#[tokio::test]
async fn what_the_last_host_said_is_told() {
    let (refused, _relay) = opened(Conduct::saying(Stage::Greeting, "554 5.7.1 not from there"), true).await;
    assert!(refused.unwrap_err().to_string().contains("not from there"));
}

#[tokio::test]
async fn a_machine_that_may_not_be_reached_is_not_spoken_to() {
    let (refused, relay) = opened(Conduct::default(), false).await;
    assert!(refused.is_err());
    assert_eq!(relay.book().connections, 0);
}
