use async_graphql::SimpleObject;

/// A field of work (lĩnh vực).
#[derive(SimpleObject)]
pub struct Field {
    /// What initiatives name it by (mã lĩnh vực).
    pub code: String,
    /// What it is called (tên lĩnh vực).
    pub name: String,
}
