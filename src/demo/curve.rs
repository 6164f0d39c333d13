//! The curves: how many initiatives each direct unit has entered at any moment. A curve never falls, goes through
//! every published count, and sums up with the others to the national counts.
//!
//! Between two counts of its own a unit keeps step with the country. The rest of the country's count is shared by
//! weight among the units without a later count.

use super::activity::Activity;
use super::calendar::LAST_DAY;
use super::published::{Published, beside_the_file, published};
use crate::domain::Timestamp;

/// A direct unit, for which a curve is drawn.
#[derive(Debug, Clone)]
pub struct DirectUnit {
    pub code: String,
    /// The unit's part of initiatives that were published for no unit, relative to the others' weights.
    pub weight: f64,
}

pub struct Curves {
    activity: Activity,
    /// The level of activity at each moment with a published count, from zero on.
    levels: Vec<f64>,
    /// The count of each unit at each level.
    counts: Vec<Vec<u32>>,
}

impl Curves {
    /// # Panics
    /// If the published counts cannot all be true of these units.
    pub fn new(units: &[DirectUnit]) -> Self {
        let activity = Activity::new();
        let mut known: Vec<Published> = published().into_iter().chain(beside_the_file()).collect();
        known.sort_by_key(|known| known.before);
        let of = |unit: Option<&str>| {
            let own = known.iter().filter(|known| known.unit.as_deref() == unit);
            let points = own.map(|known| (activity.level(known.before), known.count));
            Points(points.collect())
        };
        let country = of(None);
        let own: Vec<Points> = units.iter().map(|unit| of(Some(&unit.code))).collect();
        let weights: Vec<f64> = units.iter().map(|unit| unit.weight).collect();

        let mut levels = vec![0.0];
        let mut rows = vec![vec![0; units.len()]];
        for level in known.iter().map(|known| activity.level(known.before)) {
            let before = levels[levels.len() - 1];
            if level > before {
                rows.push(next_row(
                    &rows[rows.len() - 1],
                    [before, level],
                    &country,
                    &own,
                    &weights,
                ));
                levels.push(level);
            }
        }
        let counts = (0..units.len()).map(|unit| rows.iter().map(|row| row[unit]).collect());
        Self { activity, levels, counts: counts.collect() }
    }

    /// The unit's final count.
    pub fn end(&self, unit: usize) -> f64 {
        self.counts[unit].last().copied().map_or(0.0, f64::from)
    }

    /// The moment at which the unit's count reaches `count`; within the programme.
    pub fn moment(&self, unit: usize, count: f64) -> Timestamp {
        let own = &self.counts[unit];
        let to = own.partition_point(|&known| f64::from(known) <= count).clamp(1, own.len() - 1);
        let (start, end) = (f64::from(own[to - 1]), f64::from(own[to]));
        let share = ((count - start) / (end - start)).clamp(0.0, 1.0);
        let level = self.levels[to - 1] + (self.levels[to] - self.levels[to - 1]) * share;
        self.activity.moment(level).min(Timestamp(LAST_DAY.plus(1).start().0 - 1))
    }
}

/// The published counts of one unit, or of the country: pairs of a level of activity and a count.
struct Points(Vec<(f64, u32)>);

impl Points {
    /// The count at `level`, by even steps from one point to the next.
    fn at(&self, level: f64) -> f64 {
        let to = self.0.partition_point(|&(point, _)| point < level);
        let (start, had) = if to == 0 { (0.0, 0) } else { self.0[to - 1] };
        let Some(&(end, has)) = self.0.get(to) else { return f64::from(had) };
        f64::from(had) + f64::from(has - had) * (level - start) / (end - start)
    }

    /// The first point at `level` or later.
    fn next(&self, level: f64) -> Option<(f64, u32)> {
        self.0.iter().find(|&&(point, _)| point >= level).copied()
    }
}

