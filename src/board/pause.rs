//! Pauses: long work lets others go on in between.

/// Long work over many units asks it again and again.
pub trait Pause: Sync {
    /// May take as long as others need.
    ///
    /// # Errors
    /// When nobody waits for the result any more.
    fn pause(&self) -> Result<(), Stopped>;
}

/// Nobody waits for the result any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped;

/// For work that has a thread for itself.
#[derive(Debug, Clone, Copy)]
pub struct Unhurried;

impl Pause for Unhurried {
    fn pause(&self) -> Result<(), Stopped> {
        Ok(())
    }
}

/// Units from one pause to the next: less than a millisecond.
pub(super) const PAUSE_EACH: usize = 1_024;

/// Sorts as `sort_by` does, with pauses.
pub(super) fn sort_with_pauses<T>(
    rows: &mut [T],
    pause: &dyn Pause,
    mut compare: impl FnMut(&T, &T) -> std::cmp::Ordering,
) -> Result<(), Stopped> {
    let mut compared = 0usize;
    rows.sort_by(|a, b| {
        compared += 1;
        if compared.is_multiple_of(16 * PAUSE_EACH) {
            // Half of an order is none: it stops behind it.
            let _stopped = pause.pause();
        }
        compare(a, b)
    });
    pause.pause()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    use futures_util::FutureExt as _;

    use super::*;
    use crate::board::{
        BoardBuilder, Direction, OrderBy, RankBy, RankingKey, SearchText, Snapshot, Stamp,
        UnitFilter, UnitListKey, UnitOrder, UnitScope,
    };
    use crate::domain::period::{Metric, PeriodKind};
    use crate::domain::unit::UnitKind;
    use crate::domain::{Day, Period, PeriodId, Unit, UnitId};

    const UNITS: u32 = 20_000;

    /// Stops at the last pause that it allows.
    struct Allowed(AtomicUsize);

    impl Pause for Allowed {
        fn pause(&self) -> Result<(), Stopped> {
            let left = self.0.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1));
            left.map(|_| ()).map_err(|_| Stopped)
        }
    }

    fn board() -> Snapshot {
        let day = Day::parse("2022-05-10").unwrap();
        let mut builder = BoardBuilder::default();
        builder.day(day, Stamp::default());
        for id in 1..=UNITS {
            let unit = Unit {
                id: UnitId(id),
                code: format!("{}", u64::from(id) * 7_919 % 100_003),
                name: format!("Tổ {}", u64::from(id) * 104_729 % 99_991),
                kind: UnitKind::GrassrootsUnion,
                parent: (id > 1).then_some(UnitId(1)),
                cluster: None,
                sector: None,
                foreign_invested: false,
                member_count: None,
                closed_on: None,
                placeholder: false,
                deleted: false,
            };
            builder.unit(unit, Stamp::default());
        }
        let period = Period {
            id: PeriodId(1),
            code: "p".to_owned(),
            name: "p".to_owned(),
            kind: PeriodKind::Programme,
            starts_on: day.plus(-9),
            ends_on: day.plus(9),
            owner: UnitId(1),
            parent: None,
            metric: Metric::Submitted,
            applied_from: None,
            applied_until: None,
            placeholder: false,
        };
        builder.period(period, Stamp::default());
        builder.build(Stamp::default(), 0).snapshot()
    }

    /// Each of these goes through all units, pauses many times, stops at any of them, and can be asked for again.
    #[test]
    fn what_goes_through_all_units_pauses_and_stops() {
        let board = board();
        let key = |rank_by| RankingKey {
            within: UnitId(1),
            kinds: vec![UnitKind::GrassrootsUnion],
            cluster: None,
            period: PeriodId(1),
            rank_by,
            as_of: None,
            since: board.today(),
        };
        let list = |by, text: Option<&str>| UnitListKey {
            scope: UnitScope::Everything,
            filter: UnitFilter {
                text: text.map(|text| SearchText::new(text).unwrap()),
                ..UnitFilter::default()
            },
            order: UnitOrder { by, direction: Direction::Ascending },
            period: Some(PeriodId(1)),
            as_of: None,
        };
        let text = SearchText::new("to").unwrap();
        let ranked = |pause: &Allowed| {
            board
                .ranking(&key(RankBy::Submitted), pause)
                .now_or_never()
                .unwrap()
                .map(|it| it.rows.len())
        };
        let listed = |by, text: Option<&'static str>| {
            let (board, list) = (&board, &list);
            move |pause: &Allowed| {
                let listing = board.listing(&list(by, text), pause).now_or_never().unwrap();
                listing.map(|it| it.rows.len())
            }
        };
        let searched =
            |pause: &Allowed| board.search(&text, UnitId(1), 500, pause).map(|it| it.len());
        let all = UNITS as usize;
        type Scan<'a> = Box<dyn Fn(&Allowed) -> Result<usize, Stopped> + 'a>;
        let counted = |pause: &Allowed| {
            let figures = board.day_end(PeriodId(1), board.today().plus(-1), pause);
            figures.now_or_never().unwrap().map(|_| all)
        };
        let scans: [(&str, usize, Scan<'_>); 7] = [
            ("figures of a past day", all, Box::new(counted)),
            ("ranking", all - 1, Box::new(ranked)),
            ("by name", all, Box::new(listed(OrderBy::Name, None))),
            ("by members", all, Box::new(listed(OrderBy::MemberCount, None))),
            ("by a count", all, Box::new(listed(OrderBy::Submitted, None))),
            ("with a text", all, Box::new(listed(OrderBy::Code, Some("to")))),
            ("search", 500, Box::new(searched)),
        ];
        for (what, rows, scan) in scans {
            for allowed in [0, 1, 5, 15] {
                let stopped = scan(&Allowed(AtomicUsize::new(allowed)));
                assert_eq!(stopped, Err(Stopped), "{what}, {allowed}");
            }
            let pause = Allowed(AtomicUsize::new(usize::MAX));
            assert_eq!(scan(&pause), Ok(rows), "{what}");
            assert!(usize::MAX - pause.0.into_inner() >= all / PAUSE_EACH, "{what}");
        }
    }
}
