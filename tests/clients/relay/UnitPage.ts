// Compiled by relay-compiler, never run: fragments of a unit page as Relay users write them.

import { graphql } from 'relay-runtime';

export const row = graphql`
  fragment UnitPage_row on Unit {
    code
    name
    tally {
      submitted
      accepted
      target
      ratio
    }
  }
`;

// Asks for itself again by `node(id:)`, page by page.
export const children = graphql`
  fragment UnitPage_children on Unit
  @argumentDefinitions(first: { type: "Int", defaultValue: 20 }, after: { type: "String" }, notStarted: { type: "Boolean" })
  @refetchable(queryName: "UnitPageChildrenQuery") {
    children(first: $first, after: $after, filter: { notStarted: $notStarted }, orderBy: { field: NAME })
      @connection(key: "UnitPage_children", filters: ["filter", "orderBy"]) {
      totalCount
      edges {
        node {
          ...UnitPage_row
        }
      }
    }
  }
`;

// Backwards, over rows that are read from tables.
export const initiatives = graphql`
  fragment UnitPage_initiatives on Unit
  @argumentDefinitions(last: { type: "Int", defaultValue: 20 }, before: { type: "String" })
  @refetchable(queryName: "UnitPageInitiativesQuery") {
    initiatives(last: $last, before: $before, filter: { statuses: [ACCEPTED] })
      @connection(key: "UnitPage_initiatives") {
      edges {
        node {
          title
          unit {
            ...UnitPage_row
          }
        }
      }
    }
  }
`;

// A part of the page with an id of its own.
export const tally = graphql`
  fragment UnitPage_tally on Tally @refetchable(queryName: "UnitPageTallyQuery") {
    submitted
    version
  }
`;

export const board = graphql`
  fragment UnitPage_board on Query
  @argumentDefinitions(first: { type: "Int", defaultValue: 20 })
  @refetchable(queryName: "UnitPageBoardQuery") {
    leaderboard(first: $first) {
      version
      entries {
        rank
        unit {
          ...UnitPage_row
        }
      }
    }
  }
`;

export const log = graphql`
  fragment UnitPage_log on Query
  @argumentDefinitions(first: { type: "Int", defaultValue: 50 }, after: { type: "String" })
  @refetchable(queryName: "UnitPageLogQuery") {
    initiativeEvents(within: $unit, first: $first, after: $after) @connection(key: "UnitPage_initiativeEvents") {
      edges {
        node {
          kind
          at
          initiative {
            title
          }
        }
      }
    }
  }
`;

export const page = graphql`
  query UnitPageQuery($unit: UnitRef!) {
    unit(ref: $unit) {
      ...UnitPage_row
      ...UnitPage_children
      ...UnitPage_initiatives
      tally {
        ...UnitPage_tally
      }
    }
    ...UnitPage_board
    ...UnitPage_log
  }
`;

export const watch = graphql`
  subscription UnitPageSubscription($unit: UnitRef!) {
    tally(unit: $unit) {
      ...UnitPage_tally
    }
  }
`;

export const accept = graphql`
  mutation UnitPageAcceptMutation($input: ReviewInitiativeInput!, $connections: [ID!]!) {
    reviewInitiative(input: $input) {
      initiative @prependNode(connections: $connections, edgeTypeName: "InitiativeEdge") {
        status
        version
      }
      errors {
        code
        message
        path
      }
    }
  }
`;
