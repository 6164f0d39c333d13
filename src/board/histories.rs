//! The histories of initiatives: the states in which their days ended, so that the figures of any past day can be
//! counted.
//!
//! Most initiatives were entered and reviewed once: two states, one after the other, which are one row of 16 bytes by the
//! number of the initiative. An earlier state, or one at another unit or with other people, is a row of its own
//! behind them.

use super::paged::Paged;
use super::posting::Counted;
use crate::domain::initiative::ToldBy;
use crate::domain::{Day, InitiativeId, InitiativeStatus, PersonId, ShortDay, Timestamp, UnitId};

/// Rows, and words, that lie together: a change copies sixteen times as many.
const ROWS: usize = 8;
const WORDS: usize = 32;

/// All histories. Cloning costs a few reference counts.
#[derive(Debug, Clone, Default)]
pub struct Histories {
    /// By number of the initiative: its last two states.
    last: Paged<[Spans; ROWS]>,
    last_count: usize,
    /// The states before those, in no order.
    ended: Paged<[Spans; ROWS]>,
    ended_count: usize,
    /// Benefits and people of rows that have more than one person.
    words: Paged<[u32; WORDS]>,
    word_count: usize,
}

/// Two states of an initiative one after the other, at one unit, with the same people and benefit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Spans {
    /// 0 in a row that was never written.
    unit: u32,
    /// The person if `size` is one person without a benefit; else the place of the first word.
    detail: u32,
    submitted: ShortDay,
    /// The day on which the first state began.
    from: ShortDay,
    /// The day on which it ended, and the second began; `from` if there is no first one.
    until: ShortDay,
    /// The first in the lower half, the second in the upper one; see [`code`].
    states: u8,
    /// The number of people, and [`WITH_BENEFIT`].
    size: u8,
}

const WITH_BENEFIT: u8 = 0x80;
/// The state of what does not count: it was withdrawn, or is of another row.
const NOTHING: u8 = 0;

/// The statements of the facts about the states before the present one.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    pub by: Option<ToldBy>,
    pub reviewed_at: Option<Timestamp>,
    /// The moment of the last change.
    pub updated_at: Timestamp,
}

/// The state of an initiative at the end of a day, without its people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ended {
    pub unit: UnitId,
    pub submitted: Day,
    pub status: InitiativeStatus,
}

const fn code(status: InitiativeStatus) -> u8 {
    match status {
        InitiativeStatus::Withdrawn => NOTHING,
        InitiativeStatus::Pending => 1,
        InitiativeStatus::Returned => 2,
        InitiativeStatus::Accepted => 3,
        InitiativeStatus::Rejected => 4,
    }
}

const fn status(code: u8) -> Option<InitiativeStatus> {
    match code {
        1 => Some(InitiativeStatus::Pending),
        2 => Some(InitiativeStatus::Returned),
        3 => Some(InitiativeStatus::Accepted),
        4 => Some(InitiativeStatus::Rejected),
        _ => None,
    }
}

fn place(id: InitiativeId) -> usize {
    usize::try_from(id.0).expect("initiatives are numbered from 1")
}

impl Spans {
    const fn first(self) -> u8 {
        self.states & 0xf
    }

    const fn second(self) -> u8 {
        self.states >> 4
    }

    /// The same row with other states.
    const fn with(self, first: u8, second: u8) -> Self {
        Self { states: first | second << 4, ..self }
    }

    /// The state that it tells of the end of the day.
    pub fn at_end_of(&self, day: Day) -> Option<Ended> {
        let day = ShortDay::from(day);
        let code = if day < self.from {
            NOTHING
        } else if day < self.until {
            self.first()
        } else {
            self.second()
        };
        let (unit, submitted) = (UnitId(self.unit), Day::from(self.submitted));
        status(code).map(|status| Ended { unit, submitted, status })
    }
}

impl Histories {
    /// Notes a change on `day`; `before` is `None` for a submission.
    pub(super) fn turn(
        &mut self,
        id: InitiativeId,
        before: Option<&Counted<'_>>,
        after: &Counted<'_>,
        day: Day,
    ) {
        let known = self.last(id);
        let row = match (before, known) {
            (Some(_), Some(row)) => row,
            (Some(before), None) => self.entered(before, before.submitted_at.day()),
            (None, _) => {
                let row = self.entered(after, day);
                return self.put(id, row);
            }
        };
        let rests = |state: &Counted<'_>| (state.unit, state.benefit_vnd);
        let is_same = before
            .is_some_and(|before| rests(before) == rests(after) && before.people == after.people);
        let row = if is_same {
            self.turned(row, code(after.status), ShortDay::from(day))
        } else {
            self.end(row.with(row.first(), NOTHING));
            self.end(Spans {
                from: row.until,
                until: ShortDay::from(day),
                ..row.with(row.second(), NOTHING)
            });
            self.entered(after, day)
        };
        self.put(id, row);
    }

    /// The row after its initiative came to another state.
    fn turned(&mut self, row: Spans, state: u8, day: ShortDay) -> Spans {
        if state == row.second() {
            row
        } else if day <= row.until {
            // No day ended in the state that it leaves.
            row.with(row.first(), state)
        } else {
            if row.from < row.until {
                self.end(row.with(row.first(), NOTHING));
            }
            Spans { from: row.until, until: day, ..row.with(row.second(), state) }
        }
    }

