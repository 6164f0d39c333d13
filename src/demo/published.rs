//! The published counts of the programme: `data/progress.csv`.

use serde::Deserialize;

use super::calendar::{LAST_DAY, day};
use crate::domain::{Day, Timestamp};

/// The number of initiatives that had been entered before a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The code of a direct unit; `None` for the whole country.
    pub unit: Option<String>,
    pub before: Timestamp,
    pub count: u32,
}

/// The rows that are counted at another moment than they state.
///
/// Two figures were published for the whole country on 31/5/2022: 654,921 without an hour and 696,948 for 24:00. Both
/// hold if the first is of the evening before; then 42,027 were entered on the last day, as the reports state.
const READ_AS_OF_THE_DAY_BEFORE: [(&str, &str); 1] = [("national", "2022-05-31")];

#[derive(Deserialize)]
struct Row {
    as_of: String,
    programme: String,
    metric: String,
    cumulative: u32,
    scope: String,
}

/// Every count of initiatives entered in the programme, in order of time. "At least" and "about" are taken at their
/// word; figures published after the last day count as of its end.
pub fn published() -> Vec<Published> {
    let mut counts: Vec<Published> =
        csv::Reader::from_reader(include_bytes!("../../data/progress.csv").as_slice())
            .into_deserialize::<Row>()
            .map(|row| row.expect("the embedded file has these columns"))
            .filter(|row| row.programme == "1m" && row.metric == "submitted")
            .map(|row| Published {
                before: row.before(),
                count: row.cumulative,
                unit: (row.scope != "national").then_some(row.scope),
            })
            .collect();
    counts.sort_by_key(|count| count.before);
    counts
}

impl Row {
    /// The moment before which the row counts. A row with a day alone is of the end of that day.
    fn before(&self) -> Timestamp {
        let is_of_the_day_before =
            READ_AS_OF_THE_DAY_BEFORE.contains(&(self.scope.as_str(), self.as_of.as_str()));
        let moment = match Day::parse(&self.as_of) {
            Ok(day) if is_of_the_day_before => day.start(),
            Ok(day) => day.plus(1).start(),
            Err(_) => Timestamp::parse(&self.as_of).expect("the file has days and moments"),
        };
        moment.min(LAST_DAY.plus(1).start())
    }
}

/// Counts that the file does not have. Made up: the counts on 26/3/2022 of units that were not among that day's eight
/// leaders, although their later counts would have put them there. Printed without a day: the final count of Bắc Giang
/// ("over 114,000").
pub fn beside_the_file() -> Vec<Published> {
    [
        ("ldld-ho-chi-minh", "2022-03-27", 1_650),
        ("ldld-dong-nai", "2022-03-27", 1_120),
        ("ldld-bac-giang", "2022-03-27", 1_380),
        ("ldld-bac-giang", "2023-09-01", 114_000),
    ]
    .map(|(unit, before, count)| Published {
        unit: Some(unit.to_owned()),
        before: day(before).start(),
        count,
    })
    .to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_has_its_moment() {
        let counts = published();
        assert_eq!(counts.len(), 35);
        let national: Vec<(String, u32)> = counts
            .iter()
            .filter(|count| count.unit.is_none())
            .map(|count| (count.before.to_rfc3339(), count.count))
            .collect();
        let expected = [
            ("2022-01-09T00:00:00.000+07:00", 23),
            ("2022-05-12T00:00:00.000+07:00", 300_000),
            ("2022-05-31T00:00:00.000+07:00", 654_921),
            ("2022-06-01T00:00:00.000+07:00", 696_948),
            ("2022-10-03T15:34:00.000+07:00", 1_000_000),
            ("2023-09-01T00:00:00.000+07:00", 2_400_000),
        ];
        assert_eq!(national, expected.map(|(at, count)| (at.to_owned(), count)));
        let ha_noi: Vec<u32> = counts
            .iter()
            .filter(|count| count.unit.as_deref() == Some("ldld-ha-noi"))
            .map(|count| count.count)
            .collect();
        assert_eq!(ha_noi, [4_554, 130_569, 201_129]);
    }
}
