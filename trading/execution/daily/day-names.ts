/** What follows the name of an order that goes on as another one of the venue. */
const DAY = /-d(\d+)$/;

/** The name under which an order is known there on its `day`-th day after the first. */
export const dayName = (name: string, day: number): string => (day === 0 ? name : `${name}-d${day}`);

/** The name that an order had on its first day. */
export const firstName = (name: string): string => name.replace(DAY, '');

/** Days between the first and that of this name. */
export const dayOf = (name: string): number => Number(DAY.exec(name)?.[1] ?? 0);
