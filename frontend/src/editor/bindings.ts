// Which names a program gives to what: its imports, assignments, parameters, functions and classes.
import type { SyntaxNode, Tree } from '@lezer/common';

export type Meaning =
  | { readonly kind: 'module'; readonly path: string }
  | { readonly kind: 'member'; readonly module: string; readonly name: string }
  /** What the expression is, or what it has at a place of a tuple. */
  | { readonly kind: 'value'; readonly expression: SyntaxNode; readonly place: number | null }
  | { readonly kind: 'instance'; readonly annotation: SyntaxNode }
  | { readonly kind: 'own'; readonly definition: SyntaxNode }
  | { readonly kind: 'unknown' };

interface Binding {
  readonly name: string;
  /** From here on the name means this. */
  readonly from: number;
  /** The function, class or program that it belongs to. */
  readonly scope: SyntaxNode;
  readonly meaning: Meaning;
}

const unknown: Meaning = { kind: 'unknown' };
const cache = new WeakMap<Tree, readonly Binding[]>();

/** What a name means at a place, or null if the program does not say. */
export function meaningOf(tree: Tree, text: string, name: string, at: SyntaxNode): Meaning | null {
  let bindings = cache.get(tree);
  if (!bindings) cache.set(tree, (bindings = collect(tree, text)));
  const named = bindings.filter((binding) => binding.name === name);
  for (let scope: SyntaxNode | null = scopeOf(at), isOwn = true; scope; isOwn = false) {
    const here = named.filter((binding) => isSame(binding.scope, scope));
    // In a function that is defined before, the name may get its meaning later.
    const known = here.filter(({ from }) => from <= at.from);
    const found = known.at(-1) ?? (isOwn ? undefined : here[0]);
    if (found) return found.meaning;
    scope = scope.parent && scopeOf(scope.parent);
  }
  return null;
}

export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) children.push(child);
  return children;
}

const isSame = (one: SyntaxNode, other: SyntaxNode | null): boolean =>
  one.from === other?.from && one.to === other.to && one.name === other.name;

function scopeOf(node: SyntaxNode): SyntaxNode {
  let scope = node;
  while (
    scope.parent &&
    !/^(?:FunctionDefinition|ClassDefinition|LambdaExpression)$/.test(scope.name)
  ) {
    scope = scope.parent;
  }
  return scope;
}

function collect(tree: Tree, text: string): Binding[] {
  const bindings: Binding[] = [];
  const textOf = ({ from, to }: SyntaxNode) => text.slice(from, to);
  const bind = (target: SyntaxNode, from: number, meaning: Meaning) => {
    const scope = scopeOf(target);
    if (target.name === 'VariableName')
      bindings.push({ name: textOf(target), from, scope, meaning });
  };

  const assign = (node: SyntaxNode) => {
    const groups: SyntaxNode[][] = [[]];
    for (const child of childrenOf(node)) {
      if (child.name === 'AssignOp') groups.push([]);
      else if (child.name !== ',') groups.at(-1)?.push(child);
    }
    const values = groups.pop() ?? [];
    for (const group of groups) {
      const annotation = group.find(({ name }) => name === 'TypeDef')?.lastChild;
      const [first] = group;
      if (annotation && first) {
        bind(first, node.to, { kind: 'instance', annotation });
        continue;
      }
      const isSequence = group.length > 1 || /^(?:Tuple|Array)Expression$/.test(first?.name ?? '');
      const targets = group.length > 1 || !isSequence || !first ? group : itemsOf(first);
      targets.forEach((target, place) => {
        const expression = values.length > 1 && isSequence ? values[place] : values[0];
        const isTuple = values.length > 1 && !isSequence;
        bind(
          target,
          node.to,
          expression && !isTuple
            ? { kind: 'value', expression, place: isSequence && values.length === 1 ? place : null }
            : unknown,
        );
      });
    }
  };

  const define = (node: SyntaxNode) => {
    const name = node.getChild('VariableName');
    if (name) {
      bindings.push({
        name: textOf(name),
        from: name.from,
        scope: scopeOf(node.parent ?? node),
        meaning: { kind: 'own', definition: node },
      });
    }
    const parameters = childrenOf(node.getChild('ParamList') ?? node);
    parameters.forEach((parameter, at) => {
      const next = parameters[at + 1];
      const annotation = next?.name === 'TypeDef' ? next.lastChild : null;
      if (parameter.name !== 'VariableName' || isSame(parameter, name)) return;
      bind(parameter, node.from, annotation ? { kind: 'instance', annotation } : unknown);
    });
  };

  tree.iterate({
    enter({ name, node }) {
      if (name === 'AssignStatement') assign(node);
      else if (name === 'ImportStatement') {
        for (const [bound, meaning] of importsOf(textOf(node))) {
          bindings.push({ name: bound, from: node.to, scope: scopeOf(node), meaning });
        }
      } else if (/^(?:Function|Class)Definition$/.test(name)) define(node);
      else if (name === 'LambdaExpression') define(node);
      else if (name === 'ForStatement') {
        for (const child of childrenOf(node)) {
          if (child.name === 'in') break;
          for (const target of itemsOf(child)) bind(target, child.to, unknown);
        }
      } else if (name === 'WithStatement') {
        const children = childrenOf(node);
        children.forEach((child, at) => {
          const [expression, target] = [children[at - 1], children[at + 1]];
          if (child.name !== 'as' || !expression || !target) return;
          bind(target, target.to, { kind: 'value', expression, place: null });
        });
      } else if (name === 'NamedExpression' && node.firstChild) {
        const expression = node.lastChild;
        bind(
          node.firstChild,
          node.to,
          expression ? { kind: 'value', expression, place: null } : unknown,
        );
      }
    },
  });
  return bindings;
}

const itemsOf = (node: SyntaxNode): SyntaxNode[] =>
  /^(?:Tuple|Array|Parenthesized)Expression$/.test(node.name)
    ? childrenOf(node).filter(({ name }) => !/^[()[\],]$/.test(name))
    : [node];

/** `import a.b as c, d` and `from a.b import (c as d, e)`. */
function importsOf(statement: string): [string, Meaning][] {
  const text = statement
    .replace(/#.*/g, '')
    .replace(/[\s\\()]+/g, ' ')
    .trim();
  const from = /^from ([\w.]+) import (.*)$/.exec(text);
  const list = (from?.[2] ?? text.replace(/^import /, '')).split(',');
  return list.flatMap((item): [string, Meaning][] => {
    const [, name, alias] = /^ ?([\w.]+)(?: as (\w+))? ?$/.exec(item) ?? [];
    if (name === undefined) return [];
    if (from?.[1] !== undefined) {
      return [[alias ?? name, { kind: 'member', module: from[1], name }]];
    }
    const top = name.split('.')[0] ?? name;
    return [[alias ?? top, { kind: 'module', path: alias === undefined ? top : name }]];
  });
}
