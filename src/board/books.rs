//! The books: what the fold remembers of each unit and person, so that any period's numbers can be computed again. An
//! entry has the day on which a change happened and the day of submission, never the initiative.
//!
//! The books know nothing of periods or of the tree. An entry older than the reach of history may be put down to the
//! day of submission: no query can tell the difference.

use smallvec::SmallVec;

use super::tally::{Counts, RankValues};
use crate::domain::{Day, Period, PersonId, Timestamp, UnitId};

/// The history of one unit's own initiatives, without those of the units under it.
#[derive(Debug, Default)]
struct UnitBook {
    /// Sorted by (happened, submitted), each pair once.
    journal: Vec<JournalEntry>,
    /// Every person who ever had an entry here.
    people: Vec<PersonId>,
}

#[derive(Debug, Clone, Copy)]
struct JournalEntry {
    happened: Day,
    submitted: Day,
    counts: Counts,
}

/// Most people have one entry.
type Timeline = SmallVec<[Presence; 1]>;

/// The change of a person's number of submitted initiatives, of one day of submission, on the day when it happened.
#[derive(Debug, Clone, Copy)]
struct Presence {
    happened: Day,
    submitted: Day,
    change: i32,
}

#[derive(Debug, Default)]
pub struct Books {
    units: Vec<UnitBook>,
    /// Indexed by the person's number: each list is sorted by (happened, submitted).
    people: Vec<Timeline>,
}

/// A change of one unit's own initiatives of one day of submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    pub unit: UnitId,
    pub submitted: Day,
    pub counts: Counts,
    /// The moment of submission of an initiative that was added, or taken away.
    pub arrived: Option<Timestamp>,
    pub left: Option<Timestamp>,
    /// The change of each person's number of submitted initiatives. No zeros.
    pub people: Vec<(PersonId, i32)>,
}

/// Makes books from postings in any order, all of them read at a start.
#[derive(Debug, Default)]
pub struct BooksBuilder {
    journal: Vec<(UnitId, JournalEntry)>,
    presence: Vec<(PersonId, UnitId, Presence)>,
}

impl BooksBuilder {
    /// Like [`Books::record`], but nothing may leave.
    pub fn record(&mut self, posting: &Posting, happened: Day) {
        let Posting { unit, submitted, counts, .. } = *posting;
        if counts != Counts::default() {
            self.journal.push((unit, JournalEntry { happened, submitted, counts }));
        }
        for &(person, change) in &posting.people {
            self.presence.push((person, unit, Presence { happened, submitted, change }));
        }
    }

    /// Makes room for the postings of so many initiatives.
    pub fn reserve(&mut self, initiatives: usize) {
        // Changes come on top. Memory that is not written takes no room.
        self.journal.reserve(2 * initiatives);
        self.presence.reserve(2 * initiatives);
    }

    pub fn append(&mut self, mut other: Self) {
        self.journal.append(&mut other.journal);
        self.presence.append(&mut other.presence);
    }

    pub fn into_books(mut self) -> Books {
        let mut books = Books::default();
        let journal = self.journal.iter().map(|(unit, _)| *unit);
        let units = journal.chain(self.presence.iter().map(|(_, unit, _)| *unit)).max();
        books.units.resize_with(units.map_or(0, |unit| unit.index() + 1), UnitBook::default);
        let people = self.presence.iter().map(|(person, ..)| number(*person)).max();
        books.people.resize_with(people.map_or(0, |person| person + 1), Timeline::new);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                self.presence.sort_unstable_by_key(|(person, _, entry)| (*person, entry.key()));
            });
            self.journal.sort_unstable_by_key(|(unit, entry)| (*unit, entry.key()));
        });
        for of_unit in self.journal.chunk_by(|(one, _), (other, _)| one == other) {
            let book = &mut books.units[of_unit[0].0.index()];
            book.journal = of_unit
                .chunk_by(|(_, one), (_, other)| one.key() == other.key())
                .map(|same| JournalEntry {
                    counts: same.iter().fold(Counts::default(), |mut sum, (_, entry)| {
                        sum.add(entry.counts);
                        sum
                    }),
                    ..same[0].1
                })
                .filter(|entry| entry.counts != Counts::default())
                .collect();
            book.journal.shrink_to_fit();
        }
        for of_person in self.presence.chunk_by(|(one, ..), (other, ..)| one == other) {
            let (person, unit, _) = of_person[0];
            let timeline: &mut Timeline = &mut books.people[number(person)];
            *timeline = of_person
                .chunk_by(|(.., one), (.., other)| one.key() == other.key())
                .map(|same| Presence {
                    change: same.iter().map(|(.., entry)| entry.change).sum(),
                    ..same[0].2
                })
                .filter(|entry| entry.change != 0)
                .collect();
            timeline.shrink_to_fit();
            books.units[unit.index()].people.push(person);
        }
        books
    }
}

fn number(person: PersonId) -> usize {
    usize::try_from(person.0).expect("people are numbered from 1")
}

impl JournalEntry {
    const fn key(&self) -> (Day, Day) {
        (self.happened, self.submitted)
    }
}

impl Presence {
    const fn key(&self) -> (Day, Day) {
        (self.happened, self.submitted)
    }
}

