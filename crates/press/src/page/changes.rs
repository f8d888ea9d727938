//! What changed in one article: its public versions, each compared with the one before.

use serde::Serialize;

use super::{Link, Meta, When};

/// The page of changes.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Changes {
    pub meta: Meta,
    /// The article's headline as it is now.
    pub headline: String,
    pub href: String,
    /// Newest first, corrections among them.
    pub versions: Vec<Version>,
    pub newer: Option<Link>,
    pub older: Option<Link>,
}

/// One version, or a correction.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Version {
    /// Its fragment: `v3`, `c17`.
    pub id: String,
    pub when: When,
    /// "Correction"; None for versions.
    pub label: Option<String>,
    /// What changed and why, as the newsroom said it.
    pub line: String,
    /// "12 words added, 3 taken out".
    pub counts: Option<String>,
    pub passages: Vec<Passage>,
    /// Why something is not shown.
    pub remark: Option<String>,
}

/// A changed paragraph, or how many stayed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Passage {
    /// "3 paragraphs unchanged"; pieces are then empty.
    pub gap: Option<String>,
    pub pieces: Vec<PassagePiece>,
    /// Here the page was full.
    pub is_cut: bool,
}

/// Some words of a passage.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PassagePiece {
    /// `same`, `gone` or `new`.
    pub what: &'static str,
    pub text: String,
}
