//! The state of a batch: the board's structure, the rows that its commands name, and the changes of the
//! commands before this one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::prepare::Prepared;
use super::tags::Tags;
use crate::board::{Snapshot, Stamp, Structure};
use crate::domain::command::NewAuthor;
use crate::domain::event::{DayBegan, PeriodChanged, UnitChanged, UnitEventKind};
use crate::domain::initiative::person_identity;
use crate::domain::period::{Metric, PeriodKind};
use crate::domain::refusal::Possession;
use crate::domain::unit::UnitKind;
use crate::domain::{
    Author, Command, Day, Event, EventBody, Initiative, InitiativeId, Patch, Period, PeriodId,
    PersonId, Release, Rule, Target, TargetKey, Timestamp, Unit, UnitId, Version,
};
use crate::store::{Error, LogHead, NewPerson, WriteTx, Writes};

/// Codes of what stands in until the operator's own root and programme are there.
const PLACEHOLDER_ROOT: &str = "root";
const PLACEHOLDER_PROGRAMME: &str = "programme";

/// The state that commands are checked against and change.
pub struct Batch {
    pub structure: Structure,
    /// The board ahead of the batch, for a command that rests on counts.
    counts: Option<Snapshot>,
    head: LogHead,
    /// The time of every event of the batch.
    pub at: Timestamp,
    initiatives: HashMap<InitiativeId, Initiative>,
    by_key: HashMap<String, InitiativeId>,
    people: HashMap<(UnitId, String), PersonId>,
    new_people: Vec<NewPerson>,
    changed: BTreeSet<InitiativeId>,
    reauthored: BTreeSet<InitiativeId>,
    units: BTreeMap<UnitId, Stamp>,
    periods: BTreeMap<PeriodId, Stamp>,
    rules: BTreeMap<String, Stamp>,
    targets: BTreeMap<TargetKey, Option<(Target, Version)>>,
    /// The units that may be deleted, with a thing that each had before the batch.
    past_possessions: HashMap<UnitId, Option<Possession>>,
    /// The last number of a unit before the batch.
    last_unit: i64,
    events: Vec<Event>,
    /// The first release that reads all that was emitted since somebody asked.
    reader: Release,
}

/// Whether the keys of imports may be those of initiatives that exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportKeys {
    MayExist,
    AreNew,
}

/// The actor of an event, and the reason that it gave.
#[derive(Debug, Clone, Copy, Default)]
pub struct Attribution<'a> {
    pub actor: Option<&'a str>,
    pub reason: Option<&'a str>,
}

impl Batch {
    /// A batch without commands, behind the head of the log. Its time is `now`, and never before the last event's.
    pub fn begin(structure: &Structure, head: LogHead, now: Timestamp) -> Self {
        Self {
            structure: structure.clone(),
            counts: None,
            head,
            at: now.max(head.at),
            initiatives: HashMap::new(),
            by_key: HashMap::new(),
            people: HashMap::new(),
            new_people: Vec::new(),
            changed: BTreeSet::new(),
            reauthored: BTreeSet::new(),
            units: BTreeMap::new(),
            periods: BTreeMap::new(),
            rules: BTreeMap::new(),
            targets: BTreeMap::new(),
            past_possessions: HashMap::new(),
            last_unit: head.last_ids.unit,
            events: Vec::new(),
            reader: Release::FIRST,
        }
    }

