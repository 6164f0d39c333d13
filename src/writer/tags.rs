//! Tags of events: 64 bits that tell an event from one of the same version in another log.

use std::fmt;

/// Tags drawn from the system at a time.
const DRAWN_TOGETHER: usize = 256;

/// A source of tags. Cursors and marks carry tags, so nobody may foretell the tags of events to
/// come from those of events that happened.
#[derive(Clone)]
pub struct Tags(Source);

#[derive(Clone)]
enum Source {
    /// Drawn from the system's randomness, not given out yet.
    System(Vec<i64>),
    Seeded(fastrand::Rng),
}

impl Tags {
    /// Draws from the system's randomness.
    ///
    /// # Errors
    /// When the system has none to give.
    pub fn from_system() -> anyhow::Result<Self> {
        let drawn = draw().map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
        Ok(Self(Source::System(drawn)))
    }

    /// The same tags for the same seed: for tests and benches alone.
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded(fastrand::Rng::with_seed(seed)))
    }

    /// The next tag.
    ///
    /// # Panics
    /// When the system, which gave randomness at the start, gives none any more: it does not do so.
    pub fn draw(&mut self) -> i64 {
        match &mut self.0 {
            Source::System(drawn) => loop {
                if let Some(tag) = drawn.pop() {
                    return tag;
                }
                *drawn = draw().expect("a system that gave randomness goes on giving it");
            },
            Source::Seeded(rng) => rng.i64(..),
        }
    }
}

fn draw() -> Result<Vec<i64>, getrandom::Error> {
    let mut bytes = [[0; 8]; DRAWN_TOGETHER];
    getrandom::fill(bytes.as_flattened_mut())?;
    Ok(bytes.into_iter().map(i64::from_ne_bytes).collect())
}

/// Tags to come are not told.
impl fmt::Debug for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tags").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn tags_of_the_system_differ_beyond_what_is_drawn_together() {
        let mut sources = [Tags::from_system().unwrap(), Tags::from_system().unwrap()];
        let count = 2 * DRAWN_TOGETHER + 1;
        let drawn = sources.iter_mut().flat_map(|tags| (0..count).map(|_| tags.draw()));
        assert_eq!(drawn.collect::<HashSet<i64>>().len(), 2 * count);
    }

    #[test]
    fn a_seed_gives_the_same_tags_again() {
        let mut sources = [Tags::seeded(7), Tags::seeded(7)];
        let [one, two] =
            sources.each_mut().map(|tags| (0..9).map(|_| tags.draw()).collect::<Vec<_>>());
        assert_eq!(one, two);
    }
}
