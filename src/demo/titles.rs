//! Titles made of parts (`data/title_parts.csv`): an opening, a matter, whom or what it is for, and by what means.
//! Each trade, and each level of school, has parts of its own, of which it makes a thousand titles and more.

use std::collections::HashMap;

use fastrand::Rng;
use serde::Deserialize;

use super::chance::{chance, pick};
use super::places::rows;
use crate::domain::initiative::InitiativeKind;

const YEARS: [&str; 6] = ["", "", "", " năm 2021", " năm 2022", " giai đoạn 2021 - 2022"];

/// A row of the file; a bar stands between the parts of a kind.
#[derive(Deserialize)]
struct Row {
    trade: String,
    field: String,
    style: Style,
    openings: String,
    matters: String,
    objects: String,
    means: String,
}

/// The side of working life, which says what kinds of initiatives are usual.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Style {
    Teaching,
    Office,
    Works,
}

/// The parts of a trade's titles.
pub struct Parts {
    /// The field of work of all of them.
    pub field: String,
    style: Style,
    /// One of each list, in this order, makes a title.
    lists: [Vec<String>; 4],
}

/// The parts of all trades.
pub struct Titles(HashMap<String, Parts>);

impl Titles {
    pub fn read() -> Self {
        let rows: Vec<Row> = rows(include_str!("../../data/title_parts.csv"));
        let parts = rows.into_iter().map(|row| {
            let Row { trade, field, style, openings, matters, objects, means } = row;
            let lists = [openings, matters, objects, means];
            let lists = lists.map(|list| list.split('|').map(str::to_owned).collect());
            (trade, Parts { field, style, lists })
        });
        Self(parts.collect())
    }

    /// # Panics
    /// If the file has no such trade.
    pub fn of(&self, trade: &str) -> &Parts {
        &self.0[trade]
    }
}

impl Parts {
    /// A title, often with the name of the workplace or with a year.
    pub fn title(&self, rng: &mut Rng, place: Option<&str>) -> String {
        let parts = self.lists.each_ref().map(|list| pick(rng, list).as_str());
        let place = place.filter(|_| chance(rng, 0.7));
        let place = place.map(|place| format!(" tại {place}")).unwrap_or_default();
        format!("{}{place}{}", parts.join(" "), pick(rng, &YEARS))
    }

    pub fn kind(&self, rng: &mut Rng) -> InitiativeKind {
        use InitiativeKind::{
            Idea, Management, Operational, Research, Technical, TechnologyApplication,
        };
        let usual = match self.style {
            Style::Teaching => [Operational, Operational, Management],
            Style::Office => [Management, Operational, TechnologyApplication],
            Style::Works => [Technical, Technical, TechnologyApplication],
        };
        match rng.u32(..100) {
            0..4 => Idea,
            4..8 => Research,
            _ => *pick(rng, &usual),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_trade_has_a_thousand_titles_and_more_which_no_other_has() {
        let mut seen: HashSet<String> = HashSet::new();
        let titles = Titles::read();
        for (trade, parts) in &titles.0 {
            let mut own = HashSet::new();
            let [openings, matters, objects, means] = &parts.lists;
            for opening in openings {
                assert!(opening.chars().next().unwrap().is_uppercase(), "{trade}: {opening}");
                for matter in matters {
                    for object in objects {
                        for mean in means {
                            own.insert(format!("{opening} {matter} {object} {mean}"));
                        }
                    }
                }
            }
            let all: usize = parts.lists.iter().map(Vec::len).product();
            assert!(own.len() == all && all >= 1_000, "{trade}: {} of {all}", own.len());
            for title in own {
                assert!(!title.contains("  ") && !title.contains('|'), "{title}");
                assert!(seen.insert(title.clone()), "{trade}: {title}");
            }
        }
        assert!(seen.len() > 50_000, "{}", seen.len());
    }
}
