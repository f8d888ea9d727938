//! Who is asking: the session's cookie, and the room of one request for those who are signed in.
//! Believes no name and no role; the desk says whose session it is.

use super::pages::{Frame, Here};
use super::trouble::Trouble;
use crate::site::Web;
use axum::extract::FromRequestParts;
use desk::{Desk, Paper};
use http::header::{COOKIE, HeaderMap, HeaderValue};
use http::request::Parts;
use newsroom::language::Language;
use newsroom::staff::Staff;
use newsroom::time::{Timestamp, Zone};
use std::sync::Arc;

/// How long a browser keeps the cookie: 30 days. The desk ends a session on its own account.
const COOKIE_SECONDS: u32 = 30 * 24 * 60 * 60;

/// The cookie's name. The prefix makes browsers refuse it from anywhere but this host over HTTPS (RFC 6265bis §4.1.3).
fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-masthead" } else { "masthead" }
}

/// The line that hands a browser its session.
pub(crate) fn cookie(token: &str, secure: bool) -> Option<HeaderValue> {
    let safe = if secure { "; Secure" } else { "" };
    let name = cookie_name(secure);
    HeaderValue::from_str(&format!("{name}={token}; Path=/; Max-Age={COOKIE_SECONDS}; HttpOnly; SameSite=Lax{safe}"))
        .ok()
}

/// The line that takes it back.
pub(crate) fn no_cookie(secure: bool) -> HeaderValue {
    HeaderValue::from_static(if secure {
        "__Host-masthead=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure"
    } else {
        "masthead=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
    })
}

/// The session's token in a request, if it brought one.
pub(crate) fn token(headers: &HeaderMap, secure: bool) -> Option<&str> {
    let name = cookie_name(secure);
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value).filter(|value| !value.is_empty())
}

/// One request of somebody who is signed in, with what every page needs at hand.
pub(crate) struct Room {
    pub(crate) web: Web,
    pub(crate) me: Staff,
    pub(crate) paper: Arc<Paper>,
    pub(crate) zone: Zone,
    pub(crate) now: Timestamp,
}

impl Room {
    pub(crate) fn desk(&self) -> &Desk {
        self.web.desk()
    }

    pub(crate) fn frame(&self, here: Here) -> Frame {
        Frame::new(&self.paper.publication.name, &self.zone, self.now, &self.me, here)
    }

    pub(crate) fn main_language(&self) -> Language {
        self.paper.publication.main_language()
    }
}

impl FromRequestParts<Web> for Room {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Trouble> {
        let token = token(&parts.headers, web.settings().secure_cookie).ok_or(Trouble::SignInFirst)?;
        let me = web.desk().session(token).await?.ok_or(Trouble::SignInFirst)?;
        let paper = web.desk().paper();
        Ok(Self { me, zone: paper.zone(), now: web.desk().now(), paper, web: web.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_read_back_and_no_other() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; __Host-masthead=abc; masthead=def"));
        assert_eq!(token(&headers, true), Some("abc"));
        assert_eq!(token(&headers, false), Some("def"));
        headers.clear();
        headers.append(COOKIE, HeaderValue::from_static("masthead="));
        assert_eq!(token(&headers, false), None);
    }

    #[test]
    fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
        let line = cookie("abc", true).unwrap();
        let line = line.to_str().unwrap();
        for part in ["__Host-masthead=abc", "Path=/", "HttpOnly", "SameSite=Lax", "Secure", "Max-Age=2592000"] {
            assert!(line.contains(part), "{part}");
        }
        assert!(!cookie("abc", false).unwrap().to_str().unwrap().contains("Secure"));
        assert!(cookie("a\nb", true).is_none());
    }
}
