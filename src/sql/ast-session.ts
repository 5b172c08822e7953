/**
 * The syntax tree of statements about connections and what they hold: KILL, PREPARE and EXECUTE,
 * SHOW PROCESSLIST, properties of users (sql-surface.md 1.3, 1.7). The rest of the house takes it
 * from ast.ts.
 */
import type { Properties, ShowTail } from './ast.ts';
import type { QueryNode } from './ast-query.ts';

export type SessionStatement =
  | {
      readonly kind: 'kill';
      readonly what: 'connection' | 'query';
      /** A connection's number, or the id of a query. */
      readonly target: number | string;
    }
  | {
      readonly kind: 'prepare';
      readonly name: string;
      readonly query: QueryNode;
      /** How many `?` the query has. */
      readonly parameterCount: number;
    }
  | { readonly kind: 'set-catalog'; readonly catalog: string }
  | { readonly kind: 'execute'; readonly name: string; readonly variables: readonly string[] }
  | { readonly kind: 'deallocate'; readonly name: string }
  | { readonly kind: 'show-processlist'; readonly full: boolean; readonly tail: ShowTail }
  /** Without a user: one's own. */
  | {
      readonly kind: 'set-user-property';
      readonly user: string | undefined;
      readonly properties: Properties;
    }
  | {
      readonly kind: 'show-user-property';
      readonly user: string | undefined;
      readonly like: string | undefined;
    };
