import { Alert, Button, Checkbox, Group, List, Loader, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { State, Wrong } from '../parts/words.tsx';
import { askForPromotion, hasEnded, usePromotion, type Decision, type Promotion } from './model-queries.ts';

export interface PromotionAsked {
  readonly does: Promotion['does'];
  /** NAME@VERSION to promote, NAME to go back. */
  readonly model: string;
}

/** Offers a version to the gate, or goes back to the champion before. What is forced needs a reason. */
export function PromoteDialog({
  asked,
  onClose,
}: {
  readonly asked: PromotionAsked | null;
  readonly onClose: () => void;
}): ReactNode {
  return (
    <Modal
      opened={asked !== null}
      onClose={onClose}
      title={asked?.does === 'rollback' ? 'Roll back' : 'Promote'}
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {asked === null ? null : <PromotionForm asked={asked} onClose={onClose} />}
    </Modal>
  );
}

function PromotionForm({
  asked,
  onClose,
}: {
  readonly asked: PromotionAsked;
  readonly onClose: () => void;
}): ReactNode {
  const { does, model } = asked;
  const [force, setForce] = useState(false);
  const [reason, setReason] = useState('');
  const [id, setId] = useState<string | null>(null);
  const queries = useQueryClient();
  const { data: promotion } = usePromotion(id);
  const ended = hasEnded(promotion);
  const ask = useMutation({
    mutationFn: () => askForPromotion(does, model, force ? { force, reason } : {}),
    onSuccess: (made) => setId(made.id),
  });
  useEffect(() => {
    if (ended) void queries.invalidateQueries({ queryKey: ['models'] });
  }, [ended, queries]);
  const isUnderWay = ask.isPending || (id !== null && !ended);
  const decision = promotion?.decision ?? null;
  const isOver = decision !== null && decision.outcome !== 'refused';
  return (
    <Stack>
      <Text size="sm">
        {does === 'promote'
          ? `${model} is offered to the gate. It becomes champion, and sessions trade it, where the gate finds it better than what trades now.`
          : `The champion of ${model} before the present one becomes champion again.`}
      </Text>
      {isUnderWay ? (
        <Group gap="xs" role="status">
          <Loader size="xs" aria-hidden />
          <Text size="sm">Its evidence is gathered</Text>
        </Group>
      ) : null}
      <Wrong error={ask.error ?? (promotion?.problem === null ? null : promotion?.problem)} />
      {decision === null ? null : <Outcome decision={decision as unknown as Outcome} model={model} />}
      {isOver ? null : <Force does={does} force={force} onForce={setForce} reason={reason} onReason={setReason} />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          {isOver ? 'Close' : 'Back'}
        </Button>
        {isOver ? null : (
          <Button
            loading={isUnderWay}
            disabled={force && reason.trim() === ''}
            color={force ? 'orange' : 'blue'}
            onClick={() => ask.mutate()}
          >
            {does === 'promote' ? (force ? 'Promote all the same' : 'Offer to the gate') : 'Roll back'}
          </Button>
        )}
      </Group>
    </Stack>
  );
}

interface ForceProps {
  readonly does: Promotion['does'];
  readonly force: boolean;
  readonly onForce: (force: boolean) => void;
  readonly reason: string;
  readonly onReason: (reason: string) => void;
}

function Force({ does, force, onForce, reason, onReason }: ForceProps): ReactNode {
  return (
    <>
      <Checkbox
        label={does === 'promote' ? 'Promote it although the gate refuses' : 'Go back although it has expired'}
        checked={force}
        onChange={(event) => onForce(event.currentTarget.checked)}
      />
      {force ? (
        <Textarea
          label="Why"
          description="It is recorded with your name and the decision."
          required
          value={reason}
          maxLength={1_000}
          autosize
          minRows={1}
          onChange={(event) => onReason(event.currentTarget.value)}
        />
      ) : null}
    </>
  );
}

/** A decision of the gate, or what a rollback did. */
interface Outcome extends Partial<Decision> {
  readonly champion?: number;
}

const SAID: Readonly<Record<string, string>> = {
  first: 'is the champion, the first of its name.',
  promoted: 'is the champion now.',
  overridden: 'is the champion now, by force.',
  refused: 'is refused: what trades now stays.',
  'champion already': 'is the champion already.',
};

function Outcome({ decision, model }: { readonly decision: Outcome; readonly model: string }): ReactNode {
  const { outcome, champion } = decision;
  const words =
    champion === undefined ? `${model} ${SAID[outcome ?? ''] ?? ''}` : `${model}@${champion} is the champion again.`;
  return (
    <Alert
      color={outcome === 'refused' ? 'yellow' : 'teal'}
      title={words}
      role="status"
      styles={{ title: { color: 'var(--mantine-color-text)' } }}
    >
      <Criteria decision={decision} />
    </Alert>
  );
}

/** What the gate looked at, and what it found. */
export function Criteria({ decision: { criteria = [] } }: { readonly decision: Partial<Decision> }): ReactNode {
  return (
    <List size="sm" listStyleType="none">
      {criteria.map(({ name, met, text }) => (
        <List.Item key={name}>
          <State word={met ? 'met' : 'not met'} size="xs" /> {name}: {text}
        </List.Item>
      ))}
    </List>
  );
}