impl Books {
    /// Adds a change that happened on that day.
    pub fn record(&mut self, posting: &Posting, happened: Day) {
        let unit = posting.unit.index();
        if self.units.len() <= unit {
            self.units.resize_with(unit + 1, UnitBook::default);
        }
        let book = &mut self.units[unit];
        add_to_journal(&mut book.journal, happened, posting.submitted, posting.counts);
        for &(person, change) in &posting.people {
            let number = number(person);
            if self.people.len() <= number {
                self.people.resize_with(number + 1, Timeline::new);
            }
            if self.people[number].is_empty()
                && let Err(place) = book.people.binary_search(&person)
            {
                book.people.insert(place, person);
            }
            add_presence(&mut self.people[number], happened, posting.submitted, change);
        }
    }

    /// Moves what happened before `horizon` to the day of submission.
    pub fn forget_before(&mut self, unit: UnitId, horizon: Day) {
        let Some(book) = self.units.get_mut(unit.index()) else { return };
        let is_old =
            |entry: &JournalEntry| entry.happened < horizon && entry.submitted < entry.happened;
        if !book.journal.iter().any(is_old) {
            return;
        }
        for entry in std::mem::take(&mut book.journal) {
            let happened = if entry.happened < horizon {
                entry.submitted.min(entry.happened)
            } else {
                entry.happened
            };
            add_to_journal(&mut book.journal, happened, entry.submitted, entry.counts);
        }
        for &person in &book.people {
            let number = number(person);
            for entry in std::mem::take(&mut self.people[number]) {
                let happened = if entry.happened < horizon {
                    entry.submitted.min(entry.happened)
                } else {
                    entry.happened
                };
                add_presence(&mut self.people[number], happened, entry.submitted, entry.change);
            }
        }
    }

    /// The unit's own counts by the day of submission: days in no order, some more than once.
    pub fn by_day_of_submission(&self, unit: UnitId) -> impl Iterator<Item = (Day, Counts)> {
        let book = self.units.get(unit.index());
        let journal = book.map_or(&[][..], |book| &book.journal);
        journal.iter().map(|entry| (entry.submitted, entry.counts))
    }

    /// The unit's own part of a period's counts, by the day on which each change happened.
    pub fn contribution(&self, unit: UnitId, period: &Period) -> Vec<(Day, RankValues)> {
        let mut days = Vec::new();
        let Some(book) = self.units.get(unit.index()) else { return days };
        let mut has_entries = false;
        for entry in &book.journal {
            if period.holds(entry.submitted) {
                has_entries = true;
                add_on(
                    &mut days,
                    entry.happened,
                    RankValues { counts: entry.counts, participants: 0 },
                );
            }
        }
        // A participant has an initiative, and most periods hold none of most units.
        let people = if has_entries { book.people.as_slice() } else { &[] };
        for &person in people {
            for (day, change) in self.participation(person, period) {
                add_on(
                    &mut days,
                    day,
                    RankValues { counts: Counts::default(), participants: change },
                );
            }
        }
        days.retain(|(_, rank_values)| !rank_values.is_zero());
        days
    }

    /// The days on which the person became a participant of the period (1) or ceased to be (-1).
    pub fn participation(&self, person: PersonId, period: &Period) -> Vec<(Day, i32)> {
        let mut turns = Vec::new();
        let mut count = 0;
        let mut entries = self
            .people
            .get(number(person))
            .into_iter()
            .flatten()
            .filter(|entry| period.holds(entry.submitted))
            .peekable();
        while let Some(entry) = entries.next() {
            let before = count;
            count += entry.change;
            while let Some(same_day) = entries.next_if(|next| next.happened == entry.happened) {
                count += same_day.change;
            }
            let turn = i32::from(count > 0) - i32::from(before > 0);
            if turn != 0 {
                turns.push((entry.happened, turn));
            }
        }
        turns
    }
}

/// Adds to the sum of a day in a list that is short and mostly in order of days.
pub fn add_on(days: &mut Vec<(Day, RankValues)>, day: Day, rank_values: RankValues) {
    match days.iter_mut().rev().find(|(there, _)| *there == day) {
        Some((_, sum)) => sum.add(rank_values),
        None => days.push((day, rank_values)),
    }
}

fn add_to_journal(journal: &mut Vec<JournalEntry>, happened: Day, submitted: Day, counts: Counts) {
    if counts == Counts::default() {
        return;
    }
    let key = (happened, submitted);
    match journal.binary_search_by_key(&key, JournalEntry::key) {
        Ok(place) => {
            journal[place].counts.add(counts);
            if journal[place].counts == Counts::default() {
                journal.remove(place);
            }
        }
        Err(place) => journal.insert(place, JournalEntry { happened, submitted, counts }),
    }
}

fn add_presence(timeline: &mut Timeline, happened: Day, submitted: Day, change: i32) {
    let key = (happened, submitted);
    match timeline.binary_search_by_key(&key, Presence::key) {
        Ok(place) => {
            timeline[place].change += change;
            if timeline[place].change == 0 {
                timeline.remove(place);
            }
        }
        Err(place) => timeline.insert(place, Presence { happened, submitted, change }),
    }
}
