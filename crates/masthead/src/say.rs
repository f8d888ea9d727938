//! Says things to whoever typed the command: answers on stdout, troubles as sentences on stderr.

use std::fmt;
use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

/// Why a command ends before its end.
#[derive(Debug)]
pub enum Stop {
    /// Something is wrong; the sentence says what, and what to do.
    Sentence(String),
    /// Whoever read our answers has heard enough, as `head` does. Not a fault.
    PipeClosed,
}

impl Stop {
    pub fn new(sentence: impl fmt::Display) -> Self {
        Self::Sentence(sentence.to_string())
    }
}

impl From<desk::Error> for Stop {
    fn from(error: desk::Error) -> Self {
        Self::new(error)
    }
}

impl From<store::Error> for Stop {
    fn from(error: store::Error) -> Self {
        Self::new(error)
    }
}

/// What every command comes to.
pub type Outcome = Result<(), Stop>;

/// One line on stdout.
pub fn line(words: impl fmt::Display) -> Outcome {
    write(&mut io::stdout().lock(), format_args!("{words}\n"))
}

/// One line of JSON on stdout.
pub fn json(value: &impl Serialize) -> Outcome {
    line(
        serde_json::to_string(value)
            .map_err(|error| Stop::new(format!("The report cannot be written as JSON: {error}.")))?,
    )
}

fn write(out: &mut impl Write, words: fmt::Arguments<'_>) -> Outcome {
    match out.write_fmt(words).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Stop::PipeClosed),
        Err(error) => Err(Stop::new(format!("The answer could not be written: {error}."))),
    }
}

/// A bar for `total` steps; it shows only when somebody looks at a terminal.
pub fn bar(what: &'static str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
    if io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
    }
    let style = ProgressStyle::with_template("{prefix} {wide_bar} {pos} of {len}, {eta} left");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.set_prefix(what);
    bar
}

/// What moves the bar: steps done, of how many.
pub fn steps(bar: &ProgressBar) -> impl Fn(u64, u64) + Send + Sync + 'static {
    let bar = bar.clone();
    move |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Closed(io::ErrorKind);

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_who_has_heard_enough_is_no_fault() {
        let said = write(&mut Closed(io::ErrorKind::BrokenPipe), format_args!("x"));
        assert!(matches!(said, Err(Stop::PipeClosed)));
        let said = write(&mut Closed(io::ErrorKind::StorageFull), format_args!("x"));
        assert!(matches!(said, Err(Stop::Sentence(_))));
    }
}
