//! The expression language: who is eligible, in a text a marketer can read.
//!
//! ```text
//! traits.plan = "pro" and (features.purchase_count >= 2 or last("Cart Viewed") > now - 7 days)
//! ```
//!
//! A text goes through three steps, each of which can say what is wrong, where, and what to
//! write instead: [`Expr::parse`] reads it, [`Expr::check`] checks it against a [`Schema`], and
//! [`Rule::compile`] resolves its facts to slots of a [`FactSet`] shared by all rules of a
//! project. [`Rule::holds`] then answers from [`Slots`], which fetch each fact at most once, and
//! [`Rule::explain`] says in words why. [`Expr::to_tree`] is the same rule as JSON for a builder.
//!
//! ```text
//! Expr::parse(&str) -> Result<Expr, Error>            Error { line, column, at, message, fix }
//! expr.check(&Schema) -> Vec<Error>
//! Rule::compile(&Expr, &mut FactSet) -> Rule
//! rule.holds(&Slots) -> bool
//! rule.explain(&Slots) -> Explanation                 { holds, sentence, parts }
//! expr.to_tree() -> Value;  Expr::from_tree(&Value) -> Result<Expr, TreeError>
//! ```
//!
//! The language is total: every checked rule gives true or false for any facts, in time bounded
//! by its size. A missing fact makes every comparison false; only `is missing` is then true.
//! Text is compared letter by letter, upper and lower case apart.
//!
//! Not here: where facts come from ([`Facts`] is implemented by whoever owns them).

mod fact;
mod schema;

pub use fact::{FactKey, FactSet, Facts, Path, Slot, Slots};
pub use schema::{FEATURES, Feature, Schema, Type};
