//! The scale of the demo: how many initiatives it has for each published one.

use super::curve::rounded;

/// A share of the published counts, above 0 and up to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale(f64);

/// A smaller share than one in ten thousand would leave most units without an initiative.
const LEAST: f64 = 0.000_1;

impl Scale {
    pub const WHOLE: Self = Self(1.0);

    /// `None` for a share outside of 0.0001..=1.
    pub fn new(share: f64) -> Option<Self> {
        (LEAST..=1.0).contains(&share).then_some(Self(share))
    }

    pub const fn share(self) -> f64 {
        self.0
    }

    pub fn is_whole(self) -> bool {
        self.0 >= 1.0
    }

    pub fn of(self, count: u32) -> u32 {
        rounded(f64::from(count) * self.0)
    }

    /// The source of a goal, with a note of the scale.
    pub fn noted(self, source: &str) -> String {
        if self.is_whole() { source.to_owned() } else { format!("{source} (demo: × {})", self.0) }
    }
}
