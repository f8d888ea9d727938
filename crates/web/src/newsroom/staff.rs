//! Who works here, for those who administer: the list, asking somebody in, a fresh sign-in link.

use super::fields::Fields;
use super::pages::people::{Person, StaffPage};
use super::pages::{Alarm, Choice, Here, role_words};
use super::session::Room;
use super::trouble::{Shown, Trouble, page};
use axum::extract::Path;
use desk::Error;
use http::StatusCode;
use newsroom::id::StaffId;
use newsroom::refusal::Refusal;
use newsroom::staff::{May, Role, Staff};
use store::Member;

/// What stands on the page beside the list.
#[derive(Debug, Default)]
struct Remarks {
    alarms: Vec<Alarm>,
    done: Option<String>,
    link: Option<(String, String)>,
    name: String,
    address: String,
    role: String,
}

/// `GET /newsroom/staff`.
pub(crate) async fn list(room: Room) -> Shown {
    shown(&room, Remarks::default(), StatusCode::OK).await
}

/// `POST /newsroom/staff`: asks somebody in and gives the link to hand over.
pub(crate) async fn invite(room: Room, fields: Fields) -> Shown {
    room.me.allowed(May::Administer).map_err(Trouble::Refused)?;
    let text = |name: &str| fields.first(name).to_owned();
    let mut remarks =
        Remarks { name: text("name"), address: text("address"), role: text("role"), ..Remarks::default() };
    let role = Role::parse(&remarks.role).filter(|role| may_make(&room.me, *role));
    let Some(role) = role else {
        remarks.alarms.push(Alarm::says("Choose what this person is to be. Only the owner makes another owner."));
        return shown(&room, remarks, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    match room.desk().invite(Some(&room.me), &remarks.name, &remarks.address, role).await {
        Ok(id) => {
            let link = room.desk().make_sign_in_link(id).await?;
            let name = std::mem::take(&mut remarks.name);
            let remarks =
                Remarks { done: Some(format!("{name} is in.")), link: Some((name, link)), ..Remarks::default() };
            shown(&room, remarks, StatusCode::OK).await
        }
        Err(Error::Refused(refusal)) => {
            remarks.alarms.push(Alarm::says(refusal.to_string()));
            shown(&room, remarks, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /newsroom/staff/{id}/sign-in-link`: ends the person's sessions and shows a fresh link once.
pub(crate) async fn link(room: Room, Path(id): Path<String>) -> Shown {
    room.me.allowed(May::Administer).map_err(Trouble::Refused)?;
    let id: StaffId = id.parse().map_err(|()| Trouble::Missing)?;
    let members = members(&room).await?;
    let member = members.iter().find(|member| member.staff.id == id).ok_or(Trouble::Missing)?;
    if !may_link(&room.me, member) {
        return Err(Trouble::Refused(Refusal::NotYours { role: room.me.role, what: May::Administer }));
    }
    let link = room.desk().reset_staff(id).await?;
    let remarks = Remarks { link: Some((member.staff.name.clone(), link)), ..Remarks::default() };
    shown(&room, remarks, StatusCode::OK).await
}

/// A link is a way to become somebody: nobody gets one to stand above themselves, and none for who has left.
fn may_link(me: &Staff, member: &Member) -> bool {
    me.role.may(May::Administer) && member.left_at.is_none() && may_make(me, member.staff.role)
}

fn may_make(me: &Staff, role: Role) -> bool {
    me.role.may(May::Administer) && (role != Role::Owner || me.role == Role::Owner)
}

async fn members(room: &Room) -> Result<Vec<Member>, Trouble> {
    room.desk().store().read(move |view| Ok(view.staff()?)).await
}

async fn shown(room: &Room, remarks: Remarks, status: StatusCode) -> Shown {
    room.me.allowed(May::Administer).map_err(Trouble::Refused)?;
    let members = members(room).await?;
    let person = |member: &Member| Person {
        id: member.staff.id.to_string(),
        name: member.staff.name.clone(),
        role: role_words(member.staff.role),
        address: member.address.as_str().to_owned(),
        may_link: may_link(&room.me, member) && member.staff.id != room.me.id,
    };
    let roles = Role::ALL.into_iter().filter(|role| may_make(&room.me, *role));
    let sheet = StaffPage {
        frame: room.frame(Here::Staff),
        people: members.iter().filter(|member| member.left_at.is_none()).map(person).collect(),
        roles: roles.map(|role| Choice::new(role.key(), role_words(role), &remarks.role)).collect(),
        alarms: remarks.alarms,
        done: remarks.done,
        link: remarks.link,
        name: remarks.name,
        address: remarks.address,
    };
    Ok(page(status, &sheet))
}

#[cfg(test)]
mod tests {
    use super::*;
    use newsroom::subscriber::Address;
    use newsroom::time::Timestamp;

    #[test]
    fn nobody_makes_a_link_to_stand_above_themselves() {
        let me = |role| Staff { id: StaffId(1), name: "Ben".into(), role };
        let other = |role| Member {
            staff: Staff { id: StaffId(2), name: "Ada".into(), role },
            address: Address::parse("ada@example.org").unwrap(),
            author: None,
            joined_at: Timestamp(0),
            left_at: None,
        };
        assert!(may_link(&me(Role::Owner), &other(Role::Owner)));
        assert!(may_link(&me(Role::Administrator), &other(Role::Administrator)));
        assert!(!may_link(&me(Role::Administrator), &other(Role::Owner)));
        assert!(!may_link(&me(Role::Editor), &other(Role::Writer)));
        assert!(!may_link(&me(Role::Owner), &Member { left_at: Some(Timestamp(1)), ..other(Role::Writer) }));
    }
}
