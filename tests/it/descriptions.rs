//! Every part of the schema says in English and in Vietnamese what it is, and can be read alone: clients and
//! `schema.graphql` show the parts in alphabetical order.

use serde_json::{Value, json};

use crate::harness::World;

/// Words that a description does not begin with: the sentence after them names no subject of its own, or leans on a
/// neighbour.
const NOT_FIRST: [&str; 29] = [
    "A same", "As above", "As its", "By", "Else", "How", "In", "It", "Its", "Of", "Same", "Such",
    "That", "The same", "Their", "These", "They", "This", "Those", "To", "What", "Whatever",
    "When", "Where", "Whether", "Which", "Who", "Whoever", "Whose",
];

/// Scalars of the specification, which describes them.
const SPECIFIED: [&str; 5] = ["Boolean", "Float", "ID", "Int", "String"];

const INTROSPECTION: &str = "{
  __schema {
    description
    types {
      name
      description
      fields(includeDeprecated: true) { name description args(includeDeprecated: true) { name description } }
      inputFields(includeDeprecated: true) { name description }
      enumValues(includeDeprecated: true) { name description }
    }
    directives { name description args(includeDeprecated: true) { name description } }
  }
}";

/// A part of the schema, by its path, with its description in one line.
pub struct Part {
    /// Such as `Unit`, `Unit.children`, `Unit.children(first:)`, `@skip(if:)`; empty for the schema itself.
    pub path: String,
    pub description: String,
}

impl Part {
    fn of(path: String, part: &Value) -> Self {
        let description = part["description"].as_str().unwrap_or_default();
        Self { path, description: description.split_whitespace().collect::<Vec<_>>().join(" ") }
    }

    /// Whether it is a directive of the specification, which the library describes in English.
    fn is_specified(&self) -> bool {
        self.path.starts_with('@')
    }

    /// The Vietnamese beside the English: what stands in parentheses and is written in Vietnamese letters.
    pub fn terms(&self) -> Vec<&str> {
        let inside = self.description.split('(').skip(1).filter_map(|text| text.split(')').next());
        inside.filter(|text| text.chars().any(is_vietnamese)).collect()
    }

    /// The fault of the description.
    fn problem(&self) -> Option<&'static str> {
        let text = &*self.description;
        let begins = |word: &str| {
            text.strip_prefix(word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        };
        if text.is_empty() {
            Some("is missing")
        } else if !text.starts_with(|first: char| first.is_uppercase() || first == '`') {
            Some("does not begin as a sentence")
        } else if text.starts_with(|first: char| is_vietnamese(first))
            || self.begins_in_vietnamese()
        {
            Some("says nothing in English first")
        } else if NOT_FIRST.iter().any(|word| begins(word)) {
            Some("begins with a word that names no subject")
        } else if !self.is_specified() && !text.ends_with(['.', ')']) {
            Some("does not end as a sentence")
        } else if !self.is_specified() && self.terms().is_empty() {
            Some("has no Vietnamese term beside it")
        } else {
            None
        }
    }

    fn begins_in_vietnamese(&self) -> bool {
        self.description.split([' ', '(']).take(2).any(|word| word.chars().any(is_vietnamese))
    }
}

/// A letter that English does not have.
fn is_vietnamese(letter: char) -> bool {
    letter.is_alphabetic() && !letter.is_ascii()
}

/// Every part of the schema that a server describes by introspection, but for what belongs to introspection itself.
pub async fn parts() -> Vec<Part> {
    let world = World::empty().await;
    let answer = world.ask_anonymously(&json!({ "query": INTROSPECTION })).await;
    let schema = &answer["data"]["__schema"];
    let mut parts = vec![Part::of(String::new(), schema)];
    let entries = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let is_ours = |name: &str| !name.starts_with("__") && !SPECIFIED.contains(&name);
    let name = |part: &Value| part["name"].as_str().unwrap().to_owned();
    for of_type in entries(&schema["types"]).iter().filter(|of_type| is_ours(&name(of_type))) {
        let type_name = name(of_type);
        parts.push(Part::of(type_name.clone(), of_type));
        for kind in ["fields", "inputFields", "enumValues"] {
            for member in entries(&of_type[kind]) {
                let path = format!("{type_name}.{}", name(&member));
                parts.push(Part::of(path.clone(), &member));
                for argument in entries(&member["args"]) {
                    parts.push(Part::of(format!("{path}({}:)", name(&argument)), &argument));
                }
            }
        }
    }
    for directive in entries(&schema["directives"]) {
        let path = format!("@{}", name(&directive));
        parts.push(Part::of(path.clone(), &directive));
        for argument in entries(&directive["args"]) {
            parts.push(Part::of(format!("{path}({}:)", name(&argument)), &argument));
        }
    }
    parts
}

#[tokio::test]
async fn every_part_of_the_schema_can_be_read_alone() {
    let parts = parts().await;
    assert!(parts.len() > 500, "{} parts were found", parts.len());
    let problem = |part: &Part| {
        part.problem().map(|problem| format!("{:?} {problem}: {}", part.path, part.description))
    };
    let problems: Vec<String> = parts.iter().filter_map(problem).collect();
    assert!(problems.is_empty(), "{} of {}:\n{}", problems.len(), parts.len(), problems.join("\n"));
}

#[test]
fn what_is_wrong_with_a_description_is_told() {
    let problem = |path: &str, text: &str| {
        Part::of(path.to_owned(), &json!({ "description": text })).problem()
    };
    assert_eq!(problem("Tally.own", "Number of initiatives (số sáng kiến)."), None);
    assert_eq!(problem("Tally.own", "`submitted` divided\nby members (tỷ lệ)."), None);
    for text in [
        "",
        "Number of initiatives.",
        "of these (tỷ lệ).",
        "Of these (tỷ lệ).",
        "Công nhân (tỷ lệ).",
        "Giải pháp (tỷ lệ).",
        "The same (tỷ lệ).",
        "What counts (tỷ lệ).",
        "A number (ty le).",
        "A number (tỷ lệ) of",
    ] {
        assert!(problem("Tally.own", text).is_some(), "{text:?}");
    }
    // Words are whole.
    assert_eq!(problem("Tally.own", "Italics (tỷ lệ)."), None);
    assert_eq!(problem("@skip", "Directs the executor"), None);
}

#[tokio::test]
async fn the_schema_says_the_same_of_itself_in_both_ways() {
    let parts = parts().await;
    let told = &parts[0].description;
    assert!(told.contains("Sangkien"), "{told}");
    let written = sangkien::graphql::sdl();
    assert!(written.contains(&format!("\"\"\"\n{told}\n\"\"\"\nschema {{\n")), "{written}");
}
