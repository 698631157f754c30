import { useMemo, type ReactNode } from 'react';
import { encode } from 'uqr';

/** Modules of white around it, without which readers do not find it. */
const BORDER = 4;

/** A text for cameras, dark on white whatever the colours of the page are. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const { path, size } = useMemo(() => {
    const { data } = encode(text, { border: BORDER });
    const dark = data.flatMap((row, y) => row.flatMap((is, x) => (is ? [`M${x} ${y}h1v1h-1z`] : [])));
    return { path: dark.join(''), size: data.length };
  }, [text]);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      width={220}
      height={220}
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
