//! Rows in a scratch file, in a form of our own: what a workbook holds, to be read as often as a CSV file is, in bounded memory.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write as _};

use super::row::Row;

/// Writes rows into a scratch file without a name.
pub struct Writer {
    file: BufWriter<File>,
}

impl Writer {
    /// # Errors
    /// When there can be no scratch file.
    pub fn new() -> io::Result<Self> {
        Ok(Self { file: BufWriter::new(tempfile::tempfile()?) })
    }

    /// # Errors
    /// When the scratch file cannot be written.
    pub fn add(&mut self, line: u64, cells: &[String]) -> io::Result<()> {
        self.file.write_all(&line.to_le_bytes())?;
        self.number(cells.len())?;
        for cell in cells {
            self.number(cell.len())?;
        }
        for cell in cells {
            self.file.write_all(cell.as_bytes())?;
        }
        Ok(())
    }

    fn number(&mut self, number: usize) -> io::Result<()> {
        let number = u32::try_from(number).map_err(io::Error::other)?;
        self.file.write_all(&number.to_le_bytes())
    }

    /// # Errors
    /// When the scratch file cannot be written.
    pub fn finish(self) -> io::Result<File> {
        Ok(self.file.into_inner()?)
    }
}

/// Reads them back.
pub struct Reader<R> {
    file: BufReader<R>,
    read: u64,
    text: String,
    ends: Vec<usize>,
}

impl<R: Read> Reader<R> {
    /// The rows of a file that was written whole, from its beginning.
    pub fn new(file: R) -> Self {
        Self { file: BufReader::new(file), read: 0, text: String::new(), ends: Vec::new() }
    }

    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn next(&mut self) -> io::Result<Option<Row<'_>>> {
        let mut line = [0; 8];
        match self.file.read_exact(&mut line) {
            Err(end) if end.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        self.ends.clear();
        let mut length = 0;
        for _ in 0..self.number()? {
            length += self.number()? as usize;
            self.ends.push(length);
        }
        self.text.clear();
        let wanted = length as u64;
        self.file.by_ref().take(wanted).read_to_string(&mut self.text)?;
        if self.text.len() < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.read += 12 + 4 * self.ends.len() as u64 + wanted;
        let line = u64::from_le_bytes(line);
        Ok(Some(Row { line, read: self.read, text: &self.text, ends: &self.ends }))
    }

    fn number(&mut self) -> io::Result<u32> {
        let mut bytes = [0; 4];
        self.file.read_exact(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Seek as _;

    use super::*;

    #[test]
    fn rows_come_back_as_they_were() {
        let rows = [
            (1, vec!["mã".to_owned(), String::new()]),
            (7, vec!["a\nb".to_owned(), "c\"d".to_owned(), "ệ".repeat(100_000)]),
            (8, Vec::new()),
        ];
        let mut writer = Writer::new().unwrap();
        for (line, cells) in &rows {
            writer.add(*line, cells).unwrap();
        }
        let mut file = writer.finish().unwrap();
        let size = file.stream_position().unwrap();
        file.rewind().unwrap();
        let mut reader = Reader::new(file);
        for (line, cells) in &rows {
            let row = reader.next().unwrap().unwrap();
            assert_eq!((row.line, row.cells().collect::<Vec<_>>().len()), (*line, cells.len()));
            assert!(row.cells().eq(cells.iter().map(String::as_str)));
            assert!(row.read <= size);
        }
        assert!(reader.next().unwrap().is_none());
        assert_eq!(reader.read, size);
    }
}