    /// Reads the rows that the commands speak of, in a few statements for all of them.
    pub async fn prefetch(
        &mut self,
        tx: &mut WriteTx,
        commands: impl Iterator<Item = &Prepared>,
        keys_of_imports: ImportKeys,
    ) -> Result<(), Error> {
        let mut keys = Vec::new();
        let mut ids = Vec::new();
        let mut people: BTreeSet<(UnitId, String)> = BTreeSet::new();
        let mut transfers: Vec<(InitiativeId, UnitId)> = Vec::new();
        let mut revisions: Vec<(InitiativeId, &[NewAuthor])> = Vec::new();
        let mut deleted: Vec<UnitId> = Vec::new();
        let mut renamed: Vec<UnitId> = Vec::new();
        for prepared in commands {
            match &prepared.command {
                Command::Submit(submit) => {
                    keys.push(submit.key.as_str());
                    if let Some(unit) = self.structure.resolve_unit(&submit.unit) {
                        people.extend(submit.authors.iter().map(|author| (unit, identity(author))));
                    }
                }
                Command::Import(import) => {
                    let submit = &import.submit;
                    if keys_of_imports == ImportKeys::MayExist {
                        keys.push(submit.key.as_str());
                    }
                    if let Some(unit) = self.structure.resolve_unit(&submit.unit) {
                        people.extend(submit.authors.iter().map(|author| (unit, identity(author))));
                    }
                }
                Command::DeleteUnit(delete) => {
                    deleted.extend(self.structure.resolve_unit(&delete.unit));
                }
                Command::RenameUnit(rename) => {
                    renamed.extend(self.structure.resolve_unit(&rename.unit));
                }
                Command::Review(review) => ids.push(review.id),
                Command::Withdraw(withdraw) => ids.push(withdraw.id),
                Command::Feature(feature) => ids.push(feature.id),
                Command::Revise(revise) => {
                    ids.push(revise.id);
                    if let Patch::Set(authors) = &revise.authors {
                        revisions.push((revise.id, authors));
                    }
                }
                Command::Transfer(transfer) => {
                    ids.push(transfer.id);
                    if let Some(unit) = self.structure.resolve_unit(&transfer.unit) {
                        transfers.push((transfer.id, unit));
                    }
                }
                _ => {}
            }
        }
        if !deleted.is_empty() {
            // One may be named by a code that it gets in this batch.
            deleted.extend(renamed);
            self.past_possessions.extend(tx.past_possessions(&deleted).await?);
        }
        for initiative in tx.initiatives(&keys, &ids).await? {
            self.by_key.insert(initiative.key.clone(), initiative.id);
            self.initiatives.insert(initiative.id, initiative);
        }
        // An initiative may be revised and transferred in one batch: whoever may come to be an
        // author, in whichever unit it may come to be.
        let touched: BTreeSet<InitiativeId> = transfers
            .iter()
            .map(|&(id, _)| id)
            .chain(revisions.iter().map(|&(id, _)| id))
            .collect();
        for id in touched {
            let Some(initiative) = self.initiatives.get(&id) else { continue };
            let mut identities: Vec<String> =
                initiative.authors.iter().map(known_identity).collect();
            for (_, authors) in revisions.iter().filter(|(of, _)| *of == id) {
                identities.extend(authors.iter().map(identity));
            }
            let mut units = vec![initiative.unit];
            units.extend(transfers.iter().filter(|(of, _)| *of == id).map(|&(_, unit)| unit));
            for unit in units {
                people.extend(identities.iter().map(|identity| (unit, identity.clone())));
            }
        }
        let asked: Vec<(UnitId, &str)> =
            people.iter().map(|(unit, identity)| (*unit, identity.as_str())).collect();
        for (unit, identity, person) in tx.people(&asked).await? {
            self.people.insert((unit, identity), person);
        }
        Ok(())
    }

    /// Lets commands rest on the counts of this board, which is that of the head of the log.
    pub fn rest_on(&mut self, counts: Snapshot) {
        self.counts = Some(counts);
    }

    /// The board ahead of the batch; `None` if no command rests on counts.
    pub const fn counts(&self) -> Option<&Snapshot> {
        self.counts.as_ref()
    }

    /// The events put on the log so far.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Takes over who was met in a batch before that is not written yet.
    pub fn meet(&mut self, people: &[NewPerson]) {
        for NewPerson { id, unit, identity } in people {
            self.people.insert((*unit, identity.clone()), *id);
        }
    }

    /// Takes over an initiative that was read already, unless it is there.
    pub fn meet_initiative(&mut self, initiative: Initiative) {
        self.by_key.insert(initiative.key.clone(), initiative.id);
        self.initiatives.entry(initiative.id).or_insert(initiative);
    }

    /// Takes over what units had before the batch.
    pub fn meet_possessions(&mut self, possessions: HashMap<UnitId, Option<Possession>>) {
        self.past_possessions.extend(possessions);
    }

    /// The thing that a unit, which is to be deleted, had once, in this batch too.
    pub fn past_possession(&self, unit: UnitId) -> Option<Possession> {
        let is_author_there = |person: &NewPerson| person.unit == unit;
        if self.new_people.iter().any(is_author_there) {
            return Some(Possession::Initiatives);
        }
        let is_new = i64::from(unit.0) > self.last_unit;
        // Nobody has looked what another one had: it stays.
        let unknown = if is_new { None } else { Some(Possession::Initiatives) };
        self.past_possessions.get(&unit).copied().unwrap_or(unknown)
    }

