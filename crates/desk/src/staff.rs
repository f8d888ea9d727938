//! Who works here, and how they come in: a link that works once, never a password.

use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use crate::subscribe::single;
use crate::token::{self, OneTime, Purpose};
use newsroom::delivery::{Occasion, Recipient};
use newsroom::id::{DeliveryId, StaffId};
use newsroom::refusal::Refusal;
use newsroom::staff::{May, Role, Staff};
use newsroom::subscriber::Address;
use newsroom::time::{DAY, HOUR, MINUTE};
use store::Member;

/// How long a mailed sign-in link works.
pub const SIGN_IN_MINUTES: i64 = 15;
/// How long a link works that the operator made on the machine itself.
pub const OPERATOR_LINK_HOURS: i64 = 24;
/// How long somebody stays signed in.
pub const SESSION_DAYS: i64 = 30;
/// Links to one person in an hour.
const LINKS_AN_HOUR_MAX: u64 = 5;

impl Desk {
    /// Adds somebody. `by` is None on the command line, which whoever holds the machine may use.
    pub async fn invite(&self, by: Option<&Staff>, name: &str, address: &str, role: Role) -> Result<StaffId, Error> {
        if let Some(by) = by {
            by.allowed(May::Administer)?;
            if role == Role::Owner && by.role != Role::Owner {
                return Err(Refusal::NotYours { role: by.role, what: May::Administer }.into());
            }
        }
        let address = Address::parse(address)?;
        let (id, now, by, desk) = (StaffId(self.id()), self.now(), by.cloned(), self.clone());
        let name = if name.trim().is_empty() {
            address.as_str().split('@').next().unwrap_or("").to_owned()
        } else {
            name.trim().to_owned()
        };
        self.change(move |change| {
            if change.member_at(&address)?.is_some() {
                return Err(Refusal::AlreadyThere { what: "person with the address of", name: name.clone() }.into());
            }
            change.add_member(&Member {
                staff: Staff { id, name: name.clone(), role },
                address: address.clone(),
                author: None,
                joined_at: now,
                left_at: None,
            })?;
            let who = by.as_ref().map_or(Who::Operator, Who::Staff);
            desk.note(change, who, Entry::new("invited", id, role.key()))?;
            Ok(id)
        })
        .await
    }

    /// Everybody, in the order in which they came.
    pub async fn staff(&self) -> Result<Vec<Member>, Error> {
        self.look(|view| Ok(view.staff()?)).await
    }

    /// Mails a sign-in link. Answers the same whether or not somebody here has this address.
    pub async fn ask_sign_in(&self, address: &str) -> Result<(), Error> {
        let address = Address::parse(address)?;
        let (link, delivery, now, desk) = (self.id(), DeliveryId(self.id()), self.now(), self.clone());
        let token_hash = token::hash(&self.secret().seal(Purpose::SignIn, link));
        let language = self.paper().publication.main_language();
        self.change(move |change| {
            let Some(Member { staff, .. }) = change.member_at(&address)?.filter(|member| member.left_at.is_none())
            else {
                return Ok(());
            };
            if change.sign_in_links_since(staff.id, now.plus(-HOUR))? >= LINKS_AN_HOUR_MAX {
                return Ok(());
            }
            change.keep_sign_in_link(&token_hash, staff.id, now, now.plus(SIGN_IN_MINUTES * MINUTE))?;
            let (occasion, to) = (Occasion::SignIn(link), Recipient::Staff(staff.id));
            change.queue_deliveries(&[single(delivery, occasion, to, language.clone(), "", now)])?;
            desk.note(change, Who::Staff(&staff), Entry::new("asked to sign in", staff.id, ""))
        })
        .await
    }

    /// A sign-in link for somebody, as a whole address: for the operator, who reads it on the machine itself.
    pub async fn make_sign_in_link(&self, staff: StaffId) -> Result<String, Error> {
        let (link, now, desk) = (self.id(), self.now(), self.clone());
        let token = self.secret().seal(Purpose::SignIn, link);
        let hash = token::hash(&token);
        self.change(move |change| {
            change.member(staff)?.ok_or(Error::Missing)?;
            change.keep_sign_in_link(&hash, staff, now, now.plus(OPERATOR_LINK_HOURS * HOUR))?;
            desk.note(change, Who::Operator, Entry::new("made a sign-in link for", staff, ""))
        })
        .await?;
        Ok(format!("{}/newsroom/sign-in/{token}", self.public_url()))
    }

    /// Ends every session of somebody and gives a fresh link.
    pub async fn reset_staff(&self, staff: StaffId) -> Result<String, Error> {
        let (now, desk) = (self.now(), self.clone());
        self.change(move |change| {
            change.member(staff)?.ok_or(Error::Missing)?;
            change.end_sessions_of(staff, now)?;
            desk.note(change, Who::Operator, Entry::new("ended the sessions of", staff, ""))
        })
        .await?;
        self.make_sign_in_link(staff).await
    }

    /// Uses the link up and opens a session; gives the session's token, which only its owner ever has.
    pub async fn sign_in(&self, token: &str) -> Result<String, Error> {
        let (hash, now, desk, session) = (token::hash(token), self.now(), self.clone(), OneTime::new());
        let session_hash = session.hash;
        self.change(move |change| {
            let staff = change.use_sign_in_link(&hash, now)?.ok_or(Refusal::SignInLinkSpent)?;
            let staff = change.member(staff)?.ok_or(Refusal::SignInLinkSpent)?.staff;
            change.open_session(&session_hash, staff.id, now, now.plus(SESSION_DAYS * DAY))?;
            desk.note(change, Who::Staff(&staff), Entry::new("signed in", staff.id, ""))
        })
        .await?;
        Ok(session.token)
    }

    /// Who holds this session; None once it ended or its owner left.
    pub async fn session(&self, token: &str) -> Result<Option<Staff>, Error> {
        let (hash, now) = (token::hash(token), self.now());
        self.look(move |view| Ok(view.session(&hash, now)?.map(|session| session.member.staff))).await
    }

    pub async fn sign_out(&self, token: &str) -> Result<(), Error> {
        let (hash, now) = (token::hash(token), self.now());
        self.change(move |change| {
            change.end_session(&hash, now)?;
            Ok(())
        })
        .await
    }
}
