//! Finding units by the words of their names.
//!
//! Every word of the text must begin a word of the unit's name or code. If no unit has them all,
//! the names of the units above are searched as well, so that "tan thanh dong nai" finds the Tân
//! Thành in Đồng Nai; at least one word is still the unit's own.

use std::cmp::Ordering;

use super::pause::{PAUSE_EACH, Pause, Stopped};
use super::snapshot::Snapshot;
use super::structure::Structure;
use crate::domain::UnitId;
use crate::domain::text::fold;
use crate::limits::{NAME_MAX, SEARCH_WORDS_MAX};

/// A folded text to search by; two texts with the same meaning are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SearchText(String);

/// The error of a text with more words than may be searched by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyWords(pub usize);

/// A bit beside those of the words: the names above were looked at.
const CLIMBED: u32 = 1 << 31;

/// A text that no folded name holds.
const NO_WORD: &str = "\0";

impl SearchText {
    /// A text longer than a name finds nothing, and is not stored.
    ///
    /// # Errors
    /// When it has more than [`SEARCH_WORDS_MAX`] words.
    pub fn new(text: &str) -> Result<Self, TooManyWords> {
        let text = Self(fold(text));
        match text.words().len() {
            count if count > SEARCH_WORDS_MAX => Err(TooManyWords(count)),
            _ if text.0.chars().count() > NAME_MAX => Ok(Self(NO_WORD.to_owned())),
            _ => Ok(text),
        }
    }

    /// Whether there is nothing to search by.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Bytes of memory beside its own size.
    pub(super) const fn heap_bytes(&self) -> usize {
        self.0.len()
    }

    /// Each once.
    fn words(&self) -> Vec<&str> {
        let mut words: Vec<&str> = self.0.split_whitespace().collect();
        words.sort_unstable();
        words.dedup();
        words
    }

    /// Everything that the text finds within a unit: for each unit, by number, a mask of the words
    /// that are its own; 0 for a unit that is not found. An empty text finds every unit.
    pub(super) fn matches(
        &self,
        structure: &Structure,
        within: UnitId,
        pause: &dyn Pause,
    ) -> Result<Vec<u32>, Stopped> {
        let words = self.words();
        let mut own = structure.names().matches(&words, pause)?;
        if words.is_empty() {
            own.fill(CLIMBED);
            return Ok(own);
        }
        let all = (1u32 << words.len()) - 1;
        let mut with_those_above = own.clone();
        if within != structure.root() {
            for (number, mask) in (0u32..).zip(&mut own) {
                if (number as usize).is_multiple_of(PAUSE_EACH) {
                    pause.pause()?;
                }
                if *mask != 0 && !structure.is_within(UnitId(number), within) {
                    *mask = 0;
                }
            }
        }
        if own.contains(&all) {
            own.iter_mut().filter(|mask| **mask != all).for_each(|mask| *mask = 0);
            return Ok(own);
        }
        let found = own.iter_mut().enumerate().filter(|(_, mask)| **mask != 0);
        for (place, (number, mask)) in found.enumerate() {
            if place.is_multiple_of(PAUSE_EACH) {
                pause.pause()?;
            }
            if climbed(structure, &mut with_those_above, number) != all {
                *mask = 0;
            }
        }
        Ok(own)
    }
}

/// Adds to what a unit's own name says what the names above it say, each unit once.
fn climbed(structure: &Structure, masks: &mut [u32], unit: usize) -> u32 {
    let id = UnitId(u32::try_from(unit).expect("units are numbered by a u32"));
    let is_new = |step: &UnitId| masks[step.index()] & CLIMBED == 0;
    let path: Vec<UnitId> = structure.climb(id).take_while(is_new).collect();
    let known = path.last().map_or(Some(id), |&top| structure.unit(top).parent);
    let mut words = known.map_or(0, |known| masks[known.index()]);
    for step in path.into_iter().rev() {
        words |= masks[step.index()] | CLIMBED;
        masks[step.index()] = words;
    }
    words & !CLIMBED
}

/// The quality of a hit; the best comes first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    words_from_above: u32,
    is_not_code: bool,
    is_not_name: bool,
    has_part_words: bool,
    begins_otherwise: bool,
    depth: usize,
    length: usize,
}

impl Snapshot {
    /// The best `first` of the units within a unit, itself included, that the text finds. Hits with
    /// fewer words from the units above come first. Among them, units with that code or name come
    /// first, then those that have its words whole, then those that begin with it; then units
    /// higher in the tree, then shorter names, in alphabetical order.
    ///
    /// # Errors
    /// When nobody waits for it any more.
    pub fn search(
        &self,
        text: &SearchText,
        within: UnitId,
        first: usize,
        pause: &dyn Pause,
    ) -> Result<Vec<UnitId>, Stopped> {
        if text.is_empty() || first == 0 {
            return Ok(Vec::new());
        }
        let structure = &self.structure;
        let words = text.words();
        let masks = text.matches(structure, within, pause)?;
        let mut hits: Vec<(Fit, UnitId)> = Vec::new();
        for (unit, mask) in (0u32..).zip(masks).filter(|&(_, mask)| mask != 0) {
            if hits.len().is_multiple_of(PAUSE_EACH) {
                pause.pause()?;
            }
            let unit = UnitId(unit);
            let words_from_above = u32::try_from(words.len()).unwrap_or(0) - mask.count_ones();
            hits.push((Fit::of(structure, &text.0, &words, unit, words_from_above), unit));
        }
        let order = |a: &(Fit, UnitId), b: &(Fit, UnitId)| -> Ordering {
            let names = structure.names();
            let key = |unit: UnitId| (names.sort_key(unit), unit);
            a.0.cmp(&b.0).then_with(|| key(a.1).cmp(&key(b.1)))
        };
        if first < hits.len() {
            hits.select_nth_unstable_by(first, order);
            hits.truncate(first);
        }
        hits.sort_unstable_by(order);
        Ok(hits.into_iter().map(|(_, unit)| unit).collect())
    }
}

impl Fit {
    fn of(
        structure: &Structure,
        text: &str,
        words: &[&str],
        unit: UnitId,
        words_from_above: u32,
    ) -> Self {
        let (name, code) = structure.names().folded(unit);
        let whole = words.iter().filter(|&&word| has_word(name, word) || has_word(code, word));
        let own = words.len() - usize::try_from(words_from_above).unwrap_or(0);
        Self {
            words_from_above,
            is_not_code: code != text,
            is_not_name: name != text,
            has_part_words: whole.count() < own,
            begins_otherwise: !name.starts_with(text),
            depth: structure.climb(unit).count(),
            length: name.len(),
        }
    }
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(' ').any(|there| there == word)
}
