//! The papers press prints, compared with what was seen to be right.

mod markdown;
