import { describe, expect, it } from 'vitest';
import { requireImageTools } from './build-image.ts';
import { IMAGE_PROOF } from './image-proof.ts';

describe('the proof of the image', () => {
  it('says what the machine lacks, and where that is had', () => {
    expect(() => requireImageTools((name) => !['buildah', 'setpriv', 'unshare'].includes(name))).toThrowError(
      expect.objectContaining({
        message: 'This machine lacks buildah, unshare, setpriv.',
        remedy: 'On Debian: apt-get install --no-install-recommends buildah util-linux',
        exitCode: 2,
      }),
    );
  });

  it('holds only where all of it does', () => {
    const seen = {
      ...{ user: '10001:10001', console: true, healthy: true, unhealthy: true, readOnly: true, volumesOpen: true },
      ...{ changed: 0, exitCode: 0 },
    };
    expect(IMAGE_PROOF.conclude([seen]).holds).toBe(true);
    const faults = [
      ...[{ user: '' }, { console: false }, { healthy: false }, { unhealthy: false }, { readOnly: false }],
      ...[{ volumesOpen: false }, { changed: 1 }, { exitCode: 137 }],
    ];
    for (const fault of faults) expect(IMAGE_PROOF.conclude([{ ...seen, ...fault }]).holds).toBe(false);
  });
});
