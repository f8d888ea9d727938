//! The mail crate at the doors it is used by: printing, sending to a relay good or bad, taking in, reading.

#![allow(clippy::unwrap_used, reason = "a test may stop at once")]

mod calling;
mod carrying;
mod conversation;
mod doubt;
mod misbehaving;
mod printing;
mod returning;
mod scripted;
mod straight;
mod taking;