    /// Notes an initiative that was in this state when the log began.
    pub(super) fn begin(&mut self, id: InitiativeId, state: &Counted<'_>) {
        let row = self.entered(state, state.submitted_at.day());
        self.put(id, row);
    }

    /// Notes an initiative as its facts tell it. Returns false if they do not, and takes it to have been always as it is:
    /// its changes, if the log has any, are to be noted by [`Self::begin`] and [`Self::turn`].
    pub(super) fn told(&mut self, id: InitiativeId, state: &Counted<'_>, told: &Told) -> bool {
        let submitted = state.submitted_at.day();
        let turned_at = match (told.by, state.status) {
            (Some(ToldBy::Log | ToldBy::Present), _) | (None, InitiativeStatus::Pending) => None,
            (None, InitiativeStatus::Withdrawn) => Some(told.updated_at),
            (None, _) => told.reviewed_at,
        };
        let mut row = self.entered(state, submitted);
        if let Some(at) = turned_at
            && at.day() > submitted
        {
            row = Spans {
                until: ShortDay::from(at.day()),
                ..row.with(code(InitiativeStatus::Pending), row.second())
            };
        }
        self.put(id, row);
        told.by != Some(ToldBy::Log)
    }

    /// A row of one state, which began on that day.
    fn entered(&mut self, state: &Counted<'_>, day: Day) -> Spans {
        let people = state.people;
        let benefit = state.benefit_vnd.filter(|&benefit| benefit != 0);
        let size = u8::try_from(people.len()).expect("an initiative has few authors");
        let detail = match (people, benefit) {
            ([], None) => 0,
            ([person], None) => word_of(*person),
            _ => {
                let first =
                    u32::try_from(self.word_count).expect("fewer words than bytes of memory");
                if let Some(benefit) = benefit {
                    self.push_words(halves(benefit));
                }
                self.push_words(people.iter().map(|&person| word_of(person)));
                first
            }
        };
        let day = ShortDay::from(day);
        Spans {
            unit: state.unit.0,
            detail,
            submitted: ShortDay::from(state.submitted_at.day()),
            from: day,
            until: day,
            states: code(state.status) << 4,
            size: size | if benefit.is_some() { WITH_BENEFIT } else { 0 },
        }
    }

    /// The unit of an initiative's last state.
    pub(super) fn unit_of(&self, id: InitiativeId) -> Option<UnitId> {
        self.last(id).map(|row| UnitId(row.unit))
    }

    fn last(&self, id: InitiativeId) -> Option<Spans> {
        let id = place(id);
        let row = self.last.get(id / ROWS)?[id % ROWS];
        (row.unit != 0).then_some(row)
    }

    fn put(&mut self, id: InitiativeId, row: Spans) {
        let id = place(id);
        let there = &mut self.last.get_mut(id / ROWS)[id % ROWS];
        self.last_count += usize::from(there.unit == 0);
        *there = row;
    }

    /// Keeps the first state of a row, if a day ended in it.
    fn end(&mut self, row: Spans) {
        if row.from < row.until && row.first() != NOTHING {
            self.ended.get_mut(self.ended_count / ROWS)[self.ended_count % ROWS] = row;
            self.ended_count += 1;
        }
    }

    fn push_words(&mut self, words: impl IntoIterator<Item = u32>) {
        let mut words = words.into_iter().peekable();
        while words.peek().is_some() {
            let room = &mut self.words.get_mut(self.word_count / WORDS)[self.word_count % WORDS..];
            // The words that fit are counted as they are taken.
            for (there, word) in room.iter_mut().zip(&mut words) {
                *there = word;
                self.word_count += 1;
            }
        }
    }

    fn word(&self, place: usize) -> u32 {
        self.words.get(place / WORDS).map_or(0, |words| words[place % WORDS])
    }

    /// All rows, in runs that lie together.
    pub(super) fn runs(&self) -> impl Iterator<Item = &[Spans]> {
        self.last.runs().chain(self.ended.runs()).map(<[_]>::as_flattened)
    }

    /// The number of rows.
    pub(super) const fn count(&self) -> usize {
        self.last_count + self.ended_count
    }

    pub(super) fn benefit(&self, row: &Spans) -> Option<i64> {
        if row.size & WITH_BENEFIT == 0 {
            return None;
        }
        let first = row.detail as usize;
        let [high, low] = [first, first + 1].map(|place| u64::from(self.word(place)));
        Some((high << 32 | low).cast_signed())
    }

    /// The numbers of the people of a row.
    pub(super) fn people(&self, row: &Spans) -> impl Iterator<Item = u32> {
        let has_benefit = row.size & WITH_BENEFIT != 0;
        let count = usize::from(row.size & !WITH_BENEFIT);
        let detail = row.detail;
        let first = detail as usize + if has_benefit { 2 } else { 0 };
        let is_alone = count == 1 && !has_benefit;
        (0..count).map(move |place| if is_alone { detail } else { self.word(first + place) })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "cut into two parts")]
const fn halves(number: i64) -> [u32; 2] {
    let bits = number.cast_unsigned();
    [(bits >> 32) as u32, bits as u32]
}

fn word_of(person: PersonId) -> u32 {
    u32::try_from(person.0).expect("fewer people than bytes of memory")
}
