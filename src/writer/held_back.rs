//! Commands that wait for older nodes to be replaced, since those could not read what the commands would write.

use crate::domain::Release;
use crate::store::{Error, WriteTx};

/// The commands of a run that are held back, by their places in it. One alone is held back, and leaves no trace; those
/// beside it are carried out.
#[derive(Debug, Default)]
pub struct HeldBack(Vec<usize>);

impl HeldBack {
    pub fn holds(&self, place: usize) -> bool {
        self.0.contains(&place)
    }

    /// Holds back whatever the oldest node that serves the database cannot read; `readers` are the first releases that
    /// read what each command would write. Returns whether there is more than before, so that the run is to be decided
    /// anew without it.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn extend(&mut self, readers: &[Release], tx: &mut WriteTx) -> Result<bool, Error> {
        if readers.iter().all(|&reader| reader == Release::FIRST) {
            return Ok(false);
        }
        let Some(oldest) = tx.oldest_release().await? else { return Ok(false) };
        let more = self.add(readers, oldest);
        if more {
            tracing::warn!(%oldest, "a change waits until the nodes of an older release are replaced");
        }
        Ok(more)
    }

    fn add(&mut self, readers: &[Release], oldest: Release) -> bool {
        let before = self.0.len();
        let cannot_be_read = readers.iter().enumerate().filter(|&(_, &reader)| reader > oldest);
        self.0.extend(cannot_be_read.map(|(place, _)| place));
        self.0.len() > before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_waits_as_long_as_the_oldest_node_cannot_read_it() {
        let [old, new, newest] = [(0, 1, 0), (0, 2, 0), (0, 3, 0)]
            .map(|(major, minor, patch)| Release::new(major, minor, patch));
        let readers = [old, new, old, newest];
        let held = |oldest| {
            let mut held_back = HeldBack::default();
            let more = held_back.add(&readers, oldest);
            assert_eq!(more, !held_back.0.is_empty());
            (0..readers.len()).filter(|&place| held_back.holds(place)).collect::<Vec<_>>()
        };
        assert_eq!(held(old), [1, 3]);
        assert_eq!(held(new), [3]);
        assert_eq!(held(newest), [0; 0]);
    }
}
