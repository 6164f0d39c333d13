/** A document's text that knows its data and its variables, as tools for typed documents read it. */
export type Document<Data, Variables> = string & { readonly __apiType?: (variables: Variables) => Data };

export interface Options {
  /** A token (mã truy cập); without it the server shows what is public. */
  token?: string | undefined;
  /** The language of messages, as `vi`; English without it. */
  language?: string | undefined;
  /** `fetch`, if not the one that there is. */
  fetch?: typeof fetch | undefined;
  /** A WebSocket, where there is none, as in Node.js 20: that of the package `ws`. */
  webSocketImpl?: unknown;
}

export interface Result<Data> {
  data: Data;
  /** The version that the data shows, and the mark of that moment. */
  extensions: { version: number; mark: string };
}

export interface Connection<Node> {
  nodes: Node[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

/** The type of the one field that a document asks for. */
export type RootField<Data> = Data[keyof Data];

export interface Page<Data> {
  nodes: RootField<Data> extends { nodes: infer Nodes } ? Nodes : never;
  /** The mark of the run's first page. */
  mark: string;
}

/** A state that is followed. */
export interface LiveState<Data> {
  /** `lost`: the server is away, or gives no state at the moment, and comes back by itself; `over`: it does not. */
  status: 'connecting' | 'live' | 'lost' | 'over';
  /** The newest state that came, also once the server is lost or the state is over; null until one came. */
  data: Data | null;
  /** The reason for which it is over, waits, or lacks a part. */
  error: import('./client.js').SangkienError | null;
}
