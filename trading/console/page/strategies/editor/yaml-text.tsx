import type { ReactNode, Ref } from 'react';
import type { Mistake } from '../strategy-queries.ts';
import styles from '../strategies.module.css';

const LINE_PX = 20;

interface YamlTextProps {
  readonly ref: Ref<HTMLTextAreaElement>;
  readonly yaml: string;
  readonly mistakes: readonly Mistake[];
  readonly onChange: (yaml: string) => void;
  readonly disabled: boolean;
}

/** A text with the numbers of its lines, those marked that have a mistake. */
export function YamlText({ ref, yaml, mistakes, onChange, disabled }: YamlTextProps): ReactNode {
  const lines = yaml.split('\n').length;
  const wrong = new Set(mistakes.map(({ line }) => line));
  return (
    <div className={styles['text']}>
      <div className={styles['numbers']} aria-hidden="true">
        {Array.from({ length: lines }, (_, at) => (
          <div key={at} className={wrong.has(at + 1) ? styles['wrong'] : undefined}>
            {at + 1}
          </div>
        ))}
      </div>
      <textarea
        ref={ref}
        aria-label="Experiment as YAML"
        aria-invalid={mistakes.length > 0}
        spellCheck={false}
        readOnly={disabled}
        value={yaml}
        style={{ height: (lines + 1) * LINE_PX + 8 }}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    </div>
  );
}
