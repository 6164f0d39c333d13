//! The size of the batches in which an import or its undoing is written.

use crate::limits::{IMPORT_BATCH, IMPORT_BATCH_FIRST, IMPORT_BATCH_MAX};
use crate::writer::importer::WrittenBatch;

/// The number of commands in a batch, small enough that others wait for a short time only.
pub struct BatchSize {
    pub commands: usize,
}

impl Default for BatchSize {
    fn default() -> Self {
        Self { commands: IMPORT_BATCH_FIRST }
    }
}

impl BatchSize {
    /// Follows from how long the last batch took; no jumps.
    pub fn follow(&mut self, written: &WrittenBatch) {
        let micros = written.took.as_micros().max(1);
        let fitting = written.effects.len() as u128 * IMPORT_BATCH.as_micros() / micros;
        let fitting = usize::try_from(fitting).unwrap_or(IMPORT_BATCH_MAX);
        let bounds = (self.commands / 2, self.commands * 2);
        self.commands = fitting.clamp(bounds.0, bounds.1).clamp(1, IMPORT_BATCH_MAX);
    }
}
