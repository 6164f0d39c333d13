//! The names of units: in which order they stand, and how they are found.
//!
//! Kept beside the units and persistent like them: a change of one name copies one page of
//! references. The sort key and the folded words of a name are computed when they are first asked
//! for, and stay until the name changes, in every snapshot that shares the name.

use std::sync::{Arc, LazyLock, OnceLock};

use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorBorrowed};
use icu_locale_core::locale;
use memchr::memmem::Finder;

use super::pause::{Pause, Stopped};
use crate::domain::text::fold;
use crate::domain::{Unit, UnitId};
use crate::limits::SEARCH_WORDS_MAX;

/// Units of a page: what one change of a name copies, and one piece of the text that is searched.
const PAGE: usize = 256;

#[derive(Debug, Clone, Default)]
pub struct Names {
    pages: Arc<Vec<Arc<Page>>>,
}

#[derive(Debug, Clone, Default)]
struct Page {
    /// The names by number of the unit within the page.
    names: Vec<Option<Arc<Name>>>,
    lines: OnceLock<Lines>,
}

#[derive(Debug)]
struct Name {
    /// The unit as it was when it got the name.
    unit: Arc<Unit>,
    sort_key: OnceLock<Box<[u8]>>,
}

/// The folded words of a page's units, each behind a space: a line for each unit.
#[derive(Debug, Clone)]
struct Lines {
    text: String,
    /// The start of each place's line; one more for the end.
    starts: Vec<usize>,
}

impl Names {
    /// Takes over the unit's name and code, where they changed.
    pub fn put(&mut self, unit: &Arc<Unit>) {
        let (page, place) = (unit.id.index() / PAGE, unit.id.index() % PAGE);
        if self
            .get(unit.id)
            .is_some_and(|name| name.unit.name == unit.name && name.unit.code == unit.code)
        {
            return;
        }
        let pages = Arc::make_mut(&mut self.pages);
        if pages.len() <= page {
            pages.resize_with(page + 1, Arc::default);
        }
        let page = Arc::make_mut(&mut pages[page]);
        if page.names.len() <= place {
            page.names.resize_with(place + 1, || None);
        }
        page.names[place] =
            Some(Arc::new(Name { unit: Arc::clone(unit), sort_key: OnceLock::new() }));
        page.lines = OnceLock::new();
    }

    /// Forgets the unit's name and code.
    pub fn remove(&mut self, unit: UnitId) {
        let (page, place) = (unit.index() / PAGE, unit.index() % PAGE);
        if self.get(unit).is_some() {
            let page = Arc::make_mut(&mut Arc::make_mut(&mut self.pages)[page]);
            page.names[place] = None;
            page.lines = OnceLock::new();
        }
    }

    fn get(&self, unit: UnitId) -> Option<&Name> {
        let page = self.pages.get(unit.index() / PAGE)?;
        page.names.get(unit.index() % PAGE)?.as_deref()
    }

    /// The key of the unit in alphabetical order, compared byte by byte; empty if there is no such
    /// unit.
    pub fn sort_key(&self, unit: UnitId) -> &[u8] {
        self.get(unit).map_or(&[], |name| {
            name.sort_key.get_or_init(|| sort_key(&name.unit.name).into_boxed_slice())
        })
    }

    /// Name and code of the unit, folded.
    pub fn folded(&self, unit: UnitId) -> (&str, &str) {
        let line = self.pages.get(unit.index() / PAGE).and_then(|page| {
            let lines = page.lines.get_or_init(|| Lines::of(&page.names));
            lines.line(unit.index() % PAGE)
        });
        let (name, code) = line.and_then(|line| line.split_once('\t')).unwrap_or_default();
        (name.trim_start(), code.trim_start())
    }

    /// Works out all that would be worked out when first asked for: half a second's work after a
    /// start with a hundred thousand units, that nobody need wait for.
    pub fn work_out(&self) {
        for page in self.pages.iter() {
            page.lines.get_or_init(|| Lines::of(&page.names));
            for name in page.names.iter().flatten() {
                self.sort_key(name.unit.id);
            }
        }
    }

    /// A mask for each unit, by number, of the words that begin a word of its name or code.
    ///
    /// # Errors
    /// When nobody waits for it any more.
    ///
    /// # Panics
    /// If there are more words than [`SEARCH_WORDS_MAX`].
    pub(super) fn matches(&self, words: &[&str], pause: &dyn Pause) -> Result<Vec<u32>, Stopped> {
        assert!(words.len() <= SEARCH_WORDS_MAX, "the words fit into the bits");
        let mut matches = vec![0; self.pages.len() * PAGE];
        for (bit, word) in words.iter().enumerate() {
            let needle = format!(" {word}");
            let finder = Finder::new(&needle);
            for (page, found) in self.pages.iter().zip(matches.chunks_mut(PAGE)) {
                pause.pause()?;
                let lines = page.lines.get_or_init(|| Lines::of(&page.names));
                lines.mark(&finder, |place| found[place] |= 1 << bit);
            }
        }
        Ok(matches)
    }
}

impl Lines {
    fn of(names: &[Option<Arc<Name>>]) -> Self {
        let (mut text, mut starts) = (String::new(), Vec::with_capacity(names.len() + 1));
        for name in names {
            starts.push(text.len());
            if let Some(Name { unit, .. }) = name.as_deref() {
                text.extend([" ", &fold(&unit.name), "\t ", &fold(&unit.code), "\n"]);
            }
        }
        starts.push(text.len());
        Self { text, starts }
    }

