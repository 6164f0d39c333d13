//! The checks that need no state, done by the caller's own task: texts are
//! normalised, lengths and ranges checked, the content of a submission digested.

use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::digest::hex;
use crate::domain::command::{
    Goal, Import, NewAuthor, NewCriterion, Review, ReviewDecision, Revise, SetTargets, Submit,
    UpsertPeriod, UpsertRule, UpsertUnit,
};
use crate::domain::decimal::{DECIMAL_MAX, Decimal};
use crate::domain::field::Fields;
use crate::domain::rule::{Grade, Measure, RankBy};
use crate::domain::text::{code_named, normalise, normalise_lines, shortened};
use crate::domain::{Command, Patch, PeriodRef, Problem, Refusal, UnitRef};
use crate::limits::{
    AUTHORS_MAX, BENEFIT_MAX, CODE_MAX, CRITERIA_MAX, GOALS_MAX, GRADES_MAX, NAME_MAX, POINTS_MAX,
    RULE_KINDS_MAX, STEPS_MAX, TEXT_MAX, TITLE_MAX,
};

/// A command that only the state can refuse.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    pub command: Command,
    /// The digest of a submission's content, the unit left out; an import has that of its state behind it. Empty for
    /// other commands.
    pub digest: String,
    /// Whether the command was admitted elsewhere, by rules that may differ by now: an initiative's day, or a
    /// target's period, is not judged again.
    pub admitted: bool,
}

impl Prepared {
    /// Whether the command rests on counts, closings or confirmed assessments, which a batch does not keep up.
    pub const fn rests_on_counts(&self) -> bool {
        matches!(
            self.command,
            Command::FinalizePeriod(_) | Command::UpsertRule(_) | Command::ConfirmAssessment(_)
        )
    }

    /// Whether the command changes the state that other commands are checked against.
    pub const fn is_structural(&self) -> bool {
        matches!(
            self.command,
            Command::UpsertUnit(_)
                | Command::MoveUnit(_)
                | Command::RenameUnit(_)
                | Command::DeleteUnit(_)
                | Command::CloseUnit(_)
                | Command::ReopenUnit(_)
                | Command::UpsertPeriod(_)
                | Command::UpsertRule(_)
                | Command::SetTargets(_)
                | Command::FinalizePeriod(_)
                | Command::ConfirmAssessment(_)
        )
    }
}

/// # Errors
/// All that is wrong with the command in itself.
pub fn prepare(mut command: Command, fields: &Fields) -> Result<Prepared, Vec<Refusal>> {
    let mut check = Checks { fields, refusals: Vec::new() };
    let mut digest = String::new();
    match &mut command {
        Command::Submit(submit) => {
            check.submit(submit);
            digest = digest_of(submit);
        }
        Command::Import(import) => {
            check.submit(&mut import.submit);
            check.note(&mut import.review_note, "reviewNote");
            digest = format!("{}:{}", digest_of(&import.submit), digest_of_state(import));
        }
        Command::Review(review) => check.review(review),
        Command::Revise(revise) => check.revise(revise),
        Command::Withdraw(withdraw) => check.note(&mut withdraw.reason, "reason"),
        Command::Transfer(transfer) => {
            check.note(&mut transfer.reason, "reason");
            tidy_unit(&mut transfer.unit);
        }
        Command::Feature(_) => {}
        Command::SetTargets(targets) => check.targets(targets),
        Command::UpsertUnit(unit) => check.unit(unit),
        Command::MoveUnit(movement) => {
            tidy_unit(&mut movement.unit);
            tidy_unit(&mut movement.new_parent);
        }
        Command::RenameUnit(rename) => {
            tidy_unit(&mut rename.unit);
            check.line(&mut rename.code, CODE_MAX, &["code"]);
        }
        Command::DeleteUnit(delete) => {
            check.note(&mut delete.reason, "reason");
            tidy_unit(&mut delete.unit);
        }
        Command::CloseUnit(close) => tidy_unit(&mut close.unit),
        Command::ReopenUnit(reopen) => tidy_unit(&mut reopen.unit),
        Command::UpsertPeriod(period) => check.period(period),
        Command::FinalizePeriod(finalize) => {
            tidy_period(&mut finalize.period);
            check.note(&mut finalize.note, "note");
        }
        Command::UpsertRule(rule) => check.rule(rule),
        Command::ConfirmAssessment(confirm) => {
            tidy_period(&mut confirm.period);
            check.note(&mut confirm.note, "note");
            if !confirm.confirmed && confirm.note.is_none() {
                check.refuse(Problem::TakenBackWithoutNote, owned(&["note"]));
            }
        }
    }
    if check.refusals.is_empty() {
        Ok(Prepared { command, digest, admitted: false })
    } else {
        Err(check.refusals)
    }
}

