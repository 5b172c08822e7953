/** The few answers of an S3 server that are read here: lists and errors. */

/** One page of ListObjectsV2. */
export interface S3ListPage {
  readonly objects: readonly { readonly key: string; readonly sizeBytes: number }[];
  readonly prefixes: readonly string[];
  /** Where the next page begins; absent on the last. */
  readonly next: string | undefined;
}

/** Undefined for what is no list: a server that is something else may answer 200 as well. */
export function parseListPage(xml: string): S3ListPage | undefined {
  if (!/<ListBucketResult[\s>/]/.test(xml)) return undefined;
  const objects = sections(xml, 'Contents').map((content) => ({
    key: firstText(content, 'Key') ?? '',
    sizeBytes: Number(firstText(content, 'Size') ?? 0),
  }));
  const prefixes = sections(xml, 'CommonPrefixes').map((each) => firstText(each, 'Prefix') ?? '');
  const next = firstText(xml, 'NextContinuationToken');
  return {
    objects,
    prefixes,
    next: firstText(xml, 'IsTruncated') === 'true' ? next : undefined,
  };
}

export function parseError(
  xml: string,
): { readonly code: string; readonly message: string } | undefined {
  const code = firstText(xml, 'Code');
  return code === undefined ? undefined : { code, message: firstText(xml, 'Message') ?? '' };
}

function sections(xml: string, name: string): string[] {
  return xml
    .split(`<${name}>`)
    .slice(1)
    .map((rest) => rest.split(`</${name}>`, 1)[0] ?? '');
}

function firstText(xml: string, name: string): string | undefined {
  const from = xml.indexOf(`<${name}>`);
  if (from < 0) return undefined;
  const start = from + name.length + 2;
  const end = xml.indexOf(`</${name}>`, start);
  return end < 0 ? undefined : unescaped(xml.slice(start, end));
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

function unescaped(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return ENTITIES[name] ?? whole;
  });
}
