//! A sparse, persistent array: cloning is one reference count, a change copies one page on each of four levels, and
//! pages that were never written cost nothing.
//!
//! It makes publishing a snapshot cheap at any size of the tree: a submission touches a few pages, whether there are a
//! thousand units or a hundred thousand. Pages are small, since copying a page of pointers counts every reference in
//! it, far apart in memory.
//!
//! Few values are one sorted list: most periods are of few units, and pages that lie mostly empty would be most of their
//! memory.

use std::sync::Arc;

const FANOUT: usize = 16;
/// Values up to which they are one list, which a change copies whole: in about the time of four pages.
const FEW: usize = 192;

type Page<T> = Arc<[T; FANOUT]>;
type Inner<T> = Arc<[Option<Page<T>>; FANOUT]>;
type Outer<T> = Arc<[Option<Inner<T>>; FANOUT]>;
type Top<T> = Vec<Option<Outer<T>>>;

#[derive(Debug)]
pub struct Paged<T>(Kept<T>);

#[derive(Debug)]
enum Kept<T> {
    /// The values that were written, sorted by index.
    Few(Arc<Vec<(u32, T)>>),
    Many(Arc<Top<T>>),
}

impl<T> Clone for Paged<T> {
    fn clone(&self) -> Self {
        Self(match &self.0 {
            Kept::Few(few) => Kept::Few(Arc::clone(few)),
            Kept::Many(top) => Kept::Many(Arc::clone(top)),
        })
    }
}

impl<T> Default for Paged<T> {
    fn default() -> Self {
        Self(Kept::Few(Arc::default()))
    }
}

