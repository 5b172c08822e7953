/**
 * The syntax tree of names, expressions and queries. Frozen plain objects told apart by `kind`;
 * statements are in ast.ts, which is where the rest of the house takes all of it from.
 */
import type { SqlType } from '../base/sql-type.ts';

/** Where a token stands in the text; line and column count from 1. */
export interface Position {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** `t`, `db.t` or `catalog.db.t`. */
export interface TableName {
  readonly catalog?: string;
  readonly db?: string;
  readonly name: string;
  readonly position: Position;
}

// ---- Expressions --------------------------------------------------------------------------------

export const BINARY_OPERATORS = [
  'OR',
  'XOR',
  'AND',
  '=',
  '<=>',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  '|',
  '&',
  '^',
  '+',
  '-',
  '*',
  '/',
  'DIV',
  '%',
  '||',
] as const;
export type BinaryOperator = (typeof BINARY_OPERATORS)[number];

export type Expr =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** Text as written: `7`, `1.50`, `1e3`. */
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'string'; readonly value: string }
  /** `DATE '2024-01-01'`, `TIMESTAMP '...'`. */
  | { readonly kind: 'typed-string'; readonly type: 'DATE' | 'DATETIME'; readonly value: string }
  | { readonly kind: 'binary-literal'; readonly bytes: Uint8Array }
  | { readonly kind: 'column'; readonly path: readonly string[]; readonly position: Position }
  | {
      readonly kind: 'star';
      readonly table: readonly string[];
      /** Of the table, if one is named. */
      readonly position?: Position;
    }
  | {
      readonly kind: 'system-variable';
      readonly scope: 'session' | 'global' | undefined;
      readonly name: string;
    }
  | { readonly kind: 'user-variable'; readonly name: string }
  | { readonly kind: 'parameter'; readonly index: number }
  | { readonly kind: 'not'; readonly operand: Expr }
  | { readonly kind: 'negate'; readonly operand: Expr }
  | { readonly kind: 'bit-not'; readonly operand: Expr }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expr;
      readonly right: Expr;
    }
  | { readonly kind: 'is-null'; readonly operand: Expr; readonly negated: boolean }
  | {
      readonly kind: 'between';
      readonly operand: Expr;
      readonly low: Expr;
      readonly high: Expr;
      readonly negated: boolean;
    }
  | {
      readonly kind: 'in-list';
      readonly operand: Expr;
      readonly items: readonly Expr[];
      readonly negated: boolean;
    }
  | {
      readonly kind: 'in-query';
      readonly operand: Expr;
      readonly query: QueryNode;
      readonly negated: boolean;
    }
  | {
      readonly kind: 'like';
      readonly operator: 'LIKE' | 'RLIKE';
      readonly operand: Expr;
      readonly pattern: Expr;
      readonly negated: boolean;
    }
  | { readonly kind: 'exists'; readonly query: QueryNode }
  | { readonly kind: 'subquery'; readonly query: QueryNode }
  | {
      readonly kind: 'case';
      readonly operand: Expr | undefined;
      readonly branches: readonly { readonly when: Expr; readonly then: Expr }[];
      readonly otherwise: Expr | undefined;
    }
  | { readonly kind: 'cast'; readonly operand: Expr; readonly type: SqlType }
  | { readonly kind: 'interval'; readonly value: Expr; readonly unit: string }
  /** `[1, 2]`, `ARRAY<INT>[1, 2]`; the type is the whole array's. */
  | {
      readonly kind: 'array';
      readonly items: readonly Expr[];
      readonly type: SqlType | undefined;
    }
  /** `map{k: v}`, `MAP<INT, INT>{k: v}`. */
  | {
      readonly kind: 'map';
      readonly entries: readonly { readonly key: Expr; readonly value: Expr }[];
      readonly type: SqlType | undefined;
    }
  | { readonly kind: 'subscript'; readonly operand: Expr; readonly index: Expr }
  /** `f(x).a`; `t.a` is a column, whatever it turns out to be. */
  | { readonly kind: 'field'; readonly operand: Expr; readonly name: string }
  | {
      readonly kind: 'call';
      /** As written; functions are looked up without case. */
      readonly name: string;
      readonly args: readonly Expr[];
      readonly distinct: boolean;
      readonly orderBy: readonly OrderItem[];
      /** GROUP_CONCAT(... SEPARATOR s). */
      readonly separator: Expr | undefined;
      readonly over: WindowSpec | undefined;
      /** `IGNORE NULLS`. */
      readonly ignoresNulls?: boolean;
      readonly position: Position;
    };

