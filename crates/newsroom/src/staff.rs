//! People of the newsroom and what each may do.
//! Owns roles. Never knows addresses of pages: the desk asks here in every verb.

use crate::id::StaffId;
use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};

/// What somebody is trusted with. Each role may do what the one before may, except the audience
/// manager, who looks after subscribers and not after copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    Writer,
    Editor,
    AudienceManager,
    Administrator,
    Owner,
}

/// Something the desk does only for some.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum May {
    /// Start an article and change one's own.
    Write,
    /// Change anybody's article.
    Edit,
    /// Publish, schedule, correct, withdraw, hold.
    Publish,
    /// Approve and send an edition.
    ApproveEdition,
    /// See and change subscribers.
    SeeSubscribers,
    /// Invite staff, change settings.
    Administer,
}

impl Role {
    pub const ALL: [Role; 5] = [Role::Writer, Role::Editor, Role::AudienceManager, Role::Administrator, Role::Owner];

    pub fn may(self, what: May) -> bool {
        match what {
            May::Write => !matches!(self, Role::AudienceManager),
            May::Edit | May::Publish => matches!(self, Role::Editor | Role::Administrator | Role::Owner),
            May::ApproveEdition => !matches!(self, Role::Writer),
            May::SeeSubscribers => matches!(self, Role::AudienceManager | Role::Administrator | Role::Owner),
            May::Administer => matches!(self, Role::Administrator | Role::Owner),
        }
    }

    /// As stored and typed on the command line: `audience-manager`.
    pub fn key(self) -> &'static str {
        match self {
            Role::Writer => "writer",
            Role::Editor => "editor",
            Role::AudienceManager => "audience-manager",
            Role::Administrator => "administrator",
            Role::Owner => "owner",
        }
    }

    pub fn parse(key: &str) -> Option<Self> {
        let key = key.trim().to_ascii_lowercase().replace([' ', '_'], "-");
        Self::ALL.into_iter().find(|role| role.key() == key)
    }
}

/// One person of the newsroom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    pub id: StaffId,
    pub name: String,
    pub role: Role,
}

impl Staff {
    /// Refused unless this person's role allows `what`.
    pub fn allowed(&self, what: May) -> Result<(), Refusal> {
        if self.role.may(what) { Ok(()) } else { Err(Refusal::NotYours { role: self.role, what }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writers_cannot_publish_and_audience_managers_cannot_write() {
        assert!(!Role::Writer.may(May::Publish));
        assert!(!Role::Writer.may(May::SeeSubscribers));
        assert!(!Role::AudienceManager.may(May::Write));
        assert!(Role::Editor.may(May::Publish));
        assert!(!Role::Editor.may(May::Administer));
        assert!(Role::Owner.may(May::Administer));
        for role in Role::ALL {
            assert_eq!(Role::parse(role.key()), Some(role));
        }
    }
}
