/** Words of a setting that stand between separators: trimmed, and what is empty left out. */
export function wordsBetween(text: string, separator: string): string[] {
  return text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
