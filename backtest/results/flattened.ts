/** Values by the path of their key; lists are values. */
export function flattened(value: unknown, path = ''): Map<string, unknown> {
  if (value === undefined || value === null) return path === '' ? new Map() : new Map([[path, null]]);
  if (typeof value !== 'object' || Array.isArray(value)) return new Map([[path, value]]);
  const parts = Object.entries(value).map(([key, one]) => flattened(one, path === '' ? key : `${path}.${key}`));
  return new Map(parts.flatMap((part) => [...part]));
}
