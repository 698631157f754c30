import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './page.css';
import {
  createTheme,
  type CSSVariablesResolver,
  localStorageColorSchemeManager,
  MantineProvider,
  Notification,
} from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Entrance } from './sign-in/entrance.tsx';
import { NoAnswer } from './service/ask.ts';

const theme = createTheme({
  primaryColor: 'cyan',
  primaryShade: { light: 9, dark: 9 },
  defaultRadius: 'sm',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Notification: Notification.extend({
      defaultProps: { closeButtonProps: { 'aria-label': 'Close' } },
      styles: { description: { color: 'var(--mantine-color-dimmed)' } },
    }),
  },
});

/** Grey words that can be read on every ground: 4.5 to 1. */
const readable: CSSVariablesResolver = () => ({
  variables: {},
  light: { '--mantine-color-dimmed': '#5c646c' },
  dark: { '--mantine-color-dimmed': '#a6abb1' },
});

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What is refused stays refused; what has no answer is asked again.
      retry: (tries, error) => error instanceof NoAnswer && tries < 2,
      staleTime: 1_000,
      // A trader who looks at another window is still told what happens.
      refetchIntervalInBackground: false,
    },
  },
});

createRoot(document.getElementById('page')!).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={readable}
      defaultColorScheme="auto"
      colorSchemeManager={localStorageColorSchemeManager({ key: 'signalbox-theme' })}
    >
      <QueryClientProvider client={queries}>
        <Notifications position="bottom-right" limit={5} />
        <Entrance />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
