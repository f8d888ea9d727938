//! How mail leaves, for those who administer: what newsletters promise, relays to be tried, the doctor.
//! Asks the world only when somebody presses a button.

use super::fields::Fields;
use super::pages::mail::{FindingLine, MailPage, PromiseForm, RelayCard, StepLine};
use super::pages::{Alarm, Choice, Here, Sign, thousands};
use super::session::Room;
use super::trouble::{Shown, Trouble, page};
use desk::Error;
use desk::doctor::{Finding, Verdict};
use desk::relays::Step;
use http::StatusCode;
use newsroom::delivery::Promise;
use newsroom::publication::name_in;
use newsroom::staff::May;

/// What was just asked for.
#[derive(Default)]
struct Asked {
    alarms: Vec<Alarm>,
    done: Option<String>,
    tried: Option<(String, Vec<Step>)>,
    findings: Option<Vec<Finding>>,
}

/// `GET /newsroom/settings/mail`.
pub(crate) async fn show(room: Room) -> Shown {
    sheet(&room, Asked::default(), StatusCode::OK).await
}

/// `POST /newsroom/settings/mail/promise`.
pub(crate) async fn promise(room: Room, fields: Fields) -> Shown {
    let promise = Promise::parse(fields.first("promise")).ok_or(Trouble::NotAForm)?;
    room.desk().set_promise(&room.me, fields.first("newsletter"), promise).await?;
    // The room still holds the settings as they were before.
    let room = Room { paper: fresh(&room)?, ..room };
    let done = Some("Kept. It holds for everything that is in doubt from now on.".into());
    sheet(&room, Asked { done, ..Asked::default() }, StatusCode::OK).await
}

/// `POST /newsroom/settings/mail/trial`: a letter to whoever asks, by one relay.
pub(crate) async fn trial(room: Room, fields: Fields) -> Shown {
    let name = fields.first("relay").to_owned();
    match room.desk().try_relay(&room.me, &name).await {
        Ok(steps) => sheet(&room, Asked { tried: Some((name, steps)), ..Asked::default() }, StatusCode::OK).await,
        Err(Error::Refused(refusal)) => {
            let alarms = vec![Alarm::says(refusal.to_string())];
            sheet(&room, Asked { alarms, ..Asked::default() }, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /newsroom/settings/mail/examination`.
pub(crate) async fn examine(room: Room) -> Shown {
    room.me.allowed(May::Administer).map_err(Trouble::Refused)?;
    let findings = Some(room.desk().examine_mail().await?);
    sheet(&room, Asked { findings, ..Asked::default() }, StatusCode::OK).await
}

fn fresh(room: &Room) -> Result<std::sync::Arc<desk::Paper>, Trouble> {
    room.desk().content_version()?;
    Ok(room.desk().paper())
}

async fn sheet(room: &Room, asked: Asked, status: StatusCode) -> Shown {
    room.me.allowed(May::Administer).map_err(Trouble::Refused)?;
    let me = room.me.id;
    let member = room.desk().store().read(move |view| view.member(me)).await?;
    let tried = asked.tried.unwrap_or_default();
    let sheet = MailPage {
        frame: room.frame(Here::Settings),
        alarms: asked.alarms,
        done: asked.done,
        promises: promises(room),
        relays: relays(room, &tried),
        mine: member.map(|member| member.address.as_str().to_owned()).unwrap_or_default(),
        findings: asked.findings.map(|findings| findings.into_iter().map(finding).collect()),
    };
    Ok(page(status, &sheet))
}

fn promises(room: &Room) -> Vec<PromiseForm> {
    let main = room.main_language();
    let words = |promise: Promise| match promise {
        Promise::NeverTwice => "Never twice: hold it, and ask us",
        Promise::NeverLose => "Never lost: send it again",
    };
    let form = |newsletter: &newsroom::publication::Newsletter| PromiseForm {
        slug: newsletter.slug.to_string(),
        name: name_in(&newsletter.names, &main, &main, &newsletter.slug).to_owned(),
        promises: [Promise::NeverTwice, Promise::NeverLose]
            .map(|promise| Choice::new(promise.key(), words(promise), newsletter.promise.key()))
            .into(),
    };
    room.paper.newsletters.iter().map(form).collect()
}

fn relays(room: &Room, (tried, steps): &(String, Vec<Step>)) -> Vec<RelayCard> {
    let card = |plan: &desk::RelayPlan| {
        let limits = &plan.limits;
        let place = match plan.direct {
            true => "straight to readers’ own servers".to_owned(),
            false => format!("{}:{}", plan.settings.host, plan.settings.port),
        };
        let mut facts = vec![place, format!("weight {}", limits.weight)];
        facts.push(super::pages::counted(limits.connections as u64, "connection", "connections"));
        facts.extend(limits.per_minute.map(|rate| format!("at most {} a minute", thousands(rate.into()))));
        let steps = if *tried == plan.name { steps.iter().map(step).collect() } else { Vec::new() };
        RelayCard { name: plan.name.clone(), facts, steps }
    };
    room.desk().relays().iter().map(card).collect()
}

fn step(step: &Step) -> StepLine {
    let sign = Sign::new(if step.went { "st-ok" } else { "st-wrong" }, step.part.words());
    StepLine { sign, words: step.words.clone(), reply: step.reply.clone() }
}

fn finding(finding: Finding) -> FindingLine {
    let sign = match finding.verdict {
        Verdict::Pass => Sign::new("st-ok", "Pass"),
        Verdict::Note => Sign::new("", "Note"),
        Verdict::Mend => Sign::new("st-wrong", "Mend this"),
    };
    FindingLine { sign, about: finding.about.words(), sentence: finding.sentence, line: finding.line }
}
