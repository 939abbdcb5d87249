import type { PageProps } from '../pages.ts';
import { OwnContactView } from './contact.tsx';
import { OwnList } from './list.tsx';
import './own.css';

/** A receptionist's own contacts: a list, or the one of the address. */
export default function OwnPage({ params }: PageProps) {
  return params.id === undefined ? <OwnList /> : <OwnContactView key={params.id} id={params.id} />;
}
