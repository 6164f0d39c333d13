//! GraphiQL in a real browser: `tests/clients/graphiql.live.mjs`.

use crate::wall::run;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn graphiql_in_a_browser() {
    run("graphiql.live.mjs", "graphiql").await;
}
