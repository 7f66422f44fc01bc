import { ActionIcon, Button, Menu } from "@mantine/core";
import { type ReactNode, use, useEffect, useRef } from "react";
import { Icon } from "../icons/Icon.tsx";
import { t } from "../i18n/t.ts";
import { BuilderContext } from "./builder-context.ts";
import { ConditionFields } from "./ConditionFields.tsx";
import { Choice } from "./Fields.tsx";
import { copied, type Group, type Mode, newCondition, newGroup, type Part } from "./model.ts";
import { EVENT_PRESETS, PERSON_PRESETS, type Preset } from "./presets.ts";
import css from "./Rules.module.css";

interface GroupEditorProps {
  group: Group;
  /** `2.1` for the first part of the second; empty for the outermost. */
  place: string;
  /** Whether conditions are about a person or about one event. */
  scope: "person" | "event";
  /** Beside the mode, at the end of its line. */
  actions?: ReactNode;
  onChange: (group: Group) => void;
  /** What happens when its last part is removed. */
  onRemove?: () => void;
}

const MODES: Mode[] = ["all", "any", "none"];

export function GroupEditor(props: GroupEditorProps) {
  const { group, place, scope, actions, onChange, onRemove } = props;
  const { fresh, unfinished, insist } = use(BuilderContext);
  const adder = useRef<HTMLButtonElement>(null);
  const { parts, mode } = group;
  const setParts = (next: Part[]) => onChange({ ...group, parts: next });

  function add(part: Part, focus: string) {
    fresh.current = focus;
    setParts([...parts, part]);
  }

  function remove(index: number) {
    if (parts.length === 1 && onRemove) return onRemove();
    setParts(parts.toSpliced(index, 1));
    // What had the focus is gone: typing goes on where something can be added.
    requestAnimationFrame(() => adder.current?.focus());
  }

  function move(index: number, step: number) {
    const next = [...parts];
    const [moved] = next.splice(index, 1);
    next.splice(index + step, 0, moved!);
    setParts(next);
  }

  const root = place === "" && scope === "person";
  const name =
    scope === "event"
      ? t("rules.whereGroup")
      : root
        ? t("rules.rootGroup")
        : t("rules.group", { place });
  return (
    <div
      className={css.group}
      data-mode={mode}
      data-root={root}
      data-unfinished={!root && unfinished.has(group.key)}
      data-insist={insist}
      role="group"
      aria-label={name}
    >
      <div className={css.head}>
        {scope === "event" && <span className={css.word}>{t("rules.whereGroup")}</span>}
        {scope === "person" && <span className={css.word}>{t("rules.modeBefore")}</span>}
        <Choice
          label={t("rules.modeLabel", { place: place || "1" })}
          value={mode}
          data={MODES.map((one) => ({ value: one, label: t(`rules.mode.${one}`) }))}
          onChange={(next) => onChange({ ...group, mode: next as Mode })}
        />
        <span className={css.word}>{t("rules.modeAfter")}</span>
        <span className="k-grow" />
        {actions}
      </div>
      {parts.length === 0 && (
        <p className={css.emptyGroup}>{root ? t("rules.emptyRoot") : t("rules.emptyGroup")}</p>
      )}
      {parts.length > 0 && (
        <ol className={css.parts}>
          {parts.map((part, index) => (
            <li key={part.key} className={css.part}>
              {index > 0 && <span className={css.joined}>{t(`rules.joined.${mode}`)}</span>}
              <PartEditor
                part={part}
                place={place ? `${place}.${index + 1}` : String(index + 1)}
                scope={scope}
                isFirst={index === 0}
                isLast={index === parts.length - 1}
                onChange={(next) => setParts(parts.with(index, next))}
                onMove={(step) => move(index, step)}
                onDuplicate={() => setParts(parts.toSpliced(index + 1, 0, copied(part)))}
                onDissolve={(inner) => setParts(parts.toSpliced(index, 1, ...inner))}
                onRemove={() => remove(index)}
              />
            </li>
          ))}
        </ol>
      )}
      <div className={css.adders}>
        <Adder
          scope={scope}
          ref={adder}
          onPick={(preset) => {
            const condition = preset.make();
            add(condition, condition.key);
          }}
        />
        {scope === "person" && (
          <Button
            variant="subtle"
            size="xs"
            leftSection={<Icon name="group" size={15} />}
            onClick={() => {
              const first = newCondition("trait");
              add(newGroup(mode === "any" ? "all" : "any", [first]), first.key);
            }}
          >
            {t("rules.addGroup")}
          </Button>
        )}
      </div>
    </div>
  );
}

interface AdderProps {
  scope: "person" | "event";
  ref: React.Ref<HTMLButtonElement>;
  onPick: (preset: Preset) => void;
}

