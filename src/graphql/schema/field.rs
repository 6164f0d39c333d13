use async_graphql::SimpleObject;

/// A field of work that initiatives are about, from the operator's list (lĩnh vực).
#[derive(SimpleObject)]
pub struct Field {
    /// The code that initiatives name the field by, unique in the list (mã lĩnh vực).
    pub code: String,
    /// The field's name for people (tên lĩnh vực).
    pub name: String,
}
