//! The description of the schema as a whole, the same in `schema.graphql` and by introspection.

use async_graphql::extensions::ResolveInfo;

pub const SCHEMA_DESCRIPTION: &str = "\
Sangkien: initiatives of a national union's campaigns, with their counts, targets and live \
leaderboards (sáng kiến, số liệu, chỉ tiêu và bảng xếp hạng của các đợt thi đua). Reading what is \
public needs no token; changing anything does (mã truy cập). Days begin and end in Việt Nam (UTC+7). \
Enums may gain values, and types may gain fields.";

/// The schema's text, which the library exports without a description of the schema, with one.
pub fn described(sdl: &str) -> String {
    let described = format!("\"\"\"\n{SCHEMA_DESCRIPTION}\n\"\"\"\nschema {{\n");
    sdl.replacen("schema {\n", &described, 1)
}

/// Whether an execution asks for the description, where the library has one text for every schema.
pub fn is_asked_for(info: &ResolveInfo<'_>) -> bool {
    info.is_for_introspection && info.parent_type == "__Schema" && info.name == "description"
}
