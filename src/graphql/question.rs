//! What makes two requests the same: then they have the same answer.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use async_graphql::Value;

use super::documents::Identity;
use super::execution::Asked;
use crate::auth::Audience;
use crate::domain::Version;

/// All that an answer depends on but the state of things. Nothing of the caller is in it but the
/// audience.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Question {
    document: Identity,
    operation: Option<String>,
    /// As text: those that the operation declares, with its defaults, members of objects in order
    /// of their names.
    variables: String,
    /// Of an event feed: which event is told.
    event: Option<Version>,
    audience: Audience,
}

impl Question {
    pub fn of(asked: &Asked) -> Self {
        Self::without(asked, None)
    }

    /// What an event feed is asked for each event. Since when the client follows it makes no
    /// difference to what it is told.
    pub fn of_event(asked: &Asked, event: Version) -> Self {
        let since = asked.document.variable_only_for(asked.operation(), "after");
        Self { event: Some(event), ..Self::without(asked, since.as_deref()) }
    }

    fn without(asked: &Asked, left_out: Option<&str>) -> Self {
        let operation = asked.definition();
        let definitions = operation.map(|it| it.variable_definitions.as_slice());
        let mut variables = String::new();
        for definition in definitions.unwrap_or_default() {
            let name = &definition.node.name.node;
            if let Some(value) = asked.variables.get(name)
                && left_out != Some(name.as_str())
            {
                write!(variables, "{name}:").expect("a text takes more");
                write_value(&mut variables, value);
            }
        }
        Self {
            document: asked.document.identity,
            operation: asked.operation().map(str::to_owned),
            variables,
            event: None,
            audience: asked.audience().clone(),
        }
    }

    /// Bytes that it holds, roughly.
    pub fn size(&self) -> usize {
        size_of::<Self>() + self.variables.len()
    }
}

fn write_value(text: &mut String, value: &Value) {
    match value {
        Value::Object(members) => {
            text.push('{');
            for (name, value) in members.iter().collect::<BTreeMap<_, _>>() {
                write!(text, "{name}:").expect("a text takes more");
                write_value(text, value);
            }
            text.push('}');
        }
        Value::List(values) => {
            text.push('[');
            for value in values {
                write_value(text, value);
            }
            text.push(']');
        }
        // Texts are quoted, so that nothing runs into the next.
        scalar => write!(text, "{scalar},").expect("a text takes more"),
    }
}
