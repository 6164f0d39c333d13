//! The states of initiatives by the log, packed: millions of them lie in memory at once.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::domain::initiative::{AuthorGroup, InitiativeKind, InitiativeState, RejectionReason};
use crate::domain::{Day, InitiativeId, InitiativeStatus, PersonId, Timestamp, UnitId, Version};

/// An initiative's state without its people. Two states differ if these differ, or their people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct State {
    pub unit: UnitId,
    pub status: InitiativeStatus,
    pub submitted_at: Timestamp,
    pub benefit_vnd: Option<i64>,
    pub kind: InitiativeKind,
    pub author_group: Option<AuthorGroup>,
    pub rejection_reason: Option<RejectionReason>,
    /// The digest of the field of work.
    pub field: u64,
    pub featured: bool,
    pub confidential: bool,
}

/// When a thing was last changed.
pub type Change = (Version, Timestamp);

/// Before every day, and after every day.
const ALWAYS: Day = Day(i32::MIN);
const NEVER: Day = Day(i32::MAX);

/// A state, and the days at whose ends its initiative was in it.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    pub state: State,
    from: Day,
    /// The first day at whose end it was in a later state.
    until: Day,
    /// One more than the place of the state before it; 0 for the first.
    previous: u32,
    first_person: u32,
    persons: u32,
    is_present: bool,
}

/// The rows, and the people that they name.
#[derive(Debug, Default)]
struct Rows {
    rows: Vec<Row>,
    people: Vec<PersonId>,
}

/// The last state of an initiative by the log.
#[derive(Debug, Clone, Copy, Default)]
struct Last {
    changed: Change,
    /// One more than the place of its row; 0 if there is none.
    row: u32,
}

/// The states of each initiative by the log, as they are being read.
#[derive(Debug, Default)]
pub struct Histories {
    rows: Rows,
    /// By number of the initiative.
    last: Vec<Last>,
    /// The same of numbers that are far beyond all others: one that was damaged must not ask for all memory.
    far: HashMap<InitiativeId, Last>,
    count: usize,
}

/// All states, sorted by unit and moment of submission, as they are looked through again and again.
#[derive(Debug, Default)]
pub struct States(Rows);

/// Rows, or initiatives, that room is made for ahead, at most. Memory that is not written takes no room.
pub const ROOM_MAX: usize = 8_000_000;
/// Numbers of initiatives that may lie between those that are there.
const GAP_MAX: usize = 1_000_000;

impl State {
    pub fn of(state: &InitiativeState) -> Self {
        Self {
            unit: state.unit,
            status: state.status,
            submitted_at: state.submitted_at,
            benefit_vnd: state.benefit_vnd,
            kind: state.kind,
            author_group: state.author_group,
            rejection_reason: state.rejection_reason,
            field: digest_of_field(state.field.as_deref()),
            featured: state.featured,
            confidential: state.confidential,
        }
    }
}

/// Stands for a field's text.
pub fn digest_of_field(field: Option<&str>) -> u64 {
    let mut digest = DefaultHasher::new();
    field.hash(&mut digest);
    digest.finish()
}

/// Stands for a state, its people and its last change.
pub fn digest_of(state: &State, people: &[PersonId], changed: Change) -> u64 {
    let mut digest = DefaultHasher::new();
    (state, people, changed).hash(&mut digest);
    digest.finish()
}

impl Rows {
    /// Adds a row that holds from that day on; its place. Its people mostly are those of the state before it.
    fn add(&mut self, state: State, people: &[PersonId], from: Day, previous: u32) -> u32 {
        let before = previous.checked_sub(1).map(|place| self.rows[place as usize]);
        let shared = before.filter(|before| self.people_of(before) == people);
        let first_person = shared.map_or_else(
            || {
                let first = word(self.people.len());
                self.people.extend_from_slice(people);
                first
            },
            |before| before.first_person,
        );
        let persons = word(people.len());
        let until = NEVER;
        let is_present = false;
        self.rows.push(Row { state, from, until, previous, first_person, persons, is_present });
        word(self.rows.len())
    }

