//! The progress of a long run: a bar where a person watches, lines elsewhere; on stderr.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Lines of a stage where nobody watches: one at each tenth.
const LINES: u64 = 10;

/// The place in which progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    Bar,
    Lines,
    Silent,
}

impl Progress {
    /// A bar where stderr is a terminal, else lines.
    pub fn on_stderr() -> Self {
        if std::io::stderr().is_terminal() { Self::Bar } else { Self::Lines }
    }

    /// Begins a stage of so many steps.
    pub fn stage(self, name: &'static str, steps: u64) -> Stage {
        let bar = (self == Self::Bar).then(|| {
            let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::stderr());
            let style = "{msg:10} {wide_bar} {percent:>3} %, {eta} left";
            bar.set_style(
                ProgressStyle::with_template(style)
                    .unwrap_or_else(|_| ProgressStyle::default_bar()),
            );
            bar.set_message(name);
            bar
        });
        Stage { bar, prints_lines: self == Self::Lines, name, steps, printed: 0 }
    }
}

/// A part of a run, counted in steps.
#[derive(Debug)]
pub struct Stage {
    bar: Option<ProgressBar>,
    prints_lines: bool,
    name: &'static str,
    steps: u64,
    /// Tenths.
    printed: u64,
}

impl Stage {
    /// Shows that so many steps are done.
    pub fn at(&mut self, step: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(step);
        }
        let tenths = step.min(self.steps) * LINES / self.steps.max(1);
        if self.prints_lines && tenths > self.printed {
            self.printed = tenths;
            eprintln!("{}: {} %", self.name, tenths * 100 / LINES);
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
