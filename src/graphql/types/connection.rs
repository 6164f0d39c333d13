//! Relay connections over lists that are in memory and sorted by something that does not change
//! while rows are added.

use async_graphql::{Result, SimpleObject};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::graphql::error::Code;
use crate::graphql::messages::Message;
use crate::limits::{PAGE_DEFAULT, PAGE_MAX};

/// Where a page stands in its list (thông tin trang).
#[derive(SimpleObject, Debug, Clone, PartialEq, Eq)]
pub struct PageInfo {
    /// Whether there are rows after this page.
    pub has_next_page: bool,
    /// Whether there are rows before this page.
    pub has_previous_page: bool,
    /// Cursor of the first row; null on an empty page.
    pub start_cursor: Option<String>,
    /// Cursor of the last row; null on an empty page.
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

/// A stretch of a sorted list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub rows: Vec<T>,
    pub info: PageInfo,
    pub total: usize,
}

/// `first` of a list that has no cursors.
pub fn check_first(first: i32) -> Result<usize> {
    usize::try_from(first)
        .ok()
        .filter(|_| first <= PAGE_MAX)
        .ok_or_else(|| Code::BadArgument.says(Message::OutOfPage { name: "first", max: PAGE_MAX }))
}

impl PageArgs {
    /// Cuts the page out of `list`, which is sorted by `key`. `noun` ties cursors to their list.
    ///
    /// # Errors
    /// BAD_ARGUMENT for sizes out of bounds and for `first` with `last`, BAD_CURSOR for cursors
    /// of anything else.
    pub fn cut<T: Clone>(
        &self,
        noun: &str,
        list: &[T],
        key: impl Fn(&T) -> &str,
    ) -> Result<Page<T>> {
        let limit = self.limit()?;
        let after = self.after.as_deref().map(|cursor| decode(noun, cursor)).transpose()?;
        let before = self.before.as_deref().map(|cursor| decode(noun, cursor)).transpose()?;
        let mut start = after.map_or(0, |after| list.partition_point(|row| key(row) <= &*after));
        let mut end =
            before.map_or(list.len(), |before| list.partition_point(|row| key(row) < &*before));
        end = end.max(start);
        if self.last.is_some() {
            start = start.max(end.saturating_sub(limit));
        } else {
            end = end.min(start + limit);
        }
        let rows = list[start..end].to_vec();
        let cursor = |row: &T| encode(noun, key(row));
        let info = PageInfo {
            has_next_page: end < list.len(),
            has_previous_page: start > 0,
            start_cursor: rows.first().map(cursor),
            end_cursor: rows.last().map(cursor),
        };
        Ok(Page { rows, info, total: list.len() })
    }

    fn limit(&self) -> Result<usize> {
        let (name, asked) = match (self.first, self.last) {
            (Some(_), Some(_)) => {
                return Err(Code::BadArgument.error("give first or last, not both"));
            }
            (None, Some(last)) => ("last", last),
            (first, None) => ("first", first.unwrap_or(PAGE_DEFAULT)),
        };
        usize::try_from(asked)
            .ok()
            .filter(|_| asked <= PAGE_MAX)
            .ok_or_else(|| Code::BadArgument.error(format!("{name} must lie in 0..{PAGE_MAX}")))
    }
}

pub fn encode(noun: &str, key: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{noun}:{key}"))
}

fn decode(noun: &str, cursor: &str) -> Result<String> {
    URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|plain| plain.strip_prefix(noun)?.strip_prefix(':').map(str::to_owned))
        .ok_or_else(|| Code::BadCursor.error(format!("{cursor:?} is not a cursor of this list")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: [&str; 5] = ["a", "b", "c", "d", "e"];

    fn page(args: &PageArgs) -> (String, bool, bool) {
        let page = args.cut("letter", &LIST, |row| row).unwrap();
        assert_eq!(page.total, 5);
        (page.rows.concat(), page.info.has_previous_page, page.info.has_next_page)
    }

    #[test]
    fn forward_and_backward() {
        let after = |letter| Some(encode("letter", letter));
        let args = PageArgs { first: Some(2), ..PageArgs::default() };
        assert_eq!(page(&args), ("ab".to_owned(), false, true));
        let args = PageArgs { first: Some(2), after: after("b"), ..PageArgs::default() };
        assert_eq!(page(&args), ("cd".to_owned(), true, true));
        let args = PageArgs { first: Some(9), after: after("bb"), ..PageArgs::default() };
        assert_eq!(page(&args), ("cde".to_owned(), true, false));
        let args = PageArgs { last: Some(2), ..PageArgs::default() };
        assert_eq!(page(&args), ("de".to_owned(), true, false));
        let args = PageArgs { last: Some(2), before: after("d"), ..PageArgs::default() };
        assert_eq!(page(&args), ("bc".to_owned(), true, true));
        let args = PageArgs { first: Some(0), ..PageArgs::default() };
        assert_eq!(page(&args), (String::new(), false, true));
        let args = PageArgs { after: after("d"), before: after("b"), ..PageArgs::default() };
        assert_eq!(page(&args), (String::new(), true, true));
    }

    #[test]
    fn bad_arguments_are_named() {
        for args in [
            PageArgs { first: Some(-1), ..PageArgs::default() },
            PageArgs { first: Some(501), ..PageArgs::default() },
            PageArgs { last: Some(501), ..PageArgs::default() },
            PageArgs { first: Some(1), last: Some(1), ..PageArgs::default() },
            PageArgs { after: Some(encode("number", "a")), ..PageArgs::default() },
            PageArgs { before: Some("!".to_owned()), ..PageArgs::default() },
        ] {
            assert!(args.cut("letter", &LIST, |row| row).is_err(), "{args:?}");
        }
    }
}
