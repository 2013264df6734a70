import { XMLParser } from 'fast-xml-parser';
import { parse as parseToml } from 'smol-toml';
import { baseName, type Declared, type Ecosystem, section } from './ecosystem.ts';

const xml = new XMLParser({ processEntities: false, parseTagValue: false, isArray: () => false });
const entries = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(section);

/** Maven's pom.xml: dependencies, managed ones, plugins, extensions and the parent. */
export const maven: Ecosystem = {
  id: 'maven',
  isManifest: (path) => baseName(path) === 'pom.xml',
  isLockfile: () => false,
  declared: (_path, text) => {
    const project = section(xml.parse(text).project);
    const properties = section(project.properties);
    const fill = (value: unknown) =>
      String(value ?? '').replace(/\$\{([^}]{1,100})\}/g, (whole, name: string) => String(properties[name] ?? whole));
    const parts = [project, ...entries(section(project.profiles).profile)];
    const coordinate = (entry: Readonly<Record<string, unknown>>, group: string): Declared[] =>
      entry.artifactId === undefined
        ? []
        : [{ name: `${fill(entry.groupId) || group}:${fill(entry.artifactId)}`, version: fill(entry.version) }];
    return [
      ...entries(project.parent).flatMap((entry) => coordinate(entry, '')),
      ...parts.flatMap((part) => {
        const build = section(part.build);
        const plugins = [build, section(build.pluginManagement)].flatMap((each) =>
          entries(section(each.plugins).plugin),
        );
        return [
          ...[part, section(part.dependencyManagement), ...plugins].flatMap((each) =>
            entries(section(each.dependencies).dependency).flatMap((entry) => coordinate(entry, '')),
          ),
          ...plugins.flatMap((entry) => coordinate(entry, 'org.apache.maven.plugins')),
          ...entries(section(build.extensions).extension).flatMap((entry) => coordinate(entry, '')),
        ];
      }),
    ];
  },
  locked: () => [],
  repositories: (_path, text) =>
    [...text.matchAll(/<(?:repository|pluginRepository)>[\s\S]{0,1000}?<url>\s*([^<\s]{1,500})\s*<\/url>/g)].map(
      (match) => match[1] as string,
    ),
};

const CONFIGURATION =
  /\b(?:\w{0,60}[iI]mplementation|api|\w{0,60}[cC]ompileOnly(?:Api)?|\w{0,60}[rR]untimeOnly|annotationProcessor|testAnnotationProcessor|kapt|ksp|classpath|paperweight\.\w{1,60})\s{0,5}\(?\s{0,5}(?:(?:platform|enforcedPlatform)\()?['"]([\w.-]{1,200}):([\w.-]{1,200})(?::([^'":\s]{0,100}))?[^'"]{0,50}['"]/g;
const PLUGIN =
  /\bid\s{0,3}\(?\s{0,3}['"]([\w.-]{1,200})['"]\s{0,3}\)?\s{0,5}version\s{0,3}\(?\s{0,3}['"]([^'"]{1,100})['"]/g;

/** Gradle's build files and version catalogs, by their usual form. */
export const gradle: Ecosystem = {
  id: 'gradle',
  isManifest: (path) => /\.gradle(\.kts)?$|\.versions\.toml$/.test(path),
  isLockfile: (path) => baseName(path) === 'gradle.lockfile',
  declared: (path, text) => (path.endsWith('.toml') ? catalog(text) : build(text)),
  locked: (_path, text) =>
    [...text.matchAll(/^([\w.-]{1,200}:[\w.-]{1,200}):([^=\s]{1,100})=/gm)].map((match) => ({
      name: match[1] as string,
      version: match[2] as string,
      url: null,
    })),
  repositories: (_path, text) =>
    [
      ...text.matchAll(
        /\b(?:maven|ivy)\s{0,3}(?:\(\s{0,3}(?:url\s{0,3}=\s{0,3})?(?:uri\()?|\{[^{}]{0,300}?url\b[\s=(]{0,10}(?:uri\()?)\s{0,3}['"]([^'"\s]{1,500})['"]/g,
      ),
    ].map((match) => match[1] as string),
};

const build = (text: string): Declared[] => [
  ...[...text.matchAll(CONFIGURATION)].map((match) => ({ name: `${match[1]}:${match[2]}`, version: match[3] ?? '' })),
  ...[...text.matchAll(PLUGIN)].map((match) => ({ name: match[1] as string, version: match[2] as string })),
];

function catalog(text: string): Declared[] {
  const file = section(parseToml(text));
  const versions = section(file.versions);
  const versionOf = (value: unknown) => {
    const reference = section(value).ref;
    const version = reference === undefined ? value : versions[String(reference)];
    return typeof version === 'string' ? version : JSON.stringify(version ?? '');
  };
  const rows = (name: string, pick: (row: Readonly<Record<string, unknown>>) => unknown) =>
    Object.values(section(file[name])).map((value): Declared => {
      if (typeof value === 'string') {
        const at = value.lastIndexOf(':');
        return { name: value.slice(0, at), version: value.slice(at + 1) };
      }
      return { name: String(pick(section(value))), version: versionOf(section(value).version) };
    });
  return [
    ...rows('libraries', (row) => row.module ?? `${String(row.group)}:${String(row.name)}`),
    ...rows('plugins', (row) => row.id),
  ];
}
