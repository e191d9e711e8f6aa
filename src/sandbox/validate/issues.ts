import type { Json } from '../json.ts';

interface Failure {
  readonly code: string;
  readonly message: string;
}

interface Node {
  readonly failures: Failure[];
  readonly children: Map<string, Node>;
}

/** A place in a request body, at which something may be wrong. */
export interface Spot {
  at(key: string | number): Spot;
  fail(code: string, message: string): void;
}

/** Everything wrong with one request body, in the shape of Discord's "Error Messages". */
export interface Issues extends Spot {
  readonly empty: boolean;
  /** The `errors` member: nested by path, each leaf with `_errors`. */
  tree(): Json;
}

function createNode(): Node {
  return { failures: [], children: new Map() };
}

function spotOf(node: Node): Spot {
  return {
    at(key) {
      const name = String(key);
      const child = node.children.get(name) ?? createNode();
      node.children.set(name, child);
      return spotOf(child);
    },
    fail: (code, message) => {
      node.failures.push({ code, message });
    },
  };
}

function treeOf(node: Node): Json | null {
  const entries: [string, unknown][] = node.failures.length > 0 ? [['_errors', node.failures]] : [];
  for (const [key, child] of node.children) {
    const subtree = treeOf(child);
    if (subtree) entries.push([key, subtree]);
  }
  return entries.length > 0 ? Object.fromEntries(entries) : null;
}

export function createIssues(): Issues {
  const root = createNode();
  return {
    ...spotOf(root),
    get empty() {
      return treeOf(root) === null;
    },
    tree: () => treeOf(root) ?? {},
  };
}
