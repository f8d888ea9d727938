//! Fills an empty paper with the sample publication. Doing it again changes nothing, so that a start that was cut off
//! is simply repeated.

use std::borrow::Cow;
use std::collections::BTreeMap;

use desk::Desk;
use desk::import::Agreed;
use desk::import::article::Options;
use desk::import::folder::Folder;
use desk::setup::Setup;

use super::files::FILES;
use crate::say::Stop;

/// Takes the publication, its articles with their pictures, and its subscribers into the paper.
pub async fn fill(desk: &Desk) -> Result<(), Stop> {
    desk.set_up(setup()?).await?;
    let report = desk.import_markdown(articles(), Options::default(), &|_, _| {}).await?;
    if let Some(skip) = report.skipped.first() {
        return Err(Stop::new(format!("The sample publication is damaged: {}: {}", skip.place, skip.sentence)));
    }
    let list = file("subscribers.csv")?;
    let agreed = Agreed { source: "the sample list".into(), method: "invented".into(), ..Agreed::default() };
    desk.import_subscribers("subscribers.csv", std::io::Cursor::new(list), &agreed, &|_, _| {}).await?;
    desk.make_keys().await?;
    Ok(())
}

fn setup() -> Result<Setup, Stop> {
    let mut setup = Setup::parse(text("publication.toml")?).map_err(Stop::new)?;
    for (name, _) in FILES {
        let Some(policy) = name.strip_prefix("policies/").and_then(|name| name.strip_suffix(".md")) else { continue };
        let (page, language) = policy.split_once('.').unwrap_or((policy, &setup.language));
        setup.policies.push((page.to_owned(), language.to_owned(), text(name)?.to_owned()));
    }
    Ok(setup)
}

fn articles() -> Folder {
    let ours = |name: &str| name.starts_with("articles/") || name.starts_with("pictures/");
    let files = FILES.iter().filter(|(name, _)| ours(name));
    Folder::Memory(files.map(|(name, bytes)| ((*name).to_owned(), Cow::Borrowed(*bytes))).collect::<BTreeMap<_, _>>())
}

fn text(name: &str) -> Result<&'static str, Stop> {
    std::str::from_utf8(file(name)?).map_err(|_| Stop::new(format!("The sample publication's {name} is not UTF-8.")))
}

fn file(name: &str) -> Result<&'static [u8], Stop> {
    let found = FILES.iter().find(|(known, _)| *known == name);
    found.map(|(_, bytes)| *bytes).ok_or_else(|| Stop::new(format!("The sample publication has no {name}.")))
}
