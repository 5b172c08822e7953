/**
 * JSON of objects without data, in the manner of StarRocks' gson form (repository.md 3.2). What
 * that has no place for stands under the key `emulator`; unknown keys are ignored.
 */
import { asId, type CatalogId, type FunctionId, type TableId } from '../base/ids.ts';
import { decodeType, typeJson } from './codec-schema.ts';
import type { JsonCursor } from './json-cursor.ts';
import type { ExternalCatalog, UserFunction, View } from './model.ts';

/** Small: a view is never written in pieces. */
export function viewJson(view: View): unknown {
  return {
    clazz: 'View',
    id: view.id,
    name: view.name,
    type: view.kind,
    createTime: Math.floor(view.createTimeMs / 1000),
    fullSchema: view.columns.map(({ name, type, comment }) => ({
      name,
      type: typeJson(type),
      isAllowNull: true,
      comment,
    })),
    comment: view.comment,
    i: view.definition,
    emulator: {
      createTimeMs: view.createTimeMs,
      definitionDb: view.definitionDb,
      pipesAsConcat: view.pipesAsConcat,
    },
  };
}

export function decodeView(json: JsonCursor): View {
  json.field('clazz').oneOf(['View']);
  const own = json.optional('emulator');
  return Object.freeze({
    kind: json.field('type').oneOf(['VIEW']),
    id: asId<TableId>(json.field('id').integer()),
    name: json.field('name').text(),
    createTimeMs:
      own?.optional('createTimeMs')?.integer() ?? json.field('createTime').integer() * 1000,
    columns: json
      .field('fullSchema')
      .items()
      .map((column) => ({
        name: column.field('name').text(),
        type: decodeType(column.field('type')),
        comment: column.optional('comment')?.text() ?? '',
      })),
    definition: json.field('i').text(),
    definitionDb: own?.optional('definitionDb')?.text(),
    pipesAsConcat: own?.optional('pipesAsConcat')?.boolean() ?? false,
    comment: json.optional('comment')?.text() ?? '',
  });
}

const FUNCTION_CLASSES = {
  SCALAR: 'ScalarFunction',
  AGGREGATE: 'AggregateFunction',
  TABLE: 'TableFunction',
} as const;

export function functionJson(fn: UserFunction): unknown {
  return {
    clazz: FUNCTION_CLASSES[fn.kind],
    fid: fn.id,
    name: { fn: fn.name },
    retType: typeJson(fn.returnType),
    argTypes: fn.argTypes.map(typeJson),
    hasVarArgs: fn.hasVarArgs,
    emulator: { properties: Object.fromEntries(fn.properties) },
  };
}

/** Without the properties there is no telling what a function runs: such a one is refused. */
export function decodeFunction(json: JsonCursor): UserFunction {
  const kinds = ['SCALAR', 'AGGREGATE', 'TABLE'] as const;
  const clazz = json.field('clazz').oneOf(Object.values(FUNCTION_CLASSES));
  return Object.freeze({
    id: asId<FunctionId>(json.field('fid').integer()),
    kind: kinds.find((kind) => FUNCTION_CLASSES[kind] === clazz) ?? 'SCALAR',
    name: json.field('name').field('fn').text(),
    argTypes: json.field('argTypes').items().map(decodeType),
    hasVarArgs: json.field('hasVarArgs').boolean(),
    returnType: decodeType(json.field('retType')),
    properties: new Map(
      json
        .field('emulator')
        .field('properties')
        .entries()
        .map(([key, value]) => [key, value.text()]),
    ),
  });
}

export function externalCatalogJson({ id, name, comment, properties }: ExternalCatalog): unknown {
  return {
    clazz: 'ExternalCatalog',
    id,
    name,
    config: Object.fromEntries(properties),
    comment,
  };
}

export function decodeExternalCatalog(json: JsonCursor): ExternalCatalog {
  const config = json.field('config').entries();
  return Object.freeze({
    id: asId<CatalogId>(json.field('id').integer()),
    name: json.field('name').text(),
    comment: json.optional('comment')?.text(),
    properties: new Map(config.map(([key, value]) => [key, value.text()])),
  });
}

/** Whether an entry of `tblNameMap` is a view; anything else is read as a table. */
export function isViewJson(json: JsonCursor): boolean {
  const { value } = json;
  return typeof value === 'object' && value !== null && 'clazz' in value && value.clazz === 'View';
}
