//! The books: what the fold remembers of each unit and person, so that any period's numbers can be computed again. An
//! entry has the day on which a change happened and the day of submission, never the initiative.
//!
//! The books know nothing of periods or of the tree. An entry older than the reach of history may be put down to the
//! day of submission: no query can tell the difference.

use smallvec::SmallVec;

use super::benefit::BenefitSum;
use super::tally::{Counts, RankValues};
use crate::domain::{Day, Period, PersonId, ShortDay, Timestamp, UnitId};

/// The history of one unit's own initiatives, without those of the units under it.
#[derive(Debug, Default)]
struct UnitBook {
    /// Sorted by (happened, submitted), each pair once.
    journal: Vec<JournalEntry>,
    /// The number of every person who ever had an entry here, sorted.
    people: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct JournalEntry {
    happened: ShortDay,
    submitted: ShortDay,
    counts: Counts,
}

/// Most people have one or two entries, which take no more room than a reference to more.
type Timeline = SmallVec<[Presence; 2]>;

/// The change of a person's number of submitted initiatives, of one day of submission, on the day when it happened.
#[derive(Debug, Clone, Copy)]
struct Presence {
    happened: ShortDay,
    submitted: ShortDay,
    change: i32,
}

/// Days on which something turned, each by how much: mostly one.
pub type Turns = SmallVec<[(Day, i32); 2]>;

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
    pub people: ChangesOfPeople,
}

/// Most initiatives have few authors.
pub type ChangesOfPeople = SmallVec<[(PersonId, i32); 4]>;

/// Makes books from the postings of initiatives in any order, all of them read at a start.
#[derive(Debug, Default)]
pub struct BooksBuilder {
    journal: Vec<GatheredCounts>,
    presence: Vec<GatheredPresence>,
}

/// An entry of a unit's journal before it is added to others: it is small, since those of all initiatives lie in memory
/// at once.
#[derive(Debug, Clone, Copy)]
struct GatheredCounts {
    key: Key,
    benefit_vnd: BenefitSum,
    accepted: i8,
    pending: i8,
    returned: i8,
    rejected: i8,
}

/// The same of a person's timeline.
#[derive(Debug, Clone, Copy)]
struct GatheredPresence {
    key: Key,
    unit: UnitId,
    change: i32,
}

/// The number of a unit or a person, the day on which a change happened, and the day of submission, in this order in one
/// number, by which they are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key(u64);

impl Key {
    fn of(number: usize, happened: Day, submitted: Day) -> Self {
        let [happened, submitted] = [happened, submitted].map(|day| ShortDay::from(day).number());
        Self((number as u64) << 32 | u64::from(happened) << 16 | u64::from(submitted))
    }

    const fn number(self) -> usize {
        (self.0 >> 32) as usize
    }

    #[expect(clippy::cast_possible_truncation, reason = "cut into its parts")]
    const fn days(self) -> (ShortDay, ShortDay) {
        (ShortDay::of_number((self.0 >> 16) as u16), ShortDay::of_number(self.0 as u16))
    }
}

impl GatheredCounts {
    /// # Panics
    /// If the counts are of more initiatives than one.
    fn of(key: Key, counts: Counts) -> Self {
        let small = |count: i32| i8::try_from(count).expect("the counts are of one initiative");
        Self {
            key,
            benefit_vnd: counts.benefit_vnd,
            accepted: small(counts.accepted),
            pending: small(counts.pending),
            returned: small(counts.returned),
            rejected: small(counts.rejected),
        }
    }

    fn counts(self) -> Counts {
        Counts {
            accepted: self.accepted.into(),
            pending: self.pending.into(),
            returned: self.returned.into(),
            rejected: self.rejected.into(),
            benefit_vnd: self.benefit_vnd,
        }
    }
}

