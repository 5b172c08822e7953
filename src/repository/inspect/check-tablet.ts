/**
 * One tablet's directory against what it should hold: by its header where that can be read, by the
 * names in `__info` where the writer has listed them, and else by StarRocks' rules for names alone
 * (repository.md 2.3, 7.2, 7.5). Pure: the caller has listed and read.
 */
import { joinKey } from '../../blob/blob-key.ts';
import type { BlobKey, BlobStat } from '../../blob/blob-storage.ts';
import { decodeBackendName, decodeChecksumName, PART_SUFFIX } from '../../blob/checksum-name.ts';
import type { Effect, FindingKind } from './finding.ts';
import { isMd5 } from './read-checked.ts';

/** What a header says of its tablet, in the form that all verbs understand. */
export interface TabletHeader {
  readonly tabletId: number;
  readonly version: number;
  readonly files: readonly {
    readonly name: string;
    readonly sizeBytes: number;
    readonly md5: string;
  }[];
}

/** Undefined for bytes of another form, such as those of a real backend. */
export type ReadHeader = (bytes: Uint8Array) => TabletHeader | undefined;

/** A finding before it is known whose it is. */
export interface TabletFinding {
  readonly kind: FindingKind;
  readonly effect: Effect;
  readonly key: BlobKey;
  readonly text: string;
}

export interface Variant {
  readonly key: BlobKey;
  readonly md5: string;
  readonly sizeBytes: number;
}

export interface TabletListing {
  readonly directory: BlobKey;
  /** By logical name, in the order in which a restore takes them: the first counts. */
  readonly files: ReadonlyMap<string, readonly Variant[]>;
  readonly parts: ReadonlyMap<string, BlobKey>;
  readonly findings: readonly TabletFinding[];
}

const SUFFIXES = ['.hdr', '.dcgs_snapshot', '.idx', '.dat', 'meta', '.del', '.cols', '.upt'];

/** Takes names apart as backends do, and says which of them are in the way. */
export function readListing(directory: BlobKey, stats: readonly BlobStat[]): TabletListing {
  const files = new Map<string, Variant[]>();
  const parts = new Map<string, BlobKey>();
  const findings: TabletFinding[] = [];
  for (const { name, isFile, sizeBytes } of stats) {
    const key = joinKey(directory, name);
    const decoded = isFile ? decodeBackendName(name) : undefined;
    if (decoded === undefined) {
      findings.push({ kind: 'extra', effect: 'leftover', key, text: 'no file of a tablet' });
    } else if (`.${decoded.md5}` === PART_SUFFIX) {
      parts.set(decoded.name, key);
    } else if (!SUFFIXES.some((suffix) => decoded.name.endsWith(suffix))) {
      const text = 'StarRocks refuses a name like this, and with it the tablet';
      findings.push({ kind: 'foreign', effect: 'hurts', key, text });
    } else {
      const variants = files.get(decoded.name) ?? [];
      files.set(decoded.name, [...variants, { key, md5: decoded.md5, sizeBytes }]);
    }
  }
  return { directory, files, parts, findings };
}

export type HeaderFile =
  | { readonly file: Variant; readonly name: string }
  | { readonly file?: undefined; readonly text: string };

/** The one header that a move wants: `<tablet id>.hdr` or `meta`, never both, never neither. */
export function headerOf({ files }: TabletListing): HeaderFile {
  const names = [...files.keys()].filter((name) => name.endsWith('.hdr') || name === 'meta');
  const [name, another] = names;
  const file = name === undefined ? undefined : files.get(name)?.[0];
  if (name === undefined || file === undefined) return { text: 'the tablet has no header' };
  if (another !== undefined) return { text: `two headers: ${name} and ${another}` };
  return { name, file };
}

/** What a directory should hold; `undefined` where nobody can tell. */
export type Wanted = ReadonlyMap<string, WantedFile>;

export interface WantedFile {
  readonly md5: string;
  /** Where it is known. */
  readonly sizeBytes?: number;
}

