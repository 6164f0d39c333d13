// Documents with variables, and what graphql-js makes of them: one JSON object a line.
//
//     node differential.mjs SCHEMA.graphql
//
// Valid documents come first, then documents broken in one place, at least PER_RULE for each rule of
// graphql-js, then values of variables that do not fit. The same text comes out each time: chance has a seed.
// A line: {"kind", "document", "operation", "variables", "valid", "why", "arguments"}; `arguments`, of
// valid ones, is what each field of the operation is given, in the order of the document.

import { readFileSync } from 'node:fs';
import {
  buildSchema, getNamedType, getNullableType, GraphQLError, isAbstractType, isCompositeType, isEnumType,
  isInputObjectType, isInputType, isLeafType, isListType, isNonNullType, isObjectType, isRequiredArgument,
  isRequiredInputField, Kind, parse, print, SchemaMetaFieldDef, specifiedRules, TypeInfo, TypeMetaFieldDef,
  TypeNameMetaFieldDef, validate, visit, visitWithTypeInfo,
} from 'graphql';
import { getArgumentValues, getVariableValues } from 'graphql/execution/values.js';

const VALID = 1200;
const PER_RULE = 60;
const TRIES = 6000;
const BAD_VALUES = 600;

const schema = buildSchema(readFileSync(process.argv[2], 'utf8'));

// ---- The judge's scalars, as the server's coerce ----

const longMax = Number.MAX_SAFE_INTEGER;
const scalar = (name, kind, coerce) => {
  const type = schema.getType(name);
  type.parseValue = coerce;
  type.parseLiteral = (node) => {
    if (node.kind !== kind) throw new GraphQLError(`not a ${name}`);
    return coerce(kind === Kind.INT ? Number(node.value) : node.value);
  };
};
const must = (holds, value) => {
  if (!holds) throw new GraphQLError('not a value of the scalar');
  return value;
};
const isDay = (text) => {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
};
scalar('Long', Kind.INT, (it) => must(Number.isInteger(it) && Math.abs(it) <= longMax, it));
scalar('Date', Kind.STRING, (it) => must(typeof it === 'string' && /^\d{4}-\d\d-\d\d$/.test(it) && isDay(it), it));
if (schema.getType('DateTime')?.parseValue) {
  scalar('DateTime', Kind.STRING, (it) => {
    const shape = /^(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,3})?(?:Z|[+-]\d\d:\d\d)$/;
    const parts = typeof it === 'string' && shape.exec(it);
    must(parts && isDay(parts[1]), it);
    const local = new Date(Date.parse(it) + 7 * 3_600_000);
    return local.toISOString().replace('Z', '+07:00');
  });
}

// ---- Chance ----

let state = 20_220_531;
const random = () => {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
};
const below = (n) => Math.floor(random() * n);
const chance = (share) => random() < share;
const pick = (list) => list[below(list.length)];
const shuffled = (list) => {
  const copy = [...list];
  for (let at = copy.length - 1; at > 0; at--) {
    const other = below(at + 1);
    [copy[at], copy[other]] = [copy[other], copy[at]];
  }
  return copy;
};

// ---- Values ----

const texts = [
  '', 'tld', 'Đồng Nai', 'a "quoted" word', 'back\\slash', 'line\nbreak', '😀 emoji', 'tab\there', '{}', 'null',
  '\u00a0', 'a#b', '$x', '"""',
];
const numbers = [0, 1, -1, 5, 20, 2_147_483_647, -2_147_483_648, 127, 65_536];
const longs = [...numbers, 2_147_483_648, longMax, -longMax];
const days = ['2022-05-31', '2024-02-29', '1999-12-31', '2030-01-01'];
const moments = ['2022-05-31T17:00:00Z', '2022-05-31T23:59:59.999+07:00', '2024-02-29T00:00:00-05:30'];

const name = (value) => ({ kind: Kind.NAME, value });
const leaf = {
  Int: () => pick(numbers), Long: () => pick(longs), Float: () => pick([...numbers, 0.5, -1.25, 1e10, 3.5e-7]),
  String: () => pick(texts), Boolean: () => chance(0.5), Date: () => pick(days), DateTime: () => pick(moments),
  ID: () => (chance(0.3) ? pick(numbers) : pick(texts)),
};

