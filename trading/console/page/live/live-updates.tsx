import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useChosenSession } from '../frame/chosen-session.ts';
import { refreshNow } from '../service/signed-in.ts';
import { useMe } from '../sign-in/me.tsx';
import { applyMessage } from './apply-message.ts';
import { LiveSocket } from './live-socket.ts';
import { EventToasts, showEvents } from './event-toasts.ts';
import { noteHeard, noteOpen } from './live-state.ts';

const OF_SESSION = ['account', 'positions', 'orders', 'fills', 'signals', 'events'];

/** Keeps the screens as the service tells it, as long as somebody is signed in. */
export function LiveUpdates(): null {
  const queries = useQueryClient();
  const { id } = useChosenSession();
  const { permissions, sessions } = useMe();
  const seesAll = sessions === null;
  const seesAlerts = seesAll && permissions.includes('alerts:read');
  const listening = useRef<LiveSocket | null>(null);
  useEffect(() => {
    const toasts = new EventToasts(notifications);
    const socket = new LiveSocket({
      onOpen: noteOpen,
      onMessage: (message) => {
        noteHeard();
        applyMessage(queries, message);
        if (message.type === 'event') showEvents(toasts, message, seesAll);
      },
      refresh: refreshNow,
    });
    listening.current = socket;
    return () => {
      noteOpen(false);
      socket.end();
    };
  }, [queries, seesAll]);
  useEffect(() => {
    const ofAll = [...(seesAll ? ['sessions', 'events'] : []), ...(seesAlerts ? ['alerts'] : [])];
    const ofOne = id === undefined ? [] : OF_SESSION.map((word) => `${word}:${id}`);
    listening.current?.listenTo([...ofAll, ...ofOne]);
  }, [id, seesAll, seesAlerts]);
  return null;
}
