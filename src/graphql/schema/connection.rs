//! Relay connections: where a page begins and ends in a list that is in memory, and the cursors
//! that lead back to it.

use std::hash::Hash;
use std::ops::Range;

use async_graphql::{Result, SimpleObject};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::digest::Digest;
use crate::domain::text::shortened;
use crate::error::Code;
use crate::limits::{PAGE_DEFAULT, PAGE_MAX};
use crate::messages::ErrorMessage;
use crate::opaque;

/// The place of a page in its list (thông tin trang).
#[derive(SimpleObject, Debug, Clone, PartialEq, Eq)]
pub struct PageInfo {
    /// True if the list may have rows after this page (còn trang sau).
    pub has_next_page: bool,
    /// True if the list may have rows before this page (còn trang trước).
    pub has_previous_page: bool,
    /// Cursor of the page's first row; null on an empty page (vị trí đầu).
    pub start_cursor: Option<String>,
    /// Cursor of the page's last row; null on an empty page, but for events (vị trí cuối).
    pub end_cursor: Option<String>,
}

/// The four arguments of a connection, as asked.
#[derive(Debug, Clone, Default)]
pub struct PageArgs {
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
    pub before: Option<String>,
}

/// A list that pages are cut from.
pub trait Rows {
    fn len(&self) -> usize;

    /// Leads back to the row, or to where it stood.
    fn cursor(&self, place: usize) -> String;

    /// The number of rows before the one that the cursor leads to, and the number up to it.
    ///
    /// # Errors
    /// BAD_CURSOR for one of any other list or order.
    fn places(&self, cursor: &str) -> Result<(usize, usize)>;
}

/// A stretch of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<L> {
    pub list: L,
    pub places: Range<usize>,
}

/// `first` of a list that has no cursors.
pub fn check_first(first: i32) -> Result<usize> {
    size("first", first)
}

impl PageArgs {
    /// Cuts the page out of `list`.
    ///
    /// # Errors
    /// BAD_ARGUMENT for sizes out of bounds and for `first` with `last`, BAD_CURSOR for cursors
    /// of anything else.
    pub fn cut<L: Rows>(&self, list: L) -> Result<Page<L>> {
        let limit = self.limit()?;
        let places = |cursor: &Option<String>| {
            cursor.as_deref().map(|cursor| list.places(cursor)).transpose()
        };
        let mut start = places(&self.after)?.map_or(0, |(_, after)| after);
        let mut end = places(&self.before)?.map_or(list.len(), |(before, _)| before).max(start);
        if self.last.is_some() {
            start = start.max(end.saturating_sub(limit));
        } else {
            end = end.min(start + limit);
        }
        Ok(Page { list, places: start..end })
    }

    /// The most rows that the page has.
    ///
    /// # Errors
    /// BAD_ARGUMENT, as [`Self::cut`] says.
    pub fn limit(&self) -> Result<usize> {
        match (self.first, self.last) {
            (Some(_), Some(_)) => Err(Code::BadArgument.says(ErrorMessage::FirstWithLast)),
            (None, Some(last)) => size("last", last),
            (first, None) => size("first", first.unwrap_or(PAGE_DEFAULT)),
        }
    }
}

fn size(name: &'static str, asked: i32) -> Result<usize> {
    usize::try_from(asked).ok().filter(|_| asked <= PAGE_MAX).ok_or_else(|| {
        Code::BadArgument.says(ErrorMessage::OutOfPage { name, asked, max: PAGE_MAX })
    })
}

impl<L: Rows> Page<L> {
    pub fn info(&self) -> PageInfo {
        let Range { start, end } = self.places;
        let cursor = |place| (start < end).then(|| self.list.cursor(place));
        PageInfo {
            has_next_page: end < self.list.len(),
            has_previous_page: start > 0,
            start_cursor: cursor(start),
            end_cursor: cursor(end.saturating_sub(1)),
        }
    }
}

/// The list that a cursor belongs to: its name, and everything that decides its rows and their
/// order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListName {
    kind: &'static str,
    asked: Digest,
}

impl ListName {
    /// `asked` holds filter and order, whole.
    pub fn new(kind: &'static str, asked: &impl Hash) -> Self {
        Self { kind, asked: Digest::of(asked) }
    }

    /// An opaque cursor; `key` says where in the list.
    pub fn encode(self, key: impl Serialize) -> String {
        let Self { kind, asked } = self;
        opaque::encode(serde_json::json!([kind, asked.to_string(), key]).to_string())
    }

