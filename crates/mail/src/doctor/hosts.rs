//! The machines behind a sender: where its reports come in, the names of its addresses, and its relays.

use super::looked::sending_addresses;
use super::{About, Finding, Looked, RelaySeen, Sender, is_near};
use crate::names::Exchanger;

/// Where mail to the domains in `From` and in the envelope goes: receivers refuse senders who cannot be answered.
pub(super) fn exchangers(sender: &Sender, looked: &Looked, found: &mut Vec<Finding>) {
    found.push(of_domain(&sender.bounce_domain, "Reports", sender, looked));
    if sender.from_domain != sender.bounce_domain {
        found.push(of_domain(&sender.from_domain, "Answers", sender, looked));
    }
}

fn of_domain(domain: &str, what: &str, sender: &Sender, looked: &Looked) -> Finding {
    let line = format!("{domain}. IN MX 10 {}.", sender.host);
    let exchangers = match looked.exchangers(domain) {
        Ok(exchangers) => exchangers,
        Err(why) => {
            return Finding::mend(About::Mx, format!("Where mail for {domain} goes could not be asked: {why}."));
        }
    };
    let has_address = |host: &str| looked.addresses(host).is_ok_and(|found| !found.is_empty());
    if let [Exchanger { host, .. }] = exchangers.as_slice()
        && host.is_empty()
    {
        let sentence = format!(
            "{domain} says that it takes no mail at all. {what} cannot come back, and receivers refuse such senders."
        );
        return Finding::mend(About::Mx, sentence).with(line);
    }
    let dead: Vec<&str> =
        exchangers.iter().map(|mx| mx.host.as_str()).filter(|host| !host.is_empty() && !has_address(host)).collect();
    match (exchangers.is_empty(), dead.as_slice()) {
        (true, _) if has_address(domain) => Finding::note(
            About::Mx,
            format!("{domain} has no MX record; {} go to its own address.", what.to_lowercase()),
        )
        .with(line),
        (true, _) => Finding::mend(
            About::Mx,
            format!("{domain} takes no mail: it has neither MX record nor address. {what} cannot come back."),
        )
        .with(line),
        (false, []) => {
            let hosts: Vec<&str> = exchangers.iter().map(|mx| mx.host.as_str()).collect();
            Finding::pass(About::Mx, format!("{what} to {domain} go to {}.", hosts.join(", ")))
        }
        (false, dead) => Finding::mend(
            About::Mx,
            format!("Mail for {domain} should go to {}, which has no address.", dead.join(", ")),
        )
        .with(line),
    }
}

/// The names of the addresses we send from ourselves, which must lead back to them (Gmail and Yahoo ask for it).
pub(super) fn pointers(sender: &Sender, looked: &Looked, found: &mut Vec<Finding>) {
    for address in sending_addresses(sender, looked) {
        let names = match looked.pointers(address) {
            Ok(names) => names,
            Err(why) => {
                found.push(Finding::mend(About::Ptr, format!("Which name {address} has could not be asked: {why}.")));
                continue;
            }
        };
        let leads_back = |name: &&String| looked.addresses(name).is_ok_and(|all| all.contains(&address));
        let line = format!("{}. IN PTR {}.", reversed(address), sender.host);
        found.push(match (names.first(), names.iter().take(2).find(leads_back)) {
            (_, Some(name)) => Finding::pass(About::Ptr, format!("{address} is called {name}, and {name} leads back to it.")),
            (Some(name), None) => Finding::mend(
                About::Ptr,
                format!("{address} is called {name}, which does not lead back to it. Whoever rents you the address sets this."),
            )
            .with(line),
            (None, None) => {
                Finding::mend(About::Ptr, format!("{address} has no name. Whoever rents you the address sets this.")).with(line)
            }
        });
    }
}

/// Where no relay stands between: port 25 out of this machine, which many who rent out machines keep shut.
fn straight(name: &str, opened: &Result<bool, String>) -> Finding {
    match opened {
        Ok(_) => {
            Finding::pass(About::Relay, format!("“{name}” reaches Gmail’s servers: letters can go straight to them."))
        }
        Err(why) => Finding::mend(
            About::Relay,
            format!(
                "“{name}” does not reach Gmail’s servers: {why}. Whoever rents you the machine may keep port 25 shut: ask \
                 them to open it, or use a relay."
            ),
        ),
    }
}

/// The name under which the name of an address stands (RFC 1035 §3.5, RFC 3596 §2.5).
fn reversed(address: std::net::IpAddr) -> String {
    hickory_resolver::proto::rr::Name::from(address).to_ascii().trim_end_matches('.').to_owned()
}

/// Whether each relay lets us in, and whether the way there is encrypted.
pub(super) fn relays(sender: &Sender, looked: &Looked, found: &mut Vec<Finding>) {
    if sender.relays.is_empty() {
        found.push(Finding::note(
            About::Relay,
            "There is no [[relay]]; no letter can leave, not even one that confirms a subscription.",
        ));
    }
    for RelaySeen { name, host, opened } in &sender.relays {
        let near = looked.addresses(host).is_ok_and(|all| !all.is_empty() && all.into_iter().all(is_near));
        if host.is_empty() {
            found.push(straight(name, opened));
            continue;
        }
        found.push(match opened {
            Ok(true) => Finding::pass(About::Relay, format!("“{name}” lets us in, encrypted.")),
            Ok(false) if near => Finding::pass(About::Relay, format!("“{name}” lets us in.")),
            Ok(false) => Finding::mend(
                About::Relay,
                format!(
                    "“{name}” lets us in without encryption, and letters travel open. Set tls = \"required\" for it."
                ),
            ),
            Err(why) => Finding::mend(About::Relay, format!("“{name}”: {why}.")),
        });
    }
}
