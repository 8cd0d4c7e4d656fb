// Plain arithmetic expressions: reads `(3+4)*2^5`, and gives the JavaScript that computes it and its value. Whole
// numbers without division stay exact (BigInt). Words such as "plus" are the caller's to replace.
export interface Expression {
  /** JavaScript that contains nothing but numbers, operators and parentheses. */
  code: string;
  value(): bigint | number;
}

type Node = { number: string } | { operator: string; left: Node; right: Node } | { negated: Node };

const MAX_EXPONENT = 2000;

/** Undefined when `text` is not wholly one arithmetic expression. */
export function parseExpression(text: string): Expression | undefined {
  const tokens = text.replaceAll('**', '^').match(/\d+(?:\.\d+)?|[-+*/%^()]|\S/g) ?? [];
  const parser = new Parser(tokens);
  const node = parser.sum();
  if (node === undefined || !parser.atEnd()) return undefined;
  const exact = isExact(node);
  return { code: toCode(node, exact), value: () => (exact ? exactValue(node) : floatValue(node)) };
}

class Parser {
  private readonly tokens: string[];
  private at = 0;

  constructor(tokens: string[]) {
    this.tokens = tokens;
  }

  atEnd(): boolean {
    return this.at === this.tokens.length;
  }

  sum(): Node | undefined {
    return this.leftToRight(['+', '-'], () => this.product());
  }

  private product(): Node | undefined {
    return this.leftToRight(['*', '/', '%'], () => this.signed());
  }

  private leftToRight(operators: string[], operand: () => Node | undefined): Node | undefined {
    let left = operand();
    for (let operator = this.take(operators); operator !== undefined; operator = this.take(operators)) {
      const right = operand();
      if (left === undefined || right === undefined) return undefined;
      left = { operator, left, right };
    }
    return left;
  }

  private signed(): Node | undefined {
    if (this.take(['-']) === undefined) return this.power();
    const operand = this.signed();
    return operand && { negated: operand };
  }

  private power(): Node | undefined {
    const base = this.atom();
    if (base === undefined || this.take(['^']) === undefined) return base;
    const exponent = this.signed();
    return exponent && { operator: '^', left: base, right: exponent };
  }

  private atom(): Node | undefined {
    if (this.take(['('])) {
      const inner = this.sum();
      return this.take([')']) === undefined ? undefined : inner;
    }
    const token = this.tokens[this.at];
    if (token === undefined || !/^\d/.test(token)) return undefined;
    this.at += 1;
    return { number: token };
  }

  private take(wanted: string[]): string | undefined {
    const token = this.tokens[this.at];
    if (token === undefined || !wanted.includes(token)) return undefined;
    this.at += 1;
    return token;
  }
}

function isExact(node: Node): boolean {
  if ('number' in node) return !node.number.includes('.');
  if ('negated' in node) return isExact(node.negated);
  if (node.operator === '/' || node.operator === '%') return false;
  if (node.operator === '^' && !isBoundedPower(node.left, node.right)) return false;
  return isExact(node.left) && isExact(node.right);
}

// A huge, negative or repeated exponent is left to floating point, which answers Infinity or a fraction at once.
function isBoundedPower(base: Node, exponent: Node): boolean {
  return 'number' in exponent && Number(exponent.number) <= MAX_EXPONENT && !hasPower(base);
}

function hasPower(node: Node): boolean {
  if ('number' in node) return false;
  if ('negated' in node) return hasPower(node.negated);
  return node.operator === '^' || hasPower(node.left) || hasPower(node.right);
}

function toCode(node: Node, exact: boolean): string {
  if ('number' in node) return exact ? `${BigInt(node.number)}n` : String(Number(node.number));
  if ('negated' in node) return `(-${toCode(node.negated, exact)})`;
  const operator = node.operator === '^' ? '**' : node.operator;
  return `(${toCode(node.left, exact)} ${operator} ${toCode(node.right, exact)})`;
}

function exactValue(node: Node): bigint {
  if ('number' in node) return BigInt(node.number);
  if ('negated' in node) return -exactValue(node.negated);
  const [left, right] = [exactValue(node.left), exactValue(node.right)];
  if (node.operator === '+') return left + right;
  if (node.operator === '-') return left - right;
  return node.operator === '*' ? left * right : left ** right;
}

function floatValue(node: Node): number {
  if ('number' in node) return Number(node.number);
  if ('negated' in node) return -floatValue(node.negated);
  const [left, right] = [floatValue(node.left), floatValue(node.right)];
  if (node.operator === '+') return left + right;
  if (node.operator === '-') return left - right;
  if (node.operator === '*') return left * right;
  if (node.operator === '/') return left / right;
  return node.operator === '%' ? left % right : left ** right;
}