const fieldsOf = (type, value) => {
  const fields = Object.values(type.getFields());
  if (type.isOneOf) {
    const field = pick(fields);
    return [[field, value(field, true)]];
  }
  const chosen = fields.filter((field) => isRequiredInputField(field) || chance(0.35));
  return shuffled(chosen).map((field) => [field, value(field, false)]);
};

// The value that a client sends for a variable of that type.
const json = (type, depth = 0) => {
  if (isNonNullType(type)) return json(type.ofType, depth);
  if (depth > 0 && !isNonNullType(type) && chance(0.08)) return null;
  if (isListType(type)) {
    if (chance(0.2)) return nonNull(type.ofType, depth);
    return Array.from({ length: below(4) }, () => item(type.ofType, depth + 1));
  }
  if (isInputObjectType(type)) {
    const value = (field, isOneOf) => (isOneOf ? nonNull(field.type, depth + 1) : item(field.type, depth + 1));
    return Object.fromEntries(fieldsOf(type, value).map(([field, it]) => [field.name, it]));
  }
  if (isEnumType(type)) return pick(type.getValues()).name;
  return leaf[type.name]();
};
const nonNull = (type, depth) => json(getNullableType(type), isListType(getNullableType(type)) ? depth : 0) ?? nonNull(type, depth);
const item = (type, depth) => (isNonNullType(type) ? nonNull(type, depth) : json(type, depth));

const scalarNode = (type, value) => {
  if (typeof value === 'string') return { kind: Kind.STRING, value, block: chance(0.15) && isBlock(value) };
  if (typeof value === 'boolean') return { kind: Kind.BOOLEAN, value };
  if (Number.isInteger(value) && !(type.name === 'Float' && chance(0.3))) {
    return { kind: Kind.INT, value: String(value) };
  }
  const text = String(value);
  return { kind: Kind.FLOAT, value: /[.e]/.test(text) ? text : `${text}.0` };
};
// Blocks lose their indentation: only texts that come back as they were.
const isBlock = (text) => !/^\s|\s$|\n|\\|^$|"/.test(text) && !/[^\x20-\x7e\u00a1-\uffff]/.test(text);

class Writer {
  constructor() {
    this.variables = new Map();
    this.fragments = [];
    this.count = 0;
  }

  fresh(letter) {
    this.count += 1;
    return `${letter}${this.count}`;
  }

  // A literal, perhaps with variables in it, or a variable.
  value(type, { hasDefault = false, isOneOf = false, isConst = false, depth = 0 } = {}) {
    if (!isConst && chance(depth === 0 ? 0.35 : 0.15)) return this.variable(type, hasDefault, isOneOf);
    if (isNonNullType(type)) return this.present(type.ofType, isConst, depth);
    if (!isOneOf && chance(0.07)) return { kind: Kind.NULL };
    return this.present(type, isConst, depth);
  }

  present(type, isConst, depth) {
    if (isListType(type)) {
      const of = { isConst, depth: depth + 1 };
      if (chance(0.2)) return this.value(getNullableType(type.ofType), { isConst: true, isOneOf: true, depth });
      return { kind: Kind.LIST, values: Array.from({ length: below(4) }, () => this.value(type.ofType, of)) };
    }
    if (isInputObjectType(type)) {
      const value = (field, isOneOf) => this.value(field.type, {
        hasDefault: field.defaultValue !== undefined, isOneOf, isConst, depth: depth + 1,
      });
      const fields = fieldsOf(type, value).map(([field, it]) => ({
        kind: Kind.OBJECT_FIELD, name: name(field.name), value: it,
      }));
      return { kind: Kind.OBJECT, fields };
    }
    if (isEnumType(type)) return { kind: Kind.ENUM, value: pick(type.getValues()).name };
    return scalarNode(type, leaf[type.name]());
  }