export interface OrderItem {
  readonly expr: Expr;
  readonly descending: boolean;
  readonly nulls: 'FIRST' | 'LAST' | undefined;
}

export interface WindowSpec {
  readonly partitionBy: readonly Expr[];
  readonly orderBy: readonly OrderItem[];
  /** `ROWS BETWEEN ... AND ...`, printed back as read. */
  readonly frame: string | undefined;
}

// ---- Queries ------------------------------------------------------------------------------------

export interface QueryNode {
  readonly kind: 'query';
  readonly with: readonly CommonTable[];
  readonly recursive: boolean;
  readonly body: QueryBody;
  readonly orderBy: readonly OrderItem[];
  readonly limit: Expr | undefined;
  readonly offset: Expr | undefined;
}

export interface CommonTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly query: QueryNode;
}

export type QueryBody =
  | SelectNode
  | {
      readonly kind: 'set-operation';
      readonly operator: 'UNION' | 'INTERSECT' | 'EXCEPT';
      readonly all: boolean;
      readonly left: QueryBody;
      readonly right: QueryBody;
    }
  | { readonly kind: 'values'; readonly rows: readonly (readonly Expr[])[] }
  | { readonly kind: 'nested'; readonly query: QueryNode };

export interface SelectNode {
  readonly kind: 'select';
  readonly distinct: boolean;
  readonly items: readonly SelectItem[];
  readonly from: readonly Relation[];
  readonly where: Expr | undefined;
  readonly groupBy: readonly Expr[];
  /** ROLLUP, CUBE, GROUPING SETS: which of `groupBy` each grouping has, by index. */
  readonly groupingSets?: readonly (readonly number[])[];
  readonly having: Expr | undefined;
  readonly qualify: Expr | undefined;
}

export interface SelectItem {
  readonly expr: Expr;
  readonly alias: string | undefined;
  /** The item's text as written: the column name when there is no alias. */
  readonly text: string;
}

export type Relation =
  | {
      readonly kind: 'table';
      readonly name: TableName;
      readonly partitions: PartitionNames | undefined;
      readonly alias: string | undefined;
    }
  | {
      readonly kind: 'derived';
      readonly query: QueryNode;
      readonly alias: string | undefined;
      readonly columns: readonly string[];
    }
  | {
      /** `TABLE(generate_series(1, 10))` or `generate_series(1, 10)`. */
      readonly kind: 'table-function';
      readonly name: string;
      readonly args: readonly Expr[];
      readonly alias: string | undefined;
      readonly columns: readonly string[];
      readonly position: Position;
    }
  | FilesRelation
  | {
      readonly kind: 'join';
      readonly type:
        | 'INNER'
        | 'LEFT'
        | 'RIGHT'
        | 'FULL'
        | 'CROSS'
        | 'LEFT SEMI'
        | 'LEFT ANTI'
        | 'RIGHT SEMI'
        | 'RIGHT ANTI';
      readonly left: Relation;
      readonly right: Relation;
      readonly on: Expr | undefined;
      readonly using: readonly string[];
    };

/** `FILES("path" = "...", "format" = "...")`: files outside of the cluster. */
export interface FilesRelation {
  readonly kind: 'files';
  readonly properties: ReadonlyMap<string, string>;
  readonly alias: string | undefined;
}

export interface PartitionNames {
  readonly isTemporary: boolean;
  readonly names: readonly string[];
}
