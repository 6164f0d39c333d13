// The wall on the televisions that offices own: script and styles keep to what Chromium 76 has, and are shown in one.

import { parse } from 'acorn';
import * as css from 'css-tree';
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const wall = new URL('../../wall/', import.meta.url);
const read = (name) => readFileSync(new URL(name, wall), 'utf8');
const named = (ending) => readdirSync(wall).filter((name) => name.endsWith(ending));

/** A package as it is; the chooser does without it where a browser does not know its words. */
const VENDORED = ['lean-qr.js'];

/** Methods that came after Chromium 76, where the name alone tells. */
const NEWER_METHODS = new Set([
  'at', 'hasOwn', 'replaceAll', 'replaceChildren', 'getAnimations', 'toSorted', 'toReversed', 'toSpliced', 'findLast', 'findLastIndex',
  'randomUUID', 'any', 'checkVisibility', 'withResolvers', 'groupBy', 'arrayBuffer', 'commitStyles', 'throwIfAborted',
]);
const NEWER_NAMES = new Set(['structuredClone', 'WeakRef', 'FinalizationRegistry', 'AggregateError', 'scheduler', 'reportError']);

/** Syntax of 2022 that Chromium 76 does not have. */
const NEWER_SYNTAX = {
  ChainExpression: () => '?.',
  LogicalExpression: ({ operator }) => operator === '??' && '??',
  AssignmentExpression: ({ operator }) => ['??=', '||=', '&&='].includes(operator) && operator,
  MethodDefinition: ({ key }) => key.type === 'PrivateIdentifier' && `the private method #${key.name}`,
  StaticBlock: () => 'a static block',
  BinaryExpression: ({ left }) => left.type === 'PrivateIdentifier' && `#${left.name} in`,
  ExportAllDeclaration: ({ exported }) => exported && 'export * as',
  Literal: ({ regex }) => regex && /[dv]/.test(regex.flags) && `the flags ${regex.flags}`,
  CallExpression: ({ callee }) => callee.type === 'MemberExpression' && NEWER_METHODS.has(callee.property.name) && `.${callee.property.name}()`,
  MemberExpression: ({ property }) => /^aria[A-Z]/.test(property.name) && `.${property.name}`,
  Identifier: ({ name }) => NEWER_NAMES.has(name) && name,
};

function newerIn(text, isModule = true) {
  const found = [];
  const walk = (node) => {
    if (Array.isArray(node)) return node.forEach(walk);
    if (node === null || typeof node !== 'object' || typeof node.type !== 'string') return;
    const what = NEWER_SYNTAX[node.type]?.(node);
    if (what) found.push(`${what} in line ${node.loc.start.line}`);
    Object.values(node).forEach(walk);
  };
  // Waiting at the top of a module is no grammar of then.
  walk(parse(text, { ecmaVersion: 2022, sourceType: isModule ? 'module' : 'script', allowAwaitOutsideFunction: false, locations: true }));
  return found;
}

test('the scripts keep to what Chromium 76 has', () => {
  const names = named('.js').filter((name) => !VENDORED.includes(name));
  assert.ok(names.length > 20);
  assert.deepEqual(names.flatMap((name) => newerIn(read(name)).map((what) => `${name}: ${what}`)), []);
  for (const text of ['a?.b', 'a ?? b', 'a ??= b', 'class A { #b() {} }', '[].at(1)', 'Object.hasOwn(a, b)', 'element.replaceChildren()']) {
    assert.equal(newerIn(text).length, 1, text);
  }
});

test('what says that a browser is too old is in words of any browser', () => {
  parse(read('old.js'), { ecmaVersion: 5 });
});

/** Functions, selectors, rules and properties that Chromium 76 does not know. */
const NEWER_FUNCTIONS = new Set(['min', 'max', 'clamp', 'color-mix', 'oklch', 'lab', 'light-dark', 'round', 'rem', 'mod']);
const NEWER_PSEUDOS = new Set(['is', 'where', 'has', 'focus-visible', 'not-list', 'state', 'modal']);
const NEWER_RULES = new Set(['property', 'layer', 'container', 'scope', 'starting-style']);
const NEWER_PROPERTIES = /^(inset.*|translate|rotate|scale|aspect-ratio|text-wrap|(padding|margin|border)-(inline|block)|row-gap-flex|accent-color|content-visibility|overflow-clip.*)$/;
const NEWER_VALUES = [['grid-template-columns', /subgrid/], ['overflow-wrap', /anywhere/], ['overflow', /clip/], ['display', /inline flex/]];

function newerStylesIn(text) {
  const found = [];
  const sheet = css.parse(text, { positions: true, parseCustomProperty: true });
  const at = (node) => ` in line ${node.loc.start.line}`;
  css.walk(sheet, function visit(node) {
    if (node.type === 'Function' && NEWER_FUNCTIONS.has(node.name)) found.push(`${node.name}()${at(node)}`);
    if (node.type === 'PseudoClassSelector' && NEWER_PSEUDOS.has(node.name)) found.push(`:${node.name}${at(node)}`);
    // Lists of selectors within :not() are newer.
    if (node.type === 'PseudoClassSelector' && node.name === 'not' && node.children.first.children?.size > 1) found.push(`:not(a, b)${at(node)}`);
    if (node.type === 'Atrule' && NEWER_RULES.has(node.name)) found.push(`@${node.name}${at(node)}`);
    if (node.type === 'Dimension' && /^[dsl]v[hw]$|^cq/.test(node.unit)) found.push(`${node.unit}${at(node)}`);
    if (node.type === 'Declaration') {
      if (NEWER_PROPERTIES.test(node.property)) found.push(`${node.property}${at(node)}`);
      const value = css.generate(node.value);
      for (const [property, newer] of NEWER_VALUES) if (node.property === property && newer.test(value)) found.push(`${property}: ${value}${at(node)}`);
    }
    // Room between the boxes of a row came with Chromium 84.
    if (node.type === 'Rule') {
      const declared = new Map();
      node.block.children.forEach((one) => { if (one.type === 'Declaration') declared.set(one.property, css.generate(one.value)); });
      if (/flex/.test(declared.get('display') ?? '') && [...declared.keys()].some((name) => /gap$/.test(name))) found.push(`gap of a flex box${at(node)}`);
    }
  });
  return found;
}

test('the styles keep to what Chromium 76 has', () => {
  const names = named('.css');
  assert.ok(names.length >= 3);
  assert.deepEqual(names.flatMap((name) => newerStylesIn(read(name)).map((what) => `${name}: ${what}`)), []);
  for (const text of [
    'a { width: min(1px, 2px) }', 'a { inset: 0 }', 'a:is(b, c) { top: 0 }', 'a { display: flex; gap: 1em }', '@property --a { inherits: true }',
    'a { height: 1dvh }', 'a { padding-inline: 0 }', 'a { overflow-wrap: anywhere }',
  ]) assert.equal(newerStylesIn(text).length, 1, text);
});

test('pages load no script or style that is not looked at here', () => {
  for (const name of named('.html')) {
    const names = [...read(name).matchAll(/(?:src|href)="wall\/ASSETS\/([\w.-]+)"/g)].map(([, file]) => file);
    assert.ok(names.every((file) => named('').includes(file)), `${name}: ${names}`);
  }
});
