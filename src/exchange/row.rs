//! A row of a CSV file, as it was cut.

/// The cells of one row.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The line on which the row begins, counted from 1.
    pub line: u64,
    /// Bytes of the file up to the end of the row.
    pub read: u64,
    pub(super) text: &'a str,
    /// The end of each cell in the text, in bytes.
    pub(super) ends: &'a [usize],
}

impl<'a> Row<'a> {
    /// The number of cells in the row.
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether all cells are white space.
    pub fn is_empty(&self) -> bool {
        self.cells().all(|cell| cell.trim().is_empty())
    }

    /// The texts of the cells, in order.
    pub fn cells(&self) -> impl Iterator<Item = &'a str> {
        let (text, ends) = (self.text, self.ends);
        (0..ends.len()).map(move |place| cell(text, ends, place))
    }

    /// Empty where the row has no such cell.
    pub fn cell(&self, place: usize) -> &'a str {
        if place < self.ends.len() { cell(self.text, self.ends, place) } else { "" }
    }
}

fn cell<'a>(text: &'a str, ends: &[usize], place: usize) -> &'a str {
    let start = if place == 0 { 0 } else { ends[place - 1] };
    &text[start..ends[place]]
}
