import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compare } from './breaking.mjs';

const CONTRACT = `
  scalar Date @specifiedBy(url: "https://example.org/date")
  interface Node { id: ID! }
  input Ref @oneOf { id: ID code: String }
  input Order { field: String! direction: Direction! = ASC limits: Limits = { low: 1, high: 2 } }
  input Limits { low: Int high: Int }
  enum Direction { ASC DESC }
  type Unit implements Node { id: ID! name: String! closedOn: Date parent: Unit children(first: Int = 20, text: String): [Unit!]! }
  type Query { unit(ref: Ref!, order: Order): Unit }
  type Mutation { close(unit: Ref!): Unit! }
`;

/** The contract with one thing written differently. */
function written(from, to) {
  assert.ok(CONTRACT.includes(from), `the contract has ${from}`);
  return CONTRACT.replace(from, to);
}

function types(list) {
  return list.map(({ type }) => type);
}

test('the contract keeps itself', () => {
  const [core, office] = ['contract', 'contract-office'].map((name) =>
    readFileSync(new URL(`${name}.graphql`, import.meta.url), 'utf8'));
  for (const sdl of [CONTRACT, core, `${core}\n${office}`]) {
    assert.deepEqual(compare(sdl, sdl), { absent: [], errors: [] });
  }
});

for (const [what, from, to, type] of [
  ['an output made non-null', 'closedOn: Date', 'closedOn: Date!', 'FIELD_CHANGED_KIND'],
  ['an output made nullable', 'name: String!', 'name: String', 'FIELD_CHANGED_KIND'],
  ['nulls in a list', '[Unit!]!', '[Unit]!', 'FIELD_CHANGED_KIND'],
  ['another type', 'closedOn: Date', 'closedOn: String', 'FIELD_CHANGED_KIND'],
  ['an argument made optional', 'ref: Ref!', 'ref: Ref', 'ARG_CHANGED_KIND'],
  ['an argument made required', 'text: String', 'text: String!', 'ARG_CHANGED_KIND'],
  ['another default', 'first: Int = 20', 'first: Int = 50', 'ARG_DEFAULT_VALUE_CHANGE'],
  ['a default left out', 'first: Int = 20', 'first: Int', 'ARG_DEFAULT_VALUE_CHANGE'],
  ['a default made up', 'text: String', 'text: String = ""', 'ARG_DEFAULT_VALUE_CHANGE'],
  ['a new required argument', 'first: Int = 20', 'first: Int = 20, by: Int!', 'REQUIRED_ARG_ADDED'],
  ['an input field made optional', 'field: String!', 'field: String', 'FIELD_CHANGED_KIND'],
  ['an input field without its default', 'Direction! = ASC', 'Direction!', 'FIELD_DEFAULT_VALUE_CHANGE'],
  ['another default object', 'high: 2', 'high: 3', 'FIELD_DEFAULT_VALUE_CHANGE'],
  ['a new required input field', 'field: String!', 'field: String! by: Int!', 'REQUIRED_INPUT_FIELD_ADDED'],
  ['one of, no more', 'input Ref @oneOf', 'input Ref', 'ONE_OF_CHANGED'],
  ['one of, newly', 'input Limits', 'input Limits @oneOf', 'ONE_OF_CHANGED'],
  ['another kind', 'enum Direction { ASC DESC }', 'scalar Direction', 'TYPE_CHANGED_KIND'],
  ['an interface left out', 'type Unit implements Node', 'type Unit', 'IMPLEMENTED_INTERFACE_REMOVED'],
  ['a scalar without its specification', '@specifiedBy(url: "https://example.org/date")', '', 'SPECIFIED_BY_CHANGED'],
]) {
  test(`refused: ${what}`, () => {
    const { absent, errors } = compare(CONTRACT, written(from, to));
    assert.deepEqual([absent, types(errors)], [[], [type]]);
  });
}

test('refused: a root type by another name', () => {
  const schema = `${written('type Mutation', 'type Writes')} schema { query: Query mutation: Writes }`;
  const { absent, errors } = compare(CONTRACT, schema);
  assert.deepEqual([types(absent), types(errors)], [['TYPE_REMOVED'], ['ROOT_TYPE_CHANGED']]);
});

