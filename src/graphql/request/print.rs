//! Printing of documents for tests: their tokens, with and without insignificant text between them.

use fastrand::Rng;

use super::ast::{
    Argument, BaseType, Definition, Directive, Document, Selection, SelectionSet, Type, Value,
    ValueKind, VariableDefinition,
};

/// The text of each token; the same for trees that differ in their positions alone.
pub fn tokens(document: &Document<'_>) -> Vec<String> {
    let mut printer = Printer(Vec::new());
    for definition in &document.definitions {
        match definition {
            Definition::Operation(operation) => {
                printer.push(&operation.kind.to_string());
                operation.name.iter().for_each(|name| printer.push(name.text));
                printer.list("(", &operation.variables, ")", Printer::variable);
                operation.directives.iter().for_each(|it| printer.directive(it));
                printer.selections(&operation.selections);
            }
            Definition::Fragment(fragment) => {
                printer.all(&["fragment", fragment.name.text, "on", fragment.on.text]);
                fragment.directives.iter().for_each(|it| printer.directive(it));
                printer.selections(&fragment.selections);
            }
        }
    }
    printer.0
}

/// The tokens as one text, with something insignificant or nothing between them.
pub fn spaced(tokens: &[String], seed: u64) -> String {
    const BETWEEN: [&str; 9] = ["", "", " ", "\n", "\r\n", "\r", ", ,", "\t#{ \" }\n", "\u{feff}"];
    let mut rng = Rng::with_seed(seed);
    let mut text = String::new();
    let mut before = "{";
    for token in tokens {
        let between = BETWEEN[rng.usize(..BETWEEN.len())];
        let would_join = is_word(before) && (is_word(token) || token == "...");
        text.push_str(if would_join && between.is_empty() { " " } else { between });
        text.push_str(token);
        before = token;
    }
    text + BETWEEN[rng.usize(..BETWEEN.len())]
}

/// Whether the token is a name, a number or a string.
fn is_word(token: &str) -> bool {
    token.starts_with(|it: char| it.is_alphanumeric() || matches!(it, '_' | '-' | '"'))
}

struct Printer(Vec<String>);

impl Printer {
    fn push(&mut self, token: &str) {
        self.0.push(token.to_owned());
    }

    fn all(&mut self, tokens: &[&str]) {
        tokens.iter().for_each(|token| self.push(token));
    }

    /// Prints nothing for an empty list.
    fn list<T>(&mut self, open: &str, items: &[T], close: &str, one: fn(&mut Self, &T)) {
        if !items.is_empty() {
            self.push(open);
            items.iter().for_each(|item| one(self, item));
            self.push(close);
        }
    }

    fn variable(&mut self, definition: &VariableDefinition<'_>) {
        self.all(&["$", definition.name.text, ":"]);
        self.of_type(&definition.of_type);
        if let Some(value) = &definition.default {
            self.push("=");
            self.value(value);
        }
        definition.directives.iter().for_each(|it| self.directive(it));
    }

    fn of_type(&mut self, of_type: &Type<'_>) {
        match &of_type.base {
            BaseType::Named(name) => self.push(name),
            BaseType::List(of) => {
                self.push("[");
                self.of_type(of);
                self.push("]");
            }
        }
        if of_type.is_required {
            self.push("!");
        }
    }

    fn selections(&mut self, set: &SelectionSet<'_>) {
        self.list("{", &set.items, "}", Self::selection);
    }

    fn selection(&mut self, selection: &Selection<'_>) {
        match selection {
            Selection::Field(field) => {
                field.alias.iter().for_each(|alias| self.all(&[alias.text, ":"]));
                self.push(field.name.text);
                self.list("(", &field.arguments, ")", Self::argument);
                field.directives.iter().for_each(|it| self.directive(it));
                self.selections(&field.selections);
            }
            Selection::Spread(spread) => {
                self.all(&["...", spread.name.text]);
                spread.directives.iter().for_each(|it| self.directive(it));
            }
            Selection::Inline(inline) => {
                self.push("...");
                inline.on.iter().for_each(|on| self.all(&["on", on.text]));
                inline.directives.iter().for_each(|it| self.directive(it));
                self.selections(&inline.selections);
            }
        }
    }

    fn directive(&mut self, directive: &Directive<'_>) {
        self.all(&["@", directive.name.text]);
        self.list("(", &directive.arguments, ")", Self::argument);
    }

    fn argument(&mut self, argument: &Argument<'_>) {
        self.all(&[argument.name.text, ":"]);
        self.value(&argument.value);
    }

    fn value(&mut self, value: &Value<'_>) {
        match &value.kind {
            ValueKind::Variable(name) => self.all(&["$", name]),
            ValueKind::Int(text) | ValueKind::Float(text) | ValueKind::Enum(text) => {
                self.push(text);
            }
            ValueKind::String(text) => self.push(&quoted(text)),
            ValueKind::Boolean(is_true) => self.push(&is_true.to_string()),
            ValueKind::Null => self.push("null"),
            ValueKind::List(items) => {
                self.push("[");
                items.iter().for_each(|item| self.value(item));
                self.push("]");
            }
            ValueKind::Object(fields) => {
                self.push("{");
                fields.iter().for_each(|field| self.argument(field));
                self.push("}");
            }
        }
    }
}

fn quoted(text: &str) -> String {
    let mut token = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => token.extend(['\\', character]),
            '\n' => token.push_str("\\n"),
            '\u{0}'..='\u{1f}' => token.push_str(&format!("\\u{:04x}", u32::from(character))),
            _ => token.push(character),
        }
    }
    token + "\""
}