    /// The version of the last event so far.
    pub const fn version(&self) -> Version {
        self.head.version
    }

    /// Version and time of the last event so far.
    pub const fn stamp(&self) -> Stamp {
        Stamp { version: self.head.version, at: self.at }
    }

    /// The day that began last.
    pub fn today(&self) -> Day {
        self.structure.day()
    }

    /// An initiative that was prefetched or entered in this batch.
    pub fn initiative(&self, id: InitiativeId) -> Option<&Initiative> {
        self.initiatives.get(&id)
    }

    /// Like [`Self::initiative`], by its key.
    pub fn initiative_by_key(&self, key: &str) -> Option<&Initiative> {
        self.by_key.get(key).and_then(|id| self.initiatives.get(id))
    }

    /// Gives the next number of a unit.
    ///
    /// # Panics
    /// After four thousand million units.
    pub fn new_unit(&mut self) -> UnitId {
        self.head.last_ids.unit += 1;
        UnitId(
            u32::try_from(self.head.last_ids.unit)
                .expect("units are fewer than four thousand million"),
        )
    }

    /// Gives the next number of a period.
    ///
    /// # Panics
    /// After four thousand million periods.
    pub fn new_period(&mut self) -> PeriodId {
        self.head.last_ids.period += 1;
        PeriodId(u32::try_from(self.head.last_ids.period).expect("periods are few"))
    }

    /// Gives the next number of an initiative.
    pub fn new_initiative(&mut self) -> InitiativeId {
        self.head.last_ids.initiative += 1;
        InitiativeId(self.head.last_ids.initiative)
    }

    /// The authors as people of the unit; somebody not met there before gets a number.
    pub fn authors(&mut self, unit: UnitId, authors: &[NewAuthor]) -> Vec<Author> {
        authors
            .iter()
            .map(|author| Author {
                person: self.person(unit, identity(author)),
                name: author.name.clone(),
                person_code: author.person_code.clone(),
                group: author.group,
                contact: author.contact.clone(),
            })
            .collect()
    }

    /// The same authors as people of another unit.
    pub fn authors_moved_to(&mut self, unit: UnitId, authors: &[Author]) -> Vec<Author> {
        authors
            .iter()
            .map(|author| Author {
                person: self.person(unit, known_identity(author)),
                ..author.clone()
            })
            .collect()
    }

    fn person(&mut self, unit: UnitId, identity: String) -> PersonId {
        let (last_ids, new_people) = (&mut self.head.last_ids, &mut self.new_people);
        *self.people.entry((unit, identity)).or_insert_with_key(|(unit, identity)| {
            last_ids.person += 1;
            let id = PersonId(last_ids.person);
            new_people.push(NewPerson { id, unit: *unit, identity: identity.clone() });
            id
        })
    }

    /// Puts an event on the log and applies its change of the structure. The rows of the event must
    /// be put with the version that this returns.
    pub fn emit(
        &mut self,
        body: EventBody,
        attribution: Attribution<'_>,
        tags: &mut Tags,
    ) -> Stamp {
        self.head.version = self.head.version.next();
        self.head.at = self.at;
        self.reader = self.reader.max(Release::that_reads(&body));
        self.structure.apply(&body);
        self.events.push(Event {
            version: self.head.version,
            at: self.at,
            tag: tags.draw(),
            actor: attribution.actor.map(str::to_owned),
            reason: attribution.reason.map(str::to_owned),
            body,
        });
        self.stamp()
    }

    /// The first release that reads all events since the last call.
    pub const fn take_reader(&mut self) -> Release {
        std::mem::replace(&mut self.reader, Release::FIRST)
    }

    /// Takes over an initiative in its new state, to be written.
    pub fn put_initiative(&mut self, initiative: Initiative) {
        let id = initiative.id;
        if let Some(before) = self.initiatives.get(&id)
            && before.authors != initiative.authors
        {
            self.reauthored.insert(id);
        }
        self.by_key.insert(initiative.key.clone(), id);
        self.initiatives.insert(id, initiative);
        self.changed.insert(id);
    }

