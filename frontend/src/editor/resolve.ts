// What an expression of the program is, as far as its imports and simple assignments tell. Guesses are fine: they are only
// offered, and whoever knows better types on.
import type { SyntaxNode, Tree } from '@lezer/common';
import { childrenOf, meaningOf, type Meaning } from './bindings';
import { entryIn, type Entry, type NameIndex, type Scope } from './name-index';

export interface Thing {
  /** Where its names are; null where nothing is known of them. */
  readonly scope: string | null;
  /** The type of what a call of it returns. */
  readonly returns: Entry[3];
  /** What is known about it: `numpy.mean`, its signature and its documentation. */
  readonly name: string;
  readonly kind: Entry[0];
  readonly signature: string;
  readonly documentation: string;
}

/** A program and what is known about the names in it. */
export interface Surroundings {
  readonly tree: Tree;
  readonly text: string;
  readonly index: NameIndex;
}

const literals: Readonly<Record<string, string>> = {
  String: 'str',
  FormatString: 'str',
  ContinuedString: 'str',
  ArrayExpression: 'list',
  ArrayComprehensionExpression: 'list',
  DictionaryExpression: 'dict',
  DictionaryComprehensionExpression: 'dict',
  SetExpression: 'set',
  SetComprehensionExpression: 'set',
  TupleExpression: 'tuple',
  Boolean: 'bool',
};

/** What `value[…]` is, for a string and for everything else. */
const items: Readonly<Record<string, readonly [string, string]>> = {
  'pandas.DataFrame': ['pandas.Series', 'pandas.DataFrame'],
  'pandas.api.typing.DataFrameGroupBy': [
    'pandas.api.typing.SeriesGroupBy',
    'pandas.api.typing.DataFrameGroupBy',
  ],
  'numpy.ndarray': ['numpy.ndarray', 'numpy.ndarray'],
  'builtins.str': ['builtins.str', 'builtins.str'],
};

/** Assignments that lead from one to the next; programs that need more are not simple. */
const deepest = 24;

const instanceOf = (scope: Entry[3]): Thing | null =>
  typeof scope === 'string'
    ? { scope, returns: undefined, name: scope, kind: 'v', signature: '', documentation: '' }
    : null;

function fromEntry(owner: string, name: string, entry: Entry): Thing {
  const [kind, signature = '', documentation = '', type] = entry;
  return {
    scope: kind !== 'f' && typeof type === 'string' ? type : null,
    returns: kind === 'f' || kind === 'c' ? type : undefined,
    name: owner === 'builtins' ? name : `${owner}.${name}`,
    kind,
    signature,
    documentation,
  };
}

export async function memberOf(
  scope: string,
  name: string,
  index: NameIndex,
): Promise<Thing | null> {
  const entry = entryIn(await index.scope(scope), name);
  if (entry) return fromEntry(scope, name, entry);
  return moduleAt(`${scope}.${name}`, index);
}

async function moduleAt(path: string, index: NameIndex): Promise<Thing | null> {
  const names: Scope | null = await index.scope(path);
  if (!names) return null;
  const [parent = '', name = ''] = path.split(/\.(?=\w+$)/);
  const entry = name === '' ? null : entryIn(await index.scope(parent), name);
  const documentation = entry?.[2] ?? '';
  return { scope: path, returns: undefined, name: path, kind: 'm', signature: '', documentation };
}

export async function resolve(
  node: SyntaxNode,
  around: Surroundings,
  depth = 0,
): Promise<Thing | null> {
  if (depth > deepest) return null;
  const { text, tree, index } = around;
  const inner = (next: SyntaxNode | null) => (next ? resolve(next, around, depth + 1) : null);
  const literal = literals[node.name];
  if (literal !== undefined) return instanceOf(`builtins.${literal}`);
  switch (node.name) {
    case 'VariableName': {
      const name = text.slice(node.from, node.to);
      const meaning = meaningOf(tree, text, name, node);
      return meaning ? follow(meaning, around, depth) : memberOf('builtins', name, index);
    }
    case 'ParenthesizedExpression':
      return inner(node.firstChild?.nextSibling ?? null);
    case 'Number':
      return instanceOf(
        /[.eEjJ]/.test(text.slice(node.from, node.to)) ? 'builtins.float' : 'builtins.int',
      );
    case 'BinaryExpression': {
      // Of `2 * array` and `array * 2`, the array.
      const [left, right] = [await inner(node.firstChild), await inner(node.lastChild)];
      return left?.scope?.startsWith('builtins.') && right?.scope ? right : left;
    }
    case 'CallExpression':
      return instanceOf((await inner(node.firstChild))?.returns);
    case 'MemberExpression': {
      const [first, second, third] = childrenOf(node);
      const owner = await inner(first ?? null);
      if (!owner?.scope) return null;
      if (second?.name === '[') {
        return instanceOf(items[owner.scope]?.[/String$/.test(third?.name ?? '') ? 0 : 1]);
      }
      return third ? memberOf(owner.scope, text.slice(third.from, third.to), index) : null;
    }
    default:
      return null;
  }
}

async function follow(
  meaning: Meaning,
  around: Surroundings,
  depth: number,
): Promise<Thing | null> {
  switch (meaning.kind) {
    case 'module':
      return moduleAt(meaning.path, around.index);
    case 'member':
      return memberOf(meaning.module, meaning.name, around.index);
    case 'instance': {
      const type = await resolve(meaning.annotation, around, depth + 1);
      return type?.kind === 'c' ? instanceOf(type.scope ?? undefined) : null;
    }
    case 'value': {
      const { expression, place } = meaning;
      if (place === null) return resolve(expression, around, depth + 1);
      if (expression.name !== 'CallExpression' || !expression.firstChild) return null;
      const { returns } = (await resolve(expression.firstChild, around, depth + 1)) ?? {};
      return typeof returns === 'object' ? instanceOf(returns[place]) : null;
    }
    case 'own':
      return ownThing(meaning.definition, around.text);
    case 'unknown':
      return null;
  }
}

function ownThing(definition: SyntaxNode, text: string): Thing {
  const textOf = (node: SyntaxNode | null | undefined) =>
    node ? text.slice(node.from, node.to) : '';
  const first = definition.getChild('Body')?.getChild('ExpressionStatement');
  const isFirst = first?.prevSibling?.name === ':' && first.firstChild?.name === 'String';
  const documentation = isFirst
    ? textOf(first.firstChild).replace(/^\w*("""|'''|"|')|("""|'''|"|')$/g, '')
    : '';
  return {
    scope: null,
    returns: undefined,
    name: textOf(definition.getChild('VariableName')),
    kind: definition.name === 'ClassDefinition' ? 'c' : 'f',
    signature: textOf(definition.getChild('ParamList')).replace(/\s+/g, ' '),
    documentation:
      documentation
        .trim()
        .split(/\n\s*\n/)[0]
        ?.replace(/\s+/g, ' ') ?? '',
  };
}
