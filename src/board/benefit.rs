//! Sums of yearly benefits, which cannot overflow.

use crate::limits::LONG_MAX;

/// A sum of benefits in đồng; a difference may be negative. It has 96 bits, so it holds as many benefits
/// of 64 bits as a count of 32 bits can number, and in rows of counts it takes no more room than 64 bits
/// would. A saturating sum would not do: an initiative that is withdrawn must take away what it added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BenefitSum {
    low: u32,
    middle: u32,
    /// The highest bits, with the sign.
    high: i32,
}

impl BenefitSum {
    pub const fn of(benefit: i64) -> Self {
        Self::from_i128(benefit as i128)
    }

    /// The sum of at most as many benefits as a count of 32 bits can number.
    pub const fn of_sum(sum: i128) -> Self {
        Self::from_i128(sum)
    }

    pub const fn get(self) -> i128 {
        ((self.high as i128) << 64) | ((self.middle as i128) << 32) | self.low as i128
    }

    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self::from_i128(self.get() + other.get())
    }

    #[must_use]
    pub const fn times(self, factor: i32) -> Self {
        Self::from_i128(self.get() * factor as i128)
    }

    /// The value as a `Long` of the schema; one beyond 2^53-1 is clamped to that.
    #[expect(clippy::cast_possible_truncation, reason = "it was brought within 54 bits")]
    pub fn shown(self) -> i64 {
        self.get().clamp(-i128::from(LONG_MAX), LONG_MAX.into()) as i64
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "cut into three parts"
    )]
    const fn from_i128(sum: i128) -> Self {
        Self { low: sum as u32, middle: (sum >> 32) as u32, high: (sum >> 64) as i32 }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::board::{
        BoardBuilder, Counted, RankBy, RankValues, RankingKey, Stamp, Traits, Unhurried,
    };
    use crate::domain::initiative::InitiativeKind;
    use crate::domain::period::{Metric, PeriodKind};
    use crate::domain::unit::UnitKind;
    use crate::domain::{Day, InitiativeId, InitiativeStatus, Period, PeriodId, Unit, UnitId};

    fn unit(id: u32, parent: Option<UnitId>) -> Unit {
        Unit {
            id: UnitId(id),
            code: id.to_string(),
            name: id.to_string(),
            kind: UnitKind::GrassrootsUnion,
            parent,
            cluster: None,
            sector: None,
            foreign_invested: false,
            member_count: None,
            closed_on: None,
            placeholder: false,
            deleted: false,
        }
    }

    /// Debug builds panic where a sum overflows, release builds would show another.
    #[test]
    fn a_board_adds_up_more_than_64_bits() {
        let day = Day::parse("2022-05-10").unwrap();
        let (root, one, other) = (UnitId(1), UnitId(2), UnitId(3));
        let mut builder = BoardBuilder::default();
        builder.day(day, Stamp::default());
        builder.unit(unit(1, None), Stamp::default());
        builder.unit(unit(2, Some(root)), Stamp::default());
        builder.unit(unit(3, Some(root)), Stamp::default());
        let period = Period {
            id: PeriodId(1),
            code: "p".to_owned(),
            name: "p".to_owned(),
            kind: PeriodKind::Programme,
            starts_on: day.plus(-9),
            ends_on: day.plus(9),
            owner: root,
            parent: None,
            metric: Metric::Submitted,
            applied_from: None,
            applied_until: None,
            placeholder: false,
        };
        builder.period(period, Stamp::default());
        for (unit, benefit) in [(one, i64::MAX), (one, i64::MAX), (other, i64::MAX)] {
            let state = Counted {
                unit,
                status: InitiativeStatus::Accepted,
                submitted_at: day.start(),
                benefit_vnd: Some(benefit),
                people: &[],
            };
            let traits = Traits::of_kind(InitiativeKind::Idea);
            builder.initiative(InitiativeId(1), state, traits, Stamp::default());
        }
        let board = builder.build(Stamp::default(), 0).snapshot();
        let sum = |unit| board.cell(unit, PeriodId(1)).counts().benefit_vnd;
        assert_eq!(sum(root).get(), 3 * i128::from(i64::MAX));
        assert_eq!(sum(root).shown(), LONG_MAX);
        let key = RankingKey {
            within: root,
            kinds: Vec::new(),
            cluster: None,
            period: PeriodId(1),
            rank_by: RankBy::Benefit,
            as_of: None,
            since: day,
        };
        let ranking = board.ranking(&key, &Unhurried).now_or_never().unwrap().unwrap();
        let rows: Vec<_> = ranking.rows.iter().map(|row| (row.unit, row.rank)).collect();
        assert_eq!(rows, [(one, 1), (other, 2)]);
        assert!(ranking.rows[0].value > 1.8e19, "{:?}", ranking.rows);
    }

    #[test]
    fn as_many_as_can_be_counted_are_summed_exactly() {
        let most = BenefitSum::of(i64::MAX).times(i32::MAX);
        assert_eq!(most.get(), i128::from(i64::MAX) * i128::from(i32::MAX));
        assert_eq!(most.times(-1).get(), -most.get());
        assert_eq!(most.plus(most.times(-1)), BenefitSum::default());
        for sum in [0, 1, -1, i64::MIN, i64::MAX, 1 << 31, 1 << 32, -(1 << 32), (1 << 32) - 1] {
            assert_eq!(BenefitSum::of(sum).get(), i128::from(sum));
            assert_eq!(BenefitSum::of(sum).plus(BenefitSum::of(1)).get(), i128::from(sum) + 1);
        }
        assert!(size_of::<RankValues>() <= 32, "rows of counts are many");
    }

    #[test]
    fn it_is_shown_within_what_json_holds() {
        for (sum, shown) in [
            (BenefitSum::of(LONG_MAX), LONG_MAX),
            (BenefitSum::of(LONG_MAX).plus(BenefitSum::of(1)), LONG_MAX),
            (BenefitSum::of(i64::MAX).times(i32::MAX), LONG_MAX),
            (BenefitSum::of(i64::MAX).times(-i32::MAX), -LONG_MAX),
            (BenefitSum::of(-5), -5),
        ] {
            assert_eq!(sum.shown(), shown);
        }
    }
}
