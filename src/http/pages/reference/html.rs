//! The text of a schema as a page: each type with its parts, each part under an address of its own, as `#Unit.children`.

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    ConstDirective, EnumType, FieldDefinition, InputValueDefinition, TypeDefinition, TypeKind,
    TypeSystemDefinition,
};
use async_graphql::{Name, Positioned};

type IsHere = fn(&TypeDefinition) -> bool;

/// The parts of the page in their order: a heading, and the types under it.
const GROUPS: [(&str, IsHere); 6] = [
    ("Operations", is_root),
    ("Objects", |it| matches!(it.kind, TypeKind::Object(_)) && !is_root(it)),
    ("Interfaces", |it| matches!(it.kind, TypeKind::Interface(_) | TypeKind::Union(_))),
    ("Inputs", |it| matches!(it.kind, TypeKind::InputObject(_))),
    ("Enums", |it| matches!(it.kind, TypeKind::Enum(_))),
    ("Scalars", |it| matches!(it.kind, TypeKind::Scalar)),
];
const ROOTS: [&str; 3] = ["Query", "Mutation", "Subscription"];
/// Scalars of the specification, which the text does not define.
const SPECIFIED: [&str; 5] = ["Boolean", "Float", "ID", "Int", "String"];

fn is_root(definition: &TypeDefinition) -> bool {
    ROOTS.contains(&definition.name.node.as_str())
}

/// The page for a schema.
///
/// # Panics
/// When the text is no schema.
pub fn page(sdl: &str) -> String {
    let document = parse_schema(sdl).expect("the schema's own text can be read");
    let types: Vec<TypeDefinition> = document
        .definitions
        .into_iter()
        .filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => Some(definition.node),
            TypeSystemDefinition::Schema(_) | TypeSystemDefinition::Directive(_) => None,
        })
        .collect();
    let groups = GROUPS.map(|(heading, is_here)| {
        (heading, types.iter().filter(|it| is_here(it)).collect::<Vec<_>>())
    });
    let contents = groups.iter().map(|(heading, types)| {
        let links = types.iter().map(|it| format!("<li>{}</li>", link(&it.name.node)));
        format!("<h2>{heading}</h2><ul>{}</ul>", links.collect::<String>())
    });
    let sections = groups.iter().flat_map(|(_, types)| types.iter().map(|it| section(it)));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>The schema of Sangkien</title>\n<link rel=\"stylesheet\" href=\"schema/page.css\">\n</head>\n\
         <body>\n<nav>\n<p><a href=\"graphiql\">GraphiQL</a></p>\n{}\n</nav>\n<main>\n\
         <h1>The schema of Sangkien</h1>\n{}\n</main>\n</body>\n</html>\n",
        contents.collect::<String>(),
        sections.collect::<String>(),
    )
}

fn section(definition: &TypeDefinition) -> String {
    let name = definition.name.node.as_str();
    let (kind, parts) = match &definition.kind {
        TypeKind::Scalar => ("scalar", String::new()),
        TypeKind::Object(object) => ("type", fields(name, &object.fields)),
        TypeKind::Interface(interface) => ("interface", fields(name, &interface.fields)),
        TypeKind::Union(union) => ("union", names(&union.members)),
        TypeKind::Enum(of_values) => ("enum", values(name, of_values)),
        TypeKind::InputObject(input) => ("input", inputs(name, &input.fields)),
    };
    let implements = match &definition.kind {
        TypeKind::Object(object) if !object.implements.is_empty() => {
            format!(" implements {}", names(&object.implements))
        }
        _ => String::new(),
    };
    let directives = directives(&definition.directives);
    format!(
        "<section id=\"{name}\"><h3><small>{kind}</small> {name}<small>{implements}{directives}</small></h3>{}{parts}</section>\n",
        text(definition.description.as_ref()),
    )
}

fn names(names: &[Positioned<Name>]) -> String {
    names.iter().map(|name| link(&name.node)).collect::<Vec<_>>().join(", ")
}

fn fields(of: &str, fields: &[Positioned<FieldDefinition>]) -> String {
    let parts = fields.iter().map(|Positioned { node: field, .. }| {
        let path = format!("{of}.{}", field.name.node);
        let arguments = field.arguments.iter().map(|it| {
            let argument = &it.node;
            let place = format!("{path}({}:)", argument.name.node);
            part(&place, &input(argument), &text(argument.description.as_ref()))
        });
        let arguments: String = arguments.collect();
        let arguments =
            if arguments.is_empty() { arguments } else { format!("<dl>{arguments}</dl>") };
        let shown = format!(
            "{}: {}{}",
            field.name.node,
            type_of(&field.ty.node.to_string()),
            directives(&field.directives),
        );
        part(&path, &shown, &(text(field.description.as_ref()) + &arguments))
    });
    format!("<dl>{}</dl>", parts.collect::<String>())
}

