//! People of the newsroom, the links they sign in with and their sessions.
//! Keeps only hashes of tokens; never makes one.

use crate::db::{Row, statements, vals};
use crate::{Change, Error, View};
use newsroom::id::StaffId;
use newsroom::slug::Slug;
use newsroom::staff::{Role, Staff};
use newsroom::subscriber::Address;
use newsroom::time::Timestamp;

/// Somebody of the newsroom, with the address a sign-in link goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub staff: Staff,
    pub address: Address,
    /// The author page of the same person.
    pub author: Option<Slug>,
    pub joined_at: Timestamp,
    /// Set when somebody left: no session, no link, no new mail.
    pub left_at: Option<Timestamp>,
}

/// A session that is still open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub member: Member,
    pub made_at: Timestamp,
    pub seen_at: Timestamp,
    pub expires_at: Timestamp,
}

macro_rules! member_columns {
    () => {
        "s.id, s.name, s.role, s.address, s.author, s.joined_at, s.left_at"
    };
}

statements! {
    NOTES_OFF = "select s.id from staff s where s.notes_off_at is not null";
    SET_NOTES = "update staff set notes_off_at = ?2 where id = ?1";
    STAFF = concat!("select ", member_columns!(), " from staff s order by s.name, s.id");
    MEMBER = concat!("select ", member_columns!(), " from staff s where s.id = ?1");
    MEMBER_AT = concat!("select ", member_columns!(), " from staff s where s.address_key = ?1");
    ADD_MEMBER = "insert into staff (id, name, role, address, address_key, author, joined_at, left_at) \
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    SAVE_MEMBER = "update staff set name = ?2, role = ?3, address = ?4, address_key = ?5, author = ?6, joined_at = ?7, \
        left_at = ?8 where id = ?1";
    KEEP_LINK = "insert into sign_in_links (token_hash, staff, made_at, expires_at) values (?1, ?2, ?3, ?4)";
    LINK = "select staff from sign_in_links where token_hash = ?1 and used_at is null and expires_at > ?2";
    USE_LINK = "update sign_in_links set used_at = ?2 \
        where token_hash = ?1 and used_at is null and expires_at > ?2 returning staff";
    LINKS_SINCE = "select count(*) from sign_in_links where staff = ?1 and made_at > ?2";
    OPEN_SESSION = "insert into sessions (token_hash, staff, made_at, seen_at, expires_at) values (?1, ?2, ?3, ?3, ?4)";
    SESSION = concat!("select ", member_columns!(), ", t.made_at, t.seen_at, t.expires_at from sessions t \
        join staff s on s.id = t.staff \
        where t.token_hash = ?1 and t.ended_at is null and t.expires_at > ?2 and s.left_at is null");
    SEE_SESSION = "update sessions set seen_at = ?2, expires_at = ?3 where token_hash = ?1 and ended_at is null";
    END_SESSION = "update sessions set ended_at = ?2 where token_hash = ?1 and ended_at is null";
    END_SESSIONS = "update sessions set ended_at = ?2 where staff = ?1 and ended_at is null";
    SWEEP_SESSIONS = "delete from sessions where expires_at < ?1 or ended_at < ?1";
    SWEEP_LINKS = "delete from sign_in_links where expires_at < ?1";
}

impl View<'_> {
    /// Who wants no mail about what waits.
    pub fn staff_without_notes(&self) -> Result<Vec<StaffId>, Error> {
        self.rows(&NOTES_OFF, &[], |row| row.take())
    }

    /// Everybody who works or worked here, by name.
    pub fn staff(&self) -> Result<Vec<Member>, Error> {
        self.rows(&STAFF, &[], member)
    }

    /// One member, here or gone.
    pub fn member(&self, id: StaffId) -> Result<Option<Member>, Error> {
        self.one(&MEMBER, vals![id], member)
    }

    /// The member with this address, whatever its capitals.
    pub fn member_at(&self, address: &Address) -> Result<Option<Member>, Error> {
        self.one(&MEMBER_AT, vals![address.key()], member)
    }

    /// Whose link this is, if it may still be used.
    pub fn sign_in_link(&self, token_hash: &str, now: Timestamp) -> Result<Option<StaffId>, Error> {
        self.one(&LINK, vals![token_hash, now], |row| row.take())
    }

    /// How many links were made for somebody after `since`.
    pub fn sign_in_links_since(&self, staff: StaffId, since: Timestamp) -> Result<u64, Error> {
        Ok(self.one(&LINKS_SINCE, vals![staff, since], |row| row.take())?.unwrap_or_default())
    }

    /// The session behind a cookie. `None` if it ended, expired or its owner left.
    pub fn session(&self, token_hash: &str, now: Timestamp) -> Result<Option<Session>, Error> {
        self.one(&SESSION, vals![token_hash, now], |row| {
            Ok(Session { member: member(row)?, made_at: row.take()?, seen_at: row.take()?, expires_at: row.take()? })
        })
    }
}

