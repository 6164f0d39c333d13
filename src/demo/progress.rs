//! A line that says how far loading has come.

use std::io::{IsTerminal as _, Write as _};

use super::script::Action;
use crate::demo::course::Step;

/// Told of each action; writes to stderr, over itself where a person watches.
pub struct Progress {
    whole: u32,
    entered: u32,
    /// Per cent that were told last.
    told: u32,
    is_watched: bool,
}

/// Where nobody watches, a line each so many per cent.
const RARELY: u32 = 20;

impl Progress {
    /// So many are there, and so many are to be.
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
        // It is no matter when nobody can read it.
        let _unread = std::io::stderr().write_all(line.as_bytes());
    }
}
