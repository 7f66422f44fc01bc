//! Language tags as clients write them, in one form.

/// `zh_tw`, `zh-Hant-tw` or `en-US,en;q=0.9` as `zh-TW`, `zh-Hant-TW`, `en-US`; empty when it
/// is no language tag.
pub(super) fn locale(text: &str) -> String {
    let first = text
        .split([',', ';', '.', '@'])
        .next()
        .unwrap_or_default()
        .trim();
    let mut out = String::new();
    for (index, part) in first.split(['-', '_']).take(3).enumerate() {
        let letters = part.bytes().all(|byte| byte.is_ascii_alphabetic());
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        match (index, part.len()) {
            (0, 2..=3) if letters => out.push_str(&part.to_ascii_lowercase()),
            (0, _) => return String::new(),
            (_, 2) if letters => {
                out.push('-');
                out.push_str(&part.to_ascii_uppercase());
            }
            (_, 3) if digits => {
                out.push('-');
                out.push_str(part);
            }
            (1, 4) if letters => {
                out.push('-');
                out.push_str(&part[..1].to_ascii_uppercase());
                out.push_str(&part[1..].to_ascii_lowercase());
            }
            _ => break,
        }
    }
    out
}