function Adder({ scope, ref, onPick }: AdderProps) {
  const sections = scope === "person" ? PERSON_PRESETS : EVENT_PRESETS;
  return (
    <Menu
      position="bottom-start"
      width={scope === "person" ? "min(780px, calc(100vw - 64px))" : 300}
      shadow="md"
      returnFocus={false}
      withinPortal={false}
      withInitialFocusPlaceholder={false}
    >
      <Menu.Target>
        <Button
          ref={ref}
          variant="default"
          size="xs"
          leftSection={<Icon name="plus" size={15} />}
          rightSection={<Icon name="down" size={14} />}
        >
          {scope === "person" ? t("rules.addCondition") : t("rules.addFilter")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown className={css.menu}>
        <div className={scope === "person" ? css.sections : undefined}>
          {sections.map((section) => (
            <div
              key={section.label}
              className={css.section}
              role="group"
              aria-label={t(section.label)}
            >
              <Menu.Label>{t(section.label)}</Menu.Label>
              {section.presets.map((preset) => (
                <Menu.Item
                  key={preset.id}
                  leftSection={<Icon name={preset.icon} size={17} />}
                  onClick={() => onPick(preset)}
                >
                  {t(preset.label)}
                  <span className={css.hint}>{t(preset.hint)}</span>
                </Menu.Item>
              ))}
            </div>
          ))}
        </div>
      </Menu.Dropdown>
    </Menu>
  );
}

interface PartEditorProps {
  part: Part;
  place: string;
  scope: "person" | "event";
  isFirst: boolean;
  isLast: boolean;
  onChange: (part: Part) => void;
  onMove: (step: number) => void;
  onDuplicate: () => void;
  onDissolve: (parts: Part[]) => void;
  onRemove: () => void;
}

function PartEditor(props: PartEditorProps) {
  const { part, place, scope, onChange, onDissolve, onRemove } = props;
  const { fresh } = use(BuilderContext);
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (fresh.current !== part.key) return;
    fresh.current = null;
    // After the menu that added it has closed.
    const timer = setTimeout(() => {
      frame.current?.querySelector<HTMLElement>("input:not([type=hidden]), select")?.focus();
    }, 30);
    return () => clearTimeout(timer);
  }, [fresh, part.key]);

  if (part.kind === "group") {
    return (
      <div ref={frame} className={css.nested}>
        <GroupEditor
          group={part}
          place={place}
          scope={scope}
          onChange={onChange}
          onRemove={onRemove}
          actions={<Actions {...props} onDissolve={() => onDissolve(part.parts)} />}
        />
      </div>
    );
  }
  return (
    <div ref={frame} className="k-grow">
      <ConditionFields
        part={part}
        place={place}
        onChange={onChange}
        actions={
          <>
            <Actions {...props} onEnclose={() => onChange(newGroup("any", [{ ...part }]))} />
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              aria-label={`${t("rules.remove")} ${place}`}
              onClick={onRemove}
            >
              <Icon name="close" size={15} />
            </ActionIcon>
          </>
        }
      />
    </div>
  );
}

type ActionsProps = Omit<PartEditorProps, "onDissolve"> & {
  onEnclose?: () => void;
  onDissolve?: (parts: Part[]) => void;
};

function Actions(props: ActionsProps) {
  const { place, scope, isFirst, isLast, onMove, onDuplicate, onRemove } = props;
  const { part, onEnclose, onDissolve } = props;
  return (
    <Menu
      position="bottom-end"
      width={190}
      shadow="md"
      withinPortal={false}
      withInitialFocusPlaceholder={false}
    >
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={t("rules.actions", { name: place })}
        >
          <Icon name="more" size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="copy" size={15} />} onClick={onDuplicate}>
          {t("rules.duplicate")}
        </Menu.Item>
        <Menu.Item
          leftSection={<Icon name="up" size={15} />}
          disabled={isFirst}
          onClick={() => onMove(-1)}
        >
          {t("rules.moveUp")}
        </Menu.Item>
        <Menu.Item
          leftSection={<Icon name="down" size={15} />}
          disabled={isLast}
          onClick={() => onMove(1)}
        >
          {t("rules.moveDown")}
        </Menu.Item>
        {onEnclose && scope === "person" && (
          <Menu.Item leftSection={<Icon name="group" size={15} />} onClick={onEnclose}>
            {t("rules.enclose")}
          </Menu.Item>
        )}
        {onDissolve && part.kind === "group" && (
          <Menu.Item leftSection={<Icon name="group" size={15} />} onClick={() => onDissolve([])}>
            {t("rules.dissolve")}
          </Menu.Item>
        )}
        <Menu.Item color="danger" leftSection={<Icon name="trash" size={15} />} onClick={onRemove}>
          {t("rules.remove")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
