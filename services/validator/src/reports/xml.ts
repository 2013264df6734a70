import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { xmlDepth } from './xml-depth.ts';

/** One element as the parser gives it in order-preserving form: its name with its children, and its attributes. */
export type XmlNode = Readonly<Record<string, unknown>>;

const MAX_DEPTH = 40;
const ATTRIBUTES = ':@';

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  // No entity is ever expanded by the parser; the five of XML are read below.
  processEntities: false,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
});

/**
 * The top elements of a report. Throws on what is no XML, on a document type (no runner writes one, entities come with it)
 * and on absurd depth.
 */
export function readXml(text: string): readonly XmlNode[] {
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) throw new Error('a report with a document type is not read');
  if (xmlDepth(text) > MAX_DEPTH) throw new Error('a report with such depth is not read');
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw new Error(`not XML: ${valid.err.msg}`);
  return parser.parse(text) as XmlNode[];
}

export const nameOf = (node: XmlNode): string => Object.keys(node).find((key) => key !== ATTRIBUTES) ?? '';
export const childrenOf = (node: XmlNode): readonly XmlNode[] => {
  const children = node[nameOf(node)];
  return Array.isArray(children) ? (children as XmlNode[]) : [];
};

export function attribute(node: XmlNode, name: string): string | undefined {
  const value = (node[ATTRIBUTES] as Readonly<Record<string, unknown>> | undefined)?.[name];
  return typeof value === 'string' ? decode(value) : undefined;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
export function decode(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));/g,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name] ?? whole;
      const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    },
  );
}