/// The counts of all units at the level `to`, when `row` holds those at `from`.
fn next_row(
    row: &[u32],
    [from, to]: [f64; 2],
    country: &Points,
    own: &[Points],
    weights: &[f64],
) -> Vec<u32> {
    let whole = rounded(country.at(to));
    // Units with a later count keep step with the country.
    let mut next: Vec<Option<u32>> = Vec::new();
    for (&had, points) in row.iter().zip(own) {
        next.push(points.next(to).map(|(level, count)| {
            let way = country.at(level) - country.at(from);
            let gone = country.at(to) - country.at(from);
            had + rounded(f64::from(count - had) * (gone / way).min(1.0))
        }));
    }
    let open = |unit: &usize| next[*unit].is_none();
    let had_by_open: u32 = (0..row.len()).filter(open).map(|unit| row[unit]).sum();
    let taken: u32 = next.iter().flatten().sum();
    let rest = whole
        .checked_sub(taken + had_by_open)
        .expect("the units' published counts are no more than the country's");
    let open_weights: Vec<f64> = (0..row.len()).filter(open).map(|unit| weights[unit]).collect();
    let mut parts = share(rest, &open_weights).into_iter();
    let keep_or_share = |(had, next): (&u32, Option<u32>)| {
        next.unwrap_or_else(|| had + parts.next().expect("one part for each that is open"))
    };
    row.iter().zip(next).map(keep_or_share).collect()
}

/// Parts of `total` in proportion to `weights`, which sum up to `total`.
pub fn share(total: u32, weights: &[f64]) -> Vec<u32> {
    let whole: f64 = weights.iter().sum();
    let (mut given, mut seen) = (0, 0.0);
    let last = weights.len().saturating_sub(1);
    let part = |(place, weight): (usize, &f64)| {
        seen += weight;
        let due = if place == last { total } else { rounded(f64::from(total) * seen / whole) };
        let part = due - given;
        given = due;
        part
    };
    weights.iter().enumerate().map(part).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of people")]
pub fn rounded(count: f64) -> u32 {
    (count + 0.5) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_sum_up() {
        assert_eq!(share(10, &[1.0, 1.0, 1.0]), [3, 4, 3]);
        assert_eq!(share(5_000, &[7.0, 0.0, 93.0]), [350, 0, 4_650]);
        let mut rng = fastrand::Rng::with_seed(1);
        for _ in 0..1_000 {
            let weights: Vec<f64> = (0..rng.usize(1..50)).map(|_| rng.f64()).collect();
            let total = rng.u32(..1_000_000);
            assert_eq!(share(total, &weights).iter().sum::<u32>(), total);
        }
        assert!(share(0, &[]).is_empty());
    }

    /// No curve falls, and the sum is the country's, whatever the weights are.
    #[test]
    fn curves_never_fall_and_sum_up() {
        let mut rng = fastrand::Rng::with_seed(2);
        let published = published();
        let mut codes: Vec<&str> =
            published.iter().filter_map(|known| known.unit.as_deref()).collect();
        codes.sort_unstable();
        codes.dedup();
        for _ in 0..50 {
            let others = (0..rng.u32(1..60)).map(|number| format!("other-{number}"));
            let units: Vec<DirectUnit> = codes
                .iter()
                .map(|&code| code.to_owned())
                .chain(others)
                .map(|code| DirectUnit { code, weight: 0.01 + rng.f64() * 1_000.0 })
                .collect();
            let curves = Curves::new(&units);
            for own in &curves.counts {
                assert!(own.is_sorted());
            }
            let activity = Activity::new();
            for known in &published {
                let level = activity.level(known.before);
                let row = curves.levels.iter().position(|&at| at >= level).unwrap();
                let count: u32 = match &known.unit {
                    None => curves.counts.iter().map(|own| own[row]).sum(),
                    Some(code) => {
                        let unit = units.iter().position(|unit| unit.code == *code).unwrap();
                        curves.counts[unit][row]
                    }
                };
                assert_eq!(count, known.count, "{known:?}");
            }
        }
    }
}
