//! The mail crate at the doors it is used by: printing, sending to a relay good or bad, taking in, reading.

mod conversation;
mod misbehaving;
mod printing;
mod scripted;
mod taking;
