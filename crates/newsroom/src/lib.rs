//! The rules of the paper, pure: no I/O, no clock, no SQL, no HTML. Time arrives as an argument.
//!
//! # Words
//! **Publication** the site with its name, sections, languages, zone and house rules · **section** where an
//! article stands · **topic** what it is about · **article** one text in one language · **work** what its
//! translations have in common · **revision** one saved state of an article; the published one is what readers
//! see · **document** the typed body: blocks and spans · **newsletter** a thing one can subscribe to ·
//! **edition** one dated issue of it in one language · **subscriber** a person with a confirmed address and
//! choices; **reader** is anybody who reads · **delivery** one message to one person for one occasion ·
//! **staff**, **role** people of the newsroom · **desk** the verbs · **chore** work that follows from a change ·
//! **ledger** who did what, when · **refusal** a rule said no, with a sentence.

pub mod article;
pub mod breaking;
pub mod delivery;
pub mod document;
pub mod edition;
pub mod id;
pub mod language;
pub mod look;
pub mod machines;
pub mod publication;
pub mod refusal;
pub mod returned;
pub mod segment;
pub mod slug;
pub mod staff;
pub mod subscriber;
pub mod surrogate;
pub mod time;
