/** Colours, type and the few component defaults that make the console look like itself. */
import { createTheme, type MantineColorsTuple } from "@mantine/core";

/** Evergreen. Shade 8 carries white text at 7:1 and is the filled colour in both schemes. */
const kith: MantineColorsTuple = [
  "#eaf6f2",
  "#d3ebe4",
  "#a9d8cb",
  "#7bc5b0",
  "#52b398",
  "#33a287",
  "#1d8b71",
  "#12745d",
  "#0b5f4f",
  "#074a3e",
];

const danger: MantineColorsTuple = [
  "#fdecea",
  "#f9d3cf",
  "#f1a59e",
  "#ea7b71",
  "#e4574b",
  "#d8402f",
  "#c8311f",
  "#b3261e",
  "#a01d17",
  "#7f140f",
];

/** Warm paper by day, warm ink by night: shades 6 to 9 are the dark scheme's grounds. */
const dark: MantineColorsTuple = [
  "#f0ede8",
  "#d6d1c9",
  "#b8b2a8",
  "#999286",
  "#5d5850",
  "#403d38",
  "#262421",
  "#1c1b19",
  "#151412",
  "#0f0e0d",
];

const gray: MantineColorsTuple = [
  "#faf9f7",
  "#f3f1ed",
  "#e7e3dc",
  "#dad5cc",
  "#c5bfb4",
  "#a39c90",
  "#6f6960",
  "#57524a",
  "#3b3732",
  "#1f1d1a",
];

export const FONT =
  '-apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
export const FONT_MONO =
  'ui-monospace, "SF Mono", "Cascadia Mono", "Segoe UI Mono", Menlo, "Liberation Mono", monospace';

export const theme = createTheme({
  primaryColor: "kith",
  primaryShade: { light: 8, dark: 8 },
  colors: { kith, danger, dark, gray },
  black: "#1f1d1a",
  fontFamily: FONT,
  fontFamilyMonospace: FONT_MONO,
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
  defaultRadius: "md",
  radius: { xs: "3px", sm: "5px", md: "7px", lg: "10px", xl: "16px" },
  cursorType: "pointer",
  respectReducedMotion: true,
  headings: { fontFamily: FONT, fontWeight: "600" },
  components: {
    Button: { defaultProps: { size: "sm" } },
    TextInput: { defaultProps: { size: "sm" } },
    PasswordInput: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { size: "sm", checkIconPosition: "right" } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true } },
    Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.4 } } },
    Drawer: { defaultProps: { position: "right", overlayProps: { backgroundOpacity: 0.3 } } },
  },
});