  variable(type, hasDefault, isOneOf) {
    const known = [...this.variables].find(([, it]) => String(it.place) === String(type) && !isOneOf);
    if (known && chance(0.4)) return { kind: Kind.VARIABLE, name: name(known[0]) };
    const written = this.fresh('v');
    const nullable = getNullableType(type);
    let given = type;
    let initial;
    if (isOneOf || (!isNonNullType(type) && chance(0.3))) given = `${nullable}!`;
    else if (isNonNullType(type) && (hasDefault || chance(0.3))) given = nullable;
    given = String(given);
    const isRequired = given.endsWith('!');
    if (given === String(nullable) && isNonNullType(type) && !hasDefault) initial = this.present(nullable, true, 1);
    else if (chance(0.2)) initial = this.present(nullable, true, 1);
    const entry = { place: type, given, initial };
    // Null for a variable with a default at a place without null fails when the field is executed.
    if ((!isRequired || initial) && chance(0.35)) entry.sent = undefined;
    else if (!isRequired && chance(0.15)) entry.sent = null;
    else entry.sent = nonNull(nullable, 0);
    this.variables.set(written, entry);
    return { kind: Kind.VARIABLE, name: name(written) };
  }

  arguments(defs) {
    const chosen = shuffled(defs.filter((it) => isRequiredArgument(it) || chance(0.4)));
    return chosen.map((it) => ({
      kind: Kind.ARGUMENT, name: name(it.name),
      value: this.value(it.type, { hasDefault: it.defaultValue !== undefined }),
    }));
  }

  condition() {
    const directive = schema.getDirective(pick(['skip', 'include']));
    const node = { kind: Kind.DIRECTIVE, name: name(directive.name), arguments: [] };
    node.arguments = directive.args.map((it) => ({
      kind: Kind.ARGUMENT, name: name(it.name), value: this.value(it.type),
    }));
    return node;
  }

  field(field, depth, alias, isConditional) {
    const node = { kind: Kind.FIELD, name: name(field.name), arguments: this.arguments(field.args), directives: [] };
    if (alias) node.alias = name(alias);
    if (isConditional && chance(0.1)) node.directives.push(this.condition());
    const type = getNamedType(field.type);
    if (!isLeafType(type)) node.selectionSet = this.selections(type, depth + 1);
    return node;
  }

  selections(type, depth, isRoot = false) {
    const isSubscription = isRoot && type === schema.getSubscriptionType();
    const conditional = !isSubscription;
    if (isAbstractType(type) || (isRoot && false)) {
      const parts = shuffled(schema.getPossibleTypes(type)).slice(0, 1 + below(2)).map((object) => ({
        kind: Kind.INLINE_FRAGMENT, typeCondition: named(object.name), directives: [],
        selectionSet: this.selections(object, depth + 1),
      }));
      const own = Object.values(type.getFields?.() ?? {}).filter(({ type: it }) => isLeafType(getNamedType(it)));
      const selections = [typename(), ...parts, ...own.map((it) => this.field(it, depth, this.fresh('a'), true))];
      return { kind: Kind.SELECTION_SET, selections };
    }
    const fields = Object.values(type.getFields());
    const fits = fields.filter(({ type: it }) => depth < 3 || isLeafType(getNamedType(it)));
    const count = isSubscription ? 1 : 1 + below(depth === 0 ? 3 : 4);
    const chosen = shuffled(isRoot ? fields : fits).slice(0, count);
    const selections = chosen.map((field) => (
      this.field(field, depth, chance(0.3) ? this.fresh('a') : undefined, conditional)
    ));
    if (selections.length === 0 || (!isSubscription && chance(0.1))) selections.push(typename());
    // The same field twice is merged.
    if (chance(0.1)) selections.push(structuredClone(pick(selections)));
    return { kind: Kind.SELECTION_SET, selections: this.wrapped(selections, type, isSubscription) };
  }

  // Some of the selections in fragments.
  wrapped(selections, type, isSubscription) {
    if (!chance(0.25)) return selections;
    const cut = below(selections.length + 1);
    const [out, inside] = [selections.slice(0, cut), selections.slice(cut)];
    if (inside.length === 0) return selections;
    const selectionSet = { kind: Kind.SELECTION_SET, selections: inside };
    const directives = !isSubscription && chance(0.15) ? [this.condition()] : [];
    if (chance(0.5)) {
      const typeCondition = chance(0.7) ? named(type.name) : undefined;
      return [...out, { kind: Kind.INLINE_FRAGMENT, typeCondition, directives, selectionSet }];
    }
    const fragment = this.fresh('F');
    this.fragments.push({
      kind: Kind.FRAGMENT_DEFINITION, name: name(fragment), typeCondition: named(type.name), directives: [],
      selectionSet,
    });
    return [...out, { kind: Kind.FRAGMENT_SPREAD, name: name(fragment), directives }];
  }