impl BooksBuilder {
    /// Like [`Books::record`], but nothing may leave.
    pub fn record(&mut self, posting: &Posting, happened: Day) {
        let Posting { unit, submitted, counts, .. } = *posting;
        if counts != Counts::default() {
            let key = Key::of(unit.index(), happened, submitted);
            self.journal.push(GatheredCounts::of(key, counts));
        }
        for &(person, change) in &posting.people {
            let key = Key::of(number(person), happened, submitted);
            self.presence.push(GatheredPresence { key, unit, change });
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

    pub fn into_books(self) -> Books {
        let Self { mut journal, mut presence } = self;
        let mut books = Books::default();
        let units = journal.iter().map(|entry| entry.key.number());
        let units = units.chain(presence.iter().map(|entry| entry.unit.index())).max();
        books.units.resize_with(units.map_or(0, |unit| unit + 1), UnitBook::default);
        let people = presence.iter().map(|entry| entry.key.number()).max();
        books.people.resize_with(people.map_or(0, |person| person + 1), Timeline::new);
        std::thread::scope(|scope| {
            scope.spawn(|| presence.sort_unstable_by_key(|entry| entry.key));
            journal.sort_unstable_by_key(|entry| entry.key);
        });
        for of_unit in journal.chunk_by(|one, other| one.key.number() == other.key.number()) {
            let book = &mut books.units[of_unit[0].key.number()];
            book.journal = of_unit
                .chunk_by(|one, other| one.key == other.key)
                .map(|same| {
                    let (happened, submitted) = same[0].key.days();
                    let mut counts = Counts::default();
                    same.iter().for_each(|entry| counts.add(entry.counts()));
                    JournalEntry { happened, submitted, counts }
                })
                .filter(|entry| entry.counts != Counts::default())
                .collect();
            book.journal.shrink_to_fit();
        }
        drop(journal);
        for of_person in presence.chunk_by(|one, other| one.key.number() == other.key.number()) {
            let GatheredPresence { key, unit, .. } = of_person[0];
            let timeline: &mut Timeline = &mut books.people[key.number()];
            *timeline = of_person
                .chunk_by(|one, other| one.key == other.key)
                .map(|same| {
                    let (happened, submitted) = same[0].key.days();
                    let change = same.iter().map(|entry| entry.change).sum();
                    Presence { happened, submitted, change }
                })
                .filter(|entry| entry.change != 0)
                .collect();
            timeline.shrink_to_fit();
            books.units[unit.index()].people.push(word(key.number()));
        }
        books
    }
}

fn number(person: PersonId) -> usize {
    usize::try_from(person.0).expect("people are numbered from 1")
}

fn word(number: usize) -> u32 {
    u32::try_from(number).expect("fewer people than bytes of memory")
}

impl JournalEntry {
    const fn key(&self) -> (ShortDay, ShortDay) {
        (self.happened, self.submitted)
    }
}

impl Presence {
    const fn key(&self) -> (ShortDay, ShortDay) {
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
        let key = (happened.into(), posting.submitted.into());
        add_to_journal(&mut book.journal, key, posting.counts);
        for &(person, change) in &posting.people {
            let number = number(person);
            if self.people.len() <= number {
                self.people.resize_with(number + 1, Timeline::new);
            }
            if self.people[number].is_empty()
                && let Err(place) = book.people.binary_search(&word(number))
            {
                book.people.insert(place, word(number));
            }
            add_presence(&mut self.people[number], key, change);
        }
    }

    /// Moves what happened before `horizon` to the day of submission.
    pub fn forget_before(&mut self, unit: UnitId, horizon: Day) {
        let Some(book) = self.units.get_mut(unit.index()) else { return };
        let horizon = ShortDay::from(horizon);
        let is_old =
            |entry: &JournalEntry| entry.happened < horizon && entry.submitted < entry.happened;
        if !book.journal.iter().any(is_old) {
            return;
        }
        let moved = |(happened, submitted): (ShortDay, ShortDay)| {
            (if happened < horizon { submitted.min(happened) } else { happened }, submitted)
        };
        for entry in std::mem::take(&mut book.journal) {
            add_to_journal(&mut book.journal, moved(entry.key()), entry.counts);
        }
        for &person in &book.people {
            let timeline = &mut self.people[person as usize];
            for entry in std::mem::take(timeline) {
                add_presence(timeline, moved(entry.key()), entry.change);
            }
        }
    }

    /// The unit's own counts by the day of submission: days in no order, some more than once.
    pub fn by_day_of_submission(&self, unit: UnitId) -> impl Iterator<Item = (Day, Counts)> {
        let book = self.units.get(unit.index());
        let journal = book.map_or(&[][..], |book| &book.journal);
        journal.iter().map(|entry| (entry.submitted.into(), entry.counts))
    }

    /// Calls `each` with the days on which the unit's own part of a period's counts changed, some more than once.
    pub fn each_day(&self, unit: UnitId, period: &Period, mut each: impl FnMut(Day)) {
        let Some(book) = self.units.get(unit.index()) else { return };
        let entries = book.journal.iter().filter(|entry| period.holds(entry.submitted.into()));
        entries.for_each(|entry| each(entry.happened.into()));
    }

    /// The unit's own part of a period's counts, by the day on which each change happened.
    pub fn contribution(&self, unit: UnitId, period: &Period) -> Vec<(Day, RankValues)> {
        let mut days = Vec::new();
        let Some(book) = self.units.get(unit.index()) else { return days };
        let mut has_entries = false;
        for entry in &book.journal {
            if period.holds(entry.submitted.into()) {
                has_entries = true;
                let rank_values = RankValues { counts: entry.counts, participants: 0 };
                add_on(&mut days, entry.happened.into(), rank_values);
            }
        }
        // A participant has an initiative, and most periods hold none of most units.
        let people = if has_entries { book.people.as_slice() } else { &[] };
        for &person in people {
            for (day, change) in self.participation(PersonId(person.into()), period) {
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
    pub fn participation(&self, person: PersonId, period: &Period) -> Turns {
        let mut turns = Turns::new();
        let mut count = 0;
        let mut entries = self
            .people
            .get(number(person))
            .into_iter()
            .flatten()
            .filter(|entry| period.holds(entry.submitted.into()))
            .peekable();
        while let Some(entry) = entries.next() {
            let before = count;
            count += entry.change;
            while let Some(same_day) = entries.next_if(|next| next.happened == entry.happened) {
                count += same_day.change;
            }
            let turn = i32::from(count > 0) - i32::from(before > 0);
            if turn != 0 {
                turns.push((entry.happened.into(), turn));
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

fn add_to_journal(
    journal: &mut Vec<JournalEntry>,
    key @ (happened, submitted): (ShortDay, ShortDay),
    counts: Counts,
) {
    if counts == Counts::default() {
        return;
    }
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

fn add_presence(
    timeline: &mut Timeline,
    key @ (happened, submitted): (ShortDay, ShortDay),
    change: i32,
) {
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