fn tidy_unit(unit: &mut UnitRef) {
    if let UnitRef::Code(code) = unit {
        *code = code_named(code);
    }
}

fn tidy_period(period: &mut PeriodRef) {
    if let PeriodRef::Code(code) = period {
        *code = code_named(code);
    }
}

/// Collects the faults, each at its place in the input.
struct Checks<'a> {
    fields: &'a Fields,
    refusals: Vec<Refusal>,
}

impl Checks<'_> {
    fn refuse(&mut self, problem: Problem, path: Vec<String>) {
        self.refusals.push(Refusal { problem, path });
    }

    fn length(&mut self, text: &str, max: usize, path: &[&str]) {
        let length = text.chars().count();
        if length > max {
            self.refuse(Problem::TooLong { length, max }, owned(path));
        }
    }

    /// A line that must say something.
    fn line(&mut self, text: &mut String, max: usize, path: &[&str]) {
        *text = normalise(text);
        if text.is_empty() {
            self.refuse(Problem::Empty, owned(path));
        }
        self.length(text, max, path);
    }

    /// A line that may be left out; an empty one is.
    fn maybe_line(&mut self, text: &mut Option<String>, max: usize, path: &[&str]) {
        if let Some(line) = text {
            *line = normalise(line);
            self.length(line, max, path);
        }
        if text.as_ref().is_some_and(String::is_empty) {
            *text = None;
        }
    }

    fn note(&mut self, text: &mut Option<String>, field: &str) {
        if let Some(note) = text {
            *note = normalise_lines(note);
            self.length(note, TEXT_MAX, &[field]);
        }
        if text.as_ref().is_some_and(String::is_empty) {
            *text = None;
        }
    }

    fn patched_line(&mut self, patch: &mut Patch<String>, max: usize, field: &str) {
        if let Patch::Set(line) = patch {
            *line = normalise(line);
            self.length(line, max, &[field]);
            if line.is_empty() {
                *patch = Patch::Clear;
            }
        }
    }

    fn kept<T>(&mut self, patch: &Patch<T>, field: &str) {
        if matches!(patch, Patch::Clear) {
            self.refuse(Problem::NotClearable, owned(&[field]));
        }
    }

    fn range(&mut self, number: i64, max: i64, path: &[&str]) {
        if number < 0 {
            self.refuse(Problem::TooSmall { min: 0 }, owned(path));
        } else if number > max {
            self.refuse(Problem::TooLarge { max }, owned(path));
        }
    }

    fn authors(&mut self, authors: &mut [NewAuthor]) {
        if authors.is_empty() {
            self.refuse(Problem::Empty, owned(&["authors"]));
        }
        if authors.len() > AUTHORS_MAX {
            let problem = Problem::TooMany { count: authors.len(), max: AUTHORS_MAX };
            self.refuse(problem, owned(&["authors"]));
            return;
        }
        for (place, author) in authors.iter_mut().enumerate() {
            let place = place.to_string();
            self.line(&mut author.name, NAME_MAX, &["authors", &place, "name"]);
            let code = &["authors", &place, "personCode"];
            self.maybe_line(&mut author.person_code, CODE_MAX, code);
            self.maybe_line(&mut author.contact, NAME_MAX, &["authors", &place, "contact"]);
        }
    }

    fn submit(&mut self, submit: &mut Submit) {
        tidy_unit(&mut submit.unit);
        self.line(&mut submit.key, CODE_MAX, &["key"]);
        self.line(&mut submit.title, TITLE_MAX, &["title"]);
        self.note(&mut submit.summary, "summary");
        self.maybe_line(&mut submit.field, NAME_MAX, &["field"]);
        self.field(submit.field.as_deref(), &["field"]);
        self.maybe_line(&mut submit.team, NAME_MAX, &["team"]);
        self.authors(&mut submit.authors);
        self.maybe_line(&mut submit.recognised_by, NAME_MAX, &["recognisedBy"]);
        if let Some(benefit) = submit.benefit_vnd {
            self.range(benefit, BENEFIT_MAX, &["benefitVnd"]);
        }
    }

    fn field(&mut self, field: Option<&str>, path: &[&str]) {
        if let Some(field) = field.filter(|field| !self.fields.admits(field)) {
            self.refuse(Problem::FieldNotFound(shortened(field)), owned(path));
        }
    }

    fn review(&mut self, review: &mut Review) {
        self.note(&mut review.note, "note");
        match (review.decision, review.reason) {
            (ReviewDecision::Reject, None) => {
                self.refuse(Problem::RejectionWithoutReason, owned(&["reason"]));
            }
            (ReviewDecision::Accept | ReviewDecision::Return, Some(_)) => {
                self.refuse(Problem::ReasonWithoutRejection, owned(&["reason"]));
            }
            _ => {}
        }
        if review.decision == ReviewDecision::Return && review.note.is_none() {
            self.refuse(Problem::ReturnWithoutNote, owned(&["note"]));
        }
    }

    fn revise(&mut self, revise: &mut Revise) {
        self.patched_line(&mut revise.title, TITLE_MAX, "title");
        self.kept(&revise.title, "title");
        if let Patch::Set(summary) = &mut revise.summary {
            *summary = normalise_lines(summary);
            self.length(summary, TEXT_MAX, &["summary"]);
            if summary.is_empty() {
                revise.summary = Patch::Clear;
            }
        }
        self.kept(&revise.kind, "kind");
        self.patched_line(&mut revise.field, NAME_MAX, "field");
        if let Patch::Set(field) = &revise.field {
            self.field(Some(field), &["field"]);
        }
        self.patched_line(&mut revise.team, NAME_MAX, "team");
        self.kept(&revise.authors, "authors");
        if let Patch::Set(authors) = &mut revise.authors {
            self.authors(authors);
        }
        self.patched_line(&mut revise.recognised_by, NAME_MAX, "recognisedBy");
        if let Patch::Set(benefit) = revise.benefit_vnd {
            self.range(benefit, BENEFIT_MAX, &["benefitVnd"]);
        }
    }

    fn targets(&mut self, targets: &mut SetTargets) {
        tidy_period(&mut targets.period);
        self.maybe_line(&mut targets.document_number, NAME_MAX, &["documentNumber"]);
        if targets.goals.is_empty() {
            self.refuse(Problem::Empty, owned(&["goals"]));
        }
        if targets.goals.len() > GOALS_MAX {
            let problem = Problem::TooMany { count: targets.goals.len(), max: GOALS_MAX };
            self.refuse(problem, owned(&["goals"]));
            return;
        }
        for (place, goal) in targets.goals.iter_mut().enumerate() {
            tidy_unit(&mut goal.unit);
            let place = place.to_string();
            let path = ["goals", place.as_str(), "field"];
            // A blank one would make it the target of the whole.
            if goal.part.field.as_ref().is_some_and(|field| field.trim().is_empty()) {
                self.refuse(Problem::Empty, owned(&path));
            }
            self.maybe_line(&mut goal.part.field, NAME_MAX, &path);
            // A target of a field that the list has no more can still be taken away.
            if goal.goal.is_some() {
                self.field(goal.part.field.as_deref(), &path);
            }
            match goal.goal {
                Some(Goal::Count(count)) => self.count(count, &place),
                Some(Goal::CountOfShare { count, from, to }) => {
                    self.count(count, &place);
                    self.percent(from, to, &place);
                }
                Some(Goal::PercentOfMembers { from, to }) => self.percent(from, to, &place),
                None => {}
            }
        }
    }

    fn count(&mut self, count: i32, place: &str) {
        let path = ["goals", place, "goal", "count"];
        self.range(i64::from(count), i64::from(i32::MAX), &path);
    }

    fn percent(&mut self, from: f64, to: Option<f64>, place: &str) {
        let upper = to.unwrap_or(from);
        // Written so that a number that is none fails as well.
        if !(from > 0.0 && from <= upper && upper <= 100.0) {
            let path = ["goals", place, "goal", "percentOfMembers"];
            self.refuse(Problem::BadPercent, owned(&path));
        }
    }

    fn unit(&mut self, unit: &mut UpsertUnit) {
        self.line(&mut unit.code, CODE_MAX, &["code"]);
        self.patched_line(&mut unit.name, NAME_MAX, "name");
        self.kept(&unit.name, "name");
        self.kept(&unit.kind, "kind");
        if let Patch::Set(parent) = &mut unit.parent {
            tidy_unit(parent);
        }
        self.patched_line(&mut unit.cluster, NAME_MAX, "cluster");
        if let Patch::Set(members) = unit.member_count {
            self.range(i64::from(members), i64::from(i32::MAX), &["memberCount"]);
        }
    }

    fn period(&mut self, period: &mut UpsertPeriod) {
        self.line(&mut period.code, CODE_MAX, &["code"]);
        self.patched_line(&mut period.name, NAME_MAX, "name");
        self.kept(&period.name, "name");
        self.kept(&period.kind, "kind");
        self.kept(&period.starts_on, "startsOn");
        self.kept(&period.ends_on, "endsOn");
        self.kept(&period.owner, "owner");
        self.kept(&period.metric, "metric");
        if let Patch::Set(owner) = &mut period.owner {
            tidy_unit(owner);
        }
        if let Patch::Set(parent) = &mut period.parent {
            tidy_period(parent);
        }
    }

    fn rule(&mut self, rule: &mut UpsertRule) {
        self.line(&mut rule.code, CODE_MAX, &["code"]);
        self.patched_line(&mut rule.name, NAME_MAX, "name");
        self.kept(&rule.name, "name");
        self.kept(&rule.owner, "owner");
        self.kept(&rule.per_cluster, "perCluster");
        self.kept(&rule.rank_by, "rankBy");
        if let Patch::Set(owner) = &mut rule.owner {
            tidy_unit(owner);
        }
        if let Patch::Set(kinds) = &mut rule.kinds
            && self.at_most(kinds.len(), RULE_KINDS_MAX, &["kinds"])
        {
            kinds.sort_unstable();
            kinds.dedup();
        }
        if rule.rank_by == Patch::Set(RankBy::Gained) {
            self.refuse(Problem::RankedByGained, owned(&["rankBy"]));
        }
        if let Patch::Set(top) = rule.top
            && top < 1
        {
            self.refuse(Problem::TooSmall { min: 1 }, owned(&["top"]));
        }
        if let Patch::Set(criteria) = &mut rule.criteria
            && self.at_most(criteria.len(), CRITERIA_MAX, &["criteria"])
        {
            for (place, criterion) in criteria.iter_mut().enumerate() {
                self.criterion(criterion, &place.to_string());
            }
        }
        if let Patch::Set(grades) = &mut rule.grades
            && self.at_most(grades.len(), GRADES_MAX, &["grades"])
        {
            self.grades(grades);
        }
    }

    /// Whether a list is short enough to be looked at.
    fn at_most(&mut self, count: usize, max: usize, path: &[&str]) -> bool {
        if count > max {
            self.refuse(Problem::TooMany { count, max }, owned(path));
        }
        count <= max
    }

    fn criterion(&mut self, criterion: &mut NewCriterion, place: &str) {
        let path = ["criteria", place, "steps"];
        if let Some(period) = &mut criterion.target_period {
            tidy_period(period);
            if criterion.measure != Measure::TargetRatio {
                let path = owned(&["criteria", place, "targetPeriod"]);
                self.refuse(Problem::TargetPeriodWithoutRatio, path);
            }
        }
        if criterion.steps.is_empty() {
            self.refuse(Problem::Empty, owned(&path));
        }
        if !self.at_most(criterion.steps.len(), STEPS_MAX, &path) {
            return;
        }
        // 80 for 80 % would be a step that nobody reaches.
        let most = match criterion.measure {
            Measure::AcceptedShare | Measure::Coverage => 1,
            _ => DECIMAL_MAX,
        };
        for (at, step) in criterion.steps.iter().enumerate() {
            let before = at.checked_sub(1).map(|before| &criterion.steps[before]);
            let at = at.to_string();
            if before.is_some_and(|before| !step.is_beyond(before)) {
                let path = owned(&["criteria", place, "steps", &at, "from"]);
                self.refuse(Problem::StepNotAbove, path);
            }
            self.decimal(step.from, most, &["criteria", place, "steps", &at, "from"]);
            self.decimal(step.points, POINTS_MAX, &["criteria", place, "steps", &at, "points"]);
        }
    }

    fn grades(&mut self, grades: &mut [Grade]) {
        for place in 0..grades.len() {
            let (before, rest) = grades.split_at_mut(place);
            let Some(grade) = rest.first_mut() else { continue };
            let at = place.to_string();
            self.line(&mut grade.label, NAME_MAX, &["grades", &at, "label"]);
            self.decimal(grade.points, POINTS_MAX, &["grades", &at, "points"]);
            if before.iter().any(|other| other.label == grade.label) {
                self.refuse(Problem::NamedTwice, owned(&["grades", &at, "label"]));
            }
            let worth = |grade: &Grade| (grade.points, grade.required);
            if before.iter().any(|other| worth(other) == worth(grade)) {
                self.refuse(Problem::NamedTwice, owned(&["grades", &at, "points"]));
            }
        }
    }

    fn decimal(&mut self, number: Decimal, max: i64, path: &[&str]) {
        if number > Decimal::whole(max) {
            self.refuse(Problem::BadDecimal { max }, owned(path));
        }
    }
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(|&step| step.to_owned()).collect()
}

/// The digest of a submission's content: equal for the same submission however its texts are spelled, different
/// for any other, up to the odds of 128 bits.
fn digest_of(submit: &Submit) -> String {
    let authors: Vec<_> = submit
        .authors
        .iter()
        .map(|author| json!([author.name, author.person_code, author.group, author.contact]))
        .collect();
    let content = json!([
        submit.title,
        submit.summary,
        submit.kind,
        submit.field,
        submit.team,
        authors,
        submit.applied_on,
        submit.recognised_by,
        submit.confidential,
        submit.benefit_vnd,
    ]);
    hex(&Sha256::digest(content.to_string())[..16])
}

/// The digest of the state that an import comes with.
fn digest_of_state(import: &Import) -> String {
    let state = json!([
        import.submitted_at,
        import.status,
        import.rejection_reason,
        import.review_note,
        import.featured,
        import.reviewed_at,
    ]);
    hex(&Sha256::digest(state.to_string())[..16])
}
