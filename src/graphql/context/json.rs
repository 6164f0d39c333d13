//! Writing of GraphQL values as JSON.

use async_graphql::Value;
use bytes::Bytes;

/// A value that stands for text that is JSON already. No scalar of the schema is binary.
pub fn written(text: Vec<u8>) -> Value {
    Value::Binary(Bytes::from(text))
}

/// Appends the value as JSON.
pub fn write(value: &Value, text: &mut Vec<u8>) {
    match value {
        Value::Binary(written) => text.extend_from_slice(written),
        Value::List(items) => {
            text.push(b'[');
            separated(items, text, write);
            text.push(b']');
        }
        Value::Object(members) => {
            text.push(b'{');
            separated(members, text, |(name, value), text| {
                write_name(name, text);
                write(value, text);
            });
            text.push(b'}');
        }
        Value::String(words) => write_text(words, text),
        Value::Enum(name) => write_text(name, text),
        scalar => serde_json::to_writer(text, scalar).expect("null, a number or a truth is JSON"),
    }
}

/// The approximate bytes of a value, without the objects in it.
pub fn scalar_bytes(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 2,
        Value::List(items) => 2 + items.iter().map(|item| scalar_bytes(item) + 1).sum::<usize>(),
        Value::Object(_) => 2,
        Value::Binary(_) => 0,
        Value::Null | Value::Number(_) | Value::Boolean(_) | Value::Enum(_) => 5,
    }
}

/// Names of GraphQL need no escapes.
pub fn write_name(name: &str, text: &mut Vec<u8>) {
    text.push(b'"');
    text.extend_from_slice(name.as_bytes());
    text.extend_from_slice(b"\":");
}

fn write_text(words: &str, text: &mut Vec<u8>) {
    serde_json::to_writer(text, words).expect("a text is JSON");
}

fn separated<T>(
    items: impl IntoIterator<Item = T>,
    text: &mut Vec<u8>,
    write: impl Fn(T, &mut Vec<u8>),
) {
    for (place, item) in items.into_iter().enumerate() {
        if place > 0 {
            text.push(b',');
        }
        write(item, text);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_written_as_it_is_elsewhere_and_a_written_one_as_it_was() {
        let value = json!({
            "text": "Đồng \"Nai\"\n\u{1}", "none": null, "numbers": [1, -2, 0.5, 1e300],
            "truths": [true, false], "empty": [[], {}], "deep": { "deeper": [{ "a": 1 }] }
        });
        let mut text = Vec::new();
        write(&Value::from_json(value.clone()).unwrap(), &mut text);
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&text).unwrap(), value);

        let parts = vec![Value::Enum(async_graphql::Name::new("SECTOR")), written(text.clone())];
        let mut both = Vec::new();
        write(&Value::List(parts), &mut both);
        assert_eq!(both, [b"[\"SECTOR\",", text.as_slice(), b"]"].concat());
    }
}
