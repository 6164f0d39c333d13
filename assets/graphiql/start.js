// Starts GraphiQL against this server's /graphql: requests over HTTP, subscriptions over
// graphql-transport-ws. What stands in the header editor goes with both.
"use strict";

/* global OPERATIONS: the worked operations of docs/queries, from operations.js. */

const HEADERS = `{
  "Authorization": "Bearer TOKEN"
}`;

/** A worked operation as a tab; one that needs a token has a place for it. */
function tab({ query, variables }) {
  const tab = { query };
  // Each page that is opened submits something of its own.
  const key = `graphiql-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
  if (variables !== "{}") tab.variables = variables.replace(/("key": )"[^"]*"/, `$1"${key}"`);
  if (/^# Token: /m.test(query)) tab.headers = HEADERS;
  return tab;
}

/** Headers of the request that was sent last; a new socket is opened with them. */
let headers = {};

const endpoint = new URL("graphql", location.href);
const socketUrl = new URL(endpoint);
socketUrl.protocol = endpoint.protocol === "https:" ? "wss:" : "ws:";

const fetcher = GraphiQL.createFetcher({
  url: endpoint.href,
  // Opened by the first subscription and closed after the last, so a changed header counts.
  wsClient: graphqlWs.createClient({
    url: socketUrl.href,
    connectionParams: () => headers,
    // A wrong token stays wrong: said at once, not after a minute of trying.
    shouldRetry: (event) => event?.code !== undefined && event.code !== 4403,
  }),
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
    defaultTabs: OPERATIONS.map(tab),
  }, React.createElement(GraphiQL.Logo, null, React.createElement("a", { href: "schema" }, "Schema"))),
);
