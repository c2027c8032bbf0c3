// What can be completed at the cursor besides the program's own names: names of modules and of what they contain, the members of
// a value, and the arguments of a call.
import { globalCompletion, localCompletionSource, pythonLanguage } from '@codemirror/lang-python';
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { LanguageSupport, syntaxTree } from '@codemirror/language';
import type { SyntaxNode } from '@lezer/common';
import { childrenOf } from './bindings';
import { documentationBox } from './documentation';
import { nameIndex, type Entry } from './name-index';
import { memberOf, resolve, type Surroundings } from './resolve';

/** What is asked for at a place of the program. */
export type Question =
  | { readonly kind: 'module'; readonly typed: string }
  | { readonly kind: 'import'; readonly module: string; readonly typed: string }
  | { readonly kind: 'member'; readonly of: SyntaxNode; readonly typed: string }
  | { readonly kind: 'argument'; readonly of: SyntaxNode; readonly typed: string };

export function questionAt({ tree, text }: Surroundings, position: number): Question | null {
  const line = text.slice(text.lastIndexOf('\n', position - 1) + 1, position);
  const inner = tree.resolveInner(position, -1);
  if (/^(?:String|FormatString|Comment)$/.test(inner.name)) return null;

  const [, path] = /^\s*(?:from|import(?:.*,)?)\s+([\w.]*)$/.exec(line) ?? [];
  if (path !== undefined) return { kind: 'module', typed: path };
  const [, module, name] = /^\s*from\s+([\w.]+)\s+import\s(?:.*[,(\s])?(\w*)$/.exec(line) ?? [];
  if (module !== undefined) return { kind: 'import', module, typed: name ?? '' };

  const typed = /\w*$/.exec(line)?.[0] ?? '';
  const start = position - typed.length;
  for (let node: SyntaxNode | null = inner; node; node = node.parent) {
    if (node.name === 'MemberExpression') {
      const [of, dot] = childrenOf(node);
      if (
        of &&
        of.name !== 'Number' &&
        dot?.name === '.' &&
        dot.to <= start &&
        text.slice(dot.to, start).trim() === ''
      ) {
        return { kind: 'member', of, typed };
      }
    }
    if (node.name === 'ArgList') {
      const of = node.parent?.name === 'CallExpression' ? node.parent.firstChild : null;
      const isFirst = /[(,]\s*$/.test(text.slice(node.from, start));
      return of && isFirst && typed !== '' ? { kind: 'argument', of, typed } : null;
    }
    if (/Statement$|Definition$/.test(node.name)) return null;
  }
  return null;
}

const types: Readonly<Record<Entry[0], string>> = {
  f: 'function',
  c: 'class',
  m: 'namespace',
  p: 'property',
  v: 'variable',
};

/** Names of a scope, which say what they are when they are looked at. */
async function namesIn(path: string): Promise<Completion[]> {
  const scope = await nameIndex.scope(path);
  return Object.entries(scope ?? {}).map(([label, [kind]]) => ({
    label,
    type: types[kind],
    info: async () => documentationBox(await memberOf(path, label, nameIndex)),
  }));
}

async function argumentsOf(callee: SyntaxNode, around: Surroundings): Promise<Completion[]> {
  const { signature = '' } = (await resolve(callee, around)) ?? {};
  const names = signature
    .split(/,\s*/)
    .map((part) => /^\(?(\w+)(?:=.*)?\)?$/.exec(part)?.[1])
    .filter((name) => name !== undefined);
  return names.map((name) => ({ label: `${name}=`, type: 'property', boost: 1 }));
}

async function answer(question: Question, around: Surroundings): Promise<Completion[]> {
  switch (question.kind) {
    case 'module':
      return nameIndex.modules.map((label) => ({ label, type: 'namespace' }));
    case 'import':
      return namesIn(question.module);
    case 'member': {
      const thing = await resolve(question.of, around);
      return thing?.scope ? namesIn(thing.scope) : [];
    }
    case 'argument':
      return argumentsOf(question.of, around);
  }
}

async function known(context: CompletionContext): Promise<CompletionResult | null> {
  const around = {
    tree: syntaxTree(context.state),
    text: context.state.doc.toString(),
    index: nameIndex,
  };
  const question = questionAt(around, context.pos);
  if (!question) return null;
  const options = await answer(question, around);
  if (options.length === 0) return null;
  return { from: context.pos - question.typed.length, options, validFor: /^[\w.]*=?$/ };
}

/** Keywords and what is built in, which is explained once it is looked at. */
async function builtIn(context: CompletionContext): Promise<CompletionResult | null> {
  const result = await globalCompletion(context);
  const isAsked = context.explicit || context.matchBefore(/\w+$/) !== null;
  if (!result || !isAsked || context.matchBefore(/^\s*(?:from|import)\s.*$/)) return null;
  const options = result.options.map((option) =>
    /^(?:class|function)$/.test(option.type ?? '')
      ? {
          ...option,
          info: async () => documentationBox(await memberOf('builtins', option.label, nameIndex)),
        }
      : option,
  );
  return { ...result, options };
}

export const python = new LanguageSupport(
  pythonLanguage,
  [known, localCompletionSource, builtIn].map((autocomplete) =>
    pythonLanguage.data.of({ autocomplete }),
  ),
);
