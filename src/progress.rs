//! The progress of a long run: a bar where a person watches, lines elsewhere; on stderr.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::auth::Language;

/// Lines of a stage where nobody watches: one at each tenth.
const LINES: u64 = 10;

/// The place in which progress is shown, and the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    Bar(Language),
    Lines(Language),
    Silent,
}

/// The work of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    Checking,
    Writing,
    Indexing,
    Copying,
    /// Removes events.
    Events,
    /// Removes keys.
    Keys,
    Loading,
}

impl Work {
    const fn name(self, language: Language) -> &'static str {
        match self {
            Self::Checking => language.choose("checking", "kiểm tra"),
            Self::Writing => language.choose("writing", "ghi"),
            Self::Indexing => language.choose("indexing", "lập chỉ mục"),
            Self::Copying => language.choose("copying", "sao chép"),
            Self::Events => language.choose("events", "sự kiện"),
            Self::Keys => language.choose("keys", "khóa"),
            Self::Loading => language.choose("loading", "nạp"),
        }
    }
}

impl Progress {
    /// A bar where stderr is a terminal, else lines.
    pub fn on_stderr(language: Language) -> Self {
        if std::io::stderr().is_terminal() { Self::Bar(language) } else { Self::Lines(language) }
    }

    /// Begins a stage of so many steps.
    pub fn stage(self, work: Work, steps: u64) -> Stage {
        let language = match self {
            Self::Bar(language) | Self::Lines(language) => language,
            Self::Silent => Language::English,
        };
        let name = work.name(language);
        let bar = matches!(self, Self::Bar(_)).then(|| {
            let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::stderr());
            let style = "{msg:11} {wide_bar} {percent:>3} %, {eta}";
            bar.set_style(
                ProgressStyle::with_template(style)
                    .unwrap_or_else(|_| ProgressStyle::default_bar()),
            );
            bar.set_message(name);
            bar
        });
        Stage { bar, prints_lines: matches!(self, Self::Lines(_)), name, steps, printed: 0 }
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