  operation(kind, written) {
    const root = { query: schema.getQueryType(), mutation: schema.getMutationType(), subscription: schema.getSubscriptionType() }[kind];
    const selectionSet = this.selections(root, 0, true);
    const variableDefinitions = [...this.variables].map(([it, { given, initial }]) => ({
      kind: Kind.VARIABLE_DEFINITION, variable: { kind: Kind.VARIABLE, name: name(it) },
      type: parseTypeText(given), defaultValue: initial, directives: [],
    }));
    return {
      kind: Kind.OPERATION_DEFINITION, operation: kind, name: written && name(written), variableDefinitions,
      directives: [], selectionSet,
    };
  }
}

const named = (it) => ({ kind: Kind.NAMED_TYPE, name: name(it) });
const typename = () => ({ kind: Kind.FIELD, name: name('__typename'), arguments: [], directives: [] });
const parseTypeText = (text) => {
  if (text.endsWith('!')) return { kind: Kind.NON_NULL_TYPE, type: parseTypeText(text.slice(0, -1)) };
  if (text.startsWith('[')) return { kind: Kind.LIST_TYPE, type: parseTypeText(text.slice(1, -1)) };
  return named(text);
};

const wellFormed = () => {
  const writer = new Writer();
  const kind = pick(['query', 'query', 'query', 'query', 'query', 'mutation', 'mutation', 'subscription']);
  const isNamed = chance(0.7);
  const operation = isNamed ? 'Main' : undefined;
  const definitions = [writer.operation(kind, operation)];
  definitions.push(...writer.fragments);
  if (isNamed && chance(0.1)) {
    definitions.push({
      kind: Kind.OPERATION_DEFINITION, operation: 'query', name: name('Other'), variableDefinitions: [], directives: [],
      selectionSet: { kind: Kind.SELECTION_SET, selections: [typename()] },
    });
  }
  const sent = [...writer.variables].filter(([, it]) => it.sent !== undefined);
  const variables = Object.fromEntries(sent.map(([it, { sent: value }]) => [it, value]));
  return { tree: { kind: Kind.DOCUMENT, definitions }, operation, variables };
};

// ---- Broken in one place ----

// Every node of the document, with where it stands in the schema.
const places = (tree) => {
  const types = new TypeInfo(schema);
  const found = [];
  visit(tree, visitWithTypeInfo(types, {
    enter(node) {
      found.push({
        node, kind: node.kind, parent: types.getParentType(), field: types.getFieldDef(), type: types.getType(),
        input: types.getInputType(), argument: types.getArgument(),
      });
    },
  }));
  return found;
};
const one = (tree, kind, holds = () => true) => {
  const found = places(tree).filter((it) => it.kind === kind && holds(it));
  return found.length > 0 ? pick(found) : undefined;
};
const operationOf = (tree) => tree.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
const selectionsOf = (text) => parse(text, { noLocation: true }).definitions[0].selectionSet.selections;
const wrongLiterals = () => parse(
  '{ a(a: 99999999999, b: 1.5, c: "text", d: true, e: WORD, f: [1], g: {x: 1}, h: null, i: "2022-02-30", j: [], k: {}, l: 9007199254740993, m: [[null]], n: "ASC", o: "") }',
  { noLocation: true },
).definitions[0].selectionSet.selections[0].arguments.map(({ value }) => value);
const otherTypes = (tests) => Object.values(schema.getTypeMap()).filter(tests).map((it) => it.name);
const composites = otherTypes((it) => isCompositeType(it) && !it.name.startsWith('__'));
const inputs = otherTypes((it) => isInputType(it) && !it.name.startsWith('__'));
const replace = (node, other) => {
  for (const key of Object.keys(node)) delete node[key];
  Object.assign(node, other);
};