fn inputs(of: &str, inputs: &[Positioned<InputValueDefinition>]) -> String {
    let parts = inputs.iter().map(|Positioned { node, .. }| {
        let path = format!("{of}.{}", node.name.node);
        part(&path, &input(node), &text(node.description.as_ref()))
    });
    format!("<dl>{}</dl>", parts.collect::<String>())
}

fn values(of: &str, values: &EnumType) -> String {
    let parts = values.values.iter().map(|Positioned { node: value, .. }| {
        let path = format!("{of}.{}", value.value.node);
        let directives = directives(&value.directives);
        let shown = format!("{}{directives}", value.value.node);
        part(&path, &shown, &text(value.description.as_ref()))
    });
    format!("<dl>{}</dl>", parts.collect::<String>())
}

/// An argument or a field of an input, with its type and its default.
fn input(definition: &InputValueDefinition) -> String {
    let default = definition.default_value.as_ref();
    let default = default
        .map_or_else(String::new, |value| format!(" = {}", escaped(&value.node.to_string())));
    let directives = directives(&definition.directives);
    format!(
        "{}: {}{default}{directives}",
        definition.name.node,
        type_of(&definition.ty.node.to_string())
    )
}

/// A part with its address.
fn part(path: &str, shown: &str, about: &str) -> String {
    format!("<dt id=\"{path}\"><code>{shown}</code></dt><dd>{about}</dd>")
}

/// A type as it is written, its name leading to its section.
fn type_of(written: &str) -> String {
    let name = written.trim_matches(['[', ']', '!']);
    written.replacen(name, &link(name), 1)
}

fn link(name: &str) -> String {
    if SPECIFIED.contains(&name) {
        return name.to_owned();
    }
    format!("<a href=\"#{name}\">{name}</a>")
}

fn directives(directives: &[Positioned<ConstDirective>]) -> String {
    let written = directives.iter().map(|Positioned { node: directive, .. }| {
        let arguments = directive.arguments.iter();
        let arguments = arguments.map(|(name, value)| format!("{}: {}", name.node, value.node));
        let arguments: Vec<String> = arguments.collect();
        let arguments = match &arguments[..] {
            [] => String::new(),
            some => format!("({})", some.join(", ")),
        };
        format!(" @{}{}", directive.name.node, escaped(&arguments))
    });
    written.collect()
}

/// A description: paragraphs, with names of the schema between backticks.
fn text(description: Option<&Positioned<String>>) -> String {
    let Some(description) = description else { return String::new() };
    let paragraphs = description.node.split("\n\n").map(|paragraph| {
        let mut parts = paragraph.split('`');
        let plain = escaped(parts.next().unwrap_or_default());
        let rest = parts.enumerate().map(|(place, part)| match place % 2 {
            0 => format!("<code>{}</code>", escaped(part)),
            _ => escaped(part),
        });
        format!("<p>{plain}{}</p>", rest.collect::<String>())
    });
    paragraphs.collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_shown_with_its_type_its_default_and_its_text() {
        let sdl = "type Query { \"Rows of `A<B>` & more.\" rows(\"So many.\" first: Int! = 20, of: [Kind!]): [Row!]! }\n\
                   type Row { kind: Kind @deprecated(reason: \"no <use>\") }\nenum Kind { \"The one.\" ONE }";
        let page = page(sdl);
        for shown in [
            "<dt id=\"Query.rows\"><code>rows: [<a href=\"#Row\">Row</a>!]!</code></dt><dd><p>Rows of <code>A&lt;B&gt;</code> &amp; more.</p>",
            "<dt id=\"Query.rows(first:)\"><code>first: Int! = 20</code></dt><dd><p>So many.</p></dd>",
            "<dt id=\"Query.rows(of:)\"><code>of: [<a href=\"#Kind\">Kind</a>!]</code></dt><dd></dd>",
            "<code>kind: <a href=\"#Kind\">Kind</a> @deprecated(reason: \"no &lt;use&gt;\")</code>",
            "<section id=\"Kind\"><h3><small>enum</small> Kind",
            "<dt id=\"Kind.ONE\"><code>ONE</code></dt><dd><p>The one.</p></dd>",
            "<h2>Operations</h2><ul><li><a href=\"#Query\">Query</a></li></ul>",
        ] {
            assert!(page.contains(shown), "{shown}\n{page}");
        }
    }
}
