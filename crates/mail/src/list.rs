//! The headers by which mail providers know a newsletter from a letter, and a reader leaves it with one click.
//! Decides nothing about who is on the list.

use crate::message::{BadMessage, Header};

/// Our own name for one delivery on every message: some relays replace the Message-ID.
pub const DELIVERY_HEADER: &str = "X-Masthead-Delivery";

/// What a newsletter says about itself. All addresses and URLs are ASCII and complete.
#[derive(Clone, Copy, Debug)]
pub struct List<'a> {
    /// Human name of the list, for List-Id; may be empty.
    pub name: &'a str,
    /// Identifier under our own domain, such as `morning.paper.example` (RFC 2919).
    pub id: &'a str,
    /// HTTPS address that takes the one-click POST (RFC 8058 §3.1).
    pub unsubscribe_url: &'a str,
    /// Complete `mailto:` address that unsubscribes (RFC 2369 §3.2); empty leaves it out.
    pub unsubscribe_mailto: &'a str,
    /// Where past editions are (RFC 2369 §3.6); empty leaves it out.
    pub archive_url: &'a str,
    /// Feedback-ID in the form providers count by, `occasion:newsletter:kind:sender`; holds nothing per person.
    pub feedback_id: &'a str,
    /// Where complaint reports go (RFC 9477); empty leaves it out.
    pub complaints_address: &'a str,
    /// Our id of this one delivery.
    pub delivery: &'a str,
}

impl List<'_> {
    /// The headers in the order they are printed. List-Unsubscribe holds the HTTPS address first, then the mailto;
    /// List-Unsubscribe-Post makes it one click (RFC 8058 §3.1). Errs when a value could become a second header.
    pub fn headers(&self) -> Result<Vec<Header>, BadMessage> {
        let quoted_name = self.name.replace(['"', '\\'], "'");
        let list_id = match quoted_name.is_ascii() && !quoted_name.is_empty() {
            true => format!("\"{quoted_name}\" <{}>", self.id),
            false => format!("<{}>", self.id),
        };
        let mut unsubscribe = format!("<{}>", self.unsubscribe_url);
        if !self.unsubscribe_mailto.is_empty() {
            unsubscribe.push_str(&format!(", <{}>", self.unsubscribe_mailto));
        }
        let mut headers = vec![
            Header::new("List-Id", list_id)?,
            Header::new("List-Unsubscribe", unsubscribe)?,
            Header::new("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")?,
        ];
        if !self.archive_url.is_empty() {
            headers.push(Header::new("List-Archive", format!("<{}>", self.archive_url))?);
        }
        headers.push(Header::new("Feedback-ID", self.feedback_id)?);
        if !self.complaints_address.is_empty() {
            headers.push(Header::new("CFBL-Address", format!("{}; report=arf", self.complaints_address))?);
        }
        headers.push(Header::new("Precedence", "bulk")?);
        headers.extend(automatic(self.delivery)?);
        Ok(headers)
    }
}

/// Headers of any mail a program sends, also to one person: Auto-Submitted (RFC 3834 §5), X-Auto-Response-Suppress
/// (asks Exchange not to answer) and our delivery id. Errs when that could become a second header.
pub fn automatic(delivery: &str) -> Result<Vec<Header>, BadMessage> {
    Ok(vec![
        Header::new("Auto-Submitted", "auto-generated")?,
        Header::new("X-Auto-Response-Suppress", "All")?,
        Header::new(DELIVERY_HEADER, delivery)?,
    ])
}
