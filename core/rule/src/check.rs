//! Types: whether a rule can ever mean something.

use kith_base::Timestamp;
use kith_definition::nearest;

use crate::expr::{Comparison, Expr, Literal, Operand, Question, Term, Test};
use crate::{Error, FactKey, Schema, Type};

impl Expr {
    /// Every mistake of meaning: unknown features, comparisons that can never hold. A rule that
    /// is used all the same treats what it does not know as missing.
    pub fn check(&self, schema: &Schema) -> Vec<Error> {
        let mut errors = Vec::new();
        walk(self, schema, &mut errors);
        errors
    }

    /// The same for the rule of an audience, which is asked at every moment: context is known only
    /// while a decision is made, so that it would always be missing.
    pub fn check_for_audience(&self, schema: &Schema) -> Vec<Error> {
        let operands = self.tests().into_iter().flat_map(Test::operands);
        let context =
            operands.filter(|operand| matches!(operand.fact(), Some(FactKey::Context(_))));
        let refused = context.map(|operand| {
            let message = format!("{operand} is known only while a decision is made");
            let fix = "ask for it in the rule of an offer, or count the events that have it: \
                       count(page where context.locale = \"de\") > 0";
            Error::new(operand.at, message, fix)
        });
        let mut errors = self.check(schema);
        errors.extend(refused);
        errors.sort_by_key(|error| error.at.offset);
        errors
    }
}

fn walk(expr: &Expr, schema: &Schema, errors: &mut Vec<Error>) {
    match expr {
        Expr::Always(_) => {}
        Expr::All(parts) | Expr::Any(parts) => {
            parts.iter().for_each(|part| walk(part, schema, errors));
        }
        Expr::Not(inner) => walk(inner, schema, errors),
        Expr::Test(test) => {
            for filter in test.operands().flat_map(Operand::filters) {
                if let Some(condition) = &filter.condition {
                    walk(condition.expr(), schema, errors);
                }
            }
            if let Err(error) = check_test(test, schema) {
                errors.push(error);
            }
        }
    }
}

fn check_test(test: &Test, schema: &Schema) -> Result<(), Error> {
    let left = type_of(&test.left, schema)?;
    if let Some(error) = of_several(test, &test.left, left) {
        return Err(error);
    }
    match &test.question {
        Question::Exists | Question::IsMissing => Ok(()),
        Question::Holds => holds(test, left),
        Question::In(list) | Question::NotIn(list) => list
            .iter()
            .try_for_each(|literal| comparable(test, left, literal)),
        Question::Compare(comparison, right) => compare(test, left, *comparison, right, schema),
    }
}

/// A map is asked for one key, and a list for what it contains.
fn of_several(test: &Test, operand: &Operand, kind: Type) -> Option<Error> {
    let contains = matches!(
        test.question,
        Question::Compare(Comparison::Contains, _) | Question::Exists | Question::IsMissing
    );
    let is_known = matches!(test.question, Question::Exists | Question::IsMissing);
    let fix = match kind {
        Type::Map if !is_known => format!("ask for one key: {operand}[\"…\"]"),
        Type::List if !contains || operand.at != test.left.at => {
            format!("write {operand} contains \"…\"")
        }
        _ => return None,
    };
    let message = format!("{operand} is {}", kind.describe());
    Some(Error::new(operand.at, message, fix))
}

fn holds(test: &Test, left: Type) -> Result<(), Error> {
    let fix = match left {
        Type::Any | Type::Flag => return Ok(()),
        Type::Number => format!("write {} > 0", test.left),
        Type::Text => format!("write {} = \"…\"", test.left),
        Type::Time => format!("write {} > now - 7 days, or exists", test.left),
        Type::List | Type::Map => format!("write {} exists", test.left),
    };
    let message = format!("{} is {}, not true or false", test.left, left.describe());
    Err(Error::new(test.at, message, fix))
}

fn compare(
    test: &Test,
    left: Type,
    comparison: Comparison,
    right: &Operand,
    schema: &Schema,
) -> Result<(), Error> {
    let right_type = type_of(right, schema)?;
    if let Some(error) = of_several(test, right, right_type) {
        return Err(error);
    }
    if [&test.left, right]
        .iter()
        .all(|side| matches!(side.term, Term::Literal(_)))
    {
        let fix = "name a fact on one side, such as traits.plan";
        return Err(Error::new(test.at, "both sides are fixed values", fix));
    }
    let word = comparison.as_str();
    match comparison {
        Comparison::Equal | Comparison::NotEqual => {}
        Comparison::Contains
        | Comparison::StartsWith
        | Comparison::EndsWith
        | Comparison::Matches => {
            if left == Type::List {
                return Ok(());
            }
            if !matches!(left, Type::Any | Type::Text) {
                let message = format!("{} is {}, not text", test.left, left.describe());
                return Err(Error::new(test.left.at, message, "write =, < or > instead"));
            }
            let element = comparison == Comparison::Contains && left == Type::Any;
            if !element && !matches!(right_type, Type::Any | Type::Text) {
                let message = format!("{word} needs text after it, not {right}");
                return Err(Error::new(right.at, message, format!("write \"{right}\"")));
            }
            return Ok(());
        }
        _ if left == Type::Flag || right_type == Type::Flag => {
            let message = format!("true and false have no order, so {word} never holds");
            return Err(Error::new(test.at, message, "write = or !="));
        }
        _ => {}
    }
    match &right.term {
        Term::Literal(literal) if right.shifts.is_empty() => comparable(test, left, literal),
        _ => match &test.left.term {
            Term::Literal(literal) if test.left.shifts.is_empty() => {
                let turned = Test {
                    at: test.at,
                    left: right.clone(),
                    question: Question::Holds,
                };
                comparable(&turned, right_type, literal)
            }
            _ if agree(left, right_type) => Ok(()),
            _ => {
                let (one, other) = (left.describe(), right_type.describe());
                let message = format!("{} is {one}, but {right} is {other}", test.left);
                Err(Error::new(test.at, message, "compare facts of one type"))
            }
        },
    }
}

