// What a change does to the exported names of one TypeScript package. Only reads: nothing of the package is executed.
// Usage: typescript-api.mjs TYPESCRIPT QUESTION, in a folder with the trees `old` and `new`. QUESTION is JSON:
// {folder, entries: [{subpath, old, new}]}, with paths below each tree. Prints {"api": [{subpath, name, why, file}]} last.
import { createRequire } from 'node:module';
import { join, relative } from 'node:path/posix';

const ts = createRequire(import.meta.url)(process.argv[2]);
const { folder, entries } = JSON.parse(process.argv[3]);
const ROOT = process.cwd();
const [OLD, NEW, SAME] = ['old', 'new', 'same'].map((side) => join(ROOT, side));
const PROBE = join(ROOT, 'probe.ts');
const MAX_NAMES = 2_000;
const MAX_FOUND = 60;

/** The package's own settings as far as they decide what its types mean. */
function optionsOf(root) {
  const config = ts.findConfigFile(join(root, folder), ts.sys.fileExists);
  const own = config?.startsWith(`${root}/`)
    ? ts.parseJsonConfigFileContent(
        ts.readConfigFile(config, ts.sys.readFile).config ?? {},
        { ...ts.sys, readDirectory: () => [] },
        config.slice(0, config.lastIndexOf('/')),
        undefined,
        config,
      ).options
    : {};
  const { jsx, lib, types, paths, baseUrl, pathsBasePath, customConditions, moduleSuffixes, experimentalDecorators } =
    own;
  const chosen = { jsx, lib, paths, baseUrl, pathsBasePath, customConditions, moduleSuffixes, experimentalDecorators };
  return {
    ...Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== undefined)),
    configFilePath: join(root, folder, 'tsconfig.json'),
    types: types ?? ['node'],
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    resolveJsonModule: true,
    esModuleInterop: true,
    allowJs: true,
    strict: true,
    skipLibCheck: true,
    stripInternal: true,
    declaration: true,
    emitDeclarationOnly: true,
  };
}

/** Leaves only what others can use, so that two versions of a class can be compared by what they offer. */
const publicOnly = (context) => (file) => {
  const visit = (node) => {
    if (node.kind === ts.SyntaxKind.ProtectedKeyword) return undefined;
    if (ts.isClassElement(node) && !ts.isConstructorDeclaration(node)) {
      const isPrivate = node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword);
      if (isPrivate || (node.name && ts.isPrivateIdentifier(node.name))) return undefined;
    }
    if (ts.isTypeOperatorNode(node) && node.operator === ts.SyntaxKind.UniqueKeyword)
      return ts.factory.createKeywordTypeNode(ts.SyntaxKind.SymbolKeyword);
    return ts.visitEachChild(node, visit, context);
  };
  return ts.visitEachChild(file, visit, context);
};

const isOwn = (root, path) => path.startsWith(`${root}/`) && !path.includes('/node_modules/');

/** Files of the language and of packages are the same in every program: they are parsed once. */
const parsed = new Map();
function hostFor(options) {
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (path, ...rest) => {
    if ([OLD, NEW, SAME].some((root) => isOwn(root, path)) || path === PROBE) return getSourceFile(path, ...rest);
    if (!parsed.has(path)) parsed.set(path, getSourceFile(path, ...rest));
    return parsed.get(path);
  };
  return host;
}

/** The declarations of what the entries lead to: their text by path, beside their sources; `origins`: the sources. */
function declarationsOf(root, paths) {
  const options = optionsOf(root);
  const program = ts.createProgram(paths, options, hostFor(options));
  const files = new Map();
  const origins = new Map();
  const write = (path, text, _mark, _onError, sources) => {
    files.set(path, text);
    origins.set(path, sources?.[0]?.fileName ?? path);
  };
  program.emit(undefined, write, undefined, true, { afterDeclarations: [publicOnly] });
  const printer = ts.createPrinter();
  for (const file of program.getSourceFiles())
    if (file.isDeclarationFile && isOwn(root, file.fileName)) {
      files.set(file.fileName, printer.printFile(ts.transform(file, [publicOnly]).transformed[0]));
      origins.set(file.fileName, file.fileName);
    }
  return { root, options, files, origins };
}

