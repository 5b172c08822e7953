/** SHOW CREATE CATALOG and the rows of SHOW CATALOGS (sql-surface.md 4.10). */
import type { Op } from '../../base/op.ts';
import type { Row } from '../../base/row-stream.ts';
import { isSecretProperty, SECRET_MASK } from '../../base/secret-property.ts';
import type { ExternalCatalog } from '../../catalog/model.ts';
import { analysisError } from '../analysis-error.ts';
import {
  type Executor,
  type FrontendContext,
  type StatementResult,
  showResult,
} from '../frontend-context.ts';
import { DEFAULT_CATALOG } from '../resolve.ts';

export function catalogRows(frontend: FrontendContext): readonly Row[] {
  const external = [...frontend.catalog.externalCatalogs.values()].map((catalog): Row => {
    const type = catalog.properties.get('type') ?? '';
    const shown = `${type.slice(0, 1).toUpperCase()}${type.slice(1)}`;
    return [catalog.name, shown, catalog.comment ?? null];
  });
  const internal = "An internal catalog contains this cluster's tables.";
  return [[DEFAULT_CATALOG, 'Internal', internal], ...external].sort(byFirst);
}

function byFirst([a]: Row, [b]: Row): number {
  return String(a) < String(b) ? -1 : 1;
}

export const showCreateCatalog: Executor<'show-create-catalog'> = function* (
  frontend,
  _session,
  { name },
): Op<StatementResult> {
  if (name === DEFAULT_CATALOG) {
    throw analysisError('SHOW CREATE CATALOG of the internal catalog', 'unsupported');
  }
  const catalog = frontend.catalog.externalCatalogs.get(name);
  if (catalog === undefined) throw analysisError(`Unknown catalog '${name}'`);
  return showResult(['Catalog', 'Create Catalog'], [[name, createCatalogText(catalog)]]);
};

function createCatalogText({ name, comment, properties }: ExternalCatalog): string {
  const shown = [...properties].map(
    ([key, value]) => `${quoted(key)}  =  ${quoted(isSecretProperty(key) ? SECRET_MASK : value)}`,
  );
  return [
    `CREATE EXTERNAL CATALOG \`${name}\``,
    ...(comment === undefined ? [] : [`comment ${quoted(comment)}`]),
    `PROPERTIES (${shown.join(',\n')}\n)`,
  ].join('\n');
}

function quoted(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