fn agree(one: Type, other: Type) -> bool {
    one == other || one == Type::Any || other == Type::Any
}

/// Whether a fixed value can equal a fact of this type; the fix shows how it should be written.
fn comparable(test: &Test, left: Type, literal: &Literal) -> Result<(), Error> {
    let fix = match (left, literal) {
        _ if agree(left, type_of_literal(literal)) => return Ok(()),
        (Type::Time, Literal::Text(text)) => match Timestamp::parse(text) {
            Ok(_) => return Ok(()),
            Err(_) => "write a date such as 2026-11-01, or now - 7 days".to_owned(),
        },
        (Type::Number, Literal::Text(text)) if text.parse::<f64>().is_ok() => {
            format!("write {text} without quotes")
        }
        (Type::Number, _) => "write a number".to_owned(),
        (Type::Time, _) => "write a date such as 2026-11-01, or now - 7 days".to_owned(),
        (Type::Text, _) => format!("write \"{literal}\" in quotes"),
        (Type::Flag, _) => "write true or false".to_owned(),
        (Type::Any | Type::List | Type::Map, _) => return Ok(()),
    };
    let message = format!("{} is {}, never {literal}", test.left, left.describe());
    Err(Error::new(test.at, message, fix))
}

fn type_of_literal(literal: &Literal) -> Type {
    match literal {
        Literal::Text(_) => Type::Text,
        Literal::Int(_) | Literal::Float(_) => Type::Number,
        Literal::Flag(_) => Type::Flag,
        Literal::Time(_) => Type::Time,
    }
}

fn type_of(operand: &Operand, schema: &Schema) -> Result<Type, Error> {
    let bare = match &operand.term {
        Term::Literal(literal) => type_of_literal(literal),
        Term::Now => Type::Time,
        Term::Days(days, of) => {
            let kind = type_of(of, schema)?;
            if !agree(kind, Type::Time) {
                let message = format!("{of} is {}, not a time", kind.describe());
                let fix = format!("write {}(traits.renewal_at) for example", days.as_str());
                return Err(Error::new(of.at, message, fix));
            }
            Type::Number
        }
        Term::Fact(key) => schema
            .type_of(key)
            .ok_or_else(|| unknown(operand, key, schema))?,
    };
    if operand.shifts.is_empty() {
        return Ok(bare);
    }
    if agree(bare, Type::Time) {
        return Ok(Type::Time);
    }
    let message = format!("{operand} shifts {}, not a time", bare.describe());
    Err(Error::new(
        operand.at,
        message,
        "write now - 7 days, or shift a fact that is a time",
    ))
}

fn unknown(operand: &Operand, key: &FactKey, schema: &Schema) -> Error {
    let (message, word, known): (_, _, Vec<&str>) = match key {
        FactKey::Affinity { dimension, .. } => (
            format!("no affinities are learnt for {dimension:?}"),
            dimension.as_str(),
            schema.dimensions().collect(),
        ),
        FactKey::Feature(name) => (
            format!("there is no feature {name}"),
            name.as_str(),
            schema.features().collect(),
        ),
        FactKey::Keyed { feature, .. } if schema.features().any(|known| known == feature) => {
            let message = format!("features.{feature} is one value, not one for each key");
            let fix = format!("write features.{feature}, or define it by key: count(…, by …)");
            return Error::new(operand.at, message, fix);
        }
        FactKey::Keyed { feature, .. } => (
            format!("there is no feature {feature}"),
            feature.as_str(),
            schema.features().collect(),
        ),
        FactKey::Audience(id) | FactKey::AccountPersons { audience: id, .. } => (
            format!("there is no audience {id:?}"),
            id.as_str(),
            schema.audiences().collect(),
        ),
        FactKey::Item(_) => {
            let message = format!("{operand} is known only of the items of a recipe");
            let fix = "ask for it in a rule of a recipe";
            return Error::new(operand.at, message, fix);
        }
        other => (format!("{other} is not known"), "", Vec::new()),
    };
    let fix = match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean {near}?"),
        None if known.is_empty() => "create it first".to_owned(),
        None => format!("known here: {}", known.join(", ")),
    };
    Error::new(operand.at, message, fix)
}