/** The declaration that stands for a source, as the compiler names it. */
const declared = (path) =>
  /\.d\.[cm]?ts$/.test(path) ? path : path.replace(/\.([cm]?)[jt]sx?$/, (_whole, kind) => `.d.${kind}ts`);

/** A program of both versions, in which their own files are declarations only. */
function programOf(probe, before, after, [first, second]) {
  const virtual = new Map([...before.files, ...after.files, [PROBE, probe]]);
  const options = { ...before.options, noEmit: true, declaration: false, emitDeclarationOnly: false };
  const host = hostFor(options);
  const { fileExists, readFile } = host;
  const hidden = (path) =>
    [before, after].some(({ root }) => isOwn(root, path)) && /\.[cm]?[jt]sx?$/.test(path) && !virtual.has(path);
  host.fileExists = (path) => virtual.has(path) || (!hidden(path) && fileExists(path));
  host.readFile = (path) => virtual.get(path) ?? (hidden(path) ? undefined : readFile(path));
  const resolve = (name, from) => {
    if (name === 'api:old') return resolved(first);
    if (name === 'api:new') return resolved(second);
    // A copy of the old version stands nowhere on the disk: it finds what the old version finds.
    const copied = isOwn(SAME, from);
    const side = isOwn(NEW, from) ? after : before;
    const found = ts.resolveModuleName(name, copied ? OLD + from.slice(SAME.length) : from, side.options, host);
    const path = found.resolvedModule?.resolvedFileName;
    return copied && path !== undefined && virtual.has(SAME + path.slice(OLD.length)) && isOwn(OLD, path)
      ? resolved(SAME + path.slice(OLD.length))
      : found;
  };
  host.resolveModuleNameLiterals = (names, from) => names.map(({ text }) => resolve(text, from));
  return ts.createProgram([PROBE], options, host);
}
const resolved = (path) => ({
  resolvedModule: {
    resolvedFileName: path,
    extension: path.slice(path.indexOf('.d.')),
    isExternalLibraryImport: false,
  },
});

const IMPORTS = "import * as O from 'api:old';\nimport * as N from 'api:new';\n";

/**
 * The first method or constructor that asks for more arguments than before: the compiler lets it stand for the old one,
 * since it compares what methods take in both directions. Overloads are left to the compiler.
 */
function demand(checker, old, now) {
  const required = (signatures) =>
    signatures.length !== 1
      ? null
      : signatures[0].parameters.filter(({ valueDeclaration: each }) => {
          return each && ts.isParameter(each) && !each.questionToken && !each.initializer && !each.dotDotDotToken;
        }).length;
  const more = (before, after) => before !== null && after !== null && after > before;
  const sides = (symbol) => [
    ...(symbol.flags & ts.SymbolFlags.Value ? [checker.getTypeOfSymbol(symbol)] : []),
    ...(symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface)
      ? [checker.getDeclaredTypeOfSymbol(symbol)]
      : []),
  ];
  const [before, after] = [sides(old), sides(now)];
  for (const [index, type] of before.entries()) {
    const other = after[index];
    if (other === undefined) return '';
    if (more(required(type.getConstructSignatures()), required(other.getConstructSignatures())))
      return 'its constructor has to be given more';
    for (const property of type.getProperties()) {
      const later = other.getProperty(property.name);
      if (!(property.flags & ts.SymbolFlags.Method) || later === undefined) continue;
      const calls = [property, later].map((each) => required(checker.getTypeOfSymbol(each).getCallSignatures()));
      if (more(...calls)) return `${property.name} has to be given more`;
    }
  }
  return '';
}

/** The exported names of both modules, with the symbols of the first. */
function exportsOf(program) {
  const checker = program.getTypeChecker();
  const [old, now] = program
    .getSourceFile(PROBE)
    .statements.map((statement) => checker.getSymbolAtLocation(statement.moduleSpecifier));
  const namesOf = (module) => (module === undefined ? [] : checker.getExportsAndPropertiesOfModule(module));
  const aliased = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
  const after = new Map(namesOf(now).map((symbol) => [symbol.name, aliased(symbol)]));
  return {
    after,
    before: namesOf(old).map((each) => {
      const [symbol, later] = [aliased(each), after.get(each.name)];
      return { name: each.name, symbol, demand: later === undefined ? '' : demand(checker, symbol, later) };
    }),
  };
}