const breakers = {
  ExecutableDefinitions: (tree) => tree.definitions.push(parse(pick([
    'type Extra { a: Int }', 'scalar Extra', 'extend type Query { a: Int }', 'directive @extra on FIELD',
    'enum Extra { A }', 'input Extra { a: Int }', 'schema { query: Query }', 'interface Extra { a: Int }', 'union Extra = Unit',
  ]), { noLocation: true }).definitions[0]),
  UniqueOperationNames: (tree) => {
    const operation = operationOf(tree);
    operation.name ??= name('Main');
    return tree.definitions.push(parse(`query ${operation.name.value} { __typename }`, { noLocation: true }).definitions[0]);
  },
  LoneAnonymousOperation: (tree) => {
    return tree.definitions.splice(below(2), 0, parse(pick(['{ __typename }', 'query { root { code } }']), { noLocation: true }).definitions[0]);
  },
  SingleFieldSubscriptions: (tree) => {
    const operation = operationOf(tree);
    if (operation.operation !== 'subscription') return undefined;
    const set = operation.selectionSet.selections;
    const extra = pick([
      () => [typename()], () => selectionsOf('{ ... { __typename } }'),
      () => [{ ...structuredClone(set[0]), ...(set[0].kind === Kind.FIELD ? { alias: name('second') } : {}) }],
      () => selectionsOf('{ ... on Subscription { second: __typename } }'),
    ])();
    return set.push(...extra);
  },
  KnownTypeNames: (tree) => {
    const type = one(tree, Kind.NAMED_TYPE)?.node;
    return type && (type.name = name(pick(['Nothing', 'Unitt', 'unit', 'int'])));
  },
  FragmentsOnCompositeTypes: (tree) => {
    const it = one(tree, Kind.INLINE_FRAGMENT, ({ node }) => node.typeCondition)?.node ?? one(tree, Kind.FRAGMENT_DEFINITION)?.node;
    return it && (it.typeCondition = named(pick(inputs)));
  },
  VariablesAreInputTypes: (tree) => {
    const it = one(tree, Kind.VARIABLE_DEFINITION)?.node;
    return it && (it.type = parseTypeText(pick([pick(composites), `[${pick(composites)}!]!`])));
  },
  ScalarLeafs: (tree) => {
    const it = one(tree, Kind.FIELD, ({ type }) => type)?.node;
    if (!it) return undefined;
    if (it.selectionSet) return delete it.selectionSet;
    return (it.selectionSet = { kind: Kind.SELECTION_SET, selections: [typename()] });
  },
  FieldsOnCorrectType: (tree) => {
    const it = one(tree, Kind.FIELD)?.node;
    return it && (it.name = name(pick(['nothing', 'kod', `${it.name.value}s`, '__schema', '__type', it.name.value.toUpperCase()])));
  },
  UniqueFragmentNames: (tree) => {
    const it = one(tree, Kind.FRAGMENT_DEFINITION)?.node;
    return it && tree.definitions.push(structuredClone(it));
  },
  KnownFragmentNames: (tree) => {
    const set = one(tree, Kind.SELECTION_SET)?.node;
    return set.selections.push({ kind: Kind.FRAGMENT_SPREAD, name: name('Nowhere'), directives: [] });
  },
  NoUnusedFragments: (tree) => tree.definitions.splice(below(3), 0, parse(
    `fragment Unused on ${pick(composites)} { __typename }`, { noLocation: true },
  ).definitions[0]),
  PossibleFragmentSpreads: (tree) => {
    const set = one(tree, Kind.SELECTION_SET)?.node;
    const other = pick(composites);
    if (chance(0.5)) {
      return set.selections.push(...selectionsOf(`{ ... on ${other} { __typename } }`));
    }
    tree.definitions.push(parse(`fragment Odd on ${other} { __typename }`, { noLocation: true }).definitions[0]);
    return set.selections.push({ kind: Kind.FRAGMENT_SPREAD, name: name('Odd'), directives: [] });
  },
  NoFragmentCycles: (tree) => {
    const it = one(tree, Kind.FRAGMENT_DEFINITION)?.node;
    if (!it) return undefined;
    const other = one(tree, Kind.FRAGMENT_DEFINITION).node;
    it.selectionSet.selections.push({ kind: Kind.FRAGMENT_SPREAD, name: other.name, directives: [] });
    return other !== it && other.selectionSet.selections.push({ kind: Kind.FRAGMENT_SPREAD, name: it.name, directives: [] });
  },
  UniqueVariableNames: (tree) => {
    const operation = operationOf(tree);
    if (operation.variableDefinitions.length === 0) return undefined;
    return operation.variableDefinitions.push(structuredClone(pick(operation.variableDefinitions)));
  },
  NoUndefinedVariables: (tree) => {
    const operation = operationOf(tree);
    if (operation.variableDefinitions.length > 0 && chance(0.5)) {
      return operation.variableDefinitions.splice(below(operation.variableDefinitions.length), 1);
    }
    const it = one(tree, Kind.ARGUMENT)?.node;
    return it && (it.value = { kind: Kind.VARIABLE, name: name('undefined') });
  },
  NoUnusedVariables: (tree) => operationOf(tree).variableDefinitions.push(parse(
    `query ($unused: ${pick(inputs)}) { __typename }`, { noLocation: true },
  ).definitions[0].variableDefinitions[0]),
  KnownDirectives: (tree) => {
    const it = one(tree, pick([Kind.FIELD, Kind.INLINE_FRAGMENT, Kind.OPERATION_DEFINITION, Kind.FRAGMENT_DEFINITION, Kind.VARIABLE_DEFINITION]))?.node;
    const text = pick(['@nothing', '@skip(if: true)', '@include(if: false)', '@deprecated', '@oneOf', '@specifiedBy(url: "a")', '@Skip(if: true)']);
    return it && it.directives.push(...selectionsOf(`{ a ${text} }`)[0].directives);
  },
  UniqueDirectivesPerLocation: (tree) => {
    const it = one(tree, pick([Kind.FIELD, Kind.INLINE_FRAGMENT, Kind.FRAGMENT_SPREAD]))?.node;
    return it && it.directives.push(...selectionsOf('{ a @include(if: true) @skip(if: false) @include(if: true) }')[0].directives);
  },
  KnownArgumentNames: (tree) => {
    const it = one(tree, pick([Kind.FIELD, Kind.FIELD, Kind.DIRECTIVE]))?.node;
    const extra = selectionsOf(`{ a(${pick(['nothing', 'frist', 'unles', 'If'])}: ${pick(['1', '"a"', 'null', '[]'])}) }`)[0].arguments;
    return it && it.arguments.push(...extra);
  },
  UniqueArgumentNames: (tree) => {
    const it = one(tree, pick([Kind.FIELD, Kind.FIELD, Kind.DIRECTIVE]), ({ node }) => node.arguments.length > 0)?.node;
    return it && it.arguments.push(structuredClone(pick(it.arguments)));
  },
  ValuesOfCorrectType: (tree) => {
    const values = [Kind.INT, Kind.FLOAT, Kind.STRING, Kind.BOOLEAN, Kind.ENUM, Kind.NULL, Kind.LIST, Kind.OBJECT];
    const it = one(tree, pick(values))?.node;
    if (!it) return undefined;
    if (it.kind === Kind.OBJECT && chance(0.6)) {
      if (it.fields.length > 0 && chance(0.5)) return it.fields.splice(below(it.fields.length), 1);
      const extra = pick(['code', 'id', 'nothing', 'count', 'name']);
      return it.fields.push({ kind: Kind.OBJECT_FIELD, name: name(extra), value: pick(wrongLiterals()) });
    }
    if (it.kind === Kind.ENUM && chance(0.6)) return replace(it, { kind: Kind.STRING, value: it.value });
    return replace(it, pick(wrongLiterals())) ?? true;
  },
  ProvidedRequiredArguments: (tree) => {
    const it = one(tree, pick([Kind.FIELD, Kind.FIELD, Kind.DIRECTIVE]), ({ node }) => node.arguments.length > 0)?.node;
    return it && it.arguments.splice(below(it.arguments.length), 1);
  },
  VariablesInAllowedPosition: (tree) => {
    const it = one(tree, Kind.VARIABLE_DEFINITION)?.node;
    if (!it) return undefined;
    const written = print(it.type);
    const other = pick([
      written.replace(/!$/, ''), `[${written}]`, written.replaceAll('!', ''), written.replace(/[[\]]/g, '').replace('!!', '!'), pick(inputs), `${pick(inputs)}!`,
    ]);
    if (chance(0.4)) delete it.defaultValue;
    return (it.type = parseTypeText(other));
  },
  OverlappingFieldsCanBeMerged: (tree) => {
    const { node: set, parent } = one(tree, Kind.SELECTION_SET, (it) => isObjectType(it.parent)) ?? {};
    if (!set || parent === schema.getSubscriptionType()) return undefined;
    const fields = Object.values(parent.getFields());
    const writer = new Writer();
    writer.variable = (type) => writer.present(getNullableType(type), true, 1);
    const extra = () => writer.field(pick(fields), 3, pick(['x', 'x', undefined]), false);
    const both = [extra(), extra()];
    if (chance(0.4)) {
      // Below the first level: the same field twice, with selections that do not agree.
      const again = set.selections.find((it) => it.kind === Kind.FIELD && it.selectionSet);
      if (again) {
        const copy = structuredClone(again);
        const below = one({ kind: Kind.DOCUMENT, definitions: [] }, Kind.FIELD);
        const leafs = Object.values(getNamedType(parent.getFields()[again.name.value]?.type)?.getFields?.() ?? {})
          .filter((it) => isLeafType(getNamedType(it.type)) && !it.args.some(isRequiredArgument));
        if (!below && leafs.length > 1) {
          const leafNode = (it) => ({ kind: Kind.FIELD, alias: name('x'), name: name(it.name), arguments: [], directives: [] });
          again.selectionSet.selections.push(leafNode(pick(leafs)));
          copy.selectionSet.selections.push(leafNode(pick(leafs)));
          return set.selections.push(chance(0.5) ? copy : { kind: Kind.INLINE_FRAGMENT, directives: [], selectionSet: { kind: Kind.SELECTION_SET, selections: [copy] } });
        }
      }
    }
    return set.selections.push(...both);
  },
  UniqueInputFieldNames: (tree) => {
    const it = one(tree, Kind.OBJECT, ({ node }) => node.fields.length > 0)?.node;
    return it && it.fields.push(structuredClone(pick(it.fields)));
  },
  MaxIntrospectionDepth: (tree) => {
    const operation = operationOf(tree);
    if (operation.operation !== 'query') return undefined;
    const list = () => pick(['fields', 'interfaces', 'possibleTypes', 'inputFields']);
    const nest = (levels) => {
      if (levels === 0) return '__typename';
      const it = list();
      const inner = it === 'fields' || it === 'inputFields' ? `type { ${nest(levels - 1)} }` : nest(levels - 1);
      return `${it} { ${inner} }`;
    };
    const levels = 1 + below(4);
    return operation.selectionSet.selections.push(...selectionsOf(pick([
      `{ s: __schema { types { ${nest(levels)} } } }`, `{ t: __type(name: "Unit") { ${nest(levels)} } }`,
    ])));
  },
};

