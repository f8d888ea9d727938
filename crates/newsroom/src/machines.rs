//! What the newsroom tells machines about its paper, and what it lets them do with its texts.
//! Owns the choices and their limits; who reads them (robots.txt, licences, feeds) is printed elsewhere.

use crate::refusal::Refusal;
use crate::slug::Slug;
use serde::{Deserialize, Serialize};

/// Addresses in one list, and bytes of one address.
pub const ADDRESSES_MAX: usize = 50;
pub const ADDRESS_BYTES_MAX: usize = 500;

/// The newsroom's decisions for machines. Empty texts mean that nothing is said.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Machines {
    /// A WebSub hub that is told of every publication, correction and withdrawal.
    pub hub: String,
    pub ai: AiTerms,
    /// The page on which a licence can be asked for.
    pub terms: String,
    /// Sections whose articles are opinion.
    pub opinion: Vec<Slug>,
    /// Associations the paper belongs to, by their addresses (trust.txt `belongto`).
    pub belongs_to: Vec<String>,
    /// The paper's accounts elsewhere, by their addresses (trust.txt `social`, schema.org `sameAs`).
    pub social: Vec<String>,
}

/// What programs that learn from texts may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AiTerms {
    /// Nothing is reserved.
    #[default]
    Allowed,
    /// They may find and quote; they may not train.
    NoTraining,
    /// Neither train nor answer from it. Search engines are not meant.
    Refused,
}

impl AiTerms {
    pub const ALL: [AiTerms; 3] = [AiTerms::Allowed, AiTerms::NoTraining, AiTerms::Refused];

    /// As stored and sent by forms.
    pub fn key(self) -> &'static str {
        match self {
            AiTerms::Allowed => "allowed",
            AiTerms::NoTraining => "no-training",
            AiTerms::Refused => "refused",
        }
    }

    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|terms| terms.key() == key)
    }

    /// Whether rights of text and data mining are reserved (Directive (EU) 2019/790, article 4).
    pub fn reserves(self) -> bool {
        self != AiTerms::Allowed
    }
}

impl Machines {
    /// Refused with a sentence where an address is none, or a list is too long.
    pub fn fits(&self) -> Result<(), Refusal> {
        if self.belongs_to.len().max(self.social.len()) > ADDRESSES_MAX {
            return Err(Refusal::Limit { what: "addresses in a list", max: ADDRESSES_MAX });
        }
        let single = [&self.hub, &self.terms].into_iter().filter(|address| !address.is_empty());
        match single.chain(&self.belongs_to).chain(&self.social).find(|address| !is_address(address)) {
            Some(odd) => {
                let shown: String = odd.chars().take(60).collect();
                Err(Refusal::Other(format!("“{shown}” is no address; write the whole of it, with https://.")))
            }
            None => Ok(()),
        }
    }
}

/// Whether it looks like a whole address of the web that can stand in a line of its own.
fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>\"".contains(c);
    rest.is_some_and(|rest| rest.starts_with(char::is_alphanumeric))
        && text.len() <= ADDRESS_BYTES_MAX
        && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_machines_are_told_is_an_address_or_refused() {
        let hub = |hub: &str| Machines { hub: hub.into(), ..Machines::default() }.fits();
        for fine in ["", "https://hub.example/", "http://10.0.0.7:8080/hub?x=y"] {
            assert_eq!(hub(fine), Ok(()), "{fine}");
        }
        let long = format!("https://hub.example/{}", "a".repeat(ADDRESS_BYTES_MAX));
        for odd in
            ["hub.example", "ftp://hub.example", "https://", "https://hub.example/ x", "https://a\nb", long.as_str()]
        {
            assert!(hub(odd).is_err(), "{odd}");
        }
        let social = vec!["https://social.example/@paper".to_owned(); ADDRESSES_MAX + 1];
        assert!(Machines { social, ..Machines::default() }.fits().is_err());
    }

    #[test]
    fn settings_of_an_older_program_are_read() {
        let old: crate::publication::Publication = serde_json::from_str(r#"{"name":"The Morning"}"#).unwrap();
        assert_eq!(old.machines, Machines::default());
        assert!(!old.machines.ai.reserves());
        for terms in AiTerms::ALL {
            assert_eq!(AiTerms::parse(terms.key()), Some(terms));
        }
    }
}
