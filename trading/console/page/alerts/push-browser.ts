/** Where the service worker of pushes stands. */
const WORKER = '/push-worker.js';

/** What keeps this browser from being told by push, in words; null where nothing does. */
export function pushObstacle(): string | null {
  if (!('serviceWorker' in navigator) || !window.isSecureContext) return 'Browsers take pushes from https pages alone.';
  if (!('PushManager' in window)) return 'This browser takes no pushes.';
  return Notification.permission === 'denied' ? 'Notifications are refused in the settings of this browser.' : null;
}

/** What the service needs to tell this browser. */
export interface OwnBrowser {
  readonly endpoint: string;
  readonly p256dh: string;
  readonly auth: string;
  readonly browser: string;
}

/** Registers the service worker and subscribes. @throws an Error in words where the user or the browser refuses */
export async function subscribeBrowser(publicKey: string): Promise<OwnBrowser> {
  if ((await Notification.requestPermission()) !== 'granted') throw new Error('Notifications were not allowed.');
  await navigator.serviceWorker.register(WORKER);
  const { pushManager } = await navigator.serviceWorker.ready;
  const applicationServerKey = bytesOf(publicKey);
  const { endpoint, keys } = (await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey })).toJSON();
  const [p256dh, auth] = [keys?.['p256dh'], keys?.['auth']];
  if (endpoint === undefined || p256dh === undefined || auth === undefined)
    throw new Error('The browser gave no address to tell it by.');
  return { endpoint, p256dh, auth, browser: browserName() };
}

function browserName(): string {
  const { userAgent } = navigator;
  const name = /(Edg|Firefox|Chrome|Safari)\//.exec(userAgent)?.[1] ?? 'Browser';
  const system = /\(([^;)]+)/.exec(userAgent)?.[1] ?? 'unknown system';
  return `${name === 'Edg' ? 'Edge' : name}, ${system}`.slice(0, 200);
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