// ---- Values that do not fit ----

const wrongValues = [
  99_999_999_999, 1.5, 'text', true, 'WORD', [1], { x: 1 }, null, '2022-02-30', [], {}, 'asc', [[null]], '', { code: 'a', id: 'b' },
  { code: null }, 0.1, -2_147_483_649, longMax + 1, [null], '2022-05-31T00:00:00',
];
// Puts something else somewhere into a value.
const spoilt = (value) => {
  if (value !== null && typeof value === 'object' && Object.keys(value).length > 0 && chance(0.6)) {
    const copy = Array.isArray(value) ? [...value] : { ...value };
    const key = pick(Object.keys(copy));
    const what = random();
    if (what < 0.2 && !Array.isArray(copy)) delete copy[key];
    else if (what < 0.35 && !Array.isArray(copy)) copy[pick(['nothing', 'code', 'id'])] = pick(wrongValues);
    else copy[key] = spoilt(copy[key]);
    return copy;
  }
  return pick(wrongValues);
};

// ---- The judge ----

const judged = ({ kind, text, operation, variables }) => {
  const line = { kind, document: text, operation, variables, valid: false };
  let document;
  try {
    document = parse(text);
  } catch (error) {
    return { ...line, why: error.message };
  }
  const errors = validate(schema, document, specifiedRules, { maxErrors: 1 });
  if (errors.length > 0) return { ...line, why: errors[0].message };
  const definition = document.definitions.find((it) => it.kind === Kind.OPERATION_DEFINITION && it.name?.value === operation);
  const { coerced, errors: wrong } = getVariableValues(schema, definition.variableDefinitions, variables);
  if (wrong) return { ...line, why: wrong[0].message };
  return { ...line, valid: true, arguments: given(document, definition, coerced) };
};

