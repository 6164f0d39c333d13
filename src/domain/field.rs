//! Fields of work (lĩnh vực): the operator's list of the fields that an initiative may name.

use std::collections::HashMap;

use super::text::normalise;
use crate::limits::FIELDS_MAX;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub code: String,
    pub name: String,
}

/// The fields in the operator's order. While the list is empty, any text is a field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fields {
    list: Vec<Field>,
    /// The place in the list of each code.
    places: HashMap<String, u16>,
}

/// The error of a list, with the line of its file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct BadFields {
    line: u64,
    problem: String,
}

impl Fields {
    pub fn iter(&self) -> impl Iterator<Item = &Field> {
        self.list.iter()
    }

    pub const fn len(&self) -> usize {
        self.list.len()
    }

    pub const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The place of the field in the list; `None` for a text that is none of its codes.
    pub fn place(&self, code: &str) -> Option<u16> {
        self.places.get(code).copied()
    }

    /// Whether an initiative may name this field.
    pub fn admits(&self, code: &str) -> bool {
        self.is_empty() || self.places.contains_key(code)
    }

    /// Reads CSV with a header: the columns `code` and `name`, in any order.
    ///
    /// # Errors
    /// Names the first bad line and its fault.
    pub fn parse(csv: &[u8]) -> Result<Self, BadFields> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(csv);
        let bad = |line: u64, problem: String| BadFields { line, problem };
        let unreadable = |error: &csv::Error| {
            bad(error.position().map_or(1, csv::Position::line), error.to_string())
        };
        let header = reader.headers().map_err(|error| unreadable(&error))?.clone();
        if let Some(unknown) = header.iter().find(|name| !["code", "name"].contains(name)) {
            return Err(bad(1, format!("there is no column {unknown:?}; they are code and name")));
        }
        let column = |wanted: &str| {
            let place = header.iter().position(|name| name == wanted);
            place.ok_or_else(|| bad(1, format!("the column {wanted} is missing")))
        };
        let (code, name) = (column("code")?, column("name")?);
        let mut rows = Vec::new();
        for row in reader.records() {
            let row = row.map_err(|error| unreadable(&error))?;
            let line = row.position().map_or(1, csv::Position::line);
            rows.push((line, row[code].to_owned(), row[name].to_owned()));
        }
        Self::of(rows)
    }

    /// The list of these rows: the line, the code and the name of each.
    ///
    /// # Errors
    /// Names the first bad line and its fault.
    pub fn of(rows: impl IntoIterator<Item = (u64, String, String)>) -> Result<Self, BadFields> {
        let bad = |line: u64, problem: String| BadFields { line, problem };
        let mut fields = Self::default();
        for (line, code, name) in rows {
            let field = Field { code: normalise(&code), name: normalise(&name) };
            if field.code.is_empty() || field.name.is_empty() {
                return Err(bad(line, "code and name must not be empty".to_owned()));
            }
            if fields.place(&field.code).is_some() {
                return Err(bad(line, format!("the code {:?} is there twice", field.code)));
            }
            let place = u16::try_from(fields.len()).ok().filter(|place| *place < FIELDS_MAX);
            let Some(place) = place else {
                return Err(bad(line, format!("there are more than {FIELDS_MAX} fields")));
            };
            fields.places.insert(field.code.clone(), place);
            fields.list.push(field);
        }
        Ok(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_and_searched() {
        let fields =
            Fields::parse("name,code\n Cơ  khí ,ck\n\"Điện, nước\",dn\n".as_bytes()).unwrap();
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["Cơ khí", "Điện, nước"]);
        assert!(fields.admits("ck") && !fields.admits("Cơ khí"));
        assert!(Fields::default().admits("anything"));
    }

    #[test]
    fn a_bad_line_is_named() {
        for (text, expected) in [
            ("code\n", "line 1: the column name is missing"),
            ("code,name,x\n", "line 1: there is no column \"x\"; they are code and name"),
            ("code,name\na,A\n,B\n", "line 3: code and name must not be empty"),
            ("code,name\na,A\na,B\n", "line 3: the code \"a\" is there twice"),
        ] {
            assert_eq!(Fields::parse(text.as_bytes()).unwrap_err().to_string(), expected);
        }
        let many: String = (0..=FIELDS_MAX).map(|number| format!("\n{number},x")).collect();
        let refused = Fields::parse(format!("code,name{many}\n").as_bytes()).unwrap_err();
        assert_eq!(refused.to_string(), "line 1002: there are more than 1000 fields");
        assert!(Fields::parse(b"code,name\na\n").unwrap_err().to_string().starts_with("line 2"));
    }
}
