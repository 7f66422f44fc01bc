/** The sign of Kith: a K whose two arms end in the people it links. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="#0b5f4f" />
      <path
        d="M11 7v18M11 17.5 19.2 10.6M13.8 15.2 20 22"
        fill="none"
        stroke="#fff"
        strokeWidth="3"
        strokeLinecap="round"
      />
      <circle cx="21.6" cy="8.8" r="3.2" fill="#f5b44a" />
      <circle cx="21.8" cy="23.6" r="3.2" fill="#9fe0cc" />
    </svg>
  );
}
