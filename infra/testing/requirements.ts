import { appendFileSync, existsSync } from 'node:fs';
import { describe, it } from 'vitest';
import { loadConfig, type SuiteRequirement } from '../config.ts';
import { hasOnnxRuntime } from '../onnx/onnx-runtime.ts';
import { nativeTensorflow } from '../native-tensorflow.ts';
import { findAlertmanager, findChromium, findPrometheus, findPython, findRedisServer } from '../installed.ts';

interface Requirement {
  /** What is missing, in the words of the report. */
  readonly missing: string;
  isPresent(): boolean;
}

const config = loadConfig();

/**
 * Real data and expected values of independent projects; suites that read them say `describeWith('reference', ...)`.
 */
export const REFERENCE_DIR = config.referenceDir;

const REQUIREMENTS: Readonly<Record<SuiteRequirement, Requirement>> = {
  redis: { missing: 'no redis-server on PATH', isPresent: () => findRedisServer(config.programPath) !== null },
  python: { missing: 'no Python 3.10 or later with venv', isPresent: () => findPython(config.programPath) !== null },
  chromium: { missing: 'no Chromium or Chrome', isPresent: () => findChromium(config.programPath) !== null },
  'native-tensorflow': {
    missing: 'no native TensorFlow backend (npm run native-tensorflow)',
    isPresent: () => nativeTensorflow() !== null,
  },
  prometheus: {
    missing: 'no prometheus with promtool on PATH',
    isPresent: () => findPrometheus(config.programPath) !== null,
  },
  alertmanager: {
    missing: 'no Prometheus with Alertmanager and amtool on PATH',
    isPresent: () => findAlertmanager(config.programPath) !== null && findPrometheus(config.programPath) !== null,
  },
  onnxruntime: { missing: 'no package onnxruntime-node', isPresent: hasOnnxRuntime },
  reference: { missing: 'no reference folder', isPresent: () => existsSync(config.referenceDir) },
};

/** Whether this machine has what the suites named `requirement` need. Asked once per process. */
export function isPresent(requirement: SuiteRequirement): boolean {
  const known = answers.get(requirement);
  if (known !== undefined) return known;
  const answer = REQUIREMENTS[requirement].isPresent();
  answers.set(requirement, answer);
  return answer;
}

const answers = new Map<SuiteRequirement, boolean>();

/**
 * A `describe` for suites that need something beyond Node. Where that is missing the suite is registered as skipped and
 * noted in SIGNALBOX_LEFT_OUT_FILE, which `npm test` prints at its end; with SIGNALBOX_REQUIRE (`all`, or the name of
 * the requirement) it fails instead.
 */
export function describeWith(requirement: SuiteRequirement, name: string, fn: () => void): void {
  if (isPresent(requirement)) {
    describe(name, fn);
    return;
  }
  const { missing } = REQUIREMENTS[requirement];
  if (config.requiredSuites.includes(requirement)) {
    describe(name, () => {
      it(`needs ${requirement}`, () => {
        throw new Error(`${missing}, and SIGNALBOX_REQUIRE asks for this suite`);
      });
    });
    return;
  }
  if (config.leftOutFile !== null) appendFileSync(config.leftOutFile, `${name}: ${missing}\n`);
  describe.skip(`${name} (left out: ${missing})`, fn);
}
