// Holds schema.graphql to the contract: `node breaking.mjs CONTRACT… SCHEMA [--complete]`.
//
// The contract may lie in several files, which are read as one. SDL cannot add arguments to a field that is there; a
// line `#+ Type.field(argument: Type)` does.
//
// The schema grows towards the contract and beyond it, so what is absent is only counted (an error
// with --complete), and additions are free unless a caller would have to send them. A part that is there
// must be as the contract says: same kind, same type with the same nullability, same interfaces,
// same defaults. That is stricter than GraphQL's own notion of a breaking change, which lets an
// output become non-null and an input nullable.

import { readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  buildASTSchema, findBreakingChanges, isInputObjectType, isInterfaceType, isObjectType, isScalarType,
  isSpecifiedScalarType, parse, validateSchema, valueFromASTUntyped,
} from 'graphql';

const ABSENCES = new Set([
  'TYPE_REMOVED', 'FIELD_REMOVED', 'ARG_REMOVED', 'VALUE_REMOVED_FROM_ENUM',
  'TYPE_REMOVED_FROM_UNION', 'DIRECTIVE_REMOVED', 'DIRECTIVE_ARG_REMOVED',
]);
// Compared by `differences` below, to the letter.
const COMPARED_HERE = new Set(['FIELD_CHANGED_KIND', 'ARG_CHANGED_KIND']);

/** Compares two schemas given as SDL. Each change is `{ type, description }`. */
export function compare(contractSdl, schemaSdl) {
  const contract = build(contractSdl, 'contract');
  const schema = build(schemaSdl, 'schema');
  const found = findBreakingChanges(contract, schema).filter(({ type }) => !COMPARED_HERE.has(type));
  return {
    absent: found.filter(({ type }) => ABSENCES.has(type)),
    errors: [
      ...found.filter(({ type }) => !ABSENCES.has(type)),
      ...differences(contract, schema),
    ],
  };
}

function build(sdl, name) {
  try {
    const schema = buildASTSchema(withArguments(sdl));
    const [error] = validateSchema(schema);
    if (error) throw error;
    return schema;
  } catch (error) {
    throw new Error(`the ${name} is not a valid schema: ${error.message}`, { cause: error });
  }
}

/** The document, with the arguments that its lines `#+` add. */
function withArguments(sdl) {
  const document = parse(sdl);
  const fields = document.definitions.flatMap((type) => (type.fields ?? []).map((field) => [type, field]));
  for (const [, of, name, added] of sdl.matchAll(/^#\+ (\w+)\.(\w+)(\(.*?\)) *(?:#.*)?$/gm)) {
    const found = fields.find(([type, field]) => type.name.value === of && field.name.value === name);
    if (!found) throw new Error(`there is no field ${of}.${name} to add arguments to`);
    found[1].arguments.push(...parse(`type It { it${added}: ID }`).definitions[0].fields[0].arguments);
  }
  return document;
}

function* differences(contract, schema) {
  yield* rootDifferences(contract, schema);
  for (const ours of Object.values(contract.getTypeMap())) {
    const theirs = schema.getType(ours.name);
    if (!theirs || theirs.constructor !== ours.constructor || ours.name.startsWith('__')) continue;
    if (isScalarType(ours) && !isSpecifiedScalarType(ours)) yield* urlDifference(ours, theirs);
    if (isInputObjectType(ours)) yield* inputDifferences(ours, theirs);
    if (isObjectType(ours) || isInterfaceType(ours)) yield* fieldDifferences(ours, theirs);
  }
}

function* rootDifferences(contract, schema) {
  for (const root of ['Query', 'Mutation', 'Subscription']) {
    const expected = contract[`get${root}Type`]()?.name;
    const actual = schema[`get${root}Type`]()?.name;
    if (expected && actual && expected !== actual) {
      yield change('ROOT_TYPE_CHANGED', `${root} operations start at ${actual}, not ${expected}.`);
    }
  }
}

function* urlDifference(expected, actual) {
  const url = expected.specifiedByURL;
  if (url && actual.specifiedByURL !== url) {
    yield change('SPECIFIED_BY_CHANGED', `${expected.name} is specified by ${actual.specifiedByURL ?? 'nothing'}, not ${url}.`);
  }
}

function* inputDifferences(expected, actual) {
  if (expected.isOneOf !== actual.isOneOf) {
    yield change('ONE_OF_CHANGED', `${expected.name} is ${actual.isOneOf ? '' : 'not '}@oneOf.`);
  }
  for (const [name, field] of pairs(expected.getFields(), actual.getFields())) {
    yield* valueDifferences('FIELD', `${expected.name}.${name}`, ...field);
  }
}

function* fieldDifferences(expected, actual) {
  for (const [name, [before, after]] of pairs(expected.getFields(), actual.getFields())) {
    const path = `${expected.name}.${name}`;
    yield* typeDifference('FIELD', path, before, after);
    const args = pairs(byName(before.args), byName(after.args));
    for (const [arg, both] of args) yield* valueDifferences('ARG', `${path}(${arg}:)`, ...both);
  }
}

function* valueDifferences(what, path, expected, actual) {
  yield* typeDifference(what, path, expected, actual);
  const [before, after] = [defaultOf(expected), defaultOf(actual)];
  if (before !== after) {
    yield change(`${what}_DEFAULT_VALUE_CHANGE`, `${path} defaults to ${after}, not ${before}.`);
  }
}

function* typeDifference(what, path, expected, actual) {
  if (`${expected.type}` !== `${actual.type}`) {
    yield change(`${what}_CHANGED_KIND`, `${path} is ${actual.type}, not ${expected.type}.`);
  }
}

/** As comparable text: the order of an object's fields carries no meaning. */
function defaultOf({ astNode }) {
  const node = astNode.defaultValue;
  return node ? canonical(valueFromASTUntyped(node)) : 'nothing';
}

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(', ')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const fields = Object.keys(value).sort().map((key) => `${key}: ${canonical(value[key])}`);
  return `{${fields.join(', ')}}`;
}

/** The parts that both have, by name. */
function pairs(expected, actual) {
  return Object.keys(expected)
    .filter((name) => name in actual)
    .map((name) => [name, [expected[name], actual[name]]]);
}

function byName(args) {
  return Object.fromEntries(args.map((arg) => [arg.name, arg]));
}

function change(type, description) {
  return { type, description };
}

function main(args) {
  const complete = args.includes('--complete');
  const files = args.filter((arg) => arg !== '--complete');
  const schema = files.pop();
  if (files.length === 0) {
    console.error('usage: node breaking.mjs CONTRACT… SCHEMA [--complete]');
    return 2;
  }
  const read = (file) => readFileSync(file, 'utf8');
  const { absent, errors } = compare(files.map(read).join('\n'), read(schema));
  for (const { type, description } of absent) console.log(`absent  ${type}: ${description}`);
  for (const { type, description } of errors) console.log(`error   ${type}: ${description}`);
  console.log(`not there yet: ${absent.length}`);
  console.log(`different: ${errors.length}`);
  return errors.length > 0 || (complete && absent.length > 0) ? 1 : 0;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = main(process.argv.slice(2));
}
