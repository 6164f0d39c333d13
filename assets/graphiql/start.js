// Starts GraphiQL against this server's /graphql: requests over HTTP, subscriptions over
// graphql-transport-ws. What stands in the header editor goes with both.
"use strict";

const FIRST_QUERY = `# The whole union, and the first five of its direct units,
# in the period that is running.
query First {
  root {
    code
    name
    tally { submitted accepted target ratio }
  }
  leaderboard(first: 5) {
    period { code name startsOn endsOn }
    ranked
    entries {
      rank
      previousRank
      gained
      unit { code name }
      tally { submitted accepted target ratio }
    }
  }
}
`;

const FIRST_SUBSCRIPTION = `# The present state at once,
# then a message whenever the board changes.
subscription Board {
  leaderboard(first: 10) {
    version
    asOf
    total { submitted accepted pending target ratio }
    entries {
      rank
      previousRank
      gained
      unit { code name }
      tally { submitted target ratio }
    }
  }
}
`;

const FIRST_MUTATION = `# Needs a token that may submit at the unit;
# it goes into the Headers below. Sent again
# with the same key, nothing counts twice.
mutation Submit($input: SubmitInitiativeInput!) {
  submitInitiative(input: $input) {
    replayed
    initiative { id title status submittedAt unit { code name } }
    errors { code message path }
  }
}
`;

const INPUT = {
  key: `graphiql-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`,
  unit: { code: "cdcs-26383" },
  title: "Máy rửa tay khử khuẩn tự động",
  kind: "TECHNICAL",
  field: "covid_prevention",
  authors: [{ name: "Nguyễn Thị Lan", group: "PUBLIC_EMPLOYEE" }],
  appliedOn: "2022-03-01",
  confidential: false,
};

const HEADERS = `{
  "Authorization": "Bearer TOKEN"
}`;

/** Headers of the request that was sent last; a new socket is opened with them. */
let headers = {};

const endpoint = new URL("/graphql", location.href);
const socketUrl = new URL(endpoint);
socketUrl.protocol = endpoint.protocol === "https:" ? "wss:" : "ws:";

const fetcher = GraphiQL.createFetcher({
  url: endpoint.href,
  // Opened by the first subscription and closed after the last, so a changed header counts.
  wsClient: graphqlWs.createClient({ url: socketUrl.href, connectionParams: () => headers }),
});

function fetchWithHeaders(parameters, options) {
  headers = options?.headers ?? {};
  return fetcher(parameters, options);
}

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher: fetchWithHeaders,
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: false,
    defaultEditorToolsVisibility: "variables",
    defaultTabs: [
      { query: FIRST_QUERY },
      { query: FIRST_SUBSCRIPTION },
      { query: FIRST_MUTATION, variables: JSON.stringify({ input: INPUT }, null, 2), headers: HEADERS },
    ],
  }),
);