/** Lines that compile only if the new one can stand where the old one did. */
function linesFor({ name, symbol }) {
  const { flags } = symbol;
  const lines = [];
  const check = (why, text) => lines.push({ name, why, text });
  if (flags & ts.SymbolFlags.Value) check('', `null! as typeof N.${name} satisfies typeof O.${name};`);
  if (flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias) && !(flags & ts.SymbolFlags.Class)) {
    const parameters = symbol.declarations?.find((each) => each.typeParameters)?.typeParameters?.length ?? 0;
    const given = parameters === 0 ? '' : `<${new Array(parameters).fill('any').join(', ')}>`;
    check('', `null! as N.${name}${given} satisfies O.${name}${given};`);
    check('whoever makes one: ', `null! as O.${name}${given} satisfies N.${name}${given};`);
  }
  return lines;
}

/** TypeScript gave up: that says nothing. */
const GAVE_UP = new Set([2589, 2590]);

/** The checks among `lines` that do not compile. */
function broken(lines, before, after, paths) {
  const program = programOf(IMPORTS + lines.map(({ text }) => text).join('\n'), before, after, paths);
  const file = program.getSourceFile(PROBE);
  const found = new Map();
  for (const { start, code, messageText } of program.getSemanticDiagnostics(file)) {
    const line = lines[file.getLineAndCharacterOfPosition(start).line - 2];
    if (line === undefined || GAVE_UP.has(code) || found.has(line)) continue;
    // The innermost reason, without the places of our two trees.
    const reason = ts.flattenDiagnosticMessageText(messageText, '\n').split('\n').at(-1) ?? '';
    found.set(line, reason.trim().replace(/import\("[^"]*"\)\.?/g, ''));
  }
  return found;
}

const sourcesOf = (root, side) => entries.filter((entry) => entry[side]).map((entry) => join(root, entry[side]));
const before = declarationsOf(OLD, sourcesOf(OLD, 'old'));
const after = declarationsOf(NEW, sourcesOf(NEW, 'new'));
const api = [];
for (const { subpath, old, new: now } of entries) {
  if (!now) {
    api.push({ subpath, name: subpath, why: 'the whole entry is gone', file: old });
    continue;
  }
  const paths = [declared(join(OLD, old)), declared(join(NEW, now))];
  if (!before.files.has(paths[0]) || !after.files.has(paths[1])) continue;
  const names = exportsOf(programOf(IMPORTS, before, after, paths));
  // What begins with _ is nobody's, by its name.
  const known = names.before.filter(({ name }) => /^[A-Za-z$][\w$]*$/.test(name)).slice(0, MAX_NAMES);
  const placeOf = ({ symbol }) => {
    const path = symbol.declarations?.[0]?.getSourceFile().fileName ?? '';
    return relative(OLD, before.origins.get(path) ?? join(OLD, old));
  };
  for (const each of known)
    if (!names.after.has(each.name)) api.push({ subpath, name: each.name, why: '', file: placeOf(each) });
  // Of what is written in JavaScript only the names are certain.
  if (!/\.([cm]?tsx?)$/.test(old)) continue;
  for (const each of known)
    if (each.demand) api.push({ subpath, name: each.name, why: each.demand, file: placeOf(each) });
  const places = new Map(known.map((each) => [each.name, placeOf(each)]));
  const lines = known.filter((each) => names.after.has(each.name) && !each.demand).flatMap(linesFor);
  const found = [...broken(lines, before, after, paths)].filter(
    ([line], index, all) => all.findIndex(([other]) => other.name === line.name) === index,
  );
  if (found.length === 0) continue;
  // What cannot even stand for a copy of itself cannot be compared.
  const copy = {
    ...before,
    root: SAME,
    files: new Map(
      [...before.files].map(([path, text]) => [path.startsWith(OLD) ? SAME + path.slice(OLD.length) : path, text]),
    ),
  };
  const noise = broken(
    found.map(([line]) => line),
    before,
    copy,
    [paths[0], SAME + paths[0].slice(OLD.length)],
  );
  for (const [line, message] of found)
    if (!noise.has(line))
      api.push({ subpath, name: line.name, why: `${line.why}${message}`.slice(0, 300), file: places.get(line.name) });
}
process.stdout.write(`${JSON.stringify({ api: api.slice(0, MAX_FOUND) })}\n`);
