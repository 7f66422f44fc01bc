//! Values as texts in cells.

use kith_base::Value;

/// The text of a value: what is not plain is JSON.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Text(text) => text.clone(),
        Value::Time(time) => time.to_string(),
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}

/// A text that no spreadsheet takes for a formula: visitors choose what stands in their traits,
/// and whoever opens the file would run it. The apostrophe is what spreadsheets themselves use.
pub(crate) fn guarded(text: String) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    match is_formula {
        true => format!("'{text}"),
        false => text,
    }
}

/// The cell of a value. Numbers are no formulas, whatever their sign.
pub(crate) fn cell(value: &Value) -> String {
    match value {
        Value::Int(_) | Value::Float(_) => text(value),
        other => guarded(text(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_disarmed_and_numbers_are_not() {
        let of = |text: &str| cell(&Value::from(text));
        assert_eq!(of("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        for sign in ["+", "-", "@", "\t", "\r", "\n"] {
            assert_eq!(of(&format!("{sign}1")), format!("'{sign}1"));
        }
        assert_eq!(of("a=b"), "a=b");
        assert_eq!(cell(&Value::Int(-5)), "-5");
        assert_eq!(cell(&Value::Float(-0.5)), "-0.5");
        assert_eq!(cell(&Value::List(vec![Value::Int(1)])), "[1]");
        assert_eq!(cell(&Value::Null), "");
    }
}
