import { useState } from 'preact/hooks';
import type { AccountList, CodeMade, ListedAccount } from '../../access/schema.ts';
import { type ApiError, patch, post, remove } from '../api.ts';
import { useLoaded } from '../load.ts';
import { useMe } from '../me.ts';
import type { PageProps } from '../pages.ts';
import { date, useWords } from '../words.ts';
import { AccountDialog } from './account-dialog.tsx';
import './access.css';
import { ActionTable } from './action-table.tsx';
import { CodeDialog, SureDialog } from './dialogs.tsx';
import { Refused } from './refused.tsx';
import { roleWord } from './roles.ts';
import { accessWords } from './words.ts';

/** What stands before the page. */
type Open =
  | { what: 'edit'; account: ListedAccount | null }
  | { what: 'reset' | 'disable' | 'endTokens'; account: ListedAccount }
  | { what: 'code'; made: CodeMade };

/** The accounts of everybody. */
export default function Accounts(_props: PageProps) {
  const t = useWords(accessWords);
  const me = useMe().account;
  const { data, error, reload } = useLoaded<AccountList>('/api/accounts');
  const [open, setOpen] = useState<Open | null>(null);
  const [refused, setRefused] = useState<ApiError | null>(null);

  const close = () => setOpen(null);
  const made = (code: CodeMade) => {
    setOpen({ what: 'code', made: code });
    reload();
  };
  const saved = () => {
    close();
    reload();
  };
  /** Does it, and says why not. */
  const doing = async <T,>(deed: () => Promise<T>, then: (result: T) => void = close) => {
    setRefused(null);
    try {
      then(await deed());
    } catch (failed) {
      setRefused(failed as ApiError);
      close();
    }
    reload();
  };
  return (
    <>
      <h1>{t('accounts')}</h1>
      <Refused error={refused ?? error} />
      <div class="card access-part">
        <ActionTable head={[t('name'), t('role'), t('state'), t('seen'), t('tokens')]}>
          {data?.accounts.map((account) => (
            <Row
              key={account.id}
              account={account}
              own={account.name === me?.name}
              onOpen={setOpen}
              onEnable={() => doing(() => patch(`/api/accounts/${account.id}`, { disabled: false }))}
              onRemove={() => doing(() => remove(`/api/accounts/${account.id}`))}
            />
          ))}
        </ActionTable>
      </div>
      <button type="button" class="primary" onClick={() => setOpen({ what: 'edit', account: null })}>
        {t('add')}
      </button>
      {open?.what === 'edit' && (
        <AccountDialog account={open.account} onClose={close} onMade={made} onSaved={saved} />
      )}
      {open?.what === 'code' && <CodeDialog made={open.made} onClose={close} />}
      {open?.what === 'reset' && (
        <SureDialog
          title={t('resetOf', { name: open.account.name })}
          says={t('resetSure', { name: open.account.name })}
          deed={t('reset')}
          onClose={close}
          onSure={() => doing(() => post<CodeMade>(`/api/accounts/${open.account.id}/reset`), made)}
        />
      )}
      {open?.what === 'disable' && (
        <SureDialog
          title={t('disableOf', { name: open.account.name })}
          says={t('disableSure', { name: open.account.name })}
          deed={t('disable')}
          onClose={close}
          onSure={() => doing(() => patch(`/api/accounts/${open.account.id}`, { disabled: true }))}
        />
      )}
      {open?.what === 'endTokens' && (
        <SureDialog
          title={t('endTokensOf', { name: open.account.name })}
          says={t('endTokensSure', { name: open.account.name })}
          deed={t('endTokens')}
          onClose={close}
          onSure={() => doing(() => remove(`/api/accounts/${open.account.id}/tokens`))}
        />
      )}
    </>
  );
}

function Row({
  account,
  own,
  onOpen,
  onEnable,
  onRemove,
}: {
  account: ListedAccount;
  own: boolean;
  onOpen: (open: Open) => void;
  onEnable: () => void;
  onRemove: () => void;
}) {
  const t = useWords(accessWords);
  const { name, role, receptionist, state, codeEnds, seenAt, disabled } = account;
  const day = (moment: string) => date(moment, { dateStyle: 'medium', timeStyle: 'short' });
  const tone = { active: 'positive', invited: 'neutral', expired: 'warning', disabled: '' }[state];
  const button = (
    label: 'edit' | 'reset' | 'disable' | 'enable' | 'remove' | 'endTokens',
    act: () => void,
  ) => (
    <button type="button" aria-label={t(`${label}Of`, { name })} onClick={act}>
      {t(label)}
    </button>
  );
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        {t(roleWord(role))}
        {receptionist && <span class="muted access-whole"> · {receptionist}</span>}
      </td>
      <td>
        <span class={`chip ${tone}`}>
          {t(state, { until: codeEnds ? date(codeEnds, { dateStyle: 'medium' }) : '' })}
        </span>
      </td>
      <td>{seenAt ? day(seenAt) : t('never')}</td>
      <td>{account.tokens}</td>
      <td>
        <div class="access-actions">
          {button('edit', () => onOpen({ what: 'edit', account }))}
          {!own && !disabled && button('reset', () => onOpen({ what: 'reset', account }))}
          {account.tokens > 0 && button('endTokens', () => onOpen({ what: 'endTokens', account }))}
          {disabled
            ? button('enable', onEnable)
            : !own && button('disable', () => onOpen({ what: 'disable', account }))}
          {seenAt === null && button('remove', onRemove)}
        </div>
      </td>
    </tr>
  );
}
