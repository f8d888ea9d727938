//! The sample paper: what it is made of, and the mark that its folder bears.

mod mark;
mod start;

pub use mark::Mark;
pub use start::fill;

/// The files of the sample publication, inside the program.
mod files {
    include!(concat!(env!("OUT_DIR"), "/demo_files.rs"));
}
