//! Keys that come back later in a file, found in little memory however many there are: digests are
//! sorted in runs, the runs lie in a scratch file, and one walk through all of them side by side finds
//! what is there twice.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek as _, Write as _};

use sha2::{Digest as _, Sha256};

use crate::limits::SORTED_IN_MEMORY;

/// Bytes of a digest: two keys share one at odds of 2^-64 among four thousand million.
const DIGEST: usize = 16;
const ENTRY: usize = DIGEST + 8;
/// Entries that are read at once of each run.
const READ_AT_ONCE: usize = 256;

type Entry = ([u8; DIGEST], u64);

/// The keys so far, as digests.
#[derive(Debug)]
pub struct Repeats {
    in_memory: Vec<Entry>,
    capacity: usize,
    scratch: Option<BufWriter<File>>,
    /// Entries of each run in the scratch file.
    runs: Vec<usize>,
}

/// A key that was there before: the line where it comes back, and its first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Repeat {
    pub line: u64,
    pub first: u64,
}

impl Default for Repeats {
    fn default() -> Self {
        Self::with_capacity(SORTED_IN_MEMORY)
    }
}

impl Repeats {
    fn with_capacity(capacity: usize) -> Self {
        Self { in_memory: Vec::new(), capacity, scratch: None, runs: Vec::new() }
    }

    /// # Errors
    /// When the scratch file cannot be written.
    pub fn add(&mut self, key: &str, line: u64) -> io::Result<()> {
        let digest = Sha256::digest(key);
        let digest = digest.first_chunk().expect("SHA-256 has more bytes");
        self.in_memory.push((*digest, line));
        if self.in_memory.len() == self.capacity { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> io::Result<()> {
        self.in_memory.sort_unstable();
        let scratch = match &mut self.scratch {
            Some(scratch) => scratch,
            none => none.insert(BufWriter::new(tempfile::tempfile()?)),
        };
        for (digest, line) in &self.in_memory {
            scratch.write_all(digest)?;
            scratch.write_all(&line.to_be_bytes())?;
        }
        self.runs.push(self.in_memory.len());
        self.in_memory.clear();
        Ok(())
    }

    /// Reports each repeat. The repeats come in order of digests, those of one key in order of
    /// lines.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn each(mut self, mut found: impl FnMut(Repeat)) -> io::Result<()> {
        let mut last: Option<Entry> = None;
        let mut take = |entry: Entry| match last {
            Some((digest, first)) if digest == entry.0 => found(Repeat { line: entry.1, first }),
            _ => last = Some(entry),
        };
        let Some(scratch) = self.scratch.take() else {
            self.in_memory.sort_unstable();
            self.in_memory.into_iter().for_each(take);
            return Ok(());
        };
        self.scratch = Some(scratch);
        self.spill()?;
        let Some(scratch) = self.scratch.take() else { return Ok(()) };
        let mut file = scratch.into_inner()?;
        let mut start = 0;
        let mut runs: Vec<Run> = Vec::with_capacity(self.runs.len());
        for entries in self.runs {
            runs.push(Run { next: start, end: start + entries, page: Vec::new(), at: 0 });
            start += entries;
        }
        let mut heads = BinaryHeap::new();
        for (place, run) in runs.iter_mut().enumerate() {
            heads.extend(run.next(&mut file)?.map(|entry| Reverse((entry, place))));
        }
        while let Some(Reverse((entry, place))) = heads.pop() {
            take(entry);
            heads.extend(runs[place].next(&mut file)?.map(|entry| Reverse((entry, place))));
        }
        Ok(())
    }
}

/// A sorted stretch of the scratch file.
struct Run {
    /// Entries: the first not read yet, and the end.
    next: usize,
    end: usize,
    page: Vec<u8>,
    at: usize,
}

impl Run {
    fn next(&mut self, file: &mut File) -> io::Result<Option<Entry>> {
        if self.at == self.page.len() {
            let entries = READ_AT_ONCE.min(self.end - self.next);
            self.page.resize(entries * ENTRY, 0);
            file.seek(io::SeekFrom::Start((self.next * ENTRY) as u64))?;
            file.read_exact(&mut self.page)?;
            self.next += entries;
            self.at = 0;
        }
        let Some((digest, rest)) = self.page[self.at..].split_first_chunk() else {
            return Ok(None);
        };
        let line = rest.first_chunk().expect("an entry ends with its line");
        self.at += ENTRY;
        Ok(Some((*digest, u64::from_be_bytes(*line))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_back_is_found_in_memory_and_on_disk() {
        for capacity in [1, 2, 7, 1_000] {
            let mut repeats = Repeats::with_capacity(capacity);
            for line in 0..500_u64 {
                let key = if line == 400 || line == 450 { 3 } else { line };
                repeats.add(&key.to_string(), line).unwrap();
            }
            let mut found = Vec::new();
            repeats.each(|repeat| found.push(repeat)).unwrap();
            found.sort();
            let expected = [Repeat { line: 400, first: 3 }, Repeat { line: 450, first: 3 }];
            assert_eq!(found, expected, "{capacity} in memory");
        }
    }

    #[test]
    fn nothing_comes_back_in_nothing() {
        Repeats::default().each(|repeat| panic!("{repeat:?}")).unwrap();
    }
}