/** By the header; the header itself is wanted as it was read. */
export function wantedByHeader(header: TabletHeader, name: string, file: Variant): Wanted {
  const wanted = new Map<string, WantedFile>([[name, { md5: file.md5 }]]);
  for (const { name: each, md5, sizeBytes } of header.files) wanted.set(each, { md5, sizeBytes });
  return wanted;
}

/** By the names with checksum in `__info`. */
export function wantedByNames(names: readonly string[]): Wanted {
  const wanted = new Map<string, WantedFile>();
  for (const each of names) {
    const decoded = decodeChecksumName(each);
    if (decoded !== undefined) wanted.set(decoded.name, { md5: decoded.md5 });
  }
  return wanted;
}

/** Everything that is wrong with the files of a tablet, apart from their bytes. */
export function checkFiles(listing: TabletListing, wanted: Wanted | undefined): TabletFinding[] {
  const findings = [...listing.findings];
  for (const [name, variants] of listing.files) {
    if (wanted !== undefined) findings.push(...checkVariants(name, variants, wanted.get(name)));
    else findings.push(...checkUnjudged(variants));
  }
  for (const name of wanted?.keys() ?? []) {
    if (listing.files.has(name)) continue;
    const key = joinKey(listing.directory, name);
    const text = 'the snapshot lists this file, and it is not there';
    findings.push({ kind: 'missing', effect: 'hurts', key, text });
  }
  for (const [name, key] of listing.parts) findings.push(checkPart(listing, name, key));
  return findings;
}

function checkPart({ files }: TabletListing, name: string, key: BlobKey): TabletFinding {
  const isAlone = !files.has(name);
  return {
    kind: 'part',
    effect: isAlone ? 'hurts' : 'leftover',
    key,
    text: isAlone
      ? 'an upload that did not end; a restore by StarRocks takes it for the file and fails'
      : 'an upload that did not end, beside the whole file',
  };
}

function checkVariants(
  name: string,
  variants: readonly Variant[],
  wanted: WantedFile | undefined,
): TabletFinding[] {
  if (wanted === undefined) {
    return variants.map(({ key }) => {
      return { kind: 'extra', effect: 'leftover', key, text: 'the snapshot does not list it' };
    });
  }
  const right = variants.findIndex(({ md5 }) => md5 === wanted.md5);
  const findings: TabletFinding[] = [];
  for (const [at, { key }] of variants.entries()) {
    if (at === right) continue;
    const isTaken = at === 0;
    const text =
      `its bytes are not the snapshot's ${name}, whose checksum is ${wanted.md5}` +
      (isTaken ? '; a restore takes this one' : '');
    findings.push({ kind: 'stale', effect: isTaken ? 'hurts' : 'leftover', key, text });
  }
  const file = variants[right];
  if (file !== undefined) findings.push(...checkSize(file, wanted));
  return findings;
}

function checkSize({ key, sizeBytes }: Variant, wanted: WantedFile): TabletFinding[] {
  if (wanted.sizeBytes === undefined || wanted.sizeBytes === sizeBytes) return [];
  const text = `${sizeBytes} bytes where the header says ${wanted.sizeBytes}`;
  const kind = sizeBytes < wanted.sizeBytes ? 'truncated' : 'damaged';
  return [{ kind, effect: 'hurts', key, text }];
}

/** Without a list of files, only what no list could make right. */
function checkUnjudged(variants: readonly Variant[]): TabletFinding[] {
  const [taken, ...others] = variants;
  if (taken === undefined) return [];
  const findings: TabletFinding[] = others.map(({ key }) => {
    const text = `which of ${variants.length} files of this name is the snapshot's cannot be told`;
    return { kind: 'stale', effect: 'unknown', key, text };
  });
  if (!isMd5(taken.md5)) {
    const text = 'what stands in place of a checksum is none, so it never verifies';
    findings.push({ kind: 'foreign', effect: 'hurts', key: taken.key, text });
  }
  return findings;
}