    fn people_of(&self, row: &Row) -> &[PersonId] {
        let first = row.first_person as usize;
        &self.people[first..first + row.persons as usize]
    }
}

fn word(count: usize) -> u32 {
    u32::try_from(count).expect("fewer than bytes of memory")
}

impl Histories {
    /// Makes room for the changes of a log of that length, so that nothing is moved while they come.
    pub fn expect(&mut self, initiatives: usize, events: usize) {
        self.rows.rows.reserve(events.min(ROOM_MAX));
        self.last.reserve(initiatives.min(ROOM_MAX) + 1);
    }

    /// The number of initiatives.
    pub const fn count(&self) -> usize {
        self.count
    }

    /// The last state, and its people.
    pub fn last(&self, id: InitiativeId) -> Option<(State, &[PersonId])> {
        let row = self.row(id)?;
        Some((row.state, self.rows.people_of(row)))
    }

    /// The last change.
    pub fn changed(&self, id: InitiativeId) -> Option<Change> {
        Some(self.get(id)?.changed)
    }

    /// See [`digest_of`].
    pub fn digest(&self, id: InitiativeId) -> Option<u64> {
        let (state, people) = self.last(id)?;
        Some(digest_of(&state, people, self.changed(id)?))
    }

    fn row(&self, id: InitiativeId) -> Option<&Row> {
        Some(&self.rows.rows[self.get(id)?.row as usize - 1])
    }

    fn get(&self, id: InitiativeId) -> Option<&Last> {
        let near = usize::try_from(id.0).ok().and_then(|place| self.last.get(place));
        near.filter(|last| last.row > 0).or_else(|| self.far.get(&id))
    }

    fn last_mut(&mut self, id: InitiativeId) -> &mut Last {
        match usize::try_from(id.0) {
            Ok(place) if place < self.last.len() + GAP_MAX => {
                if self.last.len() <= place {
                    self.last.resize(place + 1, Last::default());
                }
                &mut self.last[place]
            }
            _ => self.far.entry(id).or_default(),
        }
    }

    /// Adds the state of an initiative whose earlier ones nothing tells of.
    pub fn begin(
        &mut self,
        id: InitiativeId,
        (state, people): (State, &[PersonId]),
        changed: Change,
    ) {
        self.turn(id, (state, people), ALWAYS, changed);
    }

    /// Adds the state that an initiative was in from that day on.
    pub fn turn(
        &mut self,
        id: InitiativeId,
        (state, people): (State, &[PersonId]),
        from: Day,
        changed: Change,
    ) {
        let previous = self.get(id).map_or(0, |last| last.row);
        let row = self.rows.add(state, people, from, previous);
        *self.last_mut(id) = Last { changed, row };
        self.count += usize::from(previous == 0);
        // A state ends with the first day of any later one: imported ones may come in another order.
        let mut earlier = previous;
        while let Some(place) = earlier.checked_sub(1) {
            let before = &mut self.rows.rows[place as usize];
            if before.until <= from {
                break;
            }
            before.until = from;
            earlier = before.previous;
        }
    }

    /// Adds those of another of which this one tells nothing.
    pub fn absorb(&mut self, other: &Self) {
        let near = other.last.iter().enumerate().filter(|(_, last)| last.row > 0);
        let near = near.map(|(place, _)| InitiativeId(i64::from(word(place))));
        for id in near.chain(other.far.keys().copied()) {
            if self.get(id).is_none()
                && let (Some(last), Some(changed)) = (other.last(id), other.changed(id))
            {
                self.begin(id, last, changed);
            }
        }
    }

    /// Notes that the facts have the last state of the initiative as well.
    pub fn confirm(&mut self, id: InitiativeId) {
        if let Some(&Last { row, .. }) = self.get(id) {
            self.rows.rows[row as usize - 1].is_present = true;
        }
    }