for (const [what, from, to, type] of [
  ['a type', /type Mutation.*/, '', 'TYPE_REMOVED'],
  ['a field', 'parent: Unit', '', 'FIELD_REMOVED'],
  ['an argument', ', text: String', '', 'ARG_REMOVED'],
  ['an enum value', 'ASC DESC', 'ASC', 'VALUE_REMOVED_FROM_ENUM'],
  ['an input field', 'id: ID code', 'code', 'FIELD_REMOVED'],
]) {
  test(`counted: ${what} that is not there yet`, () => {
    const { absent, errors } = compare(CONTRACT, CONTRACT.replace(from, to));
    assert.deepEqual([types(absent), errors], [[type], []]);
  });
}

for (const [what, from, to] of [
  ['a field', 'name: String!', 'name: String! depth: Int!'],
  ['an optional argument', 'first: Int = 20', 'first: Int = 20, last: Int'],
  ['a required argument with a default', 'first: Int = 20', 'first: Int = 20, deep: Boolean! = false'],
  ['an enum value', 'ASC DESC', 'ASC DESC NONE'],
  ['an optional input field', 'field: String!', 'field: String! by: Int'],
  ['a type and a description', 'type Unit', 'type More { a: Int } "A union (công đoàn)." type Unit'],
  ['a default object in another order', 'low: 1, high: 2', 'high: 2, low: 1'],
  ['the directive spelt out', 'scalar Date', 'directive @oneOf on INPUT_OBJECT scalar Date'],
]) {
  test(`free: ${what}`, () => {
    assert.deepEqual(compare(CONTRACT, written(from, to)), { absent: [], errors: [] });
  });
}

test('a line adds arguments to a field that is there', () => {
  const sdl = `${CONTRACT}\n#+ Query.unit(asOf: Date, deep: Boolean! = false)   # a remark`;
  const { absent, errors } = compare(sdl, CONTRACT);
  assert.deepEqual([types(absent), errors], [['ARG_REMOVED', 'ARG_REMOVED'], []]);
  const without = written('order: Order', 'order: Order, asOf: String, deep: Boolean! = false');
  assert.deepEqual(types(compare(sdl, without).errors), ['ARG_CHANGED_KIND']);
  assert.throws(() => compare(`${CONTRACT}\n#+ Query.units(asOf: Date)`, CONTRACT), /no field Query.units/);
});

test('a schema that is none says so', () => {
  assert.throws(() => compare(CONTRACT, 'type Query {'), /the schema is not a valid schema: Syntax Error/);
  assert.throws(() => compare('type Query { a: B }', CONTRACT), /the contract is not a valid schema: Unknown type "B"/);
});

const dir = mkdtempSync(join(tmpdir(), 'breaking-'));
after(() => rmSync(dir, { recursive: true }));

for (const [what, schema, options, status, last] of [
  ['the same', CONTRACT, ['--complete'], 0, 'not there yet: 0\ndifferent: 0\n'],
  ['an absence', written('parent: Unit', ''), [], 0, 'not there yet: 1\ndifferent: 0\n'],
  ['an absence, to be complete', written('parent: Unit', ''), ['--complete'], 1, 'not there yet: 1\ndifferent: 0\n'],
  ['a difference', written('name: String!', 'name: String'), [], 1, 'not there yet: 0\ndifferent: 1\n'],
]) {
  test(`command line: ${what}`, () => {
    const files = [join(dir, 'contract.graphql'), join(dir, 'schema.graphql')];
    [CONTRACT, schema].forEach((sdl, i) => writeFileSync(files[i], sdl));
    const command = fileURLToPath(new URL('breaking.mjs', import.meta.url));
    const run = spawnSync(process.execPath, [command, ...files, ...options], { encoding: 'utf8' });
    assert.equal(run.status, status, run.stderr);
    assert.ok(run.stdout.endsWith(last), run.stdout);
  });
}
