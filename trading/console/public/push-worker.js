// Shows what the service tells this browser by push, and leads to the alerts when that is clicked.

self.addEventListener('install', (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('push', (event) => {
  const told = event.data?.json() ?? {};
  const { title = 'Signalbox', body = '', key, severity, state } = told;
  event.waitUntil(
    self.registration.showNotification(title, {
      body,
      icon: '/mark.svg',
      // The end of an alert takes the place of its beginning.
      ...(key === undefined ? {} : { tag: key, renotify: true }),
      requireInteraction: severity === 'critical' && state === 'raised',
    }),
  );
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(
    self.clients.matchAll({ type: 'window' }).then((windows) => {
      const [open] = windows;
      return open === undefined ? self.clients.openWindow('/alerts') : open.focus();
    }),
  );
});
