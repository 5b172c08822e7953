/**
 * Objects that a snapshot holds as metadata alone, as a restore job keeps them (restore-jobs.md
 * 3.9): what it puts in place, and what stood there before.
 */
import {
  decodeExternalCatalog,
  decodeFunction,
  decodeView,
  externalCatalogJson,
  functionJson,
  viewJson,
} from '../catalog/codec-objects.ts';
import type { JsonCursor } from '../catalog/json-cursor.ts';
import type { ExternalCatalog, UserFunction, View } from '../catalog/model.ts';

export interface MetaObjects {
  readonly views: readonly View[];
  readonly functions: readonly UserFunction[];
  /** Only in a job of external catalogs, and then nothing else. */
  readonly catalogs: readonly ExternalCatalog[];
}

export const NO_OBJECTS: MetaObjects = Object.freeze({
  views: [],
  functions: [],
  catalogs: [],
});

export function objectsJson(objects: MetaObjects): unknown {
  return {
    views: objects.views.map(viewJson),
    functions: objects.functions.map(functionJson),
    catalogs: objects.catalogs.map(externalCatalogJson),
  };
}

export function decodeObjects(json: JsonCursor | undefined): MetaObjects {
  if (json === undefined) return NO_OBJECTS;
  return {
    views: json.field('views').items().map(decodeView),
    functions: json.field('functions').items().map(decodeFunction),
    catalogs: json.field('catalogs').items().map(decodeExternalCatalog),
  };
}

export function isEmpty(objects: MetaObjects): boolean {
  const { views, functions, catalogs } = objects;
  return views.length + functions.length + catalogs.length === 0;
}