const meta = [SchemaMetaFieldDef, TypeMetaFieldDef, TypeNameMetaFieldDef];
const fieldOf = (type, written) => type.getFields?.()[written] ?? meta.find((it) => it.name === written);

// The arguments of each field, fragments where they are spread.
const given = (document, operation, variables) => {
  const list = [];
  const fragments = Object.fromEntries(document.definitions.map((it) => [it.name?.value, it]));
  const walk = (type, set) => {
    for (const it of set.selections) {
      if (it.kind === Kind.INLINE_FRAGMENT) {
        walk(it.typeCondition ? schema.getType(it.typeCondition.name.value) : type, it.selectionSet);
      } else if (it.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments[it.name.value];
        walk(schema.getType(fragment.typeCondition.name.value), fragment.selectionSet);
      } else {
        const field = fieldOf(type, it.name.value);
        if (field.args.length > 0) list.push([`${type.name}.${field.name}`, valuesOf(field, it, variables)]);
        if (it.selectionSet) walk(getNamedType(field.type), it.selectionSet);
      }
    }
  };
  const root = schema.getRootType(operation.operation);
  walk(root, operation.selectionSet);
  return list;
};
const valuesOf = (field, node, variables) => {
  try {
    return getArgumentValues(field, node, variables);
  } catch {
    return 'error';
  }
};

