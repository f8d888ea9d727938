//! The readers' side over a real desk and store, with the sample publication on its Monday morning.

#![allow(clippy::unwrap_used, reason = "a test may fail wherever it stands")]

mod dice;
mod forms;
mod graphs;
mod hostile;
mod paper;
mod pictures;
mod reading;
mod remembering;
