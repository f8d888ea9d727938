//! One value as it was given, in the file or in the environment, and the shapes a setting can ask it for.
//! Each asking errs with a sentence that says what was wanted.

use std::ops::RangeInclusive;

use mail::address::Address;

/// A value before anybody knows what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Given {
    Text(String),
    Whole(i64),
    Truth(bool),
    List(Vec<String>),
    /// From the environment, where everything is text.
    Loose(String),
    /// A float, a date, a table: nothing we ask for. Holds what to call it.
    Else(&'static str),
}

type Asked<T> = Result<T, String>;

impl Given {
    /// A text that is not empty.
    pub(super) fn text(&self) -> Asked<String> {
        match self {
            Self::Text(text) | Self::Loose(text) if text.trim().is_empty() => {
                Err("is empty. Give it a value or leave it out.".into())
            }
            Self::Text(text) | Self::Loose(text) => Ok(text.trim().to_owned()),
            Self::Whole(_) | Self::Truth(_) | Self::List(_) | Self::Else(_) => {
                Err(format!("is {}, but must be a text in quotes.", self.kind()))
            }
        }
    }

    pub(super) fn whole(&self, range: RangeInclusive<i64>) -> Asked<i64> {
        let wanted = || format!("must be a whole number from {} to {}.", range.start(), range.end());
        let number = match self {
            Self::Whole(number) => *number,
            Self::Loose(text) => text.trim().parse().map_err(|_| wanted())?,
            Self::Text(_) | Self::Truth(_) | Self::List(_) | Self::Else(_) => return Err(wanted()),
        };
        if range.contains(&number) { Ok(number) } else { Err(wanted()) }
    }

    pub(super) fn truth(&self) -> Asked<bool> {
        let word = match self {
            Self::Truth(truth) => return Ok(*truth),
            Self::Loose(text) => text.trim(),
            Self::Text(_) | Self::Whole(_) | Self::List(_) | Self::Else(_) => "",
        };
        match word {
            "true" | "yes" | "1" => Ok(true),
            "false" | "no" | "0" => Ok(false),
            _ => Err("must be true or false.".into()),
        }
    }

    pub(super) fn list(&self) -> Asked<Vec<String>> {
        match self {
            Self::List(list) => Ok(list.clone()),
            Self::Loose(text) => {
                Ok(text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect())
            }
            Self::Text(_) | Self::Whole(_) | Self::Truth(_) | Self::Else(_) => {
                Err(format!("is {}, but must be a list such as [\"10.0.0.1\"].", self.kind()))
            }
        }
    }

    pub(super) fn one_of<T: Copy>(&self, choices: &[(&'static str, T)]) -> Asked<T> {
        let text = self.text()?;
        choices.iter().find(|(name, _)| *name == text).map(|(_, choice)| *choice).ok_or_else(|| {
            let names: Vec<String> = choices.iter().map(|(name, _)| format!("“{name}”")).collect();
            format!("is “{text}”, but must be {}.", names.join(" or "))
        })
    }

    /// Scheme, host and port of a site, without a slash at the end.
    pub(super) fn site(&self) -> Asked<String> {
        let text = self.text()?;
        let wanted = || {
            format!(
                "is “{text}”, but must be the address readers use, such as https://news.example.org, without a path."
            )
        };
        let url: axum::http::Uri = text.parse().map_err(|_| wanted())?;
        let scheme = url.scheme_str().filter(|scheme| ["http", "https"].contains(scheme)).ok_or_else(wanted)?;
        let authority = url.authority().filter(|it| !it.host().is_empty() && !it.as_str().contains('@'));
        let authority = authority.ok_or_else(wanted)?;
        let bare = url.path_and_query().is_none_or(|path| path.as_str() == "/");
        if bare { Ok(format!("{scheme}://{}", authority.as_str().to_ascii_lowercase())) } else { Err(wanted()) }
    }

    pub(super) fn address(&self) -> Asked<String> {
        let text = self.text()?;
        match Address::parse(&text) {
            Ok(address) => Ok(address.as_str().to_owned()),
            Err(_) => Err("must be a mail address such as news@example.org.".into()),
        }
    }

    pub(super) fn domain(&self) -> Asked<String> {
        let text = self.text()?;
        match Address::parse(&format!("x@{text}")) {
            Ok(address) if address.domain().contains('.') => Ok(address.domain().to_owned()),
            Ok(_) | Err(_) => Err(format!("is “{text}”, but must be a domain such as bounces.example.org.")),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::Loose(_) => "a text",
            Self::Whole(_) => "a number",
            Self::Truth(_) => "true or false",
            Self::List(_) => "a list",
            Self::Else(kind) => kind,
        }
    }
}
