/** What the parser tests share: the traits of the default profile, trees and errors of texts. */
import { SimError } from '../../../src/base/errors.ts';
import type { Expr, SelectNode, Statement } from '../../../src/sql/ast.ts';
import { type ParseOptions, parseStatements } from '../../../src/sql/parse.ts';

export const OPTIONS: ParseOptions = Object.freeze({
  pipesAsConcat: false,
  newBackupForms: true,
  dropSnapshot: false,
  strict: false,
});

/** The only statement of the text. */
export function parseOne(text: string, options: Partial<ParseOptions> = {}): Statement {
  const statements = parseStatements(text, { ...OPTIONS, ...options });
  const [only] = statements;
  if (only === undefined || statements.length > 1) throw new Error(`not one statement: ${text}`);
  return only.statement;
}

/** The error of a text that must not parse. */
export function errorOf(text: string, options: Partial<ParseOptions> = {}): SimError {
  try {
    parseStatements(text, { ...OPTIONS, ...options });
  } catch (error) {
    if (error instanceof SimError) return error;
    throw error;
  }
  throw new Error(`parsed: ${text}`);
}

export function selectOf(text: string, options: Partial<ParseOptions> = {}): SelectNode {
  const statement = parseOne(text, options);
  if (statement.kind !== 'select' || statement.query.body.kind !== 'select') {
    throw new Error(`not a SELECT: ${text}`);
  }
  return statement.query.body;
}

/** The only expression of `SELECT <text>`. */
export function expressionOf(text: string, options: Partial<ParseOptions> = {}): Expr {
  const [item] = selectOf(`SELECT ${text}`, options).items;
  if (item === undefined) throw new Error(`no item: ${text}`);
  return item.expr;
}

/** An expression with every operator in parentheses, to see how it was read. */
export function grouped(expr: Expr): string {
  switch (expr.kind) {
    case 'null':
      return 'NULL';
    case 'boolean':
      return String(expr.value);
    case 'number':
      return expr.text;
    case 'string':
      return `'${expr.value}'`;
    case 'column':
      return expr.path.join('.');
    case 'star':
      return [...expr.table, '*'].join('.');
    case 'not':
      return `(NOT ${grouped(expr.operand)})`;
    case 'negate':
      return `(-${grouped(expr.operand)})`;
    case 'bit-not':
      return `(~${grouped(expr.operand)})`;
    case 'binary':
      return `(${grouped(expr.left)} ${expr.operator} ${grouped(expr.right)})`;
    case 'is-null':
      return `(${grouped(expr.operand)} IS ${expr.negated ? 'NOT ' : ''}NULL)`;
    case 'between': {
      const not = expr.negated ? 'NOT ' : '';
      const range = `${grouped(expr.low)} AND ${grouped(expr.high)}`;
      return `(${grouped(expr.operand)} ${not}BETWEEN ${range})`;
    }
    case 'in-list': {
      const not = expr.negated ? 'NOT ' : '';
      return `(${grouped(expr.operand)} ${not}IN ${expr.items.map(grouped).join(', ')})`;
    }
    case 'like': {
      const not = expr.negated ? 'NOT ' : '';
      return `(${grouped(expr.operand)} ${not}${expr.operator} ${grouped(expr.pattern)})`;
    }
    case 'interval':
      return `INTERVAL ${grouped(expr.value)} ${expr.unit}`;
    case 'cast':
      return `CAST(${grouped(expr.operand)} AS ${expr.type.name})`;
    case 'call': {
      const distinct = expr.distinct ? 'DISTINCT ' : '';
      return `${expr.name}(${distinct}${expr.args.map(grouped).join(', ')})`;
    }
    case 'system-variable':
      return `@@${expr.scope === undefined ? '' : `${expr.scope}.`}${expr.name}`;
    case 'user-variable':
      return `@${expr.name}`;
    case 'typed-string':
      return `${expr.type} '${expr.value}'`;
    case 'parameter':
      return `?${expr.index}`;
    default:
      return `<${expr.kind}>`;
  }
}
