//! The expression language: who is eligible, in a text a marketer can read.
//!
//! ```text
//! traits.plan = "pro" and (features.purchase_count >= 2 or last("Cart Viewed") > now - 7 days)
//! count("Product Viewed" where category = "shoes", 30 days) >= 2 and not in audience "buyers"
//! sequence("Product Added", not "Order Completed" within 2 hours, 7 days)
//! account.plan = "pro" and no person of account in audience "trained"
//! ```
//!
//! A text goes through three steps, each of which can say what is wrong, where, and what to
//! write instead: [`Expr::parse`] reads it, [`Expr::check`] checks it against a [`Schema`], and
//! [`Rule::compile`] resolves its facts to slots of a [`FactSet`] shared by all rules of a
//! project. [`Rule::holds`] then answers from [`Slots`], which fetch each fact at most once, and
//! [`Rule::explain`] says in words why. [`Expr::to_tree`] is the same rule as JSON for a builder.
//! [`Rule::next_change`] finds the instant at which an answer changes although nothing happens,
//! and [`lint`](fn@lint) points out what a rule can hardly mean.
//!
//! The language is total: every checked rule gives true or false for any facts, in time bounded
//! by its size. A missing fact makes every comparison false; only `is missing` is then true.
//! Text is compared letter by letter, upper and lower case apart, except by `matches`.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use kith_base::{Timestamp, Value};
//! use kith_rule::{Expr, FactSet, Rule, Schema, Slots};
//!
//! let expr = Expr::parse("features.cart_item_count >= 1").unwrap();
//! assert_eq!(expr.check(&Schema::default()), []);
//! let mut facts = FactSet::default();
//! let rule = Rule::compile(&expr, &mut facts);
//!
//! let known = BTreeMap::from([("features.cart_item_count".to_owned(), Value::Int(2))]);
//! let slots = Slots::new(&facts, &known, Timestamp::ZERO);
//! assert!(rule.holds(&slots));
//! let reason = "the number of products in their cart is 2, which is at least 1";
//! assert_eq!(rule.reason(&slots), reason);
//! ```
//!
//! Not here: where facts come from ([`Facts`] is implemented by whoever owns them).

mod account;
mod aggregate;
mod ahead;
mod change;
mod check;
mod compiled;
mod cycle;
mod describe;
mod error;
mod explain;
mod expr;
mod fact;
mod formula;
mod history;
mod lint;
mod parse;
mod path;
mod schema;
mod text;
mod texts;
mod token;
mod tree;
mod trend;
mod words;
mod zone;

pub use account::Quantifier;
pub use aggregate::{
    Aggregate, By, Calendar, CompiledFilter, Condition, Events, Filter, Function, Sequence, Window,
};
pub use ahead::next_change;
pub use change::{Change, TestReport};
pub use compiled::Rule;
pub use cycle::audience_cycle;
pub use error::{At, Error, TreeError};
pub use explain::Explanation;
pub use expr::{Comparison, Days, Expr, Literal, Operand, Question, Span, Term, Test, Unit};
pub use fact::{FactKey, FactSet, Facts, Slot, Slots};
pub use formula::{CompiledFormula, Formula};
pub use lint::{Lint, LintKind, Received, lint};
pub use path::Path;
pub use schema::{FEATURES, Feature, Schema, Type};
pub use trend::Trend;
pub use zone::ZoneName;
