/**
 * The syntax tree of statements about objects without data: views, functions, external
 * catalogs (sql-surface.md 3.5, 4.10). The rest of the house takes it from ast.ts.
 */
import type { SqlType } from '../base/sql-type.ts';
import type { Properties, ShowTail } from './ast.ts';
import type { QueryNode, TableName } from './ast-query.ts';

export interface ViewColumnDef {
  readonly name: string;
  readonly comment: string | undefined;
}

export interface CreateView {
  readonly kind: 'create-view';
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly view: TableName;
  /** Names of the columns; none: the query's own. */
  readonly columns: readonly ViewColumnDef[];
  readonly comment: string | undefined;
  readonly query: QueryNode;
  /** The query as written. */
  readonly definition: string;
}

export interface FunctionSignatureDef {
  readonly name: TableName;
  readonly argTypes: readonly SqlType[];
  readonly hasVarArgs: boolean;
}

export type ObjectStatement =
  | CreateView
  | (Pick<CreateView, 'view' | 'columns' | 'query' | 'definition'> & {
      readonly kind: 'alter-view';
    })
  | { readonly kind: 'drop-view'; readonly ifExists: boolean; readonly view: TableName }
  | {
      readonly kind: 'create-function';
      readonly orReplace: boolean;
      readonly ifNotExists: boolean;
      readonly functionKind: 'SCALAR' | 'AGGREGATE' | 'TABLE';
      readonly signature: FunctionSignatureDef;
      readonly returnType: SqlType;
      readonly properties: Properties;
    }
  | {
      readonly kind: 'drop-function';
      readonly ifExists: boolean;
      readonly signature: FunctionSignatureDef;
    }
  | {
      readonly kind: 'show-functions';
      readonly full: boolean;
      readonly database: string | undefined;
      readonly tail: ShowTail;
    }
  | {
      readonly kind: 'create-catalog';
      readonly ifNotExists: boolean;
      readonly name: string;
      readonly comment: string | undefined;
      readonly properties: Properties;
    }
  | { readonly kind: 'drop-catalog'; readonly ifExists: boolean; readonly name: string }
  | { readonly kind: 'show-create-catalog'; readonly name: string };