    /// Notes that a unit's row is to be written, with this stamp.
    pub fn unit_changed(&mut self, unit: UnitId, stamp: Stamp) {
        self.units.insert(unit, stamp);
    }

    /// Notes that a period's row is to be written, with this stamp.
    pub fn period_changed(&mut self, period: PeriodId, stamp: Stamp) {
        self.periods.insert(period, stamp);
    }

    /// Notes that a rule's row is to be written, with this stamp.
    pub fn rule_changed(&mut self, code: String, stamp: Stamp) {
        self.rules.insert(code, stamp);
    }

    /// Takes over a target to be written; `None` removes it.
    pub fn put_target(&mut self, key: TargetKey, target: Option<(Target, Version)>) {
        self.targets.insert(key, target);
    }

    /// Lets every day begin that has begun since the last event: one event each.
    pub fn begin_days(&mut self, tags: &mut Tags) {
        let today = self.at.day();
        let is_fresh = self.head.version == Version::ZERO;
        let mut day = if is_fresh { today } else { self.structure.day().plus(1) };
        while day <= today {
            self.emit(EventBody::Day(DayBegan { day }), Attribution::default(), tags);
            day = day.plus(1);
        }
    }

    /// Gives a fresh database a root and a programme of this calendar year to begin with.
    pub fn seed_placeholders(&mut self, tags: &mut Tags) {
        let root = Unit {
            id: self.new_unit(),
            code: PLACEHOLDER_ROOT.to_owned(),
            name: "Tổng Liên đoàn Lao động Việt Nam".to_owned(),
            kind: UnitKind::Confederation,
            parent: None,
            cluster: None,
            sector: None,
            foreign_invested: false,
            member_count: None,
            closed_on: None,
            placeholder: true,
            deleted: false,
        };
        let owner = root.id;
        let created = UnitChanged { before: None, after: root, path: vec![owner], from_path: None };
        let body = EventBody::Unit(UnitEventKind::Upserted, created);
        let stamp = self.emit(body, Attribution::default(), tags);
        self.unit_changed(owner, stamp);
        let year = self.today().year();
        let edge = |month, day| {
            Day::from_ymd(year, month, day).expect("every year has a first and a last day")
        };
        let programme = Period {
            id: self.new_period(),
            code: PLACEHOLDER_PROGRAMME.to_owned(),
            name: format!("Chương trình {year}"),
            kind: PeriodKind::Programme,
            starts_on: edge(1, 1),
            ends_on: edge(12, 31),
            owner,
            parent: None,
            metric: Metric::Submitted,
            applied_from: None,
            applied_until: None,
            placeholder: true,
        };
        let id = programme.id;
        let created = PeriodChanged { before: None, after: programme, path: vec![owner] };
        let stamp = self.emit(EventBody::Period(created), Attribution::default(), tags);
        self.period_changed(id, stamp);
    }

    /// The event put on the log last.
    pub fn last_event(&self) -> Option<&Event> {
        self.events.last()
    }

    /// All that is to be written, each row once, in its last state.
    pub fn finish(mut self) -> Writes {
        let structure = &self.structure;
        let units = self
            .units
            .iter()
            .map(|(&id, stamp)| (Unit::clone(structure.unit(id)), stamp.version, stamp.at));
        let periods = self
            .periods
            .iter()
            .map(|(&id, stamp)| (Period::clone(structure.period(id)), stamp.version, stamp.at));
        let rules = self
            .rules
            .iter()
            .filter_map(|(code, stamp)| Some((Rule::clone(structure.rule(code)?), stamp.at)));
        let removed = self.targets.iter().filter(|(_, target)| target.is_none());
        let removed_targets = removed.map(|(key, _)| key.clone()).collect();
        let initiatives =
            self.changed.iter().filter_map(|id| self.initiatives.remove(id)).collect();
        Writes {
            head: self.head,
            units: units.collect(),
            periods: periods.collect(),
            rules: rules.collect(),
            targets: self.targets.into_values().flatten().collect(),
            removed_targets,
            people: self.new_people,
            initiatives,
            reauthored: self.reauthored.into_iter().collect(),
            events: self.events,
        }
    }
}

fn identity(author: &NewAuthor) -> String {
    person_identity(author.person_code.as_deref(), &author.name)
}

fn known_identity(author: &Author) -> String {
    person_identity(author.person_code.as_deref(), &author.name)
}