impl<T> Paged<T> {
    /// Whether nothing was written to either since one was cloned from the other.
    pub fn is_clone_of(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Kept::Few(one), Kept::Few(other)) => Arc::ptr_eq(one, other),
            (Kept::Many(one), Kept::Many(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

impl<T: Clone + Default> Paged<T> {
    /// Bytes of a page: its values and the two counts of an `Arc`.
    const PAGE: usize = FANOUT * size_of::<T>() + 2 * size_of::<usize>();
    /// Bytes of a level of pointers.
    const BRANCH: usize = FANOUT * size_of::<usize>() + 2 * size_of::<usize>();

    /// The value; `None` where none was ever written, or only the default: read it as that.
    pub fn get(&self, index: usize) -> Option<&T> {
        match &self.0 {
            Kept::Few(few) => {
                let place = few.binary_search_by_key(&index, |(there, _)| *there as usize).ok()?;
                Some(&few[place].1)
            }
            Kept::Many(top) => {
                let [first, outer, inner, slot] = split(index);
                let page = top.get(first)?.as_ref()?[outer].as_ref()?[inner].as_ref()?;
                Some(&page[slot])
            }
        }
    }

    /// The bytes of memory that the array would take alone, whatever it shares with clones.
    pub fn bytes(&self) -> usize {
        let top = match &self.0 {
            Kept::Few(few) => return few.capacity() * size_of::<(u32, T)>(),
            Kept::Many(top) => top,
        };
        let outers = top.iter().flatten();
        let inners = outers.clone().flat_map(|outer| outer.iter().flatten());
        let pages: usize = inners.clone().map(|inner| inner.iter().flatten().count()).sum();
        top.len() * size_of::<Option<Outer<T>>>()
            + (outers.count() + inners.count()) * Self::BRANCH
            + pages * Self::PAGE
    }

    /// The greatest number of bytes of an array without values from `length` on.
    pub const fn bytes_up_to(length: usize) -> usize {
        let pages = length / FANOUT + 1;
        let inners = pages / FANOUT + 1;
        let outers = inners / FANOUT + 1;
        let many = outers * size_of::<Option<Outer<T>>>()
            + (outers + inners) * Self::BRANCH
            + pages * Self::PAGE;
        let few = FEW.next_power_of_two() * size_of::<(u32, T)>();
        if many > few { many } else { few }
    }

    /// The values that were written, in order, in runs that lie together; there may be defaults between them.
    pub fn runs(&self) -> impl Iterator<Item = &[T]> {
        let (few, many) = match &self.0 {
            Kept::Few(few) => (few.as_slice(), &[][..]),
            Kept::Many(top) => (&[][..], top.as_slice()),
        };
        let outers = many.iter().flatten();
        let inners = outers.flat_map(|outer| outer.iter().flatten());
        let pages = inners.flat_map(|inner| inner.iter().flatten());
        let few = few.iter().map(|(_, value)| std::slice::from_ref(value));
        few.chain(pages.map(|page| page.as_slice()))
    }

    /// The value at `index`, which is the default if it was never written.
    pub fn get_mut(&mut self, index: usize) -> &mut T {
        if let Kept::Few(few) = &self.0
            && few.len() == FEW
            && few.binary_search_by_key(&index, |(there, _)| *there as usize).is_err()
        {
            let mut top = Arc::default();
            for (there, value) in few.iter() {
                *in_page(&mut top, *there as usize) = value.clone();
            }
            self.0 = Kept::Many(top);
        }
        match &mut self.0 {
            Kept::Few(few) => in_list(few, index),
            Kept::Many(top) => in_page(top, index),
        }
    }

    /// Gives back the room that a list grew by.
    pub fn shrink_to_fit(&mut self) {
        if let Kept::Few(few) = &mut self.0 {
            Arc::make_mut(few).shrink_to_fit();
        }
    }
}

fn in_list<T: Clone + Default>(few: &mut Arc<Vec<(u32, T)>>, index: usize) -> &mut T {
    let few = Arc::make_mut(few);
    let place = match few.binary_search_by_key(&index, |(there, _)| *there as usize) {
        Ok(place) => place,
        Err(place) => {
            let index = u32::try_from(index).expect("units and periods are numbered by a u32");
            few.insert(place, (index, T::default()));
            place
        }
    };
    &mut few[place].1
}

fn in_page<T: Clone + Default>(top: &mut Arc<Top<T>>, index: usize) -> &mut T {
    let [first, outer, inner, slot] = split(index);
    let root = Arc::make_mut(top);
    if root.len() <= first {
        root.resize_with(first + 1, || None);
    }
    let branch = root[first].get_or_insert_with(|| Arc::new([const { None }; FANOUT]));
    let branch =
        Arc::make_mut(branch)[outer].get_or_insert_with(|| Arc::new([const { None }; FANOUT]));
    let page = Arc::make_mut(branch)[inner]
        .get_or_insert_with(|| Arc::new(std::array::from_fn(|_| T::default())));
    &mut Arc::make_mut(page)[slot]
}

const fn split(index: usize) -> [usize; 4] {
    [
        index / (FANOUT * FANOUT * FANOUT),
        index / (FANOUT * FANOUT) % FANOUT,
        index / FANOUT % FANOUT,
        index % FANOUT,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_keeps_what_it_saw() {
        let mut now = Paged::<u32>::default();
        for index in [0, 63, 64, 4_095, 4_096, 130_000] {
            assert_ne!(now.get(index), Some(&7), "{index}");
            let before = now.clone();
            *now.get_mut(index) = 7;
            assert_eq!(now.get(index), Some(&7), "{index}");
            assert_ne!(before.get(index), Some(&7), "{index}");
        }
        assert!(now.get(65).is_none_or(|&value| value == 0));
    }

    #[test]
    fn a_list_that_grows_into_pages_keeps_its_values() {
        let mut chance = fastrand::Rng::with_seed(1);
        for most in [1, FEW - 1, FEW, FEW + 1, 3 * FEW] {
            let mut array = Paged::<usize>::default();
            let mut expected = std::collections::BTreeMap::new();
            let mut clones = Vec::new();
            for value in 1..=most {
                let index = chance.usize(0..200_000);
                *array.get_mut(index) = value;
                expected.insert(index, value);
                if value % 50 == 0 {
                    clones.push((array.clone(), expected.clone()));
                }
            }
            array.shrink_to_fit();
            clones.push((array, expected));
            for (array, expected) in clones {
                let written = array.runs().flatten().copied().filter(|&value| value != 0);
                assert!(written.eq(expected.values().copied()), "{most}");
                for (index, value) in &expected {
                    assert_eq!(array.get(*index), Some(value), "{most}, {index}");
                }
                for index in (0..200_000).step_by(7).filter(|index| !expected.contains_key(index)) {
                    assert!(array.get(index).is_none_or(|&value| value == 0), "{most}, {index}");
                }
            }
        }
    }

    #[test]
    fn pages_never_written_take_no_bytes() {
        const LENGTH: usize = 130_000;
        let mut sparse = Paged::<u64>::default();
        *sparse.get_mut(LENGTH - 1) = 1;
        assert!(sparse.bytes() < 2_000, "{}", sparse.bytes());
        let mut dense = Paged::<u64>::default();
        (0..LENGTH).for_each(|index| *dense.get_mut(index) = 1);
        let values = LENGTH * size_of::<u64>();
        assert!((values..values * 4 / 3).contains(&dense.bytes()), "{}", dense.bytes());
        let bound = Paged::<u64>::bytes_up_to(LENGTH);
        assert!((dense.bytes()..dense.bytes() * 11 / 10).contains(&bound), "{bound}");
    }
}