    /// The key of a cursor of that list.
    ///
    /// # Errors
    /// BAD_CURSOR for one of another list, filter or order, and for anything else.
    pub fn decode<K: DeserializeOwned>(self, cursor: &str) -> Result<K> {
        let plain = opaque::decode(cursor);
        let (_, asked, key) = plain
            .and_then(|plain| serde_json::from_slice::<(String, String, K)>(&plain).ok())
            .filter(|(kind, ..)| kind == self.kind)
            .ok_or_else(|| Code::BadCursor.says(ErrorMessage::NotACursor(shortened(cursor))))?;
        if asked != self.asked.to_string() {
            return Err(Code::BadCursor.says(ErrorMessage::CursorOfAnother));
        }
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sorted letters; cursors may lead to letters that are not there.
    #[derive(Debug, Clone, Copy)]
    struct Letters(&'static str);

    impl Rows for Letters {
        fn len(&self) -> usize {
            self.0.len()
        }

        fn cursor(&self, place: usize) -> String {
            name().encode(&self.0[place..=place])
        }

        fn places(&self, cursor: &str) -> Result<(usize, usize)> {
            let letter: String = name().decode(cursor)?;
            let place = |up_to: bool| {
                let comes_before = |c: &&str| **c < *letter || up_to && **c == letter;
                let letters: Vec<&str> = self.0.split_inclusive(|_| true).collect();
                letters.iter().filter(|c| comes_before(c)).count()
            };
            Ok((place(false), place(true)))
        }
    }

    fn name() -> ListName {
        ListName::new("letters", &("a filter", "an order"))
    }

    const LIST: Letters = Letters("abcde");

    fn page(args: &PageArgs) -> (&'static str, bool, bool) {
        let page = args.cut(LIST).unwrap();
        let info = page.info();
        let shown = &LIST.0[page.places.clone()];
        let ends = (!shown.is_empty()).then(|| (page.places.start, page.places.end - 1));
        assert_eq!(info.start_cursor, ends.map(|(start, _)| LIST.cursor(start)));
        assert_eq!(info.end_cursor, ends.map(|(_, end)| LIST.cursor(end)));
        (shown, info.has_previous_page, info.has_next_page)
    }

    #[test]
    fn forward_and_backward() {
        let at = |letter: &str| Some(name().encode(letter));
        let args = PageArgs { first: Some(2), ..PageArgs::default() };
        assert_eq!(page(&args), ("ab", false, true));
        let args = PageArgs { first: Some(2), after: at("b"), ..PageArgs::default() };
        assert_eq!(page(&args), ("cd", true, true));
        let args = PageArgs { first: Some(9), after: at("bb"), ..PageArgs::default() };
        assert_eq!(page(&args), ("cde", true, false));
        let args = PageArgs { last: Some(2), ..PageArgs::default() };
        assert_eq!(page(&args), ("de", true, false));
        let args = PageArgs { last: Some(2), before: at("d"), ..PageArgs::default() };
        assert_eq!(page(&args), ("bc", true, true));
        let args = PageArgs { first: Some(0), ..PageArgs::default() };
        assert_eq!(page(&args), ("", false, true));
        let args = PageArgs { after: at("d"), before: at("b"), ..PageArgs::default() };
        assert_eq!(page(&args), ("", true, true));
        let args =
            PageArgs { first: Some(2), after: at("a"), before: at("e"), ..PageArgs::default() };
        assert_eq!(page(&args), ("bc", true, true));
        let args =
            PageArgs { last: Some(2), after: at("a"), before: at("e"), ..PageArgs::default() };
        assert_eq!(page(&args), ("cd", true, true));
    }

    #[test]
    fn bad_arguments_are_named() {
        let cursor = |text: &str| Some(opaque::encode(text));
        let of = |kind, asked: (&str, &str)| ListName::new(kind, &asked).encode("a");
        for args in [
            PageArgs { first: Some(-1), ..PageArgs::default() },
            PageArgs { first: Some(501), ..PageArgs::default() },
            PageArgs { last: Some(501), ..PageArgs::default() },
            PageArgs { last: Some(-1), ..PageArgs::default() },
            PageArgs { first: Some(1), last: Some(1), ..PageArgs::default() },
            PageArgs { after: Some(name().encode(1)), ..PageArgs::default() },
            PageArgs {
                after: Some(of("numbers", ("a filter", "an order"))),
                ..PageArgs::default()
            },
            PageArgs { after: Some(of("letters", ("a filter", ""))), ..PageArgs::default() },
            PageArgs {
                after: Some(of("letters", ("a filte", "ran order"))),
                ..PageArgs::default()
            },
            PageArgs { before: Some("!".to_owned()), ..PageArgs::default() },
            PageArgs { before: cursor("letters"), ..PageArgs::default() },
            PageArgs { before: cursor(""), ..PageArgs::default() },
        ] {
            assert!(args.cut(LIST).is_err(), "{args:?}");
        }
    }
}
