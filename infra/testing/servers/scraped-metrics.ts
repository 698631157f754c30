/** A scrape of a process: its text, and the value of a series by its name and labels as the text has them. */
export interface Scrape {
  readonly text: string;
  value(series: string): number | undefined;
}

export async function scrape(url: string): Promise<Scrape> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    const at = line.lastIndexOf(' ');
    if (at > 0 && !line.startsWith('#')) values.set(line.slice(0, at), Number(line.slice(at + 1)));
  }
  return { text, value: (series) => values.get(`signalbox_${series}`) };
}
