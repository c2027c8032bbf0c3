// An ESLint rule: modules do not import each other in a circle. Imports of types count as well, which
// the published plugins leave out: two modules that need each other's types are one module too.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import ts from 'typescript';

const resolveImport = (from, name) => {
  if (!name.startsWith('.')) return null;
  const file = resolve(dirname(from), `${name}.ts`);
  return existsSync(file) ? file : null;
};

const importsOf = (file) =>
  ts
    .preProcessFile(readFileSync(file, 'utf8'))
    .importedFiles.map(({ fileName }) => resolveImport(file, fileName))
    .filter((imported) => imported !== null);

/** The modules on the way from `from` to `to`, both included; null when there is no way. */
function findPath(from, to, visited = new Set()) {
  if (from === to) return [to];
  if (visited.has(from)) return null;
  visited.add(from);
  for (const imported of importsOf(from)) {
    const path = findPath(imported, to, visited);
    if (path) return [from, ...path];
  }
  return null;
}

export const noImportCircle = {
  meta: { type: 'problem', messages: { circle: 'Import circle: {{path}}' }, schema: [] },
  create(context) {
    const { filename } = context;
    const check = ({ source }) => {
      if (typeof source?.value !== 'string') return;
      const imported = resolveImport(filename, source.value);
      const path = imported && findPath(imported, filename);
      if (!path) return;
      const names = [filename, ...path].map((file) => relative(context.cwd, file));
      context.report({ node: source, messageId: 'circle', data: { path: names.join(' -> ') } });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};
