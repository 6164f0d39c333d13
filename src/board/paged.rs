//! A sparse, persistent array: cloning is one reference count, a change copies one page on each of four levels, and
//! pages that were never written cost nothing.
//!
//! It makes publishing a snapshot cheap at any size of the tree: a submission touches a few pages, whether there are a
//! thousand units or a hundred thousand. Pages are small, since copying a page of pointers counts every reference in
//! it, far apart in memory.

use std::sync::Arc;

const FANOUT: usize = 16;

type Page<T> = Arc<[T; FANOUT]>;
type Inner<T> = Arc<[Option<Page<T>>; FANOUT]>;
type Outer<T> = Arc<[Option<Inner<T>>; FANOUT]>;

#[derive(Debug)]
pub struct Paged<T> {
    top: Arc<Vec<Option<Outer<T>>>>,
}

impl<T> Clone for Paged<T> {
    fn clone(&self) -> Self {
        Self { top: Arc::clone(&self.top) }
    }
}

impl<T> Default for Paged<T> {
    fn default() -> Self {
        Self { top: Arc::default() }
    }
}

impl<T> Paged<T> {
    /// Whether nothing was written to either since one was cloned from the other.
    pub fn is_clone_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.top, &other.top)
    }
}

impl<T: Clone + Default> Paged<T> {
    /// Bytes of a page: its values and the two counts of an `Arc`.
    const PAGE: usize = FANOUT * size_of::<T>() + 2 * size_of::<usize>();
    /// Bytes of a level of pointers.
    const BRANCH: usize = FANOUT * size_of::<usize>() + 2 * size_of::<usize>();

    /// The value, or `None` where no value of the same page was ever written: read it as the default.
    pub fn get(&self, index: usize) -> Option<&T> {
        let [top, outer, inner, slot] = split(index);
        let page = self.top.get(top)?.as_ref()?[outer].as_ref()?[inner].as_ref()?;
        Some(&page[slot])
    }

    /// The bytes of memory that the array would take alone, whatever it shares with clones.
    pub fn bytes(&self) -> usize {
        let outers = self.top.iter().flatten();
        let inners = outers.clone().flat_map(|outer| outer.iter().flatten());
        let pages: usize = inners.clone().map(|inner| inner.iter().flatten().count()).sum();
        self.top.len() * size_of::<Option<Outer<T>>>()
            + (outers.count() + inners.count()) * Self::BRANCH
            + pages * Self::PAGE
    }

    /// The greatest number of bytes of an array without values from `length` on.
    pub const fn bytes_up_to(length: usize) -> usize {
        let pages = length / FANOUT + 1;
        let inners = pages / FANOUT + 1;
        let outers = inners / FANOUT + 1;
        outers * size_of::<Option<Outer<T>>>()
            + (outers + inners) * Self::BRANCH
            + pages * Self::PAGE
    }

    /// The value at `index`, whose page is made of defaults if it was never written.
    pub fn get_mut(&mut self, index: usize) -> &mut T {
        let [top, outer, inner, slot] = split(index);
        let root = Arc::make_mut(&mut self.top);
        if root.len() <= top {
            root.resize_with(top + 1, || None);
        }
        let branch = root[top].get_or_insert_with(|| Arc::new([const { None }; FANOUT]));
        let branch =
            Arc::make_mut(branch)[outer].get_or_insert_with(|| Arc::new([const { None }; FANOUT]));
        let page = Arc::make_mut(branch)[inner]
            .get_or_insert_with(|| Arc::new(std::array::from_fn(|_| T::default())));
        &mut Arc::make_mut(page)[slot]
    }
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
        assert_eq!(now.get(65), Some(&0));
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
