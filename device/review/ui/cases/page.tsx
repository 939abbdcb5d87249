import type { PageProps } from '../pages.ts';
import { CaseListPage } from './case-list.tsx';
import { OneCase } from './one-case.tsx';
import './cases.css';

export default function Cases({ params }: PageProps) {
  return params.id ? <OneCase key={params.id} id={params.id} /> : <CaseListPage />;
}
