//! The content of a definition, typed by its kind.

use kith_base::Json;
use serde::Serialize;

use crate::shape::Field;
use crate::{
    Audience, Catalog, Feature, FieldError, Identity, Key, Kind, Offer, Placement, Recipe, Source,
    User, Webhook,
};
use crate::{audience, catalog, feature, identity, key, offer, placement, recipe};
use crate::{source, user, webhook};

/// A checked spec with its defaults filled.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Spec {
    /// Of a source.
    Source(Source),
    /// Of a placement.
    Placement(Placement),
    /// Of a recipe.
    Recipe(Recipe),
    /// Of an offer.
    Offer(Offer),
    /// Of a feature.
    Feature(Feature),
    /// Of an audience.
    Audience(Audience),
    /// Of a webhook.
    Webhook(Webhook),
    /// Of the identity rules.
    Identity(Identity),
    /// Of the catalog.
    Catalog(Catalog),
    /// Of a secret key.
    Key(Key),
    /// Of a user.
    User(User),
}

impl Spec {
    /// Reads the spec of a kind; every error is reported.
    pub fn parse(kind: Kind, spec: &Json) -> Result<Self, Vec<FieldError>> {
        Ok(match kind {
            Kind::Source => Spec::Source(Source::parse(spec)?),
            Kind::Placement => Spec::Placement(Placement::parse(spec)?),
            Kind::Recipe => Spec::Recipe(Recipe::parse(spec)?),
            Kind::Offer => Spec::Offer(Offer::parse(spec)?),
            Kind::Feature => Spec::Feature(Feature::parse(spec)?),
            Kind::Audience => Spec::Audience(Audience::parse(spec)?),
            Kind::Webhook => Spec::Webhook(Webhook::parse(spec)?),
            Kind::Identity => Spec::Identity(Identity::parse(spec)?),
            Kind::Catalog => Spec::Catalog(Catalog::parse(spec)?),
            Kind::Key => Spec::Key(Key::parse(spec)?),
            Kind::User => Spec::User(User::parse(spec)?),
        })
    }

    /// Which kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Spec::Source(_) => Kind::Source,
            Spec::Placement(_) => Kind::Placement,
            Spec::Recipe(_) => Kind::Recipe,
            Spec::Offer(_) => Kind::Offer,
            Spec::Feature(_) => Kind::Feature,
            Spec::Audience(_) => Kind::Audience,
            Spec::Webhook(_) => Kind::Webhook,
            Spec::Identity(_) => Kind::Identity,
            Spec::Catalog(_) => Kind::Catalog,
            Spec::Key(_) => Kind::Key,
            Spec::User(_) => Kind::User,
        }
    }

    /// The canonical form: every member written, one text for one meaning.
    pub fn to_json(&self) -> Json {
        Json::from_serialize(self).expect("every member of a spec has a JSON form")
    }

    /// The table of fields of a kind.
    pub fn fields(kind: Kind) -> &'static [Field] {
        match kind {
            Kind::Source => source::FIELDS,
            Kind::Placement => placement::FIELDS,
            Kind::Recipe => recipe::FIELDS,
            Kind::Offer => offer::FIELDS,
            Kind::Feature => feature::FIELDS,
            Kind::Audience => audience::FIELDS,
            Kind::Webhook => webhook::FIELDS,
            Kind::Identity => identity::FIELDS,
            Kind::Catalog => catalog::FIELDS,
            Kind::Key => key::FIELDS,
            Kind::User => user::FIELDS,
        }
    }
}

#[cfg(test)]
mod tests {
    use kith_base::Value;
    use proptest::prelude::*;

    use super::*;

    const SMALLEST: [(Kind, &str); 11] = [
        (Kind::Source, r#"{"type":"web"}"#),
        (Kind::Placement, r#"{"type":"offers"}"#),
        (Kind::Recipe, r#"{"ingredients":[{"model":"popular"}]}"#),
        (Kind::Offer, r#"{"placements":["home"]}"#),
        (Kind::Feature, r#"{"value":"count(any)"}"#),
        (Kind::Audience, r#"{"type":"list"}"#),
        (
            Kind::Webhook,
            r#"{"url":"https://a.example","audiences":["vip"]}"#,
        ),
        (Kind::Identity, "{}"),
        (Kind::Catalog, "{}"),
        (
            Kind::Key,
            r#"{"prefix":"ksk_1","hash":"h","created_at":"2026-11-01"}"#,
        ),
        (Kind::User, r#"{"email":"a@b.c","password_hash":"h"}"#),
    ];

    #[test]
    fn the_table_and_the_struct_have_the_same_members() {
        for (kind, text) in SMALLEST {
            let spec = Spec::parse(kind, &Json::parse(text).unwrap()).expect(text);
            assert_eq!(spec.kind(), kind);
            let Value::Map(written) = spec.to_json().value() else {
                panic!("an object")
            };
            let mut table: Vec<_> = Spec::fields(kind).iter().map(|field| field.name).collect();
            table.sort_unstable();
            assert_eq!(written.keys().collect::<Vec<_>>(), table, "{kind}");
            assert_eq!(Spec::parse(kind, &spec.to_json()), Ok(spec));
        }
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            "[a-z0-9_:/.\" ]{0,12}".prop_map(Value::Text),
        ];
        let name = prop::sample::select(vec![
            "type",
            "limit",
            "strategies",
            "strategy",
            "fallback",
            "content",
            "placements",
            "when",
            "starts_at",
            "tag",
            "consent",
            "keys",
            "namespaces",
            "name",
            "attributes",
            "url",
            "audiences",
            "secrets",
            "x",
        ]);
        leaf.prop_recursive(4, 40, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
                prop::collection::btree_map(name.clone().prop_map(str::to_owned), inner, 0..6)
                    .prop_map(Value::Map),
            ]
        })
    }

    use proptest::strategy::Strategy;

    proptest! {
        #[test]
        fn any_json_is_read_or_refused_with_fields(value in json(), kind in 0usize..11) {
            let kind = Kind::ALL[kind];
            match Spec::parse(kind, &Json::from_serialize(&value).unwrap()) {
                Ok(spec) => prop_assert_eq!(Spec::parse(kind, &spec.to_json()), Ok(spec)),
                Err(errors) => {
                    prop_assert!(!errors.is_empty());
                    prop_assert!(errors.iter().all(|error| error.field.starts_with("spec")));
                    let table = errors.iter().any(|error| error.message.contains("expected"));
                    prop_assert!(!table, "table and struct disagree: {errors:?}");
                }
            }
        }
    }
}
