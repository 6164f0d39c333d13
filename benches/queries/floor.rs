//! The same answer out of values that are there already: what the executor of async-graphql takes
//! by itself, whatever lies behind the resolvers.

use async_graphql::{EmptyMutation, EmptySubscription, Object, Request, Schema};

use super::{Plain, PlainNodes, PlainTally, PlainTarget};

pub type Floor = Schema<Query, EmptyMutation, EmptySubscription>;

pub fn schema(root: Plain) -> Floor {
    Schema::new(Query(root), EmptyMutation, EmptySubscription)
}

pub async fn bytes(floor: &Floor, query: &str) -> Vec<u8> {
    let response = floor.execute(Request::new(query)).await;
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    serde_json::to_vec(&response).expect("JSON")
}

pub struct Query(Plain);

#[Object]
impl Query {
    async fn root(&self) -> &Plain {
        &self.0
    }
}

#[Object(name = "Unit")]
impl Plain {
    async fn code(&self) -> &str {
        &self.code
    }

    async fn name(&self) -> &str {
        &self.name
    }

    async fn member_count(&self) -> Option<i32> {
        self.member_count
    }

    async fn tally(&self) -> &PlainTally {
        &self.tally
    }

    async fn target(&self) -> Option<&PlainTarget> {
        self.target.as_ref()
    }

    async fn children(&self, first: usize) -> Option<&PlainNodes> {
        self.children.as_ref().filter(|children| children.nodes.len() <= first)
    }
}

#[Object(name = "Tally")]
impl PlainTally {
    async fn submitted(&self) -> i32 {
        self.submitted
    }

    async fn accepted(&self) -> i32 {
        self.accepted
    }

    async fn ratio(&self) -> Option<f64> {
        self.ratio
    }
}

#[Object(name = "Target")]
impl PlainTarget {
    async fn goal(&self) -> i32 {
        self.goal
    }
}

#[Object(name = "Connection")]
impl PlainNodes {
    async fn nodes(&self) -> &[Plain] {
        &self.nodes
    }
}