// ---- All of it ----

const lines = [];
const put = (line) => lines.push(JSON.stringify(line));
for (let valid = 0, tries = 0; valid < VALID; tries++) {
  if (tries > TRIES) throw new Error(`only ${valid} valid documents in ${TRIES} tries`);
  const { tree, operation, variables } = wellFormed();
  const line = judged({ kind: 'valid', text: print(tree), operation, variables });
  if (!line.valid && tries < 20) process.stderr.write(`not valid: ${line.why}\n`);
  valid += line.valid ? 1 : 0;
  put(line);
}
for (const rule of specifiedRules) {
  const kind = rule.name.replace(/Rule$/, '');
  const breaker = breakers[kind];
  if (!breaker) throw new Error(`no document is broken by ${rule.name}`);
  let broken = 0;
  for (let tries = 0; broken < PER_RULE; tries++) {
    if (tries > TRIES) throw new Error(`only ${broken} documents are broken by ${kind}`);
    const { tree, operation, variables } = wellFormed();
    if (!breaker(tree)) continue;
    const text = print(tree);
    const line = judged({ kind, text, operation: operationOf(tree).name?.value ?? operation, variables });
    const isBroken = validate(schema, parse(text), [rule], { maxErrors: 1 }).length > 0;
    broken += isBroken ? 1 : 0;
    // A document that is valid after all is a question as well; a few of those are enough.
    if (isBroken || tries < 2 * PER_RULE) put(line);
  }
}
for (let bad = 0, tries = 0; bad < BAD_VALUES; tries++) {
  if (tries > TRIES) throw new Error(`only ${bad} values of variables do not fit`);
  const { tree, operation, variables } = wellFormed();
  const names = operationOf(tree).variableDefinitions.map((it) => it.variable.name.value);
  if (names.length === 0) continue;
  const spoiltName = pick(names);
  const sent = { ...variables };
  if (chance(0.15)) delete sent[spoiltName];
  else sent[spoiltName] = spoilt(sent[spoiltName] ?? null);
  const line = judged({ kind: 'variables', text: print(tree), operation, variables: sent });
  bad += line.valid ? 0 : 1;
  put(line);
}
process.stdout.write(`${lines.join('\n')}\n`);
