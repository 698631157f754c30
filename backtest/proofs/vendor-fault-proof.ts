import type { CaseContext, CaseFigures, Proof } from './proof.ts';

const SHARES = [0, 0.1, 0.3, 0.5] as const;
const COUNTED = ['requests', 'faults', 'waitedSeconds', 'starts', 'asked', 'got'] as const;
/** What must not happen. */
const WRONGS = ['lost', 'doubled', 'different', 'outOfOrder', 'unexplained'] as const;

/** Case by case through the vendors' kinds of history, so that any count of them sees each about as often. */
async function runCase({ random, index }: CaseContext): Promise<CaseFigures> {
  // The stand-ins' server is no part of what is installed for use.
  const { FAKE_SUBJECTS } = await import('../../pipelines/vendors/testing/fake-subjects.ts');
  const { fetchUnderFaults } = await import('../../pipelines/vendors/testing/fault-run.ts');
  const subject = FAKE_SUBJECTS[index % FAKE_SUBJECTS.length]!;
  const share = SHARES[random.integer(SHARES.length)]!;
  const { faults, ...figures } = await fetchUnderFaults(subject, random, share);
  const made = Object.fromEntries(Object.entries(faults).map(([name, count]) => [`fault ${name}`, count]));
  const total = Object.values(faults).reduce((sum, count) => sum + count, 0);
  return { vendor: subject.vendor, timeframe: subject.timeframe, share, ...figures, faults: total, ...made };
}

function sumOf(cases: readonly CaseFigures[], name: string): number {
  return cases.reduce((sum, figures) => sum + Number(figures[name] ?? 0), 0);
}

function conclude(cases: readonly CaseFigures[]): ReturnType<Proof['conclude']> {
  const sums = Object.fromEntries([...COUNTED, ...WRONGS].map((name) => [name, sumOf(cases, name)]));
  const faults = [...new Set(cases.flatMap((one) => Object.keys(one).filter((name) => name.startsWith('fault '))))];
  const byFault = faults.sort().map((name) => [name, sumOf(cases, name)] as const);
  const vendors = [...new Set(cases.map(({ vendor }) => String(vendor)))].sort();
  const byVendor = vendors.map((vendor) => {
    const of = cases.filter((one) => one.vendor === vendor);
    const [requests, got, asked] = ['requests', 'got', 'asked'].map((name) => sumOf(of, name));
    return [vendor, `${requests} requests, ${sumOf(of, 'faults')} faults, ${got} of ${asked} bars`] as const;
  });
  const figures = { cases: cases.length, ...sums, ...Object.fromEntries(byVendor), ...Object.fromEntries(byFault) };
  return { holds: WRONGS.every((name) => sums[name] === 0) && sums.got === sums.asked, figures };
}

/** Histories fetched through each vendor's SDK while the server breaks down in every way there is. */
export const VENDOR_FAULT_PROOF: Proof = {
  name: 'vendor-faults',
  shows: 'HTTP faults in random order through each vendor’s SDK: no bar lost, doubled or changed',
  count: 1_000,
  run: runCase,
  conclude,
};