    /// Adds a state that the facts have and the log has not.
    pub fn add_present(&mut self, state: State, people: &[PersonId]) {
        let place = self.rows.add(state, people, NEVER, 0);
        self.rows.rows[place as usize - 1].is_present = true;
    }

    /// All states but those that ended before that day.
    pub fn into_states(self, reach: Day) -> States {
        let mut rows = self.rows;
        drop((self.last, self.far));
        rows.rows.retain(|row| row.until > reach);
        rows.rows.sort_unstable_by_key(|row| (row.state.unit, row.state.submitted_at));
        States(rows)
    }
}

impl States {
    /// Sorted by unit and moment.
    pub fn rows(&self) -> &[Row] {
        &self.0.rows
    }

    pub fn people_of(&self, row: &Row) -> &[PersonId] {
        self.0.people_of(row)
    }

    /// The states by the facts.
    pub fn present(&self) -> impl Iterator<Item = &State> {
        self.0.rows.iter().filter(|row| row.is_present).map(|row| &row.state)
    }
}

impl Row {
    /// Whether it is the state by the facts.
    pub const fn is_present(&self) -> bool {
        self.is_present
    }

    /// Whether it is the state at the end of the day, by the log.
    pub fn was_at_end_of(&self, day: Day) -> bool {
        self.from <= day && day < self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(unit: u32) -> State {
        State::of(&InitiativeState {
            unit: UnitId(unit),
            status: InitiativeStatus::Pending,
            submitted_at: Timestamp(0),
            kind: InitiativeKind::Idea,
            field: None,
            author_group: None,
            people: Vec::new(),
            benefit_vnd: None,
            rejection_reason: None,
            featured: false,
            confidential: false,
        })
    }

    /// The state of a day is the last in the log's order that began on it or before, whatever the order of days.
    #[test]
    fn each_day_ends_in_the_state_that_came_last_of_those_begun() {
        let mut rng = fastrand::Rng::with_seed(5);
        for round in 0..2_000 {
            let mut histories = Histories::default();
            let mut plain: Vec<Vec<(Day, u32, Vec<PersonId>)>> = vec![Vec::new(); 4];
            for unit in 1..=rng.u32(1..20) {
                let (number, day) = (rng.usize(..plain.len()), Day(rng.i32(..9)));
                // The last of them is far from all others.
                let id = InitiativeId([1, 2, 3, i64::MAX][number]);
                let people: Vec<PersonId> = (0..rng.i64(..3)).map(PersonId).collect();
                let changed = (Version(i64::from(unit)), Timestamp(0));
                histories.turn(id, (state(unit), &people), day, changed);
                assert_eq!(histories.last(id), Some((state(unit), people.as_slice())));
                assert_eq!(histories.digest(id), Some(digest_of(&state(unit), &people, changed)));
                plain[number].push((day, unit, people));
            }
            assert_eq!(histories.count(), plain.iter().filter(|it| !it.is_empty()).count());
            assert_eq!(histories.last(InitiativeId(77)), None);
            let reach = Day(rng.i32(-1..3));
            let states = histories.into_states(reach);
            for day in (reach.0 + 1..10).map(Day) {
                let begun = |it: &&(Day, u32, Vec<PersonId>)| it.0 <= day;
                let last = plain.iter().filter_map(|of_one| of_one.iter().rfind(begun));
                let mut expected: Vec<_> =
                    last.map(|(_, unit, people)| (*unit, people.as_slice())).collect();
                expected.sort_unstable();
                let rows = states.rows().iter().filter(|row| row.was_at_end_of(day));
                let found: Vec<_> =
                    rows.map(|row| (row.state.unit.0, states.people_of(row))).collect();
                assert_eq!(found, expected, "round {round}, {day}");
            }
        }
    }
}
