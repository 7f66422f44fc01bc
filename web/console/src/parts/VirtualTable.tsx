/**
 * A table that draws only the rows in view. Each row has one control, in its first cell, that
 * covers the row; arrow keys move between rows and Tab leaves the table.
 */
import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useEffectEvent,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { t } from "../i18n/t.ts";
import css from "./VirtualTable.module.css";

export interface Column<Row> {
  id: string;
  header: string;
  /** A track of the grid, such as `minmax(0, 2fr)` or `120px`. */
  width: string;
  align?: "end";
  /** Left out where the window is narrow. */
  wideOnly?: boolean;
  render: (row: Row) => ReactNode;
}

export interface RowControl {
  className: string | undefined;
  tabIndex: number;
  "data-row": number;
  children: ReactNode;
}

interface VirtualTableProps<Row> {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  rowHeight: number;
  /** Draws the row's link or button from the first cell's content. */
  control: (row: Row, props: RowControl) => ReactNode;
  selectedKey?: string | undefined;
  isFresh?: (row: Row) => boolean;
  hasMore?: boolean;
  onMore?: () => void;
  onScrolledAway?: (away: boolean) => void;
}

const OVERSCAN_ROWS = 8;
/** The next page is asked for when this many rows are left below the last one in view. */
const MORE_AHEAD_ROWS = 40;

export function VirtualTable<Row>(props: VirtualTableProps<Row>) {
  const { label, columns, rows, rowKey, rowHeight, hasMore, onMore, onScrolledAway } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const away = useRef(false);
  /** The row to be focused as soon as it is drawn. */
  const wanted = useRef<number | undefined>(undefined);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => rowKey(rows[index]!),
    overscan: OVERSCAN_ROWS,
  });
  const drawn = virtualizer.getVirtualItems();
  const first = drawn[0]?.index ?? 0;
  const last = drawn.at(-1)?.index ?? 0;
  const tabStop = active >= first && active <= last ? active : first;

  const askForMore = useEffectEvent(() => {
    if (hasMore && last >= rows.length - MORE_AHEAD_ROWS) onMore?.();
  });
  useEffect(() => askForMore(), [last, rows.length]);

  function onScroll() {
    const isAway = (scroller.current?.scrollTop ?? 0) > rowHeight;
    if (isAway === away.current) return;
    away.current = isAway;
    onScrolledAway?.(isAway);
  }

  function onKeyDown(event: KeyboardEvent) {
    const target = nextRow(event.key, wanted.current ?? tabStop, rows.length);
    if (target === undefined) return;
    event.preventDefault();
    wanted.current = target;
    setActive(target);
    virtualizer.scrollToIndex(target);
  }

  // The row that had the focus goes in the same commit that draws the wanted one: were it
  // focused any later, the next key would go nowhere.
  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    const row = scroller.current?.querySelector<HTMLElement>(`[data-row="${wanted.current}"]`);
    if (!row) return;
    row.focus({ preventScroll: true });
    wanted.current = undefined;
  });

  const tracks = columns.map((column) => column.width).join(" ");
  const wide = columns.filter((column) => !column.wideOnly).map((column) => column.width);
  const grid = { "--tracks": tracks, "--tracks-narrow": wide.join(" ") } as React.CSSProperties;
  return (
    <div ref={scroller} className={css.scroller} onScroll={onScroll}>
      <div
        role="table"
        aria-label={label}
        aria-rowcount={hasMore ? -1 : rows.length + 1}
        className={css.table}
        style={grid}
      >
        <div role="rowgroup" className={css.head}>
          <div role="row" aria-rowindex={1} className={css.headRow}>
            {columns.map((column) => (
              <span
                key={column.id}
                role="columnheader"
                className={css.columnHeader}
                data-align={column.align}
                data-wide={column.wideOnly}
              >
                {column.header}
              </span>
            ))}
          </div>
        </div>
        <div
          role="rowgroup"
          className={css.body}
          style={{ height: virtualizer.getTotalSize() }}
          onKeyDown={onKeyDown}
        >
          {drawn.map(({ index, key, start }) => (
            <Row
              key={key}
              {...props}
              row={rows[index]!}
              index={index}
              start={start}
              tabIndex={index === tabStop ? 0 : -1}
            />
          ))}
        </div>
      </div>
      {hasMore && <p className={css.more}>{t("parts.loadingMore")}</p>}
    </div>
  );
}

interface RowProps<Row> extends VirtualTableProps<Row> {
  row: Row;
  index: number;
  start: number;
  tabIndex: number;
}

function Row<Row>(props: RowProps<Row>) {
  const { row, index, start, tabIndex, columns, rowHeight, control, isFresh } = props;
  const [lead, ...rest] = columns;
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={css.row}
      data-selected={props.selectedKey === props.rowKey(row)}
      data-fresh={isFresh?.(row)}
      style={{ transform: `translateY(${start}px)`, height: rowHeight }}
    >
      <span role="cell" className={css.cell}>
        {control(row, {
          className: css.control,
          tabIndex,
          "data-row": index,
          children: lead!.render(row),
        })}
      </span>
      {rest.map((column) => (
        <span
          key={column.id}
          role="cell"
          className={css.cell}
          data-align={column.align}
          data-wide={column.wideOnly}
        >
          {column.render(row)}
        </span>
      ))}
    </div>
  );
}

function nextRow(key: string, current: number, count: number): number | undefined {
  const targets: Record<string, number> = {
    ArrowDown: current + 1,
    ArrowUp: current - 1,
    PageDown: current + 10,
    PageUp: current - 10,
    Home: 0,
    End: count - 1,
  };
  const target = targets[key];
  return target === undefined ? undefined : Math.max(0, Math.min(count - 1, target));
}
