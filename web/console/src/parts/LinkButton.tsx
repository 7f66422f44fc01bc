import { Button, type ButtonProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import { forwardRef, type ReactNode } from "react";
import { Icon } from "../icons/Icon.tsx";
import type { IconName } from "../icons/paths.ts";

interface AnchorProps extends Omit<ButtonProps, "leftSection"> {
  icon?: IconName;
  children?: ReactNode;
}

const Anchor = forwardRef<HTMLAnchorElement, AnchorProps>(({ icon, ...props }, ref) => (
  <Button component="a" ref={ref} leftSection={icon && <Icon name={icon} size={16} />} {...props} />
));
Anchor.displayName = "LinkButton";

/** A link that looks like a button, for going somewhere as the main step of a page. */
export const LinkButton = createLink(Anchor);
