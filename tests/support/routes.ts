// Every route that a service has registered, hidden ones and HEAD too, as Fastify's own router knows them.

export interface Route {
  method: 'GET' | 'HEAD' | 'POST' | 'DELETE' | 'PUT' | 'PATCH' | 'OPTIONS';
  /** With its parameters, such as `/tasks/:task_id`. */
  path: string;
}

/** Reads the tree that `printRoutes({ commonPrefix: false })` draws: four characters of indentation a level. */
export function routesIn(tree: string): Route[] {
  const levels: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', part = '', methods = ''] = /^([│ ]*)[├└]── (\S+) \(([A-Z, ]+)\)/.exec(line) ?? [];
    if (part === '') return [];
    const depth = indent.length / 4;
    levels.splice(depth, levels.length, part === '*' ? '/*' : part);
    const path = levels.join('').replaceAll('//', '/');
    return methods.split(', ').map((method) => ({ method: method as Route['method'], path }));
  });
}