    fn line(&self, place: usize) -> Option<&str> {
        let (&start, &end) = (self.starts.get(place)?, self.starts.get(place + 1)?);
        Some(self.text[start..end].trim_end())
    }

    /// Tells each place whose line holds the needle, once.
    fn mark(&self, finder: &Finder<'_>, mut found: impl FnMut(usize)) {
        let (mut from, mut place) = (0, 0);
        while let Some(hit) = finder.find(&self.text.as_bytes()[from..]) {
            place += self.starts[place..].partition_point(|&start| start <= from + hit) - 1;
            found(place);
            place += 1;
            from = self.starts[place];
        }
    }
}

/// Bytes that stand in the alphabetical order of Vietnamese: a ă â b c d đ e ê …, and of what is
/// otherwise the same: ngang, huyền, hỏi, ngã, sắc, nặng.
pub fn sort_key(text: &str) -> Vec<u8> {
    static COLLATOR: LazyLock<CollatorBorrowed<'static>> = LazyLock::new(|| {
        Collator::try_new(locale!("vi").into(), CollatorOptions::default())
            .expect("the order of Vietnamese is built in")
    });
    let mut key = Vec::with_capacity(text.len() * 2);
    let Ok(()) = COLLATOR.write_sort_key_to(text, &mut key);
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::Unhurried;

    fn unit(number: u32, code: &str, name: &str) -> Arc<Unit> {
        Arc::new(Unit {
            id: UnitId(number),
            code: code.to_owned(),
            name: name.to_owned(),
            kind: crate::domain::unit::UnitKind::Section,
            parent: None,
            cluster: None,
            sector: None,
            foreign_invested: false,
            member_count: None,
            closed_on: None,
            placeholder: false,
            deleted: false,
        })
    }

    #[test]
    fn the_order_is_that_of_the_vietnamese_alphabet() {
        // Letters first, all through the name; then tones; then case.
        let sorted = [
            "",
            "1",
            "10",
            "2",
            "An Giang",
            "an giang Đông",
            "Anh Sơn",
            "Ăn Nói",
            "Ân Thi",
            "Bà Rịa",
            "Bạc Liêu",
            "Cà Mau",
            "Chợ Mới",
            "Cư Kuin",
            "Da Lat",
            "Dĩ An",
            "Đà Lạt",
            "Đà Nẵng",
            "Đắk Lắk",
            "Đồng Nai",
            "Đồng Nại",
            "Đồng Tháp",
            "Ea Kar",
            "Ê A",
            "Hoa",
            "Hòa",
            "Hỏa",
            "Hõa",
            "Hóa",
            "Họa",
            "hoà bình",
            "Khánh Hòa",
            "Kim Bôi",
            "Long An",
            "Lộc Ninh",
            "Lý Nhân",
            "Mường La",
            "Nghệ An",
            "Nhà Bè",
            "Ninh Bình",
            "Phú Yên",
            "Quảng Nam",
            "Sa Pa",
            "Tân Thành",
            "Tân Thạnh",
            "Thái Bình",
            "Trà Vinh",
            "Uông Bí",
            "Ứng Hòa",
            "Vĩnh Long",
            "Yên Bái",
        ];
        for pair in sorted.windows(2) {
            assert!(sort_key(pair[0]) < sort_key(pair[1]), "{pair:?}");
        }
        let letters = "a ă â b c d đ e ê g h i k l m n o ô ơ p q r s t u ư v x y";
        let letters: Vec<&str> = letters.split(' ').collect();
        for pair in letters.windows(2) {
            assert!(
                sort_key(&format!("{}z", pair[0])) < sort_key(&format!("{}a", pair[1])),
                "{pair:?}"
            );
        }
        assert_eq!(sort_key("Đo\u{302}\u{300}ng"), sort_key("Đồng"));
    }

    #[test]
    fn a_clone_keeps_the_names_that_it_saw() {
        let mut now = Names::default();
        now.put(&unit(1, "a", "Đồng Nai"));
        now.put(&unit(300, "b", "Hà Nội"));
        now.work_out();
        assert_eq!(now.matches(&["dong"], &Unhurried).unwrap()[1], 1);
        let before = now.clone();
        now.put(&unit(1, "a", "Hà Đông"));
        assert_eq!(
            (before.folded(UnitId(1)), now.folded(UnitId(1))),
            (("dong nai", "a"), ("ha dong", "a"))
        );
        assert_eq!(before.sort_key(UnitId(1)), sort_key("Đồng Nai"));
        assert_eq!(now.sort_key(UnitId(1)), sort_key("Hà Đông"));
        let hits = |names: &Names, words: &[&str]| -> Vec<(usize, u32)> {
            let matches = names.matches(words, &Unhurried).unwrap().into_iter().enumerate();
            matches.filter(|(_, mask)| *mask != 0).collect()
        };
        assert_eq!(hits(&now, &["ha", "don"]), [(1, 3), (300, 1)]);
        assert_eq!(hits(&before, &["ha", "don"]), [(1, 2), (300, 1)]);
        assert_eq!(hits(&now, &["b"]), [(300, 1)]);
        assert_eq!(hits(&now, &["oi"]), []);
        assert_eq!((now.folded(UnitId(7)), now.sort_key(UnitId(9_999))), (("", ""), &[][..]));
    }
}