impl Change<'_> {
    /// Since when somebody wants no notes; `None`: they want them.
    pub fn set_notes(&mut self, staff: StaffId, off_at: Option<Timestamp>) -> Result<(), Error> {
        self.run(&SET_NOTES, vals![staff, off_at]).map(drop)
    }

    /// Errs with `staff_address` if the address is taken.
    pub fn add_member(&mut self, member: &Member) -> Result<(), Error> {
        self.run(&ADD_MEMBER, &member_vals(member)).map(drop)
    }

    /// Keeps everything about a member; errs with `staff_address` if the address is taken.
    pub fn save_member(&mut self, member: &Member) -> Result<(), Error> {
        self.run(&SAVE_MEMBER, &member_vals(member)).map(drop)
    }

    /// Keeps a sign-in link by the hash of its token.
    pub fn keep_sign_in_link(
        &mut self,
        token_hash: &str,
        staff: StaffId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), Error> {
        self.run(&KEEP_LINK, vals![token_hash, staff, now, expires_at]).map(drop)
    }

    /// Spends a link. `None` if it was spent before or is too old: two clicks, one session.
    pub fn use_sign_in_link(&mut self, token_hash: &str, now: Timestamp) -> Result<Option<StaffId>, Error> {
        self.one(&USE_LINK, vals![token_hash, now], |row| row.take())
    }

    /// Opens a session by the hash of its token.
    pub fn open_session(
        &mut self,
        token_hash: &str,
        staff: StaffId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), Error> {
        self.run(&OPEN_SESSION, vals![token_hash, staff, now, expires_at]).map(drop)
    }

    /// Notes that a session was used and when it ends now.
    pub fn see_session(&mut self, token_hash: &str, now: Timestamp, expires_at: Timestamp) -> Result<(), Error> {
        self.run(&SEE_SESSION, vals![token_hash, now, expires_at]).map(drop)
    }

    /// Signs out; ending twice keeps the first time.
    pub fn end_session(&mut self, token_hash: &str, now: Timestamp) -> Result<(), Error> {
        self.run(&END_SESSION, vals![token_hash, now]).map(drop)
    }

    /// Ends every session of somebody: the role changed, or the person left.
    pub fn end_sessions_of(&mut self, staff: StaffId, now: Timestamp) -> Result<u64, Error> {
        self.run(&END_SESSIONS, vals![staff, now])
    }

    /// Forgets sessions and links that ended before `before`.
    pub fn sweep_sessions(&mut self, before: Timestamp) -> Result<u64, Error> {
        Ok(self.run(&SWEEP_SESSIONS, vals![before])? + self.run(&SWEEP_LINKS, vals![before])?)
    }
}

fn member_vals(member: &Member) -> [crate::db::Val; 8] {
    let Member { staff, address, author, joined_at, left_at } = member;
    [
        staff.id.into(),
        (&staff.name).into(),
        staff.role.key().into(),
        address.as_str().into(),
        address.key().into(),
        author.as_ref().into(),
        (*joined_at).into(),
        (*left_at).into(),
    ]
}

fn member(row: &mut Row) -> Result<Member, Error> {
    Ok(Member {
        staff: Staff { id: row.take()?, name: row.take()?, role: row.parse(Role::parse)? },
        address: row.parse(|text| Address::parse(text).ok())?,
        author: row.take()?,
        joined_at: row.take()?,
        left_at: row.take()?,
    })
}
