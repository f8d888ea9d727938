//! The readers' side over a real desk and store, with the sample publication on its Monday morning.

mod forms;
mod paper;
mod reading;
