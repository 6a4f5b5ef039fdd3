// Reading what was typed into a form.

/** The text of a field, empty where there is none. */
export function readText(fields: FormData, name: string): string {
  const value = fields.get(name);
  return typeof value === 'string' ? value : '';
}
