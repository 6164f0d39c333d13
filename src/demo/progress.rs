//! The progress line of loading.

use std::io::{IsTerminal as _, Write as _};

use super::script::Action;
use crate::demo::course::Step;

/// Counts actions, and writes to stderr, over the same line if stderr is a terminal.
pub struct Progress {
    whole: u32,
    entered: u32,
    /// The percentage that was written last.
    told: u32,
    is_watched: bool,
}

/// The step in per cent from line to line, if stderr is no terminal.
const RARELY: u32 = 20;

impl Progress {
    /// The count so far, and the final count.
    pub fn new([entered, whole]: [u32; 2]) -> Self {
        Self { whole, entered, told: 0, is_watched: std::io::stderr().is_terminal() }
    }

    pub fn tell(&mut self, action: &Action) {
        if action.step != Step::Submit || action.entry.again {
            return;
        }
        self.entered += 1;
        let per_cent = u64::from(self.entered) * 100 / u64::from(self.whole.max(1));
        let per_cent = u32::try_from(per_cent).unwrap_or(100);
        let grain = if self.is_watched { 1 } else { RARELY };
        if per_cent < self.told + grain && per_cent < 100 || per_cent == self.told {
            return;
        }
        self.told = per_cent;
        let (entered, day) = (self.entered, action.at.day());
        let (start, end) = match (self.is_watched, per_cent) {
            (false, _) => ("", "\n"),
            (true, 100) => ("\r", "\n"),
            (true, _) => ("\r", ""),
        };
        let line = format!("{start}loading: {day}, {entered} initiatives, {per_cent} %{end}");
        // A failure does not matter: then nobody reads stderr.
        let _unread = std::io::stderr().write_all(line.as_bytes());
    }
}
